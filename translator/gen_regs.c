/*
 * Constants, guest registers, and the upper halves of 64-bit code's registers: a 32-bit result clears the upper half on x86. That is put off until
 * somebody reads it: meanwhile the register is `narrow`, its upper half is whatever the host's instruction made of it. Exits, calls, faults and
 * polls see the right one. (upper.c)
 */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

void gen_li(struct tr *t, int rd, int64_t value)
{
	la_li(&t->e, rd, value);
}

void gen_sign_extend(struct tr *t, int rd, int rs, int size)
{
	if (size == 8 && rd != rs)
		la_move(&t->e, rd, rs);
	else if (size == 4)
		la_slli_w(&t->e, rd, rs, 0);
	else if (size == 2)
		la_ext_w_h(&t->e, rd, rs);
	else if (size == 1)
		la_ext_w_b(&t->e, rd, rs);
}

/* The guest register that lives in host register rs, or -1. */
static int guest_of(int rs)
{
	return rs >= 23 && rs <= 30 ? rs - 23 : rs >= H_GPR8 && rs < H_GPR8 + 8 ? rs - H_GPR8 + 8 : -1;
}

int gen_gpr_extract(struct tr *t, int reg, int size, bool sign, int tmp)
{
	struct emit *e = &t->e;

	if (size == 4) {
		la_slli_w(e, tmp, HGPR(reg), 0);
	} else if (size == 2) {
		if (sign)
			la_ext_w_h(e, tmp, HGPR(reg));
		else
			la_bstrpick_d(e, tmp, HGPR(reg), 15, 0);
	} else if (!gen_is_high_byte(t, reg, 1)) {
		if (sign)
			la_ext_w_b(e, tmp, HGPR(reg));
		else
			la_andi(e, tmp, HGPR(reg), 0xff);
	} else if (sign) {
		la_slli_d(e, tmp, HGPR(reg - 4), 48);
		la_srai_d(e, tmp, tmp, 56);
	} else {
		la_bstrpick_d(e, tmp, HGPR(reg - 4), 15, 8);
	}
	return tmp;
}

void gen_wrote_long(struct tr *t, int reg, int size, int ext)
{
	unsigned bit = 1u << reg, narrow = t->narrow & ~bit, sext = t->sext & ~bit;

	if (size == 4 && !(ext & EXT_ZERO) && t->upper_live & bit) {
		la_bstrpick_d(&t->e, HGPR(reg), HGPR(reg), 31, 0);
	} else if (size == 4) {
		narrow |= ext & EXT_ZERO ? 0 : bit;
		sext |= ext & EXT_SIGN ? bit : 0;
	}
	t->narrow = (uint16_t)narrow;
	t->sext = (uint16_t)sext;
}

void gen_gpr_write(struct tr *t, int reg, int size, int rs, bool sexted)
{
	struct emit *e = &t->e;
	int rd = HGPR(reg), from = guest_of(rs);

	if (size < 4) {
		bool high = gen_is_high_byte(t, reg, size);
		la_bstrins_d(e, high ? HGPR(reg - 4) : rd, rs, high ? 15 : 8 * size - 1, high ? 8 : 0);
		return;
	}
	bool zext = from >= 0 && gen_is_zext(t, from);
	if (size == 4 && !zext && gen_wants_zero(t, reg)) {
		la_bstrpick_d(e, rd, rs, 31, 0);
		gen_wrote(t, reg, 4, EXT_ZERO);
	} else {
		bool extend = size == 4 && !sexted && !gen_is_long(t);
		if (extend)
			la_slli_w(e, rd, rs, 0);
		else if (rd != rs)
			la_move(e, rd, rs);
		gen_wrote(t, reg, size, (sexted && (from < 0 || gen_is_sext(t, from)) ? EXT_SIGN : 0) | (zext ? EXT_ZERO : 0));
	}
}

void gen_gpr_li(struct tr *t, int reg, int size, int64_t value)
{
	if (size < 4) {
		if (value)
			gen_li(t, T1, value);
		gen_gpr_write(t, reg, size, value ? T1 : H_ZERO, true);
	} else if (size == 8) {
		gen_li(t, HGPR(reg), value);
		gen_wrote(t, reg, 8, 0);
	} else if (gen_wants_zero(t, reg)) {
		gen_li(t, HGPR(reg), (int64_t)(uint32_t)value);
		gen_wrote(t, reg, 4, EXT_ZERO | ((int32_t)value >= 0 ? EXT_SIGN : 0));
	} else {
		int held = gen_held(t, (int32_t)value);
		if (held && la_li_words((int32_t)value) > 1)
			la_move(&t->e, HGPR(reg), held);
		else
			gen_li(t, HGPR(reg), (int32_t)value);
		gen_wrote(t, reg, 4, EXT_SIGN | ((int32_t)value >= 0 ? EXT_ZERO : 0));
	}
	if (!value && size >= 4)
		gen_note_zero(t, reg);
}

void gen_gpr_load(struct tr *t, int reg, struct maddr m, int size)
{
	int rd = HGPR(reg);

	if (size < 4) {
		gen_load(t, T1, m, size, false);
		gen_gpr_write(t, reg, size, T1, true);
		return;
	}
	if (size == 4 && gen_wants_zero(t, reg)) {
		gen_load_zext(t, rd, m);
		gen_wrote(t, reg, 4, EXT_ZERO);
		return;
	}
	gen_load(t, rd, m, size, false);
	gen_wrote(t, reg, size, EXT_SIGN);
}

void gen_clear_upper(struct tr *t, unsigned registers)
{
	for (int k = 0; registers; k++, registers >>= 1)
		if (registers & 1)
			la_bstrpick_d(&t->e, HGPR(k), HGPR(k), 31, 0);
}

void gen_widen(struct tr *t, unsigned registers)
{
	gen_clear_upper(t, registers);
	t->narrow &= (uint16_t)~registers;
	t->sext &= (uint16_t)~registers;
}

uint16_t gen_may_be_narrow(const struct rinsn *r)
{
	return r->loop_head ? r->narrow_in : r->zero_in;
}

uint16_t gen_stays_narrow(const struct tr *t, const struct rinsn *r)
{
	unsigned may = gen_may_be_narrow(r), k = (unsigned)(r - t->plan->insn);
	unsigned candidates = r->first_from == UINT8_MAX || !t->plan->loops ? 0 : t->narrow & may & ~r->narrow_in;

	for (int reg = 0; candidates >> reg; reg++)
		if (candidates >> reg & 1 && upper_wanted_at(t->plan, k, reg))
			may &= ~(1u << reg);
	return (uint16_t)may;
}

void gen_restore_sext(struct tr *t, unsigned registers)
{
	for (int k = 0; k < 16; k++)
		if (registers >> k & 1)
			la_slli_w(&t->e, HGPR(k), HGPR(k), 0);
}
