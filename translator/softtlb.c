/*
 * The software TLB: a direct-mapped table of page pairs that the host's refill handler reads (arch/loongarch/refill.h), and
 * beside it what C needs to know of the same pages.
 *
 * Invariants:
 *   - A pair belongs to the context in its tag. Pairs of dead contexts mean nothing, but their global pages may be rescued. One that is shared, having
 *     nothing but global pages, belongs to all contexts.
 *   - TLBELO.D of a RAM page, a write right in `fast`, and membership in a bucket list mean: no translated code in it.
 *   - A translation in the host TLB of a live context is also here, or else `lost` of its space is set; one that lets RAM be written is
 *     also here, or else PHYS_LOST is set for its physical page.
 */
#include <errno.h>

#include "arch/loongarch/host.h"
#include "translator/mmu_internal.h"

_Static_assert(sizeof(struct soft_pair) == REFILL_ENTRY_SIZE, "pair size");
_Static_assert(offsetof(struct soft_pair, tag) == REFILL_TAG, "tag");
_Static_assert(offsetof(struct soft_pair, elo[0]) == REFILL_ELO0, "elo0");
_Static_assert(offsetof(struct soft_pair, elo[1]) == REFILL_ELO1, "elo1");
_Static_assert(offsetof(struct soft_pair, global) == REFILL_GLOBAL, "global");

/* Contexts are numbered from 1 << SOFT_SPACES_LOG2; when they, or the generations of global pages, run out the table is emptied. */
#define GLOBAL_GEN_LAST (REFILL_CONTEXTS - 1)
#define SERIAL_LAST ((REFILL_CONTEXTS >> SOFT_SPACES_LOG2) - 1)

/*
 * In long mode these pages are always accessed by hand: code in compatibility mode reaches them when the sum of register and displacement
 * leaves the first 4 GiB, and means an address at the other end of those.
 */
#define PAGE_ABOVE_4G (1ull << 32)
#define PAGE_BELOW_0 (~(uint64_t)PAGE_MASK)

/* Pages that are entered around one that was missed. All lie in one 4 MiB, so the sets of large pages know of them. */
#define PREFILL_PAGES 16u

#define LARGE_SHIFT 22
#define HUGE_SHIFT 30

static unsigned number_of(uint64_t lin)
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

static uint64_t lin_of(struct mmu *m, unsigned number)
{
	return refill_lin_of(m->table[number >> 1].tag) | (number & 1) << 12;
}

/* The space whose live context the pair of a page belongs to, or NULL. */
static struct soft_space *space_of(struct mmu *m, unsigned number)
{
	uint32_t context = refill_context_of(m->table[number >> 1].tag);
	struct soft_space *s = &m->space[context & (SOFT_SPACES - 1)];

	return context && s->context == context ? s : NULL;
}

static struct soft_space *current_space(struct mmu *m)
{
	return &m->space[m->current];
}

/* The pair of a page serves every context. */
static bool is_shared(const struct mmu *m, unsigned number)
{
	const struct soft_pair *pair = &m->table[number >> 1];

	return pair->tag && pair->global == (m->global_tag | refill_pair_of(pair->tag));
}

static unsigned set_hash(uint64_t lin, int shift)
{
	uint64_t n = lin >> shift;

	return (n ^ n >> 12 ^ n >> 24) & 4095;
}

static void set_add(struct soft_set *s, uint64_t lin, int shift)
{
	unsigned n = set_hash(lin, shift);

	(lin >> 63 ? s->high : s->low)[n >> 6] |= 1ull << (n & 63);
}

static bool set_has(const struct soft_set *s, uint64_t lin, int shift)
{
	unsigned n = set_hash(lin, shift);

	return (lin >> 63 ? s->high : s->low)[n >> 6] >> (n & 63) & 1;
}

static uint32_t *bucket_of(struct mmu *m, uint32_t gpn)
{
	return &m->bucket[(gpn ^ gpn >> 12) & (SOFT_BUCKETS - 1)];
}

static void link_page(struct mmu *m, unsigned number)
{
	struct soft_page *p = numbered(m, number);
	uint32_t *head = bucket_of(m, p->gpn);

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

/* What maps a page in the host TLB may be there without being here from now on. */
static void note_lost(struct mmu *m, unsigned number, uint64_t elo)
{
	if ((is_shared(m, number) || space_of(m, number)) && (elo & TLBELO_D))
		phys_change((uint64_t)numbered(m, number)->gpn << 12, PHYS_LOST, 0);
}

static void note_gone(struct mmu *m, unsigned number)
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

static bool by_hand(const struct mmu *m, uint64_t lin)
{
	return m->wide && (lin == PAGE_ABOVE_4G || lin == PAGE_BELOW_0);
}

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

/* The page is about to be replaced: notes what the host TLB may still hold of it. */
static void evict(struct mmu *m, unsigned number)
{
	struct soft_page *p = numbered(m, number);
	uint64_t *elo = elo_of(m, number);

	note_gone(m, number);
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

/* Whether all that the pair maps is global, and something is. */
static bool may_be_shared(struct mmu *m, unsigned first)
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
		evict(m, number & ~1u);
		evict(m, number | 1);
		pair->tag = tag;
		pair->global = 0;
		m->meta[number >> 1].global_gen = m->global_gen;
	}
	if (w->shift > 12)
		set_add(&m->large, lin, LARGE_SHIFT);
	if (w->shift == HUGE_SHIFT)
		set_add(&m->huge, lin, HUGE_SHIFT);
	if (w->page.global || w->sibling.global)
		set_add(&m->global, lin, LARGE_SHIFT);
	set_page(m, number, &w->page, sup_write);
	if (w->sibling.rights && !numbered(m, number ^ 1)->rights)
		set_page(m, number ^ 1, &w->sibling, sup_write);
	update_shared(m, number & ~1u);
	return numbered(m, number);
}

/* One page of a pair that is dead. What comes back as it was stays in its list. */
static void enter_page(struct mmu *m, unsigned number, uint64_t lin, const struct translation *t)
{
	struct soft_page *p = numbered(m, number);
	uint64_t phys = t->rights ? phys_word(t->gpa) : 0;
	struct soft_page q = {
		.host_pa = phys & PHYS_HOST, .gpn = t->gpa >> 12, .rights = t->rights, .kind = phys & PHYS_KIND, .global = t->global,
		.next = p->next, .prev = p->prev,
	};
	bool linked = p->fast & RIGHTS_WRITE;

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

	enter_page(m, number, lin, &t[0]);
	enter_page(m, number + 1, lin + PAGE_SIZE, &t[1]);
	pair->tag = refill_tag(m->tag, lin);
	pair->global = may_be_shared(m, number) ? m->global_tag | refill_pair(lin) : 0;
	m->meta[number >> 1].global_gen = m->global_gen;
	if (t[0].global || t[1].global)
		set_add(&m->global, lin, LARGE_SHIFT);
}

void softtlb_prefill(struct mmu *m, uint64_t lin, const struct walk *w)
{
	struct translation t[PREFILL_PAGES];
	uint64_t first = lin & ~(uint64_t)(PREFILL_PAGES * PAGE_SIZE - 1);
	uint32_t dead = 0; /* a bit for each pair */

	for (unsigned k = 0; k < PREFILL_PAGES; k += 2) {
		unsigned number = number_of(first + k * PAGE_SIZE);

		if (!space_of(m, number) && !is_shared(m, number))
			dead |= 1u << k;
	}
	if (!dead || !page_walk_near(m->cpu, w, first, PREFILL_PAGES, t))
		return;
	for (; dead; dead &= dead - 1) {
		unsigned k = (unsigned)__builtin_ctz(dead);

		if (t[k].rights || t[k + 1].rights)
			enter_pair(m, first + k * PAGE_SIZE, &t[k]);
	}
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
			evict(m, first + i);
	}
	pair->tag = refill_tag(m->tag, lin);
	update_shared(m, first);
	return &meta->page[lin >> 12 & 1];
}

static void drop_host_page(struct mmu *m, const struct soft_space *s, uint64_t lin)
{
	hosttlb_flush_page(s->asid, lin);
	if (m->wide)
		return;
	hosttlb_flush_page(s->asid, lin | 0xffffffff00000000ull);
	if (lin < PAGE_SIZE)
		hosttlb_flush_page(s->asid, lin | 1ull << 32);
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

static void forget_spaces(struct mmu *m)
{
	for (unsigned i = 0; i < SOFT_SPACES; i++)
		m->space[i].context = 0;
}

/* Makes the current space one of which nothing is known. */
static void renew(struct mmu *m, unsigned pcid)
{
	struct soft_space *s = current_space(m);

	if (m->serial == SERIAL_LAST || m->global_gen == GLOBAL_GEN_LAST) {
		empty(m);
		forget_spaces(m);
		m->serial = m->global_gen = 0;
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
	m->tag = refill_context(current_space(m)->context);
	hosttlb_set_context(current_space(m)->asid, m->tag);
}

/* The live space of pcid, or NULL. */
static struct soft_space *find_space(struct mmu *m, unsigned pcid)
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
		m->global_gen++;
		m->large = m->huge = m->global = (struct soft_set){ 0 };
	}
	forget_spaces(m);
	renew(m, pcid);
	activate(m);
	m->global_tag = refill_context(m->global_gen);
	hosttlb_set_global(m->global_tag);
	set_width(m);
	m->cpu->stats[STAT_FLUSH]++;
}

void softtlb_switch(struct mmu *m, unsigned pcid, bool keep)
{
	struct soft_space *s = find_space(m, pcid);

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
	struct soft_space *s = find_space(m, pcid);

	if (s == current_space(m)) {
		renew(m, pcid);
		activate(m);
	} else if (s) {
		s->context = 0;
	}
}

/* Takes the page of lin out of the software TLB when it is of space s or global, and out of the part of the host TLB that is that space's. */
static void drop_page(struct mmu *m, struct soft_space *s, uint64_t lin, bool global)
{
	unsigned number = number_of(lin);
	struct soft_page *p = numbered(m, number);
	struct soft_space *of = space_of(m, number);
	bool mapped = s->lost;

	if (refill_pair_of(m->table[number >> 1].tag) == refill_pair(lin) && (of == s || global) && (global || !p->global)) {
		if ((of == s || is_shared(m, number)) && (*elo_of(m, number) & TLBELO_V))
			mapped = true; /* where it is shared, the caller gives up the other contexts */
		else
			note_gone(m, number);
		if (p->fast & RIGHTS_WRITE)
			unlink_page(m, number);
		p->fast = p->rights = 0;
		*elo_of(m, number) = 0;
	}
	if (mapped)
		drop_host_page(m, s, lin);
}

static bool maybe_large(const struct mmu *m, uint64_t lin)
{
	return set_has(&m->large, lin, LARGE_SHIFT) || set_has(&m->huge, lin, HUGE_SHIFT);
}

void softtlb_drop_page(struct mmu *m, uint64_t lin)
{
	struct soft_space *s = current_space(m);

	if (maybe_large(m, lin)) {
		softtlb_flush(m, s->pcid, false);
		return;
	}
	drop_page(m, s, lin, true);
	if (!set_has(&m->global, lin, LARGE_SHIFT))
		return;
	for (unsigned i = 0; i < SOFT_SPACES; i++)
		if (&m->space[i] != s)
			m->space[i].context = 0;
}

void softtlb_drop_pcid_page(struct mmu *m, unsigned pcid, uint64_t lin)
{
	struct soft_space *s = find_space(m, pcid);

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

	if (!table || !meta)
		return -ENOMEM;
	m->table = host_ptr(table);
	m->meta = host_ptr(meta);
	empty(m);
	hosttlb_init(table);
	m->last_asid = HOSTTLB_ASID_MASK;
	softtlb_flush(m, 0, false);
	return 0;
}
