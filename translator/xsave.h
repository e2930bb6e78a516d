/*
 * XSAVE, XSAVEOPT, XRSTOR, XGETBV, XSETBV for the state of x87 and SSE (Intel SDM volume 1, chapter 13). All raise #UD unless CR4.OSXSAVE is set.
 *
 * Only the standard format exists. XINUSE is always 1 for both components, and XSAVEOPT remembers nothing: both are the processor's choice.
 */
#ifndef TRANSLATOR_XSAVE_H
#define TRANSLATOR_XSAVE_H

#include "translator/cpu.h"

#define XCR0_X87 1u
#define XCR0_SSE 2u
#define XCR0_SUPPORTED (XCR0_X87 | XCR0_SSE)
#define XSAVE_SIZE 576u /* legacy region and header: what XCR0 may enable needs no more */

/*
 * The components in EDX:EAX that XCR0 enables, to or from the area at linear address lin; wide: with REX.W. cpu->xmm must be valid before, and is
 * after. xrstor may change cpu->mode, see mxcsr_set(). #NM by CR0.TS; #GP(0) for alignment below 64, a wrong header or a wrong MXCSR; #PF; nothing has
 * changed then.
 */
uint64_t xsave(struct cpu *cpu, uint64_t lin, uint64_t wide);
uint64_t xrstor(struct cpu *cpu, uint64_t lin, uint64_t wide);

/* XCR[ECX] to EDX:EAX, and back; #GP(0) for registers and bits that do not exist, and for xsetbv above CPL 0. */
void xgetbv(struct cpu *cpu);
void xsetbv(struct cpu *cpu);

#endif
