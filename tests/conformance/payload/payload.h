/*
 * The parts of the payloads: the guest programs that run a vector file's cases. One runs those of real and protected mode (protected/); it starts
 * the other, for long mode (long/), when the file has such. What both share lies beside this file.
 */
#ifndef TESTS_CONFORMANCE_PAYLOAD_H
#define TESTS_CONFORMANCE_PAYLOAD_H

#include <stdint.h>

#include "tests/conformance/payload/layout.h"
#include "tests/conformance/state.h"
#include "tests/lib/guest/console.h"

/* Linear address of a physical one. */
static inline void *physical(uint32_t at)
{
	return (void *)((uintptr_t)VECTOR_KERNEL + at);
}

/* ---- main.c ---- */
/* A message, the machine's end. */
_Noreturn void stop(const char *text);

/* ---- paging.c ---- */
/* Maps the code image, `pages` pages at physical address `code`, data and stack. */
void paging_init(uint32_t code, uint32_t pages);
/* Gives or takes ring 3 the right to write the code image's pages that hold bytes at .. at + length. */
void paging_code_writable(uint32_t at, uint32_t length, int yes);
/* Data and stack pages become absent, or are there as vector.h says. */
void paging_demand(int absent);
/* On a page fault of a GROUP_DEMAND case: gives what it asked for, if it may have that: then 1. */
int paging_demand_fault(uint64_t at, uint32_t error);

/* ---- tables.c, one for each payload ---- */
#define PTE_P 1u
#define PTE_W 2u
#define PTE_U 4u
#define PTE_AD 0x60u      /* accessed, dirty: nothing is to be written by walks */
#define USER_RO (PTE_P | PTE_U | PTE_AD)
#define USER_RW (USER_RO | PTE_W)
#define PTE_NX (1ull << 63) /* has no place in the protected payload's tables */

/* Leaves only the payload's own addresses. */
void table_init(void);
/* The entry of the page at a linear address, for which there is a table (it is made when missing). */
void table_set(uint32_t at, uint64_t entry);
uint64_t table_get(uint32_t at);

/* ---- modes.c, one for each payload ---- */
struct mode {
	void (*enter)(void);     /* NULL: real mode */
	uint32_t cs, ss, ds, eflags; /* cs 0: a mode of another payload */
	uint32_t code_mask;      /* EIP of a byte of the code image: code_base + (offset & code_mask) */
	uint32_t code_base;
	uint32_t data, stack;    /* physical addresses of the pages */
	uint8_t wide_memory;     /* there are no absent pages: the last window has both halves */
};
extern const struct mode modes[VECTOR_MODES];
/* The first mode of this payload: those before it are run already. */
extern const uint8_t modes_first;
/* Tables, interrupts, all that modes need. */
void modes_init(void);
/* What a group's mode needs set up before its first case, and undone after the last. */
void mode_begin(const struct vector_group *g);
void mode_end(const struct vector_group *g);
/* Runs the group's code from the registers of `before` up to an exception, which is put into `after` with the registers. */
void mode_run(const struct vector_group *g, const struct state *before, struct state *after);
/* Starts the payload that runs the modes behind this one's, and does not come back if there is one. */
void modes_others(void);

/* ---- traps.c, one for each payload ---- */
#define VECTOR_ENDLESS 0x100 /* of a case that the watchdog had to end */

/* Tables of segments, interrupts and tasks; the watchdog's timer. */
void traps_init(void);
/* Runs the code that `regs` describes by `enter`, up to an exception, which is put into s with the registers. */
void traps_run(void (*enter)(void), struct state *s, int demand);
_Noreturn void leave_case(void);

/* ---- watchdog.c ---- */
/* The two PICs at vectors 32-47, only the timer's input open; the timer at 100 Hz. */
void watchdog_init(void);
/* A case begins. */
void watchdog_start(void);
/* On the timer's interrupt: whether the running case has had its time. */
int watchdog_tick(void);

/* ---- cases.c ---- */
/* Runs case k of a group: its initial state in *before, its masked final one in *after. */
void case_run(const struct vector_group *g, unsigned k, struct state *before, struct state *after);
/* Before the first and after the last case of a group. case_end() returns 1 when bytes outside the windows have changed (they are put right). */
void case_begin(const struct vector_group *g);
int case_end(const struct vector_group *g);
void copy_bytes(void *to, const void *from, uintptr_t bytes);
void clear_bytes(void *to, uintptr_t bytes);

extern struct vector_header *const file;

#endif
