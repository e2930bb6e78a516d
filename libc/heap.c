/*
 * Page heap: free ranges in a list sorted by address, headers within the free pages themselves. First fit. Grows by host_alloc().
 */
#include "libc/libc.h"

#include <stdint.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"

#define HEAP_PAGE 4096ul
#define HEAP_GROW (4ul << 20)

struct free_range {
	struct free_range *next;
	size_t size;
};

static struct free_range *free_list;

static size_t round_up(size_t size, size_t to)
{
	return (size + to - 1) & ~(to - 1);
}

static void insert_range(void *p, size_t size)
{
	struct free_range **link = &free_list, *prev = NULL, *r = p;

	while (*link && (char *)*link < (char *)p) {
		prev = *link;
		link = &prev->next;
	}
	r->size = size;
	r->next = *link;
	*link = r;
	if (r->next && (char *)r + r->size == (char *)r->next) {
		r->size += r->next->size;
		r->next = r->next->next;
	}
	if (prev && (char *)prev + prev->size == (char *)r) {
		prev->size += r->size;
		prev->next = r->next;
	}
}

static void *take(size_t size)
{
	for (struct free_range **link = &free_list; *link; link = &(*link)->next) {
		struct free_range *r = *link;

		if (r->size < size)
			continue;
		if (r->size == size) {
			*link = r->next;
		} else {
			struct free_range *rest = (struct free_range *)((char *)r + size);

			rest->size = r->size - size;
			rest->next = r->next;
			*link = rest;
		}
		return r;
	}
	return NULL;
}

void *heap_alloc(size_t size)
{
	void *p;

	if (size == 0 || size > SIZE_MAX / 2)
		return NULL;
	size = round_up(size, HEAP_PAGE);
	p = take(size);
	if (!p) {
		size_t grow = round_up(size, HEAP_GROW);
		uint64_t pa = host_alloc(grow, HEAP_PAGE);

		if (!pa)
			return NULL;
		insert_range(phys_cached(pa), grow);
		p = take(size);
	}
	memset(p, 0, size);
	return p;
}

void heap_free(void *p, size_t size)
{
	insert_range(p, round_up(size, HEAP_PAGE));
}
