/* 64-bit arithmetic: products, shifts, quotients, comparisons. */
#include "bench/bench.h"

static uint32_t run(uint32_t n)
{
	uint64_t x = 0x123456789abcdef1ull, y = 0xfedcba9876543211ull, sum = 0;

	while (n--) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		y = y * 6364136223846793005ull + 1442695040888963407ull;
		sum += x > y ? x - y : (y - x) << (x & 15);
		sum ^= (x >> (y & 31)) + (uint64_t)((int64_t)y >> 5);
		if (!(n & 7))
			sum += x / (y >> 40 | 1) + x % (y >> 33 | 1);
	}
	return (uint32_t)(sum ^ sum >> 32);
}

KERNEL(int64, .name = "int64", .group = "integer", .unit = "turn", .run = run, .n = 20000, .units = 1);
