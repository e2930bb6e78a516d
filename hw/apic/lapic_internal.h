/*
 * State of a local APIC, shared by its two files: lapic.c and lapic_timer.c.
 */
#ifndef HW_APIC_LAPIC_INTERNAL_H
#define HW_APIC_LAPIC_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/timer.h"
#include "translator/cpu.h"

#define LAPIC_MAX 64

#define SVR_ENABLE 0x100u

/* In the order of their registers. */
enum { LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1, LVT_ERROR, LVT_COUNT };
#define LVT_MODE(v) ((v) >> 8 & 7)
#define LVT_REMOTE_IRR 0x4000u
#define LVT_LEVEL 0x8000u
#define LVT_MASKED 0x10000u
#define LVT_PERIODIC 0x20000u

struct lapic {
	struct cpu *cpu;
	bool hw_enabled; /* IA32_APIC_BASE bit 11 */
	uint64_t base;
	int region;      /* bus handle of the register page */
	uint8_t id, tpr, sipi_vector;
	bool extint_message; /* an IOAPIC entry in ExtINT mode fired */
	uint32_t ldr, dfr, svr, esr, esr_pending, icr, icr_high;
	uint32_t lvt[LVT_COUNT];
	uint32_t irr[8], isr[8], tmr[8];

	/* The timer counts down from timer_initial since timer_start; 0: stopped. */
	uint32_t timer_initial, timer_divider;
	uint64_t timer_start; /* ns */
	uint64_t timer_fired; /* periods for which an interrupt was given */
	struct timer timer;
};

/* Puts a vector into IRR; false when the APIC is off. */
bool lapic_accept(struct lapic *l, uint8_t vector, bool level);
/* Notes an error for ESR and gives the error interrupt. */
void lapic_error(struct lapic *l, uint32_t bit);

void lapic_timer_init(struct lapic *l);
void lapic_timer_reset(struct lapic *l);
/* The initial-count and divide-configuration registers are written. */
void lapic_timer_start(struct lapic *l, uint32_t count);
void lapic_timer_set_divider(struct lapic *l, uint32_t value);
uint32_t lapic_timer_current(const struct lapic *l);
/* Before and after the timer's LVT entry changes. */
void lapic_timer_sync(struct lapic *l);
void lapic_timer_arm(struct lapic *l);

#endif
