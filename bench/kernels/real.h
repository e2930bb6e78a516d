/* Checksums of doubles. */
#ifndef BENCH_KERNELS_REAL_H
#define BENCH_KERNELS_REAL_H

#include "bench/bench.h"

static inline uint32_t mix_real(uint32_t sum, const double *v)
{
	uint32_t words[2];

	__builtin_memcpy(words, v, sizeof words);
	return mix(mix(sum, words[0]), words[1]);
}

#endif
