/* Lazy flags at translation time: keeping them, and making them real. What is to be known of conditions is in gen_cond.c. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

static int log2_size(int size)
{
	return size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;
}

void gen_cc_sync(struct tr *t)
{
	gen_pend_store(t);
	if (t->cc_in_mem)
		return;
	if (t->cc_static == CC_EFLAGS) {
		la_st_w(&t->e, H_ZERO, H_CPU, offsetof(struct cpu, cc_op));
	} else {
		gen_li(t, T4, t->cc_static);
		la_st_w(&t->e, T4, H_CPU, offsetof(struct cpu, cc_op));
	}
	t->cc_in_mem = true;
}

void gen_cc_set(struct tr *t, int op, int size, int dst, int src)
{
	struct emit *e = &t->e;

	if (!t->flags_live)
		return;
	t->pend.op = 0;
	if (!(t->flags_live & (FL_CF | FL_OF | FL_AF)) && op != CC_EFLAGS)
		op = CC_LOGIC;
	if (src == H_CC_DST && op != CC_LOGIC) {
		la_move(e, T7, src);
		src = T7;
	}
	if (dst != H_CC_DST)
		la_move(e, H_CC_DST, dst);
	if (op != CC_LOGIC && op != CC_EFLAGS && src != H_CC_SRC)
		la_move(e, H_CC_SRC, src);
	t->cc_static = op == CC_EFLAGS ? op : op + log2_size(size);
	t->cc_in_mem = false;
}

void gen_cc_set_if(struct tr *t, int reg, int op, int size, int dst, int src)
{
	struct emit *e = &t->e;
	uint32_t *site = e->p;

	la_beqz(e, reg, 0);
	la_move(e, H_CC_DST, dst);
	la_move(e, H_CC_SRC, src);
	gen_li(t, T4, op + log2_size(size));
	la_st_w(e, T4, H_CPU, offsetof(struct cpu, cc_op));
	emit_fix_branch(site, e->p);
	t->cc_static = -1;
}

/* The lazy flags of operands that are still in their registers. */
static void set_from(struct tr *t, const struct recent_flags *r)
{
	struct emit *e = &t->e;
	int res = r->res, b = r->b;

	if (r->keeps_carry) {
		t->recent.valid = false;
		gen_carry(t, T5);
		gen_cc_set(t, r->op, r->size, res, T5);
		return;
	}
	if (b < 0 && r->imm) {
		b = T2;
		gen_li(t, b, r->value);
	} else if (r->zext) {
		la_slli_w(e, H_CC_SRC, b, 0);
		b = H_CC_SRC;
	}
	if (res < 0 && r->size == 4) {
		la_sub_w(e, H_CC_DST, r->a, b);
		res = H_CC_DST;
	} else if (res < 0) {
		la_sub_d(e, H_CC_DST, r->a, b);
		gen_sign_extend(t, H_CC_DST, H_CC_DST, r->size);
		res = H_CC_DST;
	}
	gen_cc_set(t, r->op, r->size, res, b < 0 ? H_ZERO : b);
}

static bool is_of(const struct recent_flags *r, int host)
{
	return host == r->a || host == r->b || host == r->res;
}

/* Temporaries that conditions and the storing of flags clobber. */
static bool is_in_clobbered(const struct recent_flags *r)
{
	return is_of(r, T0) || is_of(r, T4) || is_of(r, T5) || is_of(r, T6) || is_of(r, T7) || is_of(r, T8);
}

/* Whether instruction k, a branch or SETcc, leaves operands that its condition is evaluated of as they are, temporaries too. */
static bool leaves_operands(const struct tr *t, const struct recent_flags *r, int k)
{
	const struct insn *i = &t->plan->insn[k].i;
	const struct operand *d = &i->opd[0];

	if (i->op == OP_JCC) /* a loop's end may clear upper halves: emit_jcc() */
		return !gen_is_long(t) || r->res < 0 || t->plan->insn[k].target < 0 || t->plan->insn[k].target > k;
	return i->op == OP_SETCC && d->kind == OPD_GPR && !is_of(r, HGPR(d->reg >= 4 && !i->rex ? d->reg - 4 : d->reg));
}

/* Whether instruction k can take what it wants to know of the flags from those operands. */
static bool can_serve(const struct tr *t, const struct recent_flags *r, int k)
{
	const struct rinsn *to = &t->plan->insn[k];
	bool carries = to->i.op == OP_SBB || to->i.op == OP_ADC;

	if (!carries && to->i.op != OP_JCC && to->i.op != OP_SETCC) /* most often */
		return false;
	if (gen_is_long(t) && to->upper.reads) /* which may change upper halves */
		return false;
	return gen_can_fuse(r->op, r->size, carries ? 2 : to->i.cond);
}

bool gen_recent_goes_on(const struct tr *t, const struct recent_flags *r, int k)
{
	const struct rinsn *from = &t->plan->insn[k];

	return r->valid && !r->keeps_carry && !r->zext && from->falls && !from[1].leader && can_serve(t, r, k + 1) && !is_in_clobbered(r) && leaves_operands(t, r, k);
}

/* Whether a SETcc comes next, and behind it the last instruction that reads the flags, and both can do without them. */
static bool last_is_second(const struct tr *t, const struct recent_flags *r)
{
	const struct rinsn *second = &t->plan->insn[t->index + 2];

	if (t->plan->insn[t->index + 1].i.op != OP_SETCC || !gen_recent_goes_on(t, r, t->index + 1))
		return false;
	return !(second->flags_live & ~second->i.flags_written) && second->i.opd[0].kind == OPD_GPR && second->i.opd[1].kind != OPD_MEM;
}

/* In loops: whether the flags are wanted only where the branch that comes next goes to, as what reads them behind it can do without. */
static bool sinks_past(const struct tr *t, const struct recent_flags *r)
{
	const struct rinsn *branch = &t->plan->insn[t->index + 1];

	return t->plan->loops && branch->i.op == OP_JCC && branch->target >= 0 && gen_recent_goes_on(t, r, t->index + 1) && !branch[1].flags_live &&
	       branch[1].i.op == OP_SETCC;
}

void gen_cc_set_from(struct tr *t, const struct recent_flags *r)
{
	if (!t->flags_live)
		return;
	t->pend.op = 0;
	bool fused = t->fuse && gen_can_fuse(r->op, r->size, t->plan->insn[t->index + 1].i.cond);
	if (fused)
		t->recent = *r;
	if ((fused && (t->fuse_dead || last_is_second(t, r))) || gen_pend(t, r))
		return;
	bool branch_only = fused && sinks_past(t, r);
	if (fused && (t->fuse_sinks || branch_only)) {
		t->sunk = *r;
		t->sunk.branch_only = branch_only;
	} else if (!gen_pend_part(t, r)) {
		set_from(t, r);
	}
}

void gen_cc_set_live(struct tr *t, int op, int size, int a, int b, int res)
{
	gen_cc_set_from(t, &(struct recent_flags){ .valid = true, .op = op, .size = size, .a = a, .b = b, .res = res });
}

void gen_cc_set_around(struct tr *t, int op, int size, int res)
{
	t->recent = (struct recent_flags){ .valid = true, .op = op, .size = size, .a = -1, .b = -1, .res = res, .keeps_carry = true };
	t->sunk = t->recent;
}

void gen_cc_sunk(struct tr *t)
{
	if (t->sunk.valid && t->flags_live)
		set_from(t, &t->sunk);
}

void gen_cc_get(struct tr *t, int rd)
{
	struct emit *e = &t->e;

	if (t->cc_static == CC_EFLAGS) {
		if (rd != H_CC_DST)
			la_move(e, rd, H_CC_DST);
		return;
	}
	gen_pend_store(t);
	gen_bl(t, t->cc_static > CC_EFLAGS ? t->stubs->cc_kinds[t->cc_static] : t->stubs->cc_get);
	la_move(e, H_CC_DST, T0);
	if (rd != T0 && rd != H_CC_DST)
		la_move(e, rd, T0);
	t->cc_static = CC_EFLAGS;
	t->cc_in_mem = false;
}

void gen_cc_put(struct tr *t, int rs)
{
	gen_cc_set(t, CC_EFLAGS, 4, rs, H_ZERO);
}
