/*
 * A CPU as the board sees it: its inputs, recorded.
 */
#ifndef TESTS_HW_CPU_H
#define TESTS_HW_CPU_H

#include "translator/cpu.h"

static struct cpu the_cpu;
static bool intr;      /* level of INTR */
static unsigned nmis;
static uint32_t requests; /* PEND_xxx since the last take_requests() */

void cpu_set_intr(struct cpu *cpu, bool level) { (void)cpu, intr = level; }
void cpu_pulse_nmi(struct cpu *cpu) { (void)cpu, nmis++; }
void cpu_request(struct cpu *cpu, uint32_t bit) { (void)cpu, requests |= bit; }
void cpu_set_a20(struct cpu *cpu, bool on) { cpu->a20 = on; }

static inline uint32_t take_requests(void)
{
	uint32_t r = requests;

	requests = 0;
	return r;
}

#endif
