/* SHL SHR SAR ROL ROR RCL RCR SHLD SHRD. Counts that are constants are inline; by CL they are inline while the flags are dead. */
#include "translator/cpu.h"
#include "translator/gen.h"

static uint64_t mask_of(int size)
{
	return UINT64_MAX >> (64 - 8 * size);
}

/* The bits of a count that matter. */
static unsigned count_mask(int size)
{
	return size == 8 ? 63 : 31;
}

static uint32_t put_flag(uint32_t flags, uint32_t bit, bool on)
{
	return on ? flags | bit : flags & ~bit;
}

static uint64_t extend(uint64_t v, int size)
{
	return (uint64_t)((int64_t)(v << (64 - 8 * size)) >> (64 - 8 * size));
}

static uint32_t result_flags(uint64_t res, int size)
{
	return cc_compute(CC_LOGIC + (uint32_t)__builtin_ctz((unsigned)size), extend(res, size), 0);
}

/* One shift or rotate by a non-zero count already masked; *flags is updated. Undefined OF (counts above 1) follows the formula
 * for 1; AF is cleared by shifts. */
static uint64_t shift(int op, uint64_t v, unsigned count, int size, uint32_t *flags)
{
	unsigned bits = 8 * (unsigned)size;
	uint64_t m = mask_of(size), res = v;
	uint32_t f = *flags;
	bool top;

	switch (op) {
	case OP_SHL:
		res = (v << count) & m;
		f = result_flags(res, size);
		f = put_flag(f, FL_CF, count <= bits && (v >> (bits - count) & 1));
		f = put_flag(f, FL_OF, (res >> (bits - 1) & 1) != (f & FL_CF));
		break;
	case OP_SHR:
		res = v >> count;
		f = result_flags(res, size);
		f = put_flag(f, FL_CF, v >> (count - 1) & 1);
		f = put_flag(f, FL_OF, count == 1 && (v >> (bits - 1) & 1));
		break;
	case OP_SAR: {
		int64_t s = (int64_t)extend(v, size);
		res = (uint64_t)(s >> count) & m;
		f = result_flags(res, size);
		f = put_flag(f, FL_CF, s >> (count - 1) & 1);
		f = put_flag(f, FL_OF, false);
		break;
	}
	case OP_ROL:
		count %= bits;
		res = count ? ((v << count) | (v >> (bits - count))) & m : v;
		f = put_flag(f, FL_CF, res & 1);
		f = put_flag(f, FL_OF, (res >> (bits - 1) & 1) != (f & FL_CF));
		break;
	case OP_ROR:
		count %= bits;
		res = count ? ((v >> count) | (v << (bits - count))) & m : v;
		top = res >> (bits - 1) & 1;
		f = put_flag(f, FL_CF, top);
		f = put_flag(f, FL_OF, top != (res >> (bits - 2) & 1));
		break;
	case OP_RCL:
		count %= bits + 1;
		for (unsigned k = 0; k < count; k++) {
			bool out = res >> (bits - 1) & 1;
			res = ((res << 1) | (f & FL_CF)) & m;
			f = put_flag(f, FL_CF, out);
		}
		f = put_flag(f, FL_OF, (res >> (bits - 1) & 1) != (f & FL_CF));
		break;
	case OP_RCR:
		count %= bits + 1;
		for (unsigned k = 0; k < count; k++) {
			bool out = res & 1;
			res = res >> 1 | (uint64_t)(f & FL_CF) << (bits - 1);
			f = put_flag(f, FL_CF, out);
		}
		f = put_flag(f, FL_OF, (res >> (bits - 1) & 1) != (res >> (bits - 2) & 1));
		break;
	}
	*flags = f;
	return res;
}

/* SHLD and SHRD. 16-bit counts above 16 take the bits of the concatenation src:dst:src, as processors do. */
static uint64_t double_shift(int op, uint64_t v, uint64_t src, unsigned count, int size, uint32_t *flags)
{
	unsigned bits = 8 * (unsigned)size;
	uint64_t m = mask_of(size), res;
	bool cf;

	if (size >= 4) {
		res = op == OP_SHLD ? v << count | src >> (bits - count) : v >> count | src << (bits - count);
		cf = op == OP_SHLD ? v >> (bits - count) & 1 : v >> (count - 1) & 1;
	} else {
		uint64_t wide = v << 32 | src << 16 | v;
		if (op == OP_SHLD) {
			res = wide << count >> 32;
			cf = wide << count >> 48 & 1;
		} else {
			res = wide >> count;
			cf = wide >> (count - 1) & 1;
		}
	}
	res &= m;
	uint32_t f = result_flags(res, size);
	f = put_flag(f, FL_CF, cf);
	f = put_flag(f, FL_OF, ((res ^ v) >> (bits - 1)) & 1);
	*flags = f;
	return res;
}

/* The value to shift is `value`; packed = op | size << 16 | count << 24. Sets the flags and returns the result, sign-extended. */
static uint64_t helper_shift(struct cpu *cpu, uint64_t value, uint64_t packed)
{
	int op = (int)(packed & 0xffff), size = (int)(packed >> 16 & 0xff);
	unsigned count = packed >> 24 & count_mask(size);
	uint32_t flags = cpu_get_eflags(cpu) & FL_ARITH;

	if (!count)
		return extend(value, size);
	uint64_t res = shift(op, value & mask_of(size), count, size, &flags);
	cpu_set_eflags(cpu, flags, FL_ARITH);
	return extend(res, size);
}

static uint64_t helper_double_shift(struct cpu *cpu, uint64_t value, uint64_t src, uint64_t packed)
{
	int op = (int)(packed & 0xffff), size = (int)(packed >> 16 & 0xff);
	unsigned count = packed >> 24 & count_mask(size);
	uint64_t m = mask_of(size);
	uint32_t flags;

	if (!count)
		return extend(value, size);
	uint64_t res = double_shift(op, value & m, src & m, count, size, &flags);
	cpu_set_eflags(cpu, flags, FL_ARITH);
	return extend(res, size);
}

static bool count_is_cl(const struct operand *o)
{
	return o->kind == OPD_GPR;
}

/* The value to be shifted, into T1; its address, for a memory operand, is computed again for the store after a helper call. */
static struct maddr fetch(struct tr *t, const struct insn *i, bool sign)
{
	const struct operand *d = &i->opd[0];
	struct maddr m = { 0 };

	if (d->kind == OPD_MEM) {
		m = gen_address(t, i, d->size, MEM_STORE, T0);
		gen_load_modify(t, T1, m, d->size, sign);
	} else {
		int r = gen_gpr_read(t, d->reg, d->size, sign, T1);
		if (r != T1)
			la_move(&t->e, T1, r);
	}
	return m;
}

static void put(struct tr *t, const struct insn *i, struct maddr m, int res)
{
	const struct operand *d = &i->opd[0];

	if (d->kind == OPD_MEM)
		gen_store(t, res, m, d->size);
	else
		gen_gpr_write(t, d->reg, d->size, res, true);
}

/*
 * Through a helper. A memory destination is first proved writable by storing back what was read, so that the flags are not changed by an
 * instruction that then faults.
 */
static void by_helper(struct tr *t, const struct insn *i, bool twin)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0], *count = &i->opd[twin ? 2 : 1];
	int packed = twin ? T3 : T2;

	struct maddr m = fetch(t, i, false);
	if (d->kind == OPD_MEM)
		gen_store(t, T1, m, d->size);
	int mask = (int)count_mask(d->size);
	gen_li(t, packed, (int64_t)d->size << 16 | i->op | (count_is_cl(count) ? 0 : (i->imm & mask) << 24));
	if (count_is_cl(count)) {
		la_andi(e, T5, HGPR(RCX), mask);
		la_slli_d(e, T5, T5, 24);
		la_or(e, packed, packed, T5);
	}
	if (twin)
		la_move(e, T2, HGPR(i->opd[1].reg));
	gen_helper(t, twin ? (const void *)helper_double_shift : (const void *)helper_shift);
	la_move(e, T1, T0);
	if (d->kind == OPD_MEM)
		m = gen_address(t, i, d->size, MEM_STORE, T0);
	put(t, i, m, T1);
}

/* In the guest's register itself where there is one, unless the flags want the result otherwise extended there. */
static int result_reg(const struct tr *t, const struct operand *d)
{
	if (d->kind == OPD_MEM || d->size < 4 || (d->size == 4 && t->flags_live && gen_upper_matters(t, d->reg)))
		return T1;
	return HGPR(d->reg);
}

/* The sign-extended result that is there goes where it belongs; ext: that it is, EXT_SIGN, and whether zero-extended too. */
static void put_result(struct tr *t, const struct insn *i, struct maddr m, int res, int ext)
{
	if (res == T1)
		put(t, i, m, res);
	else
		gen_wrote(t, i->opd[0].reg, i->opd[0].size, ext);
}

/* The operand of 4 or 8 bytes, loaded into T1 or in its register. */
static int whole_operand(struct tr *t, const struct insn *i, struct maddr *m)
{
	if (i->opd[0].kind != OPD_MEM)
		return HGPR(gen_copied(t, i->opd[0].reg));
	*m = fetch(t, i, true);
	return T1;
}

/* The place of SHL, SHR and SAR in tables of host instructions. */
static int row_of(const struct insn *i)
{
	return i->op == OP_SHL ? 0 : i->op == OP_SHR ? 1 : 2;
}

/* Of 32 and 64 bits. T2 = the operand shifted by one less, when CF or OF is wanted. */
static void shift_whole_const(struct tr *t, const struct insn *i, int count)
{
	static void (*const by_imm[2][3])(struct emit *, int, int, int) = {
		{ la_slli_w, la_srli_w, la_srai_w }, { la_slli_d, la_srli_d, la_srai_d },
	};
	const struct operand *d = &i->opd[0];
	void (*shift)(struct emit *, int, int, int) = by_imm[d->size == 8][row_of(i)];
	struct emit *e = &t->e;
	struct maddr m = { 0 };
	int reg = whole_operand(t, i, &m), res = result_reg(t, d);

	if (t->flags_live & (FL_CF | FL_OF))
		shift(e, T2, reg, count - 1);
	shift(e, res, reg, count);
	put_result(t, i, m, res, i->op == OP_SHR ? EXT_SIGN | EXT_ZERO : EXT_SIGN);
	gen_cc_set(t, i->op == OP_SHL ? CC_SHL : CC_SHR, d->size, res, T2);
}

/* SHR of a part of a register without flags: what is left is a field of it. */
static bool shr_is_field(struct tr *t, const struct insn *i, int count)
{
	const struct operand *d = &i->opd[0];
	bool high = gen_is_high_byte(t, d->reg, d->size);
	int lo = high ? 8 : 0, hi = lo + 8 * d->size - 1;

	if (i->op != OP_SHR || d->kind != OPD_GPR || t->flags_live || lo + count > hi)
		return false;
	la_bstrpick_d(&t->e, T1, HGPR(high ? d->reg - 4 : d->reg), hi, lo + count);
	gen_gpr_write(t, d->reg, d->size, T1, true);
	return true;
}

/* Of 8 and 16 bits. */
static void shift_const(struct tr *t, const struct insn *i, int count)
{
	struct emit *e = &t->e;
	int size = i->opd[0].size, bits = 8 * size;
	bool cf = t->flags_live & (FL_CF | FL_OF);

	if (shr_is_field(t, i, count))
		return;
	struct maddr m = fetch(t, i, i->op != OP_SHR);
	switch (i->op) {
	case OP_SHL:
		if (cf) {
			la_slli_d(e, T2, T1, count - 1 + 64 - bits);
			la_srai_d(e, T2, T2, 64 - bits);
		}
		if (count == bits) {
			la_move(e, T1, H_ZERO);
			break;
		}
		la_slli_d(e, T1, T1, count + 64 - bits);
		la_srai_d(e, T1, T1, 64 - bits);
		break;
	case OP_SHR:
		if (cf) {
			la_srli_d(e, T2, T1, count - 1);
			if (count == 1) { /* bit 0 is CF, the sign OF */
				la_slli_d(e, T2, T2, 64 - bits);
				la_srai_d(e, T2, T2, 64 - bits);
			}
		}
		la_srli_d(e, T1, T1, count);
		break;
	default:
		if (cf)
			la_srai_d(e, T2, T1, count - 1);
		la_srai_d(e, T1, T1, count);
		break;
	}
	put(t, i, m, T1);
	gen_cc_set(t, i->op == OP_SHL ? CC_SHL : CC_SHR, size, T1, T2);
}

static void (*const by_reg[2][3])(struct emit *, int, int, int) = {
	{ la_sll_w, la_srl_w, la_sra_w }, { la_sll_d, la_srl_d, la_sra_d },
};

/* By CL with dead flags: a count of 0 is just a shift by 0, and the host takes as many bits of the count. Counts beyond the size of small operands
 * shift everything out, as on the host. */
static void shift_cl(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];
	struct maddr m = { 0 };
	int reg = T1, res = result_reg(t, d);

	if (d->size < 4)
		m = fetch(t, i, i->op == OP_SAR);
	else
		reg = whole_operand(t, i, &m);
	by_reg[d->size == 8][row_of(i)](&t->e, res, reg, HGPR(RCX));
	put_result(t, i, m, res, EXT_SIGN);
}

/* Of 32 and 64 bits by CL: sets the flags unless the count is 0. */
static void shift_cl_flags(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];
	void (*shift)(struct emit *, int, int, int) = by_reg[d->size == 8][row_of(i)];
	struct emit *e = &t->e;
	struct maddr m = { 0 };

	gen_cc_sync(t);
	int reg = whole_operand(t, i, &m), res = result_reg(t, d);
	la_andi(e, T5, HGPR(RCX), count_mask(d->size));
	la_addi_d(e, T3, T5, -1);
	shift(e, T2, reg, T3);
	shift(e, res, reg, HGPR(RCX));
	put_result(t, i, m, res, EXT_SIGN);
	gen_cc_set_if(t, T5, i->op == OP_SHL ? CC_SHL : CC_SHR, d->size, res, T2);
}

static void rotate_whole(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	struct maddr m = { 0 };
	int size = i->opd[0].size, bits = 8 * size;
	int reg = whole_operand(t, i, &m), res = result_reg(t, &i->opd[0]);

	if (count_is_cl(&i->opd[1])) {
		int count = HGPR(RCX);
		if (i->op == OP_ROL) {
			la_sub_w(e, T2, H_ZERO, count);
			count = T2;
		}
		(size == 8 ? la_rotr_d : la_rotr_w)(e, res, reg, count);
	} else {
		int n = (int)i->imm & (bits - 1);
		(size == 8 ? la_rotri_d : la_rotri_w)(e, res, reg, i->op == OP_ROL ? (bits - n) & (bits - 1) : n);
	}
	put_result(t, i, m, res, EXT_SIGN);
}

static void double_shift_whole(struct tr *t, const struct insn *i, int n)
{
	struct emit *e = &t->e;
	int src = HGPR(i->opd[1].reg), size = i->opd[0].size, back = 8 * size - n;
	struct maddr m = { 0 };
	int reg = whole_operand(t, i, &m), res = result_reg(t, &i->opd[0]);
	void (*left)(struct emit *, int, int, int) = size == 8 ? la_slli_d : la_slli_w;
	void (*right)(struct emit *, int, int, int) = size == 8 ? la_srli_d : la_srli_w;

	(i->op == OP_SHLD ? right : left)(e, T2, src, back);
	(i->op == OP_SHLD ? left : right)(e, res, reg, n);
	la_or(e, res, res, T2);
	put_result(t, i, m, res, EXT_SIGN);
}

/*
 * SHLD and SHRD by CL with dead flags. Of 32 bits: a shift of both operands side by side. Of 64: what comes in is shifted by 1 and by the rest, so that
 * nothing does for a count of 0.
 */
static void double_shift_cl(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int src = HGPR(i->opd[1].reg), size = i->opd[0].size;
	struct maddr m = { 0 };
	int reg = whole_operand(t, i, &m), res = result_reg(t, &i->opd[0]);
	bool left = i->op == OP_SHLD;

	if (size == 8) {
		(left ? la_srli_d : la_slli_d)(e, T2, src, 1);
		la_xori(e, T3, HGPR(RCX), 63);
		(left ? la_srl_d : la_sll_d)(e, T2, T2, T3);
		(left ? la_sll_d : la_srl_d)(e, T3, reg, HGPR(RCX));
		la_or(e, res, T3, T2);
	} else {
		la_move(e, T2, left ? src : reg);
		la_bstrins_d(e, T2, left ? reg : src, 63, 32);
		la_andi(e, T3, HGPR(RCX), 31);
		(left ? la_sll_d : la_srl_d)(e, T2, T2, T3);
		if (left)
			la_srai_d(e, res, T2, 32);
		else
			la_slli_w(e, res, T2, 0);
	}
	put_result(t, i, m, res, EXT_SIGN);
}

int gen_shift(struct tr *t, const struct insn *i)
{
	bool twin = i->op == OP_SHLD || i->op == OP_SHRD;

	switch (i->op) {
	case OP_SHL:
	case OP_SHR:
	case OP_SAR:
	case OP_ROL:
	case OP_ROR:
	case OP_RCL:
	case OP_RCR:
	case OP_SHLD:
	case OP_SHRD:
		break;
	default:
		return -1;
	}
	const struct operand *count = &i->opd[twin ? 2 : 1];
	bool cl = count_is_cl(count), dead = !t->flags_live;
	int size = i->opd[0].size, n = (int)i->imm & (int)count_mask(size);
	bool plain = i->op == OP_SHL || i->op == OP_SHR || i->op == OP_SAR;

	if (plain && !cl && n && size >= 4)
		shift_whole_const(t, i, n);
	else if (plain && !cl && n && n <= 8 * size)
		shift_const(t, i, n);
	else if (plain && cl && dead)
		shift_cl(t, i);
	else if (plain && cl && size >= 4)
		shift_cl_flags(t, i);
	else if ((i->op == OP_ROL || i->op == OP_ROR) && size >= 4 && dead)
		rotate_whole(t, i);
	else if (twin && !cl && dead && size >= 4 && n)
		double_shift_whole(t, i, n);
	else if (twin && cl && dead && size >= 4)
		double_shift_cl(t, i);
	else
		by_helper(t, i, twin);
	return 0;
}
