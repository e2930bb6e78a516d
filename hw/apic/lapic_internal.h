/*
 * State of a local APIC, shared by its files.
 */
#ifndef HW_APIC_LAPIC_INTERNAL_H
#define HW_APIC_LAPIC_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/apic/lapic.h"
#include "hw/timer.h"
#include "translator/cpu.h"

#define LAPIC_MAX 64

#define SVR_ENABLE 0x100u
#define LAPIC_ICR_BITS 0x000ccfffu /* what can be written of the low half */
#define ESR_SEND_ILLEGAL 0x20u
#define ESR_RECEIVE_ILLEGAL 0x40u
#define ESR_ILLEGAL_REGISTER 0x80u
/* Vectors below are reserved for exceptions. */
#define LAPIC_FIRST_VECTOR 16

/* In the order of their registers. */
enum { LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1, LVT_ERROR, LVT_COUNT };
#define LVT_MODE(v) ((v) >> 8 & 7)
#define LVT_REMOTE_IRR 0x4000u
#define LVT_LEVEL 0x8000u
#define LVT_MASKED 0x10000u
#define LVT_TIMER_MODE(v) ((v) >> 17 & 3)
enum { TIMER_ONE_SHOT, TIMER_PERIODIC, TIMER_TSC_DEADLINE };

struct lapic {
	struct cpu *cpu;
	bool hw_enabled; /* IA32_APIC_BASE bit 11 */
	bool x2apic;     /* bit 10 */
	uint64_t base;
	int region;      /* bus handle of the register page */
	uint8_t id, tpr, sipi_vector;
	bool extint_message; /* an IOAPIC entry in ExtINT mode fired */
	uint32_t ldr, dfr, svr, esr, esr_pending, icr, icr_high; /* id and ldr are those out of x2APIC mode */
	uint32_t lvt[LVT_COUNT];
	uint32_t irr[8], isr[8], tmr[8];

	/* The timer counts down from timer_initial since timer_start; 0: stopped. */
	uint32_t timer_initial, timer_divider;
	uint64_t timer_start; /* ns */
	uint64_t timer_fired; /* periods for which an interrupt was given */
	bool timer_done;      /* a one-shot count has reached 0, where it stays whatever the mode */
	uint64_t tsc_deadline; /* of the TSC; 0: off */
	struct timer timer;
};
extern struct lapic *lapics[LAPIC_MAX];
extern unsigned lapic_count;

uint32_t lapic_id(const struct lapic *l);
uint32_t lapic_logical_id(const struct lapic *l);
/* PPR. */
uint8_t lapic_priority(const struct lapic *l);
/* IRR has the vector. */
bool lapic_requests(const struct lapic *l, uint8_t vector);
/* The CPU's input follows what is pending. */
void lapic_update_cpu(struct lapic *l);
/* Registers by their offset divided by 16. */
uint32_t lapic_read_register(struct lapic *l, unsigned reg);
void lapic_write_register(struct lapic *l, unsigned reg, uint32_t value);
/* What a write of ICR sends; dest as in struct lapic_message. */
void lapic_send(struct lapic *l, uint32_t icr, uint32_t dest);
void lapic_send_self(struct lapic *l, uint8_t vector);

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
/* The timer's LVT entry gets the value. */
void lapic_timer_set_lvt(struct lapic *l, uint32_t value);

#endif
