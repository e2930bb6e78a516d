/*
 * The guest physical memory map. Regions overlap by age; from them a sorted array of disjoint spans is made at each change, which a
 * binary search looks up.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "hw/bus.h"
#include "translator/mmu.h"

#define MAX_REGIONS 192
#define PAGE_MASK 0xfffull

struct region {
	bool used;
	enum page_kind kind;
	uint64_t start, last; /* first and last byte */
	uint64_t host_pa;
	const struct mmio_ops *ops;
	void *ctx;
	uint64_t age; /* the higher, the later: wins */
};

struct span {
	uint64_t start, last;
	const struct region *region;
};

static struct region regions[MAX_REGIONS];
static struct span spans[2 * MAX_REGIONS];
static unsigned nspans;
static uint64_t next_age = 1;

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static const struct region *region_on_top(uint64_t gpa)
{
	const struct region *best = NULL;

	for (const struct region *r = regions; r < regions + MAX_REGIONS; r++)
		if (r->used && gpa >= r->start && gpa <= r->last && (!best || r->age > best->age))
			best = r;
	return best;
}

static void add_span(uint64_t start, uint64_t last)
{
	const struct region *r = region_on_top(start);
	struct span *prev = nspans ? &spans[nspans - 1] : NULL;

	if (!r)
		return;
	if (prev && prev->region == r && prev->last + 1 == start)
		prev->last = last;
	else
		spans[nspans++] = (struct span){ start, last, r };
}

/* Region borders cut the address space into pieces that have one owner each. */
static void rebuild(void)
{
	static uint64_t cut[2 * MAX_REGIONS];
	unsigned n = 0;

	for (const struct region *r = regions; r < regions + MAX_REGIONS; r++) {
		if (!r->used)
			continue;
		cut[n++] = r->start;
		if (r->last != UINT64_MAX)
			cut[n++] = r->last + 1;
	}
	qsort(cut, n, sizeof cut[0], compare_u64);
	nspans = 0;
	for (unsigned i = 0; i < n; i++) {
		uint64_t last = i + 1 < n ? cut[i + 1] - 1 : UINT64_MAX;

		if (i + 1 == n || cut[i + 1] != cut[i])
			add_span(cut[i], last);
	}
	mmu_phys_map_changed();
}

int bus_add_memory(uint64_t gpa, uint64_t size, enum page_kind kind, uint64_t host_pa, const struct mmio_ops *ops, void *ctx)
{
	int i = 0;

	if (!size || (gpa | size) & PAGE_MASK || gpa + (size - 1) < gpa)
		return -EINVAL;
	if (kind != PAGE_MMIO && host_pa & PAGE_MASK)
		return -EINVAL;
	while (i < MAX_REGIONS && regions[i].used)
		i++;
	if (i == MAX_REGIONS)
		return -ENOMEM;
	regions[i] = (struct region){
		.used = true, .kind = kind, .start = gpa, .last = gpa + (size - 1), .host_pa = host_pa, .ops = ops, .ctx = ctx,
		.age = next_age++,
	};
	rebuild();
	return i;
}

void bus_remove_memory(int handle)
{
	if (handle < 0 || handle >= MAX_REGIONS || !regions[handle].used)
		return;
	regions[handle].used = false;
	rebuild();
}

static const struct region *find(uint64_t gpa)
{
	unsigned low = 0, high = nspans;

	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (gpa < spans[mid].start)
			high = mid;
		else if (gpa > spans[mid].last)
			low = mid + 1;
		else
			return spans[mid].region;
	}
	return NULL;
}

void bus_resolve(uint64_t gpa, struct phys_page *out)
{
	const struct region *r = find(gpa);

	out->kind = r ? r->kind : PAGE_MMIO;
	out->host_pa = r && r->kind != PAGE_MMIO ? r->host_pa + ((gpa & ~PAGE_MASK) - r->start) : 0;
}

uint64_t bus_mmio_read(uint64_t gpa, int size)
{
	const struct region *r = find(gpa);
	uint64_t ones = size >= 8 ? UINT64_MAX : (1ull << (8 * size)) - 1;

	if (!r || !r->ops || !r->ops->read)
		return ones;
	return r->ops->read(r->ctx, gpa, size) & ones;
}

void bus_mmio_write(uint64_t gpa, int size, uint64_t value)
{
	const struct region *r = find(gpa);

	if (r && r->ops && r->ops->write)
		r->ops->write(r->ctx, gpa, size, value);
}
