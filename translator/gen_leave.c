/* Leaving translated code: helper calls, exceptions, exits, polls, and the code that lies out of line. */
#include "translator/cpu.h"
#include "translator/debug.h"
#include "translator/gen.h"
#include "translator/region.h"
#include "translator/seg.h"
#include "translator/x87.h"

void gen_x87_stub(struct tr *t, unsigned stub)
{
	gen_bl(t, t->stubs->x87[stub]);
}

static void store_eip(struct tr *t, uint64_t eip, int tmp)
{
	gen_li(t, tmp, t->mode & MODE_LONG ? (int64_t)eip : (int64_t)(uint32_t)eip);
	la_st_d(&t->e, tmp, H_CPU, offsetof(struct cpu, eip));
}

static void count_helper(struct tr *t)
{
	if (t->profile)
		gen_count(t, &t->cpu->stats[STAT_HELPER], 1);
}

void gen_helper_by(struct tr *t, const void *fn, const uint32_t *stub)
{
	count_helper(t);
	gen_x87_settle(t);
	gen_cc_sync(t);
	gen_clear_upper(t, t->narrow);
	t->narrow = t->sext = 0;
	store_eip(t, t->eip, T4);
	gen_li(t, T7, (int64_t)(uintptr_t)fn);
	gen_bl(t, stub);
	if (t->held)
		gen_held_load(t, t->held);
	t->cc_static = -1;
	t->cc_in_mem = true;
	t->recent.valid = false;
	t->mmx_ready = false;
	t->called = true;
}

void gen_helper(struct tr *t, const void *fn)
{
	gen_helper_by(t, fn, t->stubs->helper[t->plv]);
}

void gen_helper_end(struct tr *t, const void *fn)
{
	count_helper(t);
	gen_x87_leave(t, &t->live);
	gen_cc_sync(t);
	gen_clear_upper(t, t->narrow);
	store_eip(t, t->eip, T4);
	gen_li(t, T7, (int64_t)(uintptr_t)fn);
	gen_b(t, t->stubs->helper_end[t->plv]);
}

void gen_transfer_by(struct tr *t, const void *fn, const uint32_t *stub)
{
	if (t->single) {
		gen_helper_end(t, fn);
		return;
	}
	gen_x87_leave(t, &t->live);
	gen_cc_sync(t);
	gen_clear_upper(t, t->narrow);
	store_eip(t, t->eip, T4);
	gen_li(t, T7, (int64_t)(uintptr_t)fn);
	gen_b(t, stub ? stub : t->stubs->transfer[t->plv]);
}

void gen_transfer(struct tr *t, const void *fn)
{
	gen_transfer_by(t, fn, NULL);
}

static void helper_raise(struct cpu *cpu, uint64_t vector, uint64_t has_error, uint64_t error)
{
	if (has_error)
		cpu_raise_err(cpu, (int)vector, (uint32_t)error);
	cpu_raise(cpu, (int)vector);
}

void gen_raise(struct tr *t, int vector, bool has_error, uint32_t error)
{
	struct cc_recipe pend = t->pend;
	int cc_static = t->cc_static;
	bool cc_in_mem = t->cc_in_mem;
	int late = t->sp_late;

	gen_sp_settle(t);
	gen_li(t, T1, vector);
	gen_li(t, T2, has_error);
	gen_li(t, T3, error);
	gen_helper_end(t, (const void *)helper_raise);
	/* the path that does not raise goes on with what it knew */
	t->pend = pend;
	t->cc_static = cc_static;
	t->cc_in_mem = cc_in_mem;
	t->sp_late = late;
}

void gen_xmm_sync(struct tr *t)
{
	int n = t->mode & MODE_LONG ? 16 : 8;

	for (int k = 0; k < n; k++)
		la_vst(&t->e, HXMM(k), H_CPU, (int)offsetof(struct cpu, xmm) + 16 * k);
}

void gen_xmm_reload(struct tr *t)
{
	int n = t->mode & MODE_LONG ? 16 : 8;

	for (int k = 0; k < n; k++)
		la_vld(&t->e, HXMM(k), H_CPU, (int)offsetof(struct cpu, xmm) + 16 * k);
}

void gen_add_slow(struct tr *t, struct slow_path s)
{
	s.cc_static = t->cc_in_mem ? -1 : t->cc_static;
	s.narrow = t->narrow;
	s.sext = t->sext;
	s.pend = t->pend;
	s.sp_late = t->sp_late;
	s.live = t->live;
	s.held = (uint8_t)(t->held ? t->held - t->loops + 1 : 0);
	if (t->nslow == TR_MAX_SLOW)
		t->full = true;
	else
		t->slow[t->nslow++] = s;
}

static void add_leave(struct tr *t, int kind, uint64_t eip)
{
	gen_add_slow(t, (struct slow_path){ .kind = kind, .site = t->e.p, .eip = eip });
}

void gen_leave_if(struct tr *t, int reg, uint64_t eip)
{
	add_leave(t, SLOW_STOP, eip);
	la_bnez(&t->e, reg, 0);
}

void gen_alone_if(struct tr *t, int reg, uint64_t eip)
{
	add_leave(t, SLOW_ALONE, eip);
	la_bnez(&t->e, reg, 0);
}

void gen_poll(struct tr *t, uint64_t eip)
{
	add_leave(t, SLOW_STOP, eip);
	la_bge(&t->e, H_STOP, H_ZERO, 0);
}

void gen_loop_head(struct tr *t, uint64_t eip)
{
	add_leave(t, SLOW_HEAD, eip);
}

void gen_polled_entry(struct tr *t, uint64_t eip)
{
	gen_add_slow(t, (struct slow_path){ .kind = SLOW_ENTRY, .resume = t->e.p, .eip = eip });
}

bool gen_shadow_leaves(const struct tr *t)
{
	return t->single || !t->plan->insn[t->index].falls;
}

bool gen_need_cpl0(struct tr *t)
{
	if (!(t->mode & MODE_CPL))
		return true;
	gen_raise(t, EXC_GP, true, 0);
	return false;
}

void gen_check_umip(struct tr *t)
{
	if (t->mode & MODE_CPL)
		gen_helper(t, (const void *)umip_check);
}

void gen_slow_call(struct tr *t, uint32_t *site, const void *fn, uint64_t a1, uint64_t a2, uint64_t a3, int result)
{
	gen_add_slow(t, (struct slow_path){
		.kind = SLOW_CALL, .site = site, .resume = t->e.p, .eip = t->eip,
		.reg = result, .fn = fn, .arg = { a1, a2, a3 },
	});
}

void gen_trap_call(struct tr *t, unsigned point, const void *fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
	gen_add_slow(t, (struct slow_path){
		.kind = SLOW_CALL, .point = point, .resume = t->e.p, .eip = t->eip,
		.reg = -1, .fn = fn, .arg = { a1, a2, a3 },
	});
}

void gen_watch(struct tr *t, struct maddr a, unsigned size, bool write)
{
	if (!(t->mode & MODE_DBG))
		return;
	la_addi_d(&t->e, T7, a.reg, a.disp);
	uint32_t *site = t->e.p;
	la_b(&t->e, 0);
	gen_add_slow(t, (struct slow_path){
		.kind = SLOW_WATCH, .site = site, .resume = t->e.p, .eip = t->eip,
		.size = (uint8_t)size, .write = write,
	});
}

void gen_raise_at(struct tr *t, uint32_t *site, int vector)
{
	gen_add_slow(t, (struct slow_path){
		.kind = SLOW_RAISE, .site = site, .eip = t->eip, .reg = vector,
	});
}

static void dispatch_at(struct tr *t, uint64_t eip)
{
	store_eip(t, eip, T0);
	gen_b(t, t->stubs->exit[t->plv]);
}

void gen_dispatch(struct tr *t, uint64_t eip)
{
	gen_x87_leave(t, &t->live);
	gen_cc_sync(t);
	gen_clear_upper(t, t->narrow);
	dispatch_at(t, eip);
}

void gen_fix_to(struct tr *t, uint32_t *site, int index)
{
	struct rinsn *to = &t->plan->insn[index];
	uint32_t *host = to->host;

	if (!to->loop_head)
		to->narrow_in |= t->narrow;
	to->sext_in &= t->sext;
	if (t->index < to->first_from)
		to->first_from = (uint8_t)t->index;
	to->cc_in = to->cc_in == -2 || to->cc_in == t->cc_static ? (int8_t)t->cc_static : -1;

	const struct held *held = t->nloops ? gen_held_at(t, index) : NULL;
	bool enters = held && held != t->held;
	if (host && !enters) {
		emit_fix_branch(site, host);
	} else if (t->nfixups == TR_MAX_FIXUPS) {
		t->full = true;
	} else {
		t->fixups[t->nfixups++] = (struct fixup){ .site = site, .insn = (int16_t)index, .enters = enters };
	}
}

static uint64_t slow_segment(struct cpu *cpu, uint64_t offset, uint64_t seg_size, uint64_t write)
{
	return seg_lin(cpu, (int)(seg_size >> 16), offset, (unsigned)(seg_size & 0xffff), (int)write);
}

/* The guest's registers and flags are what C takes them for. */
static void store_state(struct tr *t, const struct slow_path *s)
{
	gen_clear_upper(t, s->narrow);
	if (s->pend.op)
		gen_pend_emit(t, &s->pend);
	gen_sp_adjust(t, s->sp_late);
	if (s->cc_static < 0)
		return;
	gen_li(t, T1, s->cc_static);
	la_st_w(&t->e, T1, H_CPU, offsetof(struct cpu, cc_op));
}

/* reg, T6 and T7 are the address code's own; everything else must survive. r4-r10 are kept by the stub but for the argument registers
 * r5-r7, which are saved around it here (cpu->tmp). */
static void slow_begin(struct tr *t, const struct slow_path *s)
{
	struct emit *e = &t->e;
	int tmp = (int)offsetof(struct cpu, tmp);

	la_st_d(e, T1, H_CPU, tmp);
	la_st_d(e, T2, H_CPU, tmp + 8);
	la_st_d(e, T3, H_CPU, tmp + 16);
	if (s->kind == SLOW_SEGMENT)
		la_addi_d(e, T7, s->reg, -s->disp);
	store_state(t, s);
	store_eip(t, s->eip, T1);
}

static void hold(struct tr *t, const struct slow_path *s)
{
	if (s->held)
		gen_held_load(t, &t->loops[s->held - 1]);
}

static void slow_end(struct tr *t, const struct slow_path *s)
{
	gen_pend_undo(t, &s->pend);
	gen_sp_adjust(t, -s->sp_late);
	gen_restore_sext(t, s->narrow & s->sext);
	hold(t, s);
	gen_b(t, s->resume);
}

static void emit_slow_segment(struct tr *t, const struct slow_path *s)
{
	struct emit *e = &t->e;

	slow_begin(t, s);
	la_move(e, T1, T7);
	gen_li(t, T2, (int64_t)s->seg << 16 | s->size);
	gen_li(t, T3, s->write);
	gen_li(t, T7, (int64_t)(uintptr_t)slow_segment);
	gen_bl(t, t->stubs->slow[t->plv]);
	la_addi_d(e, s->reg, T7, s->disp);
	slow_end(t, s);
}

static void slow_watch(struct cpu *cpu, uint64_t lin, uint64_t size, uint64_t write)
{
	debug_check_data(cpu, lin, (unsigned)size, write);
}

static void emit_slow_watch(struct tr *t, const struct slow_path *s)
{
	slow_begin(t, s);
	la_move(&t->e, T1, T7);
	gen_li(t, T2, s->size);
	gen_li(t, T3, s->write);
	gen_li(t, T7, (int64_t)(uintptr_t)slow_watch);
	gen_bl(t, t->stubs->slow[t->plv]);
	slow_end(t, s);
}

static void emit_slow_call(struct tr *t, const struct slow_path *s)
{
	if (!s->site)
		t->points[s->point].slow = (uint16_t)(t->e.p - t->e.start);
	slow_begin(t, s);
	for (int k = 0; k < 3; k++)
		gen_li(t, T1 + k, (int64_t)s->arg[k]);
	gen_li(t, T7, (int64_t)(uintptr_t)s->fn);
	gen_bl(t, t->stubs->slow[t->plv]);
	if (s->reg >= 0)
		la_move(&t->e, s->reg, T7);
	slow_end(t, s);
}

void gen_slow_x87(struct tr *t, uint32_t *const *sites, unsigned n, struct maddr a, struct x87_slow x)
{
	for (unsigned k = 0; k < n; k++)
		gen_add_slow(t, (struct slow_path){
			.kind = SLOW_X87, .site = sites[k], .resume = t->e.p, .eip = t->eip,
			.reg = a.reg, .disp = a.disp, .arg = { x.info, x.after, t->next_eip }, .write = x.returns_flags,
		});
}

void gen_slow_x87_double(struct tr *t, uint32_t *const *sites, unsigned n, struct maddr a, uint32_t info)
{
	for (unsigned k = 0; k < n; k++)
		gen_add_slow(t, (struct slow_path){
			.kind = SLOW_X87_DOUBLE, .site = sites[k], .eip = t->eip,
			.reg = a.reg, .disp = a.disp, .arg = { info, 0, t->next_eip },
		});
}

static void call_x87_exec(struct tr *t, const struct slow_path *s)
{
	struct emit *e = &t->e;

	store_state(t, s);
	store_eip(t, s->eip, T4);
	if (s->reg >= 0)
		la_addi_d(e, T2, s->reg, s->disp);
	gen_li(t, T1, (int64_t)s->arg[0]);
	gen_li(t, T7, (int64_t)(uintptr_t)x87_exec);
	gen_bl(t, t->stubs->helper[t->plv]);
}

static void emit_slow_x87_double(struct tr *t, const struct slow_path *s)
{
	gen_x87_leave(t, &s->live);
	call_x87_exec(t, s);
	dispatch_at(t, s->arg[2]);
}

/* The whole instruction in C; the region is left when that has led to another state than the code is made for, or a store has hit code. */
static void emit_slow_x87(struct tr *t, const struct slow_path *s)
{
	struct emit *e = &t->e;

	call_x87_exec(t, s);
	uint32_t *polled = e->p;
	la_bge(e, H_STOP, H_ZERO, 0);
	la_ld_d(e, T1, H_CPU, (int)offsetof(struct cpu, x87.tag_empty));
	gen_li(t, T2, (int64_t)s->arg[1]);
	uint32_t *other = e->p;
	la_bne(e, T1, T2, 0);
	slow_end(t, s);
	emit_fix_branch(polled, e->p);
	emit_fix_branch(other, e->p);
	if (s->write) {
		la_move(e, H_CC_DST, T0);
		la_st_w(e, H_ZERO, H_CPU, offsetof(struct cpu, cc_op)); /* CC_EFLAGS */
	}
	dispatch_at(t, s->arg[2]);
}

static void emit_slow_stop(struct tr *t, const struct slow_path *s)
{
	gen_x87_leave(t, &s->live);
	store_state(t, s);
	dispatch_at(t, s->eip);
}

static void emit_slow_entry(struct tr *t, const struct slow_path *s)
{
	t->entry = t->e.p;
	if (!s->held) {
		la_blt(&t->e, H_STOP, H_ZERO, (int)((s->resume - t->e.p) * 4));
	} else {
		uint32_t *stop = t->e.p;
		la_bge(&t->e, H_STOP, H_ZERO, 0);
		hold(t, s);
		gen_b(t, s->resume);
		emit_fix_branch(stop, t->e.p);
	}
	emit_slow_stop(t, s);
}

static void emit_slow_alone(struct tr *t, const struct slow_path *s)
{
	gen_x87_leave(t, &s->live);
	store_state(t, s);
	store_eip(t, s->eip, T1);
	gen_li(t, T7, (int64_t)(uintptr_t)cache_run_alone);
	gen_b(t, t->stubs->helper_end[t->plv]);
}

/* Nothing branches there until the word at the head is overwritten. Two heads lie at one word where the first instruction takes no code: control may be at the second, then. */
static void emit_slow_head(struct tr *t, const struct slow_path *s)
{
	uint32_t leave, at = (uint32_t)(s->site - t->e.start);
	struct emit e = { .p = &leave, .start = &leave, .end = &leave + 1 };

	la_b(&e, (int)((t->e.p - s->site) * 4));
	if (t->nheads && t->heads[t->nheads - 1].at == at)
		t->nheads--;
	t->heads[t->nheads++] = (struct loop_head){ .at = at, .leave = leave };
	emit_slow_stop(t, s);
}

static bool exception_has_error(int vector)
{
	return vector == EXC_GP || vector == EXC_AC;
}

static void emit_slow_raise(struct tr *t, const struct slow_path *s)
{
	gen_x87_leave(t, &s->live);
	store_state(t, s);
	store_eip(t, s->eip, T1);
	gen_li(t, T1, s->reg);
	gen_li(t, T2, exception_has_error(s->reg));
	if (exception_has_error(s->reg))
		gen_li(t, T3, 0);
	gen_li(t, T7, (int64_t)(uintptr_t)helper_raise);
	gen_b(t, t->stubs->helper_end[t->plv]);
}

static void (*const emitters[])(struct tr *t, const struct slow_path *s) = {
	[SLOW_ENTRY] = emit_slow_entry, [SLOW_SEGMENT] = emit_slow_segment, [SLOW_STOP] = emit_slow_stop, [SLOW_HEAD] = emit_slow_head,
	[SLOW_ALONE] = emit_slow_alone, [SLOW_RAISE] = emit_slow_raise, [SLOW_CALL] = emit_slow_call, [SLOW_WATCH] = emit_slow_watch,
	[SLOW_X87] = emit_slow_x87, [SLOW_X87_DOUBLE] = emit_slow_x87_double,
};

void gen_slow_paths(struct tr *t)
{
	for (unsigned k = 0; k < t->nslow; k++) {
		const struct slow_path *s = &t->slow[k];
		if (s->site && s->kind != SLOW_HEAD)
			emit_fix_branch(s->site, t->e.p);
		emitters[s->kind](t, s);
	}
}
