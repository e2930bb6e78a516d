/* The parts of the payload: the guest program that runs a vector file's cases. */
#ifndef TESTS_CONFORMANCE_PAYLOAD_H
#define TESTS_CONFORMANCE_PAYLOAD_H

#include <stdint.h>

#include "tests/conformance/payload/layout.h"
#include "tests/conformance/state.h"
#include "tests/lib/guest/console.h"

/* Linear address of a physical one. */
static inline void *physical(uint32_t at)
{
	return (void *)(VECTOR_KERNEL + at);
}

/* ---- main.c ---- */
/* A message, the machine's end. */
_Noreturn void stop(const char *text);

/* ---- paging.c ---- */
/* All tables; the code image is `pages` pages at physical address `code`. */
void paging_init(uint32_t code, uint32_t pages);
/* Gives or takes ring 3 the right to write the code image's pages that hold bytes at .. at + length. */
void paging_code_writable(uint32_t at, uint32_t length, int yes);
/* V86 mode's linear addresses below 1 MiB: the data and stack pages, and the code image's 64 KiB that hold offset `code`. */
void paging_low(uint32_t code, int yes);
/* Data and stack pages become absent, or are there as vector.h says. */
void paging_demand(int absent);
/* On a page fault of a GROUP_DEMAND case: gives what it asked for, if it may have that: then 1. */
int paging_demand_fault(uint32_t at, uint32_t error);

/* ---- traps.c ---- */
struct registers {
	uint32_t gpr[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
	uint32_t eflags, eip, cs, ss, ds;
};
#define VECTOR_ENDLESS 0x100 /* of a case that the watchdog had to end */

/* What the enter functions load. */
extern struct registers regs;
/* Tables of segments, interrupts and tasks; the watchdog's timer. */
void traps_init(void);
/* The bases of the 16-bit segments. */
void traps_segments16(uint32_t code, uint32_t data, uint32_t stack);
/* Runs the code that `regs` describes by `enter`, up to an exception, which is put into s with the registers. */
void traps_run(void (*enter)(void), struct state *s, int demand);
void enter_ring3(void);
void enter_v86(void);
void enter_ring0(void);
_Noreturn void leave_case(void);

/* ---- real.c ---- */
void real_init(void);
/* As traps_run() in real mode. */
void real_run(struct state *s);

/* ---- cases.c ---- */
/* Runs case k of a group: its initial state in *before, its masked final one in *after. */
void case_run(const struct vector_group *g, unsigned k, struct state *before, struct state *after);
/* Before the first and after the last case of a group. case_end() returns 1 when bytes outside the windows have changed (they are put right). */
void case_begin(const struct vector_group *g);
int case_end(const struct vector_group *g);

extern struct vector_header *const file;

#endif
