/*
 * The jump cache: regions by linear address and mode, for exits that are no links. It holds what the current mappings say; what may have changed with them is
 * forgotten.
 */
#include <string.h>

#include "translator/cache_internal.h"
#include "translator/mmu.h"

#define FILTER_SEVERAL UINT32_MAX

/* What the probe tables know is in the jump cache, too. */
static __attribute__((noinline)) void forget_entry(struct cpu *cpu, struct jc_entry *j)
{
	if (!j->key)
		return;
	probe_forget_region(cpu, j->region);
	j->key = 0;
}

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
		memset(c->block_filter, 0, sizeof c->block_filter);
		c->generation = 1;
	}
	c->nlocal = 0;
	link_undo_far(c);
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
	link_undo_far_local(c);
	while (c->nlocal)
		forget_entry(cpu, &c->jc[c->local[--c->nlocal]]);
}

/* Forgets all entries of linear page number `page`; they are neighbours. crossing: only those of regions that run over into the next page. */
static void forget_page(struct cpu *cpu, uint64_t page, bool crossing)
{
	struct jc_entry *j = jump_cache_slot(cpu->cache, page << 12 & ~0xfffull), *end;

	j -= (j - cpu->cache->jc) & 0xfff;
	for (end = j + 4096; j < end; j++)
		if (j->key << 16 >> 28 == page && j->key && (!crossing || j->region->gpa2))
			forget_entry(cpu, j);
}

static uint32_t *block_of(struct code_cache *c, uint64_t lin, unsigned shift)
{
	return &c->block_filter[shift == BLOCK_SHIFT_2][lin >> shift & (BLOCKS - 1)];
}

void cache_flush_lookups_page(struct cpu *cpu, uint64_t lin, unsigned shift)
{
	struct code_cache *c = cpu->cache;
	uint64_t page = (cpu->efer & EFER_LMA ? lin << 16 >> 16 : (uint32_t)lin) >> 12;
	uint32_t k = page & (FILTER_SIZE - 1);

	if (c && shift > 12 && *block_of(c, lin, shift) == c->generation)
		cache_flush_lookups(cpu);
	if (!c || shift > 12 || c->page_filter[k].generation != c->generation || (c->page_filter[k].page != (uint32_t)page && c->page_filter[k].page != FILTER_SEVERAL))
		return;
	link_undo_far_page(c, page);
	forget_page(cpu, page, false);
	forget_page(cpu, page - 1, true);
	if (c->page_filter[k].page != FILTER_SEVERAL)
		c->page_filter[k].generation = 0;
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
			probe_forget(cpu);
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

void cache_find_tag(struct cpu *cpu)
{
	unsigned k = cache_stub_set(cpu->mode);
	uint64_t tag = find_tag(cpu);
	struct probe_entry *probe = probe_table(cpu);

	cpu->recent[k].mode = cpu->mode;
	cpu->recent[k].tag = tag;
	cpu->recent[k].probe = probe;
}

/* The jump cache holds an entry that depends on the mapping of this page, or a link does. */
static void note_page(struct code_cache *c, uint64_t lin)
{
	uint32_t page = (uint32_t)(lin >> 12), k = page & (FILTER_SIZE - 1);

	if (c->page_filter[k].generation != c->generation) {
		c->page_filter[k].generation = c->generation;
		c->page_filter[k].page = page;
	} else if (c->page_filter[k].page != page) {
		c->page_filter[k].page = FILTER_SEVERAL;
	}
	*block_of(c, lin, BLOCK_SHIFT_1) = *block_of(c, lin, BLOCK_SHIFT_2) = c->generation;
}

/* Not of the past: its tag is one that some mode has. */
static bool is_live(const struct code_cache *c, const struct jc_entry *j)
{
	return j->key && j->key >> 48 > (uint64_t)(c->last_context - c->ncontexts);
}

/* An entry that may depend on a page which is not global. */
static void note_local(struct code_cache *c, const struct jc_entry *j)
{
	if (c->nlocal < LOCAL_MAX)
		c->local[c->nlocal++] = (uint16_t)(j - c->jc);
}

/* Makes room in the entry: what it has goes to the other one of the pair. Whether its page was global is not known any more. */
static __attribute__((noinline)) void move_entry(struct cpu *cpu, struct jc_entry *j)
{
	struct jc_entry *other = jump_cache_other(cpu->cache, j);

	forget_entry(cpu, other);
	*other = *j;
	note_local(cpu->cache, other);
}

void jump_cache_note_pages(struct code_cache *c, const struct region *r, uint64_t lin)
{
	note_page(c, lin);
	if (r->gpa2)
		note_page(c, lin + 4096);
}

void jump_cache_forget(struct code_cache *c, const struct region *r)
{
	struct jc_entry *j = jump_cache_slot(c, r->cs_base + r->eip), *other = jump_cache_other(c, j);

	if (j->region == r)
		j->key = 0;
	if (other->region == r)
		other->key = 0;
}

void jump_cache_add(struct cpu *cpu, struct region *r, uint64_t lin)
{
	struct code_cache *c = cpu->cache;
	bool flat = (cpu->mode & MODE_CS_FLAT) != 0;
	struct jc_entry *j = jump_cache_slot(c, lin);
	uint64_t key = jump_cache_key(cpu, lin);

	/* where there is no paging, lookups do not look into the jump cache */
	if (j->key == key && j->region == r)
		return;
	/* stub_jump_checked does not look at the limit, and compares a second page only where it follows the first in memory */
	if (r->flags & (REGION_TRANSIENT | REGION_DEAD) || (!flat && r->cs_limit != 0xffff && r->cs_limit != 0xffffffff))
		return;
	if (r->gpa2 && (cpu->mode & MODE_TRUSTED) != MODE_TRUSTED && (cpu->mode & MODE_PG || r->src2 != r->src + r->len1))
		return;
	if (j->region != r && j->key != key && is_live(c, j))
		move_entry(cpu, j);
	else if (j->region != r && j->key == key && !(j->region->flags & REGION_SELFCHECK)) /* such a version may come back */
		forget_entry(cpu, j);
	j->key = key;
	j->region = r;
	jump_cache_note_pages(c, r, lin);
	if (r->gpa2 || !mmu_is_global(cpu, lin))
		note_local(c, j);
}
