/*
 * What happened to a CPU so far, in numbers (cpu->stats): always counted where C runs anyway, so that translated code pays nothing for it.
 */
#ifndef TRANSLATOR_STATS_H
#define TRANSLATOR_STATS_H

#include <stdint.h>

enum stat {
	/* why translated code came back to the dispatcher: the first four as EXIT_xxx of cache.h */
	STAT_EXIT_DISPATCH, STAT_EXIT_LINK, STAT_EXIT_JUMP, STAT_EXIT_DEAD, STAT_EXIT_UNWIND,
	/* delivered to the guest */
	STAT_EXCEPTION, STAT_PAGE_FAULT, STAT_INTERRUPT, STAT_NMI,
	STAT_HALT,
	/* host exceptions in translated code */
	STAT_TRAP_INVALID, STAT_TRAP_PROTECTED, STAT_TRAP_PRIVILEGE, STAT_TRAP_UNALIGNED, STAT_TRAP_FLOAT, STAT_TRAP_OTHER,
	STAT_WALK,
	STAT_FLUSH,
	STAT_PORT, STAT_MMIO,
	STAT_HELPER, /* only while the profiler is on */
	STAT_COUNT
};

#endif
