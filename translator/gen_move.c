/* MOV MOVZX MOVSX LEA PUSH POP PUSHA POPA LEAVE CBW CWD CMOVcc SETcc XCHG between registers, NOP. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/mmu.h"
#include "translator/seg.h"

/* The kinds of MOV, of which each needs registers of its own. */
#define APART static __attribute__((noinline))

APART int store_mov(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];
	int rs = H_ZERO;

	struct maddr m = gen_operand(t, i, d->size, MEM_STORE, T0);
	if (s->kind == OPD_GPR) {
		rs = gen_is_high_byte(t, s->reg, d->size) ? gen_gpr_read(t, s->reg, 1, false, T1) : HGPR(s->reg);
	} else if (i->imm) {
		rs = gen_constant(t, gen_immediate(i, d->size), T1);
	}
	gen_store(t, rs, m, d->size);
	return 0;
}

APART int load_mov(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];

	gen_gpr_load(t, d->reg, gen_operand(t, i, d->size, MEM_LOAD, T0), d->size);
	return 0;
}

APART int move_register(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	if (t->plan->insn[t->index].unmade) {
		/* what the host's register holds does not matter any more */
		gen_wrote(t, d->reg, 8, 0);
		return 0;
	}
	int from = gen_is_high_byte(t, s->reg, d->size) ? gen_gpr_read(t, s->reg, 1, false, T1) : HGPR(s->reg);
	gen_gpr_write(t, d->reg, d->size, from, true);
	return 0;
}

APART int move_immediate(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];

	gen_gpr_li(t, d->reg, d->size, gen_immediate(i, d->size));
	return 0;
}

static int emit_mov(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	if (d->kind == OPD_MEM)
		return s->kind == OPD_GPR || s->kind == OPD_IMM ? store_mov(t, i) : -1;
	if (d->kind != OPD_GPR)
		return -1;
	switch (s->kind) {
	case OPD_MEM:
		return load_mov(t, i);
	case OPD_GPR:
		return move_register(t, i);
	case OPD_IMM:
		return move_immediate(t, i);
	default:
		return -1;
	}
}

/* MOVZX, MOVSX, MOVSXD. Without sign 1 and 2 bytes become a number that is both zero- and sign-extended. */
static void emit_extend(struct tr *t, const struct insn *i, bool sign)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0], *s = &i->opd[1];
	int rd = d->size >= 4 ? HGPR(d->reg) : T1;

	if (t->extended == t->index)
		return;
	if (s->kind == OPD_MEM) {
		gen_load(t, rd, gen_operand(t, i, s->size, MEM_LOAD, T0), s->size, sign);
	} else {
		int rs = gen_gpr_read(t, s->reg, s->size, sign, rd);
		if (rs != rd)
			la_move(e, rd, rs);
	}
	if (rd == T1)
		gen_gpr_write(t, d->reg, d->size, T1, true);
	else
		gen_wrote(t, d->reg, d->size, sign ? EXT_SIGN : EXT_SIGN | EXT_ZERO);
}

static int emit_zero_extend(struct tr *t, const struct insn *i)
{
	emit_extend(t, i, false);
	return 0;
}

static int emit_sign_extend(struct tr *t, const struct insn *i)
{
	emit_extend(t, i, true);
	return 0;
}

static int emit_lea(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];

	if (d->size == 4 && i->addrsize != 2) {
		gen_effective_low(t, i, HGPR(d->reg));
		gen_wrote(t, d->reg, 4, EXT_SIGN);
	} else if (d->size == 8) {
		gen_effective(t, i, HGPR(d->reg));
		gen_wrote(t, d->reg, 8, 0);
	} else {
		gen_effective(t, i, T1);
		gen_gpr_write(t, d->reg, d->size, T1, true);
	}
	return 0;
}

static int emit_push(struct tr *t, const struct insn *i)
{
	const struct operand *s = &i->opd[0];
	int rs = H_ZERO;

	if (s->kind == OPD_GPR) {
		rs = HGPR(s->reg);
	} else if (s->kind == OPD_IMM) {
		if (i->imm)
			rs = gen_constant(t, i->imm, T1);
	} else if (s->kind == OPD_MEM) {
		gen_load(t, T1, gen_operand(t, i, i->opsize, MEM_LOAD, T0), i->opsize, false);
		rs = T1;
	} else {
		return -1;
	}
	gen_push(t, rs, i->opsize, T0);
	return 0;
}

static int emit_pop(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];
	int size = i->opsize;

	if (d->kind != OPD_GPR && d->kind != OPD_MEM)
		return -1;
	struct maddr from = gen_stack(t, 0, (unsigned)size, MEM_LOAD, T0);
	if (d->kind == OPD_GPR) {
		bool direct = size >= 4 && d->reg != RSP;
		int rd = direct ? HGPR(d->reg) : T1;
		gen_load(t, rd, from, size, false);
		gen_esp_add(t, size);
		if (direct)
			gen_wrote(t, d->reg, size, EXT_SIGN);
		else
			gen_gpr_write(t, d->reg, size, T1, true);
		return 0;
	}
	/* an ESP-based destination is addressed with ESP already incremented */
	struct insn to = *i;
	gen_load(t, T1, from, size, false);
	if (i->base == RSP)
		to.disp += size;
	gen_store(t, T1, gen_address(t, &to, (unsigned)size, MEM_STORE, T0), size);
	gen_esp_add(t, size);
	return 0;
}

static uint64_t stack_lin(struct cpu *cpu, int64_t delta, unsigned size, int write)
{
	uint64_t mask = cpu->mode & MODE_SS32 ? 0xffffffff : 0xffff;

	return seg_lin(cpu, SEG_SS, (cpu->gpr[RSP] + (uint64_t)delta) & mask, size, write);
}

static void set_sp(struct cpu *cpu, uint64_t sp)
{
	cpu_set_gpr(cpu, RSP, cpu->mode & MODE_SS32 ? 4 : 2, sp);
}

/* All eight slots are checked before the first is written, so that a fault leaves nothing behind. */
static void helper_pusha(struct cpu *cpu, uint64_t size)
{
	for (int k = 0; k < 8; k++)
		mem_probe(cpu, stack_lin(cpu, -(int64_t)size * (k + 1), (unsigned)size, 1), (unsigned)size, ACC_WRITE);
	for (int k = 0; k < 8; k++) {
		uint64_t lin = stack_lin(cpu, -(int64_t)size * (k + 1), (unsigned)size, 1);
		if (size == 2)
			mem_write16(cpu, lin, (uint16_t)cpu->gpr[k], 0);
		else
			mem_write32(cpu, lin, (uint32_t)cpu->gpr[k], 0);
	}
	set_sp(cpu, cpu->gpr[RSP] - 8 * size);
}

static void helper_popa(struct cpu *cpu, uint64_t size)
{
	uint32_t v[8];

	for (int k = 0; k < 8; k++) {
		uint64_t lin = stack_lin(cpu, (int64_t)size * k, (unsigned)size, 0);
		v[k] = size == 2 ? mem_read16(cpu, lin, 0) : mem_read32(cpu, lin, 0);
	}
	set_sp(cpu, cpu->gpr[RSP] + 8 * size);
	for (int k = 0; k < 8; k++)
		if (7 - k != RSP)
			cpu_set_gpr(cpu, 7 - k, (int)size, v[k]);
}

static int emit_leave(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int size = i->opsize, width = t->mode & MODE_LONG ? 8 : t->mode & MODE_SS32 ? 4 : 2;

	struct insn load = { .base = RBP, .index = REG_NONE, .addrsize = (uint8_t)width, .seg = SEG_SS };
	gen_load(t, T1, gen_address(t, &load, (unsigned)size, MEM_LOAD, T0), size, false);
	if (width == 8) {
		la_addi_d(e, HGPR(RSP), HGPR(RBP), size);
		gen_wrote(t, RSP, 8, 0);
	} else if (width == 4) {
		la_addi_w(e, HGPR(RSP), HGPR(RBP), size);
	} else {
		la_addi_d(e, T2, HGPR(RBP), size);
		la_bstrins_d(e, HGPR(RSP), T2, 15, 0);
	}
	gen_gpr_write(t, RBP, size, T1, true);
	return 0;
}

/* CBW, CWDE, CDQE: the register's lower half is extended. */
static int emit_cbw(struct tr *t, const struct insn *i)
{
	int size = i->opsize, rd = size == 2 ? T1 : HGPR(RAX);

	gen_sign_extend(t, rd, HGPR(RAX), size / 2);
	if (size == 2)
		gen_gpr_write(t, RAX, 2, T1, true);
	else
		gen_wrote(t, RAX, size, EXT_SIGN);
	return 0;
}

/* CWD, CDQ, CQO */
static int emit_cwd(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	if (i->opsize == 2) {
		la_ext_w_h(e, T1, HGPR(RAX));
		la_srai_w(e, T1, T1, 15);
		gen_gpr_write(t, RDX, 2, T1, true);
		return 0;
	}
	if (i->opsize == 4)
		la_srai_w(e, HGPR(RDX), HGPR(RAX), 31);
	else
		la_srai_d(e, HGPR(RDX), HGPR(RAX), 63);
	gen_wrote(t, RDX, i->opsize, EXT_SIGN);
	return 0;
}

/* The write to the register that has been put off is made. */
static void write_late(struct tr *t, int reg)
{
	const struct late_write *w;
	unsigned numbers = t->late;

	while ((w = &t->plan->late[(numbers & LATE_MASK) - 1].write)->to != reg)
		numbers >>= LATE_BITS;
	if (w->from == H_ZERO || !la_is_si12(w->disp)) {
		int rd = w->from == H_ZERO ? HGPR(reg) : T1;
		gen_li(t, rd, w->disp);
		if (rd == T1)
			la_add_w(&t->e, HGPR(reg), w->from, T1);
	} else if (w->disp) {
		la_addi_w(&t->e, HGPR(reg), w->from, w->disp);
	} else {
		la_move(&t->e, HGPR(reg), w->from);
	}
}

/* The source is loaded into the register, or else that gets what an instruction before has left to this one (gen_late_select()). */
static void select_late(struct tr *t, const struct insn *i)
{
	const int reg = i->opd[0].reg;
	bool lasts = gen_cond_lasts(t, i->cond);
	uint32_t *over;

	if (!lasts)
		gen_cond(t, i->cond, T5);
	gen_load(t, HGPR(reg), gen_address(t, i, 4, MEM_LOAD, T0), 4, false);
	if (lasts) {
		over = gen_branch_early(t, i->cond);
	} else {
		over = t->e.p;
		la_bnez(&t->e, T5, 0);
	}
	write_late(t, reg);
	emit_fix_branch(over, t->e.p);
}

/* A branch around a move: selecting without one takes more instructions. The source is read, and may fault, whether or not the condition holds. */
static int emit_cmov(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	const struct operand *d = &i->opd[0], *s = &i->opd[1];
	uint32_t *over;
	bool sext = gen_is_sext(t, d->reg) && (s->kind == OPD_MEM || gen_is_sext(t, s->reg));
	bool zext = gen_is_zext(t, d->reg) && s->kind == OPD_GPR && gen_is_zext(t, s->reg);
	int src = T1;

	if (t->plan->insn[t->index].late & LATE_SINKS) {
		select_late(t, i);
		return 0;
	}
	if (s->kind == OPD_MEM && gen_cond_lasts(t, i->cond)) {
		gen_load(t, T1, gen_operand(t, i, d->size, MEM_LOAD, T0), d->size, false);
		over = gen_branch_early(t, i->cond ^ 1);
	} else if (s->kind == OPD_MEM) {
		gen_cond(t, i->cond, T5);
		gen_load(t, T1, gen_operand(t, i, d->size, MEM_LOAD, T0), d->size, false);
		over = e->p;
		la_beqz(e, T5, 0);
	} else {
		over = gen_branch_early(t, i->cond ^ 1);
		src = HGPR(s->reg);
	}
	if (d->size >= 4)
		la_move(e, HGPR(d->reg), src);
	else
		gen_gpr_write(t, d->reg, d->size, src, true);
	emit_fix_branch(over, e->p);
	gen_wrote(t, d->reg, d->size, (sext ? EXT_SIGN : 0) | (zext ? EXT_ZERO : 0));
	return 0;
}

/* Into all of the register where that is 0 otherwise, or the next instruction makes it so. */
static void set_register(struct tr *t, const struct insn *i, int reg)
{
	bool low = !gen_is_high_byte(t, reg, 1);

	if (t->plan->insn[t->index].late & LATE_WHOLE) {
		gen_cond(t, i->cond, HGPR(gen_copied(t, reg)));
	} else if (low && gen_known_zero(t, reg)) {
		gen_cond(t, i->cond, HGPR(reg));
	} else if (low && gen_copy_extends(t, reg)) {
		gen_cond(t, i->cond, HGPR(reg));
		gen_wrote(t, reg, 4, EXT_SIGN | EXT_ZERO);
	} else {
		gen_cond(t, i->cond, T5);
		gen_gpr_write(t, reg, 1, T5, true);
	}
}

static int emit_setcc(struct tr *t, const struct insn *i)
{
	if (i->opd[0].kind == OPD_GPR) {
		set_register(t, i, i->opd[0].reg);
		return 0;
	}
	gen_cond(t, i->cond, T5);
	gen_store(t, T5, gen_operand(t, i, 1, MEM_STORE, T0), 1);
	return 0;
}

static int emit_xchg(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	const struct operand *a = &i->opd[0], *b = &i->opd[1];

	if (a->kind != OPD_GPR || b->kind != OPD_GPR)
		return -1;
	if (a->size >= 4) {
		int ext_a = gen_is_sext(t, a->reg) ? EXT_SIGN : 0, ext_b = gen_is_sext(t, b->reg) ? EXT_SIGN : 0;
		la_move(e, T1, HGPR(a->reg));
		la_move(e, HGPR(a->reg), HGPR(b->reg));
		la_move(e, HGPR(b->reg), T1);
		gen_wrote(t, a->reg, a->size, ext_b);
		gen_wrote(t, b->reg, b->size, ext_a);
		return 0;
	}
	gen_gpr_read(t, a->reg, a->size, false, T1);
	gen_gpr_read(t, b->reg, b->size, false, T2);
	gen_gpr_write(t, a->reg, a->size, T2, true);
	gen_gpr_write(t, b->reg, b->size, T1, true);
	return 0;
}

static int emit_pusha(struct tr *t, const struct insn *i)
{
	gen_li(t, T1, i->opsize);
	gen_helper(t, (const void *)helper_pusha);
	return 0;
}

static int emit_popa(struct tr *t, const struct insn *i)
{
	gen_li(t, T1, i->opsize);
	gen_helper(t, (const void *)helper_popa);
	return 0;
}

static int emit_nop(struct tr *t, const struct insn *i)
{
	(void)t;
	(void)i;
	return 0;
}

typedef int emitter(struct tr *t, const struct insn *i);

/* For code with device sites. */
static __attribute__((noinline)) int emit_near_devices(struct tr *t, const struct insn *i, emitter *emit)
{
	bool done = (i->op == OP_MOV || i->op == OP_MOVZX) && gen_device_mov(t, i);

	return done ? 0 : emit(t, i);
}

int gen_move(struct tr *t, const struct insn *i)
{
	static emitter *const emitters[OP_COUNT] = {
		[OP_MOV] = emit_mov, [OP_MOVZX] = emit_zero_extend, [OP_MOVSX] = emit_sign_extend, [OP_MOVSXD] = emit_sign_extend, [OP_LEA] = emit_lea,
		[OP_PUSH] = emit_push, [OP_POP] = emit_pop, [OP_PUSHA] = emit_pusha, [OP_POPA] = emit_popa, [OP_LEAVE] = emit_leave, [OP_CBW] = emit_cbw,
		[OP_CWD] = emit_cwd, [OP_CMOVCC] = emit_cmov, [OP_SETCC] = emit_setcc, [OP_XCHG] = emit_xchg, [OP_NOP] = emit_nop, [OP_PAUSE] = emit_nop,
	};
	emitter *emit = emitters[i->op];

	if (!emit)
		return -1;
	return t->device_sites ? emit_near_devices(t, i, emit) : emit(t, i);
}
