/*
 * Misses of the software TLB that need no exception: pages that the guest's tables map and whose accessed bits are set, so that a CPU
 * might have known of them all the time. Nothing the guest can see is changed here, and no right is given that needs a dirty bit.
 *
 * What a pair had in a context that is dead is often what it gets again: then its tag is all that changes.
 */
#include "translator/softtlb_internal.h"

/* Pages that are entered around one that was missed: a cache line of 64-bit entries. All lie in one 4 MiB. */
#define NEAR_PAGES 8u

static inline bool same_page(const struct soft_page *p, const struct translation *t)
{
	return t->rights ? p->rights == t->rights && p->gpn == t->gpa >> 12 && p->global == t->global : !p->rights;
}

/* One page of a pair that is dead. What comes back as it was stays in its list. */
static void enter_page(struct mmu *m, unsigned number, uint64_t lin, const struct translation *t)
{
	struct soft_page *p = numbered(m, number);
	uint64_t phys = t->rights ? phys_word(t->gpa) : 0;
	bool linked = p->fast & RIGHTS_WRITE;
	struct soft_page q = {
		.host_pa = phys & PHYS_HOST, .gpn = t->gpa >> 12, .rights = t->rights, .kind = phys & PHYS_KIND, .global = t->global,
		.next = p->next, .prev = p->prev,
	};

	q.fast = fast_for(&q, phys & PHYS_CODE);
	if (linked && (p->gpn != q.gpn || !(q.fast & RIGHTS_WRITE))) {
		unlink_page(m, number);
		linked = false;
	}
	*p = q;
	*elo_of(m, number) = by_hand(m, lin) ? 0 : elo_for(p, phys & PHYS_CODE, false);
	if (!linked && (p->fast & RIGHTS_WRITE))
		link_page(m, number);
}

static void enter_pair(struct mmu *m, uint64_t lin, const struct translation t[2])
{
	unsigned number = number_of(lin);
	struct soft_pair *pair = &m->table[number >> 1];
	struct soft_meta *meta = &m->meta[number >> 1];

	if (meta->rules != m->rules || refill_pair_of(pair->tag) != refill_pair(lin) || !same_page(&meta->page[0], &t[0]) ||
	    !same_page(&meta->page[1], &t[1])) {
		enter_page(m, number, lin, &t[0]);
		enter_page(m, number + 1, lin + PAGE_SIZE, &t[1]);
		meta->rules = m->rules;
	}
	pair->tag = refill_tag(m->tag, lin);
	pair->global = 0;
	if (!(t[0].rights && t[0].global) && !(t[1].rights && t[1].global))
		return;
	meta->global_gen = m->global_gen;
	set_add(m, &m->global, lin, LARGE_SHIFT);
	if (may_be_shared(m, number))
		pair->global = m->global_tag | refill_pair(lin);
}

static bool is_live(struct mmu *m, unsigned number)
{
	return space_of(m, number) || is_shared(m, number);
}

const struct soft_pair *softtlb_refill(struct cpu *cpu, uint64_t va)
{
	struct mmu *m = cpu->mmu;
	uint64_t lin = mmu_lin(cpu, va), first = lin & ~(uint64_t)(NEAR_PAGES * PAGE_SIZE - 1), missed = lin & ~0x1fffull;
	struct translation t[NEAR_PAGES];
	struct walk w;

	cpu->stats[STAT_WALK]++;
	if (!mmu_canonical(lin) || !page_walk_plain(cpu, lin, &w))
		return NULL;
	page_walk_near(cpu, &w, first, NEAR_PAGES, t);
	if (w.shift > 12)
		set_add(m, &m->large, lin, LARGE_SHIFT);
	if (w.shift == HUGE_SHIFT)
		set_add(m, &m->huge, lin, HUGE_SHIFT);
	for (unsigned k = 0; k < NEAR_PAGES; k += 2) {
		uint64_t at = first + k * PAGE_SIZE;
		unsigned number = number_of(at);

		if (at == missed && is_live(m, number)) {
			softtlb_evict(m, number);
			softtlb_evict(m, number + 1);
		} else if (at != missed && (!(t[k].rights | t[k + 1].rights) || is_live(m, number))) {
			continue;
		}
		enter_pair(m, at, &t[k]);
	}
	return softtlb_pair(m, lin);
}
