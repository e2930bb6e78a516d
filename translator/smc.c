/* Code that changes: pages that hold translated code, and what a store into them does. */
#include <errno.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"
#include "translator/mmu.h"
#include "translator/translate.h"

/* Stores into live code of one page before its regions check themselves instead of being protected. */
#define MIXED_AFTER 32

static struct code_page **slot_of(struct code_cache *c, uint64_t gpa)
{
	struct code_page **p = &c->pages[(gpa >> 12 ^ gpa >> 24) & (PAGE_HASH - 1)];

	while (*p && (*p)->gpa != (gpa & ~0xfffull))
		p = &(*p)->next;
	return p;
}

static void cover(struct code_page *p, const struct region *r)
{
	uint64_t page = p->gpa, lo, hi;

	if ((r->gpa & ~0xfffull) == page) {
		lo = r->gpa & 0xfff;
		hi = lo + r->len1;
	} else {
		lo = 0;
		hi = r->len - r->len1;
	}
	for (uint64_t k = lo; k < hi; k++)
		p->covered[k / 64] |= 1ull << (k % 64);
}

static void watch_page(struct cpu *cpu, struct region *r, uint64_t gpa)
{
	struct code_cache *c = cpu->cache;
	struct code_page **slot = slot_of(c, gpa), *p = *slot;

	if (!p) {
		p = cache_meta(c, sizeof *p);
		if (!p) { /* no room to watch it: must not stay */
			r->flags |= REGION_DEAD;
			return;
		}
		memset(p, 0, sizeof *p);
		p->gpa = gpa & ~0xfffull;
		*slot = p;
	}
	cover(p, r);
	if (!p->watched) {
		p->watched = true;
		mmu_protect_code_page(p->gpa);
	}
	if (p->gpa == (r->gpa & ~0xfffull)) {
		r->page_next = p->regions;
		p->regions = r;
	} else {
		r->page2_next = p->regions2;
		p->regions2 = r;
	}
}

void smc_watch(struct cpu *cpu, struct region *r)
{
	watch_page(cpu, r, r->gpa);
	if (r->gpa2)
		watch_page(cpu, r, r->gpa2);
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
	la_bl(&e, (int)((char *)c->stubs.dead[cache_stub_set(r->mode)] - (char *)e.p));
	ibar();
	c->stats.invalidations++;
}

void smc_forget_pages(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;

	for (unsigned k = 0; k < PAGE_HASH; k++) {
		for (struct code_page *p = c->pages[k]; p; p = p->next)
			if (p->watched)
				mmu_unprotect_code_page(p->gpa);
		c->pages[k] = NULL;
	}
}

static bool region_hit(const struct region *r, uint64_t gpa, unsigned len)
{
	if (gpa < r->gpa + r->len1 && gpa + len > r->gpa)
		return true;
	return r->gpa2 && gpa < r->gpa2 + (r->len - r->len1) && gpa + len > r->gpa2;
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

/* Kills what [gpa, gpa + len) hits (everything when the page has become mixed); returns whether `self` was among it. */
static bool kill_hit(struct cpu *cpu, struct code_page *p, uint64_t gpa, unsigned len, const struct region *self)
{
	struct region **link = &p->regions, *r;
	bool own = false;

	memset(p->covered, 0, sizeof p->covered);
	while ((r = *link)) {
		if (p->mixed || r->flags & REGION_DEAD || region_hit(r, gpa, len)) {
			own |= r == self;
			smc_kill(cpu, r);
			*link = r->page_next;
		} else {
			cover(p, r);
			link = &r->page_next;
		}
	}
	link = &p->regions2;
	while ((r = *link)) {
		if (p->mixed || r->flags & REGION_DEAD || region_hit(r, gpa, len)) {
			own |= r == self;
			smc_kill(cpu, r);
			*link = r->page2_next;
		} else {
			cover(p, r);
			link = &r->page2_next;
		}
	}
	return own;
}

bool code_bytes_free(struct cpu *cpu, uint64_t gpa, unsigned len)
{
	const struct code_page *p = *slot_of(cpu->cache, gpa);

	return p && p->watched && !covered(p, gpa, len);
}

int code_page_written(struct cpu *cpu, uint64_t gpa, unsigned len, uint64_t host_pc)
{
	struct code_cache *c = cpu->cache;
	struct code_page *p = *slot_of(c, gpa);

	if (!p || !p->watched) {
		mmu_unprotect_code_page(gpa);
		return 0;
	}
	if (!covered(p, gpa, len))
		return 0;
	struct region *self = cache_find_host(c, host_pc ? host_pc : cpu->tmp[7]);
	if (++p->hits >= MIXED_AFTER)
		p->mixed = true;
	bool own = kill_hit(cpu, p, gpa, len, self);
	if (!p->regions && !p->regions2) {
		p->watched = false;
		mmu_unprotect_code_page(p->gpa);
	}
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

/* The fault point at host address pc, and its region; or NULL. What has been found once stays so until the cache is emptied. */
static const struct fault_point *find_point(struct code_cache *c, uint64_t pc, struct region **region)
{
	unsigned k = pc >> 2 & (FOUND_SIZE - 1);

	if (c->found[k].pc != pc) {
		struct region *r = cache_find_host(c, pc);

		*region = r;
		if (!r)
			return NULL;
		c->found[k].pc = pc;
		c->found[k].region = r;
		c->found[k].point = search_points(r, pc);
	}
	*region = c->found[k].region;
	return c->found[k].point;
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

static uint64_t point_eip(const struct region *r, const struct fault_point *p)
{
	return (r->eip + (uint64_t)(int64_t)p->eip_delta) & plan_eip_mask(r->mode);
}

/* 64-bit code leaves upper halves that nobody reads as they are. */
static void clear_upper_halves(struct cpu *cpu, unsigned registers)
{
	for (int k = 0; registers; k++, registers >>= 1)
		if (registers & 1)
			cpu->gpr[k] = (uint32_t)cpu->gpr[k];
}

int cache_undo_jump(struct cpu *cpu, uint64_t pc)
{
	struct region *r;
	const struct fault_point *p = find_point(cpu->cache, pc, &r);

	if (!p)
		return -EFAULT;
	clear_upper_halves(cpu, p->narrow);
	cpu->gpr[RSP] += (uint64_t)(int64_t)p->pushed;
	cpu->eip = point_eip(r, p);
	return 0;
}

int cache_recover(struct cpu *cpu, const struct trap_frame *frame)
{
	struct region *r;
	const struct fault_point *p = find_point(cpu->cache, frame->era, &r);

	if (!p)
		return -EFAULT;
	for (int k = 0; k < (r->mode & MODE_LONG ? 16 : 8); k++)
		cpu->gpr[k] = frame->r[HGPR(k)];
	clear_upper_halves(cpu, p->narrow);
	cpu->cc_dst = frame->r[H_CC_DST];
	cpu->cc_src = frame->r[H_CC_SRC];
	if (p->cc >= 0)
		cpu->cc_op = (uint32_t)p->cc;
	cpu->eip = point_eip(r, p);
	return 0;
}
