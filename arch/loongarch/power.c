#include "arch/loongarch/power.h"

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"

struct power_write power_off, power_reset;

static void do_write(const struct power_write *w)
{
	volatile void *p = phys_uncached(w->address);

	if (!w->address)
		return;
	switch (w->size) {
	case 1:
		*(volatile uint8_t *)p = w->value;
		break;
	case 2:
		*(volatile uint16_t *)p = w->value;
		break;
	default:
		*(volatile uint32_t *)p = w->value;
	}
	dbar();
}

/* The write takes effect within moments; where it does not, or none is known, the CPU sleeps for good. */
static _Noreturn void stop(void)
{
	csr_xchg(CSR_CRMD, CRMD_IE, 0);
	csr_xchg(CSR_ECFG, ECFG_LIE, 0);
	for (;;)
		__asm__ volatile("idle 0");
}

void host_poweroff(void)
{
	do_write(&power_off);
	stop();
}

void host_reset(void)
{
	do_write(&power_reset);
	stop();
}
