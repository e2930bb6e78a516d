/*
 * FIP, FOP, FDP and FDS of code that works on doubles: known at translation time, or a register of the guest's and a displacement, and stored where the
 * code is left.
 */
#include "translator/gen_x87.h"
#include "translator/region.h"

/* Room is left for what changes the register on the way. */
static bool fits(int64_t disp)
{
	return disp >= -2048 && disp < 2048;
}

/* A register of the guest's that no pushes and pops leave late. */
static bool is_guest(const struct tr *t, int reg)
{
	return (reg >= HGPR(0) && reg <= HGPR(7) && reg != HGPR(RSP)) || (t->mode & MODE_LONG && reg >= HGPR(8) && reg <= HGPR(15));
}

static void store_operand(struct tr *t, const struct x87_live *l)
{
	struct emit *e = &t->e;

	if (!l->fdp_base)
		return;
	la_addi_d(e, T4, l->fdp_base, l->fdp_disp);
	if (!(t->mode & MODE_LONG))
		la_bstrpick_d(e, T4, T4, 31, 0);
	la_st_d(e, T4, H_CPU, X87_FIELD(fdp));
	la_ld_hu(e, T4, H_CPU, (int)offsetof(struct cpu, seg) + l->fdp_seg * (int)sizeof(struct seg) + (int)offsetof(struct seg, sel));
	la_st_h(e, T4, H_CPU, X87_FIELD(fds));
}

void gen_x87_store_pointers(struct tr *t, const struct x87_live *l)
{
	struct emit *e = &t->e;

	store_operand(t, l);
	if (!l->pointers)
		return;
	gen_li(t, T4, (int64_t)l->fip);
	la_st_d(e, T4, H_CPU, X87_FIELD(fip));
	la_ori(e, T4, H_ZERO, l->fop);
	la_st_h(e, T4, H_CPU, X87_FIELD(fop));
}

void gen_x87_note_pointers(struct tr *t, const struct x87_op *o)
{
	bool operand = o->i->modrm < 0xc0, lasts = is_guest(t, o->a.reg) && fits(o->a.disp);

	if (operand) {
		t->live.fdp_base = lasts ? (uint8_t)o->a.reg : H_ZERO;
		t->live.fdp_disp = (int16_t)o->a.disp;
		t->live.fdp_seg = o->i->seg;
	}
	if (operand && !lasts)
		gen_x87_operand_pointer(t, o);
	t->live.done = t->live.pointers = true;
	t->live.fip = t->mode & MODE_LONG ? t->eip : (uint32_t)t->eip;
	t->live.fop = (uint16_t)X87_INFO_FOP(X87_INFO(o->i, o->i->opcode - 0xd8u));
}

/* Instructions that write no general register but their first operand. */
static const bool writes_first[OP_COUNT] = {
	[OP_ADD] = true, [OP_OR] = true, [OP_AND] = true, [OP_SUB] = true, [OP_XOR] = true, [OP_CMP] = true, [OP_TEST] = true, [OP_INC] = true,
	[OP_DEC] = true, [OP_MOV] = true, [OP_MOVZX] = true, [OP_LEA] = true, [OP_JCC] = true, [OP_JMP] = true, [OP_NOP] = true, [OP_FWAIT] = true,
};

/* Whether the instruction leaves the register as it is, or else adds a constant to it: *change. */
static bool is_followed(const struct tr *t, const struct insn *i, int host, int64_t *change)
{
	const struct operand *o = &i->opd[0];

	*change = 0;
	if (i->op == OP_X87)
		return i->modrm < 0xc0 || i->opcode != 0xdf || i->modrm != 0xe0; /* FNSTSW AX */
	if (!writes_first[i->op])
		return false;
	if (!i->nopd || o->kind != OPD_GPR || i->op == OP_CMP || i->op == OP_TEST)
		return true;
	if (o->size != (t->mode & MODE_LONG ? 8 : 4))
		return o->size > 1 && HGPR(o->reg) != host;
	if (HGPR(o->reg) != host)
		return true;
	if (i->op == OP_INC || i->op == OP_DEC)
		*change = i->op == OP_INC ? 1 : -1;
	else if ((i->op == OP_ADD || i->op == OP_SUB) && i->opd[1].kind == OPD_IMM)
		*change = i->op == OP_ADD ? i->imm : -i->imm;
	return *change;
}

void gen_x87_follow_operand(struct tr *t, const struct insn *i)
{
	struct x87_live *l = &t->live;
	int64_t change;

	if (!l->active || !l->fdp_base)
		return;
	if (is_followed(t, i, l->fdp_base, &change) && fits(l->fdp_disp - change)) {
		l->fdp_disp = (int16_t)(l->fdp_disp - change);
		return;
	}
	store_operand(t, l);
	l->fdp_base = H_ZERO;
}
