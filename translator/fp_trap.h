/*
 * Invalid floating-point operations of translated code. FCSR makes them trap; then there is no NaN that the host would choose otherwise than x86
 * does: quiet NaNs among the operands are passed on alike, first operand first.
 */
#ifndef TRANSLATOR_FP_TRAP_H
#define TRANSLATOR_FP_TRAP_H

#include "translator/cpu.h"

struct trap_frame;

/*
 * The host's floating-point exception. Arithmetic whose code has a way out of line for it goes on there; other instructions, which look at their
 * NaNs themselves, are executed without the trap. Returns 0.
 */
int fp_trap(struct cpu *cpu, struct trap_frame *frame);

#endif
