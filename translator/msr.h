/*
 * Model-specific registers: those that CPUID promises or its signature implies. All others raise #GP(0) on access.
 */
#ifndef TRANSLATOR_MSR_H
#define TRANSLATOR_MSR_H

#include "translator/cpu.h"

#define APIC_BASE_BSP 0x100u
#define APIC_BASE_EXTD 0x400u /* x2APIC mode */
#define APIC_BASE_ENABLE 0x800u
#define MISC_ENABLE_LIMIT_CPUID 0x400000u
#define MISC_ENABLE_XD_DISABLE (1ull << 34) /* no-execute is not offered */

/* Power-on values. The TSC starts at 0. */
void msr_reset(struct cpu *cpu);

#endif
