/* ADD OR ADC SBB AND SUB XOR CMP TEST INC DEC NEG NOT. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

/* The operation of one instruction: where its operands came from and go to. */
struct alu {
	int size;
	bool mem;          /* destination in memory */
	struct maddr addr;
	int reg;           /* destination register of the guest */
	int a, b;          /* host registers with the operands, sign-extended when `exact` */
	bool exact;        /* someone looks at more of the operands than the bits that the operation works on */
	bool sext;         /* a (and b, once it is there) are known to be sign-extended; then the result */
	bool zext;         /* 32 bits: a (and b, once it is there) are known to be zero-extended; then the result */
	bool loads_zext;   /* operands in memory are to be so too */
};

/*
 * What makes an instruction's struct alu is part of the functions that use it, which so hold it in registers of the host. What looks for operands in
 * memory is not: it works on a copy.
 */
#define INLINE static inline __attribute__((always_inline))

static __attribute__((noinline)) int fetch_memory(struct tr *t, const struct insn *i, const struct operand *o, struct alu *x, int tmp)
{
	if (t->device_operand) {
		gen_sign_extend(t, tmp, T0, o->size);
		x->zext = false;
		return tmp;
	}
	struct maddr m = gen_operand(t, i, o->size, MEM_LOAD, T0);
	if (x->loads_zext) {
		gen_load_zext(t, tmp, m);
		x->sext = false;
	} else {
		gen_load(t, tmp, m, o->size, x->exact);
		x->zext = false;
	}
	return tmp;
}

static __attribute__((noinline)) int fetch_immediate(struct tr *t, const struct insn *i, int tmp)
{
	if (i->imm == 0)
		return H_ZERO;
	return gen_constant(t, i->imm, tmp);
}

/* Loads a source operand into a host register; `tmp` is used when it is not a whole register. */
INLINE int fetch(struct tr *t, const struct insn *i, const struct operand *o, struct alu *x, int tmp)
{
	if (o->kind == OPD_MEM) {
		struct alu there = *x;
		int rs = fetch_memory(t, i, o, &there, tmp);
		*x = there;
		return rs;
	}
	if (o->kind == OPD_IMM) {
		x->zext &= i->imm >= 0;
		return fetch_immediate(t, i, tmp);
	}
	if (!x->exact && o->size < 4 && !gen_is_high_byte(t, o->reg, o->size))
		return HGPR(o->reg); /* upper bits do not reach the low ones */
	if (o->size == 4 && !x->exact && gen_is_long(t)) {
		x->sext &= gen_is_sext(t, o->reg);
		x->zext &= gen_is_zext(t, o->reg);
	}
	return gen_gpr_read(t, o->reg, o->size, x->exact, tmp);
}

/* The address and old value of a destination in memory. */
static __attribute__((noinline)) void fetch_stored(struct tr *t, const struct insn *i, struct alu *x)
{
	x->addr = gen_operand(t, i, x->size, MEM_STORE, T0);
	gen_load_modify(t, T1, x->addr, x->size, x->exact);
}

/* The destination operand's old value; memory destinations keep their address for the store. exact: see struct alu. */
INLINE void fetch_dst(struct tr *t, const struct insn *i, struct alu *x, bool writes, bool exact)
{
	const struct operand *o = &i->opd[0];
	struct operand value = *o;

	x->size = o->size;
	x->exact = exact;
	x->sext = true;
	x->zext = o->size == 4 && !exact;
	x->mem = o->kind == OPD_MEM;
	if (!x->mem) {
		x->reg = o->reg;
		value.reg = (uint8_t)gen_copied(t, o->reg);
		x->a = fetch(t, i, &value, x, T1);
		return;
	}
	x->a = T1;
	struct alu there = *x;
	if (writes)
		fetch_stored(t, i, &there);
	else
		fetch_memory(t, i, o, &there, T1);
	*x = there;
}

/* Where the result is computed: straight in the guest register for whole registers, unless the flags want it otherwise extended. */
INLINE int result_reg(const struct tr *t, const struct alu *x)
{
	if (x->mem || x->size < 4 || (x->size == 4 && t->flags_live && gen_upper_matters(t, x->reg)))
		return T3;
	return HGPR(x->reg);
}

/* How the operands, and so the result of a bitwise operation, are extended. */
INLINE int extension(const struct alu *x)
{
	return (x->sext ? EXT_SIGN : 0) | (x->zext ? EXT_ZERO : 0);
}

/* Stores the result, or sees it into its register; ext says how it is extended there. */
INLINE void write_back(struct tr *t, const struct alu *x, int res, int ext)
{
	if (x->mem)
		gen_store(t, res, x->addr, x->size);
	else if (res == T3)
		gen_gpr_write(t, x->reg, x->size, res, true);
	else
		gen_wrote(t, x->reg, x->size, ext);
}

static void host_add(struct tr *t, int size, int rd, int a, int b)
{
	if (size == 8)
		la_add_d(&t->e, rd, a, b);
	else
		la_add_w(&t->e, rd, a, b);
}

static void host_addi(struct tr *t, int size, int rd, int a, int value)
{
	if (size == 8)
		la_addi_d(&t->e, rd, a, value);
	else
		la_addi_w(&t->e, rd, a, value);
}

static void host_sub(struct tr *t, int size, int rd, int a, int b)
{
	if (size == 8)
		la_sub_d(&t->e, rd, a, b);
	else
		la_sub_w(&t->e, rd, a, b);
}

/* AND (and TEST), OR, XOR. */
static void host_logic(struct tr *t, int op, int rd, int a, int b)
{
	if (op == OP_OR)
		la_or(&t->e, rd, a, b);
	else if (op == OP_XOR)
		la_xor(&t->e, rd, a, b);
	else
		la_and(&t->e, rd, a, b);
}

static void host_logic_imm(struct tr *t, int op, int rd, int a, int value)
{
	if (op == OP_OR)
		la_ori(&t->e, rd, a, value);
	else if (op == OP_XOR)
		la_xori(&t->e, rd, a, value);
	else
		la_andi(&t->e, rd, a, value);
}

/* The next instruction's condition, when it is to be evaluated from our operands. */
static bool may_fuse(struct tr *t, int op, int size)
{
	return t->fuse && gen_can_fuse(op, size, t->plan->insn[t->index + 1].i.cond);
}

/* As gen_cc_set_recent() where the second operand is `value`, which b holds unless it is -1. */
static void set_flags_imm(struct tr *t, int op, int size, int a, int b, int64_t value, int res)
{
	struct recent_flags r = { .valid = true, .op = op, .size = size, .a = a, .b = b, .res = res, .imm = true, .value = value };

	gen_cc_set_from(t, &r);
}

static bool needs_operands(const struct tr *t)
{
	return t->flags_live & (FL_CF | FL_OF | FL_AF);
}

/* Where the second operand goes if it is in memory: to where the flags want it, if they do and nobody takes it from a temporary first. */
static int second_in(const struct tr *t, int size)
{
	return needs_operands(t) && size >= 4 && !t->fuse ? H_CC_SRC : T2;
}

/* ---- a generator for each kind of operation: all return 0, as gen_alu() does ---- */

static int emit_add_sub(struct tr *t, const struct insn *i)
{
	bool sub = i->op == OP_SUB;
	struct emit *e = &t->e;
	struct alu x = { 0 };
	const struct operand *src = &i->opd[1];
	int size = i->opd[0].size;

	bool imm = src->kind == OPD_IMM;
	/* the old value follows from the result then */
	bool follows = imm && size >= 4 && i->opd[0].kind == OPD_GPR;

	fetch_dst(t, i, &x, true, (needs_operands(t) && !follows) || (size < 4 && t->flags_live));
	int res = result_reg(t, &x);
	bool keeps = false;
	int64_t v = sub ? -(uint64_t)i->imm : (uint64_t)i->imm;
	if (imm && la_is_si12(v) && (!needs_operands(t) || size >= 4)) {
		host_addi(t, size, res, x.a, (int)v);
		x.b = -1;
	} else {
		x.b = fetch(t, i, src, &x, src->kind == OPD_MEM ? second_in(t, size) : T2);
		if (needs_operands(t) && x.b == res) { /* the operand is about to be overwritten */
			la_move(e, T2, x.b);
			x.b = T2;
			if (x.a == res)
				x.a = T2;
		}
		keeps = !imm && size >= 4 && gen_carry_waits(t, res, x.b);
		if (keeps && sub)
			la_sltu(e, H_CC_DST, x.a, x.b);
		(sub ? host_sub : host_add)(t, size, res, x.a, x.b);
		if (keeps && !sub)
			la_sltu(e, H_CC_DST, res, x.b);
	}
	if (size < 4 && t->flags_live)
		gen_sign_extend(t, res, res, size);
	write_back(t, &x, res, EXT_SIGN);
	bool a_kept = x.a != res && !follows;
	if (needs_operands(t) && imm)
		set_flags_imm(t, sub ? CC_SUB : CC_ADD, size, a_kept ? x.a : -1, x.b, i->imm, res);
	else if (needs_operands(t))
		gen_cc_set_recent(t, sub ? CC_SUB : CC_ADD, size, a_kept ? x.a : -1, x.b, res);
	else
		gen_cc_set_recent(t, CC_LOGIC, size, -1, -1, res);
	if (keeps)
		gen_carry_keep(t);
	return 0;
}

/* AND with a constant that clears one run of bits of a whole register: without the constant, where nothing is left above, or the rest is in place. */
static bool and_clears_run(struct tr *t, const struct alu *x, int res, int64_t imm)
{
	int lo, hi;

	if (x->size < 4 || !gen_bit_run(~(uint64_t)imm & UINT64_MAX >> (64 - 8 * x->size), &lo, &hi))
		return false;
	if (hi == 8 * x->size - 1)
		la_bstrpick_d(&t->e, res, x->a, lo - 1, 0);
	else if (res == x->a)
		la_bstrins_d(&t->e, res, H_ZERO, hi, lo);
	else
		return false;
	return true;
}

/* TEST of one run of bits, of which only whether all are 0 is wanted. */
static bool test_is_of_run(const struct tr *t, const struct alu *x, int64_t imm, int *lo, int *hi)
{
	bool zero = t->fuse_dead && t->plan->insn[t->index + 1].i.cond >> 1 == 2;

	return zero && x->size >= 4 && gen_bit_run((uint64_t)imm & UINT64_MAX >> (64 - 8 * x->size), lo, hi);
}

/* The second operand. Of AND's one that is zero-extended makes the result so; in memory it is loaded as the first is, where that is of use. */
INLINE int fetch_mask(struct tr *t, const struct insn *i, struct alu *x)
{
	bool a_zext = x->zext;

	if (i->op == OP_AND)
		x->zext = x->size == 4;
	else
		x->loads_zext = a_zext && !t->flags_live && (!x->sext || gen_wants_zero(t, x->reg));
	int b = fetch(t, i, &i->opd[1], x, T2);
	if (i->op == OP_AND)
		x->zext |= a_zext;
	return b;
}

static int emit_logic(struct tr *t, const struct insn *i)
{
	int op = i->op;
	struct emit *e = &t->e;
	struct alu x = { 0 };
	const struct operand *src = &i->opd[1];
	int size = i->opd[0].size;
	bool test = op == OP_TEST, zeroed = false;

	if (!test && gen_logic_part(t, i))
		return 0;
	bool imm = src->kind == OPD_IMM && i->imm >= 0 && i->imm < 4096;
	bool masks = imm && (test || op == OP_AND);
	fetch_dst(t, i, &x, !test, t->flags_live && size < 4 && !masks);
	int res = test ? T3 : result_reg(t, &x), lo, hi;
	if (op == OP_XOR && src->kind == OPD_GPR && !x.mem && src->reg == x.reg) {
		la_move(e, res, H_ZERO);
		x.sext = x.zext = zeroed = true;
	} else if (imm) {
		host_logic_imm(t, op, res, x.a, (int)i->imm);
		x.zext |= op == OP_AND;
		x.sext |= masks;
	} else if (src->kind == OPD_IMM && op == OP_AND && and_clears_run(t, &x, res, i->imm)) {
		x.zext |= i->imm >= 0;
		x.sext |= i->imm >= 0;
	} else if (src->kind == OPD_IMM && test && test_is_of_run(t, &x, i->imm, &lo, &hi)) {
		la_bstrpick_d(e, res, x.a, hi, lo);
		x.sext = true;
	} else {
		bool same = test && !x.mem && src->kind == OPD_GPR && src->reg == x.reg;
		x.b = same ? x.a : fetch_mask(t, i, &x);
		if (same && (size >= 4 || x.exact))
			res = x.a;
		else
			host_logic(t, op, res, x.a, x.b);
	}
	if (size == 4 && t->flags_live && !x.sext) {
		gen_sign_extend(t, test ? T3 : res, res, 4);
		res = test ? T3 : res;
		x.sext = true;
		x.zext = false;
	}
	if (!test)
		write_back(t, &x, res, extension(&x));
	if (zeroed && size >= 4 && res != T3)
		gen_note_zero(t, x.reg);
	gen_cc_set_recent(t, CC_LOGIC, size, -1, -1, res);
	return 0;
}

/* A byte or word less a constant, of which only the result is wanted, and not at once: no operand need be extended. */
static bool cmp_leaves_result(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];
	struct alu x = { 0 };

	if (d->size >= 4 || i->opd[1].kind != OPD_IMM || i->imm <= -2048 || i->imm > 2048 || !t->flags_live || needs_operands(t) || t->fuse)
		return false;
	fetch_dst(t, i, &x, false, false);
	la_addi_w(&t->e, H_CC_DST, x.a, (int)-i->imm);
	gen_sign_extend(t, H_CC_DST, H_CC_DST, x.size);
	gen_cc_set(t, CC_LOGIC, x.size, H_CC_DST, H_ZERO);
	return true;
}

/* Whether the operand's upper half is 0, or can be loaded so. */
static bool is_zero_above(const struct tr *t, const struct operand *o, int64_t imm)
{
	return o->kind == OPD_MEM || (o->kind == OPD_IMM ? imm >= 0 : gen_is_zext(t, o->reg));
}

/* B, E, BE and their opposites: the condition is the same for operands that are zero-extended. */
static bool is_unsigned(int cond)
{
	return cond >> 1 >= 1 && cond >> 1 <= 3;
}

/*
 * 64-bit code: whether 32-bit operands, of which at least one is a register, are compared as unsigned numbers by the next instruction, and may be zero- instead of sign-extended. Flags that are
 * kept besides can be made of registers and constants, but for other conditions they had better be extended here.
 */
static bool compares_zext(const struct tr *t, const struct insn *i)
{
	const struct operand *a = &i->opd[0], *b = &i->opd[1];
	const struct rinsn *next = &t->plan->insn[t->index + 1];
	int cond = next->i.cond;

	if (a->size != 4 || !gen_is_long(t) || !t->fuse || t->device_operand || !is_unsigned(cond) || (a->kind == OPD_MEM && b->kind == OPD_IMM))
		return false;
	if (!t->fuse_dead && (a->kind == OPD_MEM || b->kind == OPD_MEM || (b->kind == OPD_IMM && !i->imm) || (next->falls && next[1].i.flags_read)))
		return false;
	if (b->kind == OPD_IMM && gen_tests_above(cond, 4, i->imm, a->kind == OPD_GPR && !gen_is_sext(t, a->reg)))
		return true;
	return is_zero_above(t, a, 0) && is_zero_above(t, b, i->imm);
}

/* A byte that is known to be zero-extended, and a constant, of which nothing else is wanted than whether it is equal or below: compared without an extension. */
static bool compares_byte(const struct tr *t, const struct insn *i)
{
	const struct operand *a = &i->opd[0];
	int cond = t->plan->insn[t->index + 1].i.cond;

	if (a->size != 1 || a->kind != OPD_GPR || i->opd[1].kind != OPD_IMM || !i->imm || !t->fuse_dead || !is_unsigned(cond))
		return false;
	return !gen_is_high_byte(t, a->reg, 1) && gen_holds_byte(t, a->reg);
}

static int emit_cmp(struct tr *t, const struct insn *i)
{
	if (compares_byte(t, i)) {
		struct recent_flags r = { .valid = true, .op = CC_SUB, .size = 4, .a = HGPR(i->opd[0].reg), .b = -1, .res = -1, .imm = true, .value = i->imm & 0xff, .zext = true };
		gen_cc_set_from(t, &r);
		return 0;
	}
	bool zext = compares_zext(t, i);
	struct alu x = { .loads_zext = zext };

	if (i->imm && cmp_leaves_result(t, i))
		return 0;
	fetch_dst(t, i, &x, false, t->flags_live && !zext);
	if (!t->flags_live && i->opd[1].kind != OPD_MEM) /* a load may fault */
		return 0;
	if (i->opd[1].kind == OPD_IMM && !i->imm) {
		gen_cc_set_recent(t, CC_LOGIC, x.size, -1, -1, x.a);
		return 0;
	}
	struct recent_flags r = { .valid = true, .op = CC_SUB, .size = x.size, .a = x.a, .b = -1, .res = -1, .zext = zext };
	if (i->opd[1].kind == OPD_IMM) {
		r.imm = true;
		r.value = i->imm;
	} else {
		r.b = fetch(t, i, &i->opd[1], &x, i->opd[1].kind == OPD_MEM ? second_in(t, x.size) : T2);
	}
	gen_cc_set_from(t, &r);
	return 0;
}

/* dst = the bits that have made a carry or borrow, of the operands a and b and the result; b may be register 0. */
static void carries(struct tr *t, bool sub, int dst, int a, int b, int res)
{
	struct emit *e = &t->e;

	if (b == H_ZERO) {
		la_andn(e, dst, sub ? res : a, sub ? a : res);
		return;
	}
	if (sub) { /* (~a & b) | ((~a | b) & res) */
		la_andn(e, T4, b, a);
		la_orn(e, T5, b, a);
		la_and(e, T5, T5, res);
	} else { /* (a & b) | ((a | b) & ~res) */
		la_and(e, T4, a, b);
		la_or(e, T5, a, b);
		la_andn(e, T5, T5, res);
	}
	la_or(e, dst, T4, T5);
}

static int emit_carry(struct tr *t, const struct insn *i)
{
	bool sub = i->op == OP_SBB;
	void (*op)(struct tr *, int, int, int, int) = sub ? host_sub : host_add;
	struct alu x = { 0 };
	bool live = t->flags_live;

	int carry = gen_carry_of(t, T5);
	fetch_dst(t, i, &x, true, live);
	x.b = fetch(t, i, &i->opd[1], &x, T2);
	if (!live && !x.mem && x.size >= 4) {
		bool only_borrow = sub && x.b == x.a;
		int rd = HGPR(x.reg), sum = only_borrow ? H_ZERO : x.a;
		if (x.b != H_ZERO && !only_borrow) {
			op(t, x.size, T3, x.a, x.b);
			sum = T3;
		}
		op(t, x.size, rd, sum, carry);
		gen_wrote(t, x.reg, x.size, EXT_SIGN);
		return 0;
	}
	/* the flag registers may have their values early when no store can fault */
	int res = x.mem || !live ? T3 : H_CC_DST, bits = x.mem ? T4 : H_CC_SRC;
	if (x.b != H_ZERO)
		op(t, x.size, T3, x.a, x.b);
	op(t, x.size, res, x.b == H_ZERO ? x.a : T3, carry);
	if (x.size < 4 && live)
		gen_sign_extend(t, res, res, x.size);
	if (x.mem)
		gen_store(t, res, x.addr, x.size);
	if (live)
		carries(t, sub, bits, x.a, x.b, res);
	if (!x.mem)
		gen_gpr_write(t, x.reg, x.size, res, true);
	gen_cc_set(t, CC_CARRY, x.size, res, bits);
	return 0;
}

/*
 * INC and DEC at the end of a loop that has no other flags: those of before, whatever they are, go round with it, and their CF is looked for only on the
 * way out.
 */
static bool leaves_carry(struct tr *t, int kind, const struct operand *d)
{
	bool whole = d->kind == OPD_GPR && (d->size == 8 || (d->size == 4 && !gen_upper_matters(t, d->reg)));

	return whole && t->fuse_sinks && t->cc_static < 0 && !t->pend.op && may_fuse(t, kind, d->size);
}

static int emit_inc_dec(struct tr *t, const struct insn *i)
{
	int step = i->op == OP_INC ? 1 : -1, kind = step > 0 ? CC_INC : CC_DEC;
	struct alu x = { 0 };
	/* what is in memory is not found again when flags are asked for that are dead (dead_flags.c) */
	bool only_cf = t->flags_live == FL_CF && i->opd[0].kind == OPD_GPR, keep_cf = t->flags_live & FL_CF && !only_cf;
	bool later = keep_cf && leaves_carry(t, kind, &i->opd[0]);

	if (only_cf) /* which stays as it is; an exit behind the instruction is to know of it again */
		t->flags_live = 0;
	if (keep_cf && !later)
		gen_carry(t, T5);
	fetch_dst(t, i, &x, true, t->flags_live && i->opd[0].size < 4);
	int res = result_reg(t, &x);
	host_addi(t, x.size, res, x.a, step);
	if (x.size < 4 && t->flags_live)
		gen_sign_extend(t, res, res, x.size);
	write_back(t, &x, res, EXT_SIGN);
	if (only_cf) {
		t->flags_live = FL_CF;
		return 0;
	}
	if (later)
		gen_cc_set_around(t, kind, x.size, res);
	else if (keep_cf)
		gen_cc_set(t, kind, x.size, res, T5);
	else if (t->flags_live & (FL_OF | FL_AF) && !may_fuse(t, kind, x.size))
		gen_cc_set(t, kind, x.size, res, H_ZERO);
	else
		gen_cc_set_recent(t, kind, x.size, -1, -1, res);
	return 0;
}

static int emit_neg(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	struct alu x = { 0 };

	fetch_dst(t, i, &x, true, t->flags_live);
	int res = x.mem || !t->flags_live ? T3 : H_CC_DST, old = x.a;
	if (!t->flags_live && !x.mem && x.size >= 4) {
		host_sub(t, x.size, HGPR(x.reg), H_ZERO, x.a);
		gen_wrote(t, x.reg, x.size, EXT_SIGN);
		return 0;
	}
	host_sub(t, x.size, res, H_ZERO, x.a);
	if (x.size < 4 && t->flags_live)
		gen_sign_extend(t, res, res, x.size);
	if (x.mem)
		gen_store(t, res, x.addr, x.size);
	if (t->flags_live && !x.mem) {
		la_move(e, H_CC_SRC, x.a);
		old = H_CC_SRC;
	}
	if (!x.mem)
		gen_gpr_write(t, x.reg, x.size, res, true);
	gen_cc_set(t, CC_SUB, x.size, res, old);
	return 0;
}

static int emit_not(struct tr *t, const struct insn *i)
{
	struct alu x = { 0 };

	fetch_dst(t, i, &x, true, false);
	int res = result_reg(t, &x);
	la_nor(&t->e, res, x.a, H_ZERO);
	write_back(t, &x, res, x.sext ? EXT_SIGN : 0);
	return 0;
}

typedef int emitter(struct tr *t, const struct insn *i);

/* For code with device sites. ADC and SBB look for the carry first, by a call. */
static __attribute__((noinline)) int emit_near_devices(struct tr *t, const struct insn *i, emitter *emit)
{
	t->device_operand = i->op != OP_ADC && i->op != OP_SBB && gen_device_operand(t, i);
	return emit(t, i);
}

int gen_alu(struct tr *t, const struct insn *i)
{
	static emitter *const emitters[OP_COUNT] = {
		[OP_ADD] = emit_add_sub, [OP_SUB] = emit_add_sub, [OP_AND] = emit_logic, [OP_OR] = emit_logic, [OP_XOR] = emit_logic,
		[OP_TEST] = emit_logic, [OP_CMP] = emit_cmp, [OP_ADC] = emit_carry, [OP_SBB] = emit_carry, [OP_INC] = emit_inc_dec,
		[OP_DEC] = emit_inc_dec, [OP_NEG] = emit_neg, [OP_NOT] = emit_not,
	};

	emitter *emit = emitters[i->op];

	if (!emit)
		return -1;
	return t->device_sites ? emit_near_devices(t, i, emit) : emit(t, i);
}
