/*
 * Reset, power and the A20 gate: port 92 and the reset control register at CF9 (Intel 82371SB data sheet, 2.5.5, 2.5.7).
 */
#include <stddef.h>
#include <stdint.h>

#include "hw/apic/lapic.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/layout.h"
#include "hw/power.h"
#include "hw/reset.h"

#define PORT_92 0x92
#define P92_INIT 0x01
#define P92_A20 0x02

#define CF9_HARD 0x02
#define CF9_RESET 0x04
#define CF9_WRITABLE 0x0e

static struct {
	struct cpu *cpu;
	bool a20;
	uint8_t port92, cf9;
} power;

void power_off(void)
{
	cpu_request(power.cpu, PEND_OFF);
}

void power_reset(void)
{
	cpu_request(power.cpu, PEND_RESET);
}

void power_init_cpu(void)
{
	lapic_init_signal(power.cpu);
	cpu_request(power.cpu, PEND_INIT);
}

void power_set_a20(bool on)
{
	if (on == power.a20)
		return;
	power.a20 = on;
	cpu_set_a20(power.cpu, on);
}

bool power_a20(void)
{
	return power.a20;
}

static uint32_t port92_read(void *ctx, uint16_t port, int size)
{
	(void)ctx;
	(void)port;
	(void)size;
	return power.port92 | (power.a20 ? P92_A20 : 0);
}

/* Bit 0 acts when it goes from 0 to 1. */
static void port92_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	bool rises = value & ~power.port92 & P92_INIT;

	(void)ctx;
	(void)port;
	(void)size;
	power.port92 = (uint8_t)value & ~P92_A20;
	power_set_a20(value & P92_A20);
	if (rises)
		power_init_cpu();
}

static uint32_t cf9_read(void *ctx, uint16_t port, int size)
{
	(void)ctx;
	(void)port;
	(void)size;
	return power.cf9;
}

static void cf9_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	bool rises = value & ~power.cf9 & CF9_RESET;

	(void)ctx;
	(void)port;
	(void)size;
	power.cf9 = value & CF9_WRITABLE;
	if (!rises)
		return;
	if (value & CF9_HARD)
		power_reset();
	else
		power_init_cpu();
}

static void reset(void *ctx)
{
	(void)ctx;
	power.port92 = 0;
	power.cf9 = 0;
	power_set_a20(true);
}

int reset_init(struct cpu *cpu)
{
	static const struct port_ops ops92 = { port92_read, port92_write, 1 };
	static const struct port_ops ops_cf9 = { cf9_read, cf9_write, 1 };
	int err;

	power.cpu = cpu;
	power.a20 = cpu->a20;
	reset(NULL);
	board_on_reset(reset, NULL);
	err = bus_add_ports(PORT_92, 1, &ops92, NULL);
	return err ? err : bus_add_ports(LAYOUT_PORT_RESET, 1, &ops_cf9, NULL);
}
