/* What main.c needs of an x86 machine. */
#include "bench/bench.h"
#include "bench/x86/layout.h"
#include "tests/lib/guest/console.h"

uint8_t *const arena = (uint8_t *)ARENA, *const big = (uint8_t *)BIG;

void put(char c)
{
	char text[2] = { c, 0 };

	print(text);
}

__attribute__((noinline)) void mark(void)
{
	static volatile uint32_t sink;

	__asm__ volatile("movl $0x5be1a517, %0" : "=m"(sink));
}
