/*
 * The memory of the code cache: a ring of segments. When the last one is full the oldest is emptied, so that what is in use is translated
 * again soon and the rest makes room, without a stop for all of it.
 */
#include <errno.h>
#include <string.h>

#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"
#include "translator/hosttlb.h"

#define REGION_BYTES_MIN 64 /* of code, on the average of a segment */
#define BLOCK_BYTES 1024    /* of code, that cache_find_host() knows the first region of */

static void *take(uint64_t size)
{
	uint64_t pa = host_alloc_raw(size, 4096);

	return pa ? host_ptr(pa) : NULL;
}

static int segment_init(struct segment *s, uint32_t *start, uint32_t *end)
{
	size_t bytes = (size_t)(end - start) * 4, meta = bytes * 2;

	*s = (struct segment){
		.start = start, .end = end, .next = start, .meta = take(meta), .meta_size = meta,
		.max_regions = (unsigned)(bytes / REGION_BYTES_MIN),
	};
	s->regions = take(s->max_regions * sizeof *s->regions);
	s->first = take((bytes / BLOCK_BYTES + 1) * sizeof *s->first);
	return s->meta && s->regions && s->first ? 0 : -ENOMEM;
}

int segments_init(struct code_cache *c, uint64_t code_size, uint32_t stub_words)
{
	uint64_t size = code_size / (SEGMENTS - 1), front = SEGMENT_MIN + (uint64_t)stub_words * 4;
	uint32_t *ring;

	if (size < SEGMENT_MIN)
		size = SEGMENT_MIN;
	c->code = take(front + code_size);
	if (!c->code)
		return -ENOMEM;
	ring = c->code + front / 4;
	c->code_end = ring + code_size / 4;
	c->first = c->code + stub_words;
	c->segment_words = (uint32_t)(size / 4);
	c->nsegments = 1 + (unsigned)(code_size / size);
	c->open = 1;
	if (segment_init(&c->segments[0], c->first, ring) < 0)
		return -ENOMEM;
	for (unsigned k = 1; k < c->nsegments; k++, ring += c->segment_words)
		if (segment_init(&c->segments[k], ring, ring + c->segment_words) < 0)
			return -ENOMEM;
	return 0;
}

static void empty(struct code_cache *c, struct segment *s)
{
	c->emptied++;
	s->next = s->start;
	s->meta_used = 0;
	s->nregions = 0;
}

static void evict(struct cpu *cpu, struct segment *s)
{
	struct cache_stats *stats = &cpu->cache->stats;

	if (!s->nregions)
		return;
	stats->evictions++;
	for (unsigned k = 0; k < s->nregions; k++) {
		struct region *r = s->regions[k];

		if (!(r->flags & REGION_DEAD)) {
			stats->evicted++;
			cache_forget_region(cpu, r);
		}
		smc_evict(cpu, r);
	}
	for (unsigned k = 0; k < s->nregions; k++)
		link_drop_exits(s->regions[k]);
	empty(cpu->cache, s);
}

void segment_open_next(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;

	c->open = c->open + 1 == c->nsegments ? 1 : c->open + 1;
	evict(cpu, &c->segments[c->open]);
}

struct segment *segment_scratch(struct code_cache *c, int words)
{
	struct segment *s = &c->segments[0];

	if (s->end - s->next < words || s->nregions == s->max_regions || s->meta_used > s->meta_size / 2) {
		empty(c, s);
		memset(c->alone, 0, sizeof c->alone);
	}
	return s;
}

void *segment_meta(struct segment *s, size_t size)
{
	void *p = s->meta + s->meta_used;

	size = (size + 15) & ~(size_t)15;
	if (size > s->meta_size - s->meta_used)
		return NULL;
	s->meta_used += size;
	return p;
}

static size_t block_of(const struct segment *s, const uint32_t *pc)
{
	return (size_t)(pc - s->start) / (BLOCK_BYTES / sizeof *pc);
}

void segment_add(struct segment *s, struct region *r)
{
	/* blocks that begin within its code */
	size_t k = s->nregions ? block_of(s, s->next - 1) + 1 : 0, end = block_of(s, r->code_end - 1) + 1;

	for (; k < end; k++)
		s->first[k] = s->nregions;
	s->next = r->code_end;
	s->regions[s->nregions++] = r;
}

static const struct segment *segment_of(const struct code_cache *c, const uint32_t *pc)
{
	const uint32_t *ring = c->segments[1].start;

	if (pc < c->first || pc >= c->code_end)
		return NULL;
	return &c->segments[pc < ring ? 0 : 1 + (unsigned)(pc - ring) / c->segment_words];
}

struct region *cache_find_host(struct code_cache *c, uint64_t pc)
{
	const uint32_t *at = (const uint32_t *)pc;
	const struct segment *s = segment_of(c, at);

	if (!s || at >= s->next)
		return NULL;
	struct region *const *r = &s->regions[s->first[block_of(s, at)]];
	while ((*r)->code_end <= at)
		r++;
	return *r;
}
