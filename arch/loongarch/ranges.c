#include "arch/loongarch/ranges.h"

#include <errno.h>

#define MAX (sizeof((struct range_list *)0)->r / sizeof(struct range))

static void delete(struct range_list *l, unsigned i)
{
	l->n--;
	for (; i < l->n; i++)
		l->r[i] = l->r[i + 1];
}

static void insert(struct range_list *l, unsigned i, uint64_t base, uint64_t size)
{
	for (unsigned k = l->n++; k > i; k--)
		l->r[k] = l->r[k - 1];
	l->r[i] = (struct range){ base, size };
}

int range_add(struct range_list *l, uint64_t base, uint64_t size)
{
	uint64_t end = base + size;
	unsigned i = 0;

	if (size == 0)
		return 0;
	while (i < l->n && l->r[i].base + l->r[i].size < base)
		i++;
	if (i == l->n || l->r[i].base > end) {
		if (l->n == MAX)
			return -ENOSPC;
		insert(l, i, base, size);
		return 0;
	}
	if (base > l->r[i].base)
		base = l->r[i].base;
	while (i < l->n && l->r[i].base <= end) {
		uint64_t e = l->r[i].base + l->r[i].size;

		if (e > end)
			end = e;
		delete(l, i);
	}
	insert(l, i, base, end - base);
	return 0;
}

int range_remove(struct range_list *l, uint64_t base, uint64_t size)
{
	uint64_t end = base + size;

	if (size == 0)
		return 0;
	for (unsigned i = 0; i < l->n;) {
		struct range *r = &l->r[i];
		uint64_t r_end = r->base + r->size;

		if (r_end <= base || r->base >= end) {
			i++;
		} else if (r->base < base && r_end > end) {
			if (l->n == MAX)
				return -ENOSPC;
			r->size = base - r->base;
			insert(l, i + 1, end, r_end - end);
			return 0;
		} else if (r->base < base) {
			r->size = base - r->base;
			i++;
		} else if (r_end > end) {
			*r = (struct range){ end, r_end - end };
			i++;
		} else {
			delete(l, i);
		}
	}
	return 0;
}

void range_align(struct range_list *l, uint64_t align)
{
	for (unsigned i = 0; i < l->n;) {
		struct range *r = &l->r[i];
		uint64_t base = (r->base + align - 1) & -align, end = (r->base + r->size) & -align;

		if (end > base) {
			*r = (struct range){ base, end - base };
			i++;
		} else {
			delete(l, i);
		}
	}
}

uint64_t range_find_low(const struct range_list *l, uint64_t size, uint64_t align)
{
	for (unsigned i = 0; i < l->n; i++) {
		uint64_t base = (l->r[i].base + align - 1) & -align;
		uint64_t skipped = base - l->r[i].base;

		if (l->r[i].size >= skipped && l->r[i].size - skipped >= size)
			return base;
	}
	return UINT64_MAX;
}

uint64_t range_find_high(const struct range_list *l, uint64_t size, uint64_t align)
{
	for (unsigned i = l->n; i-- > 0;) {
		uint64_t base;

		if (l->r[i].size < size)
			continue;
		base = (l->r[i].base + l->r[i].size - size) & -align;
		if (base >= l->r[i].base)
			return base;
	}
	return UINT64_MAX;
}

uint64_t range_total(const struct range_list *l)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < l->n; i++)
		total += l->r[i].size;
	return total;
}

void range_clip(const struct range_list *l, uint64_t base, uint64_t size, struct range_list *out)
{
	*out = *l;
	range_remove(out, 0, base);
	range_remove(out, base + size, UINT64_MAX - (base + size));
}
