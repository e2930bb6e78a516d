/*
 * The PC's way to report x87 errors (IBM PC AT Technical Reference, math coprocessor): the rising edge of FERR# sets a latch that drives
 * IRQ 13, a write to port F0 clears it.
 */
#include <stddef.h>

#include "hw/board.h"
#include "hw/bus.h"
#include "hw/irq.h"
#include "translator/board.h"

#define PORT_CLEAR 0xf0
#define IRQ_FERR 13

static bool ferr; /* level of the CPU's output */

void board_ferr(struct cpu *cpu, bool level)
{
	(void)cpu;
	if (level == ferr)
		return;
	ferr = level;
	irq_set_isa(IRQ_FERR, level);
}

static void clear_latch(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx;
	(void)port;
	(void)size;
	(void)value;
	irq_set_isa(IRQ_FERR, false);
}

static void reset(void *ctx)
{
	(void)ctx;
	ferr = false;
	irq_set_isa(IRQ_FERR, false);
}

int ferr_init(void)
{
	static const struct port_ops ops = { NULL, clear_latch, 1 };

	reset(NULL);
	board_on_reset(reset, NULL);
	return bus_add_ports(PORT_CLEAR, 1, &ops, NULL);
}
