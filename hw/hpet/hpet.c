/*
 * High precision event timers (IA-PC HPET specification 1.0a): a 64-bit counter at 100 MHz and three comparators, all of them periodic
 * if wanted. Their interrupts go to ISA IRQ 0 and 8 (legacy replacement) or to IOAPIC pins 20-23.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "hw/board.h"
#include "hw/bus.h"
#include "hw/irq.h"
#include "hw/layout.h"
#include "hw/timer.h"

#define TIMERS 3
#define NS_PER_TICK 10u
#define PERIOD_FS 10000000u
#define CAPABILITIES (0x8086ull << 16 | 1 << 15 | 1 << 13 | (TIMERS - 1) << 8 | 1) /* legacy route, 64 bits, revision 1 */
#define ROUTES 0x00f00000u
#define PAGE 4096u

#define CONFIG_ENABLE 1u
#define CONFIG_LEGACY 2u

#define TN_LEVEL 0x0002u
#define TN_INT_ENABLE 0x0004u
#define TN_PERIODIC 0x0008u
#define TN_PERIODIC_CAP 0x0010u
#define TN_SIZE_CAP 0x0020u
#define TN_SET_VALUE 0x0040u
#define TN_32BIT 0x0100u
#define TN_ROUTE(v) ((v) >> 9 & 31)
#define TN_WRITABLE 0x3f4eu /* TN_SET_VALUE included: it clears itself when the comparator is written */

struct comparator {
	uint64_t config;
	uint64_t value;  /* next match */
	uint64_t period; /* added after each match in periodic mode */
	struct timer timer;
};

static struct {
	uint64_t config;
	uint64_t status;
	uint64_t counter;  /* value while stopped; while running: value at clock 0, wrapping */
	struct comparator t[TIMERS];
} hpet;

static uint64_t counter_at(uint64_t ns)
{
	return hpet.config & CONFIG_ENABLE ? hpet.counter + ns / NS_PER_TICK : hpet.counter;
}

static uint64_t counter(void)
{
	return counter_at(clock_ns());
}

static uint64_t mask_of(const struct comparator *t)
{
	return t->config & TN_32BIT ? 0xffffffffu : UINT64_MAX;
}

static void set_output(int n, bool level)
{
	const struct comparator *t = &hpet.t[n];

	if (hpet.config & CONFIG_LEGACY && n < 2)
		irq_set_hpet_legacy(n, level);
	else if (ROUTES >> TN_ROUTE(t->config) & 1)
		irq_set_gsi((int)TN_ROUTE(t->config), level);
}

static void arm(int n)
{
	struct comparator *t = &hpet.t[n];
	uint64_t now = clock_ns(), deadline;
	/* From the next tick on: a match at this very tick is a whole turn away. */
	uint64_t ticks = (t->value - counter_at(now) - 1) & mask_of(t);

	if (!(hpet.config & CONFIG_ENABLE) || ticks >= (UINT64_MAX - now) / NS_PER_TICK - 1) {
		timer_cancel(&t->timer);
		return;
	}
	deadline = (now / NS_PER_TICK + ticks + 1) * NS_PER_TICK;
	if (t->config & TN_PERIODIC && deadline < now + TIMER_MIN_PERIOD_NS)
		deadline = now + TIMER_MIN_PERIOD_NS;
	timer_set(&t->timer, deadline);
}

/* The comparator moves on by as many periods as have gone by, so that a late timer interrupts once and keeps its phase. */
static void advance(struct comparator *t)
{
	uint64_t late = (counter() - t->value) & mask_of(t);

	if (t->config & TN_PERIODIC && t->period)
		t->value = (t->value + (late / t->period + 1) * t->period) & mask_of(t);
}

/* Edge-triggered outputs stay high until the next pulse: the controllers look at rising edges only. */
static void match(void *ctx)
{
	struct comparator *t = ctx;
	int n = (int)(t - hpet.t);

	advance(t);
	if (t->config & TN_LEVEL)
		hpet.status |= 1u << n;
	if (t->config & TN_INT_ENABLE) {
		if (!(t->config & TN_LEVEL))
			set_output(n, false);
		set_output(n, true);
	}
	arm(n);
}

static void arm_all(void)
{
	for (int n = 0; n < TIMERS; n++)
		arm(n);
}

static void write_config(uint64_t value)
{
	uint64_t now = counter();
	bool legacy = value & CONFIG_LEGACY;

	hpet.config = value & (CONFIG_ENABLE | CONFIG_LEGACY);
	hpet.counter = hpet.config & CONFIG_ENABLE ? now - clock_ns() / NS_PER_TICK : now;
	irq_hpet_legacy(legacy);
	arm_all();
}

static void write_status(uint64_t value)
{
	for (int n = 0; n < TIMERS; n++)
		if (value & hpet.status & 1u << n)
			set_output(n, false);
	hpet.status &= ~value;
}

/* The counter may be written only while it stands. */
static void write_counter(uint64_t value)
{
	if (!(hpet.config & CONFIG_ENABLE))
		hpet.counter = value;
}

/* The line a timer leaves when its routing, type or enable changes is released. */
static void write_timer_config(int n, uint64_t value)
{
	struct comparator *t = &hpet.t[n];

	set_output(n, false);
	t->config = (t->config & ~(uint64_t)TN_WRITABLE) | (value & TN_WRITABLE);
	if (t->config & TN_32BIT) {
		t->value &= 0xffffffffu;
		t->period &= 0xffffffffu;
	}
	if (t->config & TN_LEVEL && t->config & TN_INT_ENABLE && hpet.status >> n & 1)
		set_output(n, true);
	arm(n);
}

/* In periodic mode a write sets the period; with TN_SET_VALUE before it, the next match as well. */
static void write_comparator(int n, uint64_t value)
{
	struct comparator *t = &hpet.t[n];

	value &= mask_of(t);
	if (!(t->config & TN_PERIODIC) || t->config & TN_SET_VALUE)
		t->value = value;
	if (t->config & TN_PERIODIC)
		t->period = value;
	t->config &= ~(uint64_t)TN_SET_VALUE;
	arm(n);
}

static uint64_t read_register(unsigned reg)
{
	unsigned n = (reg - 0x100) / 0x20;

	switch (reg) {
	case 0x00:
		return CAPABILITIES | (uint64_t)PERIOD_FS << 32;
	case 0x10:
		return hpet.config;
	case 0x20:
		return hpet.status;
	case 0xf0:
		return counter();
	}
	if (reg < 0x100 || n >= TIMERS)
		return 0;
	switch (reg & 0x1f) {
	case 0x00:
		return hpet.t[n].config;
	case 0x08:
		return hpet.t[n].value;
	default:
		return 0;
	}
}

static void write_register(unsigned reg, uint64_t value)
{
	unsigned n = (reg - 0x100) / 0x20;

	switch (reg) {
	case 0x10:
		write_config(value);
		return;
	case 0x20:
		write_status(value);
		return;
	case 0xf0:
		write_counter(value);
		return;
	}
	if (reg < 0x100 || n >= TIMERS)
		return;
	if ((reg & 0x1f) == 0x00)
		write_timer_config((int)n, value);
	else if ((reg & 0x1f) == 0x08)
		write_comparator((int)n, value);
}

static uint64_t mmio_read(void *ctx, uint64_t gpa, int size)
{
	unsigned offset = gpa & (PAGE - 1);
	uint64_t value = read_register(offset & ~7u) >> 8 * (offset & 7);

	(void)ctx;
	return size >= 8 ? value : value & ((1ull << 8 * size) - 1);
}

/*
 * What a write to half of a register joins with. For the status register, where ones clear, that is zero; a comparator's other half in
 * periodic mode is the period's.
 */
static uint64_t other_half(unsigned reg)
{
	unsigned n = (reg - 0x100) / 0x20;

	if (reg == 0x20)
		return 0;
	if (reg >= 0x100 && n < TIMERS && (reg & 0x1f) == 8 && hpet.t[n].config & TN_PERIODIC)
		return hpet.t[n].period;
	return read_register(reg);
}

/* Registers take aligned writes of four and eight bytes. */
static void mmio_write(void *ctx, uint64_t gpa, int size, uint64_t value)
{
	unsigned offset = gpa & (PAGE - 1), shift = 8 * (offset & 4);
	uint64_t half = 0xffffffffull << shift;

	(void)ctx;
	if (size < 4 || offset & 3)
		return;
	if (size == 4)
		value = (other_half(offset & ~7u) & ~half) | (value << shift & half);
	write_register(offset & ~7u, value);
}

static void reset(void *ctx)
{
	(void)ctx;
	hpet.config = hpet.status = hpet.counter = 0;
	for (int n = 0; n < TIMERS; n++) {
		struct comparator *t = &hpet.t[n];

		timer_cancel(&t->timer);
		t->config = TN_PERIODIC_CAP | TN_SIZE_CAP | (uint64_t)ROUTES << 32;
		t->value = UINT64_MAX;
		t->period = 0;
	}
	for (int gsi = 20; gsi < LAYOUT_GSI_COUNT; gsi++)
		irq_set_gsi(gsi, false);
	irq_set_hpet_legacy(0, false);
	irq_set_hpet_legacy(1, false);
	irq_hpet_legacy(false);
}

int hpet_init(void)
{
	static const struct mmio_ops ops = { mmio_read, mmio_write };
	int region;

	for (int n = 0; n < TIMERS; n++)
		timer_init(&hpet.t[n].timer, match, &hpet.t[n]);
	reset(NULL);
	board_on_reset(reset, NULL);
	region = bus_add_memory(LAYOUT_HPET, PAGE, PAGE_MMIO, 0, &ops, NULL);
	return region < 0 ? region : 0;
}
