/*
 * x87 registers as doubles. With 53 bits of precision most values that a program works with are doubles, and what the host's FPU computes of them is what
 * the x87 would, to the last bit, as long as operands and results are numbers within a double's range. So translated code holds such
 * registers in registers of the host (gen_x87_double.c). C looks at st[] only behind x87_spill().
 *
 * This is done (X87_CTL_DOUBLES) when PC is 53 bits, all exceptions are masked and PE is set already, so that nobody need find out whether a result is
 * inexact. All other exceptions lead to C: the host's FPU traps.
 */
#ifndef TRANSLATOR_X87_DOUBLE_H
#define TRANSLATOR_X87_DOUBLE_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;

/* x87.c1: beside 0 and 1, the operation on c1_of whose rounding it tells of. */
enum { X87_C1_ADD = 2, X87_C1_SUB, X87_C1_MUL, X87_C1_DIV, X87_C1_SQRT, X87_C1_TO_SINGLE, X87_C1_TO_INTEGER };

/* All registers are in st[] afterwards. */
void x87_spill(struct cpu *cpu);
/* What can be is held as doubles, if that is done; else all registers are in st[]. */
void x87_refill(struct cpu *cpu);
/* C1, whatever x87.c1 says; and x87.c1 becomes that, for translated code, which returns it. */
bool x87_double_c1(const struct cpu *cpu);
uint64_t x87_settle_c1(struct cpu *cpu);

#endif
