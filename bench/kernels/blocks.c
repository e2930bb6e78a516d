/* Copying, filling and searching pages and short runs. */
#include "bench/kernels/block.h"

#define PAGE 4096
#define PAGES 16
#define SHORT 96

static uint32_t copy_pages(uint32_t n)
{
	uint32_t *from = (uint32_t *)arena, sum = 0;

	while (n--) {
		*from = n;
		block_copy(arena + PAGES * PAGE, arena, PAGES * PAGE);
		sum += *(uint32_t *)(arena + PAGES * PAGE);
	}
	return sum;
}

static uint32_t copy_bytes(uint32_t n)
{
	uint32_t sum = 0;

	while (n--) {
		arena[1] = (uint8_t)n;
		block_copy_bytes(arena + PAGES * PAGE + 3, arena + 1, PAGE);
		sum += arena[PAGES * PAGE + 3];
	}
	return sum;
}

static uint32_t copy_short(uint32_t n)
{
	uint32_t sum = 0;

	while (n--) {
		arena[n & 0xff0] = (uint8_t)n;
		block_copy(arena + PAGE, arena + (n & 0xff0), SHORT);
		sum += arena[PAGE];
	}
	return sum;
}

static uint32_t fill_pages(uint32_t n)
{
	uint32_t sum = 0;

	while (n--) {
		block_fill(arena, n, PAGES * PAGE);
		sum += *(uint32_t *)(arena + (PAGES - 1) * PAGE);
	}
	return sum;
}

static void one_at_end(void)
{
	for (int k = 0; k < PAGE; k++)
		arena[k] = 0;
	arena[PAGE - 1] = 1;
}

static uint32_t find(uint32_t n)
{
	uint32_t sum = 0;

	while (n--)
		sum += (uint32_t)(block_find(arena, 1) - arena);
	return sum;
}

KERNEL(rep_movs, .name = "rep-movsd", .group = "memory", .unit = "byte", .run = copy_pages, .n = 10, .units = PAGES * PAGE);
KERNEL(rep_movsb, .name = "rep-movsb", .group = "memory", .unit = "byte", .run = copy_bytes, .n = 100, .units = PAGE);
KERNEL(rep_short, .name = "rep-movs-96", .group = "memory", .unit = "byte", .run = copy_short, .n = 1000, .units = SHORT);
KERNEL(rep_stos, .name = "rep-stosd", .group = "memory", .unit = "byte", .run = fill_pages, .n = 10, .units = PAGES * PAGE);
KERNEL(rep_scas, .name = "rep-scasb", .group = "memory", .unit = "byte", .setup = one_at_end, .run = find, .n = 20, .units = PAGE);
