/*
 * The timer of the local APIC (Intel SDM 3A, 11.5.4), fed with a 1 GHz bus clock: a tick of the undivided clock is a nanosecond, as is one of the TSC.
 */
#include <stddef.h>

#include "hw/apic/lapic_internal.h"

/* The divide configuration register's bits 0, 1, 3 make a code: 0-6 divide by 2 to 128, 7 by 1. */
static unsigned divider_shift(const struct lapic *l)
{
	unsigned code = (l->timer_divider & 3) | (l->timer_divider >> 1 & 4);

	return (code + 1) & 7;
}

static uint64_t period_ns(const struct lapic *l)
{
	return (uint64_t)l->timer_initial << divider_shift(l);
}

static bool is_periodic(const struct lapic *l)
{
	return LVT_TIMER_MODE(l->lvt[LVT_TIMER]) == TIMER_PERIODIC;
}

static bool is_deadline(uint32_t lvt)
{
	return LVT_TIMER_MODE(lvt) == TIMER_TSC_DEADLINE;
}

static bool counts(const struct lapic *l)
{
	return l->timer_initial && !l->timer_done && LVT_TIMER_MODE(l->lvt[LVT_TIMER]) <= TIMER_PERIODIC;
}

/* How often the count has reached zero. */
static uint64_t expiries(const struct lapic *l)
{
	uint64_t gone = clock_ns() - l->timer_start;

	return is_periodic(l) ? gone / period_ns(l) : gone >= period_ns(l);
}

uint32_t lapic_timer_current(const struct lapic *l)
{
	uint64_t gone = clock_ns() - l->timer_start;

	if (!counts(l) || (!is_periodic(l) && gone >= period_ns(l)))
		return 0;
	return l->timer_initial - (uint32_t)(gone % period_ns(l) >> divider_shift(l));
}

static uint64_t tsc_at(const struct lapic *l, uint64_t ns)
{
	return ns + (uint64_t)l->cpu->tsc_offset;
}

static bool deadline_passed(const struct lapic *l)
{
	return l->tsc_deadline && tsc_at(l, clock_ns()) >= l->tsc_deadline;
}

/* The clock is read once: a deadline that passes meanwhile must not seem to be a whole round of the TSC away. */
static uint64_t next_deadline_ns(const struct lapic *l)
{
	uint64_t now = clock_ns(), tsc = tsc_at(l, now), wait, deadline;

	if (l->tsc_deadline) {
		wait = l->tsc_deadline > tsc ? l->tsc_deadline - tsc : 0;
		return wait > TIMER_OFF - now ? TIMER_OFF : now + wait;
	}
	if (!counts(l))
		return TIMER_OFF;
	deadline = l->timer_start + (l->timer_fired + 1) * period_ns(l);
	return is_periodic(l) && deadline < now + TIMER_MIN_PERIOD_NS ? now + TIMER_MIN_PERIOD_NS : deadline;
}

/* A host deadline is needed only while the interrupt is wanted. */
static void arm(struct lapic *l)
{
	timer_set(&l->timer, l->lvt[LVT_TIMER] & LVT_MASKED ? TIMER_OFF : next_deadline_ns(l));
}

static void interrupt(struct lapic *l)
{
	if (!(l->lvt[LVT_TIMER] & LVT_MASKED))
		lapic_accept(l, (uint8_t)l->lvt[LVT_TIMER], false);
}

/* What has expired gives its interrupt, or is lost when masked. Periods that passed unnoticed give one at most. */
static void serve(struct lapic *l)
{
	if (deadline_passed(l)) {
		l->tsc_deadline = 0;
		interrupt(l);
	}
	if (counts(l)) {
		uint64_t n = expiries(l);

		if (n > l->timer_fired)
			interrupt(l);
		l->timer_fired = n;
		l->timer_done = n && !is_periodic(l);
	}
}

static void due(void *ctx)
{
	struct lapic *l = ctx;

	serve(l);
	arm(l);
}

/* The count goes on over a change between one-shot and periodic; one to or from TSC-deadline mode disarms the timer. */
void lapic_timer_set_lvt(struct lapic *l, uint32_t value)
{
	serve(l);
	if (counts(l)) {
		l->timer_start += l->timer_fired * period_ns(l);
		l->timer_fired = 0;
	}
	if (is_deadline(l->lvt[LVT_TIMER]) != is_deadline(value)) {
		l->timer_initial = 0;
		l->tsc_deadline = 0;
	}
	l->lvt[LVT_TIMER] = value;
	arm(l);
}

void lapic_timer_start(struct lapic *l, uint32_t count)
{
	if (is_deadline(l->lvt[LVT_TIMER]))
		return;
	l->timer_initial = count;
	l->timer_start = clock_ns();
	l->timer_fired = 0;
	l->timer_done = false;
	arm(l);
}

/* The count reached so far goes on at the new rate. */
void lapic_timer_set_divider(struct lapic *l, uint32_t value)
{
	uint32_t current;

	serve(l);
	current = lapic_timer_current(l);
	l->timer_divider = value & 0xb;
	l->timer_start = clock_ns() - ((uint64_t)(l->timer_initial - current) << divider_shift(l));
	l->timer_fired = 0;
	arm(l);
}

uint64_t lapic_tsc_deadline(const struct cpu *cpu)
{
	return deadline_passed(cpu->lapic) ? 0 : cpu->lapic->tsc_deadline;
}

void lapic_set_tsc_deadline(struct cpu *cpu, uint64_t deadline)
{
	struct lapic *l = cpu->lapic;

	serve(l);
	if (is_deadline(l->lvt[LVT_TIMER]))
		l->tsc_deadline = deadline;
	due(l);
}

void lapic_tsc_changed(struct cpu *cpu)
{
	due(cpu->lapic);
}

void lapic_timer_reset(struct lapic *l)
{
	timer_cancel(&l->timer);
	l->timer_initial = l->timer_divider = 0;
	l->timer_fired = l->tsc_deadline = 0;
	l->timer_done = false;
}

void lapic_timer_init(struct lapic *l)
{
	timer_init(&l->timer, due, l);
}
