/*
 * The oracle on the build machine's own CPU: runs groups of cases in 64-bit user mode, flat 32-bit ones re-encoded (rewrite.h).
 */
#ifndef TESTS_CONFORMANCE_NATIVE_H
#define TESTS_CONFORMANCE_NATIVE_H

#include <stdint.h>

#include "tests/conformance/state.h"
#include "tests/conformance/vector.h"

/* Results of the groups whose oracle is ORACLE_CPU and that turn out not to be fit for it. */
#define NATIVE_OK 0
#define NATIVE_UNFIT 1  /* the code cannot be re-encoded: ask a machine */
#define NATIVE_UNFAIR 2 /* a case wrote outside the windows, or killed the process: drop the group */

/*
 * Runs all ORACLE_CPU groups in child processes and stores their digests and, in verdicts[group], a NATIVE_xxx. Returns 0 or -errno.
 */
int native_run(const struct vector_group *groups, int ngroups, const uint8_t *image, uint32_t pages, uint64_t *digests, uint8_t *verdicts);
/* Runs one case and gives its masked final state. Returns 0, or -1 when it cannot be run or is not compared. */
int native_case(const struct vector_group *g, const uint8_t *image, uint32_t pages, unsigned k, struct state *s);

#endif
