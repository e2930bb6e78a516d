/*
 * Pending flags: those of an operation whose operands stay in guest registers need no copy, until one of these registers is written. Readers compare
 * the registers themselves; code out of line, exits and faults have the recipe. What comes too soon to need them costs nothing then.
 */
#include "translator/cpu.h"
#include "translator/region.h"
#include "translator/tr.h"

/* The guest register in host register r, as a bit, or 0. */
static uint16_t guest_bit(const struct tr *t, int r)
{
	if (r >= HGPR(0) && r <= HGPR(7))
		return (uint16_t)(1u << (r - HGPR(0)));
	if (t->mode & MODE_LONG && r >= HGPR(8) && r <= HGPR(15))
		return (uint16_t)(1u << (r - HGPR(8) + 8));
	return 0;
}

static bool lasts(const struct tr *t, int r)
{
	return r <= H_ZERO || guest_bit(t, r);
}

static uint16_t registers_of(const struct tr *t, const struct cc_recipe *p)
{
	return guest_bit(t, p->res) | guest_bit(t, p->a) | guest_bit(t, p->b);
}

bool gen_pend(struct tr *t, const struct recent_flags *r)
{
	bool operands = t->flags_live & (FL_CF | FL_OF | FL_AF) && r->op != CC_LOGIC;
	bool constant = r->imm || r->b < 0;

	if (r->size < 4 || t->single || !lasts(t, r->res) || (r->res < 0 && !lasts(t, r->a)) || (!constant && !lasts(t, r->b)) || r->value != (int32_t)r->value)
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

/* rd = rs, sign-extended from the operation's size, which other than 64-bit code has done already. */
static void copy(struct tr *t, int rd, int rs, const struct cc_recipe *p)
{
	if (t->mode & MODE_LONG && (p->op & 3) == 2)
		la_slli_w(&t->e, rd, rs, 0);
	else
		la_move(&t->e, rd, rs);
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
	if (!p->res)
		(wide ? la_sub_d : la_sub_w)(e, H_CC_DST, p->a, H_CC_SRC);
	else if (p->adjust)
		(wide ? la_addi_d : la_addi_w)(e, H_CC_DST, p->res, -p->adjust);
	else
		copy(t, H_CC_DST, p->res, p);
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

void gen_pend_begin(struct tr *t, const struct rinsn *r)
{
	enum insn_writes kind = insn_writes(&r->i);
	uint16_t hit;

	if (!r->flags_in) {
		t->pend.op = 0;
		return;
	}
	hit = insn_written(&r->i) & registers_of(t, &t->pend);
	if (kind == INSN_WRITES_STACK && follows_stack(t, &r->i) && t->pend.adjust > -1024 && t->pend.adjust < 1024)
		hit &= (uint16_t)~(1u << RSP);
	if (kind == INSN_WRITES_MORE || hit)
		gen_pend_store(t);
}

void gen_pend_stack(struct tr *t, int delta)
{
	if (t->pend.op && t->pend.res == HGPR(RSP))
		t->pend.adjust = (int16_t)(t->pend.adjust + delta);
}
