// SOURCES: hw/rtc.c hw/rtc_date.c hw/cmos.c hw/timer.c hw/bus_ports.c hw/bus_memory.c
/*
 * The real-time clock (Motorola MC146818A data sheet): calendar and formats, setting, update, alarm and periodic interrupts, register C.
 */
#include "hw/rtc_date.h"
#include "tests/unit/hw_lines.h"
#include "tests/unit/hw_model.h"

#define START 951782399u /* 2000-02-28 23:59:59, a Monday */
#define SECOND NS_PER_SEC

struct ram_map board_ram = { 3, { { 0, 256 << 20 }, { 2ull << 30, 1 << 30 }, { 4ull << 30, 5ull << 30 } } };
uint64_t host_wall_seconds(void) { return START; }

static uint8_t get(uint8_t reg)
{
	out(0x70, reg);
	return in(0x71);
}

static void set(uint8_t reg, uint8_t value)
{
	out(0x70, reg);
	out(0x71, value);
}

static unsigned irqs(void) { return take_edges(&isa_line[8]); }

static void test_cmos(void)
{
	CHECK_EQ(in(0x70), 0xff);
	CHECK_EQ(get(0x0d), 0x80);
	CHECK(get(0x15) == 0x80 && get(0x16) == 0x02);
	CHECK_EQ(get(0x34) | get(0x35) << 8, (256 - 16) * 16);
	CHECK_EQ(get(0x5b) | get(0x5c) << 8 | get(0x5d) << 16, 5 * 16384);
	set(0x40 | 0x80, 0x5a); /* bit 7 only masks NMI */
	CHECK_EQ(get(0x40), 0x5a);
	set(0x0d, 0);
	CHECK_EQ(get(0x0d), 0x80);
}

static void test_calendar(void)
{
	run_for(SECOND - 1);
	CHECK(get(0) == 0x59 && get(2) == 0x59 && get(4) == 0x23);
	CHECK(get(6) == 2 && get(7) == 0x28 && get(8) == 2 && get(9) == 0 && get(0x32) == 0x20);
	run_for(1);
	CHECK(get(0) == 0 && get(2) == 0 && get(4) == 0);
	CHECK(get(6) == 3 && get(7) == 0x29 && get(8) == 2);
	run_for(86400 * SECOND);
	CHECK(get(7) == 1 && get(8) == 3 && get(6) == 4);
	set(0x0b, 0x04); /* binary, 12 hours */
	CHECK(get(4) == 12);
	run_for(13 * 3600 * SECOND);
	CHECK(get(4) == 0x81);
	run_for(9 * 3600 * SECOND);
	CHECK(get(4) == 0x8a);
	set(0x0b, 0x00);
	CHECK(get(4) == 0x90);
	set(0x0b, 0x02);
	CHECK(get(4) == 0x22);
}

static void test_set(void)
{
	static const uint8_t regs[] = { 0, 2, 4, 7, 8, 9, 0x32 }, values[] = { 0x58, 0x59, 0x23, 0x31, 0x12, 0x99, 0x19 };

	set(0x0b, 0x92); /* stopped; SET clears UIE */
	CHECK_EQ(get(0x0b), 0x82);
	for (unsigned i = 0; i < sizeof regs; i++)
		set(regs[i], values[i]);
	run_for(10 * SECOND);
	CHECK_EQ(get(0), 0x58);
	CHECK(!(get(0x0a) & 0x80));
	set(0x0b, 0x02);
	run_for(2 * SECOND);
	CHECK(get(0) == 0 && get(4) == 0 && get(7) == 1 && get(8) == 1 && get(9) == 0 && get(0x32) == 0x20 && get(6) == 7);
	set(2, 0x30); /* while it runs */
	run_for(SECOND);
	CHECK(get(0) == 1 && get(2) == 0x30);
	set(0x0b, 0x82);
	set(9, 0xff), set(8, 0xff), set(7, 0xff), set(0x32, 0xff); /* nonsense is survived */
	set(0x0b, 0x02);
	run_for(SECOND);
	(void)get(9);
	set(8, 0x00);
	set(8, 0x06), set(9, 0x24), set(7, 0x10), set(0x32, 0x20);
	CHECK(get(8) == 6 && get(9) == 0x24);
	set(0x0a, 0x76); /* divider in reset; the first second after it is half a one */
	run_for(5 * SECOND / 4);
	set(0x0a, 0x26);
	uint8_t before = get(0);
	run_for(SECOND / 2 - 1);
	CHECK_EQ(get(0), before);
	CHECK(get(0x0a) == 0xa6);
	run_for(1);
	CHECK(get(0) != before && get(0x0a) == 0x26);
	run_for(SECOND - 245000);
	CHECK(get(0x0a) == 0x26);
	run_for(2000);
	CHECK(get(0x0a) == 0xa6); /* update in progress, 244 us before the second ends */
	run_for(243000);
	CHECK(get(0x0a) == 0x26);
}

static void test_update(void)
{
	run_for(2 * SECOND);
	(void)get(0x0c);
	CHECK(get(0x0c) == 0);
	run_for(SECOND);
	CHECK_EQ(get(0x0c) & ~0x40, 0x10); /* the flag comes without its enable; IRQF does not */
	irqs();
	set(0x0b, 0x12);
	run_for(3 * SECOND);
	CHECK(irqs() == 1 && isa_line[8].level); /* until register C is read */
	CHECK_EQ(get(0x0c) & ~0x40, 0x90);
	CHECK(!isa_line[8].level && get(0x0c) == 0);
	run_for(SECOND);
	CHECK(isa_line[8].level);
	set(0x0b, 0x02); /* IRQF is the flags with their enables */
	CHECK(!isa_line[8].level);
	set(0x0b, 0x12);
	CHECK(isa_line[8].level);
	(void)get(0x0c);
	set(0x0b, 0x02);
}

static void test_alarm(void)
{
	set(0x0b, 0x82);
	set(0, 0), set(2, 0), set(4, 0x10);
	set(0x0b, 0x02);
	run_for(10 * SECOND); /* 10:00:10 */
	set(1, 0x05), set(3, 0x00), set(5, 0x10); /* a time that is over */
	(void)get(0x0c);
	irqs();
	set(0x0b, 0x22);
	run_for(60 * SECOND);
	CHECK_EQ(irqs(), 0);
	set(0x0b, 0x02);
	run_for(10 * SECOND);
	set(1, 0x15), set(3, 0x01); /* 10:01:15, over since 5 s, and nobody looked in between */
	set(0x0b, 0x22);
	CHECK_EQ(irqs(), 0);
	set(1, 0x30);
	run_for(9 * SECOND);
	CHECK_EQ(irqs(), 0);
	run_for(SECOND);
	CHECK(irqs() == 1 && (get(0x0c) & 0xb0) == 0xb0);
	run_for(86400 * SECOND - 1);
	CHECK_EQ(irqs(), 0);
	run_for(1);
	CHECK_EQ(irqs(), 1);
	(void)get(0x0c);
	set(3, 0xc0), set(5, 0xff); /* every minute */
	for (int i = 0; i < 5; i++) {
		run_for(60 * SECOND);
		CHECK(irqs() == 1 && get(0x0c) & 0x20);
	}
	set(0x0b, 0x02);
}

static void test_periodic(void)
{
	static const struct { uint8_t rate; unsigned hz; } rates[] = { { 1, 256 }, { 2, 128 }, { 3, 8192 }, { 6, 1024 }, { 15, 2 } };

	for (unsigned i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		unsigned n = 0;

		set(0x0a, 0x20 | rates[i].rate);
		set(0x0b, 0x42);
		(void)get(0x0c);
		irqs();
		for (unsigned k = 0; k < rates[i].hz; k++) {
			run_for((k + 1) * SECOND / rates[i].hz - k * SECOND / rates[i].hz + (k == 0));
			n += irqs();
			CHECK_EQ(get(0x0c) & 0xc0, 0xc0);
		}
		CHECK_EQ(n, rates[i].hz);
	}
	irqs();
	run_for(10 * SECOND);
	CHECK_EQ(irqs(), 1); /* without a read of register C there is no second one */
	set(0x0a, 0x20);
	(void)get(0x0c);
	run_for(10 * SECOND);
	CHECK_EQ(irqs(), 0);
	set(0x0a, 0x26);
	set(0x0b, 0x02);
	(void)get(0x0c);
	run_for(SECOND);
	CHECK(irqs() == 0 && (get(0x0c) & 0xc0) == 0x40);
}

int main(void)
{
	CHECK_EQ(rtc_init(), 0);
	test_cmos();
	test_calendar();
	test_set();
	test_update();
	test_alarm();
	test_periodic();
	set(0x0b, 0x72);
	run_for(SECOND);
	CHECK(isa_line[8].level);
	reset_devices();
	CHECK(!isa_line[8].level && get(0x0b) == 0x02 && get(0x40) == 0x5a); /* the memory stays */
	return report();
}
