// SOURCES: hw/pm.c hw/timer.c hw/bus_ports.c hw/bus_memory.c
/*
 * Power management (Intel 82371AB data sheet, 7.2; ACPI specification, 4.8): the timer, PM1 events and their SCI, sleep, GPE0, SMI command.
 */
#include "hw/layout.h"
#include "hw/pm.h"
#include "hw/power.h"
#include "tests/unit/hw_lines.h"
#include "tests/unit/hw_model.h"

#define HZ 3579545u
#define STATUS 0x600
#define ENABLE 0x602
#define CONTROL 0x604
#define TIMER 0x608

static unsigned power_offs;
void board_power_off(void) { power_offs++; }

static uint16_t in16(uint16_t port) { return (uint16_t)bus_port_read(port, 2); }
static uint32_t in32(uint16_t port) { return bus_port_read(port, 4); }
static void out16(uint16_t port, uint16_t value) { bus_port_write(port, 2, value); }
static bool sci(void) { return isa_line[9].level; }

/* To the tick of the timer clock since power-on. */
static void run_to(uint64_t tick) { run_for(ticks_to_ns(tick, HZ) - host_clock.now); }

static void test_timer(void)
{
	CHECK_EQ(in32(TIMER), 0);
	run_to(0x123456);
	CHECK_EQ(in32(TIMER), 0x123456);
	CHECK(in16(TIMER) == 0x3456 && in16(TIMER + 2) == 0x12 && in(TIMER + 1) == 0x34 && in(TIMER + 3) == 0);
	bus_port_write(TIMER, 4, 0); /* read only */
	CHECK_EQ(in32(TIMER), 0x123456);
	CHECK(in16(STATUS) == 0);
	run_to(0x7fffff);
	CHECK(in16(STATUS) == 0);
	run_to(0x800000);
	CHECK_EQ(in16(STATUS), 1); /* the highest bit changes */
	out16(STATUS, 1);
	CHECK_EQ(in16(STATUS), 0);
	run_to(0x1000000 + 5);
	CHECK_EQ(in32(TIMER), 5); /* 24 bits */
	CHECK_EQ(in16(STATUS), 1);
	out(STATUS, 1);
	CHECK_EQ(in16(STATUS), 0);
}

static void test_sci(void)
{
	out16(ENABLE, 0xffff);
	CHECK_EQ(in16(ENABLE), 0x0521);
	out16(ENABLE, 1);
	CHECK_EQ(in32(STATUS), 0x00010000);
	run_to(0x1800000);
	CHECK(in16(STATUS) == 1 && !sci()); /* not in ACPI mode */
	out(LAYOUT_PORT_SMI_CMD, LAYOUT_ACPI_ENABLE);
	CHECK(in16(CONTROL) == 1 && sci());
	out16(CONTROL, 0); /* SCI_EN is not the guest's */
	CHECK(in16(CONTROL) == 1 && sci());
	out16(STATUS, 0xfffe);
	CHECK(sci());
	out16(STATUS, 1);
	CHECK(!sci());
	run_to(0x2000000 - 1);
	CHECK(!sci());
	run_to(0x2000000);
	CHECK(sci()); /* by the deadline: nobody looked */
	out16(ENABLE, 0);
	CHECK(!sci());
	out16(STATUS, 0xffff);
	out(ENABLE + 1, 0x01);
	CHECK_EQ(in16(ENABLE), 0x0100);
	pm_power_button();
	CHECK(sci() && in(STATUS + 1) == 1);
	out(STATUS, 0xff); /* half a register leaves the other */
	CHECK(sci());
	out(STATUS + 1, 0x01);
	CHECK(!sci() && in16(STATUS) == 0);
	pm_power_button();
	out(LAYOUT_PORT_SMI_CMD, LAYOUT_ACPI_DISABLE);
	CHECK(in16(CONTROL) == 0 && !sci() && in(LAYOUT_PORT_SMI_CMD) == LAYOUT_ACPI_DISABLE);
	out16(STATUS, 0xffff);
	out(LAYOUT_PORT_SMI_CMD + 1, 0x77);
	CHECK_EQ(in(LAYOUT_PORT_SMI_CMD + 1), 0x77);
}

static void test_accesses(void)
{
	out16(ENABLE, 0x0521);
	CHECK_EQ(in16(ENABLE - 1), 0x2100); /* across two registers */
	CHECK_EQ(in32(STATUS + 1), 0x00052100);
	CHECK_EQ(bus_port_read(STATUS + 0x10, 4), 0);
	out16(ENABLE, 0);
	for (uint16_t port = 0x600; port < 0x640; port++)
		(void)in32(port);
	CHECK_EQ(in(0x640), 0xff);
}

static void test_sleep(void)
{
	out16(CONTROL, 0x1c02);
	CHECK_EQ(in16(CONTROL), 0x1c02);
	out16(CONTROL, 0x2000 | 5 << 10); /* no such state */
	CHECK_EQ(power_offs, 0);
	out16(CONTROL, LAYOUT_SLP_TYP_S5 << 10);
	CHECK_EQ(power_offs, 0);
	out16(CONTROL, 0x2000 | LAYOUT_SLP_TYP_S5 << 10);
	CHECK_EQ(power_offs, 1);
	CHECK_EQ(in16(CONTROL), 0); /* SLP_EN reads zero */
	out(CONTROL + 1, 0x20);
	CHECK_EQ(power_offs, 2);
	out(CONTROL, 0x02);
	CHECK_EQ(power_offs, 2);
}

static void test_gpe(void)
{
	CHECK_EQ(in32(LAYOUT_PORT_GPE0), 0);
	bus_port_write(LAYOUT_PORT_GPE0, 4, 0x1234ffff);
	CHECK_EQ(in32(LAYOUT_PORT_GPE0), 0x12340000);
	CHECK(!sci());
}

int main(void)
{
	CHECK_EQ(pm_init(), 0);
	test_timer();
	test_sci();
	test_accesses();
	test_sleep();
	test_gpe();
	out16(ENABLE, 0x0100);
	out(LAYOUT_PORT_SMI_CMD, LAYOUT_ACPI_ENABLE);
	pm_power_button();
	reset_devices();
	CHECK(in32(STATUS) == 0 && in16(CONTROL) == 0 && in32(LAYOUT_PORT_GPE0) == 0 && !sci());
	return report();
}
