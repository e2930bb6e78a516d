/*
 * FIP, FOP, FDP and FDS of code that works on doubles: known at translation time, or a register of the guest's and a displacement, and stored where the
 * code is left.
 */
#include "translator/gen_x87.h"
#include "translator/region.h"

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
	bool operand = o->i->modrm < 0xc0, lasts = is_guest(t, o->a.reg) && la_is_si12(o->a.disp);

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

void gen_x87_follow_operand(struct tr *t, const struct insn *i)
{
	struct x87_live *l = &t->live;
	int64_t change;

	if (!l->active || !l->fdp_base)
		return;
	int reg = l->fdp_base >= HGPR(0) ? l->fdp_base - HGPR(0) : l->fdp_base - HGPR(8) + 8;
	if (insn_steps(i, reg, t->mode & MODE_LONG ? 8 : 4, &change) && la_is_si12(l->fdp_disp - change)) {
		l->fdp_disp = (int16_t)(l->fdp_disp - change);
		return;
	}
	store_operand(t, l);
	l->fdp_base = H_ZERO;
}
