// SOURCES: hw/kbc.c hw/reset.c hw/timer.c hw/bus_ports.c hw/bus_memory.c
/*
 * The 8042 without devices (IBM PS/2 Technical Reference), and with port 92 the A20 gate and the CPU's reset.
 */
#include "hw/kbc.h"
#include "hw/power.h"
#include "hw/reset.h"
#include "tests/unit/hw_cpu.h"
#include "tests/unit/hw_lines.h"
#include "tests/unit/hw_model.h"

static unsigned inits; /* INIT signals at the local APIC */
void lapic_init_signal(struct cpu *cpu) { (void)cpu, inits++; }

static uint8_t command(uint8_t value)
{
	out(0x64, value);
	return in(0x64) & 1 ? in(0x60) : 0xee; /* 0xee: no answer */
}

static void command2(uint8_t value, uint8_t parameter)
{
	out(0x64, value);
	out(0x60, parameter);
}

/* Whether the CPU was reset since the last look. */
static bool cpu_was_reset(void)
{
	unsigned n = inits;

	inits = 0;
	CHECK_EQ(n != 0, take_requests() == PEND_INIT);
	return n != 0;
}

static void test_controller(void)
{
	CHECK_EQ(in(0x64), 0x18);
	CHECK_EQ(command(0xaa), 0x55);
	CHECK_EQ(in(0x64), 0x1c); /* SYSTEM: the self-test has passed */
	CHECK_EQ(command(0xab), 0);
	CHECK_EQ(command(0xa9), 0);
	CHECK_EQ(command(0xc0), 0x80);
	CHECK_EQ(command(0x20), 0x34);
	CHECK_EQ(command(0xae), 0xee);
	CHECK_EQ(command(0xa8), 0xee);
	CHECK_EQ(command(0x20), 0x04);
	CHECK(command(0xad) == 0xee && command(0xa7) == 0xee && command(0x20) == 0x34);
	command2(0x60, 0x03);
	CHECK(command(0x20) == 0x03 && !(in(0x64) & 4));
	CHECK(in(0x64) & 8); /* the last write was a command */
	command2(0x7f, 0x99);
	CHECK(command(0x3f) == 0x99 && command(0x20) == 0x03);
	CHECK_EQ(command(0x77), 0xee);
	out(0x64, 0xae); /* a command in place of the parameter: that one is forgotten */
	out(0x60, 0x12);
	(void)in(0x60);
	CHECK_EQ(command(0x37), 0);
}

static void test_devices(void)
{
	command2(0x60, 0x03); /* both interrupts on */
	take_edges(&isa_line[1]);
	out(0x60, 0xf4); /* to the keyboard: nobody answers */
	CHECK(isa_line[1].level && !isa_line[12].level);
	CHECK_EQ(in(0x64), 0x51);
	CHECK_EQ(in(0x60), 0xfe);
	CHECK(!isa_line[1].level && in(0x64) == 0x10);
	command2(0xd4, 0xf2); /* to the mouse */
	CHECK(isa_line[12].level && !isa_line[1].level && in(0x64) == 0x71);
	CHECK(in(0x60) == 0xfe && !isa_line[12].level);
	command2(0xd2, 0x1e);
	CHECK(isa_line[1].level && in(0x60) == 0x1e);
	command2(0xd3, 0x1f);
	CHECK(isa_line[12].level && in(0x64) == 0x31);
	command2(0x60, 0x00);
	CHECK(!isa_line[12].level && in(0x60) == 0x1f);
	out(0x60, 0xff);
	CHECK(!isa_line[1].level && in(0x60) == 0xfe);
}

static void test_a20(void)
{
	CHECK(the_cpu.a20 && in(0x92) == 2 && (command(0xd0) & 3) == 3);
	CHECK(command(0xdd) == 0xee && !the_cpu.a20 && in(0x92) == 0 && (command(0xd0) & 3) == 1);
	CHECK(command(0xdf) == 0xee && the_cpu.a20);
	command2(0xd1, 0x01);
	CHECK(!the_cpu.a20);
	command2(0xd1, 0xcf);
	CHECK(the_cpu.a20 && (command(0xd0) & 0xcf) == 0xcf);
	out(0x92, 0x00);
	CHECK(!the_cpu.a20 && !(command(0xd0) & 2)); /* one gate, two switches */
	out(0x92, 0x02);
	CHECK(the_cpu.a20 && !cpu_was_reset());
}

static void test_cpu_reset(void)
{
	out(0x64, 0xfe);
	CHECK(cpu_was_reset());
	out(0x64, 0xf1);
	out(0x64, 0xff);
	CHECK(!cpu_was_reset());
	command2(0xd1, 0x02);
	CHECK(cpu_was_reset() && the_cpu.a20);
	command2(0xd1, 0x03);
	CHECK(!cpu_was_reset());
	out(0x92, 0x03);
	CHECK(cpu_was_reset() && in(0x92) == 3);
	out(0x92, 0x03); /* only the rise acts */
	CHECK(!cpu_was_reset());
	out(0x92, 0x02);
	out(0x92, 0x03);
	CHECK(cpu_was_reset());
	board_power_reset();
	CHECK_EQ(take_requests(), PEND_RESET);
	board_power_off();
	CHECK_EQ(take_requests(), PEND_OFF);
}

int main(void)
{
	the_cpu.a20 = true;
	CHECK_EQ(reset_init(&the_cpu), 0);
	CHECK_EQ(kbc_init(), 0);
	test_controller();
	test_devices();
	test_a20();
	test_cpu_reset();
	out(0x92, 0);
	command2(0x60, 0x03);
	out(0x60, 0);
	reset_devices();
	CHECK(the_cpu.a20 && in(0x92) == 2 && in(0x64) == 0x18 && !isa_line[1].level);
	return report();
}
