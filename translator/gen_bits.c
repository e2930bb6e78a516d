/* BT BTS BTR BTC BSF BSR BSWAP, and the decimal adjustments. */
#include "translator/bcd.h"
#include "translator/cpu.h"
#include "translator/gen.h"

/*
 * CF becomes bit 0 of register `bit`; ZF keeps its value, and what else is undefined keeps it too when that costs nothing. With ZF alive the
 * flags must have been made real before the operation: flags_first().
 */
static void set_carry(struct tr *t, int bit)
{
	struct emit *e = &t->e;

	if (!(t->flags_live & FL_CF))
		return;
	if (!(t->flags_live & FL_ZF)) {
		gen_cc_set(t, CC_SHR, 4, H_ZERO, bit);
		return;
	}
	la_move(e, T4, H_CC_DST);
	la_bstrins_d(e, T4, bit, 0, 0);
	gen_cc_put(t, T4);
}

static void flags_first(struct tr *t)
{
	if ((t->flags_live & (FL_CF | FL_ZF)) == (FL_CF | FL_ZF))
		gen_cc_get(t, T0);
}

/* The changed operand into rd; mask has the one bit set. BT changes nothing. */
static void change(struct tr *t, int op, int rd, int value, int mask)
{
	struct emit *e = &t->e;

	if (op == OP_BTS)
		la_or(e, rd, value, mask);
	else if (op == OP_BTR)
		la_andn(e, rd, value, mask);
	else
		la_xor(e, rd, value, mask);
}

/* The bit number within the operand into T3. */
static void bit_number(struct tr *t, const struct insn *i, int size)
{
	const struct operand *o = &i->opd[1];

	if (o->kind == OPD_IMM)
		gen_li(t, T3, i->imm & (8 * size - 1));
	else
		la_andi(&t->e, T3, HGPR(o->reg), 8u * (unsigned)size - 1);
}

/* rd = 1 << rs */
static void one_bit(struct tr *t, int rd, int rs, int size)
{
	la_ori(&t->e, rd, H_ZERO, 1);
	(size == 8 ? la_sll_d : la_sll_w)(&t->e, rd, rd, rs);
}

static void bit_of_register(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];
	int size = d->size;

	bit_number(t, i, size);
	la_srl_d(&t->e, T1, HGPR(d->reg), T3);
	if (i->op != OP_BT) {
		one_bit(t, T2, T3, size);
		if (size >= 4) {
			bool sext = gen_is_sext(t, d->reg);
			change(t, i->op, HGPR(d->reg), HGPR(d->reg), T2);
			gen_wrote(t, d->reg, size, sext ? EXT_SIGN : 0);
		} else {
			change(t, i->op, T2, HGPR(d->reg), T2);
			gen_gpr_write(t, d->reg, size, T2, true);
		}
	}
	set_carry(t, T1);
}

/* The address of the operand of `size` bytes that holds the bit: a register offset is signed and reaches beyond the named operand. */
static struct maddr bit_address(struct tr *t, const struct insn *i, int size, int write)
{
	struct emit *e = &t->e;
	const struct operand *o = &i->opd[1];
	int log2 = size == 8 ? 3 : size == 4 ? 2 : 1;

	if (o->kind == OPD_IMM)
		return gen_address(t, i, (unsigned)size, write, T0);
	gen_effective(t, i, T0);
	la_srai_d(e, T1, gen_gpr_read(t, o->reg, size, true, T1), log2 + 3);
	la_slli_d(e, T1, T1, log2);
	la_add_d(e, T0, T0, T1);
	return gen_address_of(t, i->seg, i->addrsize, (unsigned)size, write, T0);
}

/* T1 = the operand shifted to the bit that T3 tells of; the bit is changed in memory. */
static void change_memory(struct tr *t, const struct insn *i, struct maddr m)
{
	struct emit *e = &t->e;
	int size = i->opd[0].size;

	(i->op == OP_BT ? gen_load : gen_load_modify)(t, T1, m, size, false);
	if (i->op != OP_BT) {
		one_bit(t, T2, T3, size);
		change(t, i->op, T2, T1, T2);
		gen_store(t, T2, m, size);
	}
	la_srl_d(e, T1, T1, T3);
}

static void bit_of_memory(struct tr *t, const struct insn *i)
{
	int size = i->opd[0].size;
	struct maddr m = bit_address(t, i, size, i->op != OP_BT);

	bit_number(t, i, size);
	change_memory(t, i, m);
	set_carry(t, T1);
}

/* As change_memory(), by an AM instruction of the host on a word, whose address is in `word`. */
static void change_atomically(struct tr *t, int op, int size, int word)
{
	struct emit *e = &t->e;

	la_ori(e, T2, H_ZERO, 1);
	la_sll_d(e, T2, T2, T3);
	if (op == OP_BTR)
		la_nor(e, T2, T2, H_ZERO);
	if (size == 2)
		gen_fault_point_word(t);
	else
		gen_fault_point_modify(t);
	if (size == 8)
		(op == OP_BTS ? la_amor_db_d : op == OP_BTR ? la_amand_db_d : la_amxor_db_d)(e, T1, T2, word);
	else
		(op == OP_BTS ? la_amor_db_w : op == OP_BTR ? la_amand_db_w : la_amxor_db_w)(e, T1, T2, word);
	la_srl_d(e, T1, T1, T3);
}

/* 16 bits at T0 with LOCK: on the aligned word that they lie in; across two words, by a load and a store. */
static void change_half_word(struct tr *t, const struct insn *i, struct maddr m)
{
	struct emit *e = &t->e;

	la_andi(e, T4, T0, 3);
	la_xori(e, T5, T4, 3);
	uint32_t *across = e->p;
	la_beqz(e, T5, 0);
	la_slli_d(e, T5, T4, 3);
	la_sub_d(e, T4, T0, T4);
	la_add_d(e, T3, T3, T5);
	change_atomically(t, i->op, 2, T4);
	uint32_t *done = e->p;
	la_b(e, 0);
	emit_fix_branch(across, e->p);
	change_memory(t, i, m);
	emit_fix_branch(done, e->p);
}

/* With LOCK. Operands of 4 and 8 bytes that are not aligned are done by hand (ALE). */
static void bit_of_memory_locked(struct tr *t, const struct insn *i)
{
	int size = i->opd[0].size;
	struct maddr m = bit_address(t, i, size, MEM_STORE);

	bit_number(t, i, size);
	if (m.disp || m.reg != T0)
		la_addi_d(&t->e, T0, m.reg, m.disp);
	m.reg = T0;
	m.disp = 0;
	if (size == 2)
		change_half_word(t, i, m);
	else
		change_atomically(t, i->op, size, T0);
	set_carry(t, T1);
}

static void emit_bit(struct tr *t, const struct insn *i)
{
	flags_first(t);
	if (i->opd[0].kind == OPD_GPR)
		bit_of_register(t, i);
	else if (i->lock)
		bit_of_memory_locked(t, i);
	else
		bit_of_memory(t, i);
}

/* rd = the number of the bit of src, which is not 0. */
static void find_bit(struct tr *t, int op, int rd, int src, int size)
{
	struct emit *e = &t->e;

	if (op == OP_BSF) {
		(size == 8 ? la_ctz_d : la_ctz_w)(e, rd, src);
		return;
	}
	(size == 8 ? la_clz_d : la_clz_w)(e, rd, src);
	la_xori(e, rd, rd, size == 8 ? 63 : 31);
}

/* Of a zero source nothing but ZF becomes of it, as on every processor: the destination stays, all of it. */
static void emit_scan(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0], *s = &i->opd[1];
	int size = d->size, rd = size >= 4 ? HGPR(d->reg) : T2;

	if (s->kind == OPD_MEM) {
		gen_load(t, T1, gen_operand(t, i, s->size, MEM_LOAD, T0), s->size, false);
	} else {
		int r = gen_gpr_read(t, s->reg, s->size, size == 4, T1);
		if (r != T1)
			la_move(e, T1, r);
	}
	uint32_t *zero = e->p;
	la_beqz(e, T1, 0);
	find_bit(t, i->op, rd, T1, size);
	if (size < 4)
		gen_gpr_write(t, d->reg, size, rd, true);
	emit_fix_branch(zero, e->p);
	if (size >= 4)
		gen_wrote(t, d->reg, 8, 0);
	gen_cc_set_recent(t, CC_LOGIC, size == 8 ? 8 : 4, -1, -1, T1);
}

/* With a 16-bit operand processors clear the register's lower half. */
static void emit_bswap(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int r = HGPR(i->opd[0].reg), size = i->opd[0].size;

	if (size == 2) {
		la_bstrins_d(e, r, H_ZERO, 15, 0);
		return;
	}
	(size == 8 ? la_revb_d : la_revb_2w)(e, r, r);
	if (!(t->mode & MODE_LONG))
		la_slli_w(e, r, r, 0);
	gen_wrote(t, i->opd[0].reg, size, 0);
}

static void emit_bcd(struct tr *t, const struct insn *i)
{
	if (i->op == OP_AAM && !(i->imm & 0xff)) {
		gen_raise(t, EXC_DE, false, 0);
		return;
	}
	gen_li(t, T1, i->op);
	gen_li(t, T2, i->imm & 0xff);
	gen_helper(t, (const void *)bcd_exec);
}

int gen_bits(struct tr *t, const struct insn *i)
{
	switch (i->op) {
	case OP_BT:
	case OP_BTS:
	case OP_BTR:
	case OP_BTC: emit_bit(t, i); return 0;
	case OP_BSF:
	case OP_BSR: emit_scan(t, i); return 0;
	case OP_BSWAP: emit_bswap(t, i); return 0;
	case OP_DAA:
	case OP_DAS:
	case OP_AAA:
	case OP_AAS:
	case OP_AAM:
	case OP_AAD: emit_bcd(t, i); return 0;
	}
	return -1;
}
