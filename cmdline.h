/*
 * The firmware's command line: words between blanks, docs/command-line.md.
 */
#ifndef CMDLINE_H
#define CMDLINE_H

#include <stdbool.h>
#include <stdint.h>

#define CACHE_MIN (1ull << 20)
#define CACHE_MAX (64ull << 20)

struct options {
	uint64_t memory; /* most bytes of RAM that the guest gets */
	uint64_t cache;  /* bytes of the translator's code cache: a power of two from CACHE_MIN to CACHE_MAX; 0: as fits */
	bool verbose;    /* say more at the start */
	bool profile;    /* the profiler runs */
	bool bioslog;    /* what the guest's BIOS says on its debug ports goes to the console */
};

/* Sets the defaults, then what the words say. Unknown words and wrong values are reported in a line each and have no effect. */
void cmdline_parse(const char *line, struct options *options);

#endif
