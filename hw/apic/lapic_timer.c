/*
 * The timer of the local APIC (Intel SDM 3A, 11.5.4), fed with a 1 GHz bus clock: a tick of the undivided clock is a nanosecond.
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
	return l->lvt[LVT_TIMER] & LVT_PERIODIC;
}

/* How often the count has reached zero. */
static uint64_t expiries(const struct lapic *l)
{
	uint64_t gone = clock_ns() - l->timer_start;

	if (!l->timer_initial)
		return 0;
	return is_periodic(l) ? gone / period_ns(l) : gone >= period_ns(l);
}

uint32_t lapic_timer_current(const struct lapic *l)
{
	uint64_t gone = clock_ns() - l->timer_start;

	if (!l->timer_initial || (!is_periodic(l) && gone >= period_ns(l)))
		return 0;
	return l->timer_initial - (uint32_t)(gone % period_ns(l) >> divider_shift(l));
}

/* A host deadline is needed only while the interrupt is wanted. */
void lapic_timer_arm(struct lapic *l)
{
	uint64_t deadline, soonest;

	if (!l->timer_initial || l->lvt[LVT_TIMER] & LVT_MASKED || (!is_periodic(l) && l->timer_fired)) {
		timer_cancel(&l->timer);
		return;
	}
	deadline = l->timer_start + (l->timer_fired + 1) * period_ns(l);
	soonest = is_periodic(l) ? clock_ns() + TIMER_MIN_PERIOD_NS : 0;
	timer_set(&l->timer, deadline < soonest ? soonest : deadline);
}

/* Periods that passed unnoticed, masked or late, give one interrupt at most. */
static void due(void *ctx)
{
	struct lapic *l = ctx;
	uint64_t n = expiries(l);

	if (n > l->timer_fired && !(l->lvt[LVT_TIMER] & LVT_MASKED))
		lapic_accept(l, (uint8_t)l->lvt[LVT_TIMER], false);
	l->timer_fired = n;
	lapic_timer_arm(l);
}

/* The count goes on over a change of mode or mask; what has expired while masked is lost. */
void lapic_timer_sync(struct lapic *l)
{
	uint64_t n = expiries(l);

	if (l->timer_initial && is_periodic(l)) {
		l->timer_start += n * period_ns(l);
		l->timer_fired = 0;
	} else if (l->lvt[LVT_TIMER] & LVT_MASKED) {
		l->timer_fired = n;
	}
}

void lapic_timer_start(struct lapic *l, uint32_t count)
{
	l->timer_initial = count;
	l->timer_start = clock_ns();
	l->timer_fired = 0;
	lapic_timer_arm(l);
}

/* The count reached so far goes on at the new rate. */
void lapic_timer_set_divider(struct lapic *l, uint32_t value)
{
	uint32_t current = lapic_timer_current(l);
	bool fired = l->timer_fired && !is_periodic(l);

	l->timer_divider = value & 0xb;
	l->timer_start = clock_ns() - ((uint64_t)(l->timer_initial - current) << divider_shift(l));
	l->timer_fired = fired;
	lapic_timer_arm(l);
}

void lapic_timer_reset(struct lapic *l)
{
	timer_cancel(&l->timer);
	l->timer_initial = l->timer_divider = 0;
	l->timer_fired = 0;
}

void lapic_timer_init(struct lapic *l)
{
	timer_init(&l->timer, due, l);
}
