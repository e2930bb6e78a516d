/*
 * Who the CPU says it is. do_cpuid() is declared in seg.h.
 */
#ifndef TRANSLATOR_CPUID_H
#define TRANSLATOR_CPUID_H

#include "translator/mmu.h"

/* Family 6, model 1C, stepping 10: an in-order Atom, which speculates as little as this CPU does. */
#define CPUID_SIGNATURE 0x000106cau
/* Revision that the BIOS_SIGN_ID MSR reports after CPUID leaf 1. */
#define CPUID_MICROCODE_REV 0x107u
/* Width of a guest physical address. */
#define CPUID_PHYS_BITS MMU_PHYS_BITS
#define CPUID_LINEAR_BITS 48

#endif
