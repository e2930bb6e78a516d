/*
 * Pending flags: those of an operation whose operands stay in guest registers need no copy, until one of these registers is written. Readers compare
 * the registers themselves; code out of line, exits and faults have the recipe. What comes too soon to need them costs nothing then. Of an operand that does not stay there is
 * a copy in one of the flag registers, and the rest is pending all the same.
 */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

#define LOOK_AHEAD 4

static bool lasts(const struct tr *t, int r)
{
	return r <= H_ZERO || gen_guest_bit(t, r);
}

static uint16_t registers_of(const struct tr *t, const struct cc_recipe *p)
{
	return gen_guest_bit(t, p->res) | gen_guest_bit(t, p->a) | gen_guest_bit(t, p->b);
}

bool gen_pend(struct tr *t, const struct recent_flags *r)
{
	bool operands = t->flags_live & (FL_CF | FL_OF | FL_AF) && r->op != CC_LOGIC;
	bool constant = r->imm || r->b < 0;

	if (r->size < 4 || t->single || r->value != (int32_t)r->value || (!lasts(t, r->res) && r->res != H_CC_DST))
		return false;
	if ((r->res < 0 && !lasts(t, r->a)) || (!constant && !lasts(t, r->b) && r->b != H_CC_SRC))
		return false;
	if (r->res == H_ZERO)
		return false;
	t->pend = (struct cc_recipe){
		.op = (uint8_t)((operands || r->res < 0 ? r->op : CC_LOGIC) + (r->size == 8 ? 3 : 2)), .res = (uint8_t)(r->res < 0 ? H_ZERO : r->res),
		.a = (uint8_t)(r->res < 0 ? r->a : H_ZERO), .constant = constant, .value = r->imm ? (int32_t)r->value : 0,
	};
	if (!constant && (operands || r->res < 0))
		t->pend.b = (uint8_t)r->b;
	t->cc_static = t->pend.op;
	t->cc_in_mem = false;
	return true;
}

bool gen_pend_part(struct tr *t, const struct recent_flags *r)
{
	struct recent_flags kept = *r;
	bool logic = r->op == CC_LOGIC || !(t->flags_live & (FL_CF | FL_OF | FL_AF));

	if (r->keeps_carry || logic || r->size < 4 || (r->res < 0 && !lasts(t, r->a)))
		return false;
	/* a constant is none of the operands */
	if (r->imm)
		kept.b = -1;
	if (!lasts(t, kept.b))
		kept.b = H_CC_SRC;
	if (!lasts(t, r->res))
		kept.res = H_CC_DST;
	if (!gen_pend(t, &kept))
		return false;
	if (kept.b == H_CC_SRC && r->b != H_CC_SRC)
		la_move(&t->e, H_CC_SRC, r->b);
	if (kept.res == H_CC_DST)
		la_move(&t->e, H_CC_DST, r->res);
	return true;
}

/* rd = rs, sign-extended from the operation's size, which other than 64-bit code has done already, and so has who puts it into a flag register. */
static void copy(struct tr *t, int rd, int rs, const struct cc_recipe *p)
{
	if (rd == rs)
		return;
	if (t->mode & MODE_LONG && (p->op & 3) == 2)
		la_slli_w(&t->e, rd, rs, 0);
	else
		la_move(&t->e, rd, rs);
}

/* cc_dst of an operation whose result is in a register. */
static void copy_result(struct tr *t, const struct cc_recipe *p)
{
	if (p->adjust)
		((p->op & 3) == 3 ? la_addi_d : la_addi_w)(&t->e, H_CC_DST, p->res, -p->adjust);
	else
		copy(t, H_CC_DST, p->res, p);
}

void gen_pend_emit(struct tr *t, const struct cc_recipe *p)
{
	struct emit *e = &t->e;
	bool wide = (p->op & 3) == 3;

	if ((p->op & ~3) != CC_LOGIC) {
		if (p->constant)
			gen_li(t, H_CC_SRC, p->value);
		else
			copy(t, H_CC_SRC, p->b, p);
	}
	if (p->res)
		copy_result(t, p);
	else
		(wide ? la_sub_d : la_sub_w)(e, H_CC_DST, p->a, H_CC_SRC);
}

void gen_pend_undo(struct tr *t, const struct cc_recipe *p)
{
	if (p->op && !p->res && p->a == H_CC_DST)
		((p->op & 3) == 3 ? la_add_d : la_add_w)(&t->e, H_CC_DST, H_CC_DST, H_CC_SRC);
}

void gen_pend_store(struct tr *t)
{
	struct cc_recipe p = t->pend;

	t->pend.op = 0;
	if (p.op)
		gen_pend_emit(t, &p);
}

bool gen_pend_recent(const struct tr *t, struct recent_flags *r)
{
	const struct cc_recipe *p = &t->pend;
	uint16_t registers = registers_of(t, p);

	for (int k = 0; k < 16; k++)
		if (registers >> k & 1 && (p->op & 3) == 2 && !gen_is_sext(t, k))
			return false;
	*r = (struct recent_flags){
		.valid = true, .op = p->op & ~3, .size = 1 << (p->op & 3), .a = p->res ? -1 : p->a, .b = p->constant ? -1 : p->b, .res = p->res ? p->res : -1,
		.imm = p->constant, .value = p->value,
	};
	return p->op && !p->adjust;
}

/* Whether the recipe's result is the stack pointer as gen_esp_add() changes it. */
static bool follows_stack(const struct tr *t, const struct insn *i)
{
	const struct cc_recipe *p = &t->pend;
	bool whole = t->mode & MODE_LONG ? (p->op & 3) == 3 : t->mode & MODE_SS32 && (p->op & 3) == 2;
	bool pops_itself = i->op == OP_POP && (i->opd[0].kind != OPD_GPR || i->opd[0].reg == RSP);

	return whole && p->res == HGPR(RSP) && p->b != HGPR(RSP) && !pops_itself && !(i->op == OP_RET && i->nopd);
}

/* Whether r is the last that reads the flags, and can take what it wants from their operands. */
static bool is_last_reader(const struct tr *t, const struct rinsn *r)
{
	bool carries = r->i.op == OP_SBB || r->i.op == OP_ADC;

	if (r->flags_live & ~r->i.flags_written || (!carries && !(r->i.attr & INSN_EVALUATES)))
		return false;
	return gen_can_fuse(t->pend.op & ~3, 1 << (t->pend.op & 3), carries ? 2 : r->i.cond);
}

/* Whether the next instruction behind r that reads the flags, soon, is such a one. */
static bool last_reader_follows(const struct tr *t, const struct rinsn *r)
{
	for (const struct rinsn *end = r + LOOK_AHEAD; r < end && r->falls && !r[1].leader && !r->i.flags_written; r++)
		if (r[1].i.flags_read)
			return is_last_reader(t, r + 1);
	return false;
}

/* Registers `hit` are about to be written by r: the flags are pending all the same if a copy of one operand will do. */
static bool keep_copy(struct tr *t, const struct rinsn *r, uint16_t hit)
{
	struct cc_recipe *p = &t->pend;
	const uint16_t a = gen_guest_bit(t, p->a), b = gen_guest_bit(t, p->b), res = gen_guest_bit(t, p->res);

	if (hit & b && !(hit & (a | res)) && !p->constant) {
		copy(t, H_CC_SRC, p->b, p);
		p->b = H_CC_SRC;
		return true;
	}
	if (hit & res && !(hit & b) && (p->op & ~3) != CC_LOGIC) {
		copy_result(t, p);
		p->res = H_CC_DST;
		p->adjust = 0;
		return true;
	}
	if (hit & a && !(hit & b) && last_reader_follows(t, r)) {
		copy(t, H_CC_DST, p->a, p);
		p->a = H_CC_DST;
		return true;
	}
	return false;
}

void gen_pend_begin(struct tr *t, const struct rinsn *r)
{
	enum insn_writes kind = insn_writes(&r->i);
	uint16_t hit;

	if (!r->flags_in) {
		t->pend.op = 0;
		return;
	}
	if (t->carry_at >= t->index) /* whatever is overwritten, nothing faults behind it before CF is read */
		return;
	hit = r->unmade ? 0 : insn_written(&r->i) & registers_of(t, &t->pend);
	if (kind == INSN_WRITES_STACK && follows_stack(t, &r->i) && t->pend.adjust > -1024 && t->pend.adjust < 1024)
		hit &= (uint16_t)~(1u << RSP);
	if (kind == INSN_WRITES_MORE || (hit && !(r->i.flags_read && is_last_reader(t, r)) && !keep_copy(t, r, hit)))
		gen_pend_store(t);
}

void gen_pend_stack(struct tr *t, int delta)
{
	if (t->pend.op && t->pend.res == HGPR(RSP))
		t->pend.adjust = (int16_t)(t->pend.adjust + delta);
}
