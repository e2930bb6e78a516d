/*
 * The upper halves of 64-bit code's registers: which instructions read them, and where they are known to be 0, so that the host's register need
 * not have it so (narrow registers, tr.h).
 */
#ifndef TRANSLATOR_UPPER_H
#define TRANSLATOR_UPPER_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/insn.h"

struct plan;

/* What an instruction does with upper halves; a bit a register. upper.c fills the sets in one word. */
struct upper {
	uint16_t reads;    /* looks at the upper half */
	uint16_t clears;   /* writes 32 bits, which clears the upper half */
	uint16_t writes;   /* writes all 64 bits, or keeps what the upper half is */
	uint16_t extends;  /* looks at the low half as a signed number */
	bool known;        /* else it may do anything */
};

/* Sets what each instruction of the plan does, zero_in, and narrow_in of its leaders. Behind plan_analyse(). */
void upper_analyse(struct plan *p);
/* Whether the upper half of register reg is looked at from instruction k on, soon, or may be; a 32-bit write or a look at the low half comes before otherwise. */
bool upper_wanted_at(const struct plan *p, unsigned k, int reg);
/* Whether register reg, which instruction k writes with 32 bits, is better zero-extended than sign-extended, by what follows. */
bool upper_prefers_zero(const struct plan *p, unsigned k, int reg);

#endif
