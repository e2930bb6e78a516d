/*
 * Guest programs that go on for long, in 32-bit protected mode. Memory: code is made at CODE, pages for address spaces come from POOL; all of it below MAPPED
 * is mapped as it lies, by large pages.
 */
#ifndef ENDURANCE_H
#define ENDURANCE_H

#include <stdint.h>

#include "tests/endurance/function.h"

#define CODE 0x00400000u
#define POOL 0x01000000u
#define MAPPED 0x04000000u
#define PAGE 4096u

static inline uint64_t ticks(void)
{
	uint64_t t;

	__asm__ volatile("rdtsc" : "=A"(t));
	return t;
}

/* "name: result, ticks t" in hexadecimal and decimal. */
void report(const char *name, uint32_t result, uint64_t since);

/* Paging on, everything below MAPPED mapped, and nothing else. */
void paging_on(void);
/* Makes an address space at `directory`: two pages, which maps WINDOW's pages by the table behind the directory. */
#define WINDOW 0x40000000u
uint32_t *space_make(uint32_t directory);
void space_enter(uint32_t directory);

void big(void);
void spaces(void);
void mixed(void);

#endif
