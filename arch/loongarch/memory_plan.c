#include <errno.h>

#include "arch/loongarch/memory.h"

#define HOLE_BASE (3ull << 30)
#define HOLE_SIZE (1ull << 30)
#define PAGE 4096ull

int memory_plan(const struct range_list *ram, struct range_list *firmware)
{
	const struct range *high;
	uint64_t size;

	range_clip(ram, HOLE_BASE, HOLE_SIZE, firmware);
	range_align(firmware, PAGE);
	if (range_total(firmware) >= MEMORY_MIN_FIRMWARE)
		return 0;
	if (ram->n == 0)
		return -ENOMEM;
	high = &ram->r[ram->n - 1];
	size = high->size / 4;
	if (size < MEMORY_MIN_FIRMWARE)
		size = MEMORY_MIN_FIRMWARE;
	if (high->size < size)
		return -ENOMEM;
	/* Whatever there is in the hole cannot be used otherwise, so it stays the firmware's. */
	range_add(firmware, high->base + high->size - size, size);
	range_align(firmware, PAGE);
	return 0;
}
