/* MUL IMUL DIV IDIV (Intel SDM 2). */
#include "translator/cpu.h"
#include "translator/gen.h"

/* A source operand as a number, sign- or zero-extended to 64 bits from its size but for 32-bit values, which in memory and constants are always
 * sign-extended, and in registers when `sign`. */
static int fetch(struct tr *t, const struct insn *i, const struct operand *o, bool sign, int tmp)
{
	if (o->kind == OPD_MEM) {
		gen_load(t, tmp, gen_operand(t, i, o->size, MEM_LOAD, T0), o->size, sign);
		return tmp;
	}
	if (o->kind == OPD_IMM)
		return gen_constant(t, i->imm, tmp);
	return gen_gpr_read(t, o->reg, o->size, sign, tmp);
}

/* EDX:EAX = EAX * source, RDX:RAX = RAX * source. CF and OF: the upper half is more than the extension of the lower one. */
static void multiply_whole(struct tr *t, int src, int size, bool sign)
{
	struct emit *e = &t->e;
	int low = t->flags_live && size == 4 && gen_upper_matters(t, RAX) ? T3 : HGPR(RAX), over = T2;

	if (size == 8) {
		(sign ? la_mulh_d : la_mulh_du)(e, T2, HGPR(RAX), src);
		la_mul_d(e, low, HGPR(RAX), src);
	} else {
		(sign ? la_mulh_w : la_mulh_wu)(e, T2, HGPR(RAX), src);
		la_mul_w(e, low, HGPR(RAX), src);
	}
	if (low == T3)
		gen_gpr_write(t, RAX, size, T3, true);
	else
		gen_wrote(t, RAX, size, EXT_SIGN);
	gen_gpr_write(t, RDX, size, T2, true);
	if (t->flags_live && sign) {
		la_srai_d(e, T4, low, 63);
		la_xor(e, T4, T4, T2);
		over = T4;
	}
	gen_cc_set(t, CC_MUL, size, low, over);
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

/* T3 = a * b, T4 = its low part of `size` bytes, T5 = what is beyond that: not 0 when the product does not fit. */
static void multiply_fully(struct tr *t, int a, int b, int size)
{
	struct emit *e = &t->e;

	if (size == 8) {
		la_mul_d(e, T4, a, b);
		la_mulh_d(e, T3, a, b);
		la_srai_d(e, T5, T4, 63);
		la_xor(e, T5, T5, T3);
		return;
	}
	la_mulw_d_w(e, T3, a, b);
	gen_sign_extend(t, T4, T3, size);
	la_xor(e, T5, T3, T4);
}

/* IMUL with a truncated product: destination = a * b. */
static void multiply(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];
	bool three = i->nopd == 3, sign = d->size < 4;
	int a = fetch(t, i, &i->opd[1], sign, T1);
	int b = three ? fetch(t, i, &i->opd[2], sign, T2) : gen_gpr_read(t, gen_copied(t, d->reg), d->size, sign, T2);

	if (t->flags_live) {
		multiply_fully(t, a, b, d->size);
		gen_gpr_write(t, d->reg, d->size, T4, true);
		gen_cc_set(t, CC_MUL, d->size, T4, T5);
		return;
	}
	int rd = d->size >= 4 ? HGPR(d->reg) : T3;
	(d->size == 8 ? la_mul_d : la_mul_w)(&t->e, rd, a, b);
	if (rd == T3)
		gen_gpr_write(t, d->reg, d->size, T3, true);
	else
		gen_wrote(t, d->reg, d->size, EXT_SIGN);
}

static void emit_mul(struct tr *t, const struct insn *i, bool sign)
{
	if (i->nopd > 1) {
		multiply(t, i);
		return;
	}
	int size = i->opd[0].size, src = fetch(t, i, &i->opd[0], sign && size < 4, T1);
	if (size >= 4)
		multiply_whole(t, src, size, sign);
	else
		multiply_wide(t, src, size, sign);
}

/* ---- RDX:RAX divided by 64 bits: in line where RDX is an extension of RAX ---- */

/* *high:*low / divisor, where *high < divisor; the remainder is returned in *high (Knuth, TAOCP 2, 4.3.1 algorithm D, digits of 32 bits). */
static void divide_128(uint64_t *high, uint64_t *low, uint64_t divisor)
{
	int s = __builtin_clzll(divisor);
	uint64_t v = divisor << s, v1 = v >> 32, v0 = (uint32_t)v, quotient = 0;
	uint64_t rest = s ? *high << s | *low >> (64 - s) : *high, digits = *low << s;

	for (int k = 0; k < 2; k++) {
		uint64_t q = rest / v1, r = rest % v1, next = digits >> 32;
		while (q >> 32 || q * v0 > (r << 32 | next)) {
			q--;
			r += v1;
			if (r >> 32)
				break;
		}
		rest = (rest << 32 | next) - q * v;
		digits <<= 32;
		quotient = quotient << 32 | q;
	}
	*low = quotient;
	*high = rest >> s;
}

static void helper_div(struct cpu *cpu, uint64_t divisor)
{
	uint64_t high = cpu->gpr[RDX], low = cpu->gpr[RAX];

	if (high >= divisor)
		cpu_raise(cpu, EXC_DE);
	divide_128(&high, &low, divisor);
	cpu->gpr[RAX] = low;
	cpu->gpr[RDX] = high;
}

static void helper_idiv(struct cpu *cpu, uint64_t divisor)
{
	uint64_t high = cpu->gpr[RDX], low = cpu->gpr[RAX], size = divisor >> 63 ? -divisor : divisor;
	bool minus = high >> 63, opposite = (high ^ divisor) >> 63;

	if (minus) {
		low = -low;
		high = ~high + !low;
	}
	if (high >= size)
		cpu_raise(cpu, EXC_DE);
	divide_128(&high, &low, size);
	if (low > (uint64_t)INT64_MAX + opposite)
		cpu_raise(cpu, EXC_DE);
	cpu->gpr[RAX] = opposite ? -low : low;
	cpu->gpr[RDX] = minus ? -high : high;
}

static void divide_long(struct tr *t, const struct insn *i, bool sign)
{
	struct emit *e = &t->e;
	uint32_t *minus_one = NULL;
	int src = fetch(t, i, &i->opd[0], sign, T1), upper = H_ZERO;

	if (src != T1)
		la_move(e, T1, src);
	gen_cc_sync(t);
	uint32_t *zero = e->p;
	la_beqz(e, T1, 0);
	gen_raise_at(t, zero, EXC_DE);
	if (sign) {
		la_addi_d(e, T2, T1, 1);
		minus_one = e->p;
		la_beqz(e, T2, 0);
		la_srai_d(e, T2, HGPR(RAX), 63);
		upper = T2;
	}
	uint32_t *wide = e->p;
	la_bne(e, HGPR(RDX), upper, 0);
	(sign ? la_mod_d : la_mod_du)(e, HGPR(RDX), HGPR(RAX), T1);
	(sign ? la_div_d : la_div_du)(e, HGPR(RAX), HGPR(RAX), T1);
	uint32_t *done = e->p;
	la_b(e, 0);
	emit_fix_branch(wide, e->p);
	if (minus_one)
		emit_fix_branch(minus_one, e->p);
	gen_helper(t, sign ? (const void *)helper_idiv : (const void *)helper_div);
	emit_fix_branch(done, e->p);
	gen_wrote(t, RAX, 8, 0);
	gen_wrote(t, RDX, 8, 0);
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
		la_bstrpick_d(e, T2, HGPR(RAX), 15, 8); /* AH; as an operand its number is SPL after REX */
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
	case OP_DIV:
	case OP_IDIV:
		if (i->opd[0].size == 8)
			divide_long(t, i, i->op == OP_IDIV);
		else
			(i->op == OP_DIV ? emit_div : emit_idiv)(t, i);
		return 0;
	}
	return -1;
}
