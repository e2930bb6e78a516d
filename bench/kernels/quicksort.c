/* Quicksort through pointers to functions that compare and exchange. */
#include "bench/bench.h"

#define ITEMS 1000

struct item {
	uint32_t key, value;
};

struct operations {
	int (*compare)(const void *, const void *);
	void (*exchange)(void *, void *);
};

static struct item items[ITEMS];

static int by_key(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static int by_value(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

static void exchange_items(void *a, void *b)
{
	struct item *x = a, *y = b, t = *x;

	*x = *y;
	*y = t;
}

static const struct operations operations[] = { { by_key, exchange_items }, { by_value, exchange_items } };

static __attribute__((noinline)) void sort(struct item *from, struct item *end, const struct operations *op)
{
	while (end - from > 1) {
		struct item *low = from, *high = end, *pivot = from + (end - from) / 2;

		op->exchange(from, pivot);
		for (;;) {
			while (++low < end && op->compare(low, from) < 0)
				;
			while (op->compare(--high, from) > 0)
				;
			if (low >= high)
				break;
			op->exchange(low, high);
		}
		op->exchange(from, high);
		if (high - from < end - (high + 1)) {
			sort(from, high, op);
			from = high + 1;
		} else {
			sort(high + 1, end, op);
			end = high;
		}
	}
}

static uint32_t run(uint32_t n)
{
	uint32_t sum = 0, seed = 11;

	while (n--) {
		const struct operations *op = &operations[n & 1];

		for (int k = 0; k < ITEMS; k++)
			items[k] = (struct item){ next_random(&seed), next_random(&seed) >> 20 };
		sort(items, items + ITEMS, op);
		for (int k = 1; k < ITEMS; k++)
			sum += (uint32_t)(op->compare(&items[k - 1], &items[k]) > 0) << 24;
		sum = mix(sum, items[ITEMS / 2].key ^ items[ITEMS / 3].value);
	}
	return sum;
}

KERNEL(quicksort, .name = "quicksort", .group = "integer", .unit = "turn", .run = run, .n = 5, .units = 1);
