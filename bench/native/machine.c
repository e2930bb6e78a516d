/* What main.c needs of QEMU's LoongArch machine. */
#include "bench/bench.h"

#define UART ((volatile uint8_t *)0x800000001fe001e0)
#define LSR 5
#define LSR_THRE 0x20

uint8_t *const arena = (uint8_t *)0x9000000001000000, *const big = (uint8_t *)0x9000000080000000;

void put(char c)
{
	while (!(UART[LSR] & LSR_THRE))
		;
	*UART = (uint8_t)c;
}

__attribute__((noinline)) void mark(void)
{
	__asm__ volatile("lu12i.w $t0, 0x5be1a\n\tori $t0, $t0, 0x517" : : : "t0");
}
