/* Long runs of words: copied, scaled, added. */
#include "bench/bench.h"

#define WORDS 32768

static uint32_t run(uint32_t n)
{
	uint32_t *a = (uint32_t *)arena, *b = a + WORDS, *c = b + WORDS;

	for (uint32_t k = 0; k < WORDS; k++)
		a[k] = k * k, b[k] = c[k] = k;
	while (n--) {
		for (uint32_t k = 0; k < WORDS; k++)
			c[k] = a[k];
		for (uint32_t k = 0; k < WORDS; k++)
			b[k] = 3 * c[k];
		for (uint32_t k = 0; k < WORDS; k++)
			c[k] = a[k] + b[k];
		for (uint32_t k = 0; k < WORDS; k++)
			a[k] = b[k] + 5 * c[k];
	}
	return a[7] ^ a[WORDS - 1];
}

KERNEL(stream, .name = "stream", .group = "memory", .unit = "byte", .run = run, .n = 2, .units = 10 * 4 * WORDS);
