/* SHL SHR SAR ROL ROR RCL RCR SHLD SHRD. Counts that are constants are inline; by CL they are inline while the flags are dead. */
#include "translator/cpu.h"
#include "translator/tr.h"

static uint32_t mask_of(int size)
{
	return size == 4 ? 0xffffffffu : (1u << (8 * size)) - 1;
}

static uint32_t put_flag(uint32_t flags, uint32_t bit, bool on)
{
	return on ? flags | bit : flags & ~bit;
}

static uint32_t result_flags(uint32_t res, int size)
{
	uint64_t dst = (uint64_t)((int64_t)((uint64_t)res << (64 - 8 * size)) >> (64 - 8 * size));

	return cc_compute(CC_LOGIC + (size == 1 ? 0 : size == 2 ? 1 : 2), dst, 0);
}

/* One shift or rotate by a non-zero count already masked to 5 bits; *flags is updated. Undefined OF (counts above 1) follows the formula
 * for 1; AF is cleared by shifts. */
static uint32_t shift(int op, uint32_t v, unsigned count, int size, uint32_t *flags)
{
	unsigned bits = 8 * (unsigned)size;
	uint32_t m = mask_of(size), f = *flags, res = v;
	bool top;

	switch (op) {
	case OP_SHL:
		res = (uint32_t)(((uint64_t)v << count) & m);
		f = result_flags(res, size);
		f = put_flag(f, FL_CF, count <= bits && (((uint64_t)v << count) >> bits & 1));
		f = put_flag(f, FL_OF, (res >> (bits - 1) & 1) != (f & FL_CF));
		break;
	case OP_SHR:
		res = (uint32_t)((uint64_t)v >> count);
		f = result_flags(res, size);
		f = put_flag(f, FL_CF, (uint64_t)v >> (count - 1) & 1);
		f = put_flag(f, FL_OF, count == 1 && (v >> (bits - 1) & 1));
		break;
	case OP_SAR: {
		int64_t s = (int64_t)((uint64_t)v << (64 - bits)) >> (64 - bits);
		res = (uint32_t)(s >> count) & m;
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
			res = res >> 1 | (f & FL_CF) << (bits - 1);
			f = put_flag(f, FL_CF, out);
		}
		f = put_flag(f, FL_OF, (res >> (bits - 1) & 1) != (res >> (bits - 2) & 1));
		break;
	}
	*flags = f;
	return res;
}

/* SHLD and SHRD. 16-bit counts above 16 take the bits of the concatenation src:dst:src, as processors do. */
static uint32_t double_shift(int op, uint32_t v, uint32_t src, unsigned count, int size, uint32_t *flags)
{
	unsigned bits = 8 * (unsigned)size;
	uint32_t m = mask_of(size), res;
	bool cf;

	if (size == 4) {
		uint64_t wide = op == OP_SHLD ? (uint64_t)v << 32 | src : (uint64_t)src << 32 | v;
		res = (uint32_t)(op == OP_SHLD ? wide << count >> 32 : wide >> count);
		cf = op == OP_SHLD ? v >> (32 - count) & 1 : v >> (count - 1) & 1;
	} else {
		uint64_t wide = (uint64_t)v << 32 | (uint64_t)src << 16 | v;
		if (op == OP_SHLD) {
			res = (uint32_t)(wide << count >> 32) & m;
			cf = wide << count >> 48 & 1;
		} else {
			res = (uint32_t)(wide >> count) & m;
			cf = wide >> (count - 1) & 1;
		}
	}
	uint32_t f = result_flags(res, size);
	f = put_flag(f, FL_CF, cf);
	f = put_flag(f, FL_OF, ((res ^ v) >> (bits - 1)) & 1);
	*flags = f;
	return res;
}

/* The value to shift is `value`; packed = op | size << 16 | count << 24. Sets the flags and returns the result. */
static uint64_t helper_shift(struct cpu *cpu, uint64_t value, uint64_t packed)
{
	int op = (int)(packed & 0xffff), size = (int)(packed >> 16 & 0xff);
	unsigned count = packed >> 24 & 31;
	uint32_t flags = cpu_get_eflags(cpu) & FL_ARITH;
	uint32_t v = (uint32_t)value & mask_of(size);

	if (!count)
		return sx32(value);
	uint32_t res = shift(op, v, count, size, &flags);
	cpu_set_eflags(cpu, flags, FL_ARITH);
	return sx32(res);
}

static uint64_t helper_double_shift(struct cpu *cpu, uint64_t value, uint64_t src, uint64_t packed)
{
	int op = (int)(packed & 0xffff), size = (int)(packed >> 16 & 0xff);
	unsigned count = packed >> 24 & 31;
	uint32_t flags;

	if (!count)
		return sx32(value);
	uint32_t m = mask_of(size);
	uint32_t res = double_shift(op, (uint32_t)value & m, (uint32_t)src & m, count, size, &flags);
	cpu_set_eflags(cpu, flags, FL_ARITH);
	return sx32(res);
}

static bool count_is_cl(const struct operand *o)
{
	return o->kind == OPD_GPR;
}

/* The value to be shifted, into T1; its address, for a memory operand, is computed again for the store after a helper call. */
static struct maddr fetch(struct tr *t, const struct insn *i, bool sign)
{
	const struct operand *d = &i->opd[0];
	struct maddr m = { 0, 0 };

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
	gen_li(t, packed, (int64_t)d->size << 16 | i->op | (count_is_cl(count) ? 0 : (i->imm & 31) << 24));
	if (count_is_cl(count)) {
		la_andi(e, T5, HGPR(RCX), 31);
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

/* Of 32 bits, in the guest's register itself where there is one. T2 = the operand shifted by one less, when CF or OF is wanted. */
static void shift32_const(struct tr *t, const struct insn *i, int count)
{
	void (*shift)(struct emit *, int, int, int) = i->op == OP_SHL ? la_slli_w : i->op == OP_SHR ? la_srli_w : la_srai_w;
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0];
	int reg = d->kind == OPD_MEM ? T1 : HGPR(d->reg);
	struct maddr m = { 0, 0 };

	if (d->kind == OPD_MEM)
		m = fetch(t, i, true);
	if (t->flags_live & (FL_CF | FL_OF))
		shift(e, T2, reg, count - 1);
	shift(e, reg, reg, count);
	if (d->kind == OPD_MEM)
		gen_store(t, reg, m, 4);
	gen_cc_set(t, i->op == OP_SHL ? CC_SHL : CC_SHR, 4, reg, T2);
}

/* Of 8 and 16 bits. */
static void shift_const(struct tr *t, const struct insn *i, int count)
{
	struct emit *e = &t->e;
	int size = i->opd[0].size, bits = 8 * size;
	bool cf = t->flags_live & (FL_CF | FL_OF);

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

/* By CL with dead flags: a count of 0 is just a shift by 0. Counts beyond the size of small operands shift everything out, as on the host. */
static void shift_cl(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	struct maddr m = fetch(t, i, i->op == OP_SAR);
	la_andi(e, T2, HGPR(RCX), 31);
	if (i->op == OP_SHL) {
		la_sll_w(e, T1, T1, T2);
	} else if (i->op == OP_SHR) {
		la_srl_w(e, T1, T1, T2);
	} else {
		la_sra_w(e, T1, T1, T2);
	}
	put(t, i, m, T1);
}

static void rotate32(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	struct maddr m = fetch(t, i, true);
	if (count_is_cl(&i->opd[1])) {
		if (i->op == OP_ROL) {
			la_sub_w(e, T2, H_ZERO, HGPR(RCX));
			la_rotr_w(e, T1, T1, T2);
		} else {
			la_rotr_w(e, T1, T1, HGPR(RCX));
		}
	} else {
		int n = (int)i->imm & 31;
		la_rotri_w(e, T1, T1, i->op == OP_ROL ? (32 - n) & 31 : n);
	}
	put(t, i, m, T1);
}

static void double_shift32(struct tr *t, const struct insn *i, int n)
{
	struct emit *e = &t->e;
	int src = HGPR(i->opd[1].reg);

	struct maddr m = fetch(t, i, true);
	if (i->op == OP_SHLD) {
		la_slli_w(e, T1, T1, n);
		la_srli_w(e, T2, src, 32 - n);
	} else {
		la_srli_w(e, T1, T1, n);
		la_slli_w(e, T2, src, 32 - n);
	}
	la_or(e, T1, T1, T2);
	put(t, i, m, T1);
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
	int n = (int)i->imm & 31, size = i->opd[0].size;
	bool plain = i->op == OP_SHL || i->op == OP_SHR || i->op == OP_SAR;

	if (plain && !cl && n && size == 4)
		shift32_const(t, i, n);
	else if (plain && !cl && n && n <= 8 * size)
		shift_const(t, i, n);
	else if (plain && cl && dead)
		shift_cl(t, i);
	else if ((i->op == OP_ROL || i->op == OP_ROR) && size == 4 && dead)
		rotate32(t, i);
	else if (twin && !cl && dead && size == 4 && n)
		double_shift32(t, i, n);
	else
		by_helper(t, i, twin);
	return 0;
}
