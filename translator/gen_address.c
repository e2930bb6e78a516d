/* Memory operands: effective addresses, segments, the stack. Accesses are in gen_access.c. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/mmu.h"
#include "translator/seg.h"

#define DISP_MAX (2047 - 15)

static bool fits(int64_t v)
{
	return v >= -2048 && v <= DISP_MAX;
}

/* The part of a displacement that is left to the access itself. */
static int low_part(int64_t disp)
{
	int low = (int)((disp & 0xfff) ^ 0x800) - 0x800;

	return fits(low) ? low : 0;
}

int64_t gen_high_part(int32_t disp)
{
	return fits(disp) ? 0 : (int64_t)sx32((uint64_t)(int64_t)disp - (uint64_t)(int64_t)low_part(disp));
}

/* A constant address; tmp holds the most of it. */
static struct maddr constant_address(struct tr *t, uint64_t address, int tmp)
{
	int low = low_part((int64_t)address);
	uint64_t rest = address - (uint64_t)(int64_t)low;

	if (!rest)
		return (struct maddr){ .reg = H_ZERO, .disp = low };
	gen_li(t, tmp, (int64_t)rest);
	return (struct maddr){ .reg = tmp, .disp = low };
}

/* The sum of base, index and displacement. Where it is one register plus a small displacement it stays in that form. */
static struct maddr effective32(struct tr *t, const struct insn *i, int tmp)
{
	struct emit *e = &t->e;
	struct maddr a = { .reg = tmp, .disp = i->disp };
	bool has_base = i->base != REG_NONE, has_index = i->index != REG_NONE;
	int held = has_base != has_index && !i->scale ? gen_held(t, i->disp) : H_ZERO;

	if (held) {
		la_add_w(e, tmp, HGPR(has_base ? i->base : i->index), held);
		a.disp = 0;
		return a;
	}
	if (has_index) {
		int index = HGPR(i->index), base = has_base ? HGPR(i->base) : H_ZERO;
		if (!has_base && !fits(a.disp)) {
			a.disp = low_part(i->disp);
			base = gen_constant(t, gen_high_part(i->disp), T7);
		}
		if (i->scale)
			la_alsl_w(e, tmp, index, base, i->scale);
		else
			la_add_w(e, tmp, index, base);
	} else if (has_base) {
		a.reg = HGPR(i->base);
	} else {
		int low = low_part(i->disp);
		a.reg = gen_constant(t, sx32((uint64_t)(int64_t)i->disp - (uint64_t)(int64_t)low), tmp);
		a.disp = low;
		return a;
	}
	if (!fits(a.disp)) {
		la_add_w(e, tmp, a.reg, gen_constant(t, gen_high_part(i->disp), T7));
		a.reg = tmp;
		a.disp = low_part(i->disp);
	}
	return a;
}

/* As effective32(), where sums may be in other registers than tmp. */
static struct maddr reusable32(struct tr *t, const struct insn *i, int tmp)
{
	int low = fits(i->disp) ? i->disp : low_part(i->disp);

	if (i->index == REG_NONE && (i->base == REG_NONE || fits(i->disp)))
		return effective32(t, i, tmp);
	return gen_reuse_sum(t, i, gen_reuse_sums(t, i), sx32((uint64_t)(int64_t)i->disp - (uint64_t)(int64_t)low), low);
}

/* As effective32() with the sum zero-extended, for 32-bit addresses in long mode. */
static struct maddr effective32_zero(struct tr *t, const struct insn *i, int tmp)
{
	if (i->rip_rel)
		return constant_address(t, (uint32_t)(t->next_eip + (uint64_t)(int64_t)i->disp), tmp);
	if (i->base == REG_NONE && i->index == REG_NONE)
		return constant_address(t, (uint32_t)i->disp, tmp);
	struct maddr a = effective32(t, i, tmp);
	if (gen_is_long(t) && a.disp) {
		la_addi_d(&t->e, tmp, a.reg, a.disp);
		a = (struct maddr){ .reg = tmp, .disp = 0 };
	}
	la_bstrpick_d(&t->e, tmp, a.reg, 31, 0);
	a.reg = tmp;
	return a;
}

/* tmp = reg + disp but for a small part of disp. */
static struct maddr add_displacement(struct tr *t, int reg, int64_t disp, int tmp)
{
	struct emit *e = &t->e;
	int low = low_part(disp);
	int64_t rest = disp - low;

	if (fits(disp))
		return (struct maddr){ .reg = reg, .disp = (int)disp };
	if (!(rest & 0xffff) && rest == (int32_t)rest) {
		la_addu16i_d(e, tmp, reg, (int)(rest >> 16));
	} else {
		gen_li(t, T7, rest);
		la_add_d(e, tmp, reg, T7);
	}
	return (struct maddr){ .reg = tmp, .disp = low };
}

/* MOV with an address of 64 bits in the instruction. */
static bool has_offset64(const struct insn *i)
{
	return i->op == OP_MOV && (i->opcode & 0xfc) == 0xa0;
}

static struct maddr effective64(struct tr *t, const struct insn *i, int tmp)
{
	struct emit *e = &t->e;

	if (i->rip_rel)
		return constant_address(t, t->next_eip + (uint64_t)(int64_t)i->disp, tmp);
	if (i->index != REG_NONE) {
		int base = i->base != REG_NONE ? HGPR(i->base) : H_ZERO;
		int64_t disp = i->disp;
		if (!base && !fits(disp)) {
			disp = low_part(disp);
			gen_li(t, T7, i->disp - disp);
			base = T7;
		}
		if (i->scale)
			la_alsl_d(e, tmp, HGPR(i->index), base, i->scale);
		else
			la_add_d(e, tmp, HGPR(i->index), base);
		return add_displacement(t, tmp, disp, tmp);
	}
	if (i->base != REG_NONE)
		return add_displacement(t, HGPR(i->base), i->disp, tmp);
	return constant_address(t, has_offset64(i) ? (uint64_t)i->imm : (uint64_t)(int64_t)i->disp, tmp);
}

/* In long mode, by address size. */
static struct maddr effective_long(struct tr *t, const struct insn *i, int tmp)
{
	return i->addrsize == 8 ? effective64(t, i, tmp) : effective32_zero(t, i, tmp);
}

static void effective16(struct tr *t, const struct insn *i, int rd)
{
	struct emit *e = &t->e;

	if (i->base == REG_NONE && i->index == REG_NONE) {
		gen_li(t, rd, i->disp & 0xffff);
		return;
	}
	int first = i->base != REG_NONE ? HGPR(i->base) : HGPR(i->index);
	if (i->base != REG_NONE && i->index != REG_NONE) {
		la_add_d(e, rd, first, HGPR(i->index));
		first = rd;
	}
	if (la_is_si12(i->disp)) {
		if (i->disp) {
			la_addi_d(e, rd, first, i->disp);
			first = rd;
		}
	} else {
		gen_li(t, T7, i->disp);
		la_add_d(e, rd, first, T7);
		first = rd;
	}
	la_bstrpick_d(e, rd, first, 15, 0);
}

void gen_effective_low(struct tr *t, const struct insn *i, int rd)
{
	if (i->rip_rel) {
		gen_li(t, rd, (int64_t)sx32(t->next_eip + (uint64_t)(int64_t)i->disp));
		return;
	}
	/* rd itself is the sum of nothing but the base, which may have any upper half in 64-bit code */
	bool extended = i->base == REG_NONE || i->index != REG_NONE || i->disp || gen_is_sext(t, i->base);
	struct maddr a = effective32(t, i, rd);
	if (a.disp || a.reg != rd || !extended)
		la_addi_w(&t->e, rd, a.reg, a.disp);
}

void gen_effective(struct tr *t, const struct insn *i, int rd)
{
	if (i->addrsize == 2) {
		effective16(t, i, rd);
		return;
	}
	struct maddr a = gen_is_long(t) ? effective_long(t, i, rd) : effective32(t, i, rd);
	if (!a.disp && a.reg == rd)
		return;
	if (gen_is_long(t))
		la_addi_d(&t->e, rd, a.reg, a.disp);
	else
		la_addi_w(&t->e, rd, a.reg, a.disp);
}

static int seg_field(int seg, size_t field)
{
	return (int)(offsetof(struct cpu, seg) + (size_t)seg * sizeof(struct seg) + field);
}

/* reg holds the zero-extended offset, and `end` that of the last byte, which reg itself may hold, `behind` bytes behind: adds the base to reg, after the limit check. */
static void check_segment(struct tr *t, int seg, unsigned size, int write, int reg, int end, int behind)
{
	struct emit *e = &t->e;

	la_ld_d(e, T6, H_CPU, seg_field(seg, write ? offsetof(struct seg, wr_end) : offsetof(struct seg, rd_end)));
	uint32_t *site = e->p;
	la_bgeu(e, end, T6, 0);
	la_ld_d(e, T6, H_CPU, seg_field(seg, offsetof(struct seg, base)));
	la_add_w(e, reg, reg, T6);
	if (gen_is_compat(t))
		la_bstrpick_d(e, reg, reg, 31, 0);
	gen_add_slow(t, (struct slow_path){
		.kind = SLOW_SEGMENT, .site = site, .resume = e->p, .eip = t->eip,
		.reg = reg, .disp = behind, .seg = (uint8_t)seg, .size = (uint8_t)size, .write = (uint8_t)write,
	});
}

/* reg holds the zero-extended offset: adds the base, after the limit check. */
static void add_segment(struct tr *t, int seg, unsigned size, int write, int reg)
{
	int end = reg;

	if (size > 1) {
		la_addi_d(&t->e, T7, reg, (int)size - 1);
		end = T7;
	}
	check_segment(t, seg, size, write, reg, end, 0);
}

/* An operand of up to 8 bytes at a constant offset: relative to its last byte, which is what the limit is compared with. */
static struct maddr constant_in_segment(struct tr *t, int seg, unsigned size, int write, uint32_t offset, int tmp)
{
	int more = size > 1 && size <= 8 && !gen_is_compat(t) ? (int)size - 1 : 0;

	gen_li(t, tmp, (int64_t)offset + more);
	if (more)
		check_segment(t, seg, size, write, tmp, tmp, more);
	else
		add_segment(t, seg, size, write, tmp);
	return (struct maddr){ .reg = tmp, .disp = -more };
}

/* 64-bit code: adds the base of FS or GS. */
static struct maddr add_base64(struct tr *t, int seg, struct maddr a, int tmp)
{
	struct emit *e = &t->e;
	int base = a.reg == H_ZERO ? tmp : T6;

	la_ld_d(e, base, H_CPU, seg_field(seg, offsetof(struct seg, base)));
	if (base != tmp)
		la_add_d(e, tmp, a.reg, base);
	return (struct maddr){ .reg = tmp, .disp = a.disp };
}

/*
 * The register to be checked before the operand is accessed, or -1. Constant displacements, the bases of FS and GS, which are canonical, and
 * 32-bit sums do not lead from a checked address into a direct-mapped window.
 */
static int register_to_check(struct tr *t, const struct insn *i, int sum)
{
	if (i->addrsize == 4 || i->rip_rel)
		return -1;
	if (i->index != REG_NONE && !gen_is_small(t, HGPR(i->index)))
		return sum;
	if (i->base != REG_NONE)
		return HGPR(i->base);
	return has_offset64(i) && !mmu_canonical((uint64_t)i->imm) ? sum : -1;
}

/* As effective64(), where sums may be in other registers than tmp. */
static struct maddr reusable64(struct tr *t, const struct insn *i, int tmp)
{
	int low = fits(i->disp) ? i->disp : low_part(i->disp);
	unsigned sums = gen_reuse_sums(t, i);

	if (!sums || (i->index == REG_NONE && (i->base == REG_NONE || fits(i->disp))))
		return effective_long(t, i, tmp);
	return gen_reuse_sum(t, i, sums, (int64_t)i->disp - low, low);
}

static struct maddr operand64(struct tr *t, const struct insn *i, int tmp)
{
	struct maddr a = reusable64(t, i, tmp);
	int check = register_to_check(t, i, a.reg);

	if (check >= 0)
		gen_check_base(t, check);
	if (!gen_seg_is_flat(t, i->seg))
		a = add_base64(t, i->seg, a, tmp);
	return a;
}

static struct maddr operand_address(struct tr *t, const struct insn *i, unsigned size, int write, int tmp)
{
	struct emit *e = &t->e;

	if (gen_is_long(t))
		return operand64(t, i, tmp);
	if (gen_seg_is_flat(t, i->seg)) {
		if (i->addrsize == 4)
			return gen_is_compat(t) ? effective32_zero(t, i, tmp) : reusable32(t, i, tmp);
		effective16(t, i, tmp);
		return (struct maddr){ .reg = tmp, .disp = 0 };
	}
	if (i->addrsize == 2) {
		effective16(t, i, tmp);
	} else if (i->base == REG_NONE && i->index == REG_NONE) {
		return constant_in_segment(t, i->seg, size, write, (uint32_t)i->disp, tmp);
	} else {
		struct maddr a = effective32(t, i, tmp);
		la_addi_d(e, tmp, a.reg, a.disp);
		la_bstrpick_d(e, tmp, tmp, 31, 0);
	}
	add_segment(t, i->seg, size, write, tmp);
	return (struct maddr){ .reg = tmp, .disp = 0 };
}

/*
 * With alignment checking on, #AC(0) unless the address is a multiple of `align` (a power of two). One that is not canonical is left to the access.
 * Clobbers T7.
 */
static void check_alignment(struct tr *t, struct maddr a, unsigned align)
{
	struct emit *e = &t->e;

	if (!(t->mode & MODE_AC) || align < 2)
		return;
	la_addi_d(e, T7, a.reg, a.disp);
	la_andi(e, T7, T7, align - 1);
	uint32_t *site = e->p;
	if (!(t->mode & MODE_LONG)) {
		la_bnez(e, T7, 0);
		gen_raise_at(t, site, EXC_AC);
		return;
	}
	la_beqz(e, T7, 0);
	la_addi_d(e, T7, a.reg, a.disp);
	la_srai_d(e, T7, T7, 47);
	la_addi_d(e, T7, T7, 1);
	la_srli_d(e, T7, T7, 1); /* 0 where it was 0 or -1 */
	uint32_t *canonical = e->p;
	la_beqz(e, T7, 0);
	gen_raise_at(t, canonical, EXC_AC);
	emit_fix_branch(site, e->p);
}

/* Operands that consist of two parts of the operand size. */
static bool is_pair(const struct insn *i)
{
	switch (i->op) {
	case OP_JMPF:
	case OP_CALLF:
	case OP_LDS:
	case OP_LES:
	case OP_LSS:
	case OP_LFS:
	case OP_LGS:
	case OP_BOUND:
		return true;
	}
	return false;
}

/*
 * SDM 3A, table 6-7 "Alignment Requirements by Data Type". Operands of 16 bytes that need not be aligned for their own sake (MOVUPS) are
 * not checked, as on processors of Intel; those of FXSAVE raise #GP.
 */
static unsigned alignment_of(const struct insn *i, unsigned size)
{
	if (is_pair(i))
		return i->opsize;
	switch (size) {
	case 2:
	case 4:
	case 8:
		return size;
	case 14: /* x87 environment and state, in the format of the operand size */
	case 94:
		return 2;
	case 6:  /* GDTR, IDTR */
	case 28:
	case 108:
		return 4;
	case 10: /* x87 extended and decimal */
		return 8;
	default:
		return 1;
	}
}

/* Whether an access takes code beside it: with alignment checking on, or data breakpoints. */
static bool is_observed(const struct tr *t)
{
	return t->mode & (MODE_AC | MODE_DBG);
}

static __attribute__((noinline)) void observe(struct tr *t, struct maddr a, unsigned align, unsigned size, int write)
{
	check_alignment(t, a, align);
	gen_watch(t, a, size, write);
}

static __attribute__((noinline)) struct maddr based64(struct tr *t, const struct insn *i)
{
	gen_check_base(t, HGPR(i->base));
	return (struct maddr){ .reg = HGPR(i->base), .disp = i->disp };
}

static __attribute__((noinline)) struct maddr any_address(struct tr *t, const struct insn *i, unsigned size, int write, int tmp)
{
	struct maddr a = operand_address(t, i, size, write, tmp);

	if (is_observed(t))
		observe(t, a, alignment_of(i, size), size, write);
	return a;
}

/* Most operands: a register and a small displacement, in a flat segment. */
static bool is_based(const struct tr *t, const struct insn *i)
{
	if (i->index != REG_NONE || i->base == REG_NONE || !fits(i->disp) || is_observed(t) || gen_is_compat(t))
		return false;
	return gen_seg_is_flat(t, i->seg) && i->addrsize == (gen_is_long(t) ? 8 : 4);
}

struct maddr gen_address(struct tr *t, const struct insn *i, unsigned size, int write, int tmp)
{
	if (is_based(t, i))
		return gen_is_long(t) ? based64(t, i) : (struct maddr){ .reg = HGPR(i->base), .disp = i->disp };
	return any_address(t, i, size, write, tmp);
}

static void linear64(struct tr *t, int seg, int addrsize, int reg)
{
	struct emit *e = &t->e;

	if (addrsize == 4)
		la_bstrpick_d(e, reg, reg, 31, 0);
	if (addrsize == 8)
		gen_check_base(t, reg);
	if (!gen_seg_is_flat(t, seg))
		add_base64(t, seg, (struct maddr){ .reg = reg, .disp = 0 }, reg);
}

static void linear_of(struct tr *t, int seg, int addrsize, unsigned size, int write, int reg)
{
	struct emit *e = &t->e;

	if (gen_is_long(t)) {
		linear64(t, seg, addrsize, reg);
		return;
	}
	if (gen_seg_is_flat(t, seg) && addrsize == 4 && !gen_is_compat(t)) {
		la_slli_w(e, reg, reg, 0);
		return;
	}
	la_bstrpick_d(e, reg, reg, addrsize == 2 ? 15 : 31, 0);
	if (!gen_seg_is_flat(t, seg))
		add_segment(t, seg, size, write, reg);
}

struct maddr gen_address_of(struct tr *t, int seg, int addrsize, unsigned size, int write, int reg)
{
	struct maddr a = { .reg = reg, .disp = 0 };

	linear_of(t, seg, addrsize, size, write, reg);
	if (is_observed(t))
		observe(t, a, size, size, write);
	return a;
}

static struct maddr stack_address(struct tr *t, int delta, unsigned size, int write, int tmp)
{
	struct emit *e = &t->e;

	if (gen_is_long(t)) {
		gen_check_base(t, HGPR(RSP));
		return (struct maddr){ .reg = HGPR(RSP), .disp = delta };
	}
	if ((t->mode & (MODE_SS_FLAT | MODE_SS32)) == (MODE_SS_FLAT | MODE_SS32) && !gen_is_compat(t))
		return (struct maddr){ .reg = HGPR(RSP), .disp = delta };
	int from = HGPR(RSP);
	if (delta) {
		la_addi_d(e, tmp, from, delta);
		from = tmp;
	}
	la_bstrpick_d(e, tmp, from, t->mode & MODE_SS32 ? 31 : 15, 0);
	if (t->mode & MODE_SS_FLAT)
		return (struct maddr){ .reg = tmp, .disp = 0 };
	add_segment(t, SEG_SS, size, write, tmp);
	return (struct maddr){ .reg = tmp, .disp = 0 };
}

struct maddr gen_stack(struct tr *t, int delta, unsigned size, int write, int tmp)
{
	struct maddr a = stack_address(t, delta + t->sp_late, size, write, tmp);

	if (is_observed(t))
		observe(t, a, size, size, write);
	return a;
}
