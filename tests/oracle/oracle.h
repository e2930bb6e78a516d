/* What oracle.c (on the x86 machine) and runner.c (translated code on a LoongArch user-mode emulator) tell each other. */
#ifndef TESTS_ORACLE_H
#define TESTS_ORACLE_H

#include <stdint.h>

/* The same addresses in both; but for the data none that sums of the tests may hit. Code begins with one slot for each pointer of struct stubs. */
#define DATA_BASE 0x10000000ul
#define DATA_SIZE 256
#define CPU_BASE 0x7e0020000000ul
#define CPU_SIZE 0x10000ul
#define CODE_BASE 0x7e0030000000ul
#define CODE_WORDS 0x40000u
#define STUB_WORDS 16

struct blob_head {
	uint32_t words, cases;
	uint32_t stub_cc_get, stub_cc_carry, stub_cc_kinds, stub_helper_end, stub_helper_end_long; /* the stubs' numbers of slots */
};

struct machine {
	uint64_t gpr[16];
	uint64_t cc_dst, cc_src;
	uint32_t cc_op, vector; /* vector: the exception that ended it */
	uint32_t entry;         /* word offset of the code */
	uint32_t direction;     /* EFLAGS.DF */
	uint32_t fault;         /* word offset of the host instruction that faulted, or 0 */
	uint64_t base;          /* of DS and ES, with DATA_SIZE as their size; 0: flat */
	uint8_t data[DATA_SIZE];
};

#endif
