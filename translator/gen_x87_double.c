/*
 * Code that works on x87 registers as doubles (x87_double.h): when, and what it keeps where. gen_x87_double_ops.c has the instructions.
 *
 * Physical register n, as far as it is a double, is in f24 + n outside of such code, and at the leaders within. In between, results go to registers that
 * are free, so that FXCH and FLD ST(i) emit nothing, and the operands of the last operation are still there, from which C1 can be found: few ever
 * look at it. TOP and tags are stored when the code is left (gen_x87_leave()), as is what FCSR was before. Where the guest may fault or the host's FPU trap
 * there is an x87_point, from which C does the same (recover.c).
 */
#include "translator/gen_x87.h"
#include "translator/region.h"
#include "translator/vregs.h"

#define FCSR_TRAPS (FCSR_TRAP_INVALID | 0x0eu) /* division by zero, overflow, underflow */
#define FCSR_RM_SHIFT 8

static unsigned esc_of(const struct insn *i) { return i->opcode - 0xd8u; }

/* ---- which instructions ---- */

#define NEED_ST0 1u
#define NEED_STI 2u
#define NEED_ROOM 4u /* ST(7) is empty */
#define NEED_BOTH (NEED_ST0 | NEED_STI)
#define NEED_COPY 8u /* ST(0) is a double, ST(i) anything */

struct row {
	x87_emit_fn *emit;
	unsigned need;
};

#define MEM_ROW { gen_double_arith_mem, NEED_ST0 }
#define ARITH_MEM { MEM_ROW, MEM_ROW, MEM_ROW, MEM_ROW, MEM_ROW, MEM_ROW, MEM_ROW, MEM_ROW }
#define FLD_FST(fisttp) \
	{ { gen_double_fld, NEED_ROOM }, { fisttp, NEED_ST0 }, { gen_double_fst, NEED_ST0 }, { gen_double_fst, NEED_ST0 } }
#define FILD_FIST { { gen_double_fild, NEED_ROOM }, { gen_double_fist, NEED_ST0 }, { gen_double_fist, NEED_ST0 }, { gen_double_fist, NEED_ST0 } }

static const struct row mem_rows[8][8] = {
	ARITH_MEM, FLD_FST(NULL), ARITH_MEM, FILD_FIST, ARITH_MEM, FLD_FST(gen_double_fist), ARITH_MEM,
	{ { gen_double_fild, NEED_ROOM }, { gen_double_fist, NEED_ST0 }, { gen_double_fist, NEED_ST0 }, { gen_double_fist, NEED_ST0 }, { NULL, 0 },
	  { gen_double_fild, NEED_ROOM }, { NULL, 0 }, { gen_double_fist, NEED_ST0 } },
};

#define ST0_ROW { gen_double_arith_st0, NEED_BOTH }
#define STI_ROW { gen_double_arith_sti, NEED_BOTH }
#define COMPARE { gen_double_compare, NEED_BOTH }
#define FCOMI_ROWS [5] = { gen_double_fcomi, NEED_BOTH }, [6] = { gen_double_fcomi, NEED_BOTH }
#define NOTHING { NULL, 0 }

static const struct row reg_rows[8][8] = {
	{ ST0_ROW, ST0_ROW, COMPARE, COMPARE, ST0_ROW, ST0_ROW, ST0_ROW, ST0_ROW },
	{ { gen_double_fld_st, NEED_STI | NEED_ROOM }, { gen_double_fxch, NEED_BOTH } },
	{ [5] = COMPARE },
	{ FCOMI_ROWS },
	{ STI_ROW, STI_ROW, NOTHING, NOTHING, STI_ROW, STI_ROW, STI_ROW, STI_ROW },
	{ { gen_double_only_stack, 0 }, NOTHING, { gen_double_fst_st, NEED_COPY }, { gen_double_fst_st, NEED_COPY }, COMPARE, COMPARE },
	{ STI_ROW, STI_ROW, NOTHING, COMPARE, STI_ROW, STI_ROW, STI_ROW, STI_ROW },
	{ FCOMI_ROWS },
};

/* D9 E0-FF, by the low 5 bits of ModRM */
static const struct row d9_rows[32] = {
	[0x00] = { gen_double_sign, NEED_ST0 }, [0x01] = { gen_double_sign, NEED_ST0 }, [0x04] = { gen_double_ftst, NEED_ST0 },
	[0x08] = { gen_double_constant, NEED_ROOM }, [0x0e] = { gen_double_constant, NEED_ROOM }, [0x16] = { gen_double_only_stack, 0 },
	[0x17] = { gen_double_only_stack, 0 }, [0x1a] = { gen_double_unary, NEED_ST0 }, [0x1c] = { gen_double_unary, NEED_ST0 },
};

static const struct row *row_of(const struct insn *i)
{
	unsigned esc = esc_of(i), reg = i->modrm >> 3 & 7;

	if (i->modrm < 0xc0)
		return &mem_rows[esc][reg];
	return esc == 1 && i->modrm >= 0xe0 ? &d9_rows[i->modrm & 31] : &reg_rows[esc][reg];
}

static unsigned bit_of(const struct x87_known *k, unsigned st) { return 1u << ((k->top + st) & 7); }

x87_emit_fn *gen_x87_double_fn(const struct tr *t, const struct x87_known *k, const struct insn *i)
{
	const struct row *row = row_of(i);
	unsigned doubles = k->doubles & (uint8_t)~k->empty, rm = i->modrm & 7;

	if (!row->emit || k->pending || !(k->ctl & X87_CTL_DOUBLES) || t->single)
		return NULL;
	if (i->modrm < 0xc0 && (t->mode & MODE_AC || !gen_seg_is_flat(t, i->seg)))
		return NULL;
	if (row->need & (NEED_ST0 | NEED_COPY) && !(doubles & bit_of(k, 0)))
		return NULL;
	if ((row->need & NEED_STI && !(doubles & bit_of(k, rm))) || (row->need & NEED_ROOM && !(k->empty & bit_of(k, 7))))
		return NULL;
	return row->emit;
}

/* Instructions whose code neither calls C nor touches the registers that hold doubles. */
static const bool is_simple[OP_COUNT] = {
	[OP_ADD] = true, [OP_OR] = true, [OP_ADC] = true, [OP_SBB] = true, [OP_AND] = true, [OP_SUB] = true, [OP_XOR] = true, [OP_CMP] = true,
	[OP_TEST] = true, [OP_INC] = true, [OP_DEC] = true, [OP_NEG] = true, [OP_NOT] = true, [OP_MUL] = true, [OP_IMUL] = true, [OP_SHL] = true,
	[OP_SHR] = true, [OP_SAR] = true, [OP_MOV] = true, [OP_MOVZX] = true, [OP_MOVSX] = true, [OP_MOVSXD] = true, [OP_LEA] = true,
	[OP_CMOVCC] = true, [OP_SETCC] = true, [OP_CBW] = true, [OP_CWD] = true, [OP_PUSH] = true, [OP_POP] = true, [OP_LEAVE] = true,
	[OP_LAHF] = true, [OP_SAHF] = true, [OP_CLC] = true, [OP_STC] = true, [OP_CMC] = true, [OP_JMP] = true, [OP_CALL] = true, [OP_RET] = true,
	[OP_JCC] = true, [OP_LOOP] = true, [OP_JCXZ] = true, [OP_NOP] = true,
};

/* FNSTCW, FNSTSW */
static bool stores_word(const struct insn *i)
{
	if (i->op != OP_X87)
		return false;
	if (i->modrm < 0xc0)
		return (i->opcode == 0xd9 || i->opcode == 0xdd) && (i->modrm >> 3 & 7) == 7;
	return i->opcode == 0xdf && i->modrm == 0xe0;
}

/* By a constant that is not 0. Others may do so too. */
static bool shifts_without_helper(const struct insn *i)
{
	unsigned size = i->opd[0].size;

	return i->opd[1].kind == OPD_IMM && size >= 4 && i->imm & (size == 8 ? 63 : 31);
}

bool gen_x87_keeps_doubles(const struct tr *t, const struct insn *i)
{
	if (i->op == OP_FWAIT)
		return true;
	if (i->lock || !(is_simple[i->op] || stores_word(i)) || !(t->mode & MODE_LONG || gen_seg_is_flat(t, SEG_SS)))
		return false;
	if ((i->op == OP_SHL || i->op == OP_SHR || i->op == OP_SAR) && !shifts_without_helper(i))
		return false;
	for (unsigned k = 0; k < i->nopd; k++) {
		const struct operand *o = &i->opd[k];
		if (o->kind == OPD_MEM ? o->size && !gen_seg_is_flat(t, i->seg) : o->kind != OPD_GPR && o->kind != OPD_IMM && o->kind != OPD_REL)
			return false;
	}
	return true;
}

/* ---- leaving ---- */

static void store_c1(struct tr *t, const struct x87_live *l)
{
	struct emit *e = &t->e;

	if (l->c1 == X87_C1_STORED)
		return;
	if (l->c1) {
		la_fst_d(e, l->of[0], H_CPU, X87_FIELD(c1_of[0]));
		la_fst_d(e, l->of[1], H_CPU, X87_FIELD(c1_of[1]));
		la_ori(e, T4, H_ZERO, l->c1);
	}
	la_st_b(e, l->c1 ? T4 : H_ZERO, H_CPU, X87_FIELD(c1));
}

void gen_x87_store_c1(struct tr *t)
{
	store_c1(t, &t->live);
	t->live.c1 = X87_C1_STORED;
}

static void store_code_selector(struct tr *t)
{
	la_ld_hu(&t->e, T4, H_CPU, (int)offsetof(struct cpu, seg[SEG_CS].sel));
	la_st_h(&t->e, T4, H_CPU, X87_FIELD(fcs));
}

/* Whether some register in `left` other than p is still to be taken from host register r. */
static bool is_source(const struct x87_live *l, unsigned left, unsigned p, int r)
{
	for (unsigned q = 0; q < 8; q++)
		if (q != p && left >> q & 1 && l->reg[q] == r)
			return true;
	return false;
}

/* Every double goes to where it is outside. A cycle is broken by way of F_SCRATCH. */
static void move_home(struct tr *t, const struct x87_live *live)
{
	struct x87_live l = *live;
	unsigned left = 0;

	for (unsigned p = 0; p < 8; p++)
		if (l.word >> (32 + p) & 1 && l.reg[p] != F_HOME + p)
			left |= 1u << p;
	while (left) {
		unsigned p = 0;
		while (p < 8 && !(left >> p & 1 && !is_source(&l, left, p, F_HOME + (int)p)))
			p++;
		if (p < 8) {
			la_fmov_d(&t->e, F_HOME + (int)p, l.reg[p]);
			left &= ~(1u << p);
			continue;
		}
		p = (unsigned)__builtin_ctz(left);
		la_fmov_d(&t->e, F_SCRATCH, F_HOME + (int)p);
		for (unsigned q = 0; q < 8; q++)
			if (l.reg[q] == F_HOME + p)
				l.reg[q] = F_SCRATCH;
	}
}

void gen_x87_leave(struct tr *t, const struct x87_live *l)
{
	struct emit *e = &t->e;

	if (!l->active)
		return;
	store_c1(t, l);
	gen_x87_store_pointers(t, l);
	if (l->done)
		store_code_selector(t);
	move_home(t, l);
	gen_li(t, T4, (int64_t)l->word);
	la_st_d(e, T4, H_CPU, X87_FIELD(tag_empty));
	la_ld_w(e, T4, H_CPU, X87_FIELD(fcsr));
	la_movgr2fcsr(e, 0, T4);
}

void gen_x87_settle(struct tr *t)
{
	gen_x87_leave(t, &t->live);
	t->live.active = false;
}

/* ---- edges ---- */

static void all_at_home(struct x87_live *l)
{
	for (unsigned p = 0; p < 8; p++)
		l->reg[p] = (uint8_t)(F_HOME + p);
}

/* What C1 depends on stays in registers that move_home() does not write. */
static void save_operands(struct tr *t)
{
	struct x87_live *l = &t->live;

	for (unsigned k = 0; k < 2; k++) {
		int r = l->of[k], to = l->of[!k] == F_OPERAND ? F_OPERAND + 1 : F_OPERAND;
		if (l->c1 < X87_C1_ADD || r < F_HOME || !(l->word >> (32 + r - F_HOME) & 1) || l->reg[r - F_HOME] == r)
			continue;
		la_fmov_d(&t->e, to, r);
		l->of[k] = (uint8_t)to;
	}
}

void gen_x87_edge(struct tr *t, const struct rinsn *to)
{
	if (!to->x87_in.active) {
		gen_x87_settle(t);
		return;
	}
	t->full |= !t->live.active; /* a generator has called a helper, against gen_x87_keeps_doubles() */
	if (to->stops_late && to <= &t->plan->insn[t->index]) {
		save_operands(t);
	} else {
		gen_x87_store_c1(t);
		gen_x87_store_pointers(t, &t->live);
		t->live.pointers = false;
		t->live.fdp_base = H_ZERO;
	}
	move_home(t, &t->live);
	all_at_home(&t->live);
}

void gen_x87_leader(struct tr *t, const struct rinsn *r)
{
	t->live = (struct x87_live){ .active = r->x87_in.active, .done = true, .c1 = X87_C1_STORED };
	if (r->x87_in.reached)
		t->x87 = (struct x87_known){ .sure = r->x87_in.active, .empty = r->x87_in.empty, .top = r->x87_in.top, .ctl = r->x87_in.ctl,
			.doubles = r->x87_in.doubles };
	t->live.word = gen_x87_word(&t->x87);
	all_at_home(&t->live);
}

/*
 * Before a comparison that is fused with its branch, as later there may be operands in temporary registers; else before the branch. What branches out of
 * the region leaves by gen_goto().
 */
void gen_x87_begin(struct tr *t, const struct rinsn *r)
{
	const struct rinsn *branch = t->fuse && r->i.op != OP_X87 ? r + 1 : r;

	if (t->live.active && r->i.op != OP_X87 && !gen_x87_keeps_doubles(t, &r->i))
		gen_x87_settle(t);
	if (branch->target >= 0)
		gen_x87_edge(t, &t->plan->insn[branch->target]);
	gen_x87_follow_operand(t, &r->i);
}

/* ---- an instruction ---- */

static void activate(struct tr *t)
{
	struct emit *e = &t->e;
	int rm = -((t->x87.ctl & X87_CTL_RC) >> X87_CTL_RC_SHIFT) & 3; /* FCSR's 1 and 3 are RC's 3 and 1 */

	t->x87_mask = UINT64_MAX;
	gen_x87_guard(t);
	la_movfcsr2gr(e, T0, 0);
	la_st_w(e, T0, H_CPU, X87_FIELD(fcsr));
	la_ori(e, T0, H_ZERO, (int)FCSR_TRAPS | rm << FCSR_RM_SHIFT);
	la_movgr2fcsr(e, 0, T0);
	la_lu12i_w(e, T0, TINY_SINGLE >> 12);
	la_lu52i_d(e, T0, T0, TINY_DOUBLE_HIGH);
	la_movgr2fr_d(e, F_TINY, T0);
	t->live = (struct x87_live){ .active = true, .c1 = X87_C1_STORED, .word = gen_x87_word(&t->x87) };
	all_at_home(&t->live);
}

uint32_t *gen_x87_enter(struct tr *t, const struct rinsn *r, uint32_t **to_body)
{
	uint32_t *over = t->e.p, *entry;

	if (t->fell)
		la_b(&t->e, 0);
	entry = t->e.p;
	t->eip = r->eip;
	t->x87.sure = false;
	t->live.active = false;
	if (t->plan->loops)
		gen_poll(t, r->eip);
	activate(t);
	*to_body = t->e.p;
	la_b(&t->e, 0);
	if (t->fell)
		emit_fix_branch(over, t->e.p);
	gen_x87_leader(t, r);
	return entry;
}

/* From the sites, which are in a state before the instruction. */
static void leave_from(struct tr *t, const struct x87_live *before, const struct x87_op *o)
{
	struct x87_live after = t->live;

	t->live = *before;
	gen_slow_x87_double(t, o->sites, o->nsites, o->a, X87_INFO(o->i, esc_of(o->i)));
	t->live = after;
}

unsigned gen_x87_point(struct tr *t)
{
	if (t->x87_point_insn != t->index) {
		t->x87_point_insn = t->index;
		t->x87_points[t->nx87_points++] = (struct x87_point){ .live = t->live, .base = -1 };
	}
	return t->nx87_points;
}

/* What fp_trap() does instead of the instruction. */
static void describe_trap(struct tr *t, const struct x87_op *o)
{
	struct x87_point *p = &t->x87_points[t->nx87_points - 1];

	if (t->x87_point_insn != t->index)
		return;
	p->info = X87_INFO(o->i, esc_of(o->i));
	p->base = (int8_t)o->a.reg;
	p->disp = (int16_t)o->a.disp;
	p->len = o->i->len;
}

bool gen_x87_double(struct tr *t, const struct insn *i)
{
	x87_emit_fn *emit = gen_x87_double_fn(t, &t->x87, i);
	struct x87_op o = { .i = i, .a = { .reg = -1 }, .before = t->x87, .after = t->x87 };

	if (!emit)
		return false;
	if (!t->live.active)
		activate(t);
	x87_effect(&o.after, i);
	o.after.sure = true;
	struct x87_live before = t->live;
	emit(t, &o);
	t->live.word = gen_x87_word(&o.after);
	if (o.nsites)
		leave_from(t, &before, &o);
	describe_trap(t, &o);
	t->x87 = o.after;
	if (o.returns_flags)
		gen_cc_put(t, T0);
	gen_x87_note_pointers(t, &o);
	return true;
}
