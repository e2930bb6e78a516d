/* One test of one instruction: the file that the native program writes and the translated one answers, in this order of bytes. */
#ifndef TESTS_SSE_CASE_H
#define TESTS_SSE_CASE_H

#include <stdint.h>

#define CASE_MEM 0x20000000u /* address of the memory operand's bytes, the same on both sides */
#define CASE_MEM_SIZE 64
#define CASE_DONE (-1)

struct state {
	uint8_t xmm[16][16];
	struct { uint64_t mant; uint16_t sexp, reserved[3]; } st[8]; /* physical registers */
	uint64_t gpr[16];
	uint32_t mxcsr;
	uint32_t eflags;  /* arithmetic flags */
	uint16_t fsw;
	uint8_t empty;    /* bit n: physical register n is empty */
	uint8_t reserved;
	int32_t vector;   /* exception, or CASE_DONE */
	uint8_t mem[CASE_MEM_SIZE];
} __attribute__((aligned(16)));

struct test_case {
	uint8_t insn[14];
	uint8_t len;
	uint8_t approximate : 1, /* RCP, RSQRT */
		wide : 1;        /* in 64-bit mode: else there are 8 registers of each kind, and general ones have 32 bits */
	uint32_t cr0, cr4;
	struct state in, out;
} __attribute__((aligned(16)));

#endif
