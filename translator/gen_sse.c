/* SSE: traps, operands, and the way to the generators of each concept. */
#include "translator/gen_sse.h"

static _Noreturn void sse_not_available(struct cpu *cpu)
{
	bool undefined = cpu->cr0 & CR0_EM || !(cpu->cr4 & CR4_OSFXSR);

	cpu_raise(cpu, undefined ? EXC_UD : EXC_NM);
}

bool gen_sse_takes_unaligned(int op)
{
	switch (op) {
	case OP_MOVUPS:
	case OP_MOVUPD:
	case OP_LDDQU:
	case OP_MOVDQU:
	case OP_PCMPESTRI:
	case OP_PCMPESTRM:
	case OP_PCMPISTRI:
	case OP_PCMPISTRM: return true;
	default: return false;
	}
}

struct maddr gen_sse_address(struct tr *t, const struct insn *i, const struct operand *o, int write)
{
	bool anywhere = o->size < 16 || gen_sse_takes_unaligned(i->op) || gen_sse_loop_aligned(t, i);
	struct maddr a = (anywhere ? gen_operand : gen_address)(t, i, o->size, write, T0);

	if (!anywhere)
		gen_check_aligned16(t, a);
	return a;
}

/* 4 or 8 bytes; what is above them may be anything. */
static void load_element(struct tr *t, int vd, struct maddr a, unsigned size)
{
	gen_fault_point(t);
	if (a.index)
		(size == 8 ? la_fldx_d : la_fldx_s)(&t->e, vd, a.reg, a.index);
	else
		(size == 8 ? la_fld_d : la_fld_s)(&t->e, vd, a.reg, a.disp);
}

void gen_store_element(struct tr *t, int vs, struct maddr a, unsigned size)
{
	gen_fault_point(t);
	if (a.index)
		(size == 8 ? la_fstx_d : la_fstx_s)(&t->e, vs, a.reg, a.index);
	else
		(size == 8 ? la_fst_d : la_fst_s)(&t->e, vs, a.reg, a.disp);
}

int gen_sse_source(struct tr *t, const struct insn *i, int n)
{
	const struct operand *o = &i->opd[n];

	if (o->kind == OPD_XMM)
		return gen_sse_value(t, o->reg);
	struct maddr a = gen_sse_address(t, i, o, MEM_LOAD);
	if (o->size == 2) {
		gen_load(t, T1, a, 2, false);
		la_vinsgr2vr_h(&t->e, VT0, T1, 0);
		return VT0;
	}
	if (o->size == 16)
		gen_vload(t, VT0, a);
	else
		load_element(t, VT0, a, o->size);
	return VT0;
}

void gen_load_scalar(struct tr *t, int vd, const struct insn *i, unsigned size)
{
	struct emit *e = &t->e;

	if (size == 8) {
		load_element(t, VT0, gen_operand(t, i, 8, MEM_LOAD, T0), 8);
		la_vextl_qu_du(e, vd, VT0);
		return;
	}
	gen_load_all(t, VT0, gen_address(t, i, 4, MEM_LOAD, T0), 4);
	la_vbsrl_v(e, vd, VT0, 12);
}

void gen_load_all(struct tr *t, int vd, struct maddr a, unsigned size)
{
	/* vldrepl's displacement is a multiple of the size */
	if ((unsigned)a.disp & (size - 1)) {
		la_addi_d(&t->e, T7, a.reg, a.disp);
		a = (struct maddr){ .reg = T7, .disp = 0 };
	}
	gen_fault_point(t);
	(size == 8 ? la_vldrepl_d : la_vldrepl_w)(&t->e, vd, a.reg, a.disp);
}

void gen_vector_to_gpr(struct tr *t, int reg, int vs, unsigned size)
{
	if (size == 8) {
		la_movfr2gr_d(&t->e, HGPR(reg), vs);
		gen_wrote(t, reg, 8, 0);
	} else if (gen_upper_matters(t, reg)) {
		la_vpickve2gr_wu(&t->e, HGPR(reg), vs, 0);
		gen_wrote(t, reg, 4, EXT_ZERO);
	} else {
		la_movfr2gr_s(&t->e, HGPR(reg), vs);
		gen_wrote(t, reg, 4, EXT_SIGN);
	}
}

void gen_vmove(struct tr *t, int vd, int vs)
{
	if (vd != vs)
		la_vor_v(&t->e, vd, vs, vs);
}

bool gen_has_mmx(const struct insn *i)
{
	for (int n = 0; n < i->nopd; n++)
		if (i->opd[n].kind == OPD_MMX)
			return true;
	return false;
}

/* Operations between XMM and MMX registers: both kinds of trap. */
static bool is_mixed(int op)
{
	switch (op) {
	case OP_MOVQ2DQ:
	case OP_MOVDQ2Q:
	case OP_CVTPI2PS:
	case OP_CVTPI2PD:
	case OP_CVTPS2PI:
	case OP_CVTTPS2PI:
	case OP_CVTPD2PI:
	case OP_CVTTPD2PI: return true;
	default: return false;
	}
}

int gen_sse(struct tr *t, const struct insn *i)
{
	static int (*const parts[])(struct tr *, const struct insn *) = {
		gen_sse_move, gen_packed_xmm, gen_sse_shuffle, gen_sse_fp, gen_sse_convert, gen_sse4_packed, gen_sse4_fp, gen_sse_helpers,
	};

	if (i->op == OP_MOVNTI) /* general registers only: no trap */
		return gen_sse_move(t, i);
	if (!(insn_info[i->op].attr & INSN_SSE) || (gen_has_mmx(i) && !is_mixed(i->op)))
		return -1;
	if (t->mode & MODE_SSE_TRAP) {
		gen_helper_end(t, (const void *)sse_not_available);
		return 0;
	}
	if (gen_has_mmx(i)) {
		if (gen_mmx_traps(t))
			return 0;
		gen_mmx_wait(t);
	}
	if (gen_sse_done(t))
		return 0;
	for (unsigned k = 0; k < sizeof parts / sizeof parts[0]; k++)
		if (parts[k](t, i) == 0)
			return 0;
	return -1;
}
