/* Block operations: x86's repeated string instructions; elsewhere what a good library does. */
#ifndef BENCH_KERNELS_BLOCK_H
#define BENCH_KERNELS_BLOCK_H

#include "bench/bench.h"

#if defined(__i386__) || defined(__x86_64__)

static inline void block_copy(void *to, const void *from, size_t n)
{
	n /= 4;
	__asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static inline void block_copy_bytes(void *to, const void *from, size_t n)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static inline void block_fill(void *to, uint32_t v, size_t n)
{
	n /= 4;
	__asm__ volatile("rep stosl" : "+D"(to), "+c"(n) : "a"(v) : "memory");
}

/* The first byte that is `v`; there must be one. */
static inline const uint8_t *block_find(const uint8_t *from, uint8_t v)
{
	size_t n = (size_t)-1;

	__asm__ volatile("repne scasb" : "+D"(from), "+c"(n) : "a"(v) : "memory", "cc");
	return from - 1;
}

#else

typedef uint32_t quad __attribute__((vector_size(16), aligned(1)));

static inline void block_copy(void *to, const void *from, size_t n)
{
	uint8_t *d = to;
	const uint8_t *s = from;

	for (; n >= 64; n -= 64, d += 64, s += 64) {
		quad v[4];

		for (int k = 0; k < 4; k++)
			v[k] = *(const quad *)(s + 16 * k);
		for (int k = 0; k < 4; k++)
			*(quad *)(d + 16 * k) = v[k];
	}
	while (n--)
		*d++ = *s++;
}

static inline void block_copy_bytes(void *to, const void *from, size_t n)
{
	block_copy(to, from, n);
}

static inline void block_fill(void *to, uint32_t v, size_t n)
{
	uint8_t *d = to;

	for (; n >= 64; n -= 64, d += 64)
		for (int k = 0; k < 4; k++)
			*(quad *)(d + 16 * k) = (quad){ v, v, v, v };
}

static inline const uint8_t *block_find(const uint8_t *from, uint8_t v)
{
	while (*from != v)
		from++;
	return from;
}

#endif
#endif
