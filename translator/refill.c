/*
 * Misses of the software TLB that need no exception: pages that the guest's tables map and whose accessed bits are set, so that a CPU
 * might have known of them all the time. Nothing the guest can see is changed here, and no right is given that needs a dirty bit.
 *
 * What a pair had in a context that is dead is often what it gets again: then its tag is all that changes.
 */
#include "translator/softtlb_internal.h"

#define SELDOM(x) __builtin_expect(!!(x), 0)

void softtlb_set_rules(struct mmu *m)
{
	const struct cpu *cpu = m->cpu;
	uint64_t cr4 = cpu->cr4 & (CR4_PSE | CR4_PAE | CR4_PGE | CR4_SMEP), efer = cpu->efer & (EFER_LMA | EFER_NXE);

	/* bits 4, 5, 7, 20; 10, 11; 12; from 24 on, which tells of A20 too */
	m->rules = cr4 | efer | (cpu->cr0 & CR0_WP) >> 4 | phys_map.generation << 24;
	page_walk_set_rules(m);
}

/* One page of a pair that is dead. What comes back as it was stays in its list. */
static inline void enter_page(struct mmu *m, struct soft_page *p, uint64_t *elo, uint64_t lin, uint64_t seen)
{
	bool linked = p->fast & RIGHTS_WRITE, code;
	struct soft_page q = { .word = seen };
	uint64_t phys = 0;

	if (q.rights) {
		phys = phys_word((uint64_t)q.gpn << 12);
		q.kind = phys & PHYS_KIND;
	}
	code = phys & PHYS_CODE;
	q.host_pa = phys & PHYS_HOST;
	q.fast = fast_for(&q, code);
	if (linked && (p->gpn != q.gpn || !(q.fast & RIGHTS_WRITE))) {
		unlink_page(m, page_number(m, p));
		linked = false;
	}
	p->host_pa = q.host_pa;
	p->word = q.word;
	*elo = by_hand(m, lin) ? 0 : elo_for(&q, code, false);
	if (!linked && (q.fast & RIGHTS_WRITE))
		link_page(m, page_number(m, p));
}

/* The page as the entry says, unless it is so already. Returns whether it is mapped. */
static bool enter_by_entry(struct mmu *m, const struct near *near, uint64_t lin, uint64_t entry, uint64_t how, bool may_be_so)
{
	unsigned number = number_of(lin);
	struct soft_origin *origin = &m->origin[number >> 1];
	struct soft_page *p = numbered(m, number);

	if (!may_be_so || origin->entry[number & 1] != entry || origin->how[number & 1] != how) {
		enter_page(m, p, elo_of(m, number), lin, page_walk_seen(m->cpu, near, lin, entry));
		origin->entry[number & 1] = entry;
		origin->how[number & 1] = how;
	}
	return p->rights;
}

/* The pages of the pair of lin by these entries. Returns false when it got nothing by it. */
static __attribute__((noinline)) bool enter_pages(struct mmu *m, const struct near *near, uint64_t lin, uint64_t even, uint64_t odd, uint64_t how)
{
	unsigned number = number_of(lin);
	bool same_place = refill_pair_of(m->table[number >> 1].tag) == refill_pair(lin), any;

	if (space_of(m, number) || is_shared(m, number)) {
		softtlb_evict(m, number);
		softtlb_evict(m, number + 1);
	}
	any = enter_by_entry(m, near, lin, even, how, same_place);
	return enter_by_entry(m, near, lin + PAGE_SIZE, odd, how, same_place) || any;
}

/* The pair has just been entered, and one of its pages may be global. */
static __attribute__((noinline)) void enter_global(struct mmu *m, uint64_t lin)
{
	unsigned number = number_of(lin);

	if (!numbered(m, number)->global && !numbered(m, number + 1)->global)
		return;
	m->meta[number >> 1].global_gen = m->global_gen;
	set_add(m, &m->global, lin, LARGE_SHIFT);
	if (may_be_shared(m, number))
		m->table[number >> 1].global = m->global_tag | refill_pair(lin);
}

static inline bool accessed(uint64_t entry)
{
	return (entry & (PTE_P | PTE_A)) == (PTE_P | PTE_A);
}

/* Goes through the pairs around lin, which is missed. */
static inline __attribute__((always_inline)) const struct soft_pair *enter_near(struct mmu *m, uint64_t lin, const struct near *near, int entry_log2)
{
	const uint64_t how = m->rules << 24 | (uint64_t)near->shift << 8 | (near->above & (PTE_W | PTE_U)) | near->above >> 63;
	const unsigned step = near->step;
	const uint8_t *at = near->first;
	uint64_t first = walk_near_first(lin), tag = refill_tag(m->tag, first), missed = refill_tag(m->tag, lin);
	struct soft_pair *pair = softtlb_pair(m, first), *end = pair + WALK_NEAR / 2;
	struct soft_origin *origin = &m->origin[refill_index(first)];

	for (; pair < end; first += 2 * PAGE_SIZE, pair++, origin++, tag++, at += 2 * step) {
		if (pair->tag == tag)
			continue;
		uint64_t even = page_table_entry(at, entry_log2), odd = page_table_entry(at + step, entry_log2);
		bool live = pair_space(m, pair) || pair_is_shared(m, pair);

		if (live && tag != missed)
			continue;
		if (SELDOM(even != origin->entry[0] || odd != origin->entry[1] || origin->how[0] != how || origin->how[1] != how ||
			   refill_pair_of(pair->tag ^ tag) || live)) {
			/* a pair that has nothing stays dead: the guest may map it without invalidating anything */
			if (!accessed(even) && !accessed(odd))
				continue;
			if (!enter_pages(m, near, first, even, odd, how))
				continue;
		}
		pair->tag = tag;
		pair->global = 0;
		if (SELDOM((even | odd) & PTE_G))
			enter_global(m, first);
	}
	return softtlb_pair(m, lin);
}

/* In functions of their own, so that what is not mapped is seen before registers are saved. */
static __attribute__((noinline)) const struct soft_pair *enter_near_32(struct mmu *m, uint64_t lin, const struct near *near)
{
	return enter_near(m, lin, near, 2);
}

static __attribute__((noinline)) const struct soft_pair *enter_near_64(struct mmu *m, uint64_t lin, const struct near *near)
{
	return enter_near(m, lin, near, 3);
}

const struct soft_pair *softtlb_refill(struct cpu *cpu, uint64_t va)
{
	struct mmu *m = cpu->mmu;
	bool wide = cpu->efer & EFER_LMA;
	uint64_t lin = mmu_lin(cpu, va);
	struct near near;

	cpu->stats[STAT_WALK]++;
	if (SELDOM((wide && !mmu_canonical(lin)) || !page_walk_near(cpu, lin, &near)))
		return NULL;
	if (SELDOM(near.shift > 12))
		note_large(m, lin, near.shift);
	return near.entry_log2 == 3 ? enter_near_64(m, lin, &near) : enter_near_32(m, lin, &near);
}
