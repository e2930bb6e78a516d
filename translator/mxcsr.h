/*
 * MXCSR (Intel SDM volume 1, 10.2.3). While translated code runs, the host's FCSR has MXCSR's rounding mode and collects the
 * exception flags of arithmetic done by host instructions; cpu->mxcsr has the rest. DE is not among them: with all exceptions masked and
 * neither DAZ nor FTZ set, a denormal operand is reported only by operations that C carries out.
 */
#ifndef TRANSLATOR_MXCSR_H
#define TRANSLATOR_MXCSR_H

#include "translator/cpu.h"

#define MXCSR_FLAGS 0x003fu
#define MXCSR_DAZ 0x0040u
#define MXCSR_MASKS 0x1f80u
#define MXCSR_MASKS_SHIFT 7
#define MXCSR_RC_SHIFT 13
#define MXCSR_FTZ 0x8000u
#define MXCSR_MASK 0x0000ffffu /* the writable bits: DAZ included */
#define MXCSR_INIT 0x00001f80u

/* Whether arithmetic under this MXCSR must be done in C (MODE_SSE_SLOW). */
static inline bool mxcsr_is_slow(uint32_t mxcsr)
{
	return (mxcsr & MXCSR_MASKS) != MXCSR_MASKS || (mxcsr & (MXCSR_DAZ | MXCSR_FTZ));
}

/* MXCSR as the guest sees it. */
uint32_t mxcsr_get(struct cpu *cpu);
/* Sets MXCSR and FCSR; value has no bits outside MXCSR_MASK. When that changes cpu->mode, the stop register makes translated code leave at
 * its next poll, which must be right behind. */
void mxcsr_set(struct cpu *cpu, uint32_t value);
/* STMXCSR and LDMXCSR, for translated code. ldmxcsr raises #GP(0) on reserved bits. */
uint64_t stmxcsr(struct cpu *cpu);
uint64_t ldmxcsr(struct cpu *cpu, uint64_t value);

#endif
