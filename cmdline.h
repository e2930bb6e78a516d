/*
 * The firmware's command line: words between blanks, docs/command-line.md.
 */
#ifndef CMDLINE_H
#define CMDLINE_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	uint64_t memory; /* most bytes of RAM that the guest gets */
	uint64_t cache;  /* bytes of the translator's code cache: a power of two from 1 to 64 MiB */
	bool verbose;
};

/* Sets the defaults, then what the words say. Unknown words and wrong values are reported in a line each and have no effect. */
void cmdline_parse(const char *line, struct options *options);

#endif
