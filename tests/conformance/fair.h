/*
 * Whether a group is a fair case: one whose result every CPU agrees on, and the oracles can tell.
 */
#ifndef TESTS_CONFORMANCE_FAIR_H
#define TESTS_CONFORMANCE_FAIR_H

#include <stdint.h>

#include "tests/conformance/vector.h"

/*
 * Sets GROUP_VENDOR for a group whose code is at `code` when part of its result is the vendor's own. -1 when all of it may be, or is not exact: what
 * follows a comparison with an unmasked exception; wild code in real mode; MXCSR in memory, whose DE flag is not exact. Else 0.
 */
int fair_mark(struct vector_group *g, const uint8_t *code);

#endif
