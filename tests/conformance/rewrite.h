/*
 * Re-encoding of flat 32-bit code as 64-bit code that does the same, so that a CPU in 64-bit user mode can answer for 32-bit guests. r8-r10
 * are scratch. An access that faults comes before anything an instruction changes. Near returns and indirect jumps go to the guest's
 * address, where nothing can be executed: whoever catches that fault goes on at rewrite_find() of it.
 */
#ifndef TESTS_CONFORMANCE_REWRITE_H
#define TESTS_CONFORMANCE_REWRITE_H

#include <stdint.h>

#define REWRITE_MAX 16384 /* bytes of native code */

struct rewrite {
	uint8_t code[REWRITE_MAX];
	int length;
	int16_t guest[REWRITE_MAX];  /* guest offset of the instruction whose native code starts or continues here, -1 for none */
	int16_t native[1024];        /* native offset of the guest instruction at an offset, -1 when there is none */
	int guest_length;
};

/*
 * Rewrites code[0..length) that runs at linear address `base`; its end becomes UD2. `stack`: top of memory PUSHF and POPF may use.
 * Returns 0, or -1 when it has an instruction that cannot be rewritten. Pure function.
 */
int rewrite_code(struct rewrite *r, const uint8_t *code, int length, uint32_t base, uint64_t stack);

/* Whether straight 32-bit code means the same as 64-bit code, with all registers below 4 GiB. Pure function. */
int rewrite_needless(const uint8_t *code, int length);

#endif
