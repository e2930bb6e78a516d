/* String instructions in C: all REP forms, INS and OUTS. */
#ifndef TRANSLATOR_STRING_H
#define TRANSLATOR_STRING_H

#include "translator/cpu.h"
#include "translator/insn.h"

/* A string instruction in one word, for the helpers. */
static inline uint32_t string_pack(const struct insn *i)
{
	return i->op | (uint32_t)i->opsize << 12 | (uint32_t)i->addrsize << 16 | (uint32_t)i->seg << 20 | (uint32_t)i->rep << 24;
}

/* With string_pack(): no more at once than within a page, since the stubs are quicker where they can go on. */
#define STRING_BRIEF (1u << 28)

/*
 * Executes the string instruction at cpu->eip, or a part of it when it is long: registers and memory hold the progress, so a fault or an
 * interrupt may come in between. Returns 0 when it is complete; 1 when it is to be called again, after a look at the stop register.
 * Exceptions: those of the memory accesses and io_check(); flags are those of the last comparison, unless it faults.
 */
uint64_t string_exec(struct cpu *cpu, uint64_t packed);
/* As above, one iteration only, for single-stepping and breakpoints; cpu->eip is set to the instruction again or to next. */
void string_step(struct cpu *cpu, uint64_t packed, uint64_t next);

#endif
