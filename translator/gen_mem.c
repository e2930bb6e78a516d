/* Memory operands: effective addresses, segments, loads and stores, the stack. */
#include "translator/cpu.h"
#include "translator/seg.h"
#include "translator/tr.h"

#define DISP_MAX (2047 - 15)

static bool fits(int64_t v)
{
	return v >= -2048 && v <= DISP_MAX;
}

void gen_li(struct tr *t, int rd, int64_t value)
{
	la_li(&t->e, rd, value);
}

void gen_sign_extend(struct tr *t, int rd, int rs, int size)
{
	if (size == 4)
		la_slli_w(&t->e, rd, rs, 0);
	else if (size == 2)
		la_ext_w_h(&t->e, rd, rs);
	else
		la_ext_w_b(&t->e, rd, rs);
}

int gen_gpr_read(struct tr *t, int reg, int size, bool sign, int tmp)
{
	struct emit *e = &t->e;

	if (size >= 4)
		return HGPR(reg);
	if (size == 2) {
		if (sign)
			la_ext_w_h(e, tmp, HGPR(reg));
		else
			la_bstrpick_d(e, tmp, HGPR(reg), 15, 0);
		return tmp;
	}
	if (reg < 4) {
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

void gen_gpr_write(struct tr *t, int reg, int size, int rs, bool sexted)
{
	struct emit *e = &t->e;

	if (size == 1 && reg < 4)
		la_bstrins_d(e, HGPR(reg), rs, 7, 0);
	else if (size == 1)
		la_bstrins_d(e, HGPR(reg - 4), rs, 15, 8);
	else if (size == 2)
		la_bstrins_d(e, HGPR(reg), rs, 15, 0);
	else if (sexted)
		la_move(e, HGPR(reg), rs);
	else
		la_slli_w(e, HGPR(reg), rs, 0);
}

/* The sum of base, index and displacement. Where it is one register plus a small displacement it stays in that form. */
static struct maddr effective32(struct tr *t, const struct insn *i, int tmp)
{
	struct emit *e = &t->e;
	struct maddr a = { tmp, i->disp };
	bool has_base = i->base != REG_NONE, has_index = i->index != REG_NONE;

	if (has_index) {
		int index = HGPR(i->index);
		if (i->scale)
			la_alsl_w(e, tmp, index, has_base ? HGPR(i->base) : H_ZERO, i->scale);
		else
			la_add_w(e, tmp, index, has_base ? HGPR(i->base) : H_ZERO);
	} else if (has_base) {
		a.reg = HGPR(i->base);
	} else {
		int low = (int)((i->disp & 0xfff) ^ 0x800) - 0x800;
		if (!fits(low))
			low = 0;
		gen_li(t, tmp, sx32((uint64_t)(int64_t)i->disp - (uint64_t)(int64_t)low));
		a.disp = low;
		return a;
	}
	if (!fits(a.disp)) {
		gen_li(t, T7, a.disp);
		la_add_w(e, tmp, a.reg, T7);
		a.reg = tmp;
		a.disp = 0;
	}
	return a;
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
	if (i->disp >= -2048 && i->disp < 2048) {
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

void gen_effective(struct tr *t, const struct insn *i, int rd)
{
	if (i->addrsize == 2) {
		effective16(t, i, rd);
		return;
	}
	struct maddr a = effective32(t, i, rd);
	if (a.disp || a.reg != rd)
		la_addi_w(&t->e, rd, a.reg, a.disp);
}

static bool seg_is_flat(const struct tr *t, int seg, int write)
{
	static const uint32_t flat[6] = { MODE_ES_FLAT, 0, MODE_SS_FLAT, MODE_DS_FLAT, 0, 0 };

	(void)write;
	return t->mode & flat[seg];
}

static int seg_field(int seg, size_t field)
{
	return (int)(offsetof(struct cpu, seg) + (size_t)seg * sizeof(struct seg) + field);
}

/* reg holds the zero-extended offset: adds the base, after the limit check where the segment needs one. */
static void add_segment(struct tr *t, int seg, unsigned size, int write, int reg)
{
	struct emit *e = &t->e;
	bool full = (seg == SEG_FS && t->mode & MODE_FS_FULL) || (seg == SEG_GS && t->mode & MODE_GS_FULL);
	uint32_t *site = NULL;

	if (!full) {
		int end = reg;
		if (size > 1) {
			la_addi_d(e, T7, reg, (int)size - 1);
			end = T7;
		}
		la_ld_d(e, T6, H_CPU, seg_field(seg, write ? offsetof(struct seg, wr_end) : offsetof(struct seg, rd_end)));
		site = e->p;
		la_bgeu(e, end, T6, 0);
	}
	la_ld_d(e, T6, H_CPU, seg_field(seg, offsetof(struct seg, base)));
	la_add_w(e, reg, reg, T6);
	if (!site)
		return;
	if (t->nslow == TR_MAX_SLOW) {
		t->full = true;
		return;
	}
	t->slow[t->nslow++] = (struct slow_path){
		.kind = SLOW_SEGMENT, .site = site, .resume = e->p, .eip = t->eip, .cc_static = t->cc_in_mem ? -1 : t->cc_static,
		.reg = reg, .seg = (uint8_t)seg, .size = (uint8_t)size, .write = (uint8_t)write,
	};
}

static struct maddr operand_address(struct tr *t, const struct insn *i, unsigned size, int write, int tmp)
{
	struct emit *e = &t->e;

	if (seg_is_flat(t, i->seg, write)) {
		if (i->addrsize == 4)
			return effective32(t, i, tmp);
		effective16(t, i, tmp);
		return (struct maddr){ tmp, 0 };
	}
	if (i->addrsize == 2) {
		effective16(t, i, tmp);
	} else {
		struct maddr a = effective32(t, i, tmp);
		la_addi_d(e, tmp, a.reg, a.disp);
		la_bstrpick_d(e, tmp, tmp, 31, 0);
	}
	add_segment(t, i->seg, size, write, tmp);
	return (struct maddr){ tmp, 0 };
}

/* With alignment checking on, #AC(0) unless the address is a multiple of `align` (a power of two). Clobbers T7. */
static void check_alignment(struct tr *t, struct maddr a, unsigned align)
{
	struct emit *e = &t->e;

	if (!(t->mode & MODE_AC) || align < 2)
		return;
	la_addi_d(e, T7, a.reg, a.disp);
	la_andi(e, T7, T7, align - 1);
	uint32_t *site = e->p;
	la_bnez(e, T7, 0);
	gen_raise_at(t, site, EXC_AC);
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

struct maddr gen_address(struct tr *t, const struct insn *i, unsigned size, int write, int tmp)
{
	struct maddr a = operand_address(t, i, size, write, tmp);

	check_alignment(t, a, alignment_of(i, size));
	gen_watch(t, a, size, write);
	return a;
}

static void linear_of(struct tr *t, int seg, int addrsize, unsigned size, int write, int reg)
{
	struct emit *e = &t->e;

	if (seg_is_flat(t, seg, write) && addrsize == 4) {
		la_slli_w(e, reg, reg, 0);
		return;
	}
	la_bstrpick_d(e, reg, reg, addrsize == 2 ? 15 : 31, 0);
	if (!seg_is_flat(t, seg, write))
		add_segment(t, seg, size, write, reg);
}

struct maddr gen_address_of(struct tr *t, int seg, int addrsize, unsigned size, int write, int reg)
{
	struct maddr a = { reg, 0 };

	linear_of(t, seg, addrsize, size, write, reg);
	check_alignment(t, a, size);
	gen_watch(t, a, size, write);
	return a;
}

static void fault_point(struct tr *t, unsigned flags)
{
	if (t->npoints == TR_MAX_POINTS) {
		t->full = true;
		return;
	}
	t->points[t->npoints++] = (struct fault_point){
		.host = (uint32_t)(t->e.p - t->e.start),
		.eip_delta = (int16_t)(t->eip - t->region->eip),
		.cc = (int8_t)(t->cc_in_mem ? -1 : t->cc_static),
		.flags = (uint8_t)flags,
	};
}

void gen_fault_point(struct tr *t)
{
	fault_point(t, 0);
}

void gen_fault_point_modify(struct tr *t)
{
	fault_point(t, POINT_MODIFIES);
}

void gen_fault_point_word(struct tr *t)
{
	fault_point(t, POINT_MODIFIES | POINT_WORD);
}

static void load(struct tr *t, int rd, struct maddr a, int size, bool sign)
{
	struct emit *e = &t->e;

	if (size == 1)
		(sign ? la_ld_b : la_ld_bu)(e, rd, a.reg, a.disp);
	else if (size == 2)
		(sign ? la_ld_h : la_ld_hu)(e, rd, a.reg, a.disp);
	else if (size == 4)
		la_ld_w(e, rd, a.reg, a.disp);
	else
		la_ld_d(e, rd, a.reg, a.disp);
}

void gen_load(struct tr *t, int rd, struct maddr a, int size, bool sign)
{
	fault_point(t, 0);
	load(t, rd, a, size, sign);
}

void gen_load_modify(struct tr *t, int rd, struct maddr a, int size, bool sign)
{
	fault_point(t, POINT_MODIFIES);
	load(t, rd, a, size, sign);
}

void gen_store(struct tr *t, int rs, struct maddr a, int size)
{
	struct emit *e = &t->e;

	gen_fault_point(t);
	if (size == 1)
		la_st_b(e, rs, a.reg, a.disp);
	else if (size == 2)
		la_st_h(e, rs, a.reg, a.disp);
	else if (size == 4)
		la_st_w(e, rs, a.reg, a.disp);
	else
		la_st_d(e, rs, a.reg, a.disp);
}

void gen_vload(struct tr *t, int vd, struct maddr a)
{
	gen_fault_point(t);
	la_vld(&t->e, vd, a.reg, a.disp);
}

void gen_vstore(struct tr *t, int vs, struct maddr a)
{
	gen_fault_point(t);
	la_vst(&t->e, vs, a.reg, a.disp);
}

static _Noreturn uint64_t unaligned(struct cpu *cpu)
{
	cpu_raise_err(cpu, EXC_GP, 0);
}

void gen_check_aligned16(struct tr *t, struct maddr a)
{
	struct emit *e = &t->e;
	int address = a.reg;

	if (a.disp & 15) {
		la_addi_d(e, T7, a.reg, a.disp);
		address = T7;
	}
	la_andi(e, T7, address, 15);
	uint32_t *site = e->p;
	la_bnez(e, T7, 0);
	gen_slow_call(t, site, (const void *)unaligned, 0, 0, 0, -1);
}

static struct maddr stack_address(struct tr *t, int delta, unsigned size, int write, int tmp)
{
	struct emit *e = &t->e;

	if ((t->mode & (MODE_SS_FLAT | MODE_SS32)) == (MODE_SS_FLAT | MODE_SS32))
		return (struct maddr){ HGPR(RSP), delta };
	int from = HGPR(RSP);
	if (delta) {
		la_addi_d(e, tmp, from, delta);
		from = tmp;
	}
	la_bstrpick_d(e, tmp, from, t->mode & MODE_SS32 ? 31 : 15, 0);
	if (t->mode & MODE_SS_FLAT)
		return (struct maddr){ tmp, 0 };
	add_segment(t, SEG_SS, size, write, tmp);
	return (struct maddr){ tmp, 0 };
}

struct maddr gen_stack(struct tr *t, int delta, unsigned size, int write, int tmp)
{
	struct maddr a = stack_address(t, delta, size, write, tmp);

	check_alignment(t, a, size);
	gen_watch(t, a, size, write);
	return a;
}

void gen_esp_add(struct tr *t, int delta)
{
	struct emit *e = &t->e;

	if (t->mode & MODE_SS32) {
		la_addi_w(e, HGPR(RSP), HGPR(RSP), delta);
		return;
	}
	la_addi_d(e, T7, HGPR(RSP), delta);
	la_bstrins_d(e, HGPR(RSP), T7, 15, 0);
}

void gen_push(struct tr *t, int rs, int size, int tmp)
{
	gen_store(t, rs, gen_stack(t, -size, (unsigned)size, MEM_STORE, tmp), size);
	gen_esp_add(t, -size);
}
