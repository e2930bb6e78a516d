/*
 * FXSAVE and FXRSTOR: the state of x87, MMX and SSE as one image (Intel SDM volume 1, 10.5).
 */
#ifndef TRANSLATOR_FXSAVE_H
#define TRANSLATOR_FXSAVE_H

#include "translator/cpu.h"

/*
 * The 512-byte image at linear address lin. cpu->xmm must be valid before, and is after. XMM registers are part of it whatever
 * CR4.OSFXSR says. fxrstor may change cpu->mode, see mxcsr_set(). #GP(0) when lin is not 16-byte aligned or the new MXCSR has
 * reserved bits; #PF; nothing has changed then.
 */
uint64_t fxsave(struct cpu *cpu, uint64_t lin);
uint64_t fxrstor(struct cpu *cpu, uint64_t lin);

#endif
