/*
 * One random instruction of a cell.
 */
#ifndef TESTS_CONFORMANCE_GENERATE_INSN_H
#define TESTS_CONFORMANCE_GENERATE_INSN_H

#include "tests/conformance/enumerate.h"
#include "tests/conformance/plan.h"

/* Appends an instruction of this cell (and what it needs before and after it). Returns 0, or -1 when nothing suitable was found. */
int plan_append(struct plan *p, const struct cell *c);

#endif
