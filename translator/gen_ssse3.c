/* Packed operations of SSSE3, and PMADDUBSW's kind: what takes more than one host instruction. The table is in gen_packed.c. */
#include "translator/gen_sse.h"

/* Bytes of a chosen by the low bits of b's, 0 where the sign bit of b's is set. */
void gen_pshufb(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	struct emit *e = &t->e;

	(void)p;
	la_vslti_b(e, VT3, b, 0);
	la_vandi_b(e, VT2, b, mmx ? 7 : 15);
	la_vshuf_b(e, vd, a, a, VT2);
	la_vandn_v(e, vd, VT3, vd);
}

/* VT2, VT3 = the even and the odd elements of a, and behind them those of b. */
static void split_pairs(struct emit *e, bool mmx, bool words, int a, int b)
{
	int low = a, high = b;

	if (mmx) {
		la_vilvl_d(e, VT2, b, a);
		low = high = VT2;
	}
	(words ? la_vpickod_h : la_vpickod_w)(e, VT3, high, low);
	(words ? la_vpickev_h : la_vpickev_w)(e, VT2, high, low);
}

void gen_horizontal_words(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	split_pairs(&t->e, mmx, true, a, b);
	packed_op_fn(p)(&t->e, vd, VT2, VT3);
}

void gen_horizontal_doublewords(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	split_pairs(&t->e, mmx, false, a, b);
	packed_op_fn(p)(&t->e, vd, VT2, VT3);
}

/* Sums of neighbouring products of a's unsigned and b's signed bytes. */
void gen_pmaddubsw(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	(void)p, (void)mmx;
	la_vmulwev_h_bu_b(&t->e, VT2, a, b);
	la_vmulwod_h_bu_b(&t->e, VT3, a, b);
	la_vsadd_h(&t->e, vd, VT2, VT3);
}

/* Products divided by 2^15, rounded. */
void gen_pmulhrsw(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	struct emit *e = &t->e;

	(void)p, (void)mmx;
	la_vmulwev_w_h(e, VT2, a, b);
	la_vmulwod_w_h(e, VT3, a, b);
	la_vsrari_w(e, VT2, VT2, 15);
	la_vsrari_w(e, VT3, VT3, 15);
	la_vpackev_h(e, vd, VT3, VT2);
}

/* PABS: the source alone, with its own sign. */
void gen_pabs(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	(void)mmx, (void)a;
	packed_op_fn(p)(&t->e, vd, b, b);
}

/* 16 bytes of the 32 of a and b (b is the low end), from byte `count` on; of MMX registers 8 of 16. */
void gen_palignr(struct tr *t, bool mmx, int vd, int a, int b, unsigned count)
{
	struct emit *e = &t->e;

	if (count >= (mmx ? 16 : 32)) {
		la_vxor_v(e, vd, vd, vd);
	} else if (mmx) {
		la_vilvl_d(e, VT2, a, b);
		la_vbsrl_v(e, vd, VT2, (int)count);
	} else if (count >= 16) {
		la_vbsrl_v(e, vd, a, (int)count - 16);
	} else if (count == 0) {
		gen_vmove(t, vd, b);
	} else {
		la_vbsrl_v(e, VT2, b, (int)count);
		la_vbsll_v(e, VT3, a, 16 - (int)count);
		la_vor_v(e, vd, VT2, VT3);
	}
}
