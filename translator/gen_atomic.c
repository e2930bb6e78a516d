/*
 * Read-modify-write: XCHG with memory, XADD, CMPXCHG, CMPXCHG8B, and the arithmetic that LOCK makes atomic.
 *
 * Words are atomic by the host's own instructions; unaligned ones fault and are done by hand (fault.c). Bytes and half words with
 * LOCK go through LL and SC on the aligned word around them. XCHG without LOCK of those sizes, ADC, SBB and NEG are a load and a store:
 * nothing of the guest's comes between, since control leaves translated code only at a poll. (A word around a byte may not be touched
 * when that is a device's: VGA code swaps bytes with the frame buffer.)
 */
#include <stdatomic.h>

#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/mmu.h"

/* While an operation is emitted: T1 old value (sign-extended), T2 new value, T3 source (sign-extended), T5 CMPXCHG's accumulator. */
struct rmw {
	int op, size;
	struct maddr at;
};

/* T2 from T1, T3, T5 */
static void new_value(struct tr *t, int op, int size)
{
	struct emit *e = &t->e;

	switch (op) {
	case OP_XADD:
	case OP_ADD: (size == 8 ? la_add_d : la_add_w)(e, T2, T1, T3); break;
	case OP_SUB: (size == 8 ? la_sub_d : la_sub_w)(e, T2, T1, T3); break;
	case OP_AND: la_and(e, T2, T1, T3); break;
	case OP_OR: la_or(e, T2, T1, T3); break;
	case OP_XOR: la_xor(e, T2, T1, T3); break;
	case OP_CMPXCHG:
		la_xor(e, T4, T1, T5);
		la_maskeqz(e, T2, T1, T4);
		la_masknez(e, T4, T3, T4);
		la_or(e, T2, T2, T4);
		break;
	default: la_move(e, T2, T3); break;
	}
}

static void plain(struct tr *t, const struct rmw *x)
{
	gen_load_modify(t, T1, x->at, x->size, true);
	new_value(t, x->op, x->size);
	gen_store(t, T2, x->at, x->size);
}

/* The address into T0 without a displacement. */
static void settle(struct tr *t, const struct rmw *x)
{
	if (x->at.disp || x->at.reg != T0)
		la_addi_d(&t->e, T0, x->at.reg, x->at.disp);
}

/* CMPXCHG of a word. The store is done in any case: it is what checks the right to write. */
static void compare_word(struct tr *t, const struct rmw *x)
{
	struct emit *e = &t->e;

	settle(t, x);
	uint32_t *again = e->p;
	gen_fault_point_modify(t);
	(x->size == 8 ? la_ll_d : la_ll_w)(e, T1, T0, 0);
	la_move(e, T2, T1);
	uint32_t *differs = e->p;
	la_bne(e, T1, T5, 0);
	la_move(e, T2, T3);
	emit_fix_branch(differs, e->p);
	gen_fault_point(t);
	(x->size == 8 ? la_sc_d : la_sc_w)(e, T2, T0, 0);
	uint32_t *failed = e->p;
	la_beqz(e, T2, 0);
	emit_fix_branch(failed, again);
	la_dbar(e, 0);
}

/* An AM instruction of the host; T2 is computed again for the flags. */
static void word(struct tr *t, const struct rmw *x)
{
	static void (*const am[2][5])(struct emit *, int, int, int) = {
		{ la_amadd_db_w, la_amand_db_w, la_amor_db_w, la_amxor_db_w, la_amswap_db_w },
		{ la_amadd_db_d, la_amand_db_d, la_amor_db_d, la_amxor_db_d, la_amswap_db_d },
	};
	struct emit *e = &t->e;
	int operand = T3, k = 0;

	settle(t, x);
	if (x->op == OP_SUB) {
		la_sub_d(e, T4, H_ZERO, T3);
		operand = T4;
	}
	switch (x->op) {
	case OP_AND: k = 1; break;
	case OP_OR: k = 2; break;
	case OP_XOR: k = 3; break;
	case OP_XCHG: k = 4; break;
	}
	gen_fault_point_modify(t);
	am[x->size == 8][k](e, T1, operand, T0);
	if (t->flags_live && x->op != OP_XCHG)
		new_value(t, x->op, x->size);
}

/* A byte or half word within an aligned word, rotated to the low end for the operation. A half word across two words: load and store. */
static void part_of_word(struct tr *t, const struct rmw *x)
{
	struct emit *e = &t->e;
	uint32_t *across = NULL;

	settle(t, x);
	la_andi(e, T6, T0, 3);
	if (x->size == 2) {
		la_addi_d(e, T7, T6, -3);
		across = e->p;
		la_beqz(e, T7, 0);
	}
	la_sub_d(e, T7, T0, T6);
	la_slli_w(e, T6, T6, 3);
	uint32_t *again = e->p;
	gen_fault_point_word(t);
	la_ll_w(e, T8, T7, 0);
	la_rotr_w(e, T8, T8, T6);
	gen_sign_extend(t, T1, T8, x->size);
	new_value(t, x->op, x->size);
	la_bstrins_d(e, T8, T2, 8 * x->size - 1, 0);
	la_sub_w(e, T4, H_ZERO, T6);
	la_rotr_w(e, T8, T8, T4);
	gen_fault_point_word(t);
	la_sc_w(e, T8, T7, 0);
	uint32_t *failed = e->p;
	la_beqz(e, T8, 0);
	emit_fix_branch(failed, again);
	la_dbar(e, 0);
	if (!across)
		return;
	uint32_t *done = e->p;
	la_b(e, 0);
	emit_fix_branch(across, e->p);
	plain(t, &(struct rmw){ x->op, x->size, { .reg = T0 } });
	emit_fix_branch(done, e->p);
}

/* The memory form of an operation whose source is in T3. */
static void modify(struct tr *t, const struct insn *i, int op)
{
	struct rmw x = { .op = op, .size = i->opd[0].size };
	bool implied = op == OP_XCHG && x.size >= 4;

	x.at = gen_address(t, i, (unsigned)x.size, MEM_STORE, T0);
	if (!i->lock && !implied)
		plain(t, &x);
	else if (x.size < 4)
		part_of_word(t, &x);
	else if (op == OP_CMPXCHG)
		compare_word(t, &x);
	else
		word(t, &x);
}

/* A register operand into rd, sign-extended. */
static void read_into(struct tr *t, int reg, int size, int rd)
{
	int r = gen_gpr_read(t, reg, size, true, rd);

	if (r != rd)
		la_move(&t->e, rd, r);
}

static void emit_xchg(struct tr *t, const struct insn *i)
{
	const struct operand *r = &i->opd[i->opd[0].kind == OPD_MEM];

	read_into(t, r->reg, r->size, T3);
	modify(t, i, OP_XCHG);
	gen_gpr_write(t, r->reg, r->size, T1, true);
}

static void emit_xadd(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	read_into(t, s->reg, s->size, T3);
	if (d->kind == OPD_MEM) {
		modify(t, i, OP_XADD);
	} else {
		read_into(t, d->reg, d->size, T1);
		new_value(t, OP_XADD, d->size);
	}
	if (d->size < 4 && t->flags_live)
		gen_sign_extend(t, T2, T2, d->size);
	gen_gpr_write(t, s->reg, s->size, T1, true);
	if (d->kind == OPD_GPR)
		gen_gpr_write(t, d->reg, d->size, T2, true);
	gen_cc_set(t, CC_ADD, d->size, T2, T3);
}

/* Register reg = rs where register `differs` is 0, or is not 0: else the upper half, too, stays in 64-bit code. */
static void write_where(struct tr *t, int reg, int rs, int differs, bool is)
{
	struct emit *e = &t->e;
	uint32_t *over = e->p;

	(is ? la_beqz : la_bnez)(e, differs, 0);
	la_bstrpick_d(e, HGPR(reg), rs, 31, 0);
	emit_fix_branch(over, e->p);
	gen_wrote(t, reg, 8, 0);
}

/* The accumulator takes the old value in any case: where the comparison holds, that is what it has. So does a destination register. */
static void emit_cmpxchg(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0], *s = &i->opd[1];

	read_into(t, s->reg, s->size, T3);
	read_into(t, RAX, s->size, T5);
	if (d->kind == OPD_MEM) {
		modify(t, i, OP_CMPXCHG);
	} else {
		read_into(t, d->reg, d->size, T1);
		new_value(t, OP_CMPXCHG, d->size);
	}
	if (t->mode & MODE_LONG && d->size == 4) {
		la_xor(&t->e, T4, T1, T5);
		write_where(t, RAX, T1, T4, true);
		if (d->kind == OPD_GPR)
			write_where(t, d->reg, T3, T4, false);
	} else {
		gen_gpr_write(t, RAX, d->size, T1, true);
		if (d->kind == OPD_GPR)
			gen_gpr_write(t, d->reg, d->size, T2, true);
	}
	gen_cc_set_recent(t, CC_SUB, d->size, T5, T1, -1);
}

/* rd = hi:lo of two guest registers */
static void pair(struct tr *t, int rd, int hi, int lo)
{
	la_bstrpick_d(&t->e, rd, HGPR(lo), 31, 0);
	la_bstrins_d(&t->e, rd, HGPR(hi), 63, 32);
}

/* T1 = the operand; T4 = 0 when it equals T5, and then T3 is stored, else what was there is. */
static void compare_8_bytes(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	struct rmw x = { .at = gen_address(t, i, 8, MEM_STORE, T0) };

	settle(t, &x);
	uint32_t *again = e->p;
	gen_fault_point_modify(t);
	if (i->lock)
		la_ll_d(e, T1, T0, 0);
	else
		la_ld_d(e, T1, T0, 0);
	la_xor(e, T4, T1, T5);
	la_move(e, T2, T1);
	uint32_t *differs = e->p;
	la_bnez(e, T4, 0);
	la_move(e, T2, T3);
	emit_fix_branch(differs, e->p);
	gen_fault_point(t);
	if (!i->lock) {
		la_st_d(e, T2, T0, 0);
		return;
	}
	la_sc_d(e, T2, T0, 0);
	uint32_t *failed = e->p;
	la_beqz(e, T2, 0);
	emit_fix_branch(failed, again);
	la_dbar(e, 0);
}

/* EDX:EAX = T1 unless T4 is 0, when that is what they are: then 64-bit code keeps their upper halves too. */
static void load_pair(struct tr *t)
{
	struct emit *e = &t->e;

	if (!(t->mode & MODE_LONG)) {
		la_slli_w(e, HGPR(RAX), T1, 0);
		la_srai_d(e, HGPR(RDX), T1, 32);
		return;
	}
	uint32_t *equal = e->p;
	la_beqz(e, T4, 0);
	la_bstrpick_d(e, HGPR(RAX), T1, 31, 0);
	la_srli_d(e, HGPR(RDX), T1, 32);
	emit_fix_branch(equal, e->p);
	gen_wrote(t, RAX, 8, 0);
	gen_wrote(t, RDX, 8, 0);
}

static void emit_cmpxchg8b(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	bool others = t->flags_live & ~FL_ZF;

	if (others)
		gen_cc_get(t, T0);
	pair(t, T5, RDX, RAX);
	pair(t, T3, RCX, RBX);
	compare_8_bytes(t, i);
	load_pair(t);
	if (!others) {
		gen_cc_set_recent(t, CC_LOGIC, 8, -1, -1, T4);
		return;
	}
	la_sltui(e, T4, T4, 1);
	la_move(e, T5, H_CC_DST);
	la_bstrins_d(e, T5, T4, 6, 6);
	gen_cc_put(t, T5);
}

/* 16 bytes at lin, which are checked, and at `plain` unless that is NULL. */
static void load_16(struct cpu *cpu, uint64_t lin, const uint64_t *plain, uint64_t value[2])
{
	value[0] = plain ? plain[0] : mem_read64(cpu, lin, 0);
	value[1] = plain ? plain[1] : mem_read64(cpu, lin + 8, 0);
}

static void store_16(struct cpu *cpu, uint64_t lin, uint64_t *plain, const uint64_t value[2])
{
	if (plain) {
		plain[0] = value[0];
		plain[1] = value[1];
	} else {
		mem_write64(cpu, lin, value[0], 0);
		mem_write64(cpu, lin + 8, value[1], 0);
	}
}

/*
 * CMPXCHG16B at linear address lin. The host has no such instruction: the lock makes it atomic against its like on other CPUs. Nothing
 * raises while it is held. Where data breakpoints are armed the accesses are made so that they are seen.
 */
static void helper_cmpxchg16b(struct cpu *cpu, uint64_t lin)
{
	static atomic_flag lock = ATOMIC_FLAG_INIT;
	const uint64_t now[2] = { cpu->gpr[RBX], cpu->gpr[RCX] };
	uint64_t old[2];

	if (lin & 15)
		cpu_raise_err(cpu, EXC_GP, 0);
	uint64_t *plain = mem_span(cpu, lin, 16, ACC_WRITE);
	if (cpu->mode & MODE_DBG)
		plain = NULL;
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
		;
	load_16(cpu, lin, plain, old);
	bool equal = old[0] == cpu->gpr[RAX] && old[1] == cpu->gpr[RDX];
	store_16(cpu, lin, plain, equal ? now : old);
	atomic_flag_clear_explicit(&lock, memory_order_release);
	if (!equal) {
		cpu->gpr[RAX] = old[0];
		cpu->gpr[RDX] = old[1];
	}
	cpu_set_eflags(cpu, equal ? FL_ZF : 0, FL_ZF);
}

static void emit_cmpxchg16b(struct tr *t, const struct insn *i)
{
	struct maddr m = gen_address(t, i, 16, MEM_STORE, T0);

	la_addi_d(&t->e, T1, m.reg, m.disp);
	gen_helper(t, (const void *)helper_cmpxchg16b);
}

/* ADD SUB AND OR XOR with LOCK. */
static void emit_binary(struct tr *t, const struct insn *i)
{
	const struct operand *s = &i->opd[1];
	int size = i->opd[0].size;

	if (s->kind == OPD_IMM)
		gen_li(t, T3, (int64_t)((uint64_t)i->imm << (64 - 8 * size)) >> (64 - 8 * size));
	else
		read_into(t, s->reg, size, T3);
	modify(t, i, i->op);
	if (size < 4 && t->flags_live)
		gen_sign_extend(t, T2, T2, size);
	gen_cc_set(t, i->op == OP_ADD ? CC_ADD : i->op == OP_SUB ? CC_SUB : CC_LOGIC, size, T2, T3);
}

/* INC, DEC, NOT with LOCK. */
static void emit_unary(struct tr *t, const struct insn *i)
{
	int size = i->opd[0].size;
	bool keep_cf = i->op != OP_NOT && t->flags_live & FL_CF;

	if (keep_cf)
		gen_cond(t, 2, T5);
	gen_li(t, T3, i->op == OP_INC ? 1 : -1);
	modify(t, i, i->op == OP_NOT ? OP_XOR : OP_ADD);
	if (i->op == OP_NOT)
		return;
	if (size < 4 && t->flags_live)
		gen_sign_extend(t, T2, T2, size);
	gen_cc_set(t, i->op == OP_INC ? CC_INC : CC_DEC, size, T2, keep_cf ? T5 : H_ZERO);
}

int gen_atomic(struct tr *t, const struct insn *i)
{
	switch (i->op) {
	case OP_XCHG:
		if (i->opd[0].kind != OPD_MEM && i->opd[1].kind != OPD_MEM)
			return -1;
		emit_xchg(t, i);
		return 0;
	case OP_XADD: emit_xadd(t, i); return 0;
	case OP_CMPXCHG: emit_cmpxchg(t, i); return 0;
	case OP_CMPXCHG8B: emit_cmpxchg8b(t, i); return 0;
	case OP_CMPXCHG16B: emit_cmpxchg16b(t, i); return 0;
	}
	if (!i->lock)
		return -1;
	switch (i->op) {
	case OP_ADD:
	case OP_SUB:
	case OP_AND:
	case OP_OR:
	case OP_XOR: emit_binary(t, i); return 0;
	case OP_INC:
	case OP_DEC:
	case OP_NOT: emit_unary(t, i); return 0;
	}
	return -1;
}
