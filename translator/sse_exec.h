/*
 * SSE arithmetic in C: exact results, flags and exceptions of every operation that can round, compare or signal. For what
 * translated code does not do by host instructions: NaN results, everything under MODE_SSE_SLOW, approximations.
 */
#ifndef TRANSLATOR_SSE_EXEC_H
#define TRANSLATOR_SSE_EXEC_H

#include "translator/cpu.h"

/* LSX registers of the result, of the x86 destination as an operand, and of the source. */
#define SSE_REGS(d, a, b) ((uint64_t)((d) | (a) << 8 | (b) << 16))

/*
 * Executes operation `op` (enum opcode) on LSX registers. imm: the immediate, where there is one; for conversions from and
 * to a general register the bytes of that (0: 4). Integer sources are in element 0.
 * Returns the integer of a conversion to a general register, or the EFLAGS bits of a comparison. Sets MXCSR's flags; raises #XM (#UD without
 * CR4.OSXMMEXCPT) when one of them is unmasked, and then nothing else has changed. Intel SDM volume 1, 11.5.
 */
uint64_t sse_exec(struct cpu *cpu, uint64_t op, uint64_t regs, uint64_t imm);

#endif
