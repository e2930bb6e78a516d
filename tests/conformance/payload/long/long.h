/* What only the long payload has. */
#ifndef TESTS_CONFORMANCE_PAYLOAD_LONG_H
#define TESTS_CONFORMANCE_PAYLOAD_LONG_H

#include "tests/conformance/payload/payload.h"

struct registers {
	uint64_t gpr[16]; /* RAX RCX RDX RBX RSP RBP RSI RDI R8.. */
	uint64_t rflags, rip, cs, ss;
};

/* What enter_case() loads. */
extern struct registers regs;
/* Runs the case that `regs` describes; comes back by leave_case(). */
void enter_case(void);

#endif
