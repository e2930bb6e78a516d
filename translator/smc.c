/* Code that changes: pages that hold translated code, and what a store into them does. */
#include <errno.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"
#include "translator/mmu.h"
#include "translator/translate.h"

/*
 * So many stores into live code of one page within such a part of a second, and its regions check themselves instead of being protected: for a second, since
 * the page may serve for something else by then.
 */
#define MIXED_AFTER 32
#define MIXED_WITHIN 8
#define MIXED_BESIDE 128 /* so many stores beside code count as one into it: they cost less, and code that checks itself costs much */

static struct code_page **slot_of(struct code_cache *c, uint64_t gpa)
{
	struct code_page **p = &c->pages[(gpa >> 12 ^ gpa >> 24) & (PAGE_HASH - 1)];

	while (*p && (*p)->gpa != (gpa & ~0xfffull))
		p = &(*p)->next;
	return p;
}

int smc_init(struct code_cache *c, unsigned count)
{
	uint64_t pa = host_alloc_raw(count * sizeof(struct code_page), 4096);
	struct code_page *p;

	if (!pa)
		return -ENOMEM;
	p = phys_cached(pa);
	for (c->nfree_pages = 0; c->nfree_pages < count; c->nfree_pages++, p++) {
		p->next = c->free_pages;
		c->free_pages = p;
	}
	return 0;
}

/* The record of a page, made if need be. */
static struct code_page *get_page(struct code_cache *c, uint64_t gpa)
{
	struct code_page **slot = slot_of(c, gpa), *p = *slot;

	if (p)
		return p;
	p = c->free_pages;
	c->free_pages = p->next;
	c->nfree_pages--;
	if (++c->stats.pages > c->stats.pages_most)
		c->stats.pages_most = c->stats.pages;
	*p = (struct code_page){ .gpa = gpa & ~0xfffull };
	*slot = p;
	return p;
}

static void unmix(struct code_cache *c, struct code_page *p)
{
	struct code_page **m = &c->mixed_pages;

	while (*m != p)
		m = &(*m)->mixed_next;
	*m = p->mixed_next;
	p->mixed = false;
	p->hits = 0;
}

static void free_page(struct code_cache *c, struct code_page *p)
{
	struct code_page **slot = slot_of(c, p->gpa);

	if (p->mixed)
		unmix(c, p);
	*slot = p->next;
	p->next = c->free_pages;
	c->free_pages = p;
	c->nfree_pages++;
	c->stats.pages--;
}

static void cover(struct code_page *p, const struct region *r, unsigned part)
{
	uint64_t lo = part ? 0 : r->gpa & 0xfff, hi = part ? r->len - r->len1 : lo + r->len1;

	while (lo < hi) {
		uint64_t first = lo % 64, n = hi - lo < 64 - first ? hi - lo : 64 - first;
		p->covered[lo / 64] |= UINT64_MAX >> (64 - n) << first;
		lo += n;
	}
}

static void cover_again(struct code_page *p)
{
	memset(p->covered, 0, sizeof p->covered);
	for (unsigned part = 0; part < 2; part++)
		for (struct region *r = p->regions[part]; r; r = r->in[part].next)
			if (!(r->flags & REGION_SELFCHECK))
				cover(p, r, part);
}

static void watch_part(struct cpu *cpu, struct region *r, unsigned part, uint64_t gpa)
{
	struct code_page *p = get_page(cpu->cache, gpa);
	struct region_in_page *in = &r->in[part];

	in->page = p;
	in->next = p->regions[part];
	in->prev = &p->regions[part];
	if (in->next)
		in->next->in[part].prev = &in->next;
	p->regions[part] = r;
	p->count++;
	if (r->flags & REGION_SELFCHECK)
		return;
	cover(p, r, part);
	if (!p->watched) {
		p->watched = true;
		mmu_protect_code_page(p->gpa);
	}
}

void smc_watch(struct cpu *cpu, struct region *r)
{
	watch_part(cpu, r, 0, r->gpa);
	if (r->gpa2)
		watch_part(cpu, r, 1, r->gpa2);
}

/* Takes the region out of the lists of its pages. One without regions needs no protection. */
static void unwatch(struct region *r)
{
	for (unsigned part = 0; part < 2; part++) {
		struct region_in_page *in = &r->in[part];
		struct code_page *p = in->page;

		if (!in->prev)
			continue;
		*in->prev = in->next;
		if (in->next)
			in->next->in[part].prev = in->prev;
		in->prev = NULL;
		if (p->watched && !p->regions[0] && !p->regions[1]) {
			p->watched = false;
			memset(p->covered, 0, sizeof p->covered);
			mmu_unprotect_code_page(p->gpa);
		}
	}
}

bool smc_page_is_mixed(struct cpu *cpu, uint64_t gpa)
{
	struct code_page *p = *slot_of(cpu->cache, gpa);

	return p && p->mixed;
}

void smc_kill(struct cpu *cpu, struct region *r)
{
	struct code_cache *c = cpu->cache;
	uint32_t *at = r->host;
	struct emit e = { .p = at, .start = at, .end = at + REGION_MIN_WORDS };

	if (r->flags & REGION_DEAD)
		return;
	r->flags |= REGION_DEAD;
	/* exits with unsettled flags, which code that takes its place may read, must not come here any more */
	cache_forget_region(cpu, r);
	/* what still runs in it goes on over its links, at the latest to the dispatcher; before that nothing is evicted */
	link_drop_exits(r);
	unwatch(r);
	la_bl(&e, (int)((char *)c->stubs.dead[cache_stub_set(r->mode)] - (char *)e.p));
	ibar();
	c->stats.invalidations++;
}

void smc_evict(struct cpu *cpu, struct region *r)
{
	if (r == cpu->cache->stopped)
		cache_unstop(cpu);
	unwatch(r);
	for (unsigned part = 0; part < 2; part++)
		if (r->in[part].page && !--r->in[part].page->count)
			free_page(cpu->cache, r->in[part].page);
}

static void mix(struct code_cache *c, struct code_page *p)
{
	struct code_page **m = &c->mixed_pages;

	while (*m)
		m = &(*m)->mixed_next;
	p->mixed = true;
	p->mixed_until = host_counter() + host.counter_hz;
	p->mixed_next = NULL;
	*m = p;
	c->stats.mixed++;
}

/* Notes a store into a page with code. Returns whether there are too many of them. */
static bool hit_often(struct code_page *p)
{
	uint64_t now = host_counter();

	if (now - p->hits_since > host.counter_hz / MIXED_WITHIN) {
		p->hits_since = now;
		p->hits = 0;
	}
	return ++p->hits >= MIXED_AFTER;
}

/* Kills all regions of the page. */
static void kill_all(struct cpu *cpu, struct code_page *p)
{
	for (unsigned part = 0; part < 2; part++)
		while (p->regions[part])
			smc_kill(cpu, p->regions[part]);
}

void smc_kill_page(struct cpu *cpu, uint64_t gpa)
{
	struct code_page *p = *slot_of(cpu->cache, gpa);

	if (p)
		kill_all(cpu, p);
}

void smc_retry_mixed(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;
	struct code_page *p;

	while ((p = c->mixed_pages) && host_counter() >= p->mixed_until) {
		kill_all(cpu, p);
		unmix(c, p);
	}
}

static bool region_hit(const struct region *r, unsigned part, unsigned offset, unsigned len)
{
	unsigned lo = part ? 0 : r->gpa & 0xfff, hi = part ? r->len - r->len1 : lo + r->len1;

	return offset < hi && offset + len > lo;
}

static bool covered(const struct code_page *p, uint64_t gpa, unsigned len)
{
	for (unsigned k = 0; k < len; k++) {
		unsigned off = (unsigned)(gpa + k) & 0xfff;
		if (p->covered[off / 64] >> (off % 64) & 1)
			return true;
	}
	return false;
}

/* Kills what len bytes at `offset` of the page hit. Returns their number, and sets *own when `self` was among them. */
static unsigned kill_hit(struct cpu *cpu, struct code_page *p, unsigned offset, unsigned len, const struct region *self, bool *own)
{
	struct region *next;
	unsigned n = 0;

	for (unsigned part = 0; part < 2; part++) {
		for (struct region *r = p->regions[part]; r; r = next) {
			next = r->in[part].next;
			if (!region_hit(r, part, offset, len))
				continue;
			*own |= r == self;
			n++;
			smc_kill(cpu, r);
		}
	}
	return n;
}

bool code_bytes_free(struct cpu *cpu, uint64_t gpa, unsigned len)
{
	struct code_page *p = *slot_of(cpu->cache, gpa);

	if (!p || !p->watched || covered(p, gpa, len) || p->beside + 1 == MIXED_BESIDE)
		return false;
	p->beside++;
	return true;
}

int code_page_written(struct cpu *cpu, uint64_t gpa, unsigned len, uint64_t host_pc)
{
	struct code_cache *c = cpu->cache;
	struct code_page *p = *slot_of(c, gpa);

	if (!p || !p->watched) {
		mmu_unprotect_code_page(gpa);
		return 0;
	}
	bool hits = covered(p, gpa, len);
	if (!hits && ++p->beside < MIXED_BESIDE)
		return 0;
	p->beside = 0;
	struct region *self = cache_find_host(c, host_pc ? host_pc : cpu->tmp[7]);
	bool own = false;
	if ((!hits || kill_hit(cpu, p, gpa & 0xfff, len, self, &own)) && hit_often(p) && !p->mixed) {
		own |= self && (self->in[0].page == p || self->in[1].page == p);
		kill_all(cpu, p);
		mix(c, p);
	}
	cover_again(p);
	if (own && host_pc) {
		c->redo = true;
		return 1;
	}
	/* a helper of a region that has died must not return into what follows */
	if (own)
		cpu_request(cpu, PEND_FLUSH);
	return 0;
}

static const struct fault_point *search_points(const struct region *r, uint64_t pc)
{
	uint32_t host = (uint32_t)((uint32_t *)pc - r->code);
	for (uint32_t lo = 0, hi = r->npoints; lo < hi;) {
		uint32_t mid = (lo + hi) / 2;
		const struct fault_point *p = &r->points[mid];
		if (p->host == host)
			return p;
		if (p->host < host)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* What has been found once stays so until some segment is emptied. */
static inline const struct fault_point *find_point(struct code_cache *c, uint64_t pc, struct region **region)
{
	unsigned k = pc >> 2 & (FOUND_SIZE - 1);

	if (c->found[k].pc != pc || c->found[k].emptied != c->emptied) {
		struct region *r = cache_find_host(c, pc);

		*region = r;
		if (!r)
			return NULL;
		c->found[k].pc = pc;
		c->found[k].emptied = c->emptied;
		c->found[k].region = r;
		c->found[k].point = search_points(r, pc);
	}
	*region = c->found[k].region;
	return c->found[k].point;
}

const struct fault_point *cache_find_point(struct code_cache *c, uint64_t pc, struct region **region)
{
	return find_point(c, pc, region);
}

unsigned cache_point_flags(struct cpu *cpu, uint64_t pc)
{
	struct region *r;
	const struct fault_point *p = find_point(cpu->cache, pc, &r);

	return p ? p->flags : 0;
}

const uint32_t *cache_fp_slow(struct cpu *cpu, uint64_t pc)
{
	struct region *r;
	const struct fault_point *p = find_point(cpu->cache, pc, &r);

	return p && p->slow ? r->code + p->slow : NULL;
}

const struct x87_point *cache_x87_point(struct cpu *cpu, uint64_t pc)
{
	struct region *r;
	const struct fault_point *p = find_point(cpu->cache, pc, &r);

	return p && p->x87 ? &r->x87_points[p->x87 - 1] : NULL;
}

int cache_undo_jump(struct cpu *cpu, uint64_t pc)
{
	struct region *r;
	const struct fault_point *p = find_point(cpu->cache, pc, &r);

	if (!p)
		return -EFAULT;
	fault_point_clear_upper(cpu, p);
	cpu->gpr[RSP] += (uint64_t)(int64_t)p->stack;
	cpu->eip = fault_point_eip(r, p);
	return 0;
}

int cache_settle(struct cpu *cpu, struct trap_frame *frame)
{
	struct region *r;
	const struct fault_point *p = find_point(cpu->cache, frame->era, &r);

	return p ? fault_point_settle(cpu, frame, r, p) : -EFAULT;
}

int cache_recover(struct cpu *cpu, const struct trap_frame *frame)
{
	struct region *r;
	const struct fault_point *p = find_point(cpu->cache, frame->era, &r);

	if (!p)
		return -EFAULT;
	fault_point_recover(cpu, frame, r, p);
	return p->flags;
}
