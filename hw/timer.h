/*
 * Deadlines on the one time base: nanoseconds since power-on, derived from the host's counter.
 */
#ifndef HW_TIMER_H
#define HW_TIMER_H

#include <stdint.h>

#define NS_PER_SEC 1000000000ull
#define TIMER_OFF UINT64_MAX
/* Shortest period at which a periodic guest timer interrupts; shorter ones would leave the guest no time to run. */
#define TIMER_MIN_PERIOD_NS 20000ull
/*
 * A periodic timer's edges that a slow guest could not take in time are kept and given one after another, at most this many; while the
 * guest has still to take the last one, the timer looks again after TIMER_RETRY_NS.
 */
#define TIMER_BACKLOG 50u
#define TIMER_RETRY_NS 200000ull

struct timer {
	uint64_t deadline; /* ns; UINT64_MAX: off */
	void (*fn)(void *ctx);
	void *ctx;
	struct timer *next;
};
uint64_t clock_ns(void);
void timer_init(struct timer *t, void (*fn)(void *ctx), void *ctx);
void timer_set(struct timer *t, uint64_t deadline_ns); /* replaces an earlier deadline */
void timer_cancel(struct timer *t);
/* Runs what is due, programs the host timer for the next. Called through host_timer_set_handler(). */
void timers_run(void);

/*
 * Conversions between nanoseconds and ticks of a clock of `hz`, exact over the whole life of the machine. ns_to_ticks rounds down,
 * ticks_to_ns rounds up: the deadline computed from a tick is never before the tick.
 */
static inline uint64_t ns_to_ticks(uint64_t ns, uint64_t hz)
{
	return ns / NS_PER_SEC * hz + ns % NS_PER_SEC * hz / NS_PER_SEC;
}

static inline uint64_t ticks_to_ns(uint64_t ticks, uint64_t hz)
{
	return ticks / hz * NS_PER_SEC + (ticks % hz * NS_PER_SEC + hz - 1) / hz;
}

#endif
