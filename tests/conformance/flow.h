/*
 * Which arithmetic flags are undefined at the end of a piece of code, and whether it looks at one that is.
 */
#ifndef TESTS_CONFORMANCE_FLOW_H
#define TESTS_CONFORMANCE_FLOW_H

#include <stdint.h>

struct flow {
	uint32_t undefined; /* flags undefined where the code ends; all when it never does */
	int reads_undefined;
};

/* code[0..length) of a size (MODE16, MODE32, MODE64). Pure function. */
void flow_analyse(struct flow *f, const uint8_t *code, int length, int size);

#endif
