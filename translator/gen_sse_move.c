/* Moves of SSE, whole registers and parts of them, and MXCSR. */
#include "translator/gen_sse.h"
#include "translator/mmu.h"
#include "translator/mxcsr.h"
#include "translator/vregs.h"

/* vextrins.d's and vextrins.w's immediates */
#define LANE_D(to, from) ((to) << 4 | (from))
#define LANE_W(to, from) ((to) << 4 | (from))

/* 16 bytes, register or memory on either side. */
static void move_whole(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	bool forwards = d->kind == OPD_XMM && gen_sse_forwards(t, d->reg);

	if (d->kind == OPD_XMM && s->kind == OPD_XMM) {
		if (forwards && d->reg != s->reg)
			gen_sse_forward(t, d->reg, HXMM(s->reg), false);
		else
			gen_vmove(t, HXMM(d->reg), HXMM(s->reg));
		return;
	}
	int write = d->kind == OPD_MEM ? MEM_STORE : MEM_LOAD;
	struct maddr a = gen_sse_address(t, i, write ? d : s, write);
	if (write) {
		gen_vstore(t, HXMM(s->reg), a);
		return;
	}
	gen_vload(t, forwards ? VT0 : HXMM(d->reg), a);
	if (forwards)
		gen_sse_forward(t, d->reg, VT0, false);
}

/* MOVSS, MOVSD: a load clears the rest, a move between registers keeps it. */
static void move_scalar(struct tr *t, const struct insn *i, unsigned size)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	if (d->kind == OPD_MEM) {
		gen_store_element(t, HXMM(s->reg), gen_operand(t, i, size, MEM_STORE, T0), size);
	} else if (s->kind == OPD_MEM) {
		if (!gen_sse_repeats(t, d->reg, size)) {
			gen_load_scalar(t, HXMM(d->reg), i, size);
			return;
		}
		struct maddr a = gen_address(t, i, size, MEM_LOAD, T0);
		gen_load_all(t, HXMM(d->reg), a, size);
		gen_sse_forward(t, d->reg, HXMM(d->reg), true);
	} else if (size == 4) {
		la_vextrins_w(e, HXMM(d->reg), HXMM(s->reg), LANE_W(0, 0));
	} else {
		la_vextrins_d(e, HXMM(d->reg), HXMM(s->reg), LANE_D(0, 0));
	}
}

/* MOVLPS, MOVHPS and their kind: one half to or from memory. */
static void move_half(struct tr *t, const struct insn *i, int half)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	if (d->kind == OPD_XMM) {
		gen_load(t, T1, gen_operand(t, i, 8, MEM_LOAD, T0), 8, false);
		la_vinsgr2vr_d(e, HXMM(d->reg), T1, half);
		return;
	}
	struct maddr a = gen_operand(t, i, 8, MEM_STORE, T0);
	if (half == 0) {
		gen_store_element(t, HXMM(s->reg), a, 8);
	} else {
		la_vpickve2gr_d(e, T1, HXMM(s->reg), half);
		gen_store(t, T1, a, 8);
	}
}

/* MOVD, and MOVQ with REX.W: between an XMM register and a general one or memory, of 4 or 8 bytes. */
static void move_d(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0], *s = &i->opd[1];
	unsigned size = d->kind == OPD_XMM ? s->size : d->size;

	if (d->kind == OPD_XMM && s->kind == OPD_MEM) {
		gen_load_scalar(t, HXMM(d->reg), i, size);
	} else if (d->kind == OPD_XMM) {
		(size == 8 ? la_vreplgr2vr_d : la_vreplgr2vr_w)(e, VT0, HGPR(s->reg));
		la_vbsrl_v(e, HXMM(d->reg), VT0, 16 - (int)size);
	} else if (d->kind == OPD_MEM) {
		gen_store_element(t, HXMM(s->reg), gen_operand(t, i, size, MEM_STORE, T0), size);
	} else {
		gen_vector_to_gpr(t, d->reg, HXMM(s->reg), size);
	}
}

static void move_q(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	if (d->kind == OPD_XMM && s->kind == OPD_XMM)
		la_vextl_qu_du(&t->e, HXMM(d->reg), HXMM(s->reg));
	else
		move_scalar(t, i, 8);
}

/* The sign bits of all elements. */
static void move_mask(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int s = HXMM(i->opd[1].reg);

	if (i->op == OP_MOVMSKPS)
		la_vmskltz_w(e, VT2, s);
	else if (i->op == OP_MOVMSKPD)
		la_vmskltz_d(e, VT2, s);
	else
		la_vmskltz_b(e, VT2, s);
	la_vpickve2gr_hu(e, HGPR(i->opd[0].reg), VT2, 0);
	gen_wrote(t, i->opd[0].reg, 4, EXT_ZERO | EXT_SIGN);
}

static void move_nti(struct tr *t, const struct insn *i)
{
	const struct operand *s = &i->opd[1];

	gen_store(t, HGPR(s->reg), gen_operand(t, i, s->size, MEM_STORE, T0), s->size);
}

static void load_mxcsr(struct tr *t, const struct insn *i)
{
	gen_load(t, T1, gen_operand(t, i, 4, MEM_LOAD, T0), 4, false);
	gen_helper(t, (const void *)ldmxcsr);
	gen_poll(t, t->next_eip); /* the mode may have changed */
}

static void store_mxcsr(struct tr *t, const struct insn *i)
{
	gen_helper(t, (const void *)stmxcsr);
	la_move(&t->e, T1, T0);
	gen_store(t, T1, gen_operand(t, i, 4, MEM_STORE, T0), 4);
}

/* Stores the chosen bytes of a vector register; all of them are known to be writable before the first is. regs: data | mask << 8. */
static uint64_t store_masked(struct cpu *cpu, uint64_t lin, uint64_t regs, uint64_t size)
{
	uint8_t data[16], mask[16];

	vreg_store(regs & 0xff, data);
	vreg_store(regs >> 8, mask);
	for (unsigned k = 0; k < size; k++)
		if (mask[k] & 0x80)
			mem_probe(cpu, lin + k, 1, ACC_WRITE);
	for (unsigned k = 0; k < size; k++)
		if (mask[k] & 0x80)
			mem_write8(cpu, lin + k, data[k], 0);
	return 0;
}

void gen_store_masked(struct tr *t, const struct insn *i, int data, int mask, unsigned size)
{
	struct insn to = { .base = RDI, .index = REG_NONE, .addrsize = i->addrsize, .seg = i->seg };
	struct maddr a = gen_address(t, &to, size, MEM_STORE, T1);

	la_addi_d(&t->e, T1, a.reg, a.disp);
	gen_li(t, T2, data | mask << 8);
	gen_li(t, T3, size);
	gen_helper(t, (const void *)store_masked);
}

/* Between the low half of an XMM register and an MMX register. */
static void move_mmx(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	gen_mmx_enter(t);
	if (d->kind == OPD_MMX) {
		gen_mmx_store(t, d->reg, HXMM(s->reg));
	} else {
		gen_mmx_load(t, VT0, s->reg);
		la_vextl_qu_du(&t->e, HXMM(d->reg), VT0);
	}
}

int gen_sse_move(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int d = HXMM(i->opd[0].reg), s = HXMM(i->opd[1].reg);

	switch (i->op) {
	case OP_MOVUPS:
	case OP_MOVUPD:
	case OP_LDDQU:
	case OP_MOVDQU:
	case OP_MOVAPS:
	case OP_MOVAPD:
	case OP_MOVDQA:
	case OP_MOVNTPS:
	case OP_MOVNTPD:
	case OP_MOVNTDQA:
	case OP_MOVNTDQ: move_whole(t, i); return 0;
	case OP_MOVSS: move_scalar(t, i, 4); return 0;
	case OP_MOVSD_X: move_scalar(t, i, 8); return 0;
	case OP_MOVLPS:
	case OP_MOVLPD: move_half(t, i, 0); return 0;
	case OP_MOVHPS:
	case OP_MOVHPD: move_half(t, i, 1); return 0;
	case OP_MOVHLPS: la_vextrins_d(e, d, s, LANE_D(0, 1)); return 0;
	case OP_MOVLHPS: la_vextrins_d(e, d, s, LANE_D(1, 0)); return 0;
	case OP_MOVD: move_d(t, i); return 0;
	case OP_MOVQ: move_q(t, i); return 0;
	case OP_MOVQ2DQ:
	case OP_MOVDQ2Q: move_mmx(t, i); return 0;
	case OP_MOVMSKPS:
	case OP_MOVMSKPD:
	case OP_PMOVMSKB: move_mask(t, i); return 0;
	case OP_MASKMOVDQU: gen_store_masked(t, i, d, s, 16); return 0;
	case OP_MOVNTI: move_nti(t, i); return 0;
	case OP_LDMXCSR: load_mxcsr(t, i); return 0;
	case OP_STMXCSR: store_mxcsr(t, i); return 0;
	}
	return -1;
}
