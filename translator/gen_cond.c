/* Conditions: what host instructions compare for them, with the lazy flags as they are kept at that place. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

/* A comparison of two host registers; the condition holds when it does. */
struct test {
	enum { T_EQ, T_NE, T_LT, T_GE, T_LTU, T_GEU, T_NEVER, T_ALWAYS } kind;
	int a, b;
};

/* Whether test_recent() knows the answer; a generator asks before it leaves its flags in registers. */
bool gen_can_fuse(int op, int size, int cond)
{
	static const uint8_t able[] = { [CC_SUB / 4] = 0xde, [CC_ADD / 4] = 0xd6, [CC_LOGIC / 4] = 0xdf, [CC_INC / 4] = 0x14, [CC_DEC / 4] = 0x14 };

	/* the sum of two 64-bit operands has no sign of its own */
	if (op == CC_ADD && size == 8 && cond >> 1 >= 6)
		return false;
	return op / 4 < (int)sizeof able && able[op / 4] >> (cond >> 1) & 1;
}

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

	if (!gen_can_fuse(r->op, r->size, cond))
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

static bool is_temporary(int host)
{
	return host >= T0 && host <= T7;
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
		return gen_can_fuse(r->op, r->size, cond);
	return t->cc_static == CC_EFLAGS || (t->cc_static > CC_EFLAGS && gen_can_fuse(t->cc_static & ~3, 1 << (t->cc_static & 3), cond));
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
		if (!gen_pend_recent(t, &t->recent) || !gen_can_fuse(t->recent.op, t->recent.size, cond)) {
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
		gen_bl(t, t->stubs->cc_carry);
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
	gen_bl(t, t->stubs->cc_carry);
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
