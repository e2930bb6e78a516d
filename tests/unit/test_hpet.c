// SOURCES: hw/hpet/hpet.c hw/timer.c hw/bus_ports.c hw/bus_memory.c
/*
 * The HPET (IA-PC HPET specification 1.0a): registers, one-shot and periodic timers, routes, and ticks for a guest that is late.
 */
#include "tests/unit/hw_lines.h"
#include "tests/unit/hw_model.h"

#define BASE 0xfed00000ull
#define CAP 0x00
#define CONFIG 0x10
#define STATUS 0x20
#define COUNTER 0xf0
#define TN_CONFIG(n) (0x100u + 0x20u * (n))
#define TN_VALUE(n) (0x108u + 0x20u * (n))

#define LEVEL 0x02u
#define ENABLE 0x04u
#define PERIODIC 0x08u
#define SET_VALUE 0x40u
#define BITS32 0x100u
#define ROUTE(gsi) ((gsi) << 9)

#define TICK 10u /* ns */
#define MS 1000000u

static uint64_t get(unsigned reg) { return bus_mmio_read(BASE + reg, 8); }
static uint32_t get32(unsigned reg) { return (uint32_t)bus_mmio_read(BASE + reg, 4); }
static void set(unsigned reg, uint64_t value) { bus_mmio_write(BASE + reg, 8, value); }
static void set32(unsigned reg, uint32_t value) { bus_mmio_write(BASE + reg, 4, value); }

static void test_registers(void)
{
	CHECK_EQ(get32(CAP), 0x8086a201);
	CHECK_EQ(get32(CAP + 4), 10000000);
	CHECK_EQ(get(TN_CONFIG(0)), 0x00f0000000000030);
	CHECK_EQ(get(TN_VALUE(2)), UINT64_MAX);
	set(TN_CONFIG(2), UINT64_MAX);
	CHECK_EQ(get(TN_CONFIG(2)), 0x00f0000000003f7e);
	set(TN_CONFIG(2), 0);
	set(TN_VALUE(2), UINT64_MAX);
	set(CAP, 0);
	CHECK_EQ(get32(CAP), 0x8086a201);
	CHECK_EQ(get(0x160), 0);
	CHECK_EQ(get(0xff8), 0);
	bus_mmio_write(BASE + TN_VALUE(1), 2, 1); /* no such access */
	bus_mmio_write(BASE + TN_VALUE(1) + 2, 4, 1);
	CHECK_EQ(get(TN_VALUE(1)), UINT64_MAX);
	CHECK_EQ(bus_mmio_read(BASE + CAP + 6, 2), 10000000 >> 16);
}

static void test_counter(void)
{
	set(COUNTER, 0x123456789);
	run_for(MS);
	CHECK_EQ(get(COUNTER), 0x123456789);
	set(CONFIG, 1);
	run_for(1000 * TICK);
	CHECK_EQ(get(COUNTER), 0x123456789 + 1000);
	set(COUNTER, 0); /* not while it runs */
	CHECK_EQ(get(COUNTER), 0x123456789 + 1000);
	CHECK_EQ(get32(COUNTER + 4), 1);
	set(CONFIG, 0);
	run_for(MS);
	CHECK_EQ(get(COUNTER), 0x123456789 + 1000);
	set32(COUNTER + 4, 0);
	set32(COUNTER, 0);
	CHECK_EQ(get(COUNTER), 0);
}

static void start(void)
{
	set(CONFIG, 0);
	set(COUNTER, 0);
	set(STATUS, 7);
	for (unsigned n = 0; n < 3; n++)
		set(TN_CONFIG(n), 0);
	for (unsigned i = 0; i < 24; i++)
		take_edges(&gsi_line[i]);
}

static void test_one_shot(void)
{
	start();
	set(TN_CONFIG(1), ENABLE | ROUTE(21));
	set(TN_VALUE(1), 1000);
	set(CONFIG, 1);
	run_for(1000 * TICK - 1);
	CHECK_EQ(take_edges(&gsi_line[21]), 0);
	run_for(1);
	CHECK_EQ(take_edges(&gsi_line[21]), 1);
	CHECK_EQ(get(STATUS), 0); /* edge-triggered ones have none */
	CHECK_EQ(get(TN_VALUE(1)), 1000);
	run_for(100 * MS);
	CHECK_EQ(take_edges(&gsi_line[21]), 0);
	set(TN_VALUE(1), get(COUNTER)); /* a match at this tick is over */
	run_for(100 * MS);
	CHECK_EQ(take_edges(&gsi_line[21]), 0);
	set(TN_VALUE(1), get(COUNTER) + 1);
	gsi_line[21].waits = true; /* one-shots do not wait for the guest */
	run_for(TICK);
	CHECK_EQ(take_edges(&gsi_line[21]), 1);
	gsi_line[21].waits = false;
}

/* A timer of 32 bits matches again at each turn. */
static void test_32_bits(void)
{
	start();
	set(COUNTER, 0x1fffffff0);
	set(TN_CONFIG(0), ENABLE | BITS32 | ROUTE(20));
	set(TN_VALUE(0), 0xffff00000010);
	CHECK_EQ(get(TN_VALUE(0)), 0x10);
	set(CONFIG, 1);
	run_for(0x1f * TICK);
	CHECK_EQ(take_edges(&gsi_line[20]), 0);
	run_for(TICK);
	CHECK_EQ(take_edges(&gsi_line[20]), 1);
	run_for(0x100000000ull * TICK);
	CHECK_EQ(take_edges(&gsi_line[20]), 1);
}

static void test_level(void)
{
	start();
	set(TN_CONFIG(2), LEVEL | ROUTE(22));
	set(TN_VALUE(2), 100);
	set(CONFIG, 1);
	run_for(MS);
	CHECK(get(STATUS) == 4 && !gsi_line[22].level); /* status without interrupt */
	set(TN_CONFIG(2), LEVEL | ENABLE | ROUTE(22));
	CHECK(gsi_line[22].level);
	set(STATUS, 3);
	CHECK(get(STATUS) == 4 && gsi_line[22].level);
	set32(STATUS, 4);
	CHECK(get(STATUS) == 0 && !gsi_line[22].level);
	start();
	set(TN_CONFIG(2), LEVEL | ENABLE | PERIODIC | SET_VALUE | ROUTE(22));
	set(TN_VALUE(2), 100000); /* first match and period in one */
	set(CONFIG, 1);
	stall_for(20 * MS);
	CHECK(gsi_line[22].level);
	set(STATUS, 4);
	run_for(MS / 2);
	CHECK(!gsi_line[22].level); /* what a level-triggered timer missed is gone */
	run_for(MS / 2);
	CHECK(gsi_line[22].level && take_edges(&gsi_line[22]) == 2);
}

static void test_legacy(void)
{
	start();
	set(TN_CONFIG(0), LEVEL | ENABLE | ROUTE(20));
	set(TN_VALUE(0), 10);
	set(CONFIG, 1);
	run_for(MS);
	CHECK(gsi_line[20].level && !hpet_legacy);
	set(CONFIG, 3); /* the output leaves its old route */
	CHECK(!gsi_line[20].level && hpet_legacy && hpet_line[0].level);
	set(STATUS, 1);
	CHECK(!hpet_line[0].level);
	set(TN_CONFIG(1), ENABLE);
	set(TN_VALUE(1), get(COUNTER) + 10);
	take_edges(&hpet_line[1]);
	run_for(MS);
	CHECK_EQ(take_edges(&hpet_line[1]), 1);
	set(CONFIG, 1);
	CHECK(!hpet_legacy);
}

/* As Linux starts it: first match, then period, with writes of 32 bits. */
static void start_periodic(uint32_t first, uint32_t period)
{
	start();
	set(CONFIG, 3);
	take_edges(&hpet_line[0]);
	set32(TN_CONFIG(0), ENABLE | PERIODIC | SET_VALUE | BITS32);
	set32(TN_VALUE(0), first);
	set32(TN_VALUE(0), period);
}

static void test_periodic(void)
{
	start_periodic(50000, 100000);
	CHECK_EQ(get(TN_VALUE(0)), 50000);
	CHECK_EQ(get32(TN_CONFIG(0)) & SET_VALUE, 0);
	run_for(MS / 2);
	CHECK_EQ(take_edges(&hpet_line[0]), 1);
	CHECK_EQ(get(TN_VALUE(0)), 150000);
	run_for(100 * MS);
	CHECK_EQ(take_edges(&hpet_line[0]), 100);
	CHECK_EQ(get(TN_VALUE(0)), 10150000);
	set(TN_CONFIG(0), PERIODIC | BITS32); /* not enabled: it goes on, unheard */
	run_for(10 * MS);
	CHECK_EQ(take_edges(&hpet_line[0]), 0);
	CHECK_EQ(get(TN_VALUE(0)), 11150000);
	set(CONFIG, 0);
	CHECK_EQ(get(TN_VALUE(0)), 11150000);
}

/* Ten periods pass at once: ten pulses, each a little after the other; the phase stays. */
static void test_catch_up(void)
{
	start_periodic(100000, 100000);
	host_clock.now += 10 * MS + 100;
	CHECK_EQ(get(TN_VALUE(0)), 1100000); /* ahead, though nothing was handled yet */
	stall_for(0);
	CHECK_EQ(take_edges(&hpet_line[0]), 1);
	run_for(TIMER_MIN_PERIOD_NS);
	CHECK_EQ(take_edges(&hpet_line[0]), 1);
	run_for(8 * TIMER_MIN_PERIOD_NS);
	CHECK_EQ(take_edges(&hpet_line[0]), 8);
	run_for(MS - 9 * TIMER_MIN_PERIOD_NS - 101);
	CHECK_EQ(take_edges(&hpet_line[0]), 0);
	run_for(1);
	CHECK_EQ(take_edges(&hpet_line[0]), 1);
	/* The guest has not taken the last one: it gets none until it has. */
	hpet_line[0].waits = true;
	run_for(5 * MS);
	CHECK_EQ(take_edges(&hpet_line[0]), 0);
	hpet_line[0].waits = false;
	run_for(MS / 2);
	CHECK_EQ(take_edges(&hpet_line[0]), 5);
	/* A bound, and reprogramming forgets. */
	stall_for(10000ull * MS);
	run_for(99 * TIMER_MIN_PERIOD_NS / 2);
	CHECK_EQ(take_edges(&hpet_line[0]), TIMER_BACKLOG);
	stall_for(20 * MS);
	take_edges(&hpet_line[0]);
	set32(TN_CONFIG(0), ENABLE | PERIODIC | SET_VALUE | BITS32);
	set32(TN_VALUE(0), get32(COUNTER) + 100000);
	set32(TN_VALUE(0), 100000);
	take_edges(&hpet_line[0]);
	run_for(MS - 1);
	CHECK_EQ(take_edges(&hpet_line[0]), 0);
	run_for(1);
	CHECK_EQ(take_edges(&hpet_line[0]), 1);
}

/* The first match comes before the guest gets to write the period. */
static void test_late_period(void)
{
	start();
	set(CONFIG, 3);
	run_for(50 * MS);
	set32(TN_CONFIG(0), ENABLE | PERIODIC | SET_VALUE | BITS32);
	set32(TN_VALUE(0), 5100000);
	stall_for(5 * MS + 100);
	set32(TN_VALUE(0), 100000);
	CHECK_EQ(get(TN_VALUE(0)), 5600000);
	take_edges(&hpet_line[0]);
	run_for(10 * MS);
	CHECK_EQ(take_edges(&hpet_line[0]), 10);
}

/* The shortest period leaves the guest time to run, and the timer does not lose itself. */
static void test_short_period(void)
{
	start_periodic(1, 1);
	run_for(100 * TIMER_MIN_PERIOD_NS);
	CHECK_EQ(take_edges(&hpet_line[0]), 100);
	CHECK(get(TN_VALUE(0)) > get(COUNTER));
	set32(TN_CONFIG(0), ENABLE | PERIODIC | SET_VALUE);
	set(TN_VALUE(0), 0); /* a period of 0 does nothing */
	run_for(MS);
	CHECK(take_edges(&hpet_line[0]) <= 1);
}

int main(void)
{
	CHECK_EQ(hpet_init(), 0);
	test_registers();
	test_counter();
	test_one_shot();
	test_32_bits();
	test_level();
	test_legacy();
	test_periodic();
	test_catch_up();
	test_late_period();
	test_short_period();
	set(CONFIG, 3);
	reset_devices();
	CHECK(get(CONFIG) == 0 && !hpet_legacy && get(TN_VALUE(0)) == UINT64_MAX);
	return report();
}
