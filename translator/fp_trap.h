/*
 * Floating-point traps of translated code. In x87 code that works on doubles: see x87_double.h. Else invalid operations: FCSR makes them trap; then there is no NaN that the host would choose otherwise than x86
 * does: quiet NaNs among the operands are passed on alike, first operand first.
 */
#ifndef TRANSLATOR_FP_TRAP_H
#define TRANSLATOR_FP_TRAP_H

#include "translator/cpu.h"

struct trap_frame;
struct x87_point;

/*
 * The host's floating-point exception. Arithmetic whose code has a way out of line for it goes on there; other instructions, which look at their
 * NaNs themselves, are executed without the trap. Returns 0; not when x87 code that works on doubles has trapped, which is left.
 */
int fp_trap(struct cpu *cpu, struct trap_frame *frame);
/* The second half of the latter: the x87 instruction at p, the state before it being in *cpu. */
void fp_trap_x87(struct cpu *cpu, const struct trap_frame *frame, const struct x87_point *p);

#endif
