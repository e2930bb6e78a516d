/*
 * The local APIC of each CPU (Intel SDM 3A, chapter 11), and the way interrupt messages take to them.
 */
#ifndef HW_APIC_LAPIC_H
#define HW_APIC_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/cpu.h"

/* Delivery modes of interrupt messages, LVT entries and IOAPIC entries. */
enum {
	APIC_FIXED = 0, APIC_LOWEST = 1, APIC_SMI = 2, APIC_NMI = 4, APIC_INIT = 5, APIC_SIPI = 6, APIC_EXTINT = 7,
};

/* An interrupt message, from an IOAPIC, a device (MSI) or another CPU. */
struct lapic_message {
	uint8_t dest;
	bool logical; /* dest is a logical destination, else an APIC id (0xff: all) */
	uint8_t mode; /* APIC_xxx */
	uint8_t vector;
	bool level;   /* trigger mode: level */
};
/* Returns whether some local APIC accepted it. */
bool lapic_deliver(const struct lapic_message *m);
/* Whether an earlier message of this vector still waits in a local APIC that it is addressed to. */
bool lapic_has_pending(const struct lapic_message *m);

/* The 8259 pair's INT output, wired to LINT0 of every CPU. */
void lapic_set_lint0(bool level);

/* Interrupt acknowledge of this CPU: the vector, or -1 when nothing is pending any more. */
int lapic_ack(struct cpu *cpu);

/* The task priority register, 8 bits. */
uint8_t lapic_tpr(const struct cpu *cpu);
void lapic_set_tpr(struct cpu *cpu, uint8_t tpr);

/* IA32_APIC_BASE in cpu->apic_base changed. */
void lapic_base_changed(struct cpu *cpu);
/* INIT reached the CPU: everything but the id goes to its reset state. */
void lapic_init_signal(struct cpu *cpu);
/* The vector of the last start-up message; the CPU starts at vector << 12. */
uint8_t lapic_sipi_vector(const struct cpu *cpu);

/* Whether the guest physical address lies in this CPU's register page, and accesses to it. */
bool lapic_decodes(const struct cpu *cpu, uint64_t gpa);
uint64_t lapic_read(struct cpu *cpu, uint64_t gpa, int size);
void lapic_write(struct cpu *cpu, uint64_t gpa, int size, uint64_t value);

#endif
