/* Binary search in a sorted table of 4096 numbers. */
#include "bench/bench.h"

#define ENTRIES 4096

static uint32_t table[ENTRIES];

static void setup(void)
{
	uint32_t seed = 1, v = 0;

	for (int k = 0; k < ENTRIES; k++)
		table[k] = v += 1 + (next_random(&seed) & 0xffff);
}

static __attribute__((noinline)) int search(uint32_t key)
{
	int low = 0, high = ENTRIES - 1;

	while (low <= high) {
		int middle = (low + high) / 2;

		if (table[middle] < key)
			low = middle + 1;
		else if (table[middle] > key)
			high = middle - 1;
		else
			return middle;
	}
	return -low;
}

static uint32_t run(uint32_t n)
{
	uint32_t sum = 0, seed = 7;

	while (n--) {
		uint32_t r = next_random(&seed);

		sum = mix(sum, (uint32_t)search(r & 1 ? table[r >> 4 & (ENTRIES - 1)] : r >> 5));
	}
	return sum;
}

KERNEL(bsearch, .name = "bsearch", .group = "integer", .unit = "search", .setup = setup, .run = run, .n = 10000, .units = 1);
