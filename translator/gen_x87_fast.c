/*
 * x87 instructions on ordinary numbers, without a call of C. The code is made for one TOP, one set of empty registers and one rounding and precision
 * control: t->x87, compared once where control may come from elsewhere. Arithmetic is in x87_stubs.S.
 */
#include "translator/gen_x87.h"
#include "translator/region.h"

/* An instruction being made. */
struct x87_op {
	const struct insn *i;
	struct maddr a;          /* its operand in memory; reg -1: none */
	struct x87_known before, after;
	uint32_t *sites[4];      /* branches to x87_exec() */
	unsigned nsites;
	bool returns_flags;
};

typedef void emit_fn(struct tr *t, struct x87_op *o);

static unsigned reg_of(const struct x87_op *o) { return o->i->modrm >> 3 & 7; }
static unsigned rm_of(const struct x87_op *o) { return o->i->modrm & 7; }
static unsigned esc_of(const struct insn *i) { return i->opcode - 0xd8u; }

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

static void fld(struct tr *t, struct x87_op *o)
{
	load_float(t, o);
	pushed(t, o);
}

static void fild(struct tr *t, struct x87_op *o)
{
	load_int(t, o);
	pushed(t, o);
}

static void fld80(struct tr *t, struct x87_op *o)
{
	operand(t, o, false);
	gen_load(t, T2, o->a, 8, false);
	gen_load(t, T3, (struct maddr){ o->a.reg, o->a.disp + 8 }, 2, true);
	pushed(t, o);
}

/* FLD1, FLDZ */
static void fld_constant(struct tr *t, struct x87_op *o)
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

static void fld_st(struct tr *t, struct x87_op *o)
{
	copy(t, &o->after, 0, &o->before, rm_of(o));
	set_stack(t, o);
	clear_c1(t);
}

/* FST, FSTP */
static void fst_st(struct tr *t, struct x87_op *o)
{
	if (rm_of(o))
		copy(t, &o->before, rm_of(o), &o->before, 0);
	set_stack(t, o);
	clear_c1(t);
}

static void fxch(struct tr *t, struct x87_op *o)
{
	int a = st_field(&o->before, 0), b = st_field(&o->before, rm_of(o));

	la_vld(&t->e, VT0, H_CPU, a);
	la_vld(&t->e, VT0 + 1, H_CPU, b);
	la_vst(&t->e, VT0, H_CPU, b);
	la_vst(&t->e, VT0 + 1, H_CPU, a);
	clear_c1(t);
}

/* FCHS, FABS */
static void sign(struct tr *t, struct x87_op *o)
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
static void only_stack(struct tr *t, struct x87_op *o)
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
	la_ori(e, T2, T2, FPE_P);
	la_st_h(e, T2, H_CPU, X87_FIELD(sw));
	la_srli_d(e, T1, T1, 1);
	emit_fix_branch(exact, e->p);
	la_st_b(e, T1, H_CPU, X87_FIELD(c1));
	set_stack(t, o);
}

static void fst(struct tr *t, struct x87_op *o)
{
	int size = o->i->opd[0].size;

	operand(t, o, true);
	load_st(t, &o->before, 0, T0, T1);
	try_stub(t, o, size == 8 ? X87_STUB_store64 : X87_STUB_store32);
	gen_store(t, T0, o->a, size);
	stored(t, o);
}

/* Of both parts of the operand neither is stored when one cannot be, so they must be in one page. */
static void fstp80(struct tr *t, struct x87_op *o)
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
	gen_store(t, T1, (struct maddr){ o->a.reg, o->a.disp + 8 }, 2);
	set_stack(t, o);
	clear_c1(t);
}

static void fist(struct tr *t, struct x87_op *o)
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

static void fsqrt(struct tr *t, struct x87_op *o)
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

static void arith_float(struct tr *t, struct x87_op *o)
{
	load_float(t, o);
	with_memory(t, o);
}

static void arith_int(struct tr *t, struct x87_op *o)
{
	load_int(t, o);
	with_memory(t, o);
}

static void load_both(struct tr *t, struct x87_op *o, unsigned other, bool reverse)
{
	load_st(t, &o->before, reverse ? other : 0, T0, T1);
	load_st(t, &o->before, reverse ? 0 : other, T2, T3);
}

static void arith_st0(struct tr *t, struct x87_op *o)
{
	load_both(t, o, rm_of(o), reversed(reg_of(o)));
	compute(t, o, reg_of(o), 0);
}

static void arith_sti(struct tr *t, struct x87_op *o)
{
	load_both(t, o, rm_of(o), reversed(reg_of(o)));
	compute(t, o, reg_of(o), rm_of(o));
}

/* FCOM, FUCOM and their kind; ordinary numbers are all the same to them. */
static void compare_sti(struct tr *t, struct x87_op *o)
{
	load_both(t, o, rm_of(o), false);
	compare(t, o);
}

static void fcomi(struct tr *t, struct x87_op *o)
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

static void ftst(struct tr *t, struct x87_op *o)
{
	load_st(t, &o->before, 0, T0, T1);
	la_move(&t->e, T2, H_ZERO);
	la_move(&t->e, T3, H_ZERO);
	compare(t, o);
}

/* ---- which instruction is what ---- */

/* What must hold for the code. */
#define NEED_ST0 0x01u
#define NEED_STI 0x02u
#define NEED_ROOM 0x04u     /* ST(7) is empty */
#define NEED_NEAREST 0x08u
#define NEED_PRECISION 0x10u /* 64 or 53 bits */
#define NEED_INT 0x20u      /* RC is nearest or chop */

#define ARITH (NEED_ST0 | NEED_NEAREST | NEED_PRECISION)
#define ARITH2 (ARITH | NEED_STI)
#define COMPARE2 (NEED_ST0 | NEED_STI)

struct row {
	emit_fn *emit;
	unsigned need;
};

#define ARITH_MEM(fn) \
	{ { fn, ARITH }, { fn, ARITH }, { fn, NEED_ST0 }, { fn, NEED_ST0 }, { fn, ARITH }, { fn, ARITH }, { fn, ARITH }, { fn, ARITH } }
#define STORE (NEED_ST0 | NEED_NEAREST)
#define STORE_INT (NEED_ST0 | NEED_INT)

static const struct row mem_rows[8][8] = {
	ARITH_MEM(arith_float),
	{ [0] = { fld, NEED_ROOM }, [2] = { fst, STORE }, [3] = { fst, STORE } },
	ARITH_MEM(arith_int),
	{ [0] = { fild, NEED_ROOM }, [1] = { fist, NEED_ST0 }, [2] = { fist, STORE_INT }, [3] = { fist, STORE_INT }, [5] = { fld80, NEED_ROOM },
	  [7] = { fstp80, NEED_ST0 } },
	ARITH_MEM(arith_float),
	{ [0] = { fld, NEED_ROOM }, [1] = { fist, NEED_ST0 }, [2] = { fst, STORE }, [3] = { fst, STORE } },
	ARITH_MEM(arith_int),
	{ [0] = { fild, NEED_ROOM }, [1] = { fist, NEED_ST0 }, [2] = { fist, STORE_INT }, [3] = { fist, STORE_INT }, [5] = { fild, NEED_ROOM },
	  [7] = { fist, STORE_INT } },
};

static const struct row reg_rows[8][8] = {
	{ { arith_st0, ARITH2 }, { arith_st0, ARITH2 }, { compare_sti, COMPARE2 }, { compare_sti, COMPARE2 }, { arith_st0, ARITH2 }, { arith_st0, ARITH2 },
	  { arith_st0, ARITH2 }, { arith_st0, ARITH2 } },
	{ { fld_st, NEED_STI | NEED_ROOM }, { fxch, COMPARE2 } },
	{ [5] = { compare_sti, COMPARE2 } },
	{ [5] = { fcomi, COMPARE2 }, [6] = { fcomi, COMPARE2 } },
	{ { arith_sti, ARITH2 }, { arith_sti, ARITH2 }, { NULL, 0 }, { NULL, 0 }, { arith_sti, ARITH2 }, { arith_sti, ARITH2 }, { arith_sti, ARITH2 },
	  { arith_sti, ARITH2 } },
	{ { only_stack, 0 }, { NULL, 0 }, { fst_st, NEED_ST0 }, { fst_st, NEED_ST0 }, { compare_sti, COMPARE2 }, { compare_sti, COMPARE2 } },
	{ { arith_sti, ARITH2 }, { arith_sti, ARITH2 }, { NULL, 0 }, { compare_sti, COMPARE2 }, { arith_sti, ARITH2 }, { arith_sti, ARITH2 },
	  { arith_sti, ARITH2 }, { arith_sti, ARITH2 } },
	{ [5] = { fcomi, COMPARE2 }, [6] = { fcomi, COMPARE2 } },
};

/* D9 E0-FF, by the low 5 bits of ModRM */
static const struct row d9_rows[32] = {
	[0x00] = { sign, NEED_ST0 }, [0x01] = { sign, NEED_ST0 }, [0x04] = { ftst, NEED_ST0 }, [0x08] = { fld_constant, NEED_ROOM },
	[0x0e] = { fld_constant, NEED_ROOM }, [0x16] = { only_stack, 0 }, [0x17] = { only_stack, 0 }, [0x1a] = { fsqrt, ARITH },
};

static const struct row *row_of(const struct insn *i)
{
	unsigned esc = esc_of(i), reg = i->modrm >> 3 & 7;

	if (i->modrm < 0xc0)
		return &mem_rows[esc][reg];
	return esc == 1 && i->modrm >= 0xe0 ? &d9_rows[i->modrm & 31] : &reg_rows[esc][reg];
}

static bool is_valid(const struct x87_known *k, unsigned st)
{
	return !(k->empty >> ((k->top + st) & 7) & 1);
}

static bool has(const struct x87_known *k, unsigned need, unsigned rm)
{
	unsigned pc = k->ctl & X87_CTL_PC, rc = k->ctl & X87_CTL_RC;

	return !k->pending && k->ctl & X87_CTL_PM && !(need & NEED_ST0 && !is_valid(k, 0)) && !(need & NEED_STI && !is_valid(k, rm)) && !(need & NEED_ROOM && is_valid(k, 7)) &&
	       !(need & NEED_NEAREST && rc) && !(need & NEED_INT && rc && rc != X87_CTL_RC) &&
	       !(need & NEED_PRECISION && pc != X87_CTL_PC64 && pc != X87_CTL_PC53);
}

/* ---- the whole ---- */

static uint32_t word_of(const struct x87_known *k)
{
	return x87_word(&(struct x87){ .tag_empty = k->empty, .top = k->top, .ctl = k->ctl });
}

/* Leaves unless the state is the one that the code is made for. */
static void gen_guard(struct tr *t)
{
	if (t->x87.sure)
		return;
	la_ld_w(&t->e, T0, H_CPU, X87_FIELD(tag_empty));
	gen_li(t, T1, (int32_t)word_of(&t->x87));
	la_xor(&t->e, T0, T0, T1);
	gen_leave_if(t, T0, t->eip);
	t->x87.sure = true;
}

/* What the next instruction is going to set anyway: by then nobody has looked, but for who is told of a page fault in between. */
static bool next_sets_pointers(const struct tr *t, bool operand)
{
	const struct rinsn *r = &t->plan->insn[t->index], *next = r + 1;

	if (!r->falls || next->leader || next->i.op != OP_X87 || x87_is_control(esc_of(&next->i), next->i.modrm))
		return false;
	return !operand || next->i.modrm < 0xc0;
}

static void copy_selector(struct tr *t, int seg, int to)
{
	la_ld_hu(&t->e, T0, H_CPU, (int)offsetof(struct cpu, seg) + seg * (int)sizeof(struct seg) + (int)offsetof(struct seg, sel));
	la_st_h(&t->e, T0, H_CPU, to);
}

static void set_operand_pointer(struct tr *t, const struct x87_op *o)
{
	struct emit *e = &t->e;

	la_addi_d(e, T0, o->a.reg, o->a.disp);
	if (!(t->mode & MODE_LONG)) {
		la_ld_d(e, T1, H_CPU, (int)offsetof(struct cpu, seg) + o->i->seg * (int)sizeof(struct seg) + (int)offsetof(struct seg, base));
		la_sub_d(e, T0, T0, T1);
		la_bstrpick_d(e, T0, T0, 31, 0);
	}
	la_st_d(e, T0, H_CPU, X87_FIELD(fdp));
	copy_selector(t, o->i->seg, X87_FIELD(fds));
}

static void set_pointers(struct tr *t, const struct x87_op *o)
{
	struct emit *e = &t->e;
	uint32_t info = X87_INFO(o->i, esc_of(o->i));

	if (o->i->modrm < 0xc0 && !next_sets_pointers(t, true))
		set_operand_pointer(t, o);
	if (next_sets_pointers(t, false))
		return;
	gen_li(t, T0, t->mode & MODE_LONG ? (int64_t)t->eip : (int64_t)(uint32_t)t->eip);
	la_st_d(e, T0, H_CPU, X87_FIELD(fip));
	la_ori(e, T0, H_ZERO, (int)X87_INFO_FOP(info));
	la_st_h(e, T0, H_CPU, X87_FIELD(fop));
	copy_selector(t, SEG_CS, X87_FIELD(fcs));
}

bool gen_x87_fast(struct tr *t, const struct insn *i)
{
	const struct row *row = row_of(i);
	struct x87_op o = { .i = i, .a = { .reg = -1 }, .before = t->x87, .after = t->x87 };

	if (!row->emit || t->single || (i->modrm < 0xc0 && t->mode & MODE_AC))
		return false;
	t->x87_mask = UINT32_MAX;
	if (!has(&t->x87, row->need, i->modrm & 7))
		return false;
	gen_guard(t);
	x87_effect(&o.after, i);
	row->emit(t, &o);
	if (!o.returns_flags)
		set_pointers(t, &o);
	gen_slow_x87(t, o.sites, o.nsites, o.a,
		     (struct x87_slow){ .info = X87_INFO(i, esc_of(i)), .after = word_of(&o.after), .returns_flags = o.returns_flags });
	if (o.returns_flags) {
		gen_cc_put(t, T0);
		set_pointers(t, &o);
	}
	t->x87 = o.after;
	return true;
}
