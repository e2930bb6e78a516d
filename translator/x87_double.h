/*
 * x87 registers as doubles. With 53 bits of precision most values that a program works with are doubles, and what the host's FPU computes of them is what
 * the x87 would, to the last bit, as long as operands and results are numbers within a double's range. So translated code holds such
 * registers in registers of the host (gen_x87_double.c). C looks at st[] only behind x87_spill().
 *
 * This is done (X87_CTL_DOUBLES) when PC is 53 bits, all exceptions are masked and PE is set already, so that nobody need find out whether a result is
 * inexact. All other exceptions lead to C: the host's FPU traps.
 */
#ifndef TRANSLATOR_X87_DOUBLE_H
#define TRANSLATOR_X87_DOUBLE_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;

/* x87.c1: beside 0 and 1, the operation on c1_of whose rounding it tells of. */
enum { X87_C1_ADD = 2, X87_C1_SUB, X87_C1_MUL, X87_C1_DIV, X87_C1_SQRT, X87_C1_TO_SINGLE, X87_C1_TO_INTEGER };
#define X87_C1_STORED 1u /* x87_live.c1: x87.c1 has it */

/*
 * While code works on doubles (gen_x87_double.c): where the x87's state is, as far as it is not in *cpu. FCSR has the x87's rounding mode and traps then;
 * cpu->x87.tag_empty and so on may be older.
 */
struct x87_live {
	bool active;      /* else all is in its place, and nothing else below counts */
	bool done;        /* some instruction has been: FCS is that of the code */
	bool pointers;    /* FIP and FOP are these */
	uint8_t reg[8];   /* host register of each physical register that is a double */
	uint8_t c1;       /* X87_C1_xxx, 0, or X87_C1_STORED */
	uint8_t of[2];    /* host registers: c1_of */
	uint16_t fop;
	uint64_t fip;
	uint8_t fdp_base; /* host register, 0: FDP and FDS are stored. FDP is it ... */
	int16_t fdp_disp; /* ... and this, FDS the selector of ... */
	uint8_t fdp_seg;
	uint64_t word;    /* x87_word() */
};

/* A place in such code where the guest may fault or the host's FPU trap. */
struct x87_point {
	struct x87_live live;
	uint32_t info;    /* of the x87 instruction, as for x87_exec() ... */
	int16_t disp;     /* ... and its operand: host register and displacement */
	int8_t base;      /* -1: it has none */
	uint8_t len;      /* in bytes */
};
/* All to its place, from a trap of code in that state: the host's floating-point registers are as they were then, r are the general ones. */
void x87_recover(struct cpu *cpu, const struct x87_live *l, const uint64_t *r);

/* All registers are in st[] afterwards. */
void x87_spill(struct cpu *cpu);
/* What can be is held as doubles, if that is done; else all registers are in st[]. */
void x87_refill(struct cpu *cpu);
/* C1, whatever x87.c1 says; and x87.c1 becomes that, for translated code, which returns it. */
bool x87_double_c1(const struct cpu *cpu);
uint64_t x87_settle_c1(struct cpu *cpu);

#endif
