/*
 * CF by itself: between the words of a long addition it is computed where the operands still are there, into cc_dst. The other flags are pending all the same (gen_pend.c): whatever may
 * fault before CF is read finds them all.
 */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

#define LOOK_AHEAD 6

/* Whether the code of a move leaves the flag registers alone: nothing of it lies out of line. */
static bool is_plain_move(const struct tr *t, const struct rinsn *r)
{
	const struct insn *i = &r->i;
	static const bool moves[OP_COUNT] = { [OP_MOV] = true, [OP_MOVZX] = true, [OP_MOVSX] = true, [OP_MOVSXD] = true, [OP_LEA] = true };

	if (!moves[i->op] || insn_writes(i) == INSN_WRITES_MORE)
		return false;
	return gen_accesses_in_line(t, r);
}

bool gen_carry_waits(const struct tr *t, int res, int b)
{
	const uint16_t operands = gen_guest_bit(t, res) | gen_guest_bit(t, b);
	const struct rinsn *r = &t->plan->insn[t->index];
	bool whole = true;

	if (t->single || t->flags_live != FL_CF || !gen_guest_bit(t, res) || (!gen_guest_bit(t, b) && b != H_CC_SRC))
		return false;
	for (const struct rinsn *end = r + LOOK_AHEAD; r < end && r->falls && !r[1].leader && !r[1].stops;) {
		const struct insn *i = &(++r)->i;
		if (!whole && insn_accesses(i))
			return false;
		if ((i->op == OP_ADC || i->op == OP_SBB) && !i->lock)
			return true;
		if (!is_plain_move(t, r))
			return false;
		whole &= !(insn_written(i) & operands);
	}
	return false;
}

void gen_carry_keep(struct tr *t)
{
	int k = t->index + 1;

	while (!t->plan->insn[k].i.flags_read)
		k++;
	t->carry_at = k;
}

int gen_carry_of(struct tr *t, int tmp)
{
	if (t->carry_at == t->index)
		return H_CC_DST;
	gen_carry(t, tmp);
	return tmp;
}
