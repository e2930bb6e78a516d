/* Calls and returns: Fibonacci numbers, and Ackermann's function. */
#include "bench/bench.h"

static __attribute__((noinline)) uint32_t fibonacci(uint32_t n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static __attribute__((noinline)) uint32_t ackermann(uint32_t m, uint32_t n)
{
	if (!m)
		return n + 1;
	if (!n)
		return ackermann(m - 1, 1);
	return ackermann(m - 1, ackermann(m, n - 1));
}

static uint32_t run(uint32_t n)
{
	uint32_t sum = 0;

	while (n--)
		sum = mix(sum, fibonacci(16 + (sum & 1)) + ackermann(2, 8 + (n & 1)));
	return sum;
}

KERNEL(recursion, .name = "recursion", .group = "integer", .unit = "turn", .run = run, .n = 20, .units = 1);
