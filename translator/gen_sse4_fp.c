/*
 * Floating point of SSE3 and SSE4.1: alternating and horizontal sums, dot products, rounding. Vector operations go to other registers than their
 * operands', since fp_trap() may execute them again when a part has been done.
 */
#include "translator/gen_sse.h"

typedef void fn2(struct emit *e, int d, int j);
typedef void fn3(struct emit *e, int d, int j, int k);

/* ADDSUBPS, ADDSUBPD: the even elements of the source change their sign, and all are added. */
static void add_subtract(struct tr *t, const struct insn *i, enum sse_shape shape, int d, int s)
{
	struct emit *e = &t->e;

	if (shape == PS) {
		la_vbitrevi_d(e, VT2, s, 31);
		la_vfadd_s(e, VT4, d, VT2);
	} else {
		la_vbitrevi_d(e, VT2, s, 63);
		la_vextrins_d(e, VT2, s, 0x11);
		la_vfadd_d(e, VT4, d, VT2);
	}
	gen_merge_checked(t, i, shape, d, VT4, s);
}

/* HADD, HSUB: neighbours of the destination, then of the source. */
static void horizontal(struct tr *t, const struct insn *i, enum sse_shape shape, fn3 *fn, int d, int s)
{
	struct emit *e = &t->e;

	(shape == PS ? la_vpickod_w : la_vilvh_d)(e, VT3, s, d);
	(shape == PS ? la_vpickev_w : la_vilvl_d)(e, VT2, s, d);
	fn(e, VT4, VT2, VT3);
	gen_merge_checked(t, i, shape, d, VT4, s);
}

/* Zeroes the elements of v whose bit in `kept` is clear. */
static void keep_elements(struct emit *e, enum sse_shape shape, int v, unsigned kept)
{
	for (int k = 0; k < (shape == PS ? 4 : 2); k++)
		if (!(kept >> k & 1))
			(shape == PS ? la_vinsgr2vr_w : la_vinsgr2vr_d)(e, v, H_ZERO, k);
}

/*
 * DPPS, DPPD: the sum of the products chosen by imm bits 4-7, in the elements chosen by bits 0-3. Sums are (0 + 1) + (2 + 3). A NaN
 * that no element is to receive has left its flag in FCSR.
 */
static void dot_product(struct tr *t, const struct insn *i, enum sse_shape shape, int d, int s)
{
	struct emit *e = &t->e;
	unsigned all = shape == PS ? 15 : 3, imm = (unsigned)i->imm, in = imm >> 4 & all;
	int a = d, b = s;

	if (in != all) {
		a = VT2;
		b = VT3;
		la_vor_v(e, a, d, d);
		la_vor_v(e, b, s, s);
		keep_elements(e, shape, a, in);
		keep_elements(e, shape, b, in);
	}
	(shape == PS ? la_vfmul_s : la_vfmul_d)(e, VT4, a, b);
	if (shape == PS) {
		la_vshuf4i_w(e, VT3, VT4, 0xb1);
		la_vfadd_s(e, VT2, VT4, VT3);
		gen_vmove(t, VT4, VT2);
	}
	la_vshuf4i_w(e, VT3, VT4, 0x4e);
	(shape == PS ? la_vfadd_s : la_vfadd_d)(e, VT2, VT4, VT3);
	keep_elements(e, shape, VT2, imm);
	gen_merge_checked(t, i, shape, d, VT2, s);
}

/* ROUND: imm bit 2: by MXCSR, else bits 0-1 say how; bit 3: without the precision flag. */
static void round_to_integral(struct tr *t, const struct insn *i, enum sse_shape shape, int d, int s)
{
	static fn2 *const by_imm[2][5] = {
		{ la_vfrintrne_s, la_vfrintrm_s, la_vfrintrp_s, la_vfrintrz_s, la_vfrint_s },
		{ la_vfrintrne_d, la_vfrintrm_d, la_vfrintrp_d, la_vfrintrz_d, la_vfrint_d },
	};
	struct emit *e = &t->e;
	bool is_double = shape == PD || shape == SD, quiet = i->imm & 8;
	fn2 *fn = by_imm[is_double][i->imm & 4 ? 4 : i->imm & 3];
	int from = s;

	if (shape == SS || shape == SD) { /* nothing else may raise flags */
		(is_double ? la_vreplvei_d : la_vreplvei_w)(e, VT2, s, 0);
		from = VT2;
	}
	if (quiet)
		la_movfcsr2gr(e, T1, 0);
	gen_settle(t);
	fn(e, VT2, from);
	if (quiet)
		la_movgr2fcsr(e, 0, T1);
	gen_merge_checked(t, i, shape, d, VT2, s);
}

int gen_sse4_fp(struct tr *t, const struct insn *i)
{
	int d = HXMM(i->opd[0].reg);

	switch (i->op) {
	case OP_ADDSUBPS: case OP_ADDSUBPD: case OP_HADDPS: case OP_HADDPD: case OP_HSUBPS: case OP_HSUBPD:
	case OP_DPPS: case OP_DPPD: case OP_ROUNDPS: case OP_ROUNDPD: case OP_ROUNDSS: case OP_ROUNDSD:
		break;
	default:
		return -1;
	}
	int s = gen_sse_source(t, i, 1);
	if (t->mode & MODE_SSE_SLOW) {
		gen_sse_exec(t, i, d, d, s);
		return 0;
	}
	gen_settle(t);
	switch (i->op) {
	case OP_ADDSUBPS: add_subtract(t, i, PS, d, s); break;
	case OP_ADDSUBPD: add_subtract(t, i, PD, d, s); break;
	case OP_HADDPS: horizontal(t, i, PS, la_vfadd_s, d, s); break;
	case OP_HADDPD: horizontal(t, i, PD, la_vfadd_d, d, s); break;
	case OP_HSUBPS: horizontal(t, i, PS, la_vfsub_s, d, s); break;
	case OP_HSUBPD: horizontal(t, i, PD, la_vfsub_d, d, s); break;
	case OP_DPPS: dot_product(t, i, PS, d, s); break;
	case OP_DPPD: dot_product(t, i, PD, d, s); break;
	case OP_ROUNDPS: round_to_integral(t, i, PS, d, s); break;
	case OP_ROUNDPD: round_to_integral(t, i, PD, d, s); break;
	case OP_ROUNDSS: round_to_integral(t, i, SS, d, s); break;
	case OP_ROUNDSD: round_to_integral(t, i, SD, d, s); break;
	}
	return 0;
}
