/* The common x87 instructions in emitted code, for ordinary numbers (gen_x87.h). Arithmetic is in x87_stubs.S. */
#include "translator/gen_x87.h"

static unsigned reg_of(const struct x87_op *o) { return o->i->modrm >> 3 & 7; }
static unsigned rm_of(const struct x87_op *o) { return o->i->modrm & 7; }

/* ---- registers ---- */

static int st_field(const struct x87_known *k, unsigned st)
{
	return X87_FIELD(st) + (int)((k->top + st) & 7) * (int)sizeof(((struct x87 *)0)->st[0]);
}

#define SEXP_OFFSET ((int)offsetof(struct x87, st[0].sexp) - (int)offsetof(struct x87, st))

static void load_st(struct tr *t, const struct x87_known *k, unsigned st, int mant, int sexp)
{
	la_ld_d(&t->e, mant, H_CPU, st_field(k, st));
	la_ld_h(&t->e, sexp, H_CPU, st_field(k, st) + SEXP_OFFSET);
}

static void store_st(struct tr *t, const struct x87_known *k, unsigned st, int mant, int sexp)
{
	la_st_d(&t->e, mant, H_CPU, st_field(k, st));
	la_st_h(&t->e, sexp, H_CPU, st_field(k, st) + SEXP_OFFSET);
}

/* TOP and tags as they are after the instruction. */
static void set_stack(struct tr *t, const struct x87_op *o)
{
	int value = o->after.empty | o->after.top << 8;
	int reg = value ? T4 : H_ZERO;

	if (o->after.empty == o->before.empty && o->after.top == o->before.top)
		return;
	if (value)
		la_ori(&t->e, T4, H_ZERO, value);
	la_st_h(&t->e, reg, H_CPU, X87_FIELD(tag_empty));
}

static void clear_c1(struct tr *t)
{
	la_st_b(&t->e, H_ZERO, H_CPU, X87_FIELD(c1));
}

static void slow_from(struct tr *t, struct x87_op *o)
{
	o->sites[o->nsites++] = t->e.p;
}

/* A stub that may not do it. */
static void try_stub(struct tr *t, struct x87_op *o, unsigned stub)
{
	gen_x87_stub(t, stub);
	slow_from(t, o);
	la_b(&t->e, 0);
}

static void operand(struct tr *t, struct x87_op *o, bool store)
{
	o->a = gen_address(t, o->i, o->i->opd[0].size, store ? MEM_STORE : MEM_LOAD, T5);
}

/* ---- loads ---- */

/* b = the operand in memory. */
static void load_float(struct tr *t, struct x87_op *o)
{
	int size = o->i->opd[0].size;

	operand(t, o, false);
	gen_load(t, T2, o->a, size, true);
	try_stub(t, o, size == 8 ? X87_STUB_load64 : X87_STUB_load32);
}

static void load_int(struct tr *t, struct x87_op *o)
{
	operand(t, o, false);
	gen_load(t, T2, o->a, o->i->opd[0].size, true);
	gen_x87_stub(t, X87_STUB_load_int);
}

static void pushed(struct tr *t, struct x87_op *o)
{
	store_st(t, &o->after, 0, T2, T3);
	set_stack(t, o);
	clear_c1(t);
}

void gen_x87_fld(struct tr *t, struct x87_op *o)
{
	load_float(t, o);
	pushed(t, o);
}

void gen_x87_fild(struct tr *t, struct x87_op *o)
{
	load_int(t, o);
	pushed(t, o);
}

void gen_x87_fld80(struct tr *t, struct x87_op *o)
{
	operand(t, o, false);
	gen_load(t, T2, o->a, 8, false);
	gen_load(t, T3, (struct maddr){ .reg = o->a.reg, .disp = o->a.disp + 8 }, 2, true);
	pushed(t, o);
}

/* FLD1, FLDZ */
void gen_x87_fld_constant(struct tr *t, struct x87_op *o)
{
	if (rm_of(o)) {
		la_move(&t->e, T2, H_ZERO);
		la_move(&t->e, T3, H_ZERO);
	} else {
		la_lu52i_d(&t->e, T2, H_ZERO, -2048);
		gen_li(t, T3, 0x3fff);
	}
	pushed(t, o);
}

static void copy(struct tr *t, const struct x87_known *to, unsigned st, const struct x87_known *from, unsigned st_from)
{
	la_vld(&t->e, VT0, H_CPU, st_field(from, st_from));
	la_vst(&t->e, VT0, H_CPU, st_field(to, st));
}

void gen_x87_fld_st(struct tr *t, struct x87_op *o)
{
	copy(t, &o->after, 0, &o->before, rm_of(o));
	set_stack(t, o);
	clear_c1(t);
}

/* FST, FSTP */
void gen_x87_fst_st(struct tr *t, struct x87_op *o)
{
	if (rm_of(o))
		copy(t, &o->before, rm_of(o), &o->before, 0);
	set_stack(t, o);
	clear_c1(t);
}

void gen_x87_fxch(struct tr *t, struct x87_op *o)
{
	int a = st_field(&o->before, 0), b = st_field(&o->before, rm_of(o));

	la_vld(&t->e, VT0, H_CPU, a);
	la_vld(&t->e, VT0 + 1, H_CPU, b);
	la_vst(&t->e, VT0, H_CPU, b);
	la_vst(&t->e, VT0 + 1, H_CPU, a);
	clear_c1(t);
}

/* FCHS, FABS */
void gen_x87_sign(struct tr *t, struct x87_op *o)
{
	int field = st_field(&o->before, 0) + SEXP_OFFSET;

	la_ld_h(&t->e, T0, H_CPU, field);
	if (rm_of(o)) {
		la_bstrpick_d(&t->e, T0, T0, 14, 0);
	} else {
		la_lu12i_w(&t->e, T1, 8);
		la_xor(&t->e, T0, T0, T1);
	}
	la_st_h(&t->e, T0, H_CPU, field);
	clear_c1(t);
}

/* FDECSTP, FINCSTP, FFREE */
void gen_x87_only_stack(struct tr *t, struct x87_op *o)
{
	set_stack(t, o);
	clear_c1(t);
}

/* ---- stores ---- */

/* The flags that a store stub found (T1), once the value has been stored. */
static void stored(struct tr *t, struct x87_op *o)
{
	struct emit *e = &t->e;
	uint32_t *exact = e->p;

	la_beqz(e, T1, 0);
	la_ld_hu(e, T2, H_CPU, X87_FIELD(sw));
	if ((o->before.ctl & X87_CTL_PC) == X87_CTL_PC53) { /* C is to see PE set: X87_CTL_DOUBLES */
		la_andi(e, T2, T2, FPE_P);
		slow_from(t, o);
		la_beqz(e, T2, 0);
	} else {
		la_ori(e, T2, T2, FPE_P);
		la_st_h(e, T2, H_CPU, X87_FIELD(sw));
	}
	la_srli_d(e, T1, T1, 1);
	emit_fix_branch(exact, e->p);
	la_st_b(e, T1, H_CPU, X87_FIELD(c1));
	set_stack(t, o);
}

void gen_x87_fst(struct tr *t, struct x87_op *o)
{
	int size = o->i->opd[0].size;

	operand(t, o, true);
	load_st(t, &o->before, 0, T0, T1);
	try_stub(t, o, size == 8 ? X87_STUB_store64 : X87_STUB_store32);
	gen_store(t, T0, o->a, size);
	stored(t, o);
}

/* Of both parts of the operand neither is stored when one cannot be, so they must be in one page. */
void gen_x87_fstp80(struct tr *t, struct x87_op *o)
{
	struct emit *e = &t->e;

	operand(t, o, true);
	la_addi_d(e, T0, o->a.reg, o->a.disp);
	la_bstrpick_d(e, T0, T0, 11, 0);
	gen_li(t, T1, 4096 - 10);
	slow_from(t, o);
	la_bltu(e, T1, T0, 0);
	load_st(t, &o->before, 0, T0, T1);
	gen_store(t, T0, o->a, 8);
	gen_store(t, T1, (struct maddr){ .reg = o->a.reg, .disp = o->a.disp + 8 }, 2);
	set_stack(t, o);
	clear_c1(t);
}

void gen_x87_fist(struct tr *t, struct x87_op *o)
{
	struct emit *e = &t->e;
	int size = o->i->opd[0].size;
	bool chops = reg_of(o) == 1 || o->before.ctl & X87_CTL_RC;

	operand(t, o, true);
	load_st(t, &o->before, 0, T0, T1);
	try_stub(t, o, chops ? X87_STUB_chop_int : X87_STUB_round_int);
	if (size < 8) {
		gen_sign_extend(t, T2, T0, size);
		slow_from(t, o);
		la_bne(e, T0, T2, 0);
	}
	gen_store(t, T0, o->a, size);
	stored(t, o);
}

/* ---- arithmetic: a = ST(0), b = the other operand ---- */

enum { FADD, FMUL, FCOM, FCOMP, FSUB, FSUBR, FDIV, FDIVR };

static void compare(struct tr *t, struct x87_op *o)
{
	struct emit *e = &t->e;

	try_stub(t, o, X87_STUB_compare);
	la_ld_hu(e, T1, H_CPU, X87_FIELD(sw));
	la_bstrins_d(e, T1, H_ZERO, 10, 8);
	la_bstrins_d(e, T1, H_ZERO, 14, 14);
	la_or(e, T1, T1, T0);
	la_st_h(e, T1, H_CPU, X87_FIELD(sw));
	set_stack(t, o);
	clear_c1(t);
}

static void compute(struct tr *t, struct x87_op *o, unsigned op, unsigned dest)
{
	static const uint8_t stubs[2][8] = {
		{ [FADD] = X87_STUB_add64, [FMUL] = X87_STUB_mul64, [FSUB] = X87_STUB_sub64, [FSUBR] = X87_STUB_sub64,
		  [FDIV] = X87_STUB_div64, [FDIVR] = X87_STUB_div64 },
		{ [FADD] = X87_STUB_add53, [FMUL] = X87_STUB_mul53, [FSUB] = X87_STUB_sub53, [FSUBR] = X87_STUB_sub53,
		  [FDIV] = X87_STUB_div53, [FDIVR] = X87_STUB_div53 },
	};

	try_stub(t, o, stubs[(o->before.ctl & X87_CTL_PC) == X87_CTL_PC53][op]);
	store_st(t, &o->before, dest, T0, T1);
	set_stack(t, o);
}

void gen_x87_fsqrt(struct tr *t, struct x87_op *o)
{
	load_st(t, &o->before, 0, T0, T1);
	try_stub(t, o, (o->before.ctl & X87_CTL_PC) == X87_CTL_PC53 ? X87_STUB_sqrt53 : X87_STUB_sqrt64);
	store_st(t, &o->before, 0, T0, T1);
}

static bool reversed(unsigned op)
{
	return op == FSUBR || op == FDIVR;
}

/* b is in T2, T3 already. */
static void with_memory(struct tr *t, struct x87_op *o)
{
	unsigned op = reg_of(o);

	if (reversed(op)) {
		la_move(&t->e, T0, T2);
		la_move(&t->e, T1, T3);
		load_st(t, &o->before, 0, T2, T3);
	} else {
		load_st(t, &o->before, 0, T0, T1);
	}
	if (op == FCOM || op == FCOMP)
		compare(t, o);
	else
		compute(t, o, op, 0);
}

void gen_x87_arith_float(struct tr *t, struct x87_op *o)
{
	load_float(t, o);
	with_memory(t, o);
}

void gen_x87_arith_int(struct tr *t, struct x87_op *o)
{
	load_int(t, o);
	with_memory(t, o);
}

static void load_both(struct tr *t, struct x87_op *o, unsigned other, bool reverse)
{
	load_st(t, &o->before, reverse ? other : 0, T0, T1);
	load_st(t, &o->before, reverse ? 0 : other, T2, T3);
}

void gen_x87_arith_st0(struct tr *t, struct x87_op *o)
{
	load_both(t, o, rm_of(o), reversed(reg_of(o)));
	compute(t, o, reg_of(o), 0);
}

void gen_x87_arith_sti(struct tr *t, struct x87_op *o)
{
	load_both(t, o, rm_of(o), reversed(reg_of(o)));
	compute(t, o, reg_of(o), rm_of(o));
}

/* FCOM, FUCOM and their kind; ordinary numbers are all the same to them. */
void gen_x87_compare_sti(struct tr *t, struct x87_op *o)
{
	load_both(t, o, rm_of(o), false);
	compare(t, o);
}

void gen_x87_fcomi(struct tr *t, struct x87_op *o)
{
	struct emit *e = &t->e;

	load_both(t, o, rm_of(o), false);
	try_stub(t, o, X87_STUB_compare);
	la_srli_d(e, T1, T0, 14 - 6);        /* C3 to ZF */
	la_bstrpick_d(e, T0, T0, 8, 8);      /* C0 to CF */
	la_or(e, T0, T0, T1);
	set_stack(t, o);
	clear_c1(t);
	o->returns_flags = true;
}

void gen_x87_ftst(struct tr *t, struct x87_op *o)
{
	load_st(t, &o->before, 0, T0, T1);
	la_move(&t->e, T2, H_ZERO);
	la_move(&t->e, T3, H_ZERO);
	compare(t, o);
}
