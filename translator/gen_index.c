/*
 * Operands whose address is the sum of two registers: the host adds them in the access itself (ldx, stx), so that no register is needed for the sum. Outside 64-bit
 * code the sum of two sign-extended registers may leave the 32 bits that it wraps to, for another name of the same page (docs/memory-map.md).
 */
#include "translator/cpu.h"
#include "translator/tr.h"

/* Whether nothing is to be done to the sum before the access: in compatibility mode it is zero-extended. */
static bool is_plain_sum(const struct tr *t, const struct insn *i)
{
	if (i->base == REG_NONE || i->index == REG_NONE || i->scale || i->disp || t->mode & (MODE_AC | MODE_DBG) || gen_is_compat(t))
		return false;
	return gen_seg_is_flat(t, i->seg) && i->addrsize == (gen_is_long(t) ? 8 : 4);
}

/* In program code of ring 3 a register that is small need not be looked at, if the other one is. */
static bool checked(struct tr *t, const struct insn *i)
{
	bool small = gen_is_small(t, HGPR(i->index));

	if (!small && !gen_is_small(t, HGPR(i->base)))
		return false;
	gen_check_base(t, HGPR(small ? i->base : i->index));
	return true;
}

struct maddr gen_operand(struct tr *t, const struct insn *i, unsigned size, int write, int tmp)
{
	if (!is_plain_sum(t, i) || (gen_checks_bases(t) && !checked(t, i)))
		return gen_address(t, i, size, write, tmp);
	return (struct maddr){ .reg = HGPR(i->base), .index = HGPR(i->index) };
}

void gen_load_indexed(struct emit *e, int rd, struct maddr a, int size, bool sign)
{
	if (size == 4)
		la_ldx_w(e, rd, a.reg, a.index);
	else if (size == 8)
		la_ldx_d(e, rd, a.reg, a.index);
	else if (size == 2)
		(sign ? la_ldx_h : la_ldx_hu)(e, rd, a.reg, a.index);
	else
		(sign ? la_ldx_b : la_ldx_bu)(e, rd, a.reg, a.index);
}

void gen_store_indexed(struct emit *e, int rs, struct maddr a, int size)
{
	if (size == 4)
		la_stx_w(e, rs, a.reg, a.index);
	else if (size == 8)
		la_stx_d(e, rs, a.reg, a.index);
	else if (size == 2)
		la_stx_h(e, rs, a.reg, a.index);
	else
		la_stx_b(e, rs, a.reg, a.index);
}
