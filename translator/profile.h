/*
 * The profiler: which regions the guest's instructions were executed in, and the counters of cpu->stats. While it is off nothing is emitted for it; while
 * it is on, translated code adds the number of guest instructions of each straight piece to a counter of its region on entering the piece, so the
 * shares are exact but for pieces that a fault or an interrupt's poll leaves early.
 */
#ifndef TRANSLATOR_PROFILE_H
#define TRANSLATOR_PROFILE_H

#include "translator/cache.h"

/* All that was translated from one place in one mode. */
struct profile_record {
	uint64_t gpa, eip;      /* of the entry */
	uint32_t mode;          /* MODE_xxx */
	uint32_t guest, host;   /* instructions of the latest translation */
	uint32_t translations;
	uint64_t executed;      /* guest instructions */
};

/* Turns it on, before anything has been translated. 0 or -ENOMEM. */
int profile_start(struct cpu *cpu);
/* The record that counts for a region about to be translated, or NULL while the profiler is off. When there are too many of them, regions share one. */
struct profile_record *profile_record(struct cpu *cpu, const struct region *r);
/* Its region has been translated. */
void profile_translated(struct profile_record *p, const struct region *r, unsigned guest_insns);
/* Prints counters, memory in use and the hottest regions to the console, on lines that begin with "profile: ". */
void profile_print(struct cpu *cpu);

#endif
