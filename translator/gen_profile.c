/* Counters of the profiler in translated code. */
#include "translator/gen.h"
#include "translator/profile.h"
#include "translator/region.h"

void gen_count(struct tr *t, uint64_t *counter, unsigned n)
{
	gen_li(t, T4, (int64_t)(uintptr_t)counter);
	la_ld_d(&t->e, T5, T4, 0);
	la_addi_d(&t->e, T5, T5, (int)n);
	la_st_d(&t->e, T5, T4, 0);
}

static bool ends_piece(const struct tr *t, const struct rinsn *r)
{
	uint64_t target;

	return !r->falls || plan_branch_target(r, t->eip_mask, &target);
}

void gen_count_piece(struct tr *t)
{
	const struct plan *p = t->plan;
	const struct rinsn *r = &p->insn[t->index];
	unsigned n = 1;

	if (t->index && !r->leader && !ends_piece(t, r - 1))
		return;
	for (unsigned k = (unsigned)t->index; k + 1 < p->n && !ends_piece(t, &p->insn[k]) && !p->insn[k + 1].leader; k++)
		n++;
	gen_count(t, &t->profile->executed, n);
}
