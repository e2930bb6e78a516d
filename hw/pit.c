/*
 * 8254 interval timer and port 61. Intel 8254 data sheet. Nothing counts: the state of a counter is computed from the time at which it
 * was started.
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "hw/board.h"
#include "hw/bus.h"
#include "hw/irq.h"
#include "hw/timer.h"

#define PIT_HZ 1193182u
#define REFRESH_NS 15085u /* half a period of the refresh toggle in port 61 */
#define SPEAKER_CHANNEL 2

#define NO_EDGE UINT64_MAX

#define RW_LSB 1
#define RW_MSB 2
#define RW_BOTH 3

#define P61_GATE2 0x01
#define P61_SPEAKER 0x02
#define P61_REFRESH 0x10
#define P61_OUT2 0x20
#define P61_WRITABLE 0x0f

struct channel {
	uint8_t mode; /* 0-5 */
	uint8_t rw;   /* RW_xxx */
	bool bcd;
	bool gate;
	bool loaded;       /* a count was written since the control word, and in modes 1 and 5 the trigger came */
	bool counting;     /* false: stopped by its gate after `elapsed` ticks */
	bool msb_next_write, msb_next_read;
	bool status_latched, count_latched;
	uint8_t low_written, status_latch;
	uint16_t count_latch;
	uint32_t count;    /* 1-65536 */
	uint32_t next;     /* takes effect at the end of the period (modes 2, 3) or at the next trigger (1, 5); 0: none */
	uint64_t start;    /* in PIT ticks since power-on */
	uint64_t elapsed;
};

static struct {
	struct channel ch[3];
	uint8_t port61;
	struct timer irq_timer;
	uint64_t irq_edge; /* tick of OUT 0's next rising edge that has not given its interrupt; NO_EDGE: none */
} pit;

static uint64_t now_ticks(void)
{
	return ns_to_ticks(clock_ns(), PIT_HZ);
}

static bool periodic(const struct channel *c)
{
	return c->mode == 2 || c->mode == 3;
}

static bool triggered_by_gate(const struct channel *c)
{
	return c->mode == 1 || c->mode == 5;
}

static uint64_t elapsed(const struct channel *c)
{
	return c->counting ? now_ticks() - c->start : c->elapsed;
}

/* A count written during a period of modes 2 and 3 begins when that period ends. */
static void take_next_count(struct channel *c)
{
	if (c->next && periodic(c) && c->counting && elapsed(c) >= c->count) {
		c->start += c->count;
		c->count = c->next;
		c->next = 0;
	}
}

static bool output(const struct channel *c)
{
	uint64_t d = elapsed(c);

	if (!c->loaded)
		return c->mode != 0;
	switch (c->mode) {
	case 0: /* the first of two bytes of a new count makes it low */
		return d >= c->count && !c->msb_next_write;
	case 1:
		return d >= c->count;
	case 2:
		return !c->counting || d % c->count != c->count - 1;
	case 3:
		return !c->counting || d % c->count < (c->count + 1) / 2;
	default:
		return d != c->count;
	}
}

static uint16_t to_bcd(uint32_t v)
{
	return (uint16_t)(v % 10 | v / 10 % 10 << 4 | v / 100 % 10 << 8 | v / 1000 % 10 << 12);
}

static uint32_t from_bcd(uint16_t v)
{
	return (v & 15u) + (v >> 4 & 15u) * 10 + (v >> 8 & 15u) * 100 + (v >> 12) * 1000u;
}

/* The counting element as software reads it. */
static uint16_t current_count(const struct channel *c)
{
	uint32_t modulus = c->bcd ? 10000 : 65536;
	uint64_t d = elapsed(c);
	uint32_t value;

	if (!c->loaded)
		value = c->count;
	else if (c->mode == 3)
		value = c->count - (uint32_t)(2 * d % c->count);
	else if (c->mode == 2)
		value = c->count - (uint32_t)(d % c->count);
	else
		value = (uint32_t)((c->count + modulus - d % modulus) % modulus);
	value %= modulus;
	return c->bcd ? to_bcd(value) : (uint16_t)value;
}

/* The tick at which OUT rises next after `start`, or NO_EDGE. */
static uint64_t next_edge(const struct channel *c)
{
	if (!c->loaded || !c->counting || triggered_by_gate(c))
		return NO_EDGE;
	return c->start + c->count + (c->mode == 4);
}

/* An edge that is past comes at `soonest`, ns. */
static void arm_irq(uint64_t soonest)
{
	uint64_t deadline = pit.irq_edge == NO_EDGE ? TIMER_OFF : ticks_to_ns(pit.irq_edge, PIT_HZ);

	timer_set(&pit.irq_timer, periodic(&pit.ch[0]) && deadline < soonest ? soonest : deadline);
}

/* Channel 0 was programmed: interrupts that are still owed are dropped. */
static void expect_edge(void)
{
	pit.irq_edge = next_edge(&pit.ch[0]);
	arm_irq(clock_ns() + TIMER_MIN_PERIOD_NS);
}

/* The next edge that is owed: one period on, or more where the guest is too far behind. */
static uint64_t following_edge(const struct channel *c)
{
	uint64_t now = now_ticks(), late = now > pit.irq_edge ? (now - pit.irq_edge) / c->count : 0;

	return pit.irq_edge + (late > TIMER_BACKLOG ? late - TIMER_BACKLOG + 1 : 1) * c->count;
}

/* One interrupt for each edge, late or not. The line stays high until the next one: it is an edge-triggered input. */
static void irq_due(void *ctx)
{
	struct channel *c = &pit.ch[0];

	(void)ctx;
	if (periodic(c) && irq_isa_waits(0)) {
		arm_irq(clock_ns() + TIMER_RETRY_NS);
		return;
	}
	irq_set_isa(0, false);
	irq_set_isa(0, true);
	take_next_count(c);
	pit.irq_edge = periodic(c) ? following_edge(c) : NO_EDGE;
	arm_irq(clock_ns() + TIMER_MIN_PERIOD_NS);
}

static void start(struct channel *c, uint32_t count)
{
	c->count = count;
	c->next = 0;
	c->start = now_ticks();
	c->elapsed = 0;
	c->loaded = true;
	c->counting = triggered_by_gate(c) || c->gate;
	if (c == &pit.ch[0]) {
		irq_set_isa(0, c->mode != 0);
		expect_edge();
	}
}

static void load(struct channel *c, uint16_t written)
{
	uint32_t value = c->bcd ? from_bcd(written) : written;
	uint32_t count = value ? value : c->bcd ? 10000 : 65536;

	if (triggered_by_gate(c)) {
		c->next = count;
	} else if (periodic(c) && c->loaded && c->counting) {
		take_next_count(c);
		c->start += elapsed(c) - elapsed(c) % c->count;
		c->next = count;
		if (c == &pit.ch[0])
			expect_edge();
	} else {
		start(c, count);
	}
}

static void set_gate(struct channel *c, bool gate)
{
	bool rises = gate && !c->gate;

	take_next_count(c);
	c->gate = gate;
	if (rises && triggered_by_gate(c) && (c->next || c->loaded)) {
		start(c, c->next ? c->next : c->count);
	} else if (rises && periodic(c) && c->loaded) {
		start(c, c->next ? c->next : c->count);
	} else if (rises && c->loaded && !c->counting) {
		c->start = now_ticks() - c->elapsed;
		c->counting = true;
	} else if (!gate && !triggered_by_gate(c) && c->counting) {
		c->elapsed = elapsed(c);
		c->counting = false;
	}
}

static void latch_count(struct channel *c)
{
	if (c->count_latched)
		return;
	take_next_count(c);
	c->count_latch = current_count(c);
	c->count_latched = true;
}

static void latch_status(struct channel *c)
{
	if (c->status_latched)
		return;
	take_next_count(c);
	c->status_latch = (uint8_t)(output(c) << 7 | (!c->loaded || c->next) << 6 | c->rw << 4 | c->mode << 1 | c->bcd);
	c->status_latched = true;
}

static void read_back(uint8_t command)
{
	for (int i = 0; i < 3; i++) {
		if (!(command >> (i + 1) & 1))
			continue;
		if (!(command & 0x20))
			latch_count(&pit.ch[i]);
		if (!(command & 0x10))
			latch_status(&pit.ch[i]);
	}
}

static void write_control(uint8_t value)
{
	struct channel *c = &pit.ch[value >> 6 & 3];
	bool gate;

	if (value >> 6 == 3) {
		read_back(value);
		return;
	}
	if (!(value & 0x30)) {
		latch_count(c);
		return;
	}
	gate = c->gate;
	memset(c, 0, sizeof *c);
	c->gate = gate;
	c->rw = value >> 4 & 3;
	c->mode = value >> 1 & 7;
	if (c->mode > 5)
		c->mode -= 4;
	c->bcd = value & 1;
	c->count = c->bcd ? 10000 : 65536;
	if (c == &pit.ch[0]) {
		irq_set_isa(0, c->mode != 0);
		expect_edge();
	}
}

static void write_count(struct channel *c, uint8_t value)
{
	if (c->rw == RW_LSB) {
		load(c, value);
	} else if (c->rw == RW_MSB) {
		load(c, (uint16_t)(value << 8));
	} else if (!c->msb_next_write) {
		c->low_written = value;
		c->msb_next_write = true;
		/* In mode 0 the first byte stops the counting. */
		if (c->mode == 0 && c->counting) {
			c->elapsed = elapsed(c);
			c->counting = false;
			if (c == &pit.ch[0]) {
				irq_set_isa(0, false);
				expect_edge();
			}
		}
	} else {
		c->msb_next_write = false;
		load(c, (uint16_t)(value << 8 | c->low_written));
	}
}

static uint8_t read_count(struct channel *c)
{
	uint16_t value;
	bool high = c->rw == RW_MSB || (c->rw == RW_BOTH && c->msb_next_read);

	if (c->status_latched) {
		c->status_latched = false;
		return c->status_latch;
	}
	take_next_count(c);
	value = c->count_latched ? c->count_latch : current_count(c);
	if (c->rw == RW_BOTH)
		c->msb_next_read = !c->msb_next_read;
	if (c->rw != RW_BOTH || high)
		c->count_latched = false;
	return (uint8_t)(high ? value >> 8 : value);
}

static uint32_t port_read(void *ctx, uint16_t port, int size)
{
	(void)ctx;
	(void)size;
	return (port & 3) == 3 ? 0xff : read_count(&pit.ch[port & 3]);
}

static void port_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx;
	(void)size;
	if ((port & 3) == 3)
		write_control((uint8_t)value);
	else
		write_count(&pit.ch[port & 3], (uint8_t)value);
}

static uint32_t port61_read(void *ctx, uint16_t port, int size)
{
	struct channel *c = &pit.ch[SPEAKER_CHANNEL];

	(void)ctx;
	(void)port;
	(void)size;
	take_next_count(c);
	return pit.port61 | (clock_ns() / REFRESH_NS & 1 ? P61_REFRESH : 0) | (output(c) ? P61_OUT2 : 0);
}

static void port61_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx;
	(void)port;
	(void)size;
	pit.port61 = value & P61_WRITABLE;
	set_gate(&pit.ch[SPEAKER_CHANNEL], value & P61_GATE2);
}

static void reset(void *ctx)
{
	(void)ctx;
	timer_cancel(&pit.irq_timer);
	memset(pit.ch, 0, sizeof pit.ch);
	pit.irq_edge = NO_EDGE;
	for (int i = 0; i < 3; i++) {
		pit.ch[i].gate = i != SPEAKER_CHANNEL;
		pit.ch[i].rw = RW_BOTH;
		pit.ch[i].mode = 3;
		pit.ch[i].count = 65536;
	}
	pit.port61 = 0;
}

int pit_init(void)
{
	static const struct port_ops ops = { port_read, port_write, 1 };
	static const struct port_ops ops61 = { port61_read, port61_write, 1 };
	int err;

	timer_init(&pit.irq_timer, irq_due, NULL);
	reset(NULL);
	board_on_reset(reset, NULL);
	err = bus_add_ports(0x40, 4, &ops, NULL);
	return err ? err : bus_add_ports(0x61, 1, &ops61, NULL);
}
