/*
 * FXSAVE, FXRSTOR, LDMXCSR: the state of x87, MMX and SSE as one image (Intel SDM volume 1, 10.5).
 */
#ifndef TRANSLATOR_FXSAVE_H
#define TRANSLATOR_FXSAVE_H

#include "translator/cpu.h"

/* The writable bits of MXCSR: DAZ included. */
#define MXCSR_MASK 0x0000ffffu
#define MXCSR_INIT 0x00001f80u

/*
 * The 512-byte image at linear address lin. cpu->xmm must be valid before, and is after. XMM registers are part of it whatever
 * CR4.OSFXSR says. #GP(0) when lin is not 16-byte aligned or the new MXCSR has reserved bits; #PF; nothing has changed then.
 */
uint64_t fxsave(struct cpu *cpu, uint64_t lin);
uint64_t fxrstor(struct cpu *cpu, uint64_t lin);
/* Sets MXCSR, or raises #GP(0). */
uint64_t ldmxcsr(struct cpu *cpu, uint64_t value);

#endif
