/* What may differ between two CPUs, and what not. */
#ifndef TESTS_STORM_JUDGE_H
#define TESTS_STORM_JUDGE_H

#include "tests/storm/storm.h"

/* Whether the manual defines what the program does from this state. */
bool judge_defined(const struct program *p, const struct storm_state *in);
/* Makes bits equal in both that may differ. exact: the result is not one of translated code. */
void judge_forgive(const struct program *p, const struct storm_state *in, struct storm_state *want, struct storm_state *got, bool exact);
bool judge_same(const struct storm_state *a, const struct storm_state *b);
/* The program, the state before, and both behind it. */
void judge_print(const struct program *p, const struct storm_state *in, const struct storm_state *want, const struct storm_state *got);

#endif
