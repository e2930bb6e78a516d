/* Programs on the CPU that this runs on. */
#ifndef TESTS_STORM_NATIVE_H
#define TESTS_STORM_NATIVE_H

#include "tests/storm/storm.h"

/* Maps code and memory at their addresses and catches exceptions. Once. */
void native_init(void);
/* Makes the program the one to be run. */
void native_program(const struct program *p);
void native_run(const struct program *p, const struct storm_state *in, struct storm_state *out);

#endif
