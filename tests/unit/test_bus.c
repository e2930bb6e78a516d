// SOURCES: hw/bus_ports.c hw/bus_memory.c hw/timer.c
/*
 * The two buses and the queue of deadlines: who answers, how accesses are split, what lies on top, and in which order timers fire.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/hw_model.h"

/* ---- ports ---- */

static char log_text[256];

static void note(char what, uint16_t port, int size, uint32_t value)
{
	size_t n = strlen(log_text);

	snprintf(log_text + n, sizeof log_text - n, "%c%x/%d=%x ", what, port, size, value);
}

static bool logged(const char *expected)
{
	bool same = !strcmp(log_text, expected);

	if (!same)
		printf("%s, not %s\n", log_text, expected);
	log_text[0] = 0;
	return same;
}

/* The context is the byte that reads at each port. */
static uint32_t port_read(void *ctx, uint16_t port, int size)
{
	note('r', port, size, 0);
	return (uint32_t)(uintptr_t)ctx * 0x01010101u;
}

static void port_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx;
	note('w', port, size, value);
}

static const struct port_ops any = { port_read, port_write, 0 }, bytes = { port_read, port_write, 1 }, words = { port_read, port_write, 2 };
static const struct port_ops write_only = { NULL, port_write, 0 }, read_only = { port_read, NULL, 0 };

static void test_ports(void)
{
	CHECK(bus_port_read(0x100, 1) == 0xff && bus_port_read(0x100, 2) == 0xffff && bus_port_read(0x100, 4) == 0xffffffff);
	bus_port_write(0x100, 4, 1);
	CHECK_EQ(bus_add_ports(0x100, 8, &any, (void *)0x11), 0);
	CHECK(bus_port_read(0x100, 4) == 0x11111111 && logged("r100/4=0 "));
	CHECK(bus_port_read(0x101, 1) == 0x11 && logged("r101/1=0 "));
	bus_port_write(0x102, 2, 0xabcd1234);
	CHECK(logged("w102/2=1234 "));
	CHECK(bus_port_read(0x106, 4) == 0xffff1111 && logged("r106/2=0 ")); /* half of it is nobody's */
	CHECK(bus_port_read(0x107, 2) == 0xff11 && logged("r107/1=0 "));
	bus_port_write(0xff, 2, 0x4321);
	CHECK(logged("w100/1=43 "));
	CHECK_EQ(bus_add_ports(0x200, 4, &bytes, (void *)0x22), 0);
	bus_port_write(0x200, 4, 0x44332211);
	CHECK(logged("w200/1=11 w201/1=22 w202/1=33 w203/1=44 "));
	CHECK_EQ(bus_add_ports(0x204, 4, &words, (void *)0x33), 0);
	CHECK(bus_port_read(0x204, 4) == 0x33333333 && logged("r204/2=0 r206/2=0 "));
	CHECK(bus_port_read(0x202, 4) == 0x33332222 && logged("r202/1=0 r203/1=0 r204/2=0 "));
	CHECK_EQ(bus_add_ports(0x300, 1, &write_only, NULL), 0);
	CHECK_EQ(bus_add_ports(0x301, 1, &read_only, (void *)0x44), 0);
	CHECK_EQ(bus_port_read(0x300, 1), 0xff);
	bus_port_write(0x300, 2, 0x0201);
	CHECK(logged("w300/1=1 "));
	CHECK_EQ(bus_add_ports(0xfffe, 8, &any, (void *)0x55), 0); /* cut at the end */
	CHECK(bus_port_read(0xffff, 2) == 0xff55 && bus_port_read(0, 1) == 0xff && logged("rffff/1=0 "));
}

/* The later claim wins; when it goes, the one below is back. */
static void test_overlap(void)
{
	CHECK_EQ(bus_add_ports(0x102, 2, &any, (void *)0x66), 0);
	CHECK(bus_port_read(0x100, 4) == 0x66661111 && logged("r100/2=0 r102/2=0 "));
	bus_remove_ports(0x102, 2, (void *)0x99); /* not whose it is */
	CHECK_EQ(bus_port_read(0x102, 1), 0x66);
	bus_remove_ports(0x102, 2, (void *)0x66);
	CHECK_EQ(bus_port_read(0x102, 1), 0x11);
	bus_remove_ports(0x100, 8, (void *)0x11);
	CHECK_EQ(bus_port_read(0x102, 1), 0xff);
	log_text[0] = 0;
	int n = 0;
	while (n < 1000 && bus_add_ports((uint16_t)(0x1000 + n), 1, &any, (void *)0x77) == 0)
		n++;
	CHECK(n > 200 && n < 256);
	CHECK_EQ(bus_add_ports(0x4000, 1, &any, NULL), -ENOMEM);
	for (int i = 0; i < n; i++)
		bus_remove_ports((uint16_t)(0x1000 + i), 1, (void *)0x77);
	CHECK_EQ(bus_port_read(0x1000, 1), 0xff);
}

/* ---- memory ---- */

static uint64_t mmio_read(void *ctx, uint64_t gpa, int size)
{
	(void)size;
	return (uint64_t)(uintptr_t)ctx << 32 | (gpa & 0xfff);
}

static uint64_t written;
static void mmio_write(void *ctx, uint64_t gpa, int size, uint64_t value)
{
	(void)ctx;
	(void)gpa;
	(void)size;
	written = value;
}

static const struct mmio_ops mmio = { mmio_read, mmio_write };

static struct phys_page at(uint64_t gpa)
{
	struct phys_page page;

	bus_resolve(gpa, &page);
	return page;
}

static void test_memory(void)
{
	unsigned changes = map_changes;
	int ram, rom, device;

	CHECK(at(0x1000).kind == PAGE_MMIO && bus_mmio_read(0x1000, 8) == UINT64_MAX && bus_mmio_read(0x1000, 2) == 0xffff);
	ram = bus_add_memory(0, 0x100000, PAGE_RAM, 0x90000000, NULL, NULL);
	rom = bus_add_memory(0xf0000, 0x20000, PAGE_ROM, 0x80000000, NULL, NULL);
	device = bus_add_memory(0xff000, 0x1000, PAGE_MMIO, 0, &mmio, (void *)7);
	CHECK(ram >= 0 && rom >= 0 && device >= 0 && map_changes == changes + 3);
	CHECK(at(0xeffff).kind == PAGE_RAM && at(0xeffff).host_pa == 0x900ef000);
	CHECK(at(0xf1234).kind == PAGE_ROM && at(0xf1234).host_pa == 0x80001000);
	CHECK(at(0xff004).kind == PAGE_MMIO && bus_mmio_read(0xff004, 8) == 0x700000004 && bus_mmio_read(0xff004, 4) == 4);
	bus_mmio_write(0xff000, 4, 0x1234);
	CHECK_EQ(written, 0x1234);
	CHECK(at(0x100000).kind == PAGE_ROM && at(0x100000).host_pa == 0x80010000 && at(0x110000).kind == PAGE_MMIO);
	bus_mmio_write(0x110000, 8, 1);
	bus_remove_memory(device);
	CHECK(at(0xff000).kind == PAGE_ROM);
	bus_remove_memory(rom);
	CHECK(at(0xff000).kind == PAGE_RAM && at(0x100000).kind == PAGE_MMIO);
	bus_remove_memory(rom);
	bus_remove_memory(-1);
	bus_remove_memory(100000);
	CHECK_EQ(map_changes, changes + 5);
	bus_remove_memory(ram);
	CHECK_EQ(bus_add_memory(0, 0, PAGE_RAM, 0, NULL, NULL), -EINVAL);
	CHECK_EQ(bus_add_memory(0x800, 0x1000, PAGE_RAM, 0, NULL, NULL), -EINVAL);
	CHECK_EQ(bus_add_memory(0, 0x1000, PAGE_RAM, 0x10, NULL, NULL), -EINVAL);
	CHECK_EQ(bus_add_memory(0 - 0x1000ull, 0x2000, PAGE_RAM, 0, NULL, NULL), -EINVAL);
	ram = bus_add_memory(0 - 0x1000ull, 0x1000, PAGE_RAM, 0x5000, NULL, NULL);
	CHECK(at(UINT64_MAX).host_pa == 0x5000);
	bus_remove_memory(ram);
}

/* Random regions against a look at each of 64 pages. */
static void test_random_memory(void)
{
	enum { PAGES = 64, LIVE = 12 };
	static struct { int handle; unsigned first, count, id, age; } live[LIVE];
	unsigned age = 0;

	srand(1);
	for (int step = 0; step < 500; step++) {
		unsigned i = (unsigned)rand() % LIVE;

		if (live[i].count)
			bus_remove_memory(live[i].handle);
		live[i].count = rand() % 4 ? 1 + (unsigned)rand() % 20 : 0;
		live[i].first = (unsigned)rand() % 40;
		live[i].age = ++age;
		if (live[i].count)
			live[i].handle = bus_add_memory(live[i].first << 12, live[i].count << 12, PAGE_RAM, (uint64_t)age << 24, NULL, NULL);
		bool right = true;
		for (unsigned page = 0; page < PAGES; page++) {
			uint64_t pa = 0;
			unsigned best = 0;

			for (unsigned k = 0; k < LIVE; k++)
				if (page - live[k].first < live[k].count && live[k].age > best)
					best = live[k].age, pa = ((uint64_t)best << 24) + ((uint64_t)(page - live[k].first) << 12);
			right &= at((uint64_t)page << 12).host_pa == pa;
		}
		CHECK(right);
	}
}

/* ---- deadlines ---- */

static char order[32];
static void fire(void *ctx) { strncat(order, ctx, 1); }
static struct timer again;
static void fire_again(void *ctx)
{
	fire(ctx);
	if (strlen(order) < 8)
		timer_set(&again, clock_ns() + 10);
}

static void test_timers(void)
{
	struct timer a, b, c;

	timer_init(&a, fire, "a");
	timer_init(&b, fire, "b");
	timer_init(&c, fire, "c");
	timer_init(&again, fire_again, "x");
	timer_set(&a, 300);
	timer_set(&b, 100);
	timer_set(&c, 200);
	CHECK_EQ(host_clock.deadline, 100);
	timer_set(&b, 250);
	CHECK_EQ(host_clock.deadline, 200);
	run_for(250);
	CHECK(!strcmp(order, "cb") && host_clock.deadline == 300);
	timer_cancel(&a);
	timer_cancel(&a);
	CHECK_EQ(host_clock.deadline, UINT64_MAX);
	order[0] = 0;
	timer_set(&again, 260);
	timer_set(&a, 260); /* of equals the first set comes first */
	run_for(1000);
	CHECK(!strcmp(order, "xaxxxxxx"));
	/* Conversions are exact over years, and a deadline is never before its tick. */
	for (uint64_t t = 1; t < 1ull << 50; t = t * 3 + 1) {
		CHECK_EQ(ns_to_ticks(ticks_to_ns(t, 1193182), 1193182), t);
		CHECK_EQ(ns_to_ticks(ticks_to_ns(t, 1193182) - 1, 1193182), t - 1);
	}
}

int main(void)
{
	test_ports();
	test_overlap();
	test_memory();
	test_random_memory();
	test_timers();
	return report();
}
