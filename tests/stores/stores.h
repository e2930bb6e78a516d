/* Checks of stores, and what they share. */
#ifndef TESTS_STORES_H
#define TESTS_STORES_H

#include <stdbool.h>
#include <stdint.h>

#define ALIAS 0x1b0000 /* two pages, for another mapping of two physical ones */

/* Registers and flags for code that is called, and what it leaves in them. */
struct registers {
	uintptr_t a, b, c, d, si, di, flags;
};

/* Counts; says at most a few failures: `what`, and numbers that tell the case. */
void check(bool good, const char *what, uint32_t a, uint32_t b, uint32_t c);
/* Calls code that keeps the stack and BP. */
void call_with(struct registers *r, const void *code);
/* Points the linear page at a physical one, or makes it absent. Pages below 2 MiB only. */
void map_page(uintptr_t linear, uintptr_t physical, bool present);
void copy(void *to, const void *from, unsigned n);

/* Stores of all kinds into code, at all distances. */
void smc_checks(void);
/* Flags that are dead, as page faults and stores into code show them. */
void dead_flags_checks(void);
/* Locked operations at all alignments, and their page faults. */
void locked_checks(void);
/* MOV from and to an emulated device, and memory. */
void device_checks(void);
/* REP string instructions. */
void string_checks(void);
/* Runs of pushes and pops that meet a page that is not there. */
void stack_checks(void);

#endif
