/* Shuffles chosen by an immediate, and single words. */
#include "translator/gen_sse.h"

/* SHUFPS: two elements of the destination, then two of the source. The host takes its high half from what it overwrites. */
static void shufps(struct tr *t, int d, int s, int imm)
{
	struct emit *e = &t->e;

	if (d == s) {
		la_vshuf4i_w(e, d, s, imm);
		return;
	}
	int high = s == VT0 ? VT0 : VT2;
	gen_vmove(t, high, s);
	la_vpermi_w(e, high, d, imm);
	gen_vmove(t, d, high);
}

/* PSHUFLW, PSHUFHW: the host shuffles both halves; one of them comes from the source. */
static void shuffle_half(struct tr *t, int d, int s, int imm, int half)
{
	struct emit *e = &t->e;
	int kept = half ? 0x00 : 0x11;

	if (d == s) {
		la_vshuf4i_h(e, VT2, s, imm);
		la_vextrins_d(e, d, VT2, kept ^ 0x11);
	} else {
		la_vshuf4i_h(e, d, s, imm);
		la_vextrins_d(e, d, s, kept);
	}
}

static void pinsrw(struct tr *t, const struct insn *i)
{
	const struct operand *s = &i->opd[1];
	int value = HGPR(s->reg);

	if (s->kind == OPD_MEM) {
		gen_load(t, T1, gen_operand(t, i, 2, MEM_LOAD, T0), 2, false);
		value = T1;
	}
	la_vinsgr2vr_h(&t->e, HXMM(i->opd[0].reg), value, i->imm & 7);
}

int gen_sse_shuffle(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int d = HXMM(i->opd[0].reg), imm = (int)i->imm & 0xff;

	switch (i->op) {
	case OP_PSHUFD: la_vshuf4i_w(e, d, gen_sse_source(t, i, 1), imm); return 0;
	case OP_PSHUFLW: shuffle_half(t, d, gen_sse_source(t, i, 1), imm, 0); return 0;
	case OP_PSHUFHW: shuffle_half(t, d, gen_sse_source(t, i, 1), imm, 1); return 0;
	case OP_SHUFPS: shufps(t, d, gen_sse_source(t, i, 1), imm); return 0;
	case OP_SHUFPD: la_vshuf4i_d(e, d, gen_sse_source(t, i, 1), (imm & 1) | (2 | (imm >> 1 & 1)) << 2); return 0;
	case OP_PINSRW: pinsrw(t, i); return 0;
	}
	return -1;
}
