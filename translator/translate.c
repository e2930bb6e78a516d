/* Turning a plan into host code: the order of things; the instructions themselves are in gen_*.c. */
#include "translator/translate.h"

#include <errno.h>

#include "translator/gen.h"
#include "translator/x87.h"

static int (*const generators[])(struct tr *, const struct insn *) = {
	gen_segment, gen_move, gen_atomic, gen_alu, gen_branch, gen_shift, gen_muldiv, gen_bits, gen_string, gen_eflags, gen_control,
	gen_system, gen_sse, gen_mmx, gen_x87, gen_word, gen_fpstate,
};

/* Who generates the frequent operations without LOCK, mostly. */
static int (*const generator_of[OP_COUNT])(struct tr *, const struct insn *) = {
	[OP_ADD] = gen_alu, [OP_OR] = gen_alu, [OP_ADC] = gen_alu, [OP_SBB] = gen_alu, [OP_AND] = gen_alu, [OP_SUB] = gen_alu,
	[OP_XOR] = gen_alu, [OP_CMP] = gen_alu, [OP_TEST] = gen_alu, [OP_INC] = gen_alu, [OP_DEC] = gen_alu, [OP_NEG] = gen_alu,
	[OP_NOT] = gen_alu, [OP_SHL] = gen_shift, [OP_SHR] = gen_shift, [OP_SAR] = gen_shift, [OP_ROL] = gen_shift, [OP_ROR] = gen_shift,
	[OP_MUL] = gen_muldiv, [OP_IMUL] = gen_muldiv, [OP_DIV] = gen_muldiv, [OP_IDIV] = gen_muldiv,
	[OP_JCC] = gen_branch, [OP_JMP] = gen_branch, [OP_CALL] = gen_branch, [OP_RET] = gen_branch,
	[OP_MOV] = gen_move, [OP_PUSH] = gen_move, [OP_POP] = gen_move, [OP_MOVZX] = gen_move, [OP_MOVSX] = gen_move, [OP_MOVSXD] = gen_move, [OP_LEA] = gen_move, [OP_CMOVCC] = gen_move,
	[OP_SETCC] = gen_move, [OP_CBW] = gen_move, [OP_CWD] = gen_move, [OP_LEAVE] = gen_move, [OP_NOP] = gen_move, [OP_X87] = gen_x87,
};

static inline __attribute__((always_inline)) void gen_insn(struct tr *t, const struct insn *i)
{
	int (*known)(struct tr *, const struct insn *) = generator_of[i->op];

	if (known && !i->lock && known(t, i) == 0)
		return;
	for (unsigned k = 0; k < sizeof generators / sizeof generators[0]; k++)
		if (generators[k](t, i) == 0)
			return;
	gen_raise(t, EXC_UD, false, 0);
}

static bool evaluates_condition(const struct rinsn *r)
{
	return r->i.attr & INSN_EVALUATES;
}

/* Whether code works on doubles here, or at some leader. */
static bool has_doubles(const struct tr *t)
{
	return t->x87_flow || t->live.active;
}

/* A condition that may be evaluated once more after a fault, from flags that must be there then. */
static inline __attribute__((always_inline)) bool restarts(const struct tr *t, const struct rinsn *r)
{
	const struct insn *i = &r->i;
	uint64_t target;

	if (i->op == OP_JCC)
		return !(t->mode & MODE_LONG) && t->region->cs_limit != UINT32_MAX && plan_branch_target(r, 0xffffffff, &target) && target > t->region->cs_limit;
	return i->opd[0].kind == OPD_MEM || (i->nopd > 1 && i->opd[1].kind == OPD_MEM);
}

/* Flags that the instruction does not change. */
static uint16_t kept_flags(const struct rinsn *r)
{
	return r->i.op == OP_INC || r->i.op == OP_DEC ? FL_CF : 0;
}

/*
 * Whether the flags, but for those kept, at a conditional branch are dead where it goes to within the region, or else where it falls through: then they can be stored on the
 * other ways. The latter only in loops, whose code is worth the longer translation.
 */
static bool dead_one_way(const struct tr *t, const struct rinsn *r, uint16_t kept)
{
	if (r->i.op != OP_JCC || t->single)
		return false;
	if (r->target < 0 || !(t->plan->insn[r->target].flags_in & ~kept))
		return true;
	return t->plan->loops && r->falls && !r[1].flags_in;
}

/* Whether nobody reads the flags where the branch goes to. */
static bool dead_behind(const struct tr *t, const struct rinsn *r)
{
	if (r->target >= 0)
		return !t->plan->insn[r->target].flags_in;
	return r->exit_known[0] && !r->exit_live[0];
}

/* Two conditional branches, the second directly behind the first, after which nobody reads the flags. */
static bool is_last_pair(const struct tr *t, const struct rinsn *r)
{
	const struct rinsn *second = r + 1;

	if (r->i.op != OP_JCC || !r->falls || second->leader || second->i.op != OP_JCC || second->flags_live)
		return false;
	return dead_behind(t, r) && !restarts(t, second);
}

/*
 * The entry of the region, and the place where its branches go. Loops do not poll, but at the region's entry, out of line where that is within a loop, nor does what
 * falls through from an instruction with an interrupt shadow: where such a one is before the head of a loop, the loop polls there.
 */
static void begin_polled(struct tr *t, struct rinsn *r, bool entry)
{
	bool shadow = t->fell && insn_makes_shadow(&r[-1].i);
	bool polls = (entry && t->plan->loops) || (r->loop_head && shadow);
	uint32_t *over = t->e.p;

	if (entry && t->fell && polls && !shadow) {
		gen_polled_entry(t, r->eip);
		entry = polls = false;
	}
	if (shadow && polls)
		la_b(&t->e, 0);
	if (entry)
		t->entry = t->e.p;
	if (shadow)
		r->host = t->e.p;
	if (polls)
		gen_poll(t, r->eip);
	if (entry)
		gen_held_load(t, t->held);
	if (shadow && polls)
		emit_fix_branch(over, t->e.p);
	if (shadow)
		return;
	r->host = t->e.p;
	if (r->loop_head && !r->stops_late)
		gen_loop_head(t, r->eip);
}

/*
 * Registers whose upper half the instruction reads get it right. So do those that the next one reads, when that evaluates a condition of
 * operands in registers: they may not change in between.
 */
static void begin_upper(struct tr *t, const struct rinsn *r, const struct rinsn *next)
{
	uint16_t after = next ? next->upper.reads : 0;

	gen_settle_upper(t, r->upper.known ? r->upper.reads | after : UINT16_MAX);
	if (!r->upper.known)
		t->sext = 0;
	t->upper_live = r->upper.known ? after : UINT16_MAX;
	t->upper_zero = r->zero_in;
}

/* Which of those with INSN_SP the stack pointer may be late behind, if gen_sp_defers(). */
static bool moves_sp(const struct rinsn *r)
{
	const struct insn *i = &r->i;

	return i->op == OP_PUSH || i->op == OP_POP || (i->opd[0].kind == OPD_GPR && i->opd[0].reg == RSP);
}

/* As gen_x87_enter(), before the head of a loop that wants registers to be aligned. */
static uint32_t *enter_sse_loop(struct tr *t, struct rinsn *r, bool entry)
{
	uint32_t *over = t->e.p, *to_body = NULL;

	if (entry && t->fell)
		la_b(&t->e, 0);
	if (entry) {
		t->entry = t->e.p;
		gen_poll(t, r->eip);
		gen_sse_loop_entry(t, r);
		gen_held_load(t, t->held);
		to_body = t->e.p;
		la_b(&t->e, 0);
	}
	if (entry && t->fell)
		emit_fix_branch(over, t->e.p);
	if (t->fell)
		gen_sse_loop_entry(t, r);
	r->host = t->e.p;
	return to_body;
}

/* Control may come to r from elsewhere. Returns a branch to its body that is to be fixed, if it is the entry and needs one. */
static uint32_t *begin_leader(struct tr *t, struct rinsn *r)
{
	bool entry = r == &t->plan->insn[t->plan->entry];
	bool known = r->cc_in != -2 && !r->loop_head && !entry;
	uint32_t *to_body = NULL;

	if (!known || (t->fell && t->cc_static != r->cc_in))
		t->cc_static = -1;
	else
		t->cc_static = r->cc_in;
	t->cc_in_mem = true;
	t->recent.valid = false;
	t->pend.op = 0;
	if (entry || r->loop_head || r->first_from < t->start || t->index == 0 || r[-1].eip + r[-1].i.len != r->eip) {
		t->start = t->index;
		t->start_delta = (int16_t)(r->eip - t->region->eip);
	}
	t->mmx_ready = false;
	if (entry)
		t->x87 = gen_x87_state(t->x87_entry);
	t->x87.sure = false;
	gen_x87_leader(t, r);
	if (t->fell && !r->loop_head)
		r->narrow_in |= t->narrow;
	if (t->fell)
		r->sext_in &= t->sext;
	t->narrow = r->narrow_in;
	t->sext = entry || r->loop_head ? 0 : r->sext_in;
	if (entry && t->live.active) {
		t->entry = gen_x87_enter(t, r, &to_body);
		r->host = t->e.p;
	}
	if (t->held && t->held->first == t->index && t->fell) {
		t->held->before = t->e.p;
		gen_held_load(t, t->held);
	}
	if (r->loop_head) {
		gen_sse_loop(t, r);
		if (t->loop.n)
			to_body = enter_sse_loop(t, r, entry);
	}
	/* a single instruction is executed, not left before */
	if (!t->single)
		begin_polled(t, r, entry && !to_body);
	else if (entry && !to_body)
		t->entry = t->e.p;
	return to_body;
}

/* The next instruction evaluates a condition of r's flags: what happens to them then. */
static inline __attribute__((always_inline)) void begin_fuse(struct tr *t, const struct rinsn *r, const struct rinsn *next)
{
	if (restarts(t, next))
		return;
	t->fuse_dead = !next->flags_live;
	t->fuse_pair = is_last_pair(t, next);
	t->fuse_sinks = dead_one_way(t, next, kept_flags(r));
}

/* The instruction's code comes next; control comes from what has been emitted before. */
static inline __attribute__((always_inline)) void begin_here(struct tr *t, const struct rinsn *r)
{
	const struct rinsn *next = r + 1;
	const unsigned attr = r->i.attr;

	t->eip = r->eip;
	t->next_eip = (r->eip + r->i.len) & t->eip_mask;
	t->flags_live = r->flags_live;
	t->rex = r->i.rex;
	t->called = t->sp_moves = t->sp_defers = t->fuse = t->fuse_dead = t->fuse_pair = t->fuse_sinks = t->device_operand = false;
	if (r->falls && next->i.attr & INSN_EVALUATES && !next->leader && !(attr & INSN_EVALUATES))
		t->fuse = true;
	if (has_doubles(t))
		gen_x87_begin(t, r);
	if (r->late)
		gen_late_begin(t, r);
	if (t->pend.op)
		gen_pend_begin(t, r);
	if (attr & INSN_SP) {
		t->sp_moves = moves_sp(r);
		t->sp_defers = t->sp_moves && gen_sp_defers(t, r);
	}
	if (t->mode & MODE_LONG)
		begin_upper(t, r, t->fuse ? next : NULL);
	if (t->fuse)
		begin_fuse(t, r, next);
}

static void begin(struct tr *t, struct rinsn *r)
{
	uint32_t *to_body = NULL;

	r->host = r->body = t->e.p;
	if (t->nloops)
		t->held = gen_held_at(t, t->index);
	if (r->leader) {
		to_body = begin_leader(t, r);
		r->body = t->e.p;
		if (to_body)
			emit_fix_branch(to_body, r->body);
	}
	if (r->stops)
		gen_loop_head(t, r->eip);
	if (t->profile)
		gen_count_piece(t);
	begin_here(t, r);
}

void gen_turn(struct tr *t, const struct rinsn *head)
{
	const int jump = t->index;
	const struct rinsn *r = head - 1;

	t->index = (int)(r - t->plan->insn);
	do {
		r++;
		t->index++;
		begin_here(t, r);
		t->turns = r->i.op == OP_JCC;
		gen_insn(t, &r->i);
	} while (!t->turns);
	t->turns = t->recent.valid = t->sunk.valid = false;
	t->index = jump;
}

/*
 * What is to be generated of r where the stack pointer is late or may become so: NULL when that is done, else r's instruction or the copy *moved, whose memory
 * operand is relative to the stack pointer as it is in the host's register.
 */
static const struct insn *begin_late(struct tr *t, const struct rinsn *r, struct insn *moved)
{
	if (t->sp_moves && gen_sp_insn(t, r))
		return NULL;
	if (!t->sp_late || r->i.base != RSP)
		return &r->i;
	*moved = r->i;
	moved->disp += t->sp_late;
	return moved;
}

/* Control goes on from the instruction before it to r, a leader. */
static void fall_to_leader(struct tr *t, const struct rinsn *r)
{
	if (r->flags_in && !t->sunk.valid)
		gen_cc_sync(t);
	if (has_doubles(t))
		gen_x87_edge(t, r);
	if (t->narrow)
		gen_settle_upper(t, ~gen_stays_narrow(t, r));
}

/* Whether the next instruction, a branch too, is where the flags that the branch r has not stored yet are stored. */
static bool sinks_on(const struct tr *t, const struct rinsn *r)
{
	return t->sunk.valid && t->recent.valid && r->i.op == OP_JCC && r[1].i.op == OP_JCC && !restarts(t, r + 1) && dead_one_way(t, r + 1, 0);
}

/* Behind the instruction's code, where there is more to do than to go on. */
static void finish(struct tr *t, const struct rinsn *r)
{
	if (evaluates_condition(r)) {
		t->recent = t->served;
		t->recent.valid = gen_recent_goes_on(t, &t->served, t->index);
	}
	if (r->i.attr & INSN_END)
		return;
	if (t->shadow == t->index) {
		la_ld_wu(&t->e, T1, H_CPU, offsetof(struct cpu, pending));
		gen_leave_if(t, T1, t->next_eip);
	}
	if (t->called && r->i.attr & INSN_STORE) {
		/* the helper may have overwritten what follows */
		gen_cc_sync(t);
		gen_poll(t, t->next_eip);
	}
	if (sinks_on(t, r))
		return;
	if (!r->falls) {
		gen_cc_sunk(t);
		gen_goto(t, t->next_eip);
	} else {
		if (r->i.op == OP_JCC && (r + 1)->flags_in) {
			if (!t->sunk.branch_only)
				gen_cc_sunk(t);
			t->sunk.valid = false;
		}
		if ((r + 1)->leader)
			fall_to_leader(t, r + 1);
	}
	if (evaluates_condition(r))
		t->sunk.valid = false;
}

static void one(struct tr *t, struct rinsn *r)
{
	const struct insn *i = &r->i;
	struct insn moved;

	begin(t, r);
	if (t->sp_moves || t->sp_late)
		i = begin_late(t, r, &moved);
	if (i)
		gen_insn(t, i);
	if (t->sp_late && !gen_sp_carried(t, r))
		gen_sp_settle(t);
	t->fell = r->falls;
	/* most instructions just go on to the next */
	if (!r->falls || r->i.attr & (INSN_END | INSN_EVALUATES) || t->called || r[1].leader || t->shadow >= 0)
		finish(t, r);
}

static void self_check(struct tr *t)
{
	gen_li(t, T0, (int64_t)(uintptr_t)t->region);
	gen_bl(t, t->stubs->check[t->plv]);
	uint32_t *site = t->e.p;
	la_b(&t->e, 0);
	gen_fix_to(t, site, (int)t->plan->entry);
}

int translate(struct tr *t, struct cpu *cpu, struct plan *plan, struct region *region, uint32_t *code, uint32_t *end)
{
	/* a branch that has no room is directed all the same: what is written then is the last word */
	t->e = (struct emit){ .p = code, .start = code, .end = end - 1 };
	t->cpu = cpu;
	t->mode = region->mode;
	t->dsize = plan_dsize(region->mode);
	t->eip_mask = plan_eip_mask(region->mode);
	t->plv = (int)cache_stub_set(region->mode);
	t->single = region->flags & REGION_TRANSIENT || region->mode & (MODE_TF | MODE_DBG);
	t->stubs = cache_stubs(cpu);
	t->plan = plan;
	t->region = region;
	t->cs_base = region->cs_base;
	t->eip = region->eip;
	t->npoints = t->nexits = t->nfixups = t->nslow = t->nheads = 0;
	t->full = t->fell = t->rex = t->turns = false;
	t->checked_at = NULL;
	t->narrow = t->sext = t->upper_live = t->upper_zero = 0;
	t->pend.op = 0;
	t->loop.n = 0;
	t->sp_late = 0;
	t->late = 0;
	t->sp_defers = false;
	t->start = 0;
	t->forward.index = t->extended = t->carry_at = t->truth[0].index = t->truth[1].index = -1;
	gen_reuse_begin(t);
	t->recent.valid = t->sunk.valid = t->mmx_ready = false;
	t->x87_entry = x87_word(&cpu->x87);
	t->x87_mask = 0;
	t->x87 = gen_x87_state(t->x87_entry);
	t->live.active = false;
	t->nx87_points = 0;
	t->x87_point_insn = t->shadow = -1;
	t->x87_flow = gen_x87_flow(t, plan);
	plan->nlate = 0;
	if (!t->single)
		gen_copies(t);
	gen_constants(t);
	if (region->flags & REGION_SELFCHECK)
		self_check(t);
	t->index = 0;
	for (struct rinsn *r = plan->insn, *last = r + plan->n; r < last && !t->e.overflow; r++, t->index++)
		one(t, r);
	gen_slow_paths(t);
	for (unsigned k = 0; k < t->nfixups; k++)
		emit_fix_branch(t->fixups[k].site, t->fixups[k].enters ? gen_way_in(t, k) : plan->insn[t->fixups[k].insn].host);
	if (t->full || t->e.overflow)
		return -ENOSPC;
	region->host = region->flags & REGION_SELFCHECK ? code : t->entry;
	/* room for what smc_kill() writes over the entry */
	while (t->e.p - region->host < REGION_MIN_WORDS)
		la_nop(&t->e);
	gen_thunk(t);
	if (t->e.overflow)
		return -ENOSPC;
	region->x87 = t->x87_entry & t->x87_mask;
	region->x87_mask = t->x87_mask;
	region->code = code;
	region->code_end = t->e.p;
	return 0;
}
