/* The decimal adjustments, in C. */
#ifndef TRANSLATOR_BCD_H
#define TRANSLATOR_BCD_H

#include "translator/cpu.h"

/*
 * Helper for translated code: executes DAA, DAS, AAA, AAS, AAM or AAD (op: enum opcode) on AX and the flags. imm: the base for AAM and AAD,
 * which must not be 0 for AAM. Flags that the manual leaves undefined are cleared.
 */
void bcd_exec(struct cpu *cpu, uint64_t op, uint64_t imm);

#endif
