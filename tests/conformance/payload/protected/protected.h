/* What only the protected payload has. */
#ifndef TESTS_CONFORMANCE_PAYLOAD_PROTECTED_H
#define TESTS_CONFORMANCE_PAYLOAD_PROTECTED_H

#include "tests/conformance/payload/payload.h"

struct registers {
	uint32_t gpr[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
	uint32_t eflags, eip, cs, ss, ds;
};

/* What the enter functions load. */
extern struct registers regs;
/* The bases of the 16-bit segments. */
void traps_segments16(uint32_t code, uint32_t data, uint32_t stack);
void enter_ring3(void);
void enter_v86(void);
void enter_ring0(void);

/* ---- low.c ---- */
/* V86 mode's linear addresses below 1 MiB: the data and stack pages, and the code image's 64 KiB that hold offset `code`. */
void paging_low(uint32_t code, int yes);

/* ---- real.c ---- */
void real_init(void);
/* As traps_run() in real mode. */
void real_run(struct state *s);

/* ---- go_long.S ---- */
/* Long mode, and the payload at LONG_IMAGE. */
_Noreturn void go_long(void);

#endif
