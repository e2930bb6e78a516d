/*
 * AND, OR and XOR of a byte or word that is part of a register, where no flag is wanted: one host instruction on all of the register, which leaves alone what
 * else is in it. And runs of bits, which the host clears with one instruction and no constant.
 */
#include "translator/cpu.h"
#include "translator/gen.h"

bool gen_bit_run(uint64_t bits, int *lo, int *hi)
{
	if (!bits)
		return false;
	*lo = __builtin_ctzll(bits);
	*hi = 63 - __builtin_clzll(bits);
	return bits >> *lo == UINT64_MAX >> (63 - *hi + *lo);
}

/* By a constant; shift: where the part begins in host register rd. */
static bool by_constant(struct tr *t, const struct insn *i, int rd, int shift)
{
	uint64_t mask = i->opd[0].size == 1 ? 0xff : 0xffff, value = (uint64_t)i->imm & mask;
	int lo, hi;

	if (i->op == OP_AND) {
		if (!gen_bit_run(value ^ mask, &lo, &hi))
			return false;
		la_bstrins_d(&t->e, rd, H_ZERO, hi + shift, lo + shift);
		return true;
	}
	if (value << shift > 0xfff)
		return false;
	(i->op == OP_OR ? la_ori : la_xori)(&t->e, rd, rd, (int)(value << shift));
	return true;
}

bool gen_logic_part(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	if (t->flags_live || d->kind != OPD_GPR || d->size >= 4)
		return false;
	bool high = gen_is_high_byte(t, d->reg, d->size);
	int rd = HGPR(high ? d->reg - 4 : d->reg);
	if (s->kind == OPD_IMM)
		return by_constant(t, i, rd, high ? 8 : 0);
	if (i->op == OP_XOR && s->kind == OPD_GPR && s->reg == d->reg) {
		la_bstrins_d(&t->e, rd, H_ZERO, 8 * d->size - 1 + 8 * high, 8 * high);
		return true;
	}
	if (i->op == OP_AND || high)
		return false;
	if (s->kind == OPD_MEM)
		gen_load(t, T2, gen_operand(t, i, d->size, MEM_LOAD, T0), d->size, false);
	else if (gen_is_high_byte(t, s->reg, d->size))
		gen_gpr_read(t, s->reg, 1, false, T2);
	else
		return false;
	(i->op == OP_OR ? la_or : la_xor)(&t->e, rd, HGPR(gen_copied(t, d->reg)), T2);
	return true;
}
