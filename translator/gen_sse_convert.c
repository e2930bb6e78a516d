/* Conversions of SSE and SSE2. Integers that do not fit become 80000000 (or 8000000000000000), where the host saturates and makes NaNs 0. */
#include "translator/gen_sse.h"
#include "translator/sse_exec.h"

typedef void fn2(struct emit *e, int d, int j);

/* ---- to general registers ---- */

/* 64-bit integers: 7fffffffffffffff is only what the host makes of numbers that are too large. */
static void to_gpr64(struct tr *t, const struct insn *i, fn2 *convert, bool is_double)
{
	struct emit *e = &t->e;
	int rd = HGPR(i->opd[0].reg), s = gen_sse_source(t, i, 1);

	if (t->mode & MODE_SSE_SLOW) {
		gen_sse_exec_sized(t, i, VT2, s, s, 8);
		la_move(e, rd, T0);
		gen_wrote(t, i->opd[0].reg, 8, 0);
		return;
	}
	convert(e, VT2, s);
	la_movfr2gr_d(e, rd, VT2);
	(is_double ? la_fcmp_cun_d : la_fcmp_cun_s)(e, 0, s, s);
	la_addi_d(e, T1, rd, 1);
	uint32_t *large = e->p;
	la_blt(e, T1, rd, 0);
	uint32_t *fits = e->p;
	la_bceqz(e, 0, 0);
	emit_fix_branch(large, e->p);
	la_lu52i_d(e, rd, H_ZERO, -2048);
	emit_fix_branch(fits, e->p);
	gen_wrote(t, i->opd[0].reg, 8, 0);
}

static void to_gpr(struct tr *t, const struct insn *i, fn2 *convert, bool is_double)
{
	struct emit *e = &t->e;
	int rd = HGPR(i->opd[0].reg), s = gen_sse_source(t, i, 1);

	if (t->mode & MODE_SSE_SLOW) {
		gen_sse_exec_sized(t, i, VT2, s, s, 4);
		la_slli_w(e, rd, T0, 0);
		gen_wrote(t, i->opd[0].reg, 4, EXT_SIGN);
		return;
	}
	/* only 7fffffff, into which the host makes all that is too large, wraps; of floats nothing else becomes that */
	convert(e, VT2, s);
	la_movfr2gr_s(e, rd, VT2);
	(is_double ? la_fcmp_cun_d : la_fcmp_cun_s)(e, 0, s, s);
	la_addi_w(e, T1, rd, 1);
	uint32_t *large = e->p;
	la_blt(e, T1, rd, 0);
	uint32_t *fits = e->p;
	la_bceqz(e, 0, 0);
	if (!is_double)
		emit_fix_branch(large, e->p);
	la_lu12i_w(e, rd, 0x80000);
	emit_fix_branch(fits, e->p);
	if (is_double)
		gen_slow_call(t, large, (const void *)sse_exec, i->op, SSE_REGS(VT2, s, s), 0, rd);
	gen_wrote(t, i->opd[0].reg, 4, EXT_SIGN);
}

/* Conversions to words and to doublewords. */
static void to_gpr_of_size(struct tr *t, const struct insn *i, fn2 *word, fn2 *doubleword, bool is_double)
{
	if (i->opd[0].size == 8)
		to_gpr64(t, i, doubleword, is_double);
	else
		to_gpr(t, i, word, is_double);
}

/* ---- to packed integers ---- */

/* VT2 = four floats of s as integers; VT3: all ones where they are NaN or too large. */
static void floats_to_words(struct emit *e, int s, bool truncate)
{
	(truncate ? la_vftintrz_w_s : la_vftint_w_s)(e, VT2, s);
	la_lu12i_w(e, T1, 0x4f000); /* 2^31 */
	la_vreplgr2vr_w(e, VT3, T1);
	la_vfcmp_cule_s(e, VT3, VT3, s);
	la_vandn_v(e, VT2, VT3, VT2);
	la_vslli_w(e, VT3, VT3, 31);
	la_vor_v(e, VT2, VT2, VT3);
}

/* VT2 = two doubles of s as integers, and zeros. NaNs, and what has become 7fffffff, go to sse_exec(). */
static void doubles_to_words(struct tr *t, const struct insn *i, int s, bool truncate)
{
	struct emit *e = &t->e;

	la_vxor_v(e, VT4, VT4, VT4);
	(truncate ? la_vftintrz_w_d : la_vftint_w_d)(e, VT2, VT4, s);
	la_vfcmp_cun_d(e, VT3, s, s);
	la_vaddi_wu(e, VT4, VT2, 1);
	la_vslt_w(e, VT4, VT4, VT2);
	la_vor_v(e, VT3, VT3, VT4);
	la_vsetnez_v(e, 0, VT3);
	uint32_t *site = e->p;
	la_bcnez(e, 0, 0);
	gen_slow_call(t, site, (const void *)sse_exec, i->op, SSE_REGS(VT2, s, s), 0, -1);
}

static void to_words(struct tr *t, const struct insn *i, bool is_double, bool truncate)
{
	const struct operand *d = &i->opd[0];
	int s = gen_sse_source(t, i, 1);

	if (d->kind == OPD_MMX)
		gen_mmx_enter(t);
	if (t->mode & MODE_SSE_SLOW) {
		gen_sse_exec(t, i, VT2, s, s);
	} else if (is_double) {
		doubles_to_words(t, i, s, truncate);
	} else {
		if (d->kind == OPD_MMX) { /* two elements: nothing else may raise flags */
			la_vreplvei_d(&t->e, VT0, s, 0);
			s = VT0;
		}
		floats_to_words(&t->e, s, truncate);
	}
	if (d->kind == OPD_MMX)
		gen_mmx_store(t, d->reg, VT2);
	else
		gen_vmove(t, HXMM(d->reg), VT2);
}

/* ---- from integers ---- */

/* The integer operand in the low end of VT0. */
static void integer_source(struct tr *t, const struct insn *i)
{
	const struct operand *s = &i->opd[1];

	if (s->kind == OPD_GPR)
		(s->size == 8 ? la_movgr2fr_d : la_movgr2fr_w)(&t->e, VT0, HGPR(s->reg));
	else if (s->kind == OPD_MMX)
		gen_mmx_load(t, VT0, s->reg);
	else
		gen_sse_source(t, i, 1);
}

static void gpr_to_float(struct tr *t, const struct insn *i)
{
	int d = HXMM(i->opd[0].reg), size = i->opd[1].size;

	integer_source(t, i);
	if (t->mode & MODE_SSE_SLOW) {
		gen_sse_exec_sized(t, i, d, d, VT0, size);
		return;
	}
	(size == 8 ? la_ffint_s_l : la_ffint_s_w)(&t->e, VT2, VT0);
	gen_merge(t, SS, d, VT2);
}

/* Always exact unless the integer has 8 bytes. */
static void gpr_to_double(struct tr *t, const struct insn *i)
{
	int d = HXMM(i->opd[0].reg), size = i->opd[1].size;

	integer_source(t, i);
	if (t->mode & MODE_SSE_SLOW && size == 8) {
		gen_sse_exec_sized(t, i, d, d, VT0, size);
		return;
	}
	int result = t->cpu->keeps_upper ? d : VT2;
	(size == 8 ? la_ffint_d_l : la_ffint_d_w)(&t->e, result, VT0);
	if (result != d)
		gen_merge(t, SD, d, result);
}

static void mmx_to_floats(struct tr *t, const struct insn *i)
{
	int d = HXMM(i->opd[0].reg);

	integer_source(t, i);
	if (i->opd[1].kind == OPD_MMX)
		gen_mmx_enter(t);
	if (t->mode & MODE_SSE_SLOW) {
		gen_sse_exec(t, i, d, d, VT0);
	} else {
		la_vreplvei_d(&t->e, VT0, VT0, 0); /* nothing else may raise flags */
		la_vffint_s_w(&t->e, VT2, VT0);
		la_vextrins_d(&t->e, d, VT2, 0);
	}
}

static void mmx_to_doubles(struct tr *t, const struct insn *i)
{
	integer_source(t, i);
	if (i->opd[1].kind == OPD_MMX)
		gen_mmx_enter(t);
	la_vffintl_d_w(&t->e, HXMM(i->opd[0].reg), VT0);
}

static void words_to_floats(struct tr *t, const struct insn *i)
{
	int d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1);

	if (t->mode & MODE_SSE_SLOW)
		gen_sse_exec(t, i, d, d, s);
	else
		la_vffint_s_w(&t->e, d, s);
}

/* ---- between floats and doubles ---- */

static void widen_packed(struct emit *e, int s) { la_vfcvtl_d_s(e, VT2, s); }
static void widen_scalar(struct emit *e, int s) { la_fcvt_d_s(e, VT2, s); }
static void narrow_scalar(struct emit *e, int s) { la_fcvt_s_d(e, VT2, s); }
static void narrow_packed(struct emit *e, int s)
{
	la_vxor_v(e, VT3, VT3, VT3);
	la_vfcvt_s_d(e, VT2, VT3, s);
}

static void between(struct tr *t, const struct insn *i, enum sse_shape result, void (*convert)(struct emit *e, int s))
{
	int d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1);

	if (t->mode & MODE_SSE_SLOW) {
		gen_sse_exec(t, i, d, d, s);
		return;
	}
	convert(&t->e, s);
	gen_merge_checked(t, i, result, d, VT2, s);
}

int gen_sse_convert(struct tr *t, const struct insn *i)
{
	switch (i->op) {
	case OP_CVTSS2SI: to_gpr_of_size(t, i, la_ftint_w_s, la_ftint_l_s, false); return 0;
	case OP_CVTTSS2SI: to_gpr_of_size(t, i, la_ftintrz_w_s, la_ftintrz_l_s, false); return 0;
	case OP_CVTSD2SI: to_gpr_of_size(t, i, la_ftint_w_d, la_ftint_l_d, true); return 0;
	case OP_CVTTSD2SI: to_gpr_of_size(t, i, la_ftintrz_w_d, la_ftintrz_l_d, true); return 0;
	case OP_CVTPS2DQ:
	case OP_CVTPS2PI: to_words(t, i, false, false); return 0;
	case OP_CVTTPS2DQ:
	case OP_CVTTPS2PI: to_words(t, i, false, true); return 0;
	case OP_CVTPD2DQ:
	case OP_CVTPD2PI: to_words(t, i, true, false); return 0;
	case OP_CVTTPD2DQ:
	case OP_CVTTPD2PI: to_words(t, i, true, true); return 0;
	case OP_CVTSI2SS: gpr_to_float(t, i); return 0;
	case OP_CVTSI2SD: gpr_to_double(t, i); return 0;
	case OP_CVTPI2PS: mmx_to_floats(t, i); return 0;
	case OP_CVTPI2PD: mmx_to_doubles(t, i); return 0;
	case OP_CVTDQ2PS: words_to_floats(t, i); return 0;
	case OP_CVTDQ2PD: la_vffintl_d_w(&t->e, HXMM(i->opd[0].reg), gen_sse_source(t, i, 1)); return 0;
	case OP_CVTPS2PD: between(t, i, PD, widen_packed); return 0;
	case OP_CVTPD2PS: between(t, i, PS, narrow_packed); return 0;
	case OP_CVTSS2SD: between(t, i, SD, widen_scalar); return 0;
	case OP_CVTSD2SS: between(t, i, SS, narrow_scalar); return 0;
	}
	return -1;
}
