/*
 * Loops on doubles that begin with an x87 instruction: what each round leaves of C1, FIP, FOP and FDP is overwritten there by the next one, and is not stored
 * before. It must be where the loop is left for an interrupt, so such loops are stopped (stop.c) before their branch back, in the state of there.
 */
#include "translator/gen_x87.h"
#include "translator/region.h"

/* Whether all of that is overwritten there, before control may leave: at a head behind an interrupt shadow there is a poll. */
static bool begins_anew(const struct tr *t, const struct rinsn *head)
{
	const struct x87_known known = { .empty = head->x87_in.empty, .top = head->x87_in.top, .ctl = head->x87_in.ctl, .doubles = head->x87_in.doubles };

	if (head > t->plan->insn && head[-1].falls && insn_makes_shadow(&head[-1].i))
		return false;
	return head->i.op == OP_X87 && head->i.modrm < 0xc0 && gen_x87_double_fn(t, &known, &head->i);
}

/* The instruction before which a loop closed by the branch r can be stopped; NULL: none. It is none where control comes from outside. */
static struct rinsn *stop_place(const struct plan *p, struct rinsn *r)
{
	const struct rinsn *head = &p->insn[r->target], *entry = &p->insn[p->entry];
	struct rinsn *place = r;

	/* between what makes flags and what evaluates them there are none */
	if (!r->leader && r->i.attr & INSN_EVALUATES)
		place = r[-1].i.attr & INSN_EVALUATES ? NULL : r - 1;
	if (!place || place <= head || place == entry)
		return NULL;
	return place[-1].falls && insn_makes_shadow(&place[-1].i) ? NULL : place;
}

static bool goes_back(const struct plan *p, const struct rinsn *r)
{
	return r->target >= 0 && &p->insn[r->target] <= r;
}

void gen_x87_place_stops(const struct tr *t, struct plan *p)
{
	struct rinsn *end = p->insn + p->n;

	for (struct rinsn *r = p->insn; r < end; r++)
		r->stops_late = r->loop_head && r->x87_in.active && begins_anew(t, r);
	for (struct rinsn *r = p->insn; r < end; r++)
		if (goes_back(p, r) && !stop_place(p, r))
			p->insn[r->target].stops_late = false;
	for (struct rinsn *r = p->insn; r < end; r++)
		if (goes_back(p, r) && p->insn[r->target].stops_late)
			stop_place(p, r)->stops = true;
}
