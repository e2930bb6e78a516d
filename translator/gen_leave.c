/* Leaving translated code: helper calls, exceptions, exits, polls, and the code that lies out of line. */
#include "translator/cpu.h"
#include "translator/region.h"
#include "translator/seg.h"
#include "translator/tr.h"

static int64_t distance(const uint32_t *from, const uint32_t *to)
{
	return (to - from) * 4;
}

static void gen_bl(struct tr *t, const uint32_t *target)
{
	la_bl(&t->e, (int)distance(t->e.p, target));
}

static void gen_b(struct tr *t, const uint32_t *target)
{
	la_b(&t->e, (int)distance(t->e.p, target));
}

static void store_eip(struct tr *t, uint64_t eip, int tmp)
{
	gen_li(t, tmp, (int64_t)(uint32_t)eip);
	la_st_d(&t->e, tmp, H_CPU, offsetof(struct cpu, eip));
}

void gen_helper(struct tr *t, const void *fn)
{
	gen_cc_sync(t);
	store_eip(t, t->eip, T4);
	gen_li(t, T7, (int64_t)(uintptr_t)fn);
	gen_bl(t, t->stubs->helper[t->plv]);
	t->cc_static = -1;
	t->cc_in_mem = true;
	t->recent.valid = false;
	t->called = true;
}

void gen_helper_end(struct tr *t, const void *fn)
{
	gen_cc_sync(t);
	store_eip(t, t->eip, T4);
	gen_li(t, T7, (int64_t)(uintptr_t)fn);
	gen_b(t, t->stubs->helper_end[t->plv]);
}

static void helper_raise(struct cpu *cpu, uint64_t vector, uint64_t has_error, uint64_t error)
{
	if (has_error)
		cpu_raise_err(cpu, (int)vector, (uint32_t)error);
	cpu_raise(cpu, (int)vector);
}

void gen_raise(struct tr *t, int vector, bool has_error, uint32_t error)
{
	int cc_static = t->cc_static;
	bool cc_in_mem = t->cc_in_mem;

	gen_li(t, T1, vector);
	gen_li(t, T2, has_error);
	gen_li(t, T3, error);
	gen_helper_end(t, (const void *)helper_raise);
	/* the path that does not raise goes on with what it knew */
	t->cc_static = cc_static;
	t->cc_in_mem = cc_in_mem;
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

static void add_slow(struct tr *t, struct slow_path s)
{
	if (t->nslow == TR_MAX_SLOW)
		t->full = true;
	else
		t->slow[t->nslow++] = s;
}

void gen_poll(struct tr *t, uint64_t eip)
{
	add_slow(t, (struct slow_path){ .kind = SLOW_STOP, .site = t->e.p, .eip = eip });
	la_bnez(&t->e, H_STOP, 0);
}

static bool same_page(const struct tr *t, uint64_t eip)
{
	return ((eip + t->cs_base) ^ (t->eip + t->cs_base)) < 4096 &&
	       ((eip + t->cs_base) >> 12) == ((t->eip + t->cs_base) >> 12);
}

static void dispatch_at(struct tr *t, uint64_t eip)
{
	store_eip(t, eip, T0);
	gen_b(t, t->stubs->exit[t->plv]);
}

static const uint32_t *jump_stub(const struct tr *t)
{
	bool trusted = (t->mode & (MODE_PG | MODE_CS_FLAT)) == (MODE_PG | MODE_CS_FLAT);
	return trusted ? t->stubs->jump[t->plv] : t->stubs->jump_checked[t->plv];
}

void gen_goto(struct tr *t, uint64_t eip)
{
	eip &= t->eip_mask;
	if (t->flags_live)
		gen_cc_sync(t);
	if (t->single) {
		dispatch_at(t, eip);
		return;
	}
	if (!same_page(t, eip)) {
		gen_li(t, T0, (int64_t)eip);
		gen_b(t, jump_stub(t));
		return;
	}
	if (t->nexits == TR_MAX_EXITS) {
		t->full = true;
		return;
	}
	if (eip <= t->eip)
		gen_poll(t, eip);
	t->exits[t->nexits++] = (struct exit_slot){ .site = (uint32_t)(t->e.p - t->e.start), .target = (uint32_t)eip };
	gen_bl(t, t->stubs->link[t->plv]);
}

void gen_goto_reg(struct tr *t, int rs)
{
	gen_cc_sync(t);
	la_bstrpick_d(&t->e, T0, rs, t->eip_mask == 0xffff ? 15 : 31, 0);
	if (t->single) {
		la_st_d(&t->e, T0, H_CPU, offsetof(struct cpu, eip));
		gen_b(t, t->stubs->exit[t->plv]);
		return;
	}
	gen_b(t, jump_stub(t));
}

void gen_fix_to(struct tr *t, uint32_t *site, int index)
{
	struct rinsn *to = &t->plan->insn[index];
	uint32_t *host = to->host;

	to->cc_in = to->cc_in == -2 || to->cc_in == t->cc_static ? (int8_t)t->cc_static : -1;

	if (host) {
		emit_fix_branch(site, host);
	} else if (t->nfixups == TR_MAX_FIXUPS) {
		t->full = true;
	} else {
		t->fixups[t->nfixups++] = (struct fixup){ site, index };
	}
}

static uint64_t slow_segment(struct cpu *cpu, uint64_t offset, uint64_t seg_size, uint64_t write)
{
	return seg_lin(cpu, (int)(seg_size >> 16), offset, (unsigned)(seg_size & 0xffff), (int)write);
}

/* reg, T6 and T7 are the address code's own; everything else must survive. r4-r10 are kept by the stub but for the argument registers
 * r5-r7, which are saved around it here (cpu->tmp). */
static void emit_slow_segment(struct tr *t, const struct slow_path *s)
{
	struct emit *e = &t->e;
	int tmp = (int)offsetof(struct cpu, tmp);

	la_st_d(e, T1, H_CPU, tmp);
	la_st_d(e, T2, H_CPU, tmp + 8);
	la_st_d(e, T3, H_CPU, tmp + 16);
	la_move(e, T7, s->reg);
	if (s->cc_static >= 0) {
		gen_li(t, T1, s->cc_static);
		la_st_w(e, T1, H_CPU, offsetof(struct cpu, cc_op));
	}
	store_eip(t, s->eip, T1);
	la_move(e, T1, T7);
	gen_li(t, T2, (int64_t)s->seg << 16 | s->size);
	gen_li(t, T3, s->write);
	gen_li(t, T7, (int64_t)(uintptr_t)slow_segment);
	gen_bl(t, t->stubs->slow[t->plv]);
	la_move(e, s->reg, T7);
	gen_b(t, s->resume);
}

void gen_slow_paths(struct tr *t)
{
	for (unsigned k = 0; k < t->nslow; k++) {
		const struct slow_path *s = &t->slow[k];
		emit_fix_branch(s->site, t->e.p);
		if (s->kind == SLOW_SEGMENT)
			emit_slow_segment(t, s);
		else
			dispatch_at(t, s->eip);
	}
}
