/*
 * States as "name value" lines, the same as the guest payload prints.
 */
#ifndef TESTS_CONFORMANCE_EXPLAIN_H
#define TESTS_CONFORMANCE_EXPLAIN_H

#include "tests/conformance/state.h"

void explain_state(const struct state *s, const struct vector_group *g);

#endif
