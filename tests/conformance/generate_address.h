/*
 * Random memory operands, and the roles that they give registers.
 */
#ifndef TESTS_CONFORMANCE_GENERATE_ADDRESS_H
#define TESTS_CONFORMANCE_GENERATE_ADDRESS_H

#include <stdint.h>

#include "tests/conformance/plan.h"

/* An instruction in the making. */
struct draft {
	uint8_t bytes[32];
	int n;
	int rip_disp; /* offset of a displacement to be made RIP-relative, 0 for none */
	uint32_t rip_target;
	uint32_t pointers, indices; /* roles it asks for */
	int computes; /* its address is a sum of any registers, at which nothing is accessed */
};

/* ModRM with a memory operand. */
struct address {
	uint8_t modrm, sib, rex; /* REX.X and REX.B */
	int has_sib, disp_bytes;
	int64_t disp;
	int rip;
};

/* A register of a role (an index, or a pointer), giving it to a free one where that is allowed; any register for a sum; -1 when there is none. */
int draft_role(struct plan *p, struct draft *d, uint32_t allowed, int index);
/* An address in a window. */
uint32_t plan_window_address(struct plan *p);
/* Addressing forms of 32- and 64-bit code (low: without registers that want REX), and of 16-bit code: 0, or -1 when no register can be had. */
int address_flat(struct plan *p, struct draft *d, struct address *a, int low);
int address16(struct plan *p, struct draft *d, struct address *a);

#endif
