/*
 * The contexts of the software TLB: one for each address space of the guest that is current or may become so again.
 */
#include "translator/softtlb_internal.h"

/* Contexts are numbered from 1 << SOFT_SPACES_LOG2; when they, or the generations of global pages, run out the table is emptied. */
#define GLOBAL_GEN_LAST (REFILL_CONTEXTS - 1)
#define SERIAL_LAST ((REFILL_CONTEXTS >> SOFT_SPACES_LOG2) - 1)

void softtlb_empty(struct mmu *m)
{
	for (unsigned i = 0; i < SOFT_PAIRS; i++) {
		m->table[i] = (struct soft_pair){ 0 };
		m->origin[i].how[0] = m->origin[i].how[1] = 0;
		m->meta[i].page[0].rights = m->meta[i].page[1].rights = 0;
		m->meta[i].page[0].fast = m->meta[i].page[1].fast = 0;
	}
	for (unsigned i = 0; i < SOFT_BUCKETS; i++)
		m->bucket[i] = SOFT_NIL;
}

static void forget_spaces(struct mmu *m)
{
	for (unsigned i = 0; i < SOFT_SPACES; i++)
		m->space[i].context = 0;
}

static void set_generation(struct mmu *m, uint32_t generation)
{
	m->global_gen = generation;
	m->global_tag = refill_context(generation);
	hosttlb_set_global(m->global_tag);
}

/* Makes the current space one of which nothing is known. */
static void renew(struct mmu *m, unsigned pcid)
{
	struct soft_space *s = current_space(m);

	if (m->serial == SERIAL_LAST || m->global_gen == GLOBAL_GEN_LAST) {
		softtlb_empty(m);
		forget_spaces(m);
		m->serial = 0;
		set_generation(m, 0);
		m->last_asid = HOSTTLB_ASID_MASK;
	}
	if (m->last_asid == HOSTTLB_ASID_MASK) {
		forget_spaces(m);
		hosttlb_flush_all();
		m->last_asid = 0;
	}
	*s = (struct soft_space){
		.context = ++m->serial << SOFT_SPACES_LOG2 | m->current, .asid = ++m->last_asid, .pcid = pcid,
	};
}

static void activate(struct mmu *m)
{
	page_walk_forget(m);
	m->tag = refill_context(current_space(m)->context);
	hosttlb_set_context(current_space(m)->asid, m->tag);
}

struct soft_space *softtlb_space(struct mmu *m, unsigned pcid)
{
	for (unsigned i = 0; i < SOFT_SPACES; i++)
		if (m->space[i].context && m->space[i].pcid == pcid)
			return &m->space[i];
	return NULL;
}

static void set_width(struct mmu *m)
{
	bool wide = m->cpu->efer & EFER_LMA;

	if (wide == m->wide)
		return;
	m->wide = wide;
	hosttlb_set_handler(wide, m->counting);
}

void mmu_count_refills(struct cpu *cpu)
{
	cpu->mmu->counting = true;
	hosttlb_set_handler(cpu->mmu->wide, true);
}

uint64_t mmu_refills(struct cpu *cpu)
{
	return *(const uint64_t *)((const char *)cpu->mmu->table + REFILL_COUNT);
}

void softtlb_flush(struct mmu *m, unsigned pcid, bool keep_global)
{
	if (!keep_global) {
		set_generation(m, m->global_gen + 1);
		if (m->sets_used)
			m->large = m->huge = m->global = (struct soft_set){ 0 };
		m->sets_used = false;
	}
	forget_spaces(m);
	renew(m, pcid);
	activate(m);
	set_width(m);
	m->cpu->stats[STAT_FLUSH]++;
}

void softtlb_switch(struct mmu *m, unsigned pcid, bool keep)
{
	struct soft_space *s = softtlb_space(m, pcid);

	if (s) {
		m->current = s - m->space;
	} else {
		m->current = m->next_space;
		m->next_space = (m->next_space + 1) % SOFT_SPACES;
	}
	if (!s || !keep)
		renew(m, pcid);
	activate(m);
	m->cpu->stats[STAT_FLUSH]++;
}

void softtlb_flush_pcid(struct mmu *m, unsigned pcid)
{
	struct soft_space *s = softtlb_space(m, pcid);

	if (s == current_space(m)) {
		renew(m, pcid);
		activate(m);
	} else if (s) {
		s->context = 0;
		page_walk_forget(m);
	}
}

