/* The first part of a CoreMark-like mix: a linked list is searched, reversed and sorted by merging. */
#include "bench/kernels/core.h"

#define ITEMS 64

struct item {
	struct item *next;
	struct { int16_t value, index; } *data;
};

static struct item items[ITEMS];
static __typeof__(*items[0].data) values[ITEMS];

static struct item *build(uint32_t seed)
{
	for (int k = 0; k < ITEMS; k++) {
		values[k].value = (int16_t)(next_random(&seed) & 0x7ff);
		values[k].index = (int16_t)k;
		items[k].data = &values[k];
		items[k].next = k + 1 < ITEMS ? &items[k + 1] : NULL;
	}
	return items;
}

static struct item *find(struct item *list, int16_t value, int16_t index)
{
	if (index >= 0)
		while (list && list->data->index != index)
			list = list->next;
	else
		while (list && (list->data->value & 0xff) != value)
			list = list->next;
	return list;
}

static struct item *reverse(struct item *list)
{
	struct item *done = NULL;

	while (list) {
		struct item *next = list->next;
		list->next = done;
		done = list;
		list = next;
	}
	return done;
}

static int by_value(const struct item *a, const struct item *b)
{
	return (uint16_t)crc16((uint8_t)a->data->value, 0) - (uint16_t)crc16((uint8_t)b->data->value, 0);
}

static int by_index(const struct item *a, const struct item *b)
{
	return a->data->index - b->data->index;
}

static struct item *merge_sort(struct item *list, int (*compare)(const struct item *, const struct item *))
{
	for (int run = 1, merges = 2; merges > 1; run *= 2) {
		struct item *p = list, *tail = NULL;

		list = NULL;
		merges = 0;
		while (p) {
			struct item *q = p;
			int left = 0, right = run;

			merges++;
			while (left < run && q)
				left++, q = q->next;
			while (left > 0 || (right > 0 && q)) {
				struct item *take;

				if (!left || (right && q && compare(p, q) > 0))
					take = q, q = q->next, right--;
				else
					take = p, p = p->next, left--;
				if (tail)
					tail->next = take;
				else
					list = take;
				tail = take;
			}
			p = q;
		}
		tail->next = NULL;
	}
	return list;
}

uint16_t core_list(uint32_t seed)
{
	struct item *list = build(seed), *at;
	uint16_t crc = 0, found = 0;

	for (int16_t k = 0; k < 16; k++) {
		at = find(list, k, (int16_t)(k & 1 ? k : -1));
		list = reverse(list);
		if (!at)
			crc = crc16((uint8_t)list->data->value, crc);
		else
			found += (uint16_t)at->data->value;
	}
	list = merge_sort(list, by_value);
	for (at = list; at; at = at->next)
		crc = crc16((uint8_t)at->data->index, crc);
	list = merge_sort(list, by_index);
	for (at = list; at; at = at->next)
		crc = crc16((uint8_t)at->data->value, crc);
	return crc ^ found;
}
