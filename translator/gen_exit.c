/*
 * Exits to other code of the guest: links (link.c), and probes of the table of the mode (probe.c).
 *
 * Most code overwrites the flags before it reads them, so a probe goes to what it finds with its flags `unsettled`: what has been put off of storing
 * them stays so. The call leaves in ra where to do it: code that wants flags is entered by way of its thunk, which comes back there with
 * its address in T5.
 */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/mmu.h"
#include "translator/region.h"

static bool same_page(const struct tr *t, uint64_t eip)
{
	return ((eip + t->cs_base) >> 12) == ((t->eip + t->cs_base) >> 12);
}

/* An instruction there may run over into the next page. */
static bool may_cross(const struct tr *t, uint64_t eip)
{
	return ((eip + t->cs_base) & 4095) > 4096 - INSN_LEN_MAX;
}

static bool trusted(const struct tr *t)
{
	return (t->mode & MODE_TRUSTED) == MODE_TRUSTED;
}

/* Stores the flags for this way only. */
static void settle(struct tr *t)
{
	struct cc_recipe pend = t->pend;
	bool cc_in_mem = t->cc_in_mem;

	gen_cc_sync(t);
	t->pend = pend;
	t->cc_in_mem = cc_in_mem;
}

uint32_t *gen_look_up(struct emit *e, int rs)
{
	la_ld_d(e, T1, H_CPU, offsetof(struct cpu, probe));
	la_bstrins_d(e, T1, rs, PROBE_BITS + 3, 4);
	la_ld_d(e, T2, T1, offsetof(struct probe_entry, eip));
	la_ld_d(e, T3, T1, offsetof(struct probe_entry, host));
	uint32_t *miss = e->p;
	la_bne(e, T2, rs, 0);
	la_jirl(e, H_RA, T3, 0);
	return miss;
}

/*
 * Calls what the probe table knows at the EIP in rs, sign-extended; not T1-T3. Behind it T0 is the EIP, which the table does not know, or the branch `away` has been
 * taken (NULL: there is none).
 */
static void probe(struct tr *t, int rs, uint32_t *away)
{
	struct emit *e = &t->e;
	uint32_t *miss = gen_look_up(e, rs);

	settle(t);
	la_jr(e, T5);
	emit_fix_branch(miss, e->p);
	if (away)
		emit_fix_branch(away, e->p);
	if (rs != T0)
		la_move(e, T0, rs);
	settle(t);
}

/* pushed: see gen_goto_reg(). */
static void go_trusted(struct tr *t, int rs, int pushed)
{
	probe(t, rs, NULL);
	gen_fault_point(t);
	if (!t->full)
		t->points[t->npoints - 1].stack = pushed;
	gen_bl(t, t->stubs->jump[t->plv]);
}

/* The same for code whose source is compared. It is looked up when it is in the page of the jump. */
static void go_compared(struct tr *t, int rs)
{
	struct emit *e = &t->e;
	uint32_t page = (uint32_t)(t->eip + t->cs_base) >> 12;

	if (mode_probes(t->mode)) {
		gen_li(t, T4, (int32_t)(page << 12));
		la_bstrins_d(e, T4, rs, 11, 0);
		uint32_t *away = e->p;
		la_bne(e, T4, rs, 0);
		probe(t, rs, away);
		rs = T0;
	} else {
		gen_cc_sync(t);
	}
	la_bstrpick_d(e, T0, rs, 31, 0);
	gen_li(t, T6, page);
	gen_b(t, t->stubs->jump_near[t->plv]);
}

void gen_thunk(struct tr *t)
{
	struct region *r = t->region;
	bool dead = !t->plan->insn[t->plan->entry].flags_in;

	r->probe = r->host;
	if (!mode_probes(t->mode) || (dead && !(r->flags & REGION_SELFCHECK)))
		return;
	r->probe = t->e.p;
	la_pcaddi(&t->e, T5, (int)(r->host - t->e.p));
	la_jr(&t->e, H_RA);
}

/* Whether an exit to another page may be a link: not in programs, where each load of CR3 would undo it. Jumps find targets that are not canonical. */
static bool links_far(const struct tr *t, uint64_t eip)
{
	return trusted(t) && !(t->mode & MODE_CPL) && mmu_canonical(eip);
}

/* An exit that becomes a link. */
static void go_linked(struct tr *t, uint64_t eip, bool far)
{
	if (t->nexits == TR_MAX_EXITS) {
		t->full = true;
		return;
	}
	if (eip <= t->eip)
		gen_poll(t, eip);
	bool slot = far || may_cross(t, eip);
	uint32_t *early = t->e.p;
	if (slot)
		la_nop(&t->e);
	const uint32_t *stores = t->e.p;
	if (t->flags_live)
		gen_cc_sync(t);
	if (t->e.p == stores)
		t->e.p = early;
	t->exits[t->nexits++] = (struct exit_slot){
		.site = (uint32_t)(t->e.p - t->e.start), .early = slot ? (uint8_t)(t->e.p - early) : 0, .far = far, .target = eip,
	};
	gen_bl(t, t->stubs->link[t->plv]);
}

static void go(struct tr *t, uint64_t eip)
{
	bool far = !same_page(t, eip);

	gen_clear_upper(t, t->narrow);
	if (t->single) {
		gen_dispatch(t, eip);
	} else if (!far || links_far(t, eip)) {
		go_linked(t, eip, far);
	} else if (trusted(t)) {
		gen_li(t, T0, t->mode & MODE_LONG ? (int64_t)eip : (int32_t)eip);
		go_trusted(t, T0, 0);
	} else {
		if (t->flags_live)
			gen_cc_sync(t);
		gen_li(t, T0, (int64_t)eip);
		gen_b(t, t->stubs->jump_checked[t->plv]);
	}
}

void gen_goto(struct tr *t, uint64_t eip)
{
	struct x87_live live = t->live;

	gen_x87_settle(t);
	go(t, eip & t->eip_mask);
	t->live = live;
}

/* To the dispatcher. In 64-bit code a target that turns out not to be canonical is found there: the jump's fault point helps to undo it. */
static void leave(struct tr *t, int rs, int pushed)
{
	gen_cc_sync(t);
	if (!(t->mode & MODE_LONG)) {
		la_bstrpick_d(&t->e, T0, rs, t->eip_mask == 0xffff ? 15 : 31, 0);
		la_st_d(&t->e, T0, H_CPU, offsetof(struct cpu, eip));
		gen_b(t, t->stubs->exit[t->plv]);
		return;
	}
	la_move(&t->e, T0, rs);
	gen_fault_point(t);
	if (!t->full)
		t->points[t->npoints - 1].stack = pushed;
	gen_bl(t, t->stubs->jump_out[t->plv]);
}

static void go_reg(struct tr *t, int rs, int pushed)
{
	gen_clear_upper(t, t->narrow);
	if (t->single) {
		leave(t, rs, pushed);
		return;
	}
	if (t->eip_mask == 0xffff) {
		la_bstrpick_d(&t->e, T0, rs, 15, 0);
		rs = T0;
	}
	if (trusted(t))
		go_trusted(t, rs, pushed);
	else
		go_compared(t, rs);
}

void gen_goto_reg(struct tr *t, int rs, int pushed)
{
	struct x87_live live = t->live;

	gen_x87_settle(t);
	go_reg(t, rs, pushed);
	t->live = live;
}
