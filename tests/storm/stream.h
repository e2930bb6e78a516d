/* What storm.c asks of machine.c, at its standard input; the answer are the states, in the order of programs and their runs. */
#ifndef TESTS_STORM_STREAM_H
#define TESTS_STORM_STREAM_H

#include <stdint.h>

struct storm_order {
	uint64_t seed;
	uint64_t first, programs;
	uint32_t set, states; /* states for each program */
};

#endif
