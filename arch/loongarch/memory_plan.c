#include <errno.h>
#include <stddef.h>

#include "arch/loongarch/memory.h"

#define HOLE_BASE (3ull << 30)
#define HOLE_SIZE (1ull << 30)
#define PAGE 4096ull

int memory_plan(const struct range_list *ram, struct range_list *firmware)
{
	const struct range *high = NULL;
	uint64_t size;

	range_clip(ram, HOLE_BASE, HOLE_SIZE, firmware);
	range_align(firmware, PAGE);
	if (range_total(firmware) >= MEMORY_MIN_FIRMWARE)
		return 0;
	/* UEFI keeps pieces of the top of memory: the ranges there may be small. */
	for (unsigned i = ram->n; i-- > 0 && !high;)
		if (ram->r[i].size >= MEMORY_MIN_FIRMWARE)
			high = &ram->r[i];
	if (!high)
		return -ENOMEM;
	size = high->size / 4;
	if (size < MEMORY_MIN_FIRMWARE)
		size = MEMORY_MIN_FIRMWARE;
	/* Whatever there is in the hole cannot be used otherwise, so it stays the firmware's. */
	range_add(firmware, high->base + high->size - size, size);
	range_align(firmware, PAGE);
	return 0;
}
