/*
 * The software TLB: a direct-mapped table of page pairs that the host's refill handler reads (arch/loongarch/refill.h), and
 * beside it what C needs to know of the same pages.
 *
 * Invariants:
 *   - A pair belongs to the context in its tag. Pairs of earlier contexts are dead, but their global pages may be rescued.
 *   - TLBELO.D of a RAM page, a write right in `fast`, and membership in a bucket list mean: no translated code in it.
 *   - A translation in the host TLB of the current context is also here, or else `lost` is set; one that lets RAM be written is
 *     also here, or else PHYS_LOST is set for its physical page.
 */
#include <errno.h>

#include "arch/loongarch/host.h"
#include "translator/mmu_internal.h"

_Static_assert(sizeof(struct soft_pair) == REFILL_ENTRY_SIZE, "pair size");
_Static_assert(offsetof(struct soft_pair, tag) == REFILL_TAG, "tag");
_Static_assert(offsetof(struct soft_pair, elo[0]) == REFILL_ELO0, "elo0");
_Static_assert(offsetof(struct soft_pair, elo[1]) == REFILL_ELO1, "elo1");

/* Contexts are numbered from 1; when they run out the table is emptied. */
#define CONTEXT_LAST 0x3fffffffu
#define LARGE_BIT(lin) (1ull << ((lin) >> 22 & 63))
#define LARGE_WORD(lin) ((lin) >> 28)

static unsigned number_of(uint32_t lin)
{
	return 2 * refill_index(lin) + (lin >> 12 & 1);
}

static struct soft_page *numbered(struct mmu *m, unsigned number)
{
	return &m->meta[number >> 1].page[number & 1];
}

static uint64_t *elo_of(struct mmu *m, unsigned number)
{
	return &m->table[number >> 1].elo[number & 1];
}

static uint32_t lin_of(struct mmu *m, unsigned number)
{
	return (uint32_t)m->table[number >> 1].tag << 13 | (number & 1) << 12;
}

static bool is_live(struct mmu *m, unsigned number)
{
	return m->table[number >> 1].tag >> 32 == m->tag >> 32;
}

static uint16_t *bucket_of(struct mmu *m, uint32_t gpn)
{
	return &m->bucket[(gpn ^ gpn >> 12) & (SOFT_BUCKETS - 1)];
}

static void link_page(struct mmu *m, unsigned number)
{
	struct soft_page *p = numbered(m, number);
	uint16_t *head = bucket_of(m, p->gpn);

	p->prev = SOFT_NIL;
	p->next = *head;
	if (p->next != SOFT_NIL)
		numbered(m, p->next)->prev = number;
	*head = number;
}

static void unlink_page(struct mmu *m, unsigned number)
{
	struct soft_page *p = numbered(m, number);

	if (p->next != SOFT_NIL)
		numbered(m, p->next)->prev = p->prev;
	if (p->prev != SOFT_NIL)
		numbered(m, p->prev)->next = p->next;
	else
		*bucket_of(m, p->gpn) = p->next;
}

/*
 * TLBELO of a page. A supervisor may write a user's read-only page while CR0.WP is clear: the host has no such rights, so
 * the page is mapped either for the supervisor's stores (sup_write) or for everybody's loads, whichever is wanted last.
 */
static uint64_t elo_for(const struct soft_page *p, bool code, bool sup_write)
{
	bool storable = p->kind == PAGE_DEVICE || (p->kind == PAGE_RAM && !code);
	bool user = p->rights & RIGHT(ACC_READ, 1);
	bool supervisor_only = !user || (sup_write && !(p->rights & RIGHT(ACC_WRITE, 1)) && (p->rights & RIGHT(ACC_WRITE, 0)));
	uint64_t elo;

	if (p->kind == PAGE_MMIO || !p->rights)
		return 0;
	elo = p->host_pa | TLBELO_V | (p->kind == PAGE_DEVICE ? TLBELO_MAT_SUC : TLBELO_MAT_CC);
	if (!supervisor_only)
		elo |= TLBELO_PLV3;
	if (storable && (p->rights & RIGHT(ACC_WRITE, !supervisor_only)))
		elo |= TLBELO_D;
	return elo;
}

static unsigned fast_for(const struct soft_page *p, bool code)
{
	if (p->kind > PAGE_ROM)
		return 0;
	return p->kind == PAGE_RAM && !code ? p->rights : p->rights & ~RIGHTS_WRITE;
}

static void note_lost(struct mmu *m, unsigned number, uint64_t elo)
{
	if (is_live(m, number) && (elo & TLBELO_D))
		phys_change((uint64_t)numbered(m, number)->gpn << 12, PHYS_LOST, 0);
}

static void refresh(struct mmu *m, unsigned number, bool code, bool sup_write)
{
	struct soft_page *p = numbered(m, number);
	unsigned fast = fast_for(p, code);
	uint64_t *elo = elo_of(m, number), old = *elo;

	*elo = elo_for(p, code, sup_write);
	if (!(*elo & TLBELO_D))
		note_lost(m, number, old);
	if ((p->fast & RIGHTS_WRITE) && !(fast & RIGHTS_WRITE))
		unlink_page(m, number);
	else if (!(p->fast & RIGHTS_WRITE) && (fast & RIGHTS_WRITE))
		link_page(m, number);
	p->fast = fast;
}

/* The page is about to be replaced: notes what the host TLB may still hold of it. */
static void evict(struct mmu *m, unsigned number)
{
	struct soft_page *p = numbered(m, number);
	uint64_t *elo = elo_of(m, number);

	if (is_live(m, number) && (*elo & TLBELO_V))
		m->lost = true;
	note_lost(m, number, *elo);
	if (p->fast & RIGHTS_WRITE)
		unlink_page(m, number);
	p->fast = p->rights = 0;
	*elo = 0;
}

static void set_page(struct mmu *m, unsigned number, const struct translation *t, bool sup_write)
{
	struct soft_page *p = numbered(m, number);
	uint64_t phys = phys_lookup(t->gpa);

	if (p->rights && p->gpn != t->gpa >> 12)
		evict(m, number);
	p->gpn = t->gpa >> 12;
	p->host_pa = phys & PHYS_HOST;
	p->kind = phys & PHYS_KIND;
	p->rights = t->rights;
	p->global = t->global;
	refresh(m, number, phys & PHYS_CODE, sup_write);
}

struct soft_page *softtlb_fill(struct mmu *m, uint32_t lin, const struct walk *w, bool sup_write)
{
	unsigned number = number_of(lin);
	struct soft_pair *pair = softtlb_pair(m, lin);
	uint64_t tag = refill_tag(m->tag, lin);

	if (pair->tag != tag) {
		evict(m, number & ~1u);
		evict(m, number | 1);
		pair->tag = tag;
		m->meta[number >> 1].global_gen = m->global_gen;
	}
	if (w->large)
		m->large[LARGE_WORD(lin)] |= LARGE_BIT(lin);
	set_page(m, number, &w->page, sup_write);
	if (w->sibling.rights && !numbered(m, number ^ 1)->rights)
		set_page(m, number ^ 1, &w->sibling, sup_write);
	return numbered(m, number);
}

void softtlb_refresh(struct mmu *m, uint32_t lin, bool sup_write)
{
	struct soft_page *p = softtlb_find(m, lin);

	if (p)
		refresh(m, number_of(lin), phys_lookup((uint64_t)p->gpn << 12) & PHYS_CODE, sup_write);
}

struct soft_page *softtlb_rescue(struct mmu *m, uint32_t lin)
{
	unsigned first = number_of(lin) & ~1u;
	struct soft_pair *pair = softtlb_pair(m, lin);
	struct soft_meta *meta = &m->meta[first >> 1];

	if ((uint32_t)pair->tag != lin >> 13 || !pair->tag || meta->global_gen != m->global_gen || is_live(m, first))
		return NULL;
	if (!(meta->page[0].rights && meta->page[0].global) && !(meta->page[1].rights && meta->page[1].global))
		return NULL;
	for (unsigned i = 0; i < 2; i++)
		if (!meta->page[i].global)
			evict(m, first + i);
	pair->tag = refill_tag(m->tag, lin);
	return &meta->page[lin >> 12 & 1];
}

static void drop_host_page(struct mmu *m, uint32_t lin)
{
	uint64_t asid = m->context & HOSTTLB_ASID_MASK;

	hosttlb_flush_page(asid, lin);
	hosttlb_flush_page(asid, (uint64_t)lin | 0xffffffff00000000ull);
	if (lin < PAGE_SIZE)
		hosttlb_flush_page(asid, (uint64_t)lin | 1ull << 32);
}

/* Every page unlinked and without rights, every tag invalid. */
static void empty(struct mmu *m)
{
	for (unsigned i = 0; i < SOFT_PAIRS; i++) {
		m->table[i] = (struct soft_pair){ 0 };
		m->meta[i].page[0].rights = m->meta[i].page[1].rights = 0;
		m->meta[i].page[0].fast = m->meta[i].page[1].fast = 0;
	}
	for (unsigned i = 0; i < SOFT_BUCKETS; i++)
		m->bucket[i] = SOFT_NIL;
}

void softtlb_flush(struct mmu *m, bool keep_global)
{
	if (!keep_global) {
		m->global_gen++;
		for (unsigned i = 0; i < sizeof(m->large) / sizeof(m->large[0]); i++)
			m->large[i] = 0;
	}
	if (m->context == CONTEXT_LAST || m->global_gen == UINT32_MAX) {
		empty(m);
		hosttlb_flush_all();
		m->context = m->global_gen = 0;
	}
	m->context++;
	if (!(m->context & HOSTTLB_ASID_MASK))
		hosttlb_flush_all();
	m->tag = refill_context(m->context);
	m->lost = false;
	hosttlb_set_context(m->context & HOSTTLB_ASID_MASK, m->tag);
}

void softtlb_drop_page(struct mmu *m, uint32_t lin)
{
	unsigned number = number_of(lin);
	struct soft_page *p = numbered(m, number);
	bool mine = (uint32_t)m->table[number >> 1].tag == lin >> 13, mapped;

	if (m->large[LARGE_WORD(lin)] & LARGE_BIT(lin)) {
		softtlb_flush(m, false);
		return;
	}
	mapped = m->lost;
	if (mine && is_live(m, number) && (*elo_of(m, number) & TLBELO_V))
		mapped = true;
	if (mine) {
		if (p->fast & RIGHTS_WRITE)
			unlink_page(m, number);
		p->fast = p->rights = 0;
		*elo_of(m, number) = 0;
	}
	if (mapped)
		drop_host_page(m, lin);
}

void softtlb_write_protect(struct mmu *m, uint32_t gpn)
{
	uint16_t next;

	for (unsigned n = *bucket_of(m, gpn); n != SOFT_NIL; n = next) {
		bool mapped = is_live(m, n) && (*elo_of(m, n) & TLBELO_D);

		next = numbered(m, n)->next;
		if (numbered(m, n)->gpn != gpn)
			continue;
		*elo_of(m, n) &= ~(uint64_t)TLBELO_D;
		refresh(m, n, true, false);
		if (mapped)
			drop_host_page(m, lin_of(m, n));
	}
}

int softtlb_init(struct mmu *m)
{
	uint64_t table = host_alloc(REFILL_TABLE_SIZE, REFILL_ALIGN);
	uint64_t meta = host_alloc(SOFT_PAIRS * sizeof(struct soft_meta), PAGE_SIZE);

	if (!table || !meta)
		return -ENOMEM;
	m->table = host_ptr(table);
	m->meta = host_ptr(meta);
	empty(m);
	hosttlb_init(table);
	softtlb_flush(m, false);
	return 0;
}
