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
#define LEGACY_IRQ_0 0
#define LEGACY_IRQ_1 8

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
	uint64_t first;  /* what was written with TN_SET_VALUE; counts while the period is not written yet */
	bool period_due;
	uint64_t match_at; /* ns at which the counter gets to `value`; TIMER_OFF: never */
	unsigned owed;     /* pulses that the guest has still to get: edge-triggered timers only */
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

static bool waits(int n)
{
	if (hpet.config & CONFIG_LEGACY && n < 2)
		return irq_isa_waits(n ? LEGACY_IRQ_1 : LEGACY_IRQ_0);
	return irq_gsi_waits((int)TN_ROUTE(hpet.t[n].config));
}

/* From the next tick on: a match at this very tick is a whole turn away. */
static uint64_t match_time(const struct comparator *t, uint64_t now)
{
	uint64_t ticks = (t->value - counter_at(now) - 1) & mask_of(t);

	if (!(hpet.config & CONFIG_ENABLE) || ticks >= (UINT64_MAX - now) / NS_PER_TICK - 1)
		return TIMER_OFF;
	return (now / NS_PER_TICK + ticks + 1) * NS_PER_TICK;
}

/* Pulses that are owed come at `soonest`, and so does a match of a periodic timer that would come before. */
static void set_deadline(struct comparator *t, uint64_t soonest)
{
	bool late = t->config & TN_PERIODIC && t->match_at < soonest;

	timer_set(&t->timer, t->owed || late ? soonest : t->match_at);
}

/* The timer was programmed: pulses that are still owed are dropped. */
static void arm(int n)
{
	struct comparator *t = &hpet.t[n];
	uint64_t now = clock_ns();

	t->owed = 0;
	t->match_at = match_time(t, now);
	set_deadline(t, now + TIMER_MIN_PERIOD_NS);
}

/* Periods that ended since the counter was at `value`, that one included. */
static uint64_t periods_gone(const struct comparator *t, uint64_t now)
{
	if (!(t->config & TN_PERIODIC) || !t->period)
		return 1;
	return ((counter_at(now) - t->value) & mask_of(t)) / t->period + 1;
}

/* The comparator as the guest reads it: the next match, also when the last one has not been handled yet. */
static uint64_t value_at(const struct comparator *t, uint64_t now)
{
	if (!(t->config & TN_PERIODIC) || now < t->match_at)
		return t->value;
	return (t->value + periods_gone(t, now) * t->period) & mask_of(t);
}

/* The counter has reached the comparator, which moves on by whole periods and so keeps its phase. */
static void matched(int n, uint64_t now)
{
	struct comparator *t = &hpet.t[n];
	uint64_t gone = periods_gone(t, now);

	t->value = value_at(t, now);
	t->match_at = match_time(t, now);
	if (t->config & TN_LEVEL) {
		hpet.status |= 1u << n;
		if (t->config & TN_INT_ENABLE)
			set_output(n, true);
	} else if (t->config & TN_INT_ENABLE) {
		t->owed = gone < TIMER_BACKLOG - t->owed ? t->owed + (unsigned)gone : TIMER_BACKLOG;
	}
}

/* Edge-triggered outputs stay high until the next pulse: the controllers look at rising edges only. */
static void due(void *ctx)
{
	struct comparator *t = ctx;
	int n = (int)(t - hpet.t);
	uint64_t now = clock_ns();
	bool wait;

	if (now >= t->match_at)
		matched(n, now);
	wait = t->owed && t->config & TN_PERIODIC && waits(n);
	if (t->owed && !wait) {
		t->owed--;
		set_output(n, false);
		set_output(n, true);
	}
	set_deadline(t, now + (wait ? TIMER_RETRY_NS : TIMER_MIN_PERIOD_NS));
}

/* Level-triggered outputs are high while their status says so. */
static void drive_level(int n)
{
	const struct comparator *t = &hpet.t[n];

	if (t->config & TN_LEVEL && t->config & TN_INT_ENABLE && hpet.status >> n & 1)
		set_output(n, true);
}

/* When the routes change, no output may stay high where it no longer leads. */
static void set_legacy(bool on)
{
	for (int n = 0; n < TIMERS; n++)
		set_output(n, false);
	hpet.config = on ? hpet.config | CONFIG_LEGACY : hpet.config & ~(uint64_t)CONFIG_LEGACY;
	irq_hpet_legacy(on);
	for (int n = 0; n < TIMERS; n++)
		drive_level(n);
}

static void write_config(uint64_t value)
{
	uint64_t now = clock_ns(), count = counter_at(now);

	if ((value ^ hpet.config) & CONFIG_LEGACY)
		set_legacy(value & CONFIG_LEGACY);
	hpet.config = value & (CONFIG_ENABLE | CONFIG_LEGACY);
	hpet.counter = hpet.config & CONFIG_ENABLE ? count - now / NS_PER_TICK : count;
	for (int n = 0; n < TIMERS; n++)
		arm(n);
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
	drive_level(n);
	arm(n);
}

/*
 * The period of a periodic timer. Software writes it right after the first match, which until then is the period too: should that match
 * have come in between, the timer is put to where it would be.
 */
static void write_period(struct comparator *t, uint64_t value)
{
	uint64_t now = clock_ns();

	t->period = value;
	if (t->period_due && ((counter_at(now) - t->first) & mask_of(t)) <= mask_of(t) / 2) {
		t->value = t->first;
		t->value = (t->value + periods_gone(t, now) * value) & mask_of(t);
	}
	t->period_due = false;
}

/* In periodic mode a write sets the period; with TN_SET_VALUE before it, the next match as well. */
static void write_comparator(int n, uint64_t value)
{
	struct comparator *t = &hpet.t[n];

	value &= mask_of(t);
	if (!(t->config & TN_PERIODIC)) {
		t->value = value;
	} else if (t->config & TN_SET_VALUE) {
		t->value = t->first = t->period = value;
		t->period_due = true;
	} else {
		write_period(t, value);
	}
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
		return counter_at(clock_ns());
	}
	if (reg < 0x100 || n >= TIMERS)
		return 0;
	switch (reg & 0x1f) {
	case 0x00:
		return hpet.t[n].config;
	case 0x08:
		return value_at(&hpet.t[n], clock_ns());
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

/* What is due but not handled yet belongs to the time before a write. */
static void catch_up(void)
{
	for (int n = 0; n < TIMERS; n++)
		if (clock_ns() >= hpet.t[n].match_at)
			due(&hpet.t[n]);
}

/* Registers take aligned writes of four and eight bytes. */
static void mmio_write(void *ctx, uint64_t gpa, int size, uint64_t value)
{
	unsigned offset = gpa & (PAGE - 1), shift = 8 * (offset & 4);
	uint64_t half = 0xffffffffull << shift;

	(void)ctx;
	if (size < 4 || offset & 3)
		return;
	catch_up();
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
		t->period_due = false;
		t->match_at = TIMER_OFF;
		t->owed = 0;
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
		timer_init(&hpet.t[n].timer, due, &hpet.t[n]);
	reset(NULL);
	board_on_reset(reset, NULL);
	region = bus_add_memory(LAYOUT_HPET, PAGE, PAGE_MMIO, 0, &ops, NULL);
	return region < 0 ? region : 0;
}
