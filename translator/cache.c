/* The code cache: memory for regions, finding them, linking them. What happens when code is written is in smc.c. */
#include "translator/cache.h"

#include <errno.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"
#include "translator/mmu.h"
#include "translator/translate.h"
#include "translator/x87.h"

#define MAX_REGION_WORDS 16384
#define FILTER_SEVERAL UINT32_MAX
#define META_PER_CODE 1 /* bytes of tables for one byte of code */

extern uint32_t stubs_start[], stubs_end[], stub_cc_get[], stub_syscall_long0[], stub_syscall_long3[], stub_sysret[], stub_resume[];
#define STUBS(X) X(helper) X(helper_end) X(exit) X(link) X(jump) X(jump_out) X(jump_checked) X(jump_near) X(check) X(slow) X(dead) X(transfer)
#define DECLARE(name) extern uint32_t stub_##name##0[], stub_##name##3[], stub_##name##_long0[], stub_##name##_long3[];
STUBS(DECLARE)

const struct stubs *cache_stubs(struct cpu *cpu)
{
	return &cpu->cache->stubs;
}

const struct cache_stats *cache_stats(struct cpu *cpu)
{
	return &cpu->cache->stats;
}

extern uint32_t x87_stubs_start[], x87_stubs_end[];
#define DECLARE_X87(name) extern uint32_t x87_##name[];
X87_STUB_LIST(DECLARE_X87)

/* Copies them to `code` and returns the first word behind them, at a multiple of 64 bytes. */
static uint32_t *install_x87_stubs(struct code_cache *c, uint32_t *code)
{
	size_t n = (size_t)(x87_stubs_end - x87_stubs_start);

	memcpy(code, x87_stubs_start, n * sizeof *code);
#define COPY_X87(name) c->stubs.x87[X87_STUB_##name] = code + (x87_##name - x87_stubs_start);
	X87_STUB_LIST(COPY_X87)
	return code + (n + 15) / 16 * 16;
}

static void install_stubs(struct code_cache *c)
{
	size_t n = (size_t)((char *)stubs_end - (char *)stubs_start);
	memcpy(c->code, stubs_start, n);
#define COPY(s) (c->code + ((s) - stubs_start))
#define COPY_SET(name) .name = { COPY(stub_##name##0), COPY(stub_##name##3), COPY(stub_##name##_long0), COPY(stub_##name##_long3) },
	c->stubs = (struct stubs){
		STUBS(COPY_SET)
		.cc_get = COPY(stub_cc_get), .syscall = { [2] = COPY(stub_syscall_long0), COPY(stub_syscall_long3) }, .sysret = COPY(stub_sysret), .resume = COPY(stub_resume),
	};
	c->first = install_x87_stubs(c, c->code + (n + 63) / 64 * 16);
	ibar();
}

void cache_resume(struct cpu *cpu, uint64_t how)
{
	((void (*)(struct cpu *, uint64_t))cpu->cache->stubs.resume)(cpu, how);
	__builtin_unreachable();
}

static void *take(uint64_t size)
{
	uint64_t pa = host_alloc(size, 4096);
	return pa ? phys_cached(pa) : NULL;
}

int cache_init(struct cpu *cpu, uint64_t code_size)
{
	struct code_cache *c = take(sizeof *c);

	if (!c)
		return -ENOMEM;
	c->code = take(code_size);
	c->meta = take(code_size * META_PER_CODE);
	c->jc = take(sizeof(struct jc_entry) << JC_BITS);
	c->regions = take((code_size / 64) * sizeof(struct region *));
	c->tr = take(sizeof *c->tr);
	if (!c->code || !c->meta || !c->jc || !c->regions || !c->tr)
		return -ENOMEM;
	c->code_end = c->code + code_size / 4;
	c->meta_size = code_size * META_PER_CODE;
	c->max_regions = (unsigned)(code_size / 64);
	cpu->cache = c;
	cpu->jc_table = c->jc;
	if (probe_init(cpu) < 0)
		return -ENOMEM;
	install_stubs(c);
	cache_reset(cpu);
	c->stats.resets = 0;
	return 0;
}

void cache_reset(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;

	smc_forget_pages(cpu);
	memset(c->hash, 0, sizeof c->hash);
	memset(c->found, 0, sizeof c->found);
	c->next = c->first;
	c->meta_used = 0;
	c->nregions = 0;
	cache_flush_lookups(cpu);
	c->stats.resets++;
}

void *cache_meta(struct code_cache *c, size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if (size > c->meta_size - c->meta_used)
		return NULL;
	void *p = c->meta + c->meta_used;
	c->meta_used += size;
	return p;
}

/* ---- lookups by address ---- */

static void forget_tags(struct cpu *cpu)
{
	cpu->cache->ncontexts = 0;
	memset(cpu->recent, 0, sizeof cpu->recent);
}

void cache_flush_lookups(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;

	if (!c)
		return;
	if (!++c->generation) {
		memset(c->page_filter, 0, sizeof c->page_filter);
		c->generation = 1;
	}
	c->nlocal = 0;
	probe_forget(cpu);
	forget_tags(cpu);
	cache_update_tag(cpu);
}

void cache_flush_lookups_local(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;

	if (!c)
		return;
	if (c->nlocal == LOCAL_MAX) {
		cache_flush_lookups(cpu);
		return;
	}
	while (c->nlocal)
		c->jc[c->local[--c->nlocal]].key = 0;
	probe_forget(cpu);
}

void cache_flush_lookups_page(struct cpu *cpu, uint64_t lin)
{
	struct code_cache *c = cpu->cache;
	uint32_t page = (uint32_t)((cpu->efer & EFER_LMA ? lin : (uint32_t)lin) >> 12), k = page & (FILTER_SIZE - 1);

	if (c && c->page_filter[k].generation == c->generation && (c->page_filter[k].page == page || c->page_filter[k].page == FILTER_SEVERAL))
		cache_flush_lookups(cpu);
}

/*
 * A tag is a number of 16 bits, not 0, for a mode within the current generation. When numbers run out, or a generation sees too many modes,
 * they begin anew with an empty jump cache.
 */
static uint64_t find_tag(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;
	unsigned k = 0;

	while (k < c->ncontexts && c->contexts[k].mode != cpu->mode)
		k++;
	if (k == c->ncontexts) {
		if (k == CONTEXT_MAX || c->last_context == UINT16_MAX) {
			memset(c->jc, 0, sizeof(struct jc_entry) << JC_BITS);
			c->last_context = 0;
			forget_tags(cpu);
			k = 0;
		}
		c->contexts[k].mode = cpu->mode;
		c->contexts[k].number = ++c->last_context;
		c->ncontexts++;
	}
	return (uint64_t)c->contexts[k].number << 48;
}

void cache_update_tag(struct cpu *cpu)
{
	unsigned k = cache_stub_set(cpu->mode);

	if (cpu->recent[k].mode != cpu->mode) {
		uint64_t tag = find_tag(cpu);
		struct probe_entry *probe = probe_table(cpu);
		cpu->recent[k].mode = cpu->mode;
		cpu->recent[k].tag = tag;
		cpu->recent[k].probe = probe;
	}
	cpu->jc_tag = cpu->recent[k].tag;
}

static uint64_t key_of(const struct cpu *cpu, uint64_t lin)
{
	return cpu->jc_tag | lin << 16 >> 16;
}

static struct jc_entry *jc_slot(struct code_cache *c, uint64_t lin)
{
	return &c->jc[(lin ^ lin >> 12) & ((1u << JC_BITS) - 1)];
}

void cache_forget_region(struct cpu *cpu, const struct region *r)
{
	struct jc_entry *j = jc_slot(cpu->cache, r->cs_base + r->eip);

	if (j->region == r)
		j->key = 0;
	probe_forget_region(cpu, r);
}

/* memcmp() goes byte by byte, and this is most of what a lookup costs. */
static bool same_bytes(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint64_t x, y;
	size_t k = 0;

	for (; k + sizeof x <= n; k += sizeof x) {
		memcpy(&x, a + k, sizeof x);
		memcpy(&y, b + k, sizeof y);
		if (x != y)
			return false;
	}
	for (; k < n; k++)
		if (a[k] != b[k])
			return false;
	return true;
}

static bool source_same(const struct region *r)
{
	return same_bytes(r->src, r->copy, r->len1) && same_bytes(r->src2, r->copy + r->len1, r->len - r->len1);
}

static bool context_same(const struct region *r, const struct cpu *cpu)
{
	const struct seg *cs = &cpu->seg[SEG_CS];

	if (r->eip != cpu->eip || r->mode != cpu->mode || (x87_word(&cpu->x87) & r->x87_mask) != r->x87)
		return false;
	return r->mode & MODE_LONG || (r->cs_base == cs->base && r->cs_limit == cs->limit);
}

static uint32_t hash_of(uint64_t gpa)
{
	return (uint32_t)((gpa ^ gpa >> 12 ^ gpa >> 20) & (HASH_SIZE - 1));
}

/* ---- where the source is ---- */

struct fetched {
	struct source src;
	uint64_t gpa, gpa2;
	const uint8_t *host2;
	bool crosses;
};

/* The linear address of offset eip in the code segment. */
static uint64_t code_linear(const struct cpu *cpu, uint64_t eip)
{
	return cpu->mode & MODE_LONG ? eip : (uint32_t)(cpu->seg[SEG_CS].base + eip);
}

/* The last EIP of the code segment. */
static uint64_t last_eip(const struct cpu *cpu)
{
	return cpu->mode & MODE_LONG ? UINT64_MAX : cpu->seg[SEG_CS].limit;
}

/* Fetches the page of CS:EIP; raises #PF, #GP. */
static void fetch(struct cpu *cpu, struct fetched *f)
{
	uint64_t lin = code_linear(cpu, cpu->eip);
	const uint8_t *host;

	if (cpu->eip > last_eip(cpu) || !mmu_canonical(lin))
		cpu_raise_err(cpu, EXC_GP, 0);
	f->gpa = mmu_fetch(cpu, lin, &host);
	f->crosses = false;
	f->src.page = NULL;
	f->src.nbytes = 0;
	f->src.eip_mask = plan_eip_mask(cpu->mode);
	f->src.eip_last = last_eip(cpu);
	f->src.page_eip = cpu->eip - (lin & 0xfff);
	if (host) {
		f->src.page = host - (lin & 0xfff);
		return;
	}
	/* code in device memory: byte by byte, one instruction a region */
	for (unsigned k = 0; k < 15 && (lin & 0xfff) + k < 4096; k++)
		f->src.bytes[k] = mem_read8(cpu, lin + k, 0);
	f->src.nbytes = 4096 - (lin & 0xfff) < 15 ? 4096 - (unsigned)(lin & 0xfff) : 15;
}

/* The entry instruction runs over the page's end: adds the next page's bytes. */
static void fetch_second(struct cpu *cpu, struct fetched *f)
{
	uint64_t lin = code_linear(cpu, cpu->eip);
	unsigned first = 4096 - (unsigned)(lin & 0xfff);
	uint64_t lin2 = code_linear(cpu, cpu->eip + first);
	const uint8_t *host2;

	if (!mmu_canonical(lin2))
		cpu_raise_err(cpu, EXC_GP, 0);
	f->gpa2 = mmu_fetch(cpu, lin2, &host2);
	f->host2 = host2;
	f->crosses = true;
	if (f->src.page)
		memcpy(f->src.bytes, f->src.page + (lin & 0xfff), first);
	for (unsigned k = 0; k < 15 - first; k++)
		f->src.bytes[first + k] = host2 ? host2[k] : mem_read8(cpu, lin2 + k, 0);
	f->src.nbytes = 15;
}

static void make_plan(struct cpu *cpu, struct fetched *f, unsigned max)
{
	struct code_cache *c = cpu->cache;
	int dsize = plan_dsize(cpu->mode);
	int r = plan_collect(&c->plan, &f->src, cpu->eip, dsize, f->src.nbytes ? 1 : max);

	if (r == INSN_ETRUNC) {
		fetch_second(cpu, f);
		r = plan_collect(&c->plan, &f->src, cpu->eip, dsize, 1);
	}
	if (r < 0)
		cpu_raise_err(cpu, EXC_GP, 0);
	if (c->plan.insn[0].i.len + cpu->eip - 1 > last_eip(cpu) && c->plan.n == 1)
		cpu_raise_err(cpu, EXC_GP, 0);
	plan_analyse(&c->plan, &f->src, dsize);
}

/* ---- making regions ---- */

static void describe(struct cpu *cpu, struct region *r, const struct fetched *f, uint32_t flags)
{
	const struct plan *p = &cpu->cache->plan;
	uint64_t first = p->lo - f->src.page_eip;

	memset(r, 0, sizeof *r);
	r->flags = flags;
	r->cs_base = cpu->mode & MODE_LONG ? 0 : cpu->seg[SEG_CS].base;
	r->cs_limit = cpu->mode & MODE_LONG ? UINT32_MAX : cpu->seg[SEG_CS].limit;
	r->eip = cpu->eip;
	r->mode = cpu->mode;
	r->len = (uint32_t)(p->hi - p->lo);
	r->len1 = r->len;
	r->gpa = (f->gpa & ~0xfffull) + first;
	r->src = f->src.page ? f->src.page + first : NULL;
	if (f->crosses && first + r->len > 4096) {
		r->len1 = (uint32_t)(4096 - first);
		r->gpa2 = f->gpa2;
		r->src2 = f->host2;
	}
	if (!r->src || (r->len1 < r->len && !r->src2))
		r->flags |= REGION_TRANSIENT;
}

static bool save_tables(struct code_cache *c, struct region *r)
{
	const struct tr *t = c->tr;

	r->npoints = t->npoints;
	r->nexits = t->nexits;
	r->points = cache_meta(c, t->npoints * sizeof *r->points);
	r->exits = cache_meta(c, t->nexits * sizeof *r->exits);
	/* room for the word-wise comparisons of stub_check, which read past the end */
	uint8_t *copy = cache_meta(c, r->len + 8);
	if (!r->points || !r->exits || !copy)
		return false;
	memcpy(r->points, t->points, t->npoints * sizeof *r->points);
	memcpy(r->exits, t->exits, t->nexits * sizeof *r->exits);
	if (r->src)
		memcpy(copy, r->src, r->len1);
	if (r->src2)
		memcpy(copy + r->len1, r->src2, r->len - r->len1);
	r->copy = copy;
	return true;
}

static bool has_room(const struct code_cache *c)
{
	return c->code_end - c->next >= MAX_REGION_WORDS && c->meta_size - c->meta_used >= 1 << 16 && c->nregions < c->max_regions;
}

static struct region *build(struct cpu *cpu, struct fetched *f, uint32_t flags, unsigned max)
{
	struct code_cache *c = cpu->cache;

	if (!has_room(c))
		cache_reset(cpu);
	for (;;) {
		make_plan(cpu, f, max);
		struct region *r = cache_meta(c, sizeof *r);
		describe(cpu, r, f, flags);
		if (translate(c->tr, cpu, &c->plan, r, c->next, c->next + MAX_REGION_WORDS) == 0 && save_tables(c, r)) {
			c->stats.regions++;
			c->stats.guest_insns += c->plan.n;
			c->stats.host_insns += (uint64_t)(r->code_end - r->code);
			c->next = r->code_end;
			c->regions[c->nregions++] = r;
			ibar();
			return r;
		}
		max = max > 1 ? max / 2 : 1;
	}
}

struct region *cache_transient(struct cpu *cpu)
{
	struct fetched f;

	fetch(cpu, &f);
	return build(cpu, &f, REGION_TRANSIENT, 1);
}

/* The jump cache holds an entry that depends on the mapping of this page. */
static void note_page(struct code_cache *c, uint64_t lin)
{
	uint32_t page = (uint32_t)(lin >> 12), k = page & (FILTER_SIZE - 1);

	if (c->page_filter[k].generation != c->generation) {
		c->page_filter[k].generation = c->generation;
		c->page_filter[k].page = page;
	} else if (c->page_filter[k].page != page) {
		c->page_filter[k].page = FILTER_SEVERAL;
	}
}

static void remember(struct cpu *cpu, struct region *r, uint64_t lin)
{
	struct code_cache *c = cpu->cache;
	bool flat = (cpu->mode & MODE_CS_FLAT) != 0;

	/* stub_jump_checked does not look at the limit, and compares a second page only where it follows the first in memory */
	if (r->flags & (REGION_TRANSIENT | REGION_DEAD) || (!flat && r->cs_limit != 0xffff && r->cs_limit != 0xffffffff))
		return;
	if (r->gpa2 && (cpu->mode & MODE_TRUSTED) != MODE_TRUSTED && (cpu->mode & MODE_PG || r->src2 != r->src + r->len1))
		return;
	struct jc_entry *j = jc_slot(c, lin);
	j->key = key_of(cpu, lin);
	j->region = r;
	note_page(c, lin);
	if (r->gpa2)
		note_page(c, lin + 4096);
	if ((r->gpa2 || !mmu_is_global(cpu, lin)) && c->nlocal < LOCAL_MAX)
		c->local[c->nlocal++] = (uint16_t)(j - c->jc);
}

struct region *cache_lookup(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;
	uint64_t lin = code_linear(cpu, cpu->eip);
	struct jc_entry *j = jc_slot(c, lin);
	struct fetched f;

	c->stats.lookups++;
	if (cpu->mode & MODE_PG && j->key == key_of(cpu, lin) && mmu_canonical(lin) && context_same(j->region, cpu) && !(j->region->flags & (REGION_DEAD | REGION_SELFCHECK)))
		return j->region;
	fetch(cpu, &f);
	uint32_t h = hash_of(f.gpa);
	for (struct region *r = c->hash[h]; r; r = r->hash_next) {
		if (r->entry_gpa != f.gpa || !context_same(r, cpu) || r->flags & REGION_DEAD)
			continue;
		if (r->gpa2) {
			uint64_t lin2 = code_linear(cpu, cpu->eip + 4096) & ~0xfffull;
			const uint8_t *host2;
			if (mmu_fetch(cpu, lin2, &host2) != r->gpa2)
				continue;
		}
		if (!source_same(r)) {
			smc_kill(cpu, r);
			break;
		}
		remember(cpu, r, lin);
		return r;
	}
	unsigned max = cpu->mode & (MODE_TF | MODE_DBG) ? 1 : REGION_MAX_INSNS;
	uint32_t flags = smc_page_is_mixed(cpu, f.gpa) ? REGION_SELFCHECK : 0;
	struct region *r = build(cpu, &f, flags, flags ? 1 : max);
	r->entry_gpa = f.gpa;
	if (r->flags & REGION_TRANSIENT)
		return r;
	h = hash_of(f.gpa);
	r->hash_next = c->hash[h];
	c->hash[h] = r;
	if (!(r->flags & REGION_SELFCHECK))
		smc_watch(cpu, r);
	remember(cpu, r, lin);
	return r;
}

/* ---- links ---- */

struct region *cache_find_host(struct code_cache *c, uint64_t pc)
{
	unsigned lo = 0, hi = c->nregions;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		if ((uint64_t)c->regions[mid]->code_end <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < c->nregions && (uint64_t)c->regions[lo]->code <= pc)
		return c->regions[lo];
	return NULL;
}

static const struct exit_slot *find_exit(struct code_cache *c, uint64_t ra, struct region **from)
{
	struct region *r = cache_find_host(c, ra - 4);

	*from = r;
	if (!r)
		return NULL;
	uint32_t site = (uint32_t)((uint32_t *)(ra - 4) - r->code);
	for (uint32_t k = 0; k < r->nexits; k++)
		if (r->exits[k].site == site)
			return &r->exits[k];
	return NULL;
}

void cache_dead_entry(struct cpu *cpu, uint64_t pc)
{
	struct region *r = cache_find_host(cpu->cache, pc);

	if (r)
		cpu->eip = r->eip;
}

bool cache_exit_target(struct cpu *cpu, uint64_t ra, uint64_t *eip)
{
	struct region *from;
	const struct exit_slot *x = find_exit(cpu->cache, ra, &from);

	if (!x)
		return false;
	*eip = x->target;
	return true;
}

/* Code that goes to eip by the jump cache, for exits that no link may serve because a second page has a part in it. NULL without room. */
static const uint32_t *make_jump(struct cpu *cpu, const struct region *from, uint64_t eip)
{
	struct code_cache *c = cpu->cache;
	struct emit e = { .p = c->next, .start = c->next, .end = c->code_end };
	uint32_t *const *stub = (from->mode & MODE_TRUSTED) == MODE_TRUSTED ? c->stubs.jump : c->stubs.jump_checked;

	la_li(&e, T0, from->mode & MODE_LONG ? (int64_t)eip : (int32_t)eip);
	la_b(&e, (int)((char *)stub[cache_stub_set(from->mode)] - (char *)e.p));
	if (e.overflow)
		return NULL;
	c->next = e.p;
	return e.start;
}

void cache_link(struct cpu *cpu, uint64_t ra, struct region *to)
{
	struct region *from;
	const struct exit_slot *x = find_exit(cpu->cache, ra, &from);

	if (!x || (from->flags | to->flags) & (REGION_DEAD | REGION_TRANSIENT) || to->eip != x->target || to->mode != from->mode)
		return;
	const uint32_t *code = to->host;
	if ((from->gpa ^ to->gpa) >> 12 || from->gpa2 || to->gpa2)
		code = make_jump(cpu, from, x->target);
	if (!code)
		return;
	struct emit e = { .p = from->code + x->site, .start = from->code, .end = from->code_end };
	la_b(&e, (int)((char *)code - (char *)e.p));
	ibar();
	cpu->cache->stats.links++;
}
