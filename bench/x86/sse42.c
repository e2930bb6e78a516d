/* String comparisons and AES of SSE4.2's time, which LSX has no counterpart of. */
#include "bench/bench.h"

#define TEXT 16

static const uint8_t text[4][TEXT] __attribute__((aligned(16))) = {
	"the quick brown", "fox jumps over ", "the lazy dog; a", "nd so on & on.",
};
static const uint8_t set[TEXT] __attribute__((aligned(16))) = ";&.,", ranges[TEXT] __attribute__((aligned(16))) = "azAZ09";

/* PCMPISTRI's index of the vectors at a and b. */
#define INDEX(imm, a, b) \
	__extension__({ \
		uint32_t index_; \
		__asm__ volatile("movdqa %1, %%xmm0\n\tpcmpistri %3, %2, %%xmm0" : "=c"(index_) : "m"(*(const uint8_t(*)[TEXT])(a)), \
				 "m"(*(const uint8_t(*)[TEXT])(b)), "i"(imm) : "xmm0", "cc"); \
		index_; \
	})

/* As strcspn(), strspn(), strcmp() and strstr() use it. */
static uint32_t pcmpistri(uint32_t n)
{
	uint32_t sum = 0;

	while (n--) {
		const uint8_t *t = text[n & 3];

		sum = mix(sum, INDEX(0x02, set, t));
		sum = mix(sum, INDEX(0x14, ranges, t));
		sum = mix(sum, INDEX(0x1a, text[n >> 2 & 3], t));
		sum = mix(sum, INDEX(0x0c, text[n >> 2 & 3], t));
	}
	return sum;
}

KERNEL(pcmpistri, .name = "pcmpistri", .group = "system", .unit = "instruction", .run = pcmpistri, .n = 500, .units = 4);

/* AES-128's rounds, the text for keys. */
static uint32_t aesenc(uint32_t n)
{
	uint32_t low = 0;

	__asm__ volatile("movdqa (%0), %%xmm0" : : "r"(text) : "xmm0");
	while (n--)
		__asm__ volatile("aesenc 16(%0), %%xmm0\n\taesenc 32(%0), %%xmm0\n\taesenc 48(%0), %%xmm0\n\taesenclast (%0), %%xmm0" : : "r"(text) : "xmm0");
	__asm__ volatile("movd %%xmm0, %0" : "=r"(low));
	return low;
}

KERNEL(aesenc, .name = "aesenc", .group = "system", .unit = "round", .run = aesenc, .n = 500, .units = 4);
