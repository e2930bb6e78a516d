/*
 * AES-NI and PCLMULQDQ (Intel SDM volume 2; FIPS 197).
 */
#ifndef TRANSLATOR_AES_H
#define TRANSLATOR_AES_H

#include "translator/cpu.h"

/* Execute operation `op` (enum opcode) on LSX registers, see SSE_REGS(): of a round the state is the destination, the key the source. Return 0. */
uint64_t aes_exec(struct cpu *cpu, uint64_t op, uint64_t regs, uint64_t imm);
uint64_t pclmulqdq(struct cpu *cpu, uint64_t op, uint64_t regs, uint64_t imm);

#endif
