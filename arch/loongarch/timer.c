/*
 * The stable counter and the one-shot constant timer (reference manual, volume 1, 2.2.10.4 and 7.6), which tick at the same rate.
 */
#include <stddef.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "arch/loongarch/irq.h"

#define TCFG_MAX ((1ull << 47) & -4ull)
#define TICKS_MIN 4 /* the timer counts multiples of four */

static void (*handler)(void);
static uint64_t armed = UINT64_MAX;

uint64_t host_counter(void)
{
	uint64_t t;

	__asm__ volatile("rdtime.d %0, $zero" : "=r"(t)::"memory");
	return t;
}

void timer_init_host(void)
{
	uint32_t base = cpucfg(4), ratio = cpucfg(5);
	uint32_t mul = ratio & 0xffff, div = ratio >> 16;

	host.counter_hz = (uint64_t)base * (mul ? mul : 1) / (div ? div : 1);
	csr_write(CSR_TCFG, 0);
	csr_write(CSR_TICLR, 1);
}

void host_timer_set_handler(void (*fn)(void))
{
	handler = fn;
}

static void program(uint64_t deadline)
{
	uint64_t now = host_counter(), ticks = deadline > now ? deadline - now : 0;

	ticks = (ticks + TICKS_MIN - 1) & -(uint64_t)TICKS_MIN;
	if (ticks < TICKS_MIN)
		ticks = TICKS_MIN;
	if (ticks > TCFG_MAX)
		ticks = TCFG_MAX;
	csr_write(CSR_TCFG, ticks | TCFG_EN);
}

void host_timer_arm(uint64_t deadline)
{
	armed = deadline;
	if (deadline == UINT64_MAX)
		csr_write(CSR_TCFG, 0);
	else
		program(deadline);
}

void timer_interrupt(void)
{
	csr_write(CSR_TICLR, 1);
	if (armed == UINT64_MAX)
		return;
	if (host_counter() < armed) {
		program(armed);
		return;
	}
	armed = UINT64_MAX;
	if (handler)
		handler();
}
