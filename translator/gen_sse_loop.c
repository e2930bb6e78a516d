/*
 * Loops that access memory with SSE: registers of addresses that must be multiples of 16 are looked at where such a loop is entered, once, if all that the loop does
 * to them is to add multiples of 16. When one is not, the first instruction of the loop is executed alone, and what follows gets a region of its own, which looks
 * at each access.
 */
#include "translator/gen_sse.h"
#include "translator/region.h"

/* The last instruction of the loop at k if control enters that at its head, from the instruction before or from outside the region; else -1. */
static int last_of_loop(const struct plan *p, int k)
{
	int last = -1;

	for (int n = 0; n < (int)p->n; n++) {
		if (p->insn[n].target != k)
			continue;
		if (n < k)
			return -1;
		last = n;
	}
	for (int n = k + 1; n <= last; n++)
		if (p->insn[n].leader)
			return -1;
	return last;
}

/* Whether the loop from first to last adds nothing but multiples of 16 to the register, shifted left by `scale`. */
static bool keeps_alignment(const struct tr *t, int first, int last, int reg, int scale)
{
	int64_t change;

	if (reg == REG_NONE)
		return true;
	for (int k = first; k <= last; k++)
		if (!insn_steps(&t->plan->insn[k].i, reg, t->mode & MODE_LONG ? 8 : 4, &change) || (change & 15) << scale & 15)
			return false;
	return true;
}

/* Whether the instruction has a memory operand that must be aligned, and nothing else in its address but registers. */
static bool wants_alignment(const struct tr *t, const struct insn *i)
{
	int n = i->opd[0].kind == OPD_MEM ? 0 : 1;

	if (!(insn_info[i->op].attr & INSN_SSE) || i->nopd < 2 || i->opd[n].kind != OPD_MEM || i->opd[n].size != 16 || gen_sse_takes_unaligned(i->op))
		return false;
	if (i->rip_rel || i->base == RSP || i->addrsize != (t->mode & MODE_LONG ? 8 : 4) || !gen_seg_is_flat(t, i->seg))
		return false;
	return i->base != REG_NONE || i->index != REG_NONE;
}

/* The one of those known that has the registers of the instruction's operand; NULL: none. */
static const struct aligned_operand *known(const struct aligned_loop *l, const struct insn *i)
{
	for (unsigned k = 0; k < l->n; k++) {
		const struct aligned_operand *o = &l->operand[k];
		if (o->base == i->base && o->index == i->index && o->scale == i->scale)
			return o;
	}
	return NULL;
}

void gen_sse_loop(struct tr *t, const struct rinsn *head)
{
	struct aligned_loop *l = &t->loop;

	l->n = 0;
	l->last = -1;
	if (!head->loop_head || t->single || t->x87_flow || t->mode & MODE_SSE_TRAP)
		return;
	l->first = (int)(head - t->plan->insn);
	for (const struct rinsn *r = head; l->n < ALIGNED_MAX; r++) {
		const struct insn *i = &r->i;
		bool wanted = wants_alignment(t, i);
		if (wanted && l->last < 0 && (l->last = last_of_loop(t->plan, l->first)) < 0)
			return;
		if (wanted && !known(l, i) && keeps_alignment(t, l->first, l->last, i->base, 0) && keeps_alignment(t, l->first, l->last, i->index, i->scale))
			l->operand[l->n++] = (struct aligned_operand){ .base = i->base, .index = i->index, .scale = i->scale, .disp = i->disp & 15 };
		if (!r->falls || r->i.attr & INSN_COND || r[1].leader)
			return;
	}
}

/* Goes to what executes the instruction at the head alone unless the operand is aligned. */
static void look_at(struct tr *t, const struct aligned_operand *o, const struct rinsn *head)
{
	struct emit *e = &t->e;
	int base = o->base == REG_NONE ? H_ZERO : HGPR(o->base), address = base;

	if (o->index != REG_NONE) {
		if (o->scale)
			la_alsl_d(e, T7, HGPR(o->index), base, o->scale);
		else
			la_add_d(e, T7, HGPR(o->index), base);
		address = T7;
	}
	if (o->disp) {
		la_addi_d(e, T7, address, o->disp);
		address = T7;
	}
	la_andi(e, T7, address, 15);
	gen_alone_if(t, T7, head->eip);
}

void gen_sse_loop_entry(struct tr *t, const struct rinsn *head)
{
	for (unsigned k = 0; k < t->loop.n; k++)
		look_at(t, &t->loop.operand[k], head);
}

bool gen_sse_loop_aligned(const struct tr *t, const struct insn *i)
{
	const struct aligned_loop *l = &t->loop;
	const struct aligned_operand *o;

	if (t->index < l->first || t->index > l->last || !wants_alignment(t, i))
		return false;
	o = known(l, i);
	return o && !((i->disp - o->disp) & 15);
}
