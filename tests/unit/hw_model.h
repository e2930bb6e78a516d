/*
 * A bench for the devices of the board: a clock that the test sets, hw/timer.c's queue on it, the real buses, and the list of resets.
 * A test names hw/timer.c, hw/bus_ports.c and hw/bus_memory.c among its SOURCES.
 */
#ifndef TESTS_HW_MODEL_H
#define TESTS_HW_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "arch/loongarch/host.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/timer.h"
#include "tests/unit/check.h"

/* ---- the clock: a host counter of 1 GHz ---- */

struct host host = { .counter_hz = NS_PER_SEC };
static struct {
	uint64_t now, deadline;
	uint64_t step; /* time that goes by whenever somebody looks */
} host_clock = { .deadline = UINT64_MAX };

uint64_t host_counter(void) { return host_clock.now += host_clock.step; }
void host_timer_arm(uint64_t deadline) { host_clock.deadline = deadline; }

/* Time goes by, and every deadline is served when it comes. */
static inline void run_for(uint64_t ns)
{
	uint64_t end = host_clock.now + ns;

	while (host_clock.deadline <= end) {
		if (host_clock.deadline > host_clock.now)
			host_clock.now = host_clock.deadline;
		timers_run();
	}
	host_clock.now = end;
}

/* Time goes by while the host is busy with something else; then what is due is served, once. */
static inline void stall_for(uint64_t ns)
{
	host_clock.now += ns;
	if (host_clock.deadline <= host_clock.now)
		timers_run();
}

/* ---- the board ---- */

static struct {
	void (*fn)(void *ctx);
	void *ctx;
} reset_list[16];
static unsigned reset_count;

void board_on_reset(void (*fn)(void *ctx), void *ctx)
{
	reset_list[reset_count].fn = fn;
	reset_list[reset_count++].ctx = ctx;
}

static inline void reset_devices(void)
{
	for (unsigned i = 0; i < reset_count; i++)
		reset_list[i].fn(reset_list[i].ctx);
}

static unsigned map_changes;
void mmu_phys_map_changed(void) { map_changes++; }

static inline uint8_t in(uint16_t port) { return (uint8_t)bus_port_read(port, 1); }
static inline void out(uint16_t port, uint8_t value) { bus_port_write(port, 1, value); }

#endif
