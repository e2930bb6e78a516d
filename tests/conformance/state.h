/*
 * States of a test machine before and after a case, shared by the native oracle and the guest payload, which must make the same
 * of the same seed: integer arithmetic only, no library.
 */
#ifndef TESTS_CONFORMANCE_STATE_H
#define TESTS_CONFORMANCE_STATE_H

#include <stdint.h>

#include "tests/conformance/vector.h"

#define FX_SIZE 512
/* The windows: bytes of the data pages around the ends of pages 0, 1 and 2, and of the stack page, that are random in each case and compared. */
#define WINDOW 128 /* bytes on each side of a page's end */
#define STACK_WINDOW 256
#define STACK_WINDOW_AT 0x800 /* offset in the stack page */

struct state {
	uint64_t gpr[16];    /* RAX RCX RDX RBX RSP RBP RSI RDI R8.. */
	uint64_t fs_base, gs_base; /* 64-bit modes, else 0 */
	uint64_t rflags;
	uint64_t rip;        /* before: 0. After: guest offset from the start of the group's code */
	uint64_t cr2;        /* of a page fault, else 0 */
	uint32_t vector;     /* the exception that ended the case; 6 with rip == length when it came to its end */
	uint32_t error;      /* its error code, else 0 */
	uint8_t fx[FX_SIZE] __attribute__((aligned(16))); /* FXSAVE image; only with GROUP_FPU */
	uint8_t data[3][2 * WINDOW]; /* the last one's upper half is not present: 0 */
	uint8_t stack[STACK_WINDOW];
};

/* Offset from VECTOR_DATA of window k, 0-2. */
#define WINDOW_AT(k) (((k) + 1) * 4096 - WINDOW)

/* The initial state of case k of a group. */
void state_make(struct state *s, const struct vector_group *g, unsigned k);
/* Sets what is not compared to 0: undefined flags, the x87's last-instruction pointers, reserved bytes, the upper halves of
 * registers outside 64-bit modes. */
void state_mask(struct state *s, const struct vector_group *g);
/* Of a masked state; never DIGEST_NONE. */
uint64_t state_digest(const struct state *s, const struct vector_group *g);

#endif
