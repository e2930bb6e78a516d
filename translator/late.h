/*
 * Writes of guest registers that are put off (gen_late.c): the host's register does not have the value yet, and what may fault tells where it is.
 */
#ifndef TRANSLATOR_LATE_H
#define TRANSLATOR_LATE_H

#include <stdint.h>

/* Guest register `to` is host register `from` plus disp, all of it or the lower half (`size` 4), extended as the mode wants. */
struct late_write {
	uint8_t to, from, size;
	int32_t disp;
};
/* So many at one place: their numbers, from 1, are fields of a half word, the first of the program in the lowest. */
#define LATE_WRITES 3
#define LATE_BITS 5
#define LATE_MASK ((1u << LATE_BITS) - 1)

/* From instruction `begin` of the plan to `end` the write is put off, though some of them may fault. */
struct late_window {
	uint8_t begin, end;
	struct late_write write;
};
#define LATE_WINDOWS LATE_MASK /* so many in one region */

/* What is to be known of an instruction (struct rinsn's `late`). */
#define LATE_TURNS 1u  /* some window begins with it, or has ended before it */
#define LATE_QUIET 2u  /* it has come here past what reads flags: it sets none */
#define LATE_WHOLE 4u  /* SETcc: the rest of its register is 0, and has not been made so */
#define LATE_SINKS 8u  /* CMOVcc: where the condition does not hold its operand gets what has been put off */

#endif
