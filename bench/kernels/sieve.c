/* Primes below 8192. */
#include "bench/bench.h"

#define LIMIT 8192

static uint8_t composite[LIMIT];

static uint32_t run(uint32_t n)
{
	uint32_t sum = 0;

	while (n--) {
		for (uint32_t k = 0; k < LIMIT; k++)
			composite[k] = 0;
		for (uint32_t k = 2; k < LIMIT; k++) {
			if (composite[k])
				continue;
			sum += k;
			for (uint32_t m = k + k; m < LIMIT; m += k)
				composite[m] = 1;
		}
	}
	return sum;
}

KERNEL(sieve, .name = "sieve", .group = "integer", .unit = "turn", .run = run, .n = 10, .units = 1);
