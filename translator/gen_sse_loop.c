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

/* Whether the loop from first to last adds nothing but multiples of 16 to the register. */
static bool keeps_alignment(const struct tr *t, int first, int last, int reg)
{
	int64_t change;

	for (int k = first; k <= last; k++)
		if (!insn_steps(&t->plan->insn[k].i, reg, t->mode & MODE_LONG ? 8 : 4, &change) || change & 15)
			return false;
	return true;
}

/* The base register of the instruction's memory operand, if that must be aligned and there is nothing else in its address; else REG_NONE. */
static int base_of(const struct tr *t, const struct insn *i)
{
	int n = i->opd[0].kind == OPD_MEM ? 0 : 1;

	if (!(insn_info[i->op].attr & INSN_SSE) || i->nopd < 2 || i->opd[n].kind != OPD_MEM || i->opd[n].size != 16 || gen_sse_takes_unaligned(i->op))
		return REG_NONE;
	if (i->index != REG_NONE || i->rip_rel || i->base == RSP || i->addrsize != (t->mode & MODE_LONG ? 8 : 4) || !gen_seg_is_flat(t, i->seg))
		return REG_NONE;
	return i->base;
}

static bool is_known(const struct aligned_loop *l, int base)
{
	for (unsigned k = 0; k < l->n; k++)
		if (l->base[k] == base)
			return true;
	return false;
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
		int base = base_of(t, &r->i);
		if (base != REG_NONE && l->last < 0 && (l->last = last_of_loop(t->plan, l->first)) < 0)
			return;
		if (base != REG_NONE && !is_known(l, base) && keeps_alignment(t, l->first, l->last, base)) {
			l->base[l->n] = (uint8_t)base;
			l->disp[l->n++] = r->i.disp & 15;
		}
		if (!r->falls || r->attr & INSN_COND || r[1].leader)
			return;
	}
}

void gen_sse_loop_entry(struct tr *t, const struct rinsn *head)
{
	const struct aligned_loop *l = &t->loop;

	for (unsigned k = 0; k < l->n; k++) {
		int address = HGPR(l->base[k]);
		if (l->disp[k]) {
			la_addi_d(&t->e, T7, address, l->disp[k]);
			address = T7;
		}
		la_andi(&t->e, T7, address, 15);
		gen_alone_if(t, T7, head->eip);
	}
}

bool gen_sse_loop_aligned(const struct tr *t, const struct insn *i)
{
	const struct aligned_loop *l = &t->loop;
	int base = base_of(t, i);

	if (base == REG_NONE || t->index < l->first || t->index > l->last)
		return false;
	for (unsigned k = 0; k < l->n; k++)
		if (l->base[k] == base && !((i->disp - l->disp[k]) & 15))
			return true;
	return false;
}
