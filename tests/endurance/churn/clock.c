#include "bench/x86/layout.h"
#include "bench/x86/pci.h"
#include "bench/x86/traps.h"
#include "tests/endurance/churn/churn.h"
#include "tests/lib/guest/console.h"

/* The PIT interrupts whatever goes on about once in a millisecond, the local APIC's timer, which counts, 20 times a second if its clock is of 1 GHz. */
#define APIC_SPURIOUS 0xf0
#define APIC_TIMER 0x320
#define APIC_COUNT 0x380
#define APIC_DIVIDE 0x3e0
#define APIC_ON 0x1ff
#define DIVIDE_BY_1 0xb
#define PERIODIC 0x20000
#define APIC_PERIOD 49999993
#define PIT_PERIOD 1201
#define PIC_AUTOMATIC 3 /* ICW4: no end of interrupt is wanted */

#define PM_TIMER 0x608
#define PM_HZ 3579545
#define PM_MASK 0xffffff
#define PIIX4_PM 0x71138086
#define PIIX4_PM_BASE 0x40
#define PIIX4_PM_ENABLE 0x80

#define HPET 0xfed00000
#define HPET_PERIOD 0x04
#define HPET_CONFIG 0x10
#define HPET_COUNTER 0xf0

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define CMOS_SECONDS 0
#define CMOS_MINUTES 2
#define CMOS_HOURS 4
#define CMOS_A 0x0a
#define CMOS_A_UPDATING 0x80

volatile uint32_t interrupts; /* of the APIC's timer; entry.S of the benchmarks counts there */
static uint32_t pm_last, pm_seconds, pm_rest;
static uint64_t tsc_begin;

static uint32_t pm_timer(void)
{
	uint32_t v;

	__asm__ volatile("inl %w1, %0" : "=a"(v) : "d"(PM_TIMER));
	return v & PM_MASK;
}

static uint8_t cmos(uint8_t reg)
{
	outb(CMOS_INDEX, reg);
	return in8(CMOS_DATA);
}

/* By the CMOS clock, as six BCD digits. */
static uint32_t time_of_day(void)
{
	uint32_t v = 0, before;

	do {
		before = v;
		while (cmos(CMOS_A) & CMOS_A_UPDATING)
			;
		v = (uint32_t)cmos(CMOS_HOURS) << 16 | (uint32_t)cmos(CMOS_MINUTES) << 8 | cmos(CMOS_SECONDS);
	} while (v != before);
	return v;
}

static volatile uint32_t *reg(uintptr_t at)
{
	return (volatile uint32_t *)at;
}

uint64_t clock_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static uint64_t hpet(void)
{
	uint32_t high, low;

	do {
		high = *reg(HPET + HPET_COUNTER + 4);
		low = *reg(HPET + HPET_COUNTER);
	} while (high != *reg(HPET + HPET_COUNTER + 4));
	return (uint64_t)high << 32 | low;
}

static void pm_timer_init(void)
{
	uint32_t bridge = pci_find(PIIX4_PM);

	pci_write(bridge, PIIX4_PM_BASE, PM_TIMER - 8 + 1);
	pci_write(bridge, PIIX4_PM_ENABLE, 1);
	pm_last = pm_timer();
}

/* IRQ 0 comes as VECTOR_NOTHING. */
static void pit_init(void)
{
	outb(0x20, 0x11);
	outb(0x21, VECTOR_NOTHING);
	outb(0x21, 4);
	outb(0x21, PIC_AUTOMATIC);
	outb(0x21, 0xfe);
	outb(0xa1, 0xff);
	outb(0x43, 0x34);
	outb(0x40, PIT_PERIOD & 0xff);
	outb(0x40, PIT_PERIOD >> 8);
}

void clocks_init(void)
{
	pm_timer_init();
	pit_init();
	*reg(HPET + HPET_CONFIG) = 1;
	tsc_begin = clock_tsc();
	*reg(APIC + APIC_SPURIOUS) = APIC_ON;
	*reg(APIC + APIC_DIVIDE) = DIVIDE_BY_1;
	*reg(APIC + APIC_TIMER) = PERIODIC | VECTOR_APIC;
	*reg(APIC + APIC_COUNT) = APIC_PERIOD;
}

void clocks_poll(void)
{
	uint32_t now = pm_timer();

	pm_rest += (now - pm_last) & PM_MASK;
	pm_last = now;
	while (pm_rest >= PM_HZ) {
		pm_rest -= PM_HZ;
		pm_seconds++;
	}
}

uint32_t clock_seconds(void)
{
	clocks_poll();
	return pm_seconds;
}

static void print_clock(const char *name, uint64_t v, int digits)
{
	print(name);
	print_hex(v, digits);
}

void clocks_print(void)
{
	clocks_poll();
	print_clock(" pm ", pm_seconds, 8);
	print_clock(" rest ", pm_rest, 8);
	print_clock(" tsc ", clock_tsc() - tsc_begin, 16);
	print_clock(" hpet ", hpet(), 16);
	print_clock(" apic ", interrupts, 8);
	print_clock(" cmos ", time_of_day(), 6);
}

void clocks_print_units(void)
{
	print_clock("units: pm ", PM_HZ, 8);
	print_clock(" hpet ", *reg(HPET + HPET_PERIOD), 8);
	print_clock(" apic ", APIC_PERIOD, 8);
	print("\n");
}
