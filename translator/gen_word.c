/* Instructions on general registers that came with later extensions: POPCNT, CRC32, MOVBE. */
#include "translator/gen.h"

/* Host register with operand 1, register or memory, of the operand size; 1 and 2 bytes zero-extended. Clobbers T1. */
static int source(struct tr *t, const struct insn *i)
{
	const struct operand *o = &i->opd[1];
	int size = i->opsize;

	if (o->kind == OPD_MEM) {
		gen_load(t, T1, gen_operand(t, i, (unsigned)size, MEM_LOAD, T0), size, false);
		return T1;
	}
	return gen_gpr_read(t, o->reg, size, false, T1);
}

/* ZF tells whether the source is 0; all other flags are cleared. */
static void popcnt(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int size = i->opsize, s = source(t, i);

	if (size == 8) {
		la_movgr2fr_d(e, VT0, s);
		la_vpcnt_d(e, VT0, VT0);
		la_movfr2gr_d(e, T1, VT0);
	} else {
		la_movgr2fr_w(e, VT0, s);
		la_vpcnt_w(e, VT0, VT0);
		la_movfr2gr_s(e, T1, VT0);
	}
	if (t->flags_live) {
		la_sltui(e, T2, T1, 1);
		la_slli_d(e, T2, T2, 6);
	}
	gen_gpr_write(t, i->opd[0].reg, size, T1, true);
	if (t->flags_live)
		gen_cc_put(t, T2);
}

/* The host's CRC-32C is the same. */
static void crc32(struct tr *t, const struct insn *i)
{
	static void (*const fn[])(struct emit *, int, int, int) = {
		[1] = la_crcc_w_b_w, [2] = la_crcc_w_h_w, [4] = la_crcc_w_w_w, [8] = la_crcc_w_d_w,
	};
	const struct operand *d = &i->opd[0];

	fn[i->opsize](&t->e, T1, source(t, i), HGPR(d->reg));
	gen_gpr_write(t, d->reg, 4, T1, true);
}

static void reverse_bytes(struct emit *e, int rd, int rj, int size)
{
	(size == 8 ? la_revb_d : size == 4 ? la_revb_2w : la_revb_2h)(e, rd, rj);
}

static void movbe(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int size = i->opsize;

	if (i->opd[0].kind == OPD_MEM) {
		struct maddr a = gen_address(t, i, (unsigned)size, MEM_STORE, T0);
		reverse_bytes(e, T1, HGPR(i->opd[1].reg), size);
		gen_store(t, T1, a, size);
		return;
	}
	reverse_bytes(e, T1, source(t, i), size);
	gen_gpr_write(t, i->opd[0].reg, size, T1, false);
}

int gen_word(struct tr *t, const struct insn *i)
{
	switch (i->op) {
	case OP_POPCNT: popcnt(t, i); return 0;
	case OP_CRC32: crc32(t, i); return 0;
	case OP_MOVBE: movbe(t, i); return 0;
	}
	return -1;
}
