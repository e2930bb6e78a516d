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

/* Every CPU, as the destination of a message. */
#define LAPIC_ALL 0xffffffffu

/* An interrupt message, from an IOAPIC, a device (MSI) or another CPU. */
struct lapic_message {
	uint32_t dest; /* or LAPIC_ALL */
	bool logical; /* dest is a logical destination, else an APIC id */
	uint8_t mode; /* APIC_xxx */
	uint8_t vector;
	bool level;   /* trigger mode: level */
};
/* The destination that 8 bits mean, as all but local APICs in x2APIC mode have them. */
static inline uint32_t lapic_dest(uint8_t dest)
{
	return dest == 0xff ? LAPIC_ALL : dest;
}

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

/* IA32_APIC_BASE (Intel SDM 4, table 2-2) */
#define LAPIC_MSR_X2APIC 0x400u
#define LAPIC_MSR_ENABLE 0x800u
#define LAPIC_MSR_BASE(v) ((v) & 0xffffff000ull)
/* Whether the guest physical address lies in this CPU's register page, which there is none of in x2APIC mode, and accesses to it. */
static inline bool lapic_decodes(const struct cpu *cpu, uint64_t gpa)
{
	uint64_t msr = cpu->apic_base;

	return (msr & (LAPIC_MSR_ENABLE | LAPIC_MSR_X2APIC)) == LAPIC_MSR_ENABLE && gpa >> 12 == LAPIC_MSR_BASE(msr) >> 12;
}
uint64_t lapic_read(struct cpu *cpu, uint64_t gpa, int size);
void lapic_write(struct cpu *cpu, uint64_t gpa, int size, uint64_t value);

/*
 * The registers as MSRs, in x2APIC mode: reg is the offset in the page divided by 16. false where the access raises #GP(0), out of that mode always.
 */
bool x2apic_read(struct cpu *cpu, unsigned reg, uint64_t *value);
bool x2apic_write(struct cpu *cpu, unsigned reg, uint64_t value);

/* IA32_TSC_DEADLINE (Intel SDM 3A, 11.5.4.1), in ticks of the CPU's TSC; 0: off. */
uint64_t lapic_tsc_deadline(const struct cpu *cpu);
void lapic_set_tsc_deadline(struct cpu *cpu, uint64_t deadline);
/* The CPU's TSC got another value (cpu->tsc_offset). */
void lapic_tsc_changed(struct cpu *cpu);

#endif
