/*
 * Random x87, SSE and MMX code: short programs, some of them loops, and the states they start from. Both sides make the same ones from the same
 * numbers, so that only the states behind them travel from one to the other.
 */
#ifndef TESTS_STORM_H
#define TESTS_STORM_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/insn.h"

#define STORM_EIP 0x40001000u /* where programs are */
#define STORM_MEM 0x20000000u /* what EDX points to: four operands of 16 bytes, then room for FNSAVE's image */
#define STORM_SLOTS 4
#define STORM_IMAGE 64
#define STORM_MEM_SIZE 192
#define STORM_INSNS 6
#define STORM_LOOP 5          /* instructions more that make some of them a loop */
#define STORM_END 0xff        /* no exception: the program came to its end */

struct storm_state {
	struct { uint64_t mant; uint16_t sexp, none[3]; } st[8]; /* physical registers */
	uint8_t xmm[4][16];
	uint64_t gpr[2];  /* RAX, RCX */
	uint32_t mxcsr, eflags; /* arithmetic flags */
	uint16_t cw, sw;
	uint8_t empty;    /* bit n: physical register n is empty */
	uint8_t vector;   /* exception, or STORM_END */
	uint8_t done;     /* instructions that were executed */
	uint8_t none;
	uint8_t mem[STORM_MEM_SIZE];
};

/* What an operand in memory is made to look like. */
enum { SLOT_F32, SLOT_F64, SLOT_F80, SLOT_INT, SLOT_BCD, SLOT_KINDS };

struct program {
	uint8_t code[96];
	uint8_t len, n;
	uint8_t at[STORM_INSNS + STORM_LOOP + 1]; /* offsets of the instructions, and of the end */
	struct insn insn[STORM_INSNS + STORM_LOOP];
	bool wide;           /* 64-bit code */
	bool compares;       /* x87 comparisons */
	bool fcomi;
	bool transcendental; /* that one instruction and no other */
	bool sets_cw;        /* FLDCW, FLDENV, FRSTOR */
	uint8_t image;       /* 0, or the step, 2 or 4, of what FNSTENV or FNSAVE stores */
	bool doubles;        /* what XMM registers are filled with */
	uint8_t slot[STORM_SLOTS];
	/* what most of its states have in common */
	uint16_t cw;
	uint8_t top, empty;
	uint32_t mxcsr;
};

/* What programs consist of. */
enum storm_set {
	STORM_ALL,
	STORM_ARITHMETIC, /* x87, and of SSE what sse_exec() does */
};

/* xorshift64* */
struct rng { uint64_t s; };
struct rng rng_of(uint64_t seed, uint64_t n);
uint64_t rnd(struct rng *r);
unsigned below(struct rng *r, unsigned n);

/* Program number n of a seed. */
void program_make(struct program *p, enum storm_set set, uint64_t seed, uint64_t n);
/* The state it starts from for the k-th time. */
void state_make(struct storm_state *s, const struct program *p, uint64_t seed, uint64_t n, unsigned k);

#endif
