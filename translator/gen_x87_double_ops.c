/* The common x87 instructions on registers that are doubles (gen_x87_double.c). While one is emitted, t->live is the state before it until its last word. */
#include "translator/gen_x87.h"
#include "translator/region.h"

enum { FADD, FMUL, FCOM, FCOMP, FSUB, FSUBR, FDIV, FDIVR };

static unsigned reg_of(const struct x87_op *o) { return o->i->modrm >> 3 & 7; }
static unsigned rm_of(const struct x87_op *o) { return o->i->modrm & 7; }
static unsigned phys(const struct x87_known *k, unsigned st) { return (k->top + st) & 7; }

/* ---- registers ---- */

/* The host register that holds ST(st). */
static int reg(const struct tr *t, const struct x87_op *o, unsigned st)
{
	return t->live.reg[phys(&o->before, st)];
}

static bool is_free(const struct tr *t, unsigned p, int r, int a, int b)
{
	if (r == a || r == b)
		return false;
	for (unsigned q = 0; q < 8; q++)
		if (q != p && t->x87.doubles >> q & 1 && t->live.reg[q] == r)
			return false;
	return true;
}

/*
 * A register for the new value of physical register p: not one of the operands a and b, nor any that holds another register. What was in p is not needed
 * any more once the operands have been read.
 */
static int fresh(const struct tr *t, unsigned p, int a, int b)
{
	static const uint8_t candidates[] = { 19, 20, 22, 23, F_HOME, F_HOME + 1, F_HOME + 2, F_HOME + 3 };
	unsigned k = 0;

	if (is_free(t, p, F_HOME + (int)p, a, b))
		return F_HOME + (int)p;
	while (!is_free(t, p, candidates[k], a, b)) /* ends: seven of twelve are taken, and two more forbidden */
		k++;
	return candidates[k];
}

/* For an operand from memory: not the one that C1 may depend on. */
static int operand_reg(const struct tr *t)
{
	return t->live.of[0] == F_OPERAND || t->live.of[1] == F_OPERAND ? F_OPERAND + 1 : F_OPERAND;
}

static void put(struct tr *t, unsigned p, int r)
{
	t->live.reg[p] = (uint8_t)r;
}

static void c1_clear(struct tr *t)
{
	t->live.c1 = t->live.of[0] = t->live.of[1] = 0;
}

static void c1_from(struct tr *t, unsigned how, int a, int b)
{
	t->live.c1 = (uint8_t)how;
	t->live.of[0] = (uint8_t)a;
	t->live.of[1] = (uint8_t)b;
}

/* ---- operands in memory ---- */

static void address(struct tr *t, struct x87_op *o, bool store)
{
	o->a = gen_address(t, o->i, o->i->opd[0].size, store ? MEM_STORE : MEM_LOAD, T5);
}

/* rd = the number in memory. NaNs and denormals go to x87_exec(): the comparison traps on the former, the product on the latter. */
static void load_number(struct tr *t, struct x87_op *o, int rd)
{
	struct emit *e = &t->e;
	bool single = o->i->opd[0].size == 4;
	int loaded = single ? operand_reg(t) : rd;

	address(t, o, false);
	gen_fault_point(t);
	(single ? la_fld_s : la_fld_d)(e, loaded, o->a.reg, o->a.disp);
	gen_fault_point(t);
	(single ? la_fmul_s : la_fmul_d)(e, F_SCRATCH, loaded, F_TINY);
	gen_fault_point(t);
	(single ? la_fcmp_saf_s : la_fcmp_saf_d)(e, 0, loaded, loaded);
	if (single)
		la_fcvt_d_s(e, rd, loaded);
}

/* Integers that are no double go to x87_exec(). */
static void load_integer(struct tr *t, struct x87_op *o, int rd)
{
	struct emit *e = &t->e;
	int size = o->i->opd[0].size;

	address(t, o, false);
	gen_load(t, T2, o->a, size, true);
	la_movgr2fr_d(e, rd, T2);
	la_ffint_d_l(e, rd, rd);
	if (size < 8)
		return;
	gen_fault_point(t);
	la_ftintrz_l_d(e, F_SCRATCH, rd);
	la_movfr2gr_d(e, T3, F_SCRATCH);
	o->sites[o->nsites++] = e->p;
	la_bne(e, T3, T2, 0);
}

/* ---- loads ---- */

/* Whether the next instruction puts a result of arithmetic in place of ST(0), an operand of it. */
static bool is_replaced(const struct tr *t)
{
	const struct rinsn *r = &t->plan->insn[t->index], *next = r + 1;
	unsigned op = next->i.modrm >> 3 & 7;

	if (!r->falls || next->leader || next->i.op != OP_X87 || op == FCOM || op == FCOMP)
		return false;
	return next->i.modrm < 0xc0 ? !(next->i.opcode & 1) : next->i.opcode == 0xd8;
}

/*
 * The register that is pushed onto, at once: should the instruction fault nothing has been loaded, and x87_exec() only overwrites it. What is soon
 * replaced leaves the place where values are outside to the result.
 */
static int pushed(struct tr *t, struct x87_op *o)
{
	unsigned p = phys(&o->after, 0);

	return fresh(t, p, is_replaced(t) ? F_HOME + (int)p : -1, -1);
}

static void push(struct tr *t, struct x87_op *o, int r)
{
	put(t, phys(&o->after, 0), r);
	c1_clear(t);
}

void gen_double_fld(struct tr *t, struct x87_op *o)
{
	int r = pushed(t, o);

	load_number(t, o, r);
	push(t, o, r);
}

void gen_double_fild(struct tr *t, struct x87_op *o)
{
	int r = pushed(t, o);

	load_integer(t, o, r);
	push(t, o, r);
}

/* FLD1, FLDZ */
void gen_double_constant(struct tr *t, struct x87_op *o)
{
	int r = pushed(t, o);
	bool one = !rm_of(o);

	if (one)
		la_lu52i_d(&t->e, T0, H_ZERO, 0x3ff);
	la_movgr2fr_d(&t->e, r, one ? T0 : H_ZERO);
	push(t, o, r);
}

void gen_double_fld_st(struct tr *t, struct x87_op *o)
{
	push(t, o, reg(t, o, rm_of(o)));
}

/* ---- moves ---- */

/* FST, FSTP */
void gen_double_fst_st(struct tr *t, struct x87_op *o)
{
	put(t, phys(&o->before, rm_of(o)), reg(t, o, 0));
	c1_clear(t);
}

void gen_double_fxch(struct tr *t, struct x87_op *o)
{
	int a = reg(t, o, 0), b = reg(t, o, rm_of(o));

	put(t, phys(&o->before, 0), b);
	put(t, phys(&o->before, rm_of(o)), a);
	c1_clear(t);
}

/* FCHS, FABS */
void gen_double_sign(struct tr *t, struct x87_op *o)
{
	unsigned p = phys(&o->before, 0);
	int r = fresh(t, p, -1, -1);

	(rm_of(o) ? la_fabs_d : la_fneg_d)(&t->e, r, reg(t, o, 0));
	put(t, p, r);
	c1_clear(t);
}

/* FDECSTP, FINCSTP, FFREE */
void gen_double_only_stack(struct tr *t, struct x87_op *o)
{
	(void)o;
	c1_clear(t);
}

/* ---- stores ---- */

void gen_double_fst(struct tr *t, struct x87_op *o)
{
	struct emit *e = &t->e;
	int r = reg(t, o, 0), single = operand_reg(t);

	address(t, o, true);
	if (o->i->opd[0].size == 8) {
		gen_fault_point(t);
		la_fst_d(e, r, o->a.reg, o->a.disp);
		c1_clear(t);
		return;
	}
	gen_fault_point(t);
	la_fcvt_s_d(e, single, r);
	gen_fault_point(t);
	la_fst_s(e, single, o->a.reg, o->a.disp);
	c1_from(t, X87_C1_TO_SINGLE, r, r);
}

/* FIST, FISTP, FISTTP */
void gen_double_fist(struct tr *t, struct x87_op *o)
{
	struct emit *e = &t->e;
	int r = reg(t, o, 0), size = o->i->opd[0].size;
	bool chops = reg_of(o) == 1;

	address(t, o, true);
	gen_fault_point(t);
	(chops ? la_ftintrz_l_d : la_ftint_l_d)(e, F_SCRATCH, r);
	la_movfr2gr_d(e, T0, F_SCRATCH);
	if (size < 8) {
		gen_sign_extend(t, T2, T0, size);
		o->sites[o->nsites++] = e->p;
		la_bne(e, T0, T2, 0);
	}
	gen_store(t, T0, o->a, size);
	if (chops)
		c1_clear(t);
	else
		c1_from(t, X87_C1_TO_INTEGER, r, r);
}

/* ---- arithmetic ---- */


/* T0 and T1 = 1 if a < b, and if a = b, else 0. */
static void order(struct tr *t, int a, int b)
{
	struct emit *e = &t->e;

	la_fcmp_clt_d(e, 0, a, b);
	la_fcmp_ceq_d(e, 1, a, b);
	la_movcf2gr(e, T0, 0);
	la_movcf2gr(e, T1, 1);
}

static void compare(struct tr *t, int a, int b)
{
	struct emit *e = &t->e;

	order(t, a, b);
	la_ld_hu(e, T2, H_CPU, X87_FIELD(sw));
	la_bstrins_d(e, T2, T0, 10, 8);
	la_bstrins_d(e, T2, T1, 14, 14);
	la_st_h(e, T2, H_CPU, X87_FIELD(sw));
	c1_clear(t);
}

/* Register p = a combined with b, or the other way round. */
static void compute(struct tr *t, unsigned op, unsigned p, int a, int b)
{
	static const struct {
		void (*emit)(struct emit *, int, int, int);
		uint8_t c1;
		bool reversed;
	} ops[8] = {
		[FADD] = { la_fadd_d, X87_C1_ADD, false }, [FMUL] = { la_fmul_d, X87_C1_MUL, false },
		[FSUB] = { la_fsub_d, X87_C1_SUB, false }, [FSUBR] = { la_fsub_d, X87_C1_SUB, true },
		[FDIV] = { la_fdiv_d, X87_C1_DIV, false }, [FDIVR] = { la_fdiv_d, X87_C1_DIV, true },
	};
	int r = fresh(t, p, a, b), first = ops[op].reversed ? b : a, second = ops[op].reversed ? a : b;

	gen_fault_point(t);
	ops[op].emit(&t->e, r, first, second);
	put(t, p, r);
	c1_from(t, ops[op].c1, first, second);
}

void gen_double_arith_mem(struct tr *t, struct x87_op *o)
{
	unsigned op = reg_of(o);
	int b = operand_reg(t), a = reg(t, o, 0);

	if ((o->i->opcode - 0xd8u) & 2)
		load_integer(t, o, b);
	else
		load_number(t, o, b);
	if (op == FCOM || op == FCOMP)
		compare(t, a, b);
	else
		compute(t, op, phys(&o->before, 0), a, b);
}

void gen_double_arith_st0(struct tr *t, struct x87_op *o)
{
	compute(t, reg_of(o), phys(&o->before, 0), reg(t, o, 0), reg(t, o, rm_of(o)));
}

void gen_double_arith_sti(struct tr *t, struct x87_op *o)
{
	compute(t, reg_of(o), phys(&o->before, rm_of(o)), reg(t, o, 0), reg(t, o, rm_of(o)));
}

/* FSQRT, FRNDINT */
void gen_double_unary(struct tr *t, struct x87_op *o)
{
	unsigned p = phys(&o->before, 0);
	bool root = rm_of(o) == 2;
	int a = reg(t, o, 0), r = fresh(t, p, a, a);

	gen_fault_point(t);
	(root ? la_fsqrt_d : la_frint_d)(&t->e, r, a);
	put(t, p, r);
	c1_from(t, root ? X87_C1_SQRT : X87_C1_TO_INTEGER, a, a);
}

/* FCOM, FUCOM and their kind: there are no NaNs. */
void gen_double_compare(struct tr *t, struct x87_op *o)
{
	compare(t, reg(t, o, 0), reg(t, o, rm_of(o)));
}

void gen_double_fcomi(struct tr *t, struct x87_op *o)
{
	int a = reg(t, o, 0), b = reg(t, o, rm_of(o));

	c1_clear(t);
	if (gen_compare_truths(t, a, b, false, true))
		return;
	order(t, a, b);
	la_slli_d(&t->e, T1, T1, 6); /* ZF; T0 is CF */
	la_or(&t->e, T0, T0, T1);
	o->returns_flags = true;
}

void gen_double_ftst(struct tr *t, struct x87_op *o)
{
	la_movgr2fr_d(&t->e, F_SCRATCH, H_ZERO);
	compare(t, reg(t, o, 0), F_SCRATCH);
}
