// SOURCES: hw/pit.c hw/timer.c hw/bus_ports.c hw/bus_memory.c
/*
 * The 8254 (Intel 8254 data sheet) and port 61: modes, gate, latches, BCD, interrupts, and ticks for a guest that is late. Counter 2 shows
 * the modes, since its gate and output can be reached; counter 0 interrupts.
 */
#include "tests/unit/hw_lines.h"
#include "tests/unit/hw_model.h"

#define HZ 1193182u
#define MS 1000000u

/* The next tick of the input clock that is `n` ticks on. */
static void ticks(uint64_t n)
{
	run_for(ticks_to_ns(ns_to_ticks(host_clock.now, HZ) + n, HZ) - host_clock.now);
}

static void program(unsigned channel, unsigned mode, uint16_t count)
{
	out(0x43, (uint8_t)(channel << 6 | 0x30 | mode << 1));
	out((uint16_t)(0x40 + channel), (uint8_t)count);
	out((uint16_t)(0x40 + channel), (uint8_t)(count >> 8));
}

static uint16_t latched(unsigned channel)
{
	uint8_t low;

	out(0x43, (uint8_t)(channel << 6));
	low = in((uint16_t)(0x40 + channel));
	return (uint16_t)(low | in((uint16_t)(0x40 + channel)) << 8);
}

static uint8_t status(unsigned channel)
{
	out(0x43, (uint8_t)(0xe0 | 2u << channel));
	return in((uint16_t)(0x40 + channel));
}

static bool out2(void) { return in(0x61) & 0x20; }
static void gate2(bool on) { out(0x61, on); }

static void test_mode_0(void)
{
	gate2(true);
	program(2, 0, 100);
	CHECK(!out2());
	CHECK_EQ(status(2), 0x30);
	ticks(99);
	CHECK(!out2());
	CHECK_EQ(latched(2), 1);
	ticks(1);
	CHECK(out2());
	ticks(1);
	CHECK(out2());
	CHECK_EQ(latched(2), 0xffff); /* it counts on */
	out(0x42, 50); /* the first byte makes the output low and stops the count */
	CHECK(!out2());
	ticks(100);
	CHECK(!out2());
	out(0x42, 0);
	gate2(false);
	ticks(100);
	CHECK(!out2());
	CHECK_EQ(latched(2), 50);
	gate2(true);
	ticks(20);
	gate2(false);
	ticks(1000);
	CHECK_EQ(latched(2), 30);
	gate2(true);
	ticks(30);
	CHECK(out2());
}

static void test_mode_1(void)
{
	gate2(false);
	program(2, 1, 100);
	CHECK(out2());
	CHECK_EQ(status(2), 0xf2); /* the count waits for the trigger */
	ticks(200);
	gate2(true);
	CHECK(!out2());
	CHECK_EQ(status(2), 0x32);
	gate2(false); /* only the edge counts */
	ticks(60);
	gate2(true);
	ticks(99);
	CHECK(!out2());
	ticks(1);
	CHECK(out2());
}

static void test_mode_2(void)
{
	gate2(true);
	program(2, 2, 10);
	CHECK(out2());
	ticks(3);
	CHECK_EQ(latched(2), 7);
	ticks(6);
	CHECK(!out2());
	CHECK_EQ(latched(2), 1);
	ticks(1);
	CHECK(out2());
	CHECK_EQ(latched(2), 10);
	ticks(9);
	gate2(false); /* makes the output high at once, and the rise starts over */
	CHECK(out2());
	gate2(true);
	ticks(8);
	CHECK(out2());
	ticks(1);
	CHECK(!out2());
	ticks(1005); /* in the middle of a later period, a new count */
	CHECK_EQ(latched(2), 6);
	out(0x42, 20);
	out(0x42, 0);
	CHECK_EQ(status(2), 0xf4);
	ticks(5);
	CHECK(!out2());
	ticks(1);
	CHECK_EQ(latched(2), 20);
	CHECK_EQ(status(2), 0xb4);
	ticks(19);
	CHECK(!out2());
}

static void test_mode_3(void)
{
	gate2(true);
	program(2, 3, 10);
	ticks(4);
	CHECK(out2());
	CHECK_EQ(latched(2), 2);
	ticks(1);
	CHECK(!out2());
	CHECK_EQ(latched(2), 10);
	ticks(4);
	CHECK(!out2());
	ticks(1);
	CHECK(out2());
	program(2, 7, 7); /* 7 is 3; an odd count is high for one tick longer */
	ticks(3);
	CHECK(out2());
	ticks(1);
	CHECK(!out2());
	ticks(3);
	CHECK(out2());
}

static void test_modes_4_and_5(void)
{
	gate2(true);
	program(2, 4, 10);
	ticks(9);
	CHECK(out2());
	ticks(1);
	CHECK(!out2());
	ticks(1);
	CHECK(out2());
	ticks(65535);
	CHECK(out2());
	gate2(false);
	program(2, 5, 10);
	ticks(50);
	CHECK(out2());
	gate2(true);
	ticks(5);
	gate2(false);
	gate2(true);
	ticks(9);
	CHECK(out2());
	ticks(1);
	CHECK(!out2());
	ticks(1);
	CHECK(out2());
}

static void test_latches(void)
{
	gate2(true);
	program(2, 2, 0x1234);
	program(1, 2, 0);
	CHECK_EQ(latched(1), 0); /* 65536 */
	out(0x43, 0x80);
	ticks(0x34);
	out(0x43, 0x80); /* a second latch before the first was read changes nothing */
	CHECK_EQ(in(0x42), 0x34);
	ticks(1);
	CHECK_EQ(in(0x42), 0x12);
	CHECK_EQ(in(0x42), 0xff); /* not latched: low, high */
	CHECK_EQ(in(0x42), 0x11);
	out(0x43, 0xcc); /* read back counters 1 and 2, count and status: the status comes first */
	CHECK_EQ(in(0x42), 0xb4);
	CHECK_EQ(in(0x42), 0xff);
	CHECK_EQ(in(0x42), 0x11);
	CHECK_EQ(in(0x41), 0xb4);
	CHECK_EQ(in(0x41), 0xcb); /* 65536 - 0x35 */
	CHECK_EQ(in(0x41), 0xff);
	CHECK_EQ(in(0x43), 0xff);
	out(0x43, 0x94); /* low byte only */
	out(0x42, 100);
	ticks(1);
	CHECK(in(0x42) == 99 && in(0x42) == 99);
	out(0x43, 0xa4); /* high byte only */
	out(0x42, 1);
	CHECK(in(0x42) == 1);
	ticks(1);
	CHECK(in(0x42) == 0);
	out(0x43, 0xb5); /* BCD */
	out(0x42, 0x00);
	out(0x42, 0x10);
	ticks(1);
	CHECK_EQ(latched(2), 0x0999);
	out(0x43, 0xb5);
	out(0x42, 0);
	out(0x42, 0);
	ticks(1);
	CHECK_EQ(latched(2), 0x9999);
}

static unsigned irqs(void) { return take_edges(&isa_line[0]); }

static void test_interrupts(void)
{
	program(0, 0, 1000);
	CHECK(!isa_line[0].level);
	irqs();
	ticks(999);
	CHECK_EQ(irqs(), 0);
	ticks(1);
	CHECK_EQ(irqs(), 1);
	ticks(200000);
	CHECK_EQ(irqs(), 0);
	out(0x40, 1); /* half a count stops a one-shot */
	CHECK(!isa_line[0].level);
	ticks(2000);
	CHECK_EQ(irqs(), 0);
	out(0x40, 0);
	ticks(1);
	CHECK_EQ(irqs(), 1);
	program(0, 2, 1000);
	ticks(500);
	irqs();
	ticks(10000);
	CHECK_EQ(irqs(), 10);
	out(0x40, 2000 & 0xff); /* takes effect when the period ends */
	out(0x40, 2000 >> 8);
	ticks(500);
	CHECK_EQ(irqs(), 1);
	ticks(1999);
	CHECK_EQ(irqs(), 0);
	ticks(1);
	CHECK_EQ(irqs(), 1);
	program(0, 4, 100);
	irqs();
	ticks(101);
	CHECK_EQ(irqs(), 1);
	ticks(70000);
	CHECK_EQ(irqs(), 0);
	program(0, 3, 2); /* too fast */
	irqs();
	run_for(100 * TIMER_MIN_PERIOD_NS);
	CHECK(irqs() <= 101);
	out(0x43, 0x34); /* a control word stops it */
	irqs();
	run_for(100 * MS);
	CHECK_EQ(irqs(), 0);
}

static void test_catch_up(void)
{
	program(0, 2, 1193);
	irqs();
	stall_for(ticks_to_ns(1193 * 10 + 5, HZ)); /* ten periods at once */
	CHECK_EQ(irqs(), 1);
	run_for(TIMER_MIN_PERIOD_NS);
	CHECK_EQ(irqs(), 1);
	run_for(9 * TIMER_MIN_PERIOD_NS);
	CHECK_EQ(irqs(), 8);
	run_for(100 * MS);
	CHECK_EQ(irqs(), 100);
	isa_line[0].waits = true; /* the guest does not take the last one */
	run_for(10 * MS);
	CHECK_EQ(irqs(), 0);
	isa_line[0].waits = false;
	run_for(MS / 2);
	CHECK_EQ(irqs(), 10);
	stall_for(10000ull * MS);
	run_for(49 * TIMER_MIN_PERIOD_NS);
	CHECK_EQ(irqs(), TIMER_BACKLOG);
	stall_for(20 * MS);
	program(0, 2, 1193); /* forgets the rest */
	irqs();
	ticks(1192);
	CHECK_EQ(irqs(), 0);
	ticks(1);
	CHECK_EQ(irqs(), 1);
	stall_for(20 * MS);
	irqs();
	out(0x40, 1193 & 0xff); /* so does a new count for the running counter */
	out(0x40, 1193 >> 8);
	run_for(10 * TIMER_MIN_PERIOD_NS);
	CHECK(irqs() <= 1);
}

int main(void)
{
	uint8_t refresh;

	CHECK_EQ(pit_init(), 0);
	test_mode_0();
	test_mode_1();
	test_mode_2();
	test_mode_3();
	test_modes_4_and_5();
	test_latches();
	test_interrupts();
	test_catch_up();
	refresh = in(0x61) & 0x10;
	run_for(15085);
	CHECK((in(0x61) & 0x10) != refresh);
	out(0x61, 0xff);
	CHECK_EQ(in(0x61) & 0x0f, 0x0f);
	reset_devices();
	irqs();
	run_for(1000 * MS);
	CHECK(irqs() == 0 && (in(0x61) & 0x0f) == 0);
	return report();
}
