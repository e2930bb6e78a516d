/*
 * What the parts of the software TLB share:
 *   softtlb.c   its pages: entered, changed, withdrawn
 *   spaces.c    contexts, and flushes
 *   refill.c    misses that need no exception
 *
 * Invariants:
 *   - A pair belongs to the context in its tag. Pairs of dead contexts mean nothing, but their global pages may be rescued. One that is shared, having
 *     nothing but global pages, belongs to all contexts.
 *   - TLBELO.D of a RAM page, a write right in `fast`, and membership in a bucket list mean: no translated code in it.
 *   - A translation in the host TLB of a live context is also here, or else `lost` of its space is set; one that lets RAM be written is
 *     also here, or else PHYS_LOST is set for its physical page.
 */
#ifndef TRANSLATOR_SOFTTLB_INTERNAL_H
#define TRANSLATOR_SOFTTLB_INTERNAL_H

#include "translator/mmu_internal.h"

/*
 * In long mode these pages are always accessed by hand: code in compatibility mode reaches them when the sum of register and displacement
 * leaves the first 4 GiB, and means an address at the other end of those.
 */
#define PAGE_ABOVE_4G (1ull << 32)
#define PAGE_BELOW_0 (~(uint64_t)PAGE_MASK)

#define LARGE_SHIFT 22
#define HUGE_SHIFT 30

static inline unsigned number_of(uint64_t lin)
{
	return 2 * refill_index(lin) + (lin >> 12 & 1);
}

static inline struct soft_page *numbered(struct mmu *m, unsigned number)
{
	return &m->meta[number >> 1].page[number & 1];
}

static inline unsigned page_number(const struct mmu *m, const struct soft_page *p)
{
	size_t offset = (size_t)((const char *)p - (const char *)m->meta), pair = offset / sizeof(struct soft_meta);

	return 2 * (unsigned)pair + (offset % sizeof(struct soft_meta) != 0);
}

static inline uint64_t *elo_of(struct mmu *m, unsigned number)
{
	return &m->table[number >> 1].elo[number & 1];
}

static inline uint64_t lin_of(struct mmu *m, unsigned number)
{
	return refill_lin_of(m->table[number >> 1].tag) | (number & 1) << 12;
}

/* The space whose live context the pair belongs to, or NULL. */
static inline struct soft_space *pair_space(struct mmu *m, const struct soft_pair *pair)
{
	uint32_t context = refill_context_of(pair->tag);
	struct soft_space *s = &m->space[context & (SOFT_SPACES - 1)];

	return context && s->context == context ? s : NULL;
}

/* ... the pair of a page. */
static inline struct soft_space *space_of(struct mmu *m, unsigned number)
{
	return pair_space(m, &m->table[number >> 1]);
}

static inline struct soft_space *current_space(struct mmu *m)
{
	return &m->space[m->current];
}

/* The pair serves every context. */
static inline bool pair_is_shared(const struct mmu *m, const struct soft_pair *pair)
{
	return pair->global && pair->global == (m->global_tag | refill_pair_of(pair->tag));
}

static inline bool is_shared(const struct mmu *m, unsigned number)
{
	return pair_is_shared(m, &m->table[number >> 1]);
}

/* The page is not what the refill handler made of the guest's tables any more. */
static inline void forget_origin(struct mmu *m, unsigned number)
{
	m->origin[number >> 1].how[number & 1] = 0;
}

static inline unsigned set_hash(uint64_t lin, int shift)
{
	uint64_t n = lin >> shift;

	return (n ^ n >> 12 ^ n >> 24) & 4095;
}

static inline void set_add(struct mmu *m, struct soft_set *s, uint64_t lin, int shift)
{
	unsigned n = set_hash(lin, shift);

	m->sets_used = true;
	(lin >> 63 ? s->high : s->low)[n >> 6] |= 1ull << (n & 63);
}

/* At lin lies a page of 1 << shift bytes. */
static inline void note_large(struct mmu *m, uint64_t lin, int shift)
{
	set_add(m, &m->large, lin, LARGE_SHIFT);
	if (shift == HUGE_SHIFT)
		set_add(m, &m->huge, lin, HUGE_SHIFT);
}

static inline bool set_has(const struct soft_set *s, uint64_t lin, int shift)
{
	unsigned n = set_hash(lin, shift);

	return (lin >> 63 ? s->high : s->low)[n >> 6] >> (n & 63) & 1;
}

static inline uint32_t *bucket_of(struct mmu *m, uint32_t gpn)
{
	return &m->bucket[(gpn ^ gpn >> 12) & (SOFT_BUCKETS - 1)];
}

static inline void link_page(struct mmu *m, unsigned number)
{
	struct soft_page *p = numbered(m, number);
	uint32_t *head = bucket_of(m, p->gpn);

	p->prev = SOFT_NIL;
	p->next = *head;
	if (p->next != SOFT_NIL)
		numbered(m, p->next)->prev = number;
	*head = number;
}

static inline void unlink_page(struct mmu *m, unsigned number)
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
static inline uint64_t elo_for(const struct soft_page *p, bool code, bool sup_write)
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

static inline unsigned fast_for(const struct soft_page *p, bool code)
{
	if (p->kind > PAGE_ROM)
		return 0;
	return p->kind == PAGE_RAM && !code ? p->rights : p->rights & ~RIGHTS_WRITE;
}

/* What maps a page in the host TLB may be there without being here from now on. */
static inline void note_lost(struct mmu *m, unsigned number, uint64_t elo)
{
	if ((is_shared(m, number) || space_of(m, number)) && (elo & TLBELO_D))
		phys_change((uint64_t)numbered(m, number)->gpn << 12, PHYS_LOST, 0);
}

static inline void note_gone(struct mmu *m, unsigned number)
{
	struct soft_space *s = space_of(m, number);
	uint64_t elo = *elo_of(m, number);

	if (!(elo & TLBELO_V))
		return;
	if (is_shared(m, number))
		for (unsigned i = 0; i < SOFT_SPACES; i++)
			m->space[i].lost = true;
	else if (s)
		s->lost = true;
	note_lost(m, number, elo);
}

static inline bool by_hand(const struct mmu *m, uint64_t lin)
{
	return m->wide && (lin == PAGE_ABOVE_4G || lin == PAGE_BELOW_0);
}

/* The page is about to be replaced: notes what the host TLB may still hold of it. */
static inline void softtlb_evict(struct mmu *m, unsigned number)
{
	struct soft_page *p = numbered(m, number);
	uint64_t *elo = elo_of(m, number);

	note_gone(m, number);
	if (p->fast & RIGHTS_WRITE)
		unlink_page(m, number);
	p->fast = p->rights = 0;
	*elo = 0;
	forget_origin(m, number);
}

/* Whether all that the pair maps is global, and something is. */
static inline bool may_be_shared(struct mmu *m, unsigned first)
{
	bool any = false;

	for (unsigned n = first; n < first + 2; n++) {
		const struct soft_page *p = numbered(m, n);

		if (p->rights && !p->global)
			return false;
		any |= p->rights != 0;
	}
	return any;
}

/* ---- spaces.c ---- */
/* The live space of pcid, or NULL. */
struct soft_space *softtlb_space(struct mmu *m, unsigned pcid);

#endif
