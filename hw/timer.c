/*
 * The queue of deadlines: a list sorted by time. There are about a dozen timers, so a list is the fastest queue.
 */
#include "hw/timer.h"

#include <stddef.h>

#include "arch/loongarch/host.h"

static struct timer *queue;
static bool running; /* timers_run() arms the host timer itself when it is done */

uint64_t clock_ns(void)
{
	uint64_t ticks = host_counter(), hz = host.counter_hz;

	return ticks / hz * NS_PER_SEC + ticks % hz * NS_PER_SEC / hz;
}

static void arm_host(void)
{
	if (!queue || queue->deadline == TIMER_OFF)
		host_timer_arm(UINT64_MAX);
	else
		host_timer_arm(queue->deadline / NS_PER_SEC * host.counter_hz +
			(queue->deadline % NS_PER_SEC * host.counter_hz + NS_PER_SEC - 1) / NS_PER_SEC);
}

void timer_init(struct timer *t, void (*fn)(void *ctx), void *ctx)
{
	t->deadline = TIMER_OFF;
	t->fn = fn;
	t->ctx = ctx;
	t->next = NULL;
}

static void unlink_timer(struct timer *t)
{
	struct timer **p = &queue;

	while (*p && *p != t)
		p = &(*p)->next;
	if (*p)
		*p = t->next;
	t->next = NULL;
	t->deadline = TIMER_OFF;
}

void timer_set(struct timer *t, uint64_t deadline_ns)
{
	struct timer *old_head = queue;
	uint64_t old_deadline = old_head ? old_head->deadline : TIMER_OFF;
	struct timer **p = &queue;

	if (t->deadline != TIMER_OFF)
		unlink_timer(t);
	if (deadline_ns != TIMER_OFF) {
		while (*p && (*p)->deadline <= deadline_ns)
			p = &(*p)->next;
		t->deadline = deadline_ns;
		t->next = *p;
		*p = t;
	}
	if (!running && (queue ? queue->deadline : TIMER_OFF) != old_deadline)
		arm_host();
}

void timer_cancel(struct timer *t)
{
	timer_set(t, TIMER_OFF);
}

/* The callbacks set deadlines after the time they read themselves, so with `now` read once the loop ends. */
void timers_run(void)
{
	uint64_t now = clock_ns();

	running = true;
	while (queue && queue->deadline <= now) {
		struct timer *t = queue;

		unlink_timer(t);
		t->fn(t->ctx);
	}
	running = false;
	arm_host();
}
