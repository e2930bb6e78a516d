/*
 * Which x87 instructions are done without a call of C, and when. The code is made for one TOP, one set of empty registers and one rounding and precision
 * control: t->x87, compared once where control may come from elsewhere. gen_x87_ops.c has the instructions.
 */
#include "translator/gen_x87.h"
#include "translator/region.h"

static unsigned esc_of(const struct insn *i) { return i->opcode - 0xd8u; }

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
	x87_emit_fn *emit;
	unsigned need;
};

#define ARITH_MEM(fn) \
	{ { fn, ARITH }, { fn, ARITH }, { fn, NEED_ST0 }, { fn, NEED_ST0 }, { fn, ARITH }, { fn, ARITH }, { fn, ARITH }, { fn, ARITH } }
#define STORE (NEED_ST0 | NEED_NEAREST)
#define STORE_INT (NEED_ST0 | NEED_INT)

static const struct row mem_rows[8][8] = {
	ARITH_MEM(gen_x87_arith_float),
	{ [0] = { gen_x87_fld, NEED_ROOM }, [2] = { gen_x87_fst, STORE }, [3] = { gen_x87_fst, STORE } },
	ARITH_MEM(gen_x87_arith_int),
	{ [0] = { gen_x87_fild, NEED_ROOM }, [1] = { gen_x87_fist, NEED_ST0 }, [2] = { gen_x87_fist, STORE_INT }, [3] = { gen_x87_fist, STORE_INT }, [5] = { gen_x87_fld80, NEED_ROOM },
	  [7] = { gen_x87_fstp80, NEED_ST0 } },
	ARITH_MEM(gen_x87_arith_float),
	{ [0] = { gen_x87_fld, NEED_ROOM }, [1] = { gen_x87_fist, NEED_ST0 }, [2] = { gen_x87_fst, STORE }, [3] = { gen_x87_fst, STORE } },
	ARITH_MEM(gen_x87_arith_int),
	{ [0] = { gen_x87_fild, NEED_ROOM }, [1] = { gen_x87_fist, NEED_ST0 }, [2] = { gen_x87_fist, STORE_INT }, [3] = { gen_x87_fist, STORE_INT }, [5] = { gen_x87_fild, NEED_ROOM },
	  [7] = { gen_x87_fist, STORE_INT } },
};

static const struct row reg_rows[8][8] = {
	{ { gen_x87_arith_st0, ARITH2 }, { gen_x87_arith_st0, ARITH2 }, { gen_x87_compare_sti, COMPARE2 }, { gen_x87_compare_sti, COMPARE2 }, { gen_x87_arith_st0, ARITH2 }, { gen_x87_arith_st0, ARITH2 },
	  { gen_x87_arith_st0, ARITH2 }, { gen_x87_arith_st0, ARITH2 } },
	{ { gen_x87_fld_st, NEED_STI | NEED_ROOM }, { gen_x87_fxch, COMPARE2 } },
	{ [5] = { gen_x87_compare_sti, COMPARE2 } },
	{ [5] = { gen_x87_fcomi, COMPARE2 }, [6] = { gen_x87_fcomi, COMPARE2 } },
	{ { gen_x87_arith_sti, ARITH2 }, { gen_x87_arith_sti, ARITH2 }, { NULL, 0 }, { NULL, 0 }, { gen_x87_arith_sti, ARITH2 }, { gen_x87_arith_sti, ARITH2 }, { gen_x87_arith_sti, ARITH2 },
	  { gen_x87_arith_sti, ARITH2 } },
	{ { gen_x87_only_stack, 0 }, { NULL, 0 }, { gen_x87_fst_st, NEED_ST0 }, { gen_x87_fst_st, NEED_ST0 }, { gen_x87_compare_sti, COMPARE2 }, { gen_x87_compare_sti, COMPARE2 } },
	{ { gen_x87_arith_sti, ARITH2 }, { gen_x87_arith_sti, ARITH2 }, { NULL, 0 }, { gen_x87_compare_sti, COMPARE2 }, { gen_x87_arith_sti, ARITH2 }, { gen_x87_arith_sti, ARITH2 },
	  { gen_x87_arith_sti, ARITH2 }, { gen_x87_arith_sti, ARITH2 } },
	{ [5] = { gen_x87_fcomi, COMPARE2 }, [6] = { gen_x87_fcomi, COMPARE2 } },
};

/* D9 E0-FF, by the low 5 bits of ModRM */
static const struct row d9_rows[32] = {
	[0x00] = { gen_x87_sign, NEED_ST0 }, [0x01] = { gen_x87_sign, NEED_ST0 }, [0x04] = { gen_x87_ftst, NEED_ST0 }, [0x08] = { gen_x87_fld_constant, NEED_ROOM },
	[0x0e] = { gen_x87_fld_constant, NEED_ROOM }, [0x16] = { gen_x87_only_stack, 0 }, [0x17] = { gen_x87_only_stack, 0 }, [0x1a] = { gen_x87_fsqrt, ARITH },
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

	return !k->pending && k->ctl & X87_CTL_PM && !(k->ctl & X87_CTL_DOUBLES) && !(need & NEED_ST0 && !is_valid(k, 0)) && !(need & NEED_STI && !is_valid(k, rm)) && !(need & NEED_ROOM && is_valid(k, 7)) &&
	       !(need & NEED_NEAREST && rc) && !(need & NEED_INT && rc && rc != X87_CTL_RC) &&
	       !(need & NEED_PRECISION && pc != X87_CTL_PC64 && pc != X87_CTL_PC53);
}

/* ---- the whole ---- */

uint64_t gen_x87_word(const struct x87_known *k)
{
	return x87_word(&(struct x87){ .tag_empty = k->empty, .top = k->top, .ctl = k->ctl, .doubles = k->doubles });
}

void gen_x87_guard(struct tr *t)
{
	if (t->x87.sure)
		return;
	la_ld_d(&t->e, T0, H_CPU, X87_FIELD(tag_empty));
	gen_li(t, T1, (int64_t)gen_x87_word(&t->x87));
	la_xor(&t->e, T0, T0, T1);
	gen_leave_if(t, T0, t->eip);
	t->x87.sure = true;
}

/* What the next instruction, or for an operand one of the run, is going to set anyway: by then nobody has looked, but for who is told of a page fault in between. */
static bool next_sets_pointers(const struct tr *t, bool operand)
{
	const struct rinsn *r = &t->plan->insn[t->index], *next;

	for (; ; r = next) {
		next = r + 1;
		if (!r->falls || next->leader || next->i.op != OP_X87 || x87_is_control(esc_of(&next->i), next->i.modrm))
			return false;
		if (!operand || next->i.modrm < 0xc0)
			return true;
	}
}

static void copy_selector(struct tr *t, int seg, int to)
{
	la_ld_hu(&t->e, T0, H_CPU, (int)offsetof(struct cpu, seg) + seg * (int)sizeof(struct seg) + (int)offsetof(struct seg, sel));
	la_st_h(&t->e, T0, H_CPU, to);
}

void gen_x87_operand_pointer(struct tr *t, const struct x87_op *o)
{
	struct emit *e = &t->e;

	if (next_sets_pointers(t, true))
		return;
	la_addi_d(e, T0, o->a.reg, o->a.disp);
	if (!(t->mode & MODE_LONG) && gen_seg_is_flat(t, o->i->seg)) {
		la_bstrpick_d(e, T0, T0, 31, 0);
	} else if (!(t->mode & MODE_LONG)) {
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

	if (o->i->modrm < 0xc0)
		gen_x87_operand_pointer(t, o);
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
	t->x87_mask = UINT64_MAX;
	if (!has(&t->x87, row->need, i->modrm & 7))
		return false;
	gen_x87_guard(t);
	x87_effect(&o.after, i);
	row->emit(t, &o);
	if (!o.returns_flags)
		set_pointers(t, &o);
	gen_slow_x87(t, o.sites, o.nsites, o.a,
		     (struct x87_slow){ .info = X87_INFO(i, esc_of(i)), .after = gen_x87_word(&o.after), .returns_flags = o.returns_flags });
	if (o.returns_flags) {
		gen_cc_put(t, T0);
		set_pointers(t, &o);
	}
	t->x87 = o.after;
	t->x87.sure = true;
	return true;
}
