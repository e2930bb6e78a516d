/*
 * Reduction: the ways to leave out instructions of a group.
 */
#ifndef TESTS_CONFORMANCE_REDUCE_H
#define TESTS_CONFORMANCE_REDUCE_H

#include "tests/conformance/book.h"

/*
 * Adds to `out` the groups that result from leaving out one instruction, or two neighbours, or either half of the code of group `number` of
 * `b`, with `states` states each. Branches keep their targets. Their `reserved` is the number of the one they come from (its low 16 bits).
 */
void reduce_candidates(struct book *out, const struct book *b, int number, unsigned states);
/* Prints "candidate I of GROUP kept HEX" for each. Returns 0. */
int reduce_print(const struct book *out);

#endif
