/*
 * What a kernel does with memory for hours, without the kernel: address spaces that come and go, pages mapped on demand, shared and copied on write, code loaded, patched
 * and unmapped, in rings 0 and 3, under timers. All that is read is compared with what must be there; the first difference ends the run with a line. The same
 * program is 32-bit code and, with LONG, 64-bit code, and both compute the same sums.
 */
#ifndef CHURN_H
#define CHURN_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE 4096u

/* ---- frames.c: physical pages ---- */
#define FRAMES 2048u /* the first is none */
struct frame {
	uint32_t stamp; /* what a page of data has in its first and last word; the seed of a page of code */
	uint16_t refs;  /* mappings */
	bool code;
};
extern struct frame frames[FRAMES];
void frames_init(void);
/* Ends the run when one is in use. */
void frames_all_free(void);
/* A frame with one reference that holds data with this stamp. */
unsigned frame_take(uint32_t stamp);
void frame_release(unsigned f);
uint8_t *frame_memory(unsigned f);

/* ---- spaces.c: address spaces ---- */
#define SPACES 24u
#define SLOTS 64u    /* pages of a space that may be mapped */
#define GLOBALS 16u  /* pages that all spaces have */
struct space {
	uintptr_t top, window;     /* the tables' first page; where the slots lie */
	uintptr_t *slot;           /* entries of the page table */
	uintptr_t *large;          /* entry of the directory for a large page behind them */
	uint16_t frame[SLOTS];     /* what is mapped */
	bool user;                 /* open to ring 3 */
	bool stale;                /* the CPU may know more of it than is there */
};
extern struct space spaces[SPACES], *current;
extern uint32_t loads, faults; /* of CR3; page faults taken */
/* Once: makes all spaces, enters the first, takes page faults. */
void spaces_init(void);
/* Makes s the current one; `flush` asks for that without need. */
void space_enter(struct space *s, bool flush);
/* Enters the current one again and again. */
void space_reload(unsigned times);
uintptr_t slot_address(const struct space *s, unsigned k);
/* The slot of the current space has this frame, or none, and the TLB knows it. */
void slot_set(unsigned k, unsigned f);
/* All pages of the space are gone. */
void space_empty(struct space *s);
/* `child`, not the current space, becomes a copy of it; what both have is copied when it is written. */
void space_fork(struct space *child);
/* Maps a large page, looks at it, maps another, then pieces of both, then nothing. */
void large_pages(uint32_t which);
/* Page g of those that all spaces have gets frame f, or none. */
void global_set(unsigned g, unsigned f);
uintptr_t global_address(unsigned g);

/* ---- work.c: what is done, n rounds of it; `salt` makes it different each time, but not another amount ---- */
uint32_t work(uint32_t rounds, uint32_t salt);

/* ---- clock.c: the machine's clocks, which are to agree, and its timers, which interrupt ---- */
void clocks_init(void);
/* To be called every few seconds at least. */
void clocks_poll(void);
/* Since clocks_init(). */
uint32_t clock_seconds(void);
/* Prints a line with the frequency of the PM timer, the HPET's period in fs and the APIC timer's in ticks; and what they say now. In hexadecimal. */
void clocks_print_units(void);
void clocks_print(void);
uint64_t clock_tsc(void);

/* ---- accesses to memory, which may fault, and so change all that page faults change; and to ports ---- */
static inline uint32_t peek(uintptr_t at)
{
	uint32_t v;

	__asm__ volatile("movl (%1), %0" : "=r"(v) : "r"(at) : "memory");
	return v;
}

static inline void poke(uintptr_t at, uint32_t v)
{
	__asm__ volatile("movl %1, (%0)" : : "r"(at), "r"(v) : "memory");
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %w1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

#endif
