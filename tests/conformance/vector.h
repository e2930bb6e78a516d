/*
 * The vector file: what generator, oracles and the guest payload tell each other. docs/conformance.md describes the rig.
 *
 * A group is a piece of code and a number of cases: initial states, made from the group's seed (state.h), so that they need no room. Of a
 * case's result the file holds a 64-bit digest; who wants to see more asks for the case to be explained. The file lies in guest physical
 * memory at VECTOR_PHYS, its code image is executed where it lies (mapped at VECTOR_CODE), so that testing writes no code.
 *
 * All numbers little-endian. Layout: header, groups, code image (page aligned), digests. Change VECTOR_VERSION with any of it.
 */
#ifndef TESTS_CONFORMANCE_VECTOR_H
#define TESTS_CONFORMANCE_VECTOR_H

#ifndef __ASSEMBLER__
#include <stdint.h>
#endif

#define VECTOR_MAGIC 0x54434556u /* "VECT" */
#define VECTOR_VERSION 2
#define VECTOR_PHYS 0x02000000u  /* 32 MiB: RAM on QEMU's PC and on our board */
#define VECTOR_MAX 0x0d000000u   /* bytes, up to 240 MiB */

/* Linear addresses of a case in flat modes, the same on every oracle. All else is not present for ring 3, the payload's own
 * addresses (VECTOR_KERNEL, 256 MiB, supervisor) apart: a case that touches those is not a fair one. */
#define VECTOR_KERNEL 0xc8000000u
#define VECTOR_KERNEL_SIZE 0x10000000u
#define VECTOR_CODE 0x50000000u  /* the code image, user, read-only unless GROUP_CODE_WRITABLE */
#define VECTOR_DATA 0x40000000u  /* pages 0 and 1 read-write, page 2 read-only; page -1 and page 3 not present */
#define VECTOR_DATA_PAGES 3
#define VECTOR_STACK 0x48000000u /* one read-write page, its neighbours not present */
/*
 * In 16-bit modes: data segments have base VECTOR_DATA (real and V86 mode: VECTOR_DATA_LOW), the stack segment VECTOR_STACK
 * (VECTOR_STACK_LOW), the code segment VECTOR_CODE + the group's code & ~0xffff (the 64 KiB of the image it lies in, copied to VECTOR_CODE_LOW), all
 * limits ffff. A group never straddles 64 KiB.
 */
#define VECTOR_DATA_LOW 0x20000u
#define VECTOR_CODE_LOW 0x30000u
#define VECTOR_STACK_LOW 0x48000u

#ifndef __ASSEMBLER__
enum vector_run {
	RUN_CHECK,   /* compare digests, report differences */
	RUN_RECORD,  /* write the digests of groups whose oracle is ORACLE_MACHINE */
	RUN_EXPLAIN, /* print the whole result of one case */
};

struct vector_header {
	uint32_t magic, version;
	uint32_t run;             /* enum vector_run */
	uint32_t ngroups;
	uint32_t groups;          /* offsets from the start of the file */
	uint32_t code, code_pages;
	uint32_t digests, ndigests;
	uint32_t report_limit;    /* groups whose differences are reported in full; the rest is counted */
	uint32_t at_group, at_state; /* RUN_EXPLAIN: the case. Else written by the payload: the case that runs */
	/* Written by the payload. */
	uint32_t cases, failures; /* so far */
	uint32_t finished;        /* 1 at the end */
	uint32_t reserved;
};

/* In what mode the code runs. Each has its column in the coverage table. */
enum vector_mode {
	VECTOR_REAL,     /* real mode */
	VECTOR_V86,      /* virtual-8086, IOPL 0, no VME */
	VECTOR_PM16,     /* protected, 16-bit segments, ring 3 */
	VECTOR_PM32,     /* protected, flat 32-bit, ring 3 */
	VECTOR_PM32_R0,  /* the same at ring 0 */
	VECTOR_LONG64,   /* 64-bit code, ring 3 */
	VECTOR_LONG64_R0,
	VECTOR_COMPAT32, /* 32-bit code under a 64-bit supervisor, ring 3 */
	VECTOR_MODES
};

enum vector_oracle {
	ORACLE_CPU,     /* the build machine's CPU, in user mode */
	ORACLE_MACHINE, /* the payload on an x86 virtual machine: KVM where there is one, else QEMU's emulation */
};

/* What a group's cases need and compare. */
#define GROUP_FPU 0x0001u           /* x87, MMX, SSE state is set and compared */
#define GROUP_DIRECTION 0x0002u     /* DF is random; else clear */
#define GROUP_COUNT 0x0004u         /* (R/E)CX is a small count, mostly */
#define GROUP_CODE_WRITABLE 0x0008u /* the code's pages are writable */
#define GROUP_DEMAND 0x0010u        /* pages of data and stack are absent at first, and appear (read-only, then writable) on the faults on
                                       them, after which the case goes on. Page 2 stays read-only, and what is absent always stays so */
#define GROUP_STRICT 0x0020u        /* undefined flags are compared too */
#define GROUP_ALIGN 0x0040u         /* EFLAGS.AC and CR0.AM are set */
#define GROUP_FPU_WILD 0x0080u      /* the x87 starts with unmasked exceptions, odd tags or pending errors, at times */
#define GROUP_SSE_WILD 0x0100u      /* MXCSR has unmasked exceptions, DAZ or FTZ, at times */
#define GROUP_DIVIDE 0x0200u        /* (E)DX:(E)AX is small, mostly */
#define GROUP_VENDOR 0x0800u        /* Intel's and AMD's CPUs differ: C1 after FCOMI, the condition code after a comparison with an
                                       unmasked exception, CR2 within the page for stores in several parts. Not compared; nor, where a machine is the
                                       oracle, what a fault left of the x87 */
#define GROUP_EQUAL 0x0400u         /* (E)AX agrees with what is at the pointers, at times: for compare-and-exchange */

struct vector_group {
	uint64_t seed;
	uint32_t code;         /* offset of the first byte in the code image */
	uint16_t length;       /* bytes, without the UD2 that ends it */
	uint16_t states;       /* number of cases */
	uint32_t digest;       /* index of the first one */
	uint32_t eflags;       /* bits compared at the end of the code, all FL_ARITH for GROUP_STRICT */
	uint32_t options;      /* GROUP_xxx */
	uint32_t pointers;     /* bit set of general registers that start as addresses near a window. The stack pointer always does */
	uint32_t indices;      /* registers that start as small signed numbers */
	uint8_t mode, oracle;
	uint16_t reserved;
};

#endif /* __ASSEMBLER__ */

/* A digest of this value means: this case is not compared (the oracle could not run it). */
#define DIGEST_NONE 0ull

#endif
