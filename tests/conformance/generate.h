/*
 * Groups of cases, by kind.
 */
#ifndef TESTS_CONFORMANCE_GENERATE_H
#define TESTS_CONFORMANCE_GENERATE_H

#include <stdint.h>

#include "tests/conformance/book.h"
#include "tests/conformance/enumerate.h"
#include "tests/conformance/generate_insn.h"

enum kind { KIND_SINGLE, KIND_SEQUENCE, KIND_BRANCH, KIND_SMC, KIND_DEMAND, KIND_LOCK, KIND_STRING, KIND_FPU, KIND_SYSTEM, KIND_DENSE, KIND_COUNT };
extern const char *const kind_names[KIND_COUNT];
/* -1 when unknown. */
int kind_by_name(const char *name, int length);

struct request {
	uint64_t seed;
	int start, groups;  /* groups start .. start + groups - 1 of the endless list that a seed, modes and kinds make */
	int states;
	int strict;         /* undefined flags are read and compared, too */
	int modes[16], nmodes;
	int kinds[64], nkinds;
};

/* Makes the groups of a request, without answers. */
void generate(struct book *b, const struct request *r);

/* ---- for the generators of one kind ---- */

/* The cells of a code size. */
const struct cell *cells_of(int size, int *n);
/* A random cell of these classes (bit set of CLASS_xxx) that is generated in the plan's mode; NULL when none was met. */
const struct cell *random_cell(struct plan *p, unsigned classes);
/* Whether the code so far looks at no undefined flags, or may. */
int plan_fair(const struct plan *p);
/* Appends a cell's instruction unless it would look at undefined flags; a NULL, or what is too much for the group, is not appended: -1. */
int append_fair(struct plan *p, const struct cell *c);
/* Appends 1 to n random instructions of the integer class; of a plan of few registers such as dense_cell() chooses. */
void append_filler(struct plan *p, int n);
/* Jumps (generate_branch.c): an instruction of a cell of CLASS_JUMP with all it needs; a whole branching group. */
int branch_append(struct plan *p, const struct cell *c);
void branch_group(struct plan *p);
/* A conditional jump over up to 4 instructions; a loop of some more than n, whose counter is (E)CX. Both may make no fair case. */
void branch_forward(struct plan *p);
void branch_loop(struct plan *p, int n);
/* Code over few registers (generate_dense.c). */
const struct cell *dense_cell(struct plan *p);
void dense_group(struct plan *p);
/* Code that changes itself (generate_smc.c). */
void smc_group(struct plan *p);

#endif
