/*
 * Operands whose address is the sum of two registers, one of which may hold a displacement (gen_constant.c): the host adds them in the access itself (ldx, stx), so that no register is needed for the sum. Outside 64-bit
 * code the sum of two sign-extended registers may leave the 32 bits that it wraps to, for another name of the same page (docs/memory-map.md).
 */
#include "translator/cpu.h"
#include "translator/gen.h"

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

/* Outside 64-bit code: the address as far as a loop holds some of it; a.index is 0 if it is a sum that takes an instruction. false: it holds nothing. */
static bool held_sum(struct tr *t, const struct insn *i, int tmp, struct maddr *a)
{
	int base = i->base, index = i->index, held;

	if (i->addrsize != 4 || t->mode & (MODE_AC | MODE_DBG) || !gen_seg_is_flat(t, i->seg))
		return false;
	if (base == REG_NONE || index == REG_NONE) {
		held = (base == REG_NONE) != (index == REG_NONE) && !i->scale ? gen_held(t, i->disp) : H_ZERO;
		*a = (struct maddr){ .reg = HGPR(base == REG_NONE ? index : base), .index = held };
		return held;
	}
	held = gen_held_value(t, (struct held_value){ .value = i->disp, .reg = i->index, .scale = i->scale });
	if (held) {
		*a = (struct maddr){ .reg = HGPR(base), .index = held };
		return true;
	}
	held = gen_held_value(t, (struct held_value){ .value = i->disp, .reg = i->base });
	*a = (struct maddr){ .reg = HGPR(index), .index = held };
	if (held && i->scale) {
		la_alsl_w(&t->e, tmp, HGPR(index), held, i->scale);
		*a = (struct maddr){ .reg = tmp };
	}
	return held;
}

static __attribute__((noinline)) struct maddr sum(struct tr *t, const struct insn *i, unsigned size, int write, int tmp)
{
	struct maddr a;

	if (t->held && held_sum(t, i, tmp, &a))
		return a;
	if (!is_plain_sum(t, i) || (gen_checks_bases(t) && !checked(t, i)))
		return gen_address(t, i, size, write, tmp);
	return (struct maddr){ .reg = HGPR(i->base), .index = HGPR(i->index) };
}

struct maddr gen_operand(struct tr *t, const struct insn *i, unsigned size, int write, int tmp)
{
	/* most operands have one register */
	return (i->index == REG_NONE && !t->held ? gen_address : sum)(t, i, size, write, tmp);
}
