/*
 * The software TLB: a direct-mapped table of page pairs that the host's refill handler reads (arch/loongarch/refill.h), and
 * beside it what C needs to know of the same pages.
 */
#include <errno.h>

#include "arch/loongarch/host.h"
#include "translator/softtlb_internal.h"

_Static_assert(sizeof(struct soft_pair) == REFILL_ENTRY_SIZE, "pair size");
_Static_assert(offsetof(struct soft_pair, tag) == REFILL_TAG, "tag");
_Static_assert(offsetof(struct soft_pair, elo[0]) == REFILL_ELO0, "elo0");
_Static_assert(offsetof(struct soft_pair, elo[1]) == REFILL_ELO1, "elo1");
_Static_assert(offsetof(struct soft_pair, global) == REFILL_GLOBAL, "global");

static void refresh(struct mmu *m, unsigned number, bool code, bool sup_write)
{
	struct soft_page *p = numbered(m, number);
	unsigned fast = fast_for(p, code);
	uint64_t *elo = elo_of(m, number), old = *elo;

	*elo = by_hand(m, lin_of(m, number)) ? 0 : elo_for(p, code, sup_write);
	if (!(*elo & TLBELO_D))
		note_lost(m, number, old);
	if ((p->fast & RIGHTS_WRITE) && !(fast & RIGHTS_WRITE))
		unlink_page(m, number);
	else if (!(p->fast & RIGHTS_WRITE) && (fast & RIGHTS_WRITE))
		link_page(m, number);
	p->fast = fast;
}

static void set_page(struct mmu *m, unsigned number, const struct translation *t, bool sup_write)
{
	struct soft_page *p = numbered(m, number);
	uint64_t phys = phys_lookup(t->gpa);

	if (p->rights && p->gpn != t->gpa >> 12)
		softtlb_evict(m, number);
	p->gpn = t->gpa >> 12;
	p->host_pa = phys & PHYS_HOST;
	p->kind = phys & PHYS_KIND;
	p->rights = t->rights;
	p->global = t->global;
	forget_origin(m, number);
	refresh(m, number, phys & PHYS_CODE, sup_write);
}

/* After a change of a pair of the current generation of global pages. */
static void update_shared(struct mmu *m, unsigned first)
{
	struct soft_pair *pair = &m->table[first >> 1];

	if (may_be_shared(m, first)) {
		pair->global = m->global_tag | refill_pair_of(pair->tag);
	} else if (is_shared(m, first)) {
		note_gone(m, first);
		note_gone(m, first + 1);
		pair->global = 0;
	}
}

struct soft_page *softtlb_fill(struct mmu *m, uint64_t lin, const struct walk *w, bool sup_write)
{
	unsigned number = number_of(lin);
	struct soft_pair *pair = softtlb_pair(m, lin);
	uint64_t tag = refill_tag(m->tag, lin);

	if (pair->tag != tag) {
		softtlb_evict(m, number & ~1u);
		softtlb_evict(m, number | 1);
		pair->tag = tag;
		pair->global = 0;
		m->meta[number >> 1].global_gen = m->global_gen;
	}
	if (w->shift > 12)
		note_large(m, lin, w->shift);
	if (w->page.global || w->sibling.global)
		set_add(m, &m->global, lin, LARGE_SHIFT);
	set_page(m, number, &w->page, sup_write);
	if (w->sibling.rights && !numbered(m, number ^ 1)->rights)
		set_page(m, number ^ 1, &w->sibling, sup_write);
	update_shared(m, number & ~1u);
	return numbered(m, number);
}

void softtlb_refresh(struct mmu *m, uint64_t lin, bool sup_write)
{
	struct soft_page *p = softtlb_find(m, lin);

	if (p)
		refresh(m, number_of(lin), phys_lookup((uint64_t)p->gpn << 12) & PHYS_CODE, sup_write);
}

struct soft_page *softtlb_rescue(struct mmu *m, uint64_t lin)
{
	unsigned first = number_of(lin) & ~1u;
	struct soft_pair *pair = softtlb_pair(m, lin);
	struct soft_meta *meta = &m->meta[first >> 1];

	if (!pair->tag || refill_pair_of(pair->tag) != refill_pair(lin) || meta->global_gen != m->global_gen ||
	    space_of(m, first) == current_space(m))
		return NULL;
	if (!(meta->page[0].rights && meta->page[0].global) && !(meta->page[1].rights && meta->page[1].global))
		return NULL;
	for (unsigned i = 0; i < 2 && !is_shared(m, first); i++) {
		if (meta->page[i].global)
			note_gone(m, first + i);
		else
			softtlb_evict(m, first + i);
	}
	pair->tag = refill_tag(m->tag, lin);
	update_shared(m, first);
	return &meta->page[lin >> 12 & 1];
}

static inline void drop_host_page(struct mmu *m, const struct soft_space *s, uint64_t lin)
{
	hosttlb_flush_page(s->asid, lin);
	if (m->wide)
		return;
	hosttlb_flush_page(s->asid, lin | 0xffffffff00000000ull);
	if (lin < PAGE_SIZE)
		hosttlb_flush_page(s->asid, lin | 1ull << 32);
}

/* The pair of lin, which is live and not shared, is dead from now on, for the host too: its next use is a miss. What it has may come back so. */
static inline void kill_pair(struct mmu *m, const struct soft_space *s, uint64_t lin)
{
	struct soft_pair *pair = softtlb_pair(m, lin);

	pair->tag = refill_pair(lin);
	pair->global = 0;
	drop_host_page(m, s, lin & ~0x1fffull);
}

/* Takes the page of lin out of the software TLB when it is of space s or global, and out of the part of the host TLB that is that space's. */
static void drop_page(struct mmu *m, struct soft_space *s, uint64_t lin, bool global)
{
	unsigned number = number_of(lin);
	struct soft_page *p = numbered(m, number);
	struct soft_space *of = space_of(m, number);
	bool mapped = s->lost;

	/* what is dead and not global stays as it is */
	if (refill_pair_of(m->table[number >> 1].tag) == refill_pair(lin) && (of == s ? global || !p->global : global && p->global)) {
		bool shared = is_shared(m, number), mine = of == s || shared;

		if (mine && (*elo_of(m, number) & TLBELO_V))
			mapped = true; /* where it is shared, the caller gives up the other contexts */
		else
			note_gone(m, number);
		if (p->fast & RIGHTS_WRITE)
			unlink_page(m, number);
		p->fast = p->rights = 0;
		*elo_of(m, number) = 0;
		forget_origin(m, number);
		if (of == s && !shared) {
			kill_pair(m, s, lin);
			return;
		}
	}
	if (mapped)
		drop_host_page(m, s, lin);
}

void softtlb_await_page(struct mmu *m, uint64_t lin)
{
	unsigned number = number_of(lin);

	if (softtlb_find(m, lin) && !is_shared(m, number))
		kill_pair(m, current_space(m), lin);
	else
		drop_host_page(m, current_space(m), lin);
}

static inline bool maybe_large(const struct mmu *m, uint64_t lin)
{
	return set_has(&m->large, lin, LARGE_SHIFT) || set_has(&m->huge, lin, HUGE_SHIFT);
}

static __attribute__((noinline)) unsigned drop_all(struct mmu *m, uint64_t lin)
{
	unsigned shift = set_has(&m->huge, lin, HUGE_SHIFT) ? HUGE_SHIFT : LARGE_SHIFT;

	softtlb_flush(m, current_space(m)->pcid, false);
	return shift;
}

/* Global pages are about, or the page is not known. */
static __attribute__((noinline)) unsigned drop_globally(struct mmu *m, uint64_t lin)
{
	struct soft_space *s = current_space(m);

	drop_page(m, s, lin, true);
	if (!set_has(&m->global, lin, LARGE_SHIFT))
		return PAGE_SHIFT;
	for (unsigned i = 0; i < SOFT_SPACES; i++)
		if (&m->space[i] != s)
			m->space[i].context = 0;
	return PAGE_SHIFT;
}

unsigned softtlb_drop_page(struct mmu *m, uint64_t lin)
{
	const struct soft_page *p = softtlb_find(m, lin);

	page_walk_forget(m);
	if (m->sets_used && maybe_large(m, lin))
		return drop_all(m, lin);
	if (!p || p->global || softtlb_pair(m, lin)->global || (m->sets_used && set_has(&m->global, lin, LARGE_SHIFT)))
		return drop_globally(m, lin);
	kill_pair(m, current_space(m), lin);
	return PAGE_SHIFT;
}

void softtlb_drop_pcid_page(struct mmu *m, unsigned pcid, uint64_t lin)
{
	struct soft_space *s = softtlb_space(m, pcid);

	page_walk_forget(m);
	if (s && maybe_large(m, lin))
		softtlb_flush_pcid(m, pcid);
	else if (s)
		drop_page(m, s, lin, false);
}

/* Drops a page from the host TLB wherever its pair may have been entered. */
static void drop_everywhere(struct mmu *m, unsigned number)
{
	uint64_t lin = lin_of(m, number);

	if (!is_shared(m, number)) {
		drop_host_page(m, space_of(m, number), lin);
		return;
	}
	for (unsigned i = 0; i < SOFT_SPACES; i++)
		if (m->space[i].context)
			drop_host_page(m, &m->space[i], lin);
}

void softtlb_write_protect(struct mmu *m, uint32_t gpn)
{
	uint32_t next;

	for (unsigned n = *bucket_of(m, gpn); n != SOFT_NIL; n = next) {
		bool mapped = (is_shared(m, n) || space_of(m, n)) && (*elo_of(m, n) & TLBELO_D);

		next = numbered(m, n)->next;
		if (numbered(m, n)->gpn != gpn)
			continue;
		*elo_of(m, n) &= ~(uint64_t)TLBELO_D;
		refresh(m, n, true, false);
		if (mapped)
			drop_everywhere(m, n);
	}
}

int softtlb_init(struct mmu *m)
{
	uint64_t table = host_alloc(REFILL_TABLE_SIZE + sizeof(uint64_t), REFILL_ALIGN);
	uint64_t meta = host_alloc(SOFT_PAIRS * sizeof(struct soft_meta), PAGE_SIZE);
	uint64_t origin = host_alloc(SOFT_PAIRS * sizeof(struct soft_origin), PAGE_SIZE);

	if (!table || !meta || !origin)
		return -ENOMEM;
	m->table = host_ptr(table);
	m->meta = host_ptr(meta);
	m->origin = host_ptr(origin);
	softtlb_empty(m);
	hosttlb_init(table);
	m->last_asid = HOSTTLB_ASID_MASK;
	softtlb_flush(m, 0, false);
	return 0;
}
