/*
 * The generator's random numbers (splitmix64): the same seed makes the same file.
 */
#ifndef TESTS_CONFORMANCE_RANDOM_H
#define TESTS_CONFORMANCE_RANDOM_H

#include <stdint.h>

struct rng {
	uint64_t s;
};

static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->s += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* 0 to n - 1. */
static inline int rng_below(struct rng *r, int n)
{
	return (int)((rng_next(r) >> 33) % (unsigned)n);
}

/* True in `percent` of 100 cases. */
static inline int rng_chance(struct rng *r, int percent)
{
	return rng_below(r, 100) < percent;
}

#endif
