/* A binary tree of 4096 nodes: built, searched and walked by recursion. */
#include "bench/bench.h"

#define NODES 4096

struct node {
	struct node *left, *right;
	uint32_t key, count;
};

static struct node nodes[NODES], *root;

static void setup(void)
{
	uint32_t seed = 3;

	root = NULL;
	for (uint32_t k = 0; k < NODES; k++) {
		struct node **at = &root;
		uint32_t key = next_random(&seed) >> 8;

		while (*at)
			at = key < (*at)->key ? &(*at)->left : &(*at)->right;
		nodes[k] = (struct node){ .key = key, .count = k };
		*at = &nodes[k];
	}
}

static __attribute__((noinline)) uint32_t walk(const struct node *at, uint32_t depth)
{
	if (!at)
		return depth;
	return mix(walk(at->left, depth + 1) + at->count, walk(at->right, depth + 1));
}

static __attribute__((noinline)) const struct node *find(uint32_t key)
{
	const struct node *at = root;

	while (at && at->key != key)
		at = key < at->key ? at->left : at->right;
	return at;
}

static uint32_t run(uint32_t n)
{
	uint32_t sum = 0, seed = 3;

	while (n--) {
		for (int k = 0; k < 1000; k++) {
			const struct node *at = find(next_random(&seed) >> 8);

			sum += at ? at->count : 1;
		}
		sum = mix(sum, walk(root, 0));
	}
	return sum;
}

KERNEL(tree, .name = "tree", .group = "integer", .unit = "turn", .setup = setup, .run = run, .n = 5, .units = 1);
