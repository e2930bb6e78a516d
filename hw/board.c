/*
 * The board put together, and the board as the CPU sees it (translator/board.h).
 */
#include "hw/board.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "arch/loongarch/host.h"
#include "hw/apic/lapic.h"
#include "hw/bus.h"
#include "hw/gmem.h"
#include "hw/irq.h"
#include "hw/kbc.h"
#include "hw/memmap.h"
#include "hw/reset.h"
#include "hw/timer.h"
#include "translator/board.h"

#define MAX_RESETS 64

static struct {
	void (*fn)(void *ctx);
	void *ctx;
} resets[MAX_RESETS];
static unsigned nresets;

uint32_t board_port_read(struct cpu *cpu, uint16_t port, int size)
{
	cpu->stats[STAT_PORT]++;
	return bus_port_read(port, size);
}

void board_port_write(struct cpu *cpu, uint16_t port, int size, uint32_t value)
{
	cpu->stats[STAT_PORT]++;
	bus_port_write(port, size, value);
}

/* Each CPU sees its own local APIC at the same address, so that page is looked at before the bus. */
uint64_t board_mmio_read(struct cpu *cpu, uint64_t gpa, int size)
{
	cpu->stats[STAT_MMIO]++;
	return lapic_decodes(cpu, gpa) ? lapic_read(cpu, gpa, size) : bus_mmio_read(gpa, size);
}

void board_mmio_write(struct cpu *cpu, uint64_t gpa, int size, uint64_t value)
{
	cpu->stats[STAT_MMIO]++;
	if (lapic_decodes(cpu, gpa))
		lapic_write(cpu, gpa, size, value);
	else
		bus_mmio_write(gpa, size, value);
}

void board_resolve(uint64_t gpa, struct phys_page *out)
{
	bus_resolve(gpa, out);
}

int board_int_ack(struct cpu *cpu)
{
	return lapic_ack(cpu);
}

void board_poll(struct cpu *cpu)
{
	(void)cpu;
	irq_poll();
}

void board_idle(struct cpu *cpu)
{
	(void)cpu;
	irq_wait();
	irq_poll();
}

void board_apic_base_changed(struct cpu *cpu)
{
	lapic_base_changed(cpu);
}

bool board_apic_read(struct cpu *cpu, unsigned reg, uint64_t *value)
{
	return x2apic_read(cpu, reg, value);
}

bool board_apic_write(struct cpu *cpu, unsigned reg, uint64_t value)
{
	return x2apic_write(cpu, reg, value);
}

uint64_t board_tsc_deadline(struct cpu *cpu)
{
	return lapic_tsc_deadline(cpu);
}

void board_set_tsc_deadline(struct cpu *cpu, uint64_t deadline)
{
	lapic_set_tsc_deadline(cpu, deadline);
}

void board_tsc_changed(struct cpu *cpu)
{
	lapic_tsc_changed(cpu);
}

unsigned board_task_priority(struct cpu *cpu)
{
	return lapic_tpr(cpu) >> 4;
}

void board_set_task_priority(struct cpu *cpu, unsigned priority)
{
	lapic_set_tpr(cpu, (uint8_t)(priority << 4));
}

uint64_t board_tsc(void)
{
	return clock_ns();
}

uint64_t board_tsc_hz(void)
{
	return NS_PER_SEC;
}

uint64_t board_tsc_per_tick(void)
{
	return NS_PER_SEC % host.counter_hz ? 0 : NS_PER_SEC / host.counter_hz;
}

void board_on_reset(void (*fn)(void *ctx), void *ctx)
{
	if (nresets == MAX_RESETS) {
		printf("board: more than %d devices to reset\n", MAX_RESETS);
		return;
	}
	resets[nresets].fn = fn;
	resets[nresets++].ctx = ctx;
}

/* The CPU first: its local APIC sets IA32_APIC_BASE. */
void board_reset(struct cpu *cpu)
{
	cpu_reset(cpu);
	for (unsigned i = 0; i < nresets; i++)
		resets[i].fn(resets[i].ctx);
}

static int init_with_cpu(struct cpu *cpu)
{
	int err = memmap_init();

	gmem_init(cpu);
	if (err >= 0)
		err = irq_init();
	if (err >= 0)
		err = lapic_init(cpu);
	if (err >= 0)
		err = pic_init(cpu);
	if (err >= 0)
		err = reset_init(cpu);
	return err;
}

int board_init(struct cpu *cpu)
{
	static const struct {
		const char *name;
		int (*init)(void);
	} devices[] = {
		{ "I/O APIC", ioapic_init },
		{ "8254", pit_init },
		{ "RTC", rtc_init },
		{ "HPET", hpet_init },
		{ "power management", pm_init },
		{ "x87 error output", ferr_init },
		{ "keyboard controller", kbc_init },
		{ "fw_cfg", fwcfg_init },
		{ "debug ports", debugport_init },
		{ "PCI host bridge", pcihost_init },
		{ "serial port", serial_init },
		{ "passthrough", passthrough_init },
		{ "guest firmware", firmware_init },
	};
	int err;

	host_timer_set_handler(timers_run);
	err = init_with_cpu(cpu);
	if (err < 0) {
		printf("board: memory map and interrupt controllers: error %d\n", err);
		return err;
	}
	for (unsigned i = 0; i < sizeof devices / sizeof devices[0]; i++) {
		err = devices[i].init();
		if (err < 0) {
			printf("board: %s: error %d\n", devices[i].name, err);
			return err;
		}
	}
	return 0;
}
