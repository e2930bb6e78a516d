/* Packed integers and packed logic: one table for the MMX and the XMM forms. */
#include "translator/gen_sse.h"

typedef void vvu_fn(struct emit *e, int vd, int vj, int imm);

struct packed_op {
	packed_gen *gen;
	vvv_fn *fn;
	vvv_fn *low;     /* unpack_high: of the low halves */
	vvu_fn *by_imm;  /* pack: narrows; shifts: by an immediate count */
	uint8_t width;   /* shifts: of an element, in bits */
};

vvv_fn *packed_op_fn(const struct packed_op *p)
{
	return p->fn;
}

static void straight(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	(void)mmx;
	p->fn(&t->e, vd, a, b);
}

static void swapped(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	(void)mmx;
	p->fn(&t->e, vd, b, a);
}

/* The upper halves of 64-bit operands are in the middle when all is interleaved. */
static void unpack_high(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	if (!mmx) {
		p->fn(&t->e, vd, b, a);
		return;
	}
	p->low(&t->e, vd, b, a);
	la_vbsrl_v(&t->e, vd, vd, 8);
}

/* The host narrows its second operand into the low half and its first, which it overwrites, into the high half. */
static void pack(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	struct emit *e = &t->e;
	int high = a == b ? vd : b == VT0 ? VT0 : VT2;

	if (mmx) {
		la_vilvl_d(e, VT2, b, a);
		high = a = VT2;
	} else {
		gen_vmove(t, high, b);
	}
	p->by_imm(e, high, a, 0);
	gen_vmove(t, vd, high);
}

/* The count, the low 64 bits of vj, in every element of vd. */
static void spread_count(struct emit *e, int vd, int vj, unsigned width)
{
	if (width == 16)
		la_vreplvei_h(e, vd, vj, 0);
	else if (width == 32)
		la_vreplvei_w(e, vd, vj, 0);
	else
		la_vreplvei_d(e, vd, vj, 0);
}

/* Counts beyond the width give copies of the sign. */
static void shift_arithmetic(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	(void)mmx;
	la_vmini_du(&t->e, VT2, b, p->width - 1);
	spread_count(&t->e, VT2, VT2, p->width);
	p->fn(&t->e, vd, a, VT2);
}

/* Counts beyond the width give 0. */
static void shift_logical(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	struct emit *e = &t->e;

	(void)mmx;
	/* VT3: all ones when the count is less than the width */
	la_vreplvei_d(e, VT3, b, 0);
	if (p->width == 64) {
		la_vsrli_d(e, VT3, VT3, 6);
		la_vseqi_d(e, VT3, VT3, 0);
	} else {
		la_vslei_du(e, VT3, VT3, p->width - 1);
	}
	spread_count(e, VT2, b, p->width);
	p->fn(e, vd, a, VT2);
	la_vand_v(e, vd, vd, VT3);
}

/* PMADDWD: sums of products of neighbours. */
static void multiply_add(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	(void)p, (void)mmx;
	la_vmulwev_w_h(&t->e, VT2, a, b);
	la_vmaddwod_w_h(&t->e, VT2, a, b);
	gen_vmove(t, vd, VT2);
}

/* PSADBW: sums of the absolute differences of eight bytes each. */
static void sum_differences(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b)
{
	struct emit *e = &t->e;

	(void)p, (void)mmx;
	la_vabsd_bu(e, vd, a, b);
	la_vhaddw_hu_bu(e, vd, vd, vd);
	la_vhaddw_wu_hu(e, vd, vd, vd);
	la_vhaddw_du_wu(e, vd, vd, vd);
}

#define ONE(insn) { .gen = straight, .fn = insn }
#define SWAPPED(insn) { .gen = swapped, .fn = insn }
#define HIGH(letter) { .gen = unpack_high, .fn = la_vilvh_##letter, .low = la_vilvl_##letter }
#define PACK(narrow) { .gen = pack, .by_imm = narrow }
#define SHIFT(kind, name, letter, bits) \
	{ .gen = shift_##kind, .fn = la_v##name##_##letter, .by_imm = la_v##name##i_##letter, .width = bits }

static const struct packed_op ops[OP_COUNT] = {
	[OP_PADDB] = ONE(la_vadd_b), [OP_PADDW] = ONE(la_vadd_h),
	[OP_PADDD] = ONE(la_vadd_w), [OP_PADDQ] = ONE(la_vadd_d),
	[OP_PADDSB] = ONE(la_vsadd_b), [OP_PADDSW] = ONE(la_vsadd_h),
	[OP_PADDUSB] = ONE(la_vsadd_bu), [OP_PADDUSW] = ONE(la_vsadd_hu),
	[OP_PSUBB] = ONE(la_vsub_b), [OP_PSUBW] = ONE(la_vsub_h),
	[OP_PSUBD] = ONE(la_vsub_w), [OP_PSUBQ] = ONE(la_vsub_d),
	[OP_PSUBSB] = ONE(la_vssub_b), [OP_PSUBSW] = ONE(la_vssub_h),
	[OP_PSUBUSB] = ONE(la_vssub_bu), [OP_PSUBUSW] = ONE(la_vssub_hu),
	[OP_PMULLW] = ONE(la_vmul_h), [OP_PMULHW] = ONE(la_vmuh_h),
	[OP_PMULHUW] = ONE(la_vmuh_hu), [OP_PMULUDQ] = ONE(la_vmulwev_d_wu),
	[OP_PMINUB] = ONE(la_vmin_bu), [OP_PMINSW] = ONE(la_vmin_h),
	[OP_PMAXUB] = ONE(la_vmax_bu), [OP_PMAXSW] = ONE(la_vmax_h),
	[OP_PAVGB] = ONE(la_vavgr_bu), [OP_PAVGW] = ONE(la_vavgr_hu),
	[OP_PCMPEQB] = ONE(la_vseq_b), [OP_PCMPEQW] = ONE(la_vseq_h), [OP_PCMPEQD] = ONE(la_vseq_w),
	[OP_PCMPGTB] = SWAPPED(la_vslt_b), [OP_PCMPGTW] = SWAPPED(la_vslt_h), [OP_PCMPGTD] = SWAPPED(la_vslt_w),
	[OP_PAND] = ONE(la_vand_v), [OP_ANDPS] = ONE(la_vand_v), [OP_ANDPD] = ONE(la_vand_v),
	[OP_PANDN] = ONE(la_vandn_v), [OP_ANDNPS] = ONE(la_vandn_v), [OP_ANDNPD] = ONE(la_vandn_v),
	[OP_POR] = ONE(la_vor_v), [OP_ORPS] = ONE(la_vor_v), [OP_ORPD] = ONE(la_vor_v),
	[OP_PXOR] = ONE(la_vxor_v), [OP_XORPS] = ONE(la_vxor_v), [OP_XORPD] = ONE(la_vxor_v),
	[OP_PUNPCKLBW] = SWAPPED(la_vilvl_b), [OP_PUNPCKLWD] = SWAPPED(la_vilvl_h),
	[OP_PUNPCKLDQ] = SWAPPED(la_vilvl_w), [OP_PUNPCKLQDQ] = SWAPPED(la_vilvl_d),
	[OP_UNPCKLPS] = SWAPPED(la_vilvl_w), [OP_UNPCKLPD] = SWAPPED(la_vilvl_d),
	[OP_UNPCKHPS] = SWAPPED(la_vilvh_w), [OP_UNPCKHPD] = SWAPPED(la_vilvh_d), [OP_PUNPCKHQDQ] = SWAPPED(la_vilvh_d),
	[OP_PUNPCKHBW] = HIGH(b), [OP_PUNPCKHWD] = HIGH(h), [OP_PUNPCKHDQ] = HIGH(w),
	[OP_PACKSSWB] = PACK(la_vssrani_b_h), [OP_PACKUSWB] = PACK(la_vssrani_bu_h), [OP_PACKSSDW] = PACK(la_vssrani_h_w),
	[OP_PSLLW] = SHIFT(logical, sll, h, 16), [OP_PSLLD] = SHIFT(logical, sll, w, 32), [OP_PSLLQ] = SHIFT(logical, sll, d, 64),
	[OP_PSRLW] = SHIFT(logical, srl, h, 16), [OP_PSRLD] = SHIFT(logical, srl, w, 32), [OP_PSRLQ] = SHIFT(logical, srl, d, 64),
	[OP_PSRAW] = SHIFT(arithmetic, sra, h, 16), [OP_PSRAD] = SHIFT(arithmetic, sra, w, 32),
	[OP_PMADDWD] = { .gen = multiply_add }, [OP_PSADBW] = { .gen = sum_differences },
	/* SSSE3 */
	[OP_PSHUFB] = { .gen = gen_pshufb }, [OP_PMADDUBSW] = { .gen = gen_pmaddubsw }, [OP_PMULHRSW] = { .gen = gen_pmulhrsw },
	[OP_PHADDW] = { .gen = gen_horizontal_words, .fn = la_vadd_h },
	[OP_PHADDSW] = { .gen = gen_horizontal_words, .fn = la_vsadd_h },
	[OP_PHSUBW] = { .gen = gen_horizontal_words, .fn = la_vsub_h },
	[OP_PHSUBSW] = { .gen = gen_horizontal_words, .fn = la_vssub_h },
	[OP_PHADDD] = { .gen = gen_horizontal_doublewords, .fn = la_vadd_w },
	[OP_PHSUBD] = { .gen = gen_horizontal_doublewords, .fn = la_vsub_w },
	[OP_PSIGNB] = SWAPPED(la_vsigncov_b), [OP_PSIGNW] = SWAPPED(la_vsigncov_h), [OP_PSIGND] = SWAPPED(la_vsigncov_w),
	[OP_PABSB] = { .gen = gen_pabs, .fn = la_vsigncov_b },
	[OP_PABSW] = { .gen = gen_pabs, .fn = la_vsigncov_h },
	[OP_PABSD] = { .gen = gen_pabs, .fn = la_vsigncov_w },
	/* SSE4.1, SSE4.2 */
	[OP_PMINSB] = ONE(la_vmin_b), [OP_PMINSD] = ONE(la_vmin_w), [OP_PMINUW] = ONE(la_vmin_hu), [OP_PMINUD] = ONE(la_vmin_wu),
	[OP_PMAXSB] = ONE(la_vmax_b), [OP_PMAXSD] = ONE(la_vmax_w), [OP_PMAXUW] = ONE(la_vmax_hu), [OP_PMAXUD] = ONE(la_vmax_wu),
	[OP_PMULDQ] = ONE(la_vmulwev_d_w), [OP_PMULLD] = ONE(la_vmul_w),
	[OP_PCMPEQQ] = ONE(la_vseq_d), [OP_PCMPGTQ] = SWAPPED(la_vslt_d), [OP_PACKUSDW] = PACK(la_vssrani_hu_w),
};

bool gen_is_packed(int op)
{
	return ops[op].gen != NULL;
}

void gen_packed(struct tr *t, int op, bool mmx, int vd, int a, int b)
{
	ops[op].gen(t, &ops[op], mmx, vd, a, b);
}

void gen_packed_shift_imm(struct tr *t, int op, int vd, int a, unsigned count)
{
	const struct packed_op *p = &ops[op];

	if (p->gen == shift_arithmetic && count >= p->width)
		count = p->width - 1u;
	if (count >= p->width)
		la_vxor_v(&t->e, vd, vd, vd);
	else
		p->by_imm(&t->e, vd, a, (int)count);
}

/* PSLLDQ, PSRLDQ: the whole register by bytes. */
static void shift_bytes(struct tr *t, vvu_fn *fn, int vd, unsigned count)
{
	if (count > 15)
		la_vxor_v(&t->e, vd, vd, vd);
	else
		fn(&t->e, vd, vd, (int)count);
}

int gen_packed_xmm(struct tr *t, const struct insn *i)
{
	int vd = HXMM(i->opd[0].reg);
	unsigned count = (unsigned)i->imm & 0xff;

	if (i->op == OP_PSLLDQ)
		shift_bytes(t, la_vbsll_v, vd, count);
	else if (i->op == OP_PSRLDQ)
		shift_bytes(t, la_vbsrl_v, vd, count);
	else if (i->op == OP_PALIGNR)
		gen_palignr(t, false, vd, vd, gen_sse_source(t, i, 1), count);
	else if (!gen_is_packed(i->op))
		return -1;
	else if (i->opd[1].kind == OPD_IMM)
		gen_packed_shift_imm(t, i->op, vd, gen_sse_value(t, i->opd[0].reg), count);
	else
		gen_packed(t, i->op, false, vd, gen_sse_value(t, i->opd[0].reg), gen_sse_source(t, i, 1));
	return 0;
}
