/* Pointers followed through 1, 16 and 256 MiB, in an order without pattern. */
#include "bench/bench.h"

#define STRIDE 256

static void **at;

/* A generator of full period decides who follows whom. */
static void link(uint32_t size)
{
	uint32_t nodes = size / STRIDE;

	for (uint32_t k = 0; k < nodes; k++)
		*(void **)(big + k * (size_t)STRIDE) = big + ((k * 1664525u + 1013904223u) & (nodes - 1)) * (size_t)STRIDE;
	at = (void **)big;
}

static uint32_t run(uint32_t n)
{
	void **p = at;

	while (n--)
		p = *p;
	at = p;
	return (uint32_t)((uint8_t *)p - big);
}

static void setup1(void)
{
	link(1 << 20);
}

static void setup16(void)
{
	link(16 << 20);
}

static void setup256(void)
{
	link(256 << 20);
}

KERNEL(chase1, .name = "chase-1M", .group = "memory", .unit = "load", .setup = setup1, .run = run, .n = 20000, .units = 1);
KERNEL(chase16, .name = "chase-16M", .group = "memory", .unit = "load", .setup = setup16, .run = run, .n = 20000, .units = 1);
KERNEL(chase256, .name = "chase-256M", .group = "memory", .unit = "load", .setup = setup256, .run = run, .n = 20000, .units = 1);
