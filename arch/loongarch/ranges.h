/*
 * Sorted lists of disjoint address ranges.
 */
#ifndef ARCH_RANGES_H
#define ARCH_RANGES_H

#include "arch/loongarch/host.h"

struct range_list {
	unsigned n;
	struct range r[2 * HOST_MAX_RANGES];
};

/* Adds [base, base + size), merging with what touches it. 0, or -ENOSPC with the list unchanged. */
int range_add(struct range_list *l, uint64_t base, uint64_t size);
/* Takes [base, base + size) out. 0, or -ENOSPC with the list unchanged when a split finds no room. */
int range_remove(struct range_list *l, uint64_t base, uint64_t size);
/* Makes every range begin and end on a multiple of align (a power of two), shrinking it. */
void range_align(struct range_list *l, uint64_t align);
/* Base of `size` bytes aligned to `align` (a power of two) in the list: the lowest place, or the highest. UINT64_MAX: none. */
uint64_t range_find_low(const struct range_list *l, uint64_t size, uint64_t align);
uint64_t range_find_high(const struct range_list *l, uint64_t size, uint64_t align);
/* Bytes in the list. */
uint64_t range_total(const struct range_list *l);
/* What of l lies in [base, base + size), into out. */
void range_clip(const struct range_list *l, uint64_t base, uint64_t size, struct range_list *out);

#endif
