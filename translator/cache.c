/* The code cache: making regions and finding them. Their memory is in segment.c, links in link.c, the jump cache in jump_cache.c; what happens when code is written in smc.c. */
#include "translator/cache.h"

#include <errno.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"
#include "translator/mmu.h"
#include "translator/profile.h"
#include "translator/translate.h"
#include "translator/x87.h"

#define MAX_REGION_WORDS 16384 /* struct fault_point has 16 bits for such an offset */
#define BUILD_WORDS_MIN 1024  /* with less room left in a segment a region is not tried there */
#define CODE_PER_PAGE 1024    /* bytes of cache for one record of a code page */
#define NO_GPA UINT64_MAX
#define VERSIONS 4            /* of code at one place in a mixed page are kept: what was overwritten often comes back */

extern uint32_t stubs_start[], stubs_end[], stub_cc_get[], stub_cc_carry[], stub_cc_kinds[], stub_syscall_long0[], stub_syscall_long3[], stub_sysret[];
extern uint32_t stub_int0[], stub_int3[], stub_int_long0[], stub_int_long3[], stub_iret0[], stub_iret_long0[], guarded_start[], guarded_end[];
extern uint32_t stub_fault0[], stub_fault3[], stub_fault_long0[], stub_fault_long3[];
extern uint32_t stub_sysenter0[], stub_sysenter3[], stub_sysexit[], stub_segment0[], stub_segment_long0[];
#define STUBS(X) X(helper) X(helper_end) X(exit) X(link) X(jump) X(jump_out) X(jump_checked) X(jump_near) X(check) X(slow) X(dead) X(transfer) X(movs) X(stos) X(cmps) X(scas)
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

/* Words that the stubs of each kind take, each beginning at a multiple of 64 bytes. */
static uint32_t words_of(const uint32_t *start, const uint32_t *end)
{
	return (uint32_t)(end - start + 15) / 16 * 16;
}

static uint32_t stub_words(void)
{
	return words_of(stubs_start, stubs_end) + words_of(x87_stubs_start, x87_stubs_end);
}

static void install_stubs(struct code_cache *c)
{
	uint32_t *x87 = c->code + words_of(stubs_start, stubs_end);

	c->x87_stubs = x87;
	memcpy(c->code, stubs_start, (size_t)((char *)stubs_end - (char *)stubs_start));
	memcpy(x87, x87_stubs_start, (size_t)((char *)x87_stubs_end - (char *)x87_stubs_start));
#define COPY(s) (c->code + ((s) - stubs_start))
#define COPY_SET(name) .name = { COPY(stub_##name##0), COPY(stub_##name##3), COPY(stub_##name##_long0), COPY(stub_##name##_long3) },
	c->stubs = (struct stubs){
		STUBS(COPY_SET)
		.cc_get = COPY(stub_cc_get), .cc_carry = COPY(stub_cc_carry), .syscall = { [2] = COPY(stub_syscall_long0), COPY(stub_syscall_long3) }, .sysret = COPY(stub_sysret),
		.interrupt = { COPY(stub_int0), COPY(stub_int3), COPY(stub_int_long0), COPY(stub_int_long3) },
		.fault = { COPY(stub_fault0), COPY(stub_fault3), COPY(stub_fault_long0), COPY(stub_fault_long3) },
		.iret = { [0] = COPY(stub_iret0), [2] = COPY(stub_iret_long0) },
		.sysenter = { COPY(stub_sysenter0), COPY(stub_sysenter3) }, .sysexit = COPY(stub_sysexit),
		.segment = { [0] = COPY(stub_segment0), [2] = COPY(stub_segment_long0) },
		.guarded_start = COPY(guarded_start), .guarded_end = COPY(guarded_end),
	};
	for (unsigned k = 0; k < CC_COUNT; k++)
		c->stubs.cc_kinds[k] = COPY(stub_cc_kinds) + k;
#define COPY_X87(name) c->stubs.x87[X87_STUB_##name] = x87 + (x87_##name - x87_stubs_start);
	X87_STUB_LIST(COPY_X87)
	ibar();
}

bool cache_is_guarded(struct cpu *cpu, uint64_t pc)
{
	const struct stubs *s = cpu->cache ? &cpu->cache->stubs : NULL;

	return s && pc >= (uintptr_t)s->guarded_start && pc < (uintptr_t)s->guarded_end;
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
	c->jc = take(sizeof(struct jc_entry) << JC_BITS);
	c->tr = take(sizeof *c->tr);
	if (!c->jc || !c->tr || segments_init(c, code_size, stub_words()) < 0 || smc_init(c, (unsigned)(code_size / CODE_PER_PAGE)) < 0)
		return -ENOMEM;
	cpu->cache = c;
	cpu->jc_table = c->jc;
	cpu->stop_fn = cache_stop;
	cpu->find_fn = cache_find;
	cpu->follow_fn = cache_follow_at_once;
	if (probe_init(cpu) < 0)
		return -ENOMEM;
	install_stubs(c);
	cache_flush_lookups(cpu);
	for (unsigned k = 0; k < WIDE_SIZE; k++)
		c->wide[k] = NO_GPA;
	return 0;
}

/* ---- regions by where their source lies ---- */

static inline uint64_t difference(const uint8_t *a, const uint8_t *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x ^ y;
}

/* memcmp() goes byte by byte, and this is most of what a lookup costs. The last words overlap those before them. */
static bool same_bytes(const uint8_t *a, const uint8_t *b, size_t n)
{
	const size_t word = sizeof(uint64_t);
	size_t k = 0;

	if (n < word) {
		while (k < n && a[k] == b[k])
			k++;
		return k == n;
	}
	for (; k + 2 * word <= n; k += 2 * word)
		if (difference(a + k, b + k) | difference(a + k + word, b + k + word))
			return false;
	return !(difference(a + n - word, b + n - word) | (k + word < n ? difference(a + k, b + k) : 0));
}

static bool source_same(const struct region *r)
{
	return same_bytes(r->src, r->copy, r->len1) && same_bytes(r->src2, r->copy + r->len1, r->len - r->len1);
}

/* Made for code at eip of the CPU's code segment, in the CPU's mode. */
static bool context_same(const struct region *r, const struct cpu *cpu, uint64_t eip)
{
	const struct seg *cs = &cpu->seg[SEG_CS];

	if (r->eip != eip || r->mode != cpu->mode || (x87_word(&cpu->x87) & r->x87_mask) != r->x87)
		return false;
	return r->mode & MODE_LONG || (r->cs_base == cs->base && r->cs_limit == cs->limit);
}

static uint32_t hash_of(uint64_t gpa)
{
	return (uint32_t)((gpa ^ gpa >> 12 ^ gpa >> 20) & (HASH_SIZE - 1));
}

static void hash_add(struct code_cache *c, struct region *r)
{
	struct region **head = &c->hash[hash_of(r->entry_gpa)];

	r->hash_next = *head;
	*head = r;
}

static void hash_remove(struct code_cache *c, struct region *r)
{
	struct region **p = &c->hash[hash_of(r->entry_gpa)];

	while (*p && *p != r)
		p = &(*p)->hash_next;
	if (*p)
		*p = r->hash_next;
}

void cache_forget_region(struct cpu *cpu, struct region *r)
{
	link_undo_all(cpu->cache, r);
	if (r->flags & REGION_TRANSIENT)
		return;
	jump_cache_forget(cpu->cache, r);
	probe_forget_region(cpu, r);
	hash_remove(cpu->cache, r);
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

/* The region within one page that a lookup finds at eip, where it lies at gpa; or NULL. */
static struct region *region_at(struct cpu *cpu, uint64_t gpa, uint64_t eip)
{
	struct region *r = cpu->cache->hash[hash_of(gpa)];

	while (r && (r->entry_gpa != gpa || r->gpa2 || !context_same(r, cpu, eip)))
		r = r->hash_next;
	return r;
}

static bool begins(const struct source *src, uint64_t eip)
{
	struct cpu *cpu = src->context;
	uint64_t gpa = src->gpa + (eip - src->page_eip);
	const struct region *r = region_at(cpu, gpa, eip);

	if (r && (r->flags & (REGION_CUT | REGION_WIDE)) == REGION_CUT) {
		cpu->cache->unfinished.gpa = gpa;
		cpu->cache->unfinished.eip = eip;
	}
	return r != NULL;
}

/* Where the byte at CS:EIP, with linear address lin, lies: in guest physical memory, and in *host in the host's, NULL for device memory. Raises #PF, #GP. */
static uint64_t locate(struct cpu *cpu, uint64_t lin, const uint8_t **host)
{
	if (cpu->eip > last_eip(cpu) || !mmu_canonical(lin))
		cpu_raise_err(cpu, EXC_GP, 0);
	return mmu_fetch(cpu, lin, host);
}

/* The page of CS:EIP as a source, with what locate() has found. */
static void fetch(struct cpu *cpu, uint64_t lin, uint64_t gpa, const uint8_t *host, struct fetched *f)
{
	f->gpa = gpa;
	f->crosses = false;
	f->src.page = NULL;
	f->src.nbytes = 0;
	f->src.unwatched = false;
	f->src.eip_mask = plan_eip_mask(cpu->mode);
	f->src.eip_last = last_eip(cpu);
	f->src.page_eip = cpu->eip - (lin & 0xfff);
	f->src.gpa = f->gpa & ~0xfffull;
	f->src.begins = begins;
	f->src.context = cpu;
	if (host) {
		f->src.page = host - (lin & 0xfff);
		return;
	}
	/* code in device memory: byte by byte, one instruction a region */
	for (unsigned k = 0; k < INSN_LEN_MAX && (lin & 0xfff) + k < 4096; k++)
		f->src.bytes[k] = mem_read8(cpu, lin + k, 0);
	f->src.bytes_eip = cpu->eip;
	f->src.nbytes = 4096 - (lin & 0xfff) < INSN_LEN_MAX ? 4096 - (unsigned)(lin & 0xfff) : INSN_LEN_MAX;
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
	f->src.nbytes = f->src.page && host2 ? sizeof f->src.bytes : INSN_LEN_MAX;
	for (unsigned k = 0; k < f->src.nbytes - first; k++)
		f->src.bytes[first + k] = host2 ? host2[k] : mem_read8(cpu, lin2 + k, 0);
	f->src.bytes_eip = cpu->eip;
}

static void make_plan(struct cpu *cpu, struct fetched *f, unsigned max)
{
	struct code_cache *c = cpu->cache;
	int dsize = plan_dsize(cpu->mode);

	c->unfinished.gpa = NO_GPA;
	int r = plan_collect(&c->plan, &f->src, cpu->eip, dsize, max);

	if (r == INSN_ETRUNC) {
		fetch_second(cpu, f);
		r = plan_collect(&c->plan, &f->src, cpu->eip, dsize, max);
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
	r->flags = flags | (p->cut ? REGION_CUT : 0) | (p->max == REGION_MAX_INSNS ? REGION_WIDE : 0);
	r->cs_base = cpu->mode & MODE_LONG ? 0 : cpu->seg[SEG_CS].base;
	r->cs_limit = cpu->mode & MODE_LONG ? UINT32_MAX : cpu->seg[SEG_CS].limit;
	r->eip = cpu->eip;
	r->mode = cpu->mode;
	r->entry_gpa = f->gpa;
	r->len = (uint32_t)(p->hi - p->lo);
	r->len1 = r->len;
	r->gpa = (f->gpa & ~0xfffull) + first;
	r->src = f->src.page ? f->src.page + first : NULL;
	if (f->crosses && first + r->len > 4096) {
		r->len1 = (uint32_t)(4096 - first);
		r->gpa2 = f->gpa2;
		r->src2 = f->host2;
		if (smc_page_is_mixed(cpu, f->gpa2))
			r->flags |= REGION_SELFCHECK;
	}
	bool apart = r->len1 < r->len && r->src2 != r->src + r->len1;
	/* stub_check compares the whole source as it lies in memory */
	if (!r->src || (r->len1 < r->len && !r->src2) || (apart && r->flags & REGION_SELFCHECK))
		r->flags = REGION_TRANSIENT;
}

/* What a table of so many bytes takes up among others. */
static inline size_t room(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

/* A copy of the table at *at, which is behind it then. */
static inline void *keep_table(uint8_t **at, const void *table, size_t size)
{
	void *kept = *at;

	*at += room(size);
	if (size)
		memcpy(kept, table, size);
	return kept;
}

static bool save_tables(struct code_cache *c, struct segment *s, struct region *r)
{
	const struct tr *t = c->tr;
	size_t points = t->npoints * sizeof *r->points, exits = t->nexits * sizeof *r->exits, heads = t->nheads * sizeof *r->heads;
	size_t x87_points = t->nx87_points * sizeof *r->x87_points, late = t->plan->nlate * sizeof *r->late;
	/* room for the word-wise comparisons of stub_check, which read past the end */
	uint8_t *copy = segment_meta(s, room(points) + room(exits) + room(heads) + room(x87_points) + room(late) + r->len + 8);

	if (!copy)
		return false;
	r->npoints = t->npoints;
	r->nexits = t->nexits;
	r->nheads = t->nheads;
	r->points = keep_table(&copy, t->points, points);
	r->exits = keep_table(&copy, t->exits, exits);
	r->heads = keep_table(&copy, t->heads, heads);
	r->x87_points = keep_table(&copy, t->x87_points, x87_points);
	r->late = late ? keep_table(&copy, t->plan->late, late) : NULL;
	for (uint32_t k = 0; k < r->nexits; k++)
		r->exits[k].at = r->code + r->exits[k].site;
	if (r->src)
		memcpy(copy, r->src, r->len1);
	if (r->src2)
		memcpy(copy + r->len1, r->src2, r->len - r->len1);
	r->copy = copy;
	return true;
}

/* The segment that a region with these flags is to be made in: there is room for it to be tried. */
static struct segment *segment_for(struct cpu *cpu, uint32_t flags)
{
	struct code_cache *c = cpu->cache;
	struct segment *s = &c->segments[c->open];

	if (flags & REGION_TRANSIENT)
		return segment_scratch(c, MAX_REGION_WORDS);
	while (s->end - s->next < BUILD_WORDS_MIN || s->nregions == s->max_regions || c->nfree_pages < 2) {
		segment_open_next(cpu);
		s = &c->segments[c->open];
	}
	return s;
}

/* Translates the plan into the segment. NULL when there is not enough room, or the plan is too large (c->tr->full). */
static struct region *try_build(struct cpu *cpu, struct segment *s, const struct region *described)
{
	struct code_cache *c = cpu->cache;
	size_t used = s->meta_used;
	struct region *r = segment_meta(s, sizeof *r);
	uint32_t *end = s->end - s->next < MAX_REGION_WORDS ? s->end : s->next + MAX_REGION_WORDS;

	c->tr->full = false;
	c->tr->device_sites = device_site_near(cpu, described->entry_gpa);
	if (r) {
		*r = *described;
		c->tr->profile = profile_record(cpu, r);
		if (translate(c->tr, cpu, &c->plan, r, s->next, end) == 0 && save_tables(c, s, r)) {
			segment_add(s, r);
			return r;
		}
	}
	s->meta_used = used;
	return NULL;
}

static struct region *build(struct cpu *cpu, struct fetched *f, uint32_t flags, unsigned max)
{
	struct code_cache *c = cpu->cache;
	struct region described, *r;

	for (;;) {
		make_plan(cpu, f, max);
		describe(cpu, &described, f, flags);
		struct segment *s = segment_for(cpu, described.flags);
		bool fresh = !s->nregions;
		r = try_build(cpu, s, &described);
		if (r)
			break;
		if (c->tr->full || fresh)
			max = c->plan.max > 1 ? c->plan.max / 2 : 1;
		else
			segment_open_next(cpu);
	}
	if (c->tr->profile)
		profile_translated(c->tr->profile, r, c->plan.n);
	c->stats.regions++;
	c->stats.guest_insns += c->plan.n;
	c->stats.host_insns += (uint64_t)(r->code_end - r->code);
	ibar();
	return r;
}

/*
 * What runs alone is often what has run alone before: the instruction behind an STI. It is made again when its source is not the same or
 * comes from elsewhere; nobody links it, and it goes to the dispatcher.
 */
void cache_run_alone(struct cpu *cpu)
{
	cpu->cache->redo = true;
}

struct region *cache_transient(struct cpu *cpu)
{
	uint64_t lin = code_linear(cpu, cpu->eip);
	const uint8_t *host;
	uint64_t gpa = locate(cpu, lin, &host);
	struct region **slot = &cpu->cache->alone[hash_of(gpa) % ALONE_MAX], *r = *slot;
	struct fetched f;

	if (r && r->entry_gpa == gpa && !r->gpa2 && context_same(r, cpu, cpu->eip) && host && r->src == host + (int64_t)(r->gpa - gpa) && source_same(r))
		return r;
	fetch(cpu, lin, gpa, host, &f);
	return *slot = build(cpu, &f, REGION_TRANSIENT, 1);
}

/* What has been made leads back to a region that was cut: a loop that did not fit. That one is made anew, larger, at the next turn. */
static void widen_unfinished(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;
	uint64_t gpa = c->unfinished.gpa;
	struct region *r = gpa == NO_GPA ? NULL : region_at(cpu, gpa, c->unfinished.eip);

	if (!r)
		return;
	c->wide[gpa % WIDE_SIZE] = gpa;
	smc_kill(cpu, r);
}

/* A region for CS:EIP, which lies at gpa, whose source is what it was; or NULL. */
static struct region *find_unchanged(struct cpu *cpu, uint64_t gpa)
{
	unsigned others = 0;

	for (struct region *r = cpu->cache->hash[hash_of(gpa)]; r; r = r->hash_next) {
		if (r->entry_gpa != gpa || !context_same(r, cpu, cpu->eip))
			continue;
		if (r->gpa2) {
			uint64_t lin2 = code_linear(cpu, cpu->eip + 4096) & ~0xfffull;
			const uint8_t *host2;
			if (mmu_fetch(cpu, lin2, &host2) != r->gpa2)
				continue;
		}
		if (!source_same(r)) {
			if (r->flags & REGION_SELFCHECK && ++others < VERSIONS)
				continue;
			smc_kill(cpu, r);
			return NULL;
		}
		return r;
	}
	return NULL;
}

/* The region for CS:EIP that the jump cache knows, or NULL. */
static struct region *known(const struct cpu *cpu, uint64_t lin)
{
	const struct jc_entry *j = cpu->mode & MODE_PG && mmu_canonical(lin) ? jump_cache_find(cpu, lin) : NULL;

	return j && context_same(j->region, cpu, cpu->eip) && !(j->region->flags & (REGION_DEAD | REGION_SELFCHECK)) ? j->region : NULL;
}

/* The region for CS:EIP, found by where its source lies, or made. Raises the guest's #PF, #GP, #UD on fetch. */
static __attribute__((noinline)) struct region *obtain(struct cpu *cpu, uint64_t lin)
{
	struct code_cache *c = cpu->cache;
	const uint8_t *host;
	struct fetched f;
	uint64_t gpa = locate(cpu, lin, &host);
	struct region *r = find_unchanged(cpu, gpa);

	if (r)
		return r;
	fetch(cpu, lin, gpa, host, &f);
	f.src.unwatched = smc_page_is_mixed(cpu, f.gpa);
	bool wide = c->wide[f.gpa % WIDE_SIZE] == f.gpa;
	uint32_t flags = f.src.unwatched ? REGION_SELFCHECK : 0;
	unsigned max = cpu->mode & (MODE_TF | MODE_DBG) ? 1 : wide ? REGION_MAX_INSNS : REGION_INSNS;
	r = build(cpu, &f, flags, max);
	if (r->flags & REGION_TRANSIENT)
		return r;
	widen_unfinished(cpu);
	hash_add(c, r);
	smc_watch(cpu, r);
	return r;
}

/* The same, in the jump cache first; by_jump: that is to know it from now on. */
static struct region *look_up(struct cpu *cpu, bool by_jump)
{
	struct code_cache *c = cpu->cache;
	uint64_t lin = code_linear(cpu, cpu->eip);
	struct region *r;

	c->stats.lookups++;
	if (c->mixed_pages)
		smc_retry_mixed(cpu);
	r = known(cpu, lin);
	if (r)
		return r;
	r = obtain(cpu, lin);
	if (by_jump)
		jump_cache_add(cpu, r, lin);
	return r;
}

struct region *cache_lookup(struct cpu *cpu)
{
	return look_up(cpu, true);
}

struct region *cache_follow(struct cpu *cpu, uint64_t ra)
{
	const uint64_t evictions = cpu->cache->stats.evictions;
	struct region *from, *to;
	struct exit_slot *x = link_exit(cpu, ra, &from);

	if (!x)
		return NULL;
	cpu->eip = x->target;
	to = look_up(cpu, false);
	if (cpu->cache->stats.evictions == evictions)
		link_make(cpu, from, x, to);
	return to;
}

/* Whether the dispatcher is wanted before the CPU goes on anywhere. */
static bool waits(const struct cpu *cpu)
{
	return cpu->pending | cpu->inhibit | cpu->stop || cpu->cache->redo || cpu->mode & (MODE_TF | MODE_DBG);
}

const uint32_t *cache_follow_at_once(struct cpu *cpu)
{
	struct region *to = waits(cpu) ? NULL : cache_follow(cpu, cpu->tmp[0]);

	return to && !cpu->stop ? to->host : NULL;
}

const uint32_t *cache_find(struct cpu *cpu)
{
	uint64_t lin = code_linear(cpu, cpu->eip), gpa;
	struct region *r;

	if (waits(cpu) || cpu->eip > last_eip(cpu) || !mmu_find_code(cpu, lin, &gpa))
		return NULL;
	for (r = cpu->cache->hash[hash_of(gpa)]; r; r = r->hash_next) {
		if (r->entry_gpa != gpa || r->gpa2 || !context_same(r, cpu, cpu->eip))
			continue;
		if (source_same(r)) {
			jump_cache_add(cpu, r, lin);
			return r->host;
		}
		if (!(r->flags & REGION_SELFCHECK))
			return NULL;
	}
	return NULL;
}

void cache_dead_entry(struct cpu *cpu, uint64_t pc)
{
	struct region *r = cache_find_host(cpu->cache, pc);

	if (r)
		cpu->eip = r->eip;
}
