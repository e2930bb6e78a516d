/* Near jumps, calls and returns, loops. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/mmu.h"
#include "translator/region.h"

static uint64_t target_of(const struct tr *t, const struct insn *i)
{
	uint64_t mask = i->opsize == 2 ? 0xffff : i->opsize == 4 ? 0xffffffff : UINT64_MAX;

	return (t->next_eip + (uint64_t)i->imm) & mask;
}

/* A jump to eip faults, at the jump. Never so in a flat code segment of 32 bits. */
static bool beyond_limit(const struct tr *t, uint64_t eip)
{
	if (t->mode & MODE_LONG)
		return !mmu_canonical(eip);
	return eip > t->region->cs_limit;
}

/* #GP(0) unless the target in register rs, of which the low `size` bytes count, is within the code segment. Clobbers T7 and T8.
 * In 64-bit code the jump itself sees to it: gen_goto_reg(). */
static void check_limit(struct tr *t, int rs, int size)
{
	struct emit *e = &t->e;
	uint32_t *site;

	if (t->mode & MODE_LONG || !beyond_limit(t, size == 2 ? 0xffff : 0xffffffff))
		return;
	if (t->region->cs_limit == 0xffff) {
		la_bstrpick_d(e, T7, rs, 31, 16);
		site = e->p;
		la_bnez(e, T7, 0);
	} else {
		la_bstrpick_d(e, T7, rs, size == 2 ? 15 : 31, 0);
		gen_li(t, T8, t->region->cs_limit);
		site = e->p;
		la_bltu(e, T8, T7, 0);
	}
	gen_raise_at(t, site, EXC_GP);
}

/* The instruction of the region that the current one branches to; -1: none. */
static int inside(const struct tr *t)
{
	return t->single ? -1 : t->plan->insn[t->index].target;
}

/* Control goes to instruction k of the region. */
static void within(struct tr *t, int k)
{
	if (t->narrow)
		gen_settle_upper(t, ~gen_stays_narrow(t, &t->plan->insn[k]));
	uint32_t *site = t->e.p;
	la_b(&t->e, 0);
	gen_fix_to(t, site, k);
}

/* Not where each piece of code is counted, nor on doubles, whose state must be the same at each head. */
static bool may_turn(const struct tr *t)
{
	return !(t->mode & MODE_LONG) && !t->profile && !t->x87_flow && !t->live.active;
}

/* Control goes to eip: within the region by a branch, else out of it. */
static void go(struct tr *t, uint64_t eip)
{
	int k = inside(t);

	if (beyond_limit(t, eip)) {
		gen_raise(t, EXC_GP, true, 0);
		return;
	}
	if (k < 0) {
		gen_goto(t, eip);
		return;
	}
	if (k < t->index && may_turn(t) && plan_turns(t->plan, &t->plan->insn[t->index])) {
		gen_turn(t, &t->plan->insn[k]);
		return;
	}
	if (t->flags_live)
		gen_cc_sync(t);
	within(t, k);
}

/* The condition's branch at `site` is to reach eip; what does not branch falls through behind the code emitted here. */
static void branch_to(struct tr *t, uint32_t *site, uint64_t eip)
{
	int k = inside(t);
	struct cc_recipe pend = t->pend;
	int cc_static = t->cc_static;
	bool cc_in_mem = t->cc_in_mem;

	if (k >= 0) {
		gen_fix_to(t, site, k);
		return;
	}
	uint32_t *over = t->e.p;
	la_b(&t->e, 0);
	emit_fix_branch(site, t->e.p);
	gen_goto(t, eip);
	emit_fix_branch(over, t->e.p);
	t->pend = pend;
	t->cc_static = cc_static;
	t->cc_in_mem = cc_in_mem;
}

/* The end of a loop that counts down: whether the counter's upper half is cleared makes no difference to it. */
static bool compares_with_zero(const struct tr *t, int cond)
{
	return t->recent.valid && t->recent.res >= 0 && cond >> 1 == 2;
}

/* In loops: flags that are not stored yet and only wanted where the branch r goes to, within the region, are stored on that way. */
static bool stores_apart(const struct tr *t, const struct rinsn *r)
{
	bool dead = r->falls && (!r[1].flags_in || (t->sunk.valid && t->sunk.branch_only));

	return t->plan->loops && dead && t->plan->insn[r->target].flags_in && (t->pend.op || t->sunk.valid);
}

static void emit_jcc(struct tr *t, const struct insn *i)
{
	uint64_t eip = target_of(t, i);
	int k = inside(t);

	if (beyond_limit(t, eip)) {
		gen_raise_at(t, gen_branch_if(t, i->cond), EXC_GP);
		if (t->turns)
			within(t, t->index + 1);
		return;
	}
	const struct rinsn *r = &t->plan->insn[t->index];
	if (k >= 0 && k <= t->index && compares_with_zero(t, i->cond))
		gen_settle_upper(t, ~gen_may_be_narrow(&t->plan->insn[k]));
	uint16_t narrow = t->narrow, sext = t->sext, flags_live = t->flags_live;
	bool apart = k >= 0 && stores_apart(t, r);
	bool early = k < 0 || !t->plan->insn[k].flags_in || apart;
	if (k >= 0 && !apart && !t->turns && (!narrow || !(narrow & ~gen_stays_narrow(t, &t->plan->insn[k])))) {
		gen_fix_to(t, (early ? gen_branch_early : gen_branch_if)(t, i->cond), k);
		return;
	}
	/* the exit lies in the fall-through of the opposite condition */
	uint32_t *over = (early ? gen_branch_early : gen_branch_if)(t, i->cond ^ 1);
	struct cc_recipe pend = t->pend;
	int cc_static = t->cc_static;
	bool cc_in_mem = t->cc_in_mem;
	if (k >= 0) {
		if (apart) {
			gen_cc_sunk(t);
			gen_cc_sync(t);
		}
		within(t, k);
	} else {
		if (r->exit_known[0])
			t->flags_live = r->exit_live[0];
		gen_cc_sunk(t);
		gen_goto(t, eip);
		t->flags_live = flags_live;
	}
	if (t->turns)
		gen_fix_to(t, over, t->index + 1);
	else
		emit_fix_branch(over, t->e.p);
	t->pend = pend;
	t->cc_static = cc_static;
	t->cc_in_mem = cc_in_mem;
	t->narrow = narrow;
	t->sext = sext;
}

/* The branch of LOOP or JCXZ at `site` is to reach the instruction's target. A fault must find the counter as it was. */
static void loop_to(struct tr *t, uint32_t *site, const struct insn *i)
{
	struct emit *e = &t->e;
	uint64_t eip = target_of(t, i);

	if (!beyond_limit(t, eip)) {
		branch_to(t, site, eip);
		return;
	}
	uint32_t *over = e->p;
	la_b(e, 0);
	emit_fix_branch(site, e->p);
	if (i->op != OP_JCXZ) {
		(i->addrsize == 8 ? la_addi_d : la_addi_w)(e, T1, HGPR(RCX), 1);
		gen_gpr_write(t, RCX, i->addrsize, T1, true);
	}
	gen_raise(t, EXC_GP, true, 0);
	emit_fix_branch(over, e->p);
}

/* LOOP, LOOPE, LOOPNE, JCXZ: the counter is CX, ECX or RCX by the address size. */
static void emit_loop(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	uint32_t *not_flag = NULL, *taken;

	if (i->op == OP_LOOPE || i->op == OP_LOOPNE)
		gen_cond(t, i->op == OP_LOOPE ? 4 : 5, T5);
	if (t->flags_live)
		gen_cc_sync(t);
	if (i->op != OP_JCXZ) {
		(i->addrsize == 8 ? la_addi_d : la_addi_w)(e, T1, HGPR(RCX), -1);
		gen_gpr_write(t, RCX, i->addrsize, T1, true);
	}
	int counter = gen_gpr_read(t, RCX, i->addrsize, i->addrsize == 4, T1);
	if (i->op == OP_LOOPE || i->op == OP_LOOPNE) {
		not_flag = e->p;
		la_beqz(e, T5, 0);
	}
	taken = e->p;
	if (i->op == OP_JCXZ)
		la_beqz(e, counter, 0);
	else
		la_bnez(e, counter, 0);
	loop_to(t, taken, i);
	if (not_flag)
		emit_fix_branch(not_flag, e->p);
}

/* The target, in T5 or a register of the guest's that the push of a call does not change. */
static int load_target(struct tr *t, const struct insn *i)
{
	const struct operand *o = &i->opd[0];

	if (o->kind == OPD_MEM) {
		gen_load(t, T5, gen_operand(t, i, i->opsize, MEM_LOAD, T0), i->opsize, false);
		return T5;
	}
	if (i->opsize == 2)
		return gen_gpr_read(t, o->reg, 2, false, T5);
	if (o->reg != RSP)
		return HGPR(o->reg);
	la_move(&t->e, T5, HGPR(RSP));
	return T5;
}

static void emit_jmp(struct tr *t, const struct insn *i)
{
	if (i->opd[0].kind == OPD_REL) {
		go(t, target_of(t, i));
		return;
	}
	int target = load_target(t, i);
	check_limit(t, target, i->opsize);
	gen_goto_reg(t, target, 0);
}

static void emit_call(struct tr *t, const struct insn *i)
{
	bool direct = i->opd[0].kind == OPD_REL;
	int target = T5;

	if (direct && beyond_limit(t, target_of(t, i))) {
		gen_raise(t, EXC_GP, true, 0);
		return;
	}
	if (!direct) {
		target = load_target(t, i);
		check_limit(t, target, i->opsize);
	}
	gen_li(t, T1, i->opsize == 8 ? (int64_t)t->next_eip : (int64_t)sx32(t->next_eip));
	gen_push(t, T1, i->opsize, T0);
	if (direct)
		gen_goto(t, target_of(t, i));
	else
		gen_goto_reg(t, target, i->opsize);
}

static void emit_ret(struct tr *t, const struct insn *i)
{
	int pop = i->nopd ? (int)(i->imm & 0xffff) : 0, all = pop + i->opsize;

	gen_load(t, T0, gen_stack(t, 0, i->opsize, MEM_LOAD, T0), i->opsize, false);
	check_limit(t, T0, i->opsize);
	if (all < 2048) {
		gen_esp_add(t, all);
	} else {
		gen_li(t, T2, all);
		la_add_d(&t->e, T2, HGPR(RSP), T2);
		gen_gpr_write(t, RSP, t->mode & MODE_LONG ? 8 : t->mode & MODE_SS32 ? 4 : 2, T2, false);
	}
	gen_goto_reg(t, T0, -all);
}

int gen_branch(struct tr *t, const struct insn *i)
{
	switch (i->op) {
	case OP_JCC: emit_jcc(t, i); return 0;
	case OP_LOOP:
	case OP_LOOPE:
	case OP_LOOPNE:
	case OP_JCXZ: emit_loop(t, i); return 0;
	case OP_JMP: emit_jmp(t, i); return 0;
	case OP_CALL: emit_call(t, i); return 0;
	case OP_RET: emit_ret(t, i); return 0;
	}
	return -1;
}
