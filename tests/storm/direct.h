/* Programs done by the firmware's arithmetic in C, compiled for the CPU that this runs on. */
#ifndef TESTS_STORM_DIRECT_H
#define TESTS_STORM_DIRECT_H

#include "tests/storm/storm.h"

/* For programs of STORM_ARITHMETIC. */
void direct_run(const struct program *p, const struct storm_state *in, struct storm_state *out);

#endif
