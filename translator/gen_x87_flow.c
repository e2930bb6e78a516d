/*
 * Where code works on doubles already when control comes to a leader: only where it does so on all ways, in the same state. Computed over the plan before
 * code is emitted, with what the generators know.
 */
#include "translator/gen_x87.h"
#include "translator/region.h"

struct flow {
	bool active;
	struct x87_known known;
};

static bool same(const struct rinsn *r, const struct x87_known *k)
{
	return r->x87_in.empty == k->empty && r->x87_in.top == k->top && r->x87_in.ctl == k->ctl && r->x87_in.doubles == k->doubles;
}

/* Control comes to r. Returns whether that was news. */
static bool reach(struct rinsn *r, const struct flow *s)
{
	const struct x87_known *k = &s->known;

	if (!r->x87_in.reached) {
		r->x87_in.reached = true;
		r->x87_in.active = s->active;
		r->x87_in.empty = k->empty;
		r->x87_in.top = k->top;
		r->x87_in.ctl = k->ctl;
		r->x87_in.doubles = k->doubles;
		return true;
	}
	if (!r->x87_in.active || (s->active && same(r, k)))
		return false;
	r->x87_in.active = false;
	return true;
}

static void step(const struct tr *t, const struct insn *i, struct flow *s)
{
	if (i->op == OP_X87 && !gen_x87_keeps_doubles(t, i)) {
		s->active = gen_x87_double_fn(t, &s->known, i);
		x87_effect(&s->known, i);
	} else if (!gen_x87_keeps_doubles(t, i)) {
		s->active = false;
	}
}

/* One pass over the plan. Returns whether something is known of a leader that was not before. */
static bool pass(const struct tr *t, struct plan *p)
{
	struct flow s = { false };
	bool changed = false, comes = false;

	for (unsigned k = 0; k < p->n; k++) {
		struct rinsn *r = &p->insn[k];
		if (r->leader) {
			if (comes)
				changed |= reach(r, &s);
			if (r->x87_in.reached)
				s = (struct flow){ r->x87_in.active, { .empty = r->x87_in.empty, .top = r->x87_in.top, .ctl = r->x87_in.ctl,
					.doubles = r->x87_in.doubles } };
			comes = r->x87_in.reached;
		}
		if (!comes)
			continue;
		step(t, &r->i, &s);
		if (r->target >= 0) {
			struct rinsn *to = &p->insn[r->target];
			s.active &= !to->x87_in.reached || to->x87_in.active;
			changed |= reach(to, &s);
		}
		comes = r->falls;
	}
	return changed;
}

/* MMX instructions change the x87's state in ways that are not followed here. */
static bool worth_it(const struct plan *p)
{
	bool x87 = false;

	for (unsigned k = 0; k < p->n; k++) {
		const struct insn *i = &p->insn[k].i;
		x87 |= i->op == OP_X87;
		if (i->op != OP_X87 && i->op != OP_FWAIT && insn_info[i->op].attr & INSN_FPU)
			return false;
	}
	return x87;
}

/*
 * Whether a loop at the entry begins with code that works on doubles: an instruction that does comes before the way parts and before any that would end
 * it. Then that is what is prepared where the region is entered, instead of in each round.
 */
static bool enters_loop(const struct tr *t, const struct plan *p)
{
	const struct rinsn *r = &p->insn[p->entry];

	if (!r->loop_head || t->region->flags & REGION_SELFCHECK)
		return false;
	while (gen_x87_keeps_doubles(t, &r->i) && r->falls && r->target < 0)
		r++;
	return r->i.op == OP_X87 && gen_x87_double_fn(t, &t->x87, &r->i);
}

bool gen_x87_flow(const struct tr *t, struct plan *p)
{
	struct flow outside = { enters_loop(t, p), t->x87 };

	if (!(t->x87.ctl & X87_CTL_DOUBLES) || t->mode & MODE_FPU_TRAP || t->single || !worth_it(p))
		return false;
	reach(&p->insn[p->entry], &outside);
	while (pass(t, p))
		;
	gen_x87_place_stops(t, p);
	return true;
}
