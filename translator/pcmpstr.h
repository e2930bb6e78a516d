/*
 * The string comparisons of SSE4.2: PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM (Intel SDM volume 2, 4.1).
 */
#ifndef TRANSLATOR_PCMPSTR_H
#define TRANSLATOR_PCMPSTR_H

#include "translator/cpu.h"

#define PCMPSTR_WIDE 0x100u /* in imm: lengths are those of RAX and RDX, else of EAX and EDX */

/*
 * Executes `op` (enum opcode) on LSX registers (SSE_REGS(): the first operand is that of the destination); sets ECX or LSX register 0. Returns the
 * arithmetic flags.
 */
uint64_t pcmpstr(struct cpu *cpu, uint64_t op, uint64_t regs, uint64_t imm);

#endif
