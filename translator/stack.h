/*
 * The guest's stack as far transfers and event delivery use it: checked as a whole before anything is pushed.
 */
#ifndef TRANSLATOR_STACK_H
#define TRANSLATOR_STACK_H

#include "translator/cpu.h"

struct stack {
	struct seg seg;
	uint64_t sp;
	uint64_t mask;  /* the bits of the stack pointer that count: by SS.B */
	int rights;     /* flags for mem_*: ACC_IMPLICIT for the stack of a more privileged level */
	uint32_t error; /* error code of #SS when it is too small */
};

/* The current stack. ext: EXT bit for #SS. */
void stack_current(struct cpu *cpu, struct stack *st, unsigned ext);
/* Another stack: sp in segment seg. */
void stack_init(struct cpu *cpu, struct stack *st, const struct seg *seg, uint64_t sp, uint32_t error);
/* Raises #SS unless n values of `size` bytes can be pushed within the limit. Looks at no memory. */
void stack_need_room(struct cpu *cpu, const struct stack *st, unsigned n, unsigned size);
/* Raises #PF unless n values can be pushed; after it stack_push() cannot fail so many times. */
void stack_probe(struct cpu *cpu, const struct stack *st, unsigned n, unsigned size);
void stack_push(struct cpu *cpu, struct stack *st, unsigned size, uint64_t v);
/* Raises #SS unless n values of `size` bytes lie within the limit from stack pointer + skip up. */
void stack_need_data(struct cpu *cpu, const struct stack *st, unsigned skip, unsigned n, unsigned size);
/* Takes the next value off; cpu's own stack pointer changes only by stack_commit(). May raise #SS, #PF. */
uint64_t stack_pop(struct cpu *cpu, struct stack *st, unsigned size);
/* Adds to the stack pointer. */
void stack_skip(struct stack *st, uint64_t bytes);
/* Makes it the current stack: segment and stack pointer (bits outside the mask stay). Does not update the mode. */
void stack_commit(struct cpu *cpu, const struct stack *st);

#endif
