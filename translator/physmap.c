/*
 * What lies at each guest physical page: the board's answers, remembered, and the marks of pages that hold translated code.
 *
 * A two-level table with a leaf for every 64 MiB that contain memory. Everything else (MMIO, device registers outside such
 * areas) is asked of the board each time, so that a guest cannot make the table grow by touching empty addresses.
 */
#include <errno.h>

#include "arch/loongarch/host.h"
#include "translator/mmu_internal.h"

#define LEAF_BITS PHYS_LEAF_BITS
#define LEAF_PAGES (1u << LEAF_BITS)
#define ROOT_BITS (MMU_PHYS_BITS - 12 - LEAF_BITS)
#define GEN_SHIFT PHYS_GEN_SHIFT
#define GEN_MAX 0xffffu
#define PHYS_STICKY (PHYS_CODE | PHYS_LOST)

struct phys_map phys_map = { .generation = 1 };

int phys_init(void)
{
	uint64_t pa;

	if (phys_map.root)
		return 0;
	pa = host_alloc(sizeof(*phys_map.root) << ROOT_BITS, PAGE_SIZE);
	if (!pa)
		return -ENOMEM;
	phys_map.root = host_ptr(pa);
	return 0;
}

/* The word of a page, or NULL when it has none. */
static uint64_t *slot_of(uint64_t gpa)
{
	uint64_t *leaf;

	if (gpa >> MMU_PHYS_BITS)
		return NULL;
	leaf = phys_map.root[gpa >> (12 + LEAF_BITS)];
	return leaf ? &leaf[gpa >> 12 & (LEAF_PAGES - 1)] : NULL;
}

static uint64_t *new_leaf(uint64_t gpa)
{
	uint64_t pa = host_alloc(sizeof(uint64_t) * LEAF_PAGES, PAGE_SIZE);

	if (!pa)
		return NULL;
	phys_map.root[gpa >> (12 + LEAF_BITS)] = host_ptr(pa);
	return slot_of(gpa);
}

static uint64_t resolve(uint64_t gpa, uint64_t *slot)
{
	struct phys_page page;
	uint64_t word;

	if (gpa >> MMU_PHYS_BITS)
		return PAGE_MMIO;
	board_resolve(gpa, &page);
	if (!slot && (page.kind == PAGE_RAM || page.kind == PAGE_ROM)) {
		slot = new_leaf(gpa);
		if (!slot)
			return PAGE_MMIO; /* no memory to keep track of it: as if it were not there */
	}
	word = phys_map.generation << GEN_SHIFT | page.kind;
	if (page.kind != PAGE_MMIO)
		word |= page.host_pa & PHYS_HOST;
	if (!slot)
		return word;
	*slot = word | (*slot & PHYS_STICKY);
	return *slot;
}

uint64_t phys_lookup(uint64_t gpa)
{
	uint64_t *slot = slot_of(gpa);

	if (slot && *slot >> GEN_SHIFT == phys_map.generation)
		return *slot;
	return resolve(gpa, slot);
}

uint64_t phys_change(uint64_t gpa, uint64_t set, uint64_t clear)
{
	uint64_t *slot = slot_of(gpa);
	uint64_t before;

	if (!slot)
		return 0;
	before = *slot & PHYS_STICKY;
	*slot = (*slot & ~clear) | set;
	return before;
}

void phys_forget(void)
{
	if (!phys_map.root || ++phys_map.generation <= GEN_MAX)
		return;
	phys_map.generation = 1;
	for (unsigned i = 0; i < 1u << ROOT_BITS; i++)
		for (unsigned j = 0; phys_map.root[i] && j < LEAF_PAGES; j++)
			phys_map.root[i][j] &= PHYS_STICKY;
}
