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

struct text {
	int32_t c[16];
	unsigned length; /* valid elements */
};

static void unpack(struct text *s, unsigned reg, unsigned imm, unsigned n)
{
	uint8_t bytes[16];

	vreg_store(reg, bytes);
	for (unsigned k = 0; k < n; k++) {
		uint16_t w = imm & IMM_WORDS ? (uint16_t)(bytes[2 * k] | bytes[2 * k + 1] << 8) : bytes[k];

		if (!(imm & IMM_SIGNED))
			s->c[k] = w;
		else
			s->c[k] = imm & IMM_WORDS ? (int16_t)w : (int8_t)w;
	}
}

/* Up to the first 0. */
static void implicit_length(struct text *s, unsigned n)
{
	for (s->length = 0; s->length < n && s->c[s->length]; s->length++)
		;
}

static void explicit_length(struct text *s, uint64_t reg, bool wide, unsigned n)
{
	int64_t v = wide ? (int64_t)reg : (int32_t)reg;
	uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	s->length = magnitude < n ? (unsigned)magnitude : n;
}

static bool any_equal(const struct text *a, int32_t c)
{
	for (unsigned k = 0; k < a->length; k++)
		if (a->c[k] == c)
			return true;
	return false;
}

/* Pairs of limits; one without the other is none. */
static bool in_ranges(const struct text *a, int32_t c)
{
	for (unsigned k = 0; k + 1 < a->length; k += 2)
		if (a->c[k] <= c && c <= a->c[k + 1])
			return true;
	return false;
}

/* Whether a, or as much of it as there is room for, begins at b's element `at`. */
static bool begins_at(const struct text *a, const struct text *b, unsigned at, unsigned n)
{
	for (unsigned k = 0; k < a->length && at + k < n; k++)
		if (at + k >= b->length || a->c[k] != b->c[at + k])
			return false;
	return true;
}

static bool aggregate(const struct text *a, const struct text *b, unsigned k, unsigned imm, unsigned n)
{
	switch (IMM_AGGREGATION(imm)) {
	case EQUAL_ANY:
		return k < b->length && any_equal(a, b->c[k]);
	case RANGES:
		return k < b->length && in_ranges(a, b->c[k]);
	case EQUAL_EACH:
		return k < a->length && k < b->length ? a->c[k] == b->c[k] : k >= a->length && k >= b->length;
	default:
		return begins_at(a, b, k, n);
	}
}

/* IntRes2 */
static unsigned compare(const struct text *a, const struct text *b, unsigned imm, unsigned n)
{
	unsigned result = 0;

	for (unsigned k = 0; k < n; k++) {
		bool bit = aggregate(a, b, k, imm, n);

		if (imm & IMM_NEGATED && (!(imm & IMM_MASKED) || k < b->length))
			bit = !bit;
		result |= (unsigned)bit << k;
	}
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

	unpack(&a, regs >> 8 & 0xff, imm, n);
	unpack(&b, regs >> 16 & 0xff, imm, n);
	if (op == OP_PCMPESTRI || op == OP_PCMPESTRM) {
		explicit_length(&a, cpu->gpr[RAX], imm & PCMPSTR_WIDE, n);
		explicit_length(&b, cpu->gpr[RDX], imm & PCMPSTR_WIDE, n);
	} else {
		implicit_length(&a, n);
		implicit_length(&b, n);
	}
	bits = compare(&a, &b, imm, n);
	if (op == OP_PCMPESTRI || op == OP_PCMPISTRI)
		put_index(cpu, bits, imm, n);
	else
		put_mask(bits, imm, n);
	return (bits ? FL_CF : 0) | (b.length < n ? FL_ZF : 0) | (a.length < n ? FL_SF : 0) | (bits & 1 ? FL_OF : 0);
}
