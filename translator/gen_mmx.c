/*
 * MMX. Its registers are the significands of the x87 registers and stay in struct cpu: operands come to vector registers, are computed
 * on there, and go back (Intel SDM volume 1, 9.5: what MMX instructions do to the x87 state).
 */
#include "translator/gen_sse.h"
#include "translator/x87.h"

#define X87_FIELD(f) ((int)(offsetof(struct cpu, x87) + offsetof(struct x87, f)))
#define MANT(n) X87_FIELD(st[n].mant)
#define SEXP(n) X87_FIELD(st[n].sexp)

static _Noreturn void mmx_not_available(struct cpu *cpu)
{
	cpu_raise(cpu, cpu->cr0 & CR0_EM ? EXC_UD : EXC_NM);
}

bool gen_mmx_traps(struct tr *t)
{
	if (!(t->mode & MODE_FPU_TRAP))
		return false;
	gen_helper_end(t, (const void *)mmx_not_available);
	return true;
}

static uint64_t wait_and_spill(struct cpu *cpu)
{
	x87_wait(cpu);
	x87_spill(cpu);
	return 0;
}

void gen_mmx_wait(struct tr *t)
{
	struct emit *e = &t->e;

	if (t->mmx_ready)
		return;
	la_ld_d(e, T1, H_CPU, X87_FIELD(tag_empty));
	la_srli_d(e, T1, T1, 24); /* es and doubles */
	uint32_t *site = e->p;
	la_bnez(e, T1, 0);
	gen_slow_call(t, site, (const void *)wait_and_spill, 0, 0, 0, -1);
}

void gen_mmx_enter(struct tr *t)
{
	struct emit *e = &t->e;

	if (t->mmx_ready)
		return;
	la_st_h(e, H_ZERO, H_CPU, X87_FIELD(tag_empty)); /* TOP is in the next byte */
	t->mmx_ready = true;
	t->x87 = (struct x87_known){ .ctl = t->x87.ctl };
}

static void set_exponent(struct tr *t, int n)
{
	la_addi_w(&t->e, T1, H_ZERO, -1);
	la_st_h(&t->e, T1, H_CPU, SEXP(n));
}

void gen_mmx_store(struct tr *t, int n, int vs)
{
	la_fst_d(&t->e, vs, H_CPU, MANT(n));
	set_exponent(t, n);
}

void gen_mmx_load(struct tr *t, int vd, int n)
{
	la_fld_d(&t->e, vd, H_CPU, MANT(n));
}

/* Operand n, register or memory, in the low end of vd. */
static void load_operand(struct tr *t, const struct insn *i, int n, int vd)
{
	struct emit *e = &t->e;
	const struct operand *o = &i->opd[n];

	if (o->kind == OPD_MMX) {
		gen_mmx_load(t, vd, o->reg);
		return;
	}
	struct maddr a = gen_address(t, i, o->size, MEM_LOAD, T0);
	gen_fault_point(t);
	(o->size == 8 ? la_fld_d : la_fld_s)(e, vd, a.reg, a.disp);
}

/* ---- moves ---- */

/* MOVD: r/m32 to MMX, the upper half is cleared; or back. MOVQ with REX.W: r/m64. */
static void move_d(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	unsigned size = d->kind == OPD_MMX ? s->size : d->size;

	if (d->kind == OPD_MMX) {
		if (s->kind == OPD_MEM)
			gen_load(t, T2, gen_operand(t, i, size, MEM_LOAD, T0), (int)size, false);
		la_bstrpick_d(e, T2, s->kind == OPD_MEM ? T2 : HGPR(s->reg), (int)size * 8 - 1, 0);
		gen_mmx_enter(t);
		la_st_d(e, T2, H_CPU, MANT(d->reg));
		set_exponent(t, d->reg);
		return;
	}
	if (d->kind == OPD_GPR) {
		(size == 8 ? la_ld_d : la_ld_w)(e, HGPR(d->reg), H_CPU, MANT(s->reg));
		gen_wrote(t, d->reg, (int)size, EXT_SIGN);
	} else {
		la_ld_d(e, T2, H_CPU, MANT(s->reg));
		gen_store(t, T2, gen_operand(t, i, size, MEM_STORE, T0), (int)size);
	}
	gen_mmx_enter(t);
}

/* MOVQ, MOVNTQ */
static void move_q(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	if (d->kind == OPD_MEM) {
		la_ld_d(e, T2, H_CPU, MANT(s->reg));
		gen_store(t, T2, gen_operand(t, i, 8, MEM_STORE, T0), 8);
		gen_mmx_enter(t);
		return;
	}
	load_operand(t, i, 1, VT1);
	gen_mmx_enter(t);
	gen_mmx_store(t, d->reg, VT1);
}

static void store_masked(struct tr *t, const struct insn *i)
{
	gen_mmx_enter(t);
	gen_mmx_load(t, VT0, i->opd[0].reg);
	gen_mmx_load(t, VT1, i->opd[1].reg);
	gen_store_masked(t, i, VT0, VT1, 8);
}

/* ---- single words and masks ---- */

static void pinsrw(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0], *s = &i->opd[1];
	int value = HGPR(s->reg);

	if (s->kind == OPD_MEM) {
		gen_load(t, T2, gen_operand(t, i, 2, MEM_LOAD, T0), 2, false);
		value = T2;
	}
	gen_mmx_enter(t);
	la_st_h(e, value, H_CPU, MANT(d->reg) + 2 * (int)(i->imm & 3));
	set_exponent(t, d->reg);
}

static void pextrw(struct tr *t, const struct insn *i)
{
	gen_mmx_enter(t);
	la_ld_hu(&t->e, HGPR(i->opd[0].reg), H_CPU, MANT(i->opd[1].reg) + 2 * (int)(i->imm & 3));
	gen_wrote(t, i->opd[0].reg, 4, EXT_ZERO | EXT_SIGN);
}

static void pmovmskb(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	gen_mmx_enter(t);
	gen_mmx_load(t, VT1, i->opd[1].reg);
	la_vmskltz_b(e, VT1, VT1);
	la_vpickve2gr_bu(e, HGPR(i->opd[0].reg), VT1, 0);
	gen_wrote(t, i->opd[0].reg, 4, EXT_ZERO | EXT_SIGN);
}

/* ---- arithmetic ---- */

static void pshufw(struct tr *t, const struct insn *i)
{
	load_operand(t, i, 1, VT1);
	gen_mmx_enter(t);
	la_vshuf4i_h(&t->e, VT2, VT1, (int)i->imm & 0xff);
	gen_mmx_store(t, i->opd[0].reg, VT2);
}

static void packed(struct tr *t, const struct insn *i)
{
	int d = i->opd[0].reg;

	if (i->opd[1].kind == OPD_IMM) {
		gen_mmx_enter(t);
		gen_mmx_load(t, VT1, d);
		gen_packed_shift_imm(t, i->op, VT1, VT1, (unsigned)i->imm & 0xff);
	} else {
		load_operand(t, i, 1, VT0);
		gen_mmx_enter(t);
		gen_mmx_load(t, VT1, d);
		if (i->op == OP_PALIGNR)
			gen_palignr(t, true, VT1, VT1, VT0, (unsigned)i->imm & 0xff);
		else
			gen_packed(t, i->op, true, VT1, VT1, VT0);
	}
	gen_mmx_store(t, d, VT1);
}

static void emms(struct tr *t)
{
	gen_mmx_enter(t);
	la_addi_w(&t->e, T1, H_ZERO, -1);
	la_st_b(&t->e, T1, H_CPU, X87_FIELD(tag_empty));
	t->x87.empty = 0xff;
	t->mmx_ready = false;
}

static void dispatch(struct tr *t, const struct insn *i)
{
	switch (i->op) {
	case OP_EMMS: emms(t); break;
	case OP_MOVD: move_d(t, i); break;
	case OP_MOVQ:
	case OP_MOVNTQ: move_q(t, i); break;
	case OP_MASKMOVQ: store_masked(t, i); break;
	case OP_PINSRW: pinsrw(t, i); break;
	case OP_PEXTRW: pextrw(t, i); break;
	case OP_PMOVMSKB: pmovmskb(t, i); break;
	case OP_PSHUFW: pshufw(t, i); break;
	default: packed(t, i);
	}
}

int gen_mmx(struct tr *t, const struct insn *i)
{
	if (i->op != OP_EMMS && !gen_has_mmx(i))
		return -1;
	if (gen_mmx_traps(t))
		return 0;
	gen_mmx_wait(t);
	dispatch(t, i);
	return 0;
}
