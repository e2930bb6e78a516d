/* Lazy flags at translation time: keeping them, making them real, and conditions. */
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

/* Whether test_recent() knows the answer; a generator asks before it leaves its flags in registers. */
static bool recent_can(int op, int size, int cond)
{
	static const uint8_t able[] = { [CC_SUB / 4] = 0xde, [CC_ADD / 4] = 0xd6, [CC_LOGIC / 4] = 0xdf, [CC_INC / 4] = 0x14, [CC_DEC / 4] = 0x14 };

	/* the sum of two 64-bit operands has no sign of its own */
	if (op == CC_ADD && size == 8 && cond >> 1 >= 6)
		return false;
	return op / 4 < (int)sizeof able && able[op / 4] >> (cond >> 1) & 1;
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

static bool is_temporary(int host)
{
	return host >= T0 && host <= T7;
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
	return recent_can(r->op, r->size, carries ? 2 : to->i.cond);
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
	bool fused = t->fuse && recent_can(r->op, r->size, t->plan->insn[t->index + 1].i.cond);
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

static void call(struct tr *t, const uint32_t *stub)
{
	la_bl(&t->e, (int)((stub - t->e.p) * 4));
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
	call(t, t->cc_static > CC_EFLAGS ? t->stubs->cc_kinds[t->cc_static] : t->stubs->cc_get);
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

/* A comparison of two host registers; the condition holds when it does. */
struct test {
	enum { T_EQ, T_NE, T_LT, T_GE, T_LTU, T_GEU, T_NEVER, T_ALWAYS } kind;
	int a, b;
};

static struct test negate(struct test c)
{
	c.kind ^= 1;
	return c;
}

/* Condition cond without its lowest bit, on EFLAGS bits in register f. */
static struct test test_eflags(struct tr *t, int cond, int f)
{
	static const uint16_t mask[8] = { FL_OF, FL_CF, FL_ZF, FL_CF | FL_ZF, FL_SF, FL_PF, 0, 0 };
	struct emit *e = &t->e;
	int k = cond >> 1;

	if (k < 6) {
		la_andi(e, T6, f, mask[k]);
		return (struct test){ T_NE, T6, H_ZERO };
	}
	la_srli_d(e, T6, f, 4); /* OF (bit 11) to SF's place (bit 7) */
	la_xor(e, T6, T6, f);
	la_andi(e, T6, T6, FL_SF);
	if (k == 7) {
		la_andi(e, T7, f, FL_ZF);
		la_or(e, T6, T6, T7);
	}
	return (struct test){ T_NE, T6, H_ZERO };
}

/* The first operand, recomputed when it was not kept. */
static int operand_a(struct tr *t, const struct recent_flags *r)
{
	if (r->a >= 0)
		return r->a;
	bool add = r->op == CC_SUB;
	if (r->size == 4) {
		(add ? la_add_w : la_sub_w)(&t->e, T6, r->res, r->b);
	} else {
		(add ? la_add_d : la_sub_d)(&t->e, T6, r->res, r->b);
		gen_sign_extend(t, T6, T6, r->size);
	}
	return T6;
}

static int result(struct tr *t, const struct recent_flags *r)
{
	if (r->res >= 0)
		return r->res;
	if (r->size == 4) {
		la_sub_w(&t->e, T7, r->a, r->b);
	} else {
		la_sub_d(&t->e, T7, r->a, r->b);
		gen_sign_extend(t, T7, T7, r->size);
	}
	return T7;
}

/* The conditions on operands that are still in registers; returns false when the general way must be taken. */
static bool test_recent(struct tr *t, int cond, const struct recent_flags *r, struct test *out)
{
	struct emit *e = &t->e;
	bool sub = r->op == CC_SUB, add = r->op == CC_ADD, logic = r->op == CC_LOGIC;

	if (!recent_can(r->op, r->size, cond))
		return false;
	switch (cond >> 1) {
	case 2: /* Z */
		if (sub && r->res < 0)
			*out = (struct test){ T_EQ, r->a, r->b };
		else
			*out = (struct test){ T_EQ, result(t, r), H_ZERO };
		return true;
	case 4: /* S */
		*out = (struct test){ T_LT, result(t, r), H_ZERO };
		return true;
	case 1: /* B */
		if (sub)
			*out = (struct test){ T_LTU, operand_a(t, r), r->b };
		else if (add)
			*out = (struct test){ T_LTU, r->res, r->b };
		else if (logic)
			*out = (struct test){ T_NEVER, 0, 0 };
		return sub || add || logic;
	case 3: /* BE */
		if (sub)
			*out = (struct test){ T_GEU, r->b, operand_a(t, r) };
		else if (logic)
			*out = (struct test){ T_EQ, r->res, H_ZERO };
		return sub || logic;
	case 6: /* L */
		if (sub)
			*out = (struct test){ T_LT, operand_a(t, r), r->b };
		else if (logic)
			*out = (struct test){ T_LT, r->res, H_ZERO };
		else if (add) {
			la_add_d(e, T6, operand_a(t, r), r->b);
			*out = (struct test){ T_LT, T6, H_ZERO };
		}
		return sub || logic || add;
	case 7: /* LE */
		if (sub)
			*out = (struct test){ T_GE, r->b, operand_a(t, r) };
		else if (logic)
			*out = (struct test){ T_GE, H_ZERO, r->res };
		else if (add) {
			la_add_d(e, T6, operand_a(t, r), r->b);
			*out = (struct test){ T_GE, H_ZERO, T6 };
		}
		return sub || logic || add;
	case 0: /* O */
		if (logic) {
			*out = (struct test){ T_NEVER, 0, 0 };
			return true;
		}
		return false;
	default:
		return false;
	}
}

bool gen_can_fuse(int op, int size, int cond)
{
	return recent_can(op, size, cond);
}

/* Flags known to be of one kind, in the flag registers. */
static bool test_static(struct tr *t, int cond, struct test *out)
{
	int op = t->cc_static & ~3, k = cond >> 1;
	struct recent_flags r = { .valid = true, .op = op, .size = 1 << (t->cc_static & 3), .a = -1, .b = H_CC_SRC, .res = H_CC_DST };

	if (op == CC_SUB || op == CC_ADD || op == CC_LOGIC || op == CC_INC || op == CC_DEC)
		if (test_recent(t, cond, &r, out))
			return true;
	if (k == 2) {
		*out = (struct test){ T_EQ, H_CC_DST, H_ZERO };
		return true;
	}
	if (k == 4) {
		*out = (struct test){ T_LT, H_CC_DST, H_ZERO };
		return true;
	}
	if (k != 1)
		return false;
	switch (op) {
	case CC_INC:
	case CC_DEC:
	case CC_MUL:
		*out = (struct test){ T_NE, H_CC_SRC, H_ZERO };
		return true;
	case CC_SHL:
	case CC_CARRY:
		*out = (struct test){ T_LT, H_CC_SRC, H_ZERO };
		return true;
	case CC_SHR:
		la_andi(&t->e, T6, H_CC_SRC, 1);
		*out = (struct test){ T_NE, T6, H_ZERO };
		return true;
	}
	return false;
}

bool gen_tests_above(int cond, int size, int64_t value, bool extends)
{
	uint64_t beyond = (uint64_t)value + (cond >> 1 == 3);

	if ((cond >> 1 != 1 && cond >> 1 != 3) || value <= 0 || (!extends && (value < 0x1000 || !(value & 0xfff))))
		return false;
	return !(beyond & (beyond - 1)) && !(beyond >> (8 * size - 1) >> 1);
}

/*
 * Unsigned comparisons with constants. With a power of 2, or one less, that takes two host instructions: whether bits above are set. CF of a subtraction of which only the result is left:
 * whether that is not below the constant's negative.
 */
static bool test_constant(struct tr *t, int cond, const struct recent_flags *r, struct test *out)
{
	const uint64_t beyond = (uint64_t)r->value + (cond >> 1 == 3);

	if (r->op != CC_SUB || r->b >= 0 || !r->imm || !r->value)
		return false;
	if (r->a < 0 && cond >> 1 == 1) {
		*out = (struct test){ T_LTU, gen_constant(t, ~r->value, T2), r->res };
		return true;
	}
	if (r->a < 0 || !gen_tests_above(cond, r->size, r->value, r->zext))
		return false;
	la_bstrpick_d(&t->e, T6, r->a, 8 * r->size - 1, __builtin_ctzll(beyond));
	*out = (struct test){ T_EQ, T6, H_ZERO };
	return true;
}

/* Equality and sign are those of the result, where that is kept. */
static bool by_result(const struct recent_flags *r, int cond)
{
	return r->res >= 0 && (cond >> 1 == 2 || cond >> 1 == 4);
}

int gen_truths(const struct tr *t)
{
	return t->fuse_dead ? 1 : t->fuse_pair ? 2 : 0;
}

int gen_truth_cond(const struct tr *t, int k)
{
	return t->plan->insn[t->index + 1 + k].i.cond;
}

void gen_truth_set(struct tr *t, int k, int reg)
{
	t->pend.op = 0;
	t->truth[k] = (struct truth){ .index = t->index + 1 + k, .reg = reg };
}

static const struct truth *truth_here(const struct tr *t)
{
	for (int k = 0; k < 2; k++)
		if (t->truth[k].index == t->index)
			return &t->truth[k];
	return NULL;
}

bool gen_cond_lasts(const struct tr *t, int cond)
{
	const struct recent_flags *r = &t->recent;

	if (truth_here(t) || (r->valid && (is_temporary(r->a) || is_temporary(r->b) || is_temporary(r->res))))
		return false;
	if (r->valid)
		return recent_can(r->op, r->size, cond);
	return t->cc_static == CC_EFLAGS || (t->cc_static > CC_EFLAGS && recent_can(t->cc_static & ~3, 1 << (t->cc_static & 3), cond));
}

static struct test condition(struct tr *t, int cond)
{
	const struct truth *truth = truth_here(t);
	struct test c = { T_NE, truth ? truth->reg : H_ZERO, H_ZERO };
	bool known = false, held = false;

	t->served.valid = false;
	if (truth)
		return cond & 1 ? negate(c) : c;
	if (!t->recent.valid && t->pend.op) {
		if (!gen_pend_recent(t, &t->recent) || !recent_can(t->recent.op, t->recent.size, cond)) {
			t->recent.valid = false;
			gen_pend_store(t);
		}
	}
	if (t->recent.valid) {
		known = test_constant(t, cond, &t->recent, &c);
		if (!known && t->recent.b < 0 && t->recent.imm && !by_result(&t->recent, cond)) {
			held = t->recent.value && gen_held(t, t->recent.value);
			t->recent.b = t->recent.value ? gen_constant(t, t->recent.value, T2) : H_ZERO;
		}
		known = known || test_recent(t, cond, &t->recent, &c);
		t->served = t->recent;
		if (held) /* as far as the loop goes */
			t->served.b = -1;
		t->recent.valid = false;
	} else if (t->cc_static > CC_EFLAGS) {
		known = test_static(t, cond, &c);
	}
	if (!known && t->cc_static < 0 && cond >> 1 == 1) {
		call(t, t->stubs->cc_carry);
		c = (struct test){ T_NE, T5, H_ZERO };
	} else if (!known) {
		int f = H_CC_DST;
		if (t->cc_static != CC_EFLAGS) {
			gen_cc_get(t, T0);
			f = T0;
		}
		c = test_eflags(t, cond, f);
	}
	return cond & 1 ? negate(c) : c;
}

void gen_cond(struct tr *t, int cond, int rd)
{
	struct emit *e = &t->e;
	struct test c = condition(t, cond);

	switch (c.kind) {
	case T_EQ:
	case T_NE:
		if (c.b != H_ZERO) {
			la_xor(e, rd, c.a, c.b);
			c.a = rd;
		}
		if (c.kind == T_EQ)
			la_sltui(e, rd, c.a, 1);
		else
			la_sltu(e, rd, H_ZERO, c.a);
		return;
	case T_LT:
	case T_GE:
		la_slt(e, rd, c.a, c.b);
		break;
	case T_LTU:
	case T_GEU:
		la_sltu(e, rd, c.a, c.b);
		break;
	default:
		gen_li(t, rd, c.kind == T_ALWAYS);
		return;
	}
	if (c.kind == T_GE || c.kind == T_GEU)
		la_xori(e, rd, rd, 1);
}

void gen_carry(struct tr *t, int rd)
{
	if (t->recent.valid || t->pend.op || t->cc_static >= 0) {
		gen_cond(t, 2, rd);
		return;
	}
	call(t, t->stubs->cc_carry);
	if (rd != T5)
		la_move(&t->e, rd, T5);
}

static uint32_t *branch(struct tr *t, struct test c)
{
	struct emit *e = &t->e;
	uint32_t *site = e->p;

	switch (c.kind) {
	case T_EQ:
		if (c.b == H_ZERO)
			la_beqz(e, c.a, 0);
		else
			la_beq(e, c.a, c.b, 0);
		break;
	case T_NE:
		if (c.b == H_ZERO)
			la_bnez(e, c.a, 0);
		else
			la_bne(e, c.a, c.b, 0);
		break;
	case T_LT: la_blt(e, c.a, c.b, 0); break;
	case T_GE: la_bge(e, c.a, c.b, 0); break;
	case T_LTU: la_bltu(e, c.a, c.b, 0); break;
	case T_GEU: la_bgeu(e, c.a, c.b, 0); break;
	case T_NEVER: la_bne(e, H_ZERO, H_ZERO, 0); break;
	case T_ALWAYS: la_beq(e, H_ZERO, H_ZERO, 0); break;
	}
	return site;
}

uint32_t *gen_branch_if(struct tr *t, int cond)
{
	struct test c = condition(t, cond);

	if (t->flags_live && !t->sunk.valid)
		gen_cc_sync(t);
	return branch(t, c);
}

uint32_t *gen_branch_early(struct tr *t, int cond)
{
	return branch(t, condition(t, cond));
}
