/* SSE4.1 on packed integers beyond the table of gen_packed.c, and the moves of SSE3: blends, widening moves, parts of registers, PTEST. */
#include "translator/gen_sse.h"

typedef void vu_fn(struct emit *e, int vd, int vj, int imm);

/* ---- blends ---- */

/*
 * d = d, with the n elements whose bit in `mask` is set from s. insert: vextrins of the element's size; its immediate names the element twice.
 */
static void blend(struct emit *e, vu_fn *insert, unsigned n, int d, int s, unsigned mask)
{
	unsigned all = (1u << n) - 1, chosen = (unsigned)__builtin_popcount(mask & all);
	bool from_source = chosen > n - chosen; /* fewer elements stay than come */
	unsigned moved = from_source ? ~mask & all : mask & all;
	int to = from_source ? VT2 : d, from = from_source ? d : s;

	if (d == s)
		return;
	if (from_source)
		la_vor_v(e, chosen == n ? d : VT2, s, s);
	for (unsigned k = 0; k < n; k++)
		if (moved >> k & 1)
			insert(e, to, from, (int)(k << 4 | k));
	if (from_source && chosen != n)
		la_vor_v(e, d, VT2, VT2);
}

/* As above where XMM0's elements are negative. */
static void blend_variable(struct tr *t, const struct insn *i, vu_fn *negative)
{
	int d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1);

	negative(&t->e, VT2, HXMM(0), 0);
	la_vbitsel_v(&t->e, d, d, s, VT2);
}

/* ---- widening moves ---- */

struct widening {
	vu_fn *step[3]; /* doubles the width of the elements in the low half */
};

#define SIGNED_B la_vsllwil_h_b
#define SIGNED_W la_vsllwil_w_h
#define SIGNED_D la_vsllwil_d_w
#define ZERO_B la_vsllwil_hu_bu
#define ZERO_W la_vsllwil_wu_hu
#define ZERO_D la_vsllwil_du_wu

static const struct widening *widening_of(int op)
{
	static const struct widening table[] = {
		{ { SIGNED_B } }, { { SIGNED_B, SIGNED_W } }, { { SIGNED_B, SIGNED_W, SIGNED_D } }, { { SIGNED_W } },
		{ { SIGNED_W, SIGNED_D } }, { { SIGNED_D } },
		{ { ZERO_B } }, { { ZERO_B, ZERO_W } }, { { ZERO_B, ZERO_W, ZERO_D } }, { { ZERO_W } }, { { ZERO_W, ZERO_D } }, { { ZERO_D } },
	};

	_Static_assert(OP_PMOVZXDQ - OP_PMOVSXBW == sizeof table / sizeof table[0] - 1, "in the order of opcodes.h");
	return op >= OP_PMOVSXBW && op <= OP_PMOVZXDQ ? &table[op - OP_PMOVSXBW] : NULL;
}

static void widen(struct tr *t, const struct insn *i, const struct widening *w)
{
	int d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1);

	for (int k = 0; k < 3 && w->step[k]; k++, s = d)
		w->step[k](&t->e, d, s, 0);
}

/* ---- elements to and from general registers and memory ---- */

/* to = element `index` of `size` bytes, zero-extended; words too if wanted. */
static void pick(struct emit *e, int to, int s, unsigned size, unsigned index, bool zero)
{
	if (size == 1)
		la_vpickve2gr_bu(e, to, s, (int)index & 15);
	else if (size == 2)
		la_vpickve2gr_hu(e, to, s, (int)index & 7);
	else if (size == 4)
		(zero ? la_vpickve2gr_wu : la_vpickve2gr_w)(e, to, s, (int)index & 3);
	else
		la_vpickve2gr_d(e, to, s, (int)index & 1);
}

/* PEXTRB, PEXTRW, PEXTRD, PEXTRQ, EXTRACTPS */
static void extract(struct tr *t, const struct insn *i, unsigned size, unsigned index)
{
	const struct operand *d = &i->opd[0];
	int s = HXMM(i->opd[1].reg);

	if (d->kind == OPD_MEM) {
		struct maddr a = gen_address(t, i, size, MEM_STORE, T0);
		pick(&t->e, T1, s, size, index, false);
		gen_store(t, T1, a, (int)size);
		return;
	}
	bool zero = size < 4 || gen_upper_matters(t, d->reg);
	pick(&t->e, HGPR(d->reg), s, size, index, zero);
	gen_wrote(t, d->reg, size == 8 ? 8 : 4, size < 4 ? EXT_ZERO | EXT_SIGN : zero ? EXT_ZERO : EXT_SIGN);
}

/* PINSRB, PINSRD, PINSRQ */
static void insert(struct tr *t, const struct insn *i, unsigned size, unsigned index)
{
	struct emit *e = &t->e;
	const struct operand *s = &i->opd[1];
	int d = HXMM(i->opd[0].reg), value = HGPR(s->reg);

	if (s->kind == OPD_MEM) {
		gen_load(t, T1, gen_operand(t, i, size, MEM_LOAD, T0), (int)size, false);
		value = T1;
	}
	if (size == 1)
		la_vinsgr2vr_b(e, d, value, (int)index & 15);
	else if (size == 4)
		la_vinsgr2vr_w(e, d, value, (int)index & 3);
	else
		la_vinsgr2vr_d(e, d, value, (int)index & 1);
}

/* INSERTPS: imm bits 6-7 choose the source's element, 4-5 the destination's, 0-3 what is zeroed. */
static void insertps(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	unsigned imm = (unsigned)i->imm & 0xff, from = i->opd[1].kind == OPD_MEM ? 0 : imm >> 6;
	int d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1);

	if (!(imm >> (imm >> 4 & 3) & 1))
		la_vextrins_w(e, d, s, (int)((imm & 0x30) | from));
	for (int k = 0; k < 4; k++)
		if (imm >> k & 1)
			la_vinsgr2vr_w(e, d, H_ZERO, k);
}

/* ---- the rest ---- */

/* MPSADBW: eight sums of four absolute differences between a block of the source and a sliding block of the destination. */
static void mpsadbw(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int imm = (int)i->imm, d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1);
	int sliding = imm >> 2 & 1, fixed = imm & 3;

	for (int k = 0; k < 4; k++) {
		la_vbsrl_v(e, VT3, d, 4 * sliding + k);
		la_vreplvei_b(e, VT4, s, 4 * fixed + k);
		la_vabsd_bu(e, VT3, VT3, VT4);
		la_vsllwil_hu_bu(e, VT3, VT3, 0);
		if (k == 0)
			la_vor_v(e, VT2, VT3, VT3);
		else
			la_vadd_h(e, VT2, VT2, VT3);
	}
	gen_vmove(t, d, VT2);
}

/* PHMINPOSUW: the least word and its number. Words and numbers are one doubleword each, so that the least of these has both. */
static void phminposuw(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1);

	gen_li(t, T1, 0x0003000200010000);
	la_vreplgr2vr_d(e, VT3, T1);
	la_vilvl_h(e, VT2, s, VT3);     /* words 0-3 above 0-3 */
	la_vilvh_h(e, VT4, s, VT3);     /* words 4-7 above 0-3 */
	la_vbitseti_w(e, VT4, VT4, 2);  /* ... above 4-7 */
	la_vmin_wu(e, VT2, VT2, VT4);
	la_vshuf4i_w(e, VT3, VT2, 0x4e);
	la_vmin_wu(e, VT2, VT2, VT3);
	la_vshuf4i_w(e, VT3, VT2, 0xb1);
	la_vmin_wu(e, VT2, VT2, VT3);
	la_vrotri_w(e, VT2, VT2, 16);
	la_vbsll_v(e, VT2, VT2, 12);
	la_vbsrl_v(e, d, VT2, 12);
}

/* ZF: no bit of the source is set in the destination; CF: none is clear there. */
static void ptest(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1);

	if (t->flags_live & FL_ZF) {
		la_vand_v(e, VT2, d, s);
		la_vseteqz_v(e, 0, VT2);
		la_movcf2gr(e, T1, 0);
		la_slli_d(e, T1, T1, 6);
	} else {
		la_move(e, T1, H_ZERO);
	}
	if (t->flags_live & FL_CF) {
		la_vandn_v(e, VT2, d, s);
		la_vseteqz_v(e, 0, VT2);
		la_movcf2gr(e, T2, 0);
		la_or(e, T1, T1, T2);
	}
	gen_cc_put(t, T1);
}

/* MOVDDUP */
static void movddup(struct tr *t, const struct insn *i)
{
	int d = HXMM(i->opd[0].reg);

	if (i->opd[1].kind == OPD_MEM)
		gen_load_all(t, d, gen_address(t, i, 8, MEM_LOAD, T0), 8);
	else
		la_vreplvei_d(&t->e, d, HXMM(i->opd[1].reg), 0);
}

int gen_sse4_packed(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	const struct widening *w = widening_of(i->op);
	int d = HXMM(i->opd[0].reg);
	unsigned imm = (unsigned)i->imm & 0xff;

	if (w) {
		widen(t, i, w);
		return 0;
	}
	switch (i->op) {
	case OP_MOVDDUP: movddup(t, i); return 0;
	case OP_MOVSLDUP: la_vshuf4i_w(e, d, gen_sse_source(t, i, 1), 0xa0); return 0;
	case OP_MOVSHDUP: la_vshuf4i_w(e, d, gen_sse_source(t, i, 1), 0xf5); return 0;
	case OP_BLENDPS: blend(e, la_vextrins_w, 4, d, gen_sse_source(t, i, 1), imm); return 0;
	case OP_BLENDPD: blend(e, la_vextrins_d, 2, d, gen_sse_source(t, i, 1), imm); return 0;
	case OP_PBLENDW: blend(e, la_vextrins_h, 8, d, gen_sse_source(t, i, 1), imm); return 0;
	case OP_BLENDVPS: blend_variable(t, i, la_vslti_w); return 0;
	case OP_BLENDVPD: blend_variable(t, i, la_vslti_d); return 0;
	case OP_PBLENDVB: blend_variable(t, i, la_vslti_b); return 0;
	case OP_PEXTRB: extract(t, i, 1, imm); return 0;
	case OP_PEXTRW: extract(t, i, 2, imm); return 0;
	case OP_PEXTRD: extract(t, i, i->rex & 8 ? 8 : 4, imm); return 0;
	case OP_EXTRACTPS: extract(t, i, 4, imm); return 0;
	case OP_PINSRB: insert(t, i, 1, imm); return 0;
	case OP_PINSRD: insert(t, i, i->rex & 8 ? 8 : 4, imm); return 0;
	case OP_INSERTPS: insertps(t, i); return 0;
	case OP_MPSADBW: mpsadbw(t, i); return 0;
	case OP_PHMINPOSUW: phminposuw(t, i); return 0;
	case OP_PTEST: ptest(t, i); return 0;
	}
	return -1;
}
