/*
 * LoongArch instruction emitter: one function an instruction, la_<mnemonic>(e, operands in assembler order).
 *
 * Operands are register numbers and immediates as the assembler writes them: offsets of branches, jirl, ldptr, ll, sc, vldrepl and
 * vstelm in bytes, the shift of alsl as 1-4. Immediates are cut to their field without a check: what does not fit is the
 * caller's mistake, except branch offsets set by emit_fix_branch().
 */
#ifndef TRANSLATOR_EMIT_H
#define TRANSLATOR_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emit {
	uint32_t *p;     /* where the next word goes */
	uint32_t *start;
	uint32_t *end;   /* first word that may not be written */
	bool overflow;   /* a word did not fit and was dropped: the code is worthless */
};

/* Starts emitting `words` words at buf. */
static inline void emit_init(struct emit *e, uint32_t *buf, size_t words)
{
	e->p = e->start = buf;
	e->end = buf + words;
	e->overflow = false;
}

/* Address of the next instruction. */
static inline uint32_t *emit_here(struct emit *e) { return e->p; }

static inline void emit_word(struct emit *e, uint32_t word)
{
	if (e->p < e->end)
		*e->p++ = word;
	else
		e->overflow = true;
}

/* `width` bits of v at bit `pos`. */
static inline uint32_t emit_field(int64_t v, int width, int pos)
{
	return ((uint32_t)v & ((1u << width) - 1)) << pos;
}

static inline void emit_3(struct emit *e, uint32_t op, int a, int b, int64_t c, int width)
{
	emit_word(e, op | emit_field(a, 5, 0) | emit_field(b, 5, 5) | emit_field(c, width, 10));
}

/* Register operands: r general, f floating point, v vector, c condition flag, x FCSR; h hint. Named by field: d (0-4), j (5-9), k (10-14). */
#define EMIT_2REG(name, op, d, j) \
	static inline void la_##name(struct emit *e, int d, int j) { emit_3(e, op, d, j, 0, 5); }
#define EMIT_3REG(name, op, d, j, k) \
	static inline void la_##name(struct emit *e, int d, int j, int k) { emit_3(e, op, d, j, k, 5); }
#define EMIT_4REG(name, op, d, j, k, a) \
	static inline void la_##name(struct emit *e, int d, int j, int k, int a) \
	{ \
		emit_3(e, (op) | emit_field(a, 5, 15), d, j, k, 5); \
	}
#define EMIT_2REG_IMM(name, op, d, j, width, shift) \
	static inline void la_##name(struct emit *e, int d, int j, int imm) { emit_3(e, op, d, j, imm >> (shift), width); }
#define EMIT_REG_IMM(name, op, width) \
	static inline void la_##name(struct emit *e, int d, int imm) { emit_word(e, (op) | emit_field(d, 5, 0) | emit_field(imm, width, 5)); }

#define EMIT_NONE(name, op) \
	static inline void la_##name(struct emit *e) { emit_word(e, op); }
#define EMIT_CODE(name, op) \
	static inline void la_##name(struct emit *e, int code) { emit_word(e, (op) | emit_field(code, 15, 0)); }

/* integer */
#define EMIT_RR(name, op) EMIT_2REG(name, op, rd, rj)
#define EMIT_RRR(name, op) EMIT_3REG(name, op, rd, rj, rk)
#define EMIT_RRRA2(name, op) \
	static inline void la_##name(struct emit *e, int rd, int rj, int rk, int sa) { emit_3(e, (op) | emit_field(sa - 1, 2, 15), rd, rj, rk, 5); }
#define EMIT_RRRU2(name, op) \
	static inline void la_##name(struct emit *e, int rd, int rj, int rk, int sa) { emit_3(e, (op) | emit_field(sa, 2, 15), rd, rj, rk, 5); }
#define EMIT_RRRU3(name, op) \
	static inline void la_##name(struct emit *e, int rd, int rj, int rk, int sa) { emit_3(e, (op) | emit_field(sa, 3, 15), rd, rj, rk, 5); }
#define EMIT_RRU5(name, op) EMIT_2REG_IMM(name, op, rd, rj, 5, 0)
#define EMIT_RRU6(name, op) EMIT_2REG_IMM(name, op, rd, rj, 6, 0)
#define EMIT_RRS12(name, op) EMIT_2REG_IMM(name, op, rd, rj, 12, 0)
#define EMIT_RRU12(name, op) EMIT_2REG_IMM(name, op, rd, rj, 12, 0)
#define EMIT_RRS14(name, op) EMIT_2REG_IMM(name, op, rd, rj, 14, 2)
#define EMIT_RRS16(name, op) EMIT_2REG_IMM(name, op, rd, rj, 16, 0)
#define EMIT_RS20(name, op) EMIT_REG_IMM(name, op, 20)
#define EMIT_RRMLW(name, op) \
	static inline void la_##name(struct emit *e, int rd, int rj, int msb, int lsb) \
	{ \
		emit_3(e, (op) | emit_field(msb, 5, 16), rd, rj, lsb, 5); \
	}
#define EMIT_RRMLD(name, op) \
	static inline void la_##name(struct emit *e, int rd, int rj, int msb, int lsb) \
	{ \
		emit_3(e, (op) | emit_field(msb, 6, 16), rd, rj, lsb, 6); \
	}
/* memory: preld hint, rj, si12; preldx hint, rj, rk (invtlb too); atomics rd, rk, rj */
#define EMIT_HRS12(name, op) EMIT_2REG_IMM(name, op, hint, rj, 12, 0)
#define EMIT_HRR(name, op) EMIT_3REG(name, op, hint, rj, rk)
#define EMIT_RKJ(name, op) \
	static inline void la_##name(struct emit *e, int rd, int rk, int rj) { emit_3(e, op, rd, rj, rk, 5); }
/* control; all offsets in bytes from the instruction itself */
#define EMIT_B26(name, op) \
	static inline void la_##name(struct emit *e, int offs) { emit_word(e, (op) | emit_offs26(offs)); }
#define EMIT_BRR(name, op) \
	static inline void la_##name(struct emit *e, int rj, int rd, int offs) { emit_3(e, op, rd, rj, offs >> 2, 16); }
#define EMIT_BR21(name, op) \
	static inline void la_##name(struct emit *e, int rj, int offs) { emit_word(e, (op) | emit_field(rj, 5, 5) | emit_offs21(offs)); }
#define EMIT_BC21(name, op) \
	static inline void la_##name(struct emit *e, int cj, int offs) { emit_word(e, (op) | emit_field(cj, 3, 5) | emit_offs21(offs)); }
#define EMIT_JIRL(name, op) EMIT_2REG_IMM(name, op, rd, rj, 16, 2)
#define EMIT_JK(name, op) \
	static inline void la_##name(struct emit *e, int rj, int rk) { emit_3(e, op, 0, rj, rk, 5); }
#define EMIT_RCSR(name, op) \
	static inline void la_##name(struct emit *e, int rd, int csr) { emit_3(e, op, rd, 0, csr, 14); }
#define EMIT_RRCSR(name, op) EMIT_2REG_IMM(name, op, rd, rj, 14, 0)
/* floating point */
#define EMIT_FF(name, op) EMIT_2REG(name, op, fd, fj)
#define EMIT_FFF(name, op) EMIT_3REG(name, op, fd, fj, fk)
#define EMIT_FFFF(name, op) EMIT_4REG(name, op, fd, fj, fk, fa)
#define EMIT_FFFC(name, op) EMIT_4REG(name, op, fd, fj, fk, ca)
#define EMIT_CFF(name, op) EMIT_3REG(name, op, cd, fj, fk)
#define EMIT_FR(name, op) EMIT_2REG(name, op, fd, rj)
#define EMIT_RF(name, op) EMIT_2REG(name, op, rd, fj)
#define EMIT_XR(name, op) EMIT_2REG(name, op, xd, rj)
#define EMIT_RX(name, op) EMIT_2REG(name, op, rd, xj)
#define EMIT_CF(name, op) EMIT_2REG(name, op, cd, fj)
#define EMIT_FC(name, op) EMIT_2REG(name, op, fd, cj)
#define EMIT_CR(name, op) EMIT_2REG(name, op, cd, rj)
#define EMIT_RC(name, op) EMIT_2REG(name, op, rd, cj)
#define EMIT_FRS12(name, op) EMIT_2REG_IMM(name, op, fd, rj, 12, 0)
#define EMIT_FRR(name, op) EMIT_3REG(name, op, fd, rj, rk)
/* vector */
#define EMIT_VV(name, op) EMIT_2REG(name, op, vd, vj)
#define EMIT_VVV(name, op) EMIT_3REG(name, op, vd, vj, vk)
#define EMIT_VVVV(name, op) EMIT_4REG(name, op, vd, vj, vk, va)
#define EMIT_VR(name, op) EMIT_2REG(name, op, vd, rj)
#define EMIT_VVR(name, op) EMIT_3REG(name, op, vd, vj, rk)
#define EMIT_VRR(name, op) EMIT_3REG(name, op, vd, rj, rk)
#define EMIT_CV(name, op) EMIT_2REG(name, op, cd, vj)
#define EMIT_VS13(name, op) EMIT_REG_IMM(name, op, 13)
#define EMIT_VVS5(name, op) EMIT_2REG_IMM(name, op, vd, vj, 5, 0)
#define EMIT_VVU1(name, op) EMIT_2REG_IMM(name, op, vd, vj, 1, 0)
#define EMIT_VVU2(name, op) EMIT_2REG_IMM(name, op, vd, vj, 2, 0)
#define EMIT_VVU3(name, op) EMIT_2REG_IMM(name, op, vd, vj, 3, 0)
#define EMIT_VVU4(name, op) EMIT_2REG_IMM(name, op, vd, vj, 4, 0)
#define EMIT_VVU5(name, op) EMIT_2REG_IMM(name, op, vd, vj, 5, 0)
#define EMIT_VVU6(name, op) EMIT_2REG_IMM(name, op, vd, vj, 6, 0)
#define EMIT_VVU7(name, op) EMIT_2REG_IMM(name, op, vd, vj, 7, 0)
#define EMIT_VVU8(name, op) EMIT_2REG_IMM(name, op, vd, vj, 8, 0)
#define EMIT_VRU1(name, op) EMIT_2REG_IMM(name, op, vd, rj, 1, 0)
#define EMIT_VRU2(name, op) EMIT_2REG_IMM(name, op, vd, rj, 2, 0)
#define EMIT_VRU3(name, op) EMIT_2REG_IMM(name, op, vd, rj, 3, 0)
#define EMIT_VRU4(name, op) EMIT_2REG_IMM(name, op, vd, rj, 4, 0)
#define EMIT_RVU1(name, op) EMIT_2REG_IMM(name, op, rd, vj, 1, 0)
#define EMIT_RVU2(name, op) EMIT_2REG_IMM(name, op, rd, vj, 2, 0)
#define EMIT_RVU3(name, op) EMIT_2REG_IMM(name, op, rd, vj, 3, 0)
#define EMIT_RVU4(name, op) EMIT_2REG_IMM(name, op, rd, vj, 4, 0)
#define EMIT_VRS9(name, op) EMIT_2REG_IMM(name, op, vd, rj, 9, 3)
#define EMIT_VRS10(name, op) EMIT_2REG_IMM(name, op, vd, rj, 10, 2)
#define EMIT_VRS11(name, op) EMIT_2REG_IMM(name, op, vd, rj, 11, 1)
#define EMIT_VRS12(name, op) EMIT_2REG_IMM(name, op, vd, rj, 12, 0)
#define EMIT_VSTELM(name, op, shift, width) \
	static inline void la_##name(struct emit *e, int vd, int rj, int offs, int idx) \
	{ \
		emit_3(e, (op) | emit_field(idx, width, 18), vd, rj, offs >> (shift), 8); \
	}
#define EMIT_VRSE0(name, op) EMIT_VSTELM(name, op, 0, 4)
#define EMIT_VRSE1(name, op) EMIT_VSTELM(name, op, 1, 3)
#define EMIT_VRSE2(name, op) EMIT_VSTELM(name, op, 2, 2)
#define EMIT_VRSE3(name, op) EMIT_VSTELM(name, op, 3, 1)

/* Split branch offsets (bytes) in their places. */
static inline uint32_t emit_offs26(int64_t offs)
{
	return emit_field(offs >> 2, 16, 10) | emit_field(offs >> 18, 10, 0);
}

static inline uint32_t emit_offs21(int64_t offs)
{
	return emit_field(offs >> 2, 16, 10) | emit_field(offs >> 18, 5, 0);
}

#define INSN(format, name, opcode) EMIT_##format(name, opcode)
#include "translator/emit_table.h"

static inline void la_nop(struct emit *e) { la_andi(e, 0, 0, 0); }
static inline void la_move(struct emit *e, int rd, int rj) { la_or(e, rd, rj, 0); }
static inline void la_jr(struct emit *e, int rj) { la_jirl(e, 0, rj, 0); }

/* Loads a 64-bit constant with as few instructions as possible (1 to 4). */
void la_li(struct emit *e, int rd, int64_t value);

/* Number of instructions la_li() takes. */
int la_li_words(int64_t value);
/* Whether the value is one that addi and most accesses take. */
static inline bool la_is_si12(int64_t value)
{
	return value >= -2048 && value < 2048;
}

/*
 * Makes the branch at `site` (b, bl, beq.., beqz, bnez, bceqz, bcnez, jirl excluded) go to `target`; its other operands stay.
 * Returns 0, -ERANGE when the target is out of its reach or unaligned, or -EINVAL when site holds no such branch.
 */
int emit_fix_branch(uint32_t *site, const uint32_t *target);

#endif
