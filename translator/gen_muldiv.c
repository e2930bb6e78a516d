/* MUL IMUL DIV IDIV (Intel SDM 2). */
#include "translator/cpu.h"
#include "translator/tr.h"

/* A source operand as a number, sign- or zero-extended to 64 bits from its size but for 32-bit values, which are always sign-extended. */
static int fetch(struct tr *t, const struct insn *i, const struct operand *o, bool sign, int tmp)
{
	if (o->kind == OPD_MEM) {
		gen_load(t, tmp, gen_address(t, i, o->size, MEM_LOAD, T0), o->size, sign);
		return tmp;
	}
	if (o->kind == OPD_IMM) {
		gen_li(t, tmp, i->imm);
		return tmp;
	}
	return gen_gpr_read(t, o->reg, o->size, sign, tmp);
}

/* EDX:EAX = EAX * source. CF and OF: the upper half is more than the extension of the lower one. */
static void multiply_wide32(struct tr *t, int src, bool sign)
{
	struct emit *e = &t->e;
	int over = HGPR(RDX);

	(sign ? la_mulh_w : la_mulh_wu)(e, T2, HGPR(RAX), src);
	la_mul_w(e, HGPR(RAX), HGPR(RAX), src);
	la_move(e, HGPR(RDX), T2);
	if (!t->flags_live)
		return;
	if (sign) {
		la_srai_w(e, T3, HGPR(RAX), 31);
		la_xor(e, T3, T3, T2);
		over = T3;
	}
	gen_cc_set(t, CC_MUL, 4, HGPR(RAX), over);
}

/* AX = AL * source, DX:AX = AX * source. */
static void multiply_wide(struct tr *t, int src, int size, bool sign)
{
	struct emit *e = &t->e;
	int a = gen_gpr_read(t, RAX, size, sign, T2);

	la_mul_w(e, T3, a, src);
	gen_gpr_write(t, RAX, 2, T3, true);
	if (size == 2) {
		la_srli_d(e, T4, T3, 16);
		gen_gpr_write(t, RDX, 2, T4, true);
	}
	if (!t->flags_live)
		return;
	gen_sign_extend(t, T4, T3, size);
	if (sign)
		la_xor(e, T3, T3, T4);
	else
		la_bstrpick_d(e, T3, T3, 16 * size - 1, 8 * size);
	gen_cc_set(t, CC_MUL, size, T4, T3);
}

/* IMUL with a truncated product: destination = a * b. */
static void multiply(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0];
	bool three = i->nopd == 3;
	int a = fetch(t, i, &i->opd[1], true, T1);
	int b = three ? fetch(t, i, &i->opd[2], true, T2) : gen_gpr_read(t, d->reg, d->size, true, T2);

	if (!t->flags_live) {
		int rd = d->size == 4 ? HGPR(d->reg) : T3;
		la_mul_w(e, rd, a, b);
		if (rd == T3)
			gen_gpr_write(t, d->reg, d->size, T3, true);
		return;
	}
	la_mulw_d_w(e, T3, a, b);
	gen_sign_extend(t, T4, T3, d->size);
	gen_gpr_write(t, d->reg, d->size, T4, true);
	la_xor(e, T3, T3, T4);
	gen_cc_set(t, CC_MUL, d->size, T4, T3);
}

static void emit_mul(struct tr *t, const struct insn *i, bool sign)
{
	if (i->nopd > 1) {
		multiply(t, i);
		return;
	}
	int size = i->opd[0].size, src = fetch(t, i, &i->opd[0], sign, T1);
	if (size == 4)
		multiply_wide32(t, src, sign);
	else
		multiply_wide(t, src, size, sign);
}

/* The dividend, twice as wide as the divisor, into T3, zero- or sign-extended to 64 bits. */
static void dividend(struct tr *t, int size, bool sign)
{
	struct emit *e = &t->e;

	if (size == 1) {
		gen_gpr_read(t, RAX, 2, sign, T3);
		return;
	}
	la_bstrpick_d(e, T3, HGPR(RAX), 8 * size - 1, 0);
	la_bstrins_d(e, T3, HGPR(RDX), 16 * size - 1, 8 * size);
	if (sign && size == 2)
		la_slli_w(e, T3, T3, 0);
}

/* Quotient in T4 and remainder in T5 to where they belong. */
static void write_results(struct tr *t, int size)
{
	struct emit *e = &t->e;

	if (size == 1) {
		la_bstrins_d(e, T4, T5, 15, 8);
		gen_gpr_write(t, RAX, 2, T4, true);
		return;
	}
	gen_gpr_write(t, RAX, size, T4, false);
	gen_gpr_write(t, RDX, size, T5, false);
}

/* The quotient fits exactly when the dividend's upper half is less than the divisor; that excludes 0 too. */
static void emit_div(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int size = i->opd[0].size, src = fetch(t, i, &i->opd[0], false, T1);

	if (size == 4) {
		la_bstrpick_d(e, T1, src, 31, 0);
		la_bstrpick_d(e, T2, HGPR(RDX), 31, 0);
	} else if (size == 2) {
		gen_gpr_read(t, RDX, 2, false, T2);
	} else {
		gen_gpr_read(t, RSP, 1, false, T2); /* AH */
	}
	uint32_t *site = e->p;
	la_bgeu(e, T2, T1, 0);
	gen_raise_at(t, site, EXC_DE);
	dividend(t, size, false);
	la_div_du(e, T4, T3, T1);
	la_mod_du(e, T5, T3, T1);
	write_results(t, size);
}

/* The 64-bit quotient must equal its low part's extension. -2^63 / -1 gives -2^63 on the host, which does not fit either. */
static void emit_idiv(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int size = i->opd[0].size, src = fetch(t, i, &i->opd[0], true, T1);

	uint32_t *zero = e->p;
	la_beqz(e, src, 0);
	gen_raise_at(t, zero, EXC_DE);
	dividend(t, size, true);
	la_div_d(e, T4, T3, src);
	gen_sign_extend(t, T5, T4, size);
	uint32_t *beyond = e->p;
	la_bne(e, T5, T4, 0);
	gen_raise_at(t, beyond, EXC_DE);
	la_mod_d(e, T5, T3, src);
	write_results(t, size);
}

int gen_muldiv(struct tr *t, const struct insn *i)
{
	switch (i->op) {
	case OP_MUL: emit_mul(t, i, false); return 0;
	case OP_IMUL: emit_mul(t, i, true); return 0;
	case OP_DIV: emit_div(t, i); return 0;
	case OP_IDIV: emit_idiv(t, i); return 0;
	}
	return -1;
}
