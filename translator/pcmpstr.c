#include "translator/pcmpstr.h"

#include <string.h>

#include "translator/opcodes.h"
#include "translator/vregs.h"

/* The immediate */
#define IMM_WORDS 0x01u
#define IMM_SIGNED 0x02u
#define IMM_AGGREGATION(imm) ((imm) >> 2 & 3)
#define IMM_NEGATED 0x10u
#define IMM_MASKED 0x20u /* ... only where the second operand is valid */
#define IMM_LAST 0x40u   /* index of the highest bit; or a mask of whole elements */

enum { EQUAL_ANY, RANGES, EQUAL_EACH, EQUAL_ORDERED };

/* pcmpstr_match.S */
typedef uint32_t match_fn(const void *a, const void *b, unsigned la, unsigned lb);
match_fn pcmpstr_any_b, pcmpstr_any_h, pcmpstr_ranges_b, pcmpstr_ranges_bu, pcmpstr_ranges_h, pcmpstr_ranges_hu, pcmpstr_each_b, pcmpstr_each_h;
match_fn pcmpstr_ordered_b, pcmpstr_ordered_h;
uint32_t pcmpstr_zeros_b(const void *a), pcmpstr_zeros_h(const void *a);

/* By aggregation and IMM_WORDS, IMM_SIGNED. */
static match_fn *const matches[4][4] = {
	[EQUAL_ANY] = { pcmpstr_any_b, pcmpstr_any_h, pcmpstr_any_b, pcmpstr_any_h },
	[RANGES] = { pcmpstr_ranges_bu, pcmpstr_ranges_hu, pcmpstr_ranges_b, pcmpstr_ranges_h },
	[EQUAL_EACH] = { pcmpstr_each_b, pcmpstr_each_h, pcmpstr_each_b, pcmpstr_each_h },
	[EQUAL_ORDERED] = { pcmpstr_ordered_b, pcmpstr_ordered_h, pcmpstr_ordered_b, pcmpstr_ordered_h },
};

struct text {
	uint8_t bytes[16] __attribute__((aligned(16)));
	unsigned length; /* valid elements */
};

/* Up to the first 0. */
static unsigned implicit_length(const struct text *s, unsigned imm, unsigned n)
{
	return (unsigned)__builtin_ctz((imm & IMM_WORDS ? pcmpstr_zeros_h : pcmpstr_zeros_b)(s->bytes) | 1u << n);
}

static unsigned explicit_length(uint64_t reg, bool wide, unsigned n)
{
	int64_t v = wide ? (int64_t)reg : (int32_t)reg;
	uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	return magnitude < n ? (unsigned)magnitude : n;
}

/* IntRes2 */
static unsigned compare(const struct text *a, const struct text *b, unsigned imm, unsigned n)
{
	unsigned aggregation = IMM_AGGREGATION(imm), all = (1u << n) - 1, valid_a = (1u << a->length) - 1, valid_b = (1u << b->length) - 1;
	unsigned result = matches[aggregation][imm & (IMM_WORDS | IMM_SIGNED)](a->bytes, b->bytes, a->length, b->length);

	if (aggregation == EQUAL_EACH)
		result = (result & valid_a & valid_b) | (all & ~(valid_a | valid_b));
	else if (aggregation != EQUAL_ORDERED)
		result &= valid_b;
	if (imm & IMM_NEGATED)
		result ^= imm & IMM_MASKED ? valid_b : all;
	return result;
}

static void put_index(struct cpu *cpu, unsigned bits, unsigned imm, unsigned n)
{
	unsigned index = n;

	if (bits)
		index = imm & IMM_LAST ? 31 - (unsigned)__builtin_clz(bits) : (unsigned)__builtin_ctz(bits);
	cpu_set_gpr(cpu, RCX, 4, index);
}

static void put_mask(unsigned bits, unsigned imm, unsigned n)
{
	uint8_t v[16] = { 0 };

	v[0] = (uint8_t)bits;
	v[1] = (uint8_t)(bits >> 8);
	if (imm & IMM_LAST)
		for (unsigned k = 0; k < 16; k++)
			v[k] = bits >> k * n / 16 & 1 ? 0xff : 0;
	vreg_load(0, v);
}

uint64_t pcmpstr(struct cpu *cpu, uint64_t op, uint64_t regs, uint64_t imm64)
{
	unsigned imm = (unsigned)imm64, n = imm & IMM_WORDS ? 8 : 16, bits;
	struct text a, b;

	vreg_store(regs >> 8 & 0xff, a.bytes);
	vreg_store(regs >> 16 & 0xff, b.bytes);
	if (op == OP_PCMPESTRI || op == OP_PCMPESTRM) {
		a.length = explicit_length(cpu->gpr[RAX], imm & PCMPSTR_WIDE, n);
		b.length = explicit_length(cpu->gpr[RDX], imm & PCMPSTR_WIDE, n);
	} else {
		a.length = implicit_length(&a, imm, n);
		b.length = implicit_length(&b, imm, n);
	}
	bits = compare(&a, &b, imm, n);
	if (op == OP_PCMPESTRI || op == OP_PCMPISTRI)
		put_index(cpu, bits, imm, n);
	else
		put_mask(bits, imm, n);
	return (bits ? FL_CF : 0) | (b.length < n ? FL_ZF : 0) | (a.length < n ? FL_SF : 0) | (bits & 1 ? FL_OF : 0);
}
