/*
 * Reset, power and the A20 gate: port 92 (Intel 82371SB data sheet, 2.5.5). The reset control register at CF9 is hw/piix.c's.
 */
#include <stddef.h>
#include <stdint.h>

#include "hw/apic/lapic.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/power.h"
#include "hw/reset.h"

#define PORT_92 0x92
#define P92_INIT 0x01
#define P92_A20 0x02

static struct {
	struct cpu *cpu;
	bool a20;
	uint8_t port92;
} power;

void board_power_off(void)
{
	cpu_request(power.cpu, PEND_OFF);
}

void board_power_reset(void)
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

static void reset(void *ctx)
{
	(void)ctx;
	power.port92 = 0;
	power_set_a20(true);
}

int reset_init(struct cpu *cpu)
{
	static const struct port_ops ops92 = { port92_read, port92_write, 1 };

	power.cpu = cpu;
	power.a20 = cpu->a20;
	reset(NULL);
	board_on_reset(reset, NULL);
	return bus_add_ports(PORT_92, 1, &ops92, NULL);
}
