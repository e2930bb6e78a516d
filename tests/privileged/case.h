/* A case: descriptor tables and a few instructions made from a number, run once, and what is left of the machine. */
#ifndef TESTS_PRIVILEGED_CASE_H
#define TESTS_PRIVILEGED_CASE_H

#include <stdint.h>

#include "tests/privileged/layout.h"

/* Where the case begins: boot.S knows the offsets. */
struct entry {
	uint32_t eip, cs, eflags, outer_esp, outer_ss, esp, ss, ds, es, fs, gs;
	uint32_t eax, ecx, edx, ebx, ebp, esi, edi;
};

/* What it left. */
struct left {
	uint32_t vector, error, eip, cs, eflags, esp, ss, ds, es, fs, gs;
	uint32_t eax, ecx, edx, ebx, ebp, esi, edi, tr, ldtr, cr0;
};

extern struct entry entry;
extern struct left left;
extern uint32_t saved_esp;
extern const uint8_t vectors[];
void case_enter(void);
void double_fault(void);

uint32_t random32(void);
void random_start(uint32_t seed);
/* One of n: 0 .. n - 1. */
static inline uint32_t one_of(uint32_t n)
{
	return random32() % n;
}

/* Fills GDT, LDT, IDT, TSSs (tables.c). */
void tables_make(void);
/* A selector: mostly of the tables' random part, or a good one, null, or beyond the end. */
uint32_t any_selector(void);

/* Writes the instructions and sets `entry` (code.c). Returns the number of bytes. */
unsigned code_make(uint8_t *at);

static inline void put32(uint32_t at, uint32_t v)
{
	*(volatile uint32_t *)at = v;
}

#endif
