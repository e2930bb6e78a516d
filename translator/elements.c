/* Rows of elements: what REP string instructions do within a page. */
#include "translator/elements.h"

#include <string.h>

#include "translator/block.h"

uint64_t element_get(const uint8_t *p, int size)
{
	uint64_t v = 0;

	switch (size) {
	case 1: return *p;
	case 2: memcpy(&v, p, 2); break;
	case 4: memcpy(&v, p, 4); break;
	default: memcpy(&v, p, 8); break;
	}
	return v;
}

void element_put(uint8_t *p, int size, uint64_t v)
{
	switch (size) {
	case 1: *p = (uint8_t)v; break;
	case 2: memcpy(p, &v, 2); break;
	case 4: memcpy(p, &v, 4); break;
	default: memcpy(p, &v, 8); break;
	}
}

uint64_t element_get_device(const volatile uint8_t *p, int size)
{
	switch (size) {
	case 1: return *p;
	case 2: return *(const volatile uint16_t *)p;
	case 4: return *(const volatile uint32_t *)p;
	default: return *(const volatile uint64_t *)p;
	}
}

void element_put_device(volatile uint8_t *p, int size, uint64_t v)
{
	switch (size) {
	case 1: *p = (uint8_t)v; break;
	case 2: *(volatile uint16_t *)p = (uint16_t)v; break;
	case 4: *(volatile uint32_t *)p = (uint32_t)v; break;
	default: *(volatile uint64_t *)p = v; break;
	}
}

/* Forward copy onto what lies `distance` bytes above the source: a repeating pattern. */
static void replicate(uint8_t *to, const uint8_t *from, size_t distance, size_t total)
{
	for (size_t done = 0, len; done < total; done += len) {
		len = distance + done < total - done ? distance + done : total - done;
		memcpy(to + done, from, len);
	}
}

static void copy_singly(uint8_t *to, const uint8_t *from, unsigned n, int size, bool down)
{
	for (unsigned k = 0; k < n; k++) {
		size_t at = (size_t)(down ? n - 1 - k : k) * (size_t)size;
		element_put(to + at, size, element_get(from + at, size));
	}
}

void elements_copy(uint8_t *to, const uint8_t *from, unsigned n, int size, bool down)
{
	size_t total = (size_t)n * (size_t)size, blocks = total & ~(size_t)(BLOCK_SIZE - 1);
	size_t above = (size_t)((uintptr_t)to - (uintptr_t)from), below = -above;
	size_t ahead = down ? below : above;

	if (above >= total && below >= total) {
		block_copy(to, from, blocks);
		memcpy(to + blocks, from + blocks, total - blocks);
	} else if (ahead >= total) {
		memmove(to, from, total);
	} else if (!down && ahead >= (size_t)size) {
		replicate(to, from, ahead, total);
	} else {
		copy_singly(to, from, n, size, down);
	}
}

void elements_fill(uint8_t *to, uint64_t value, unsigned n, int size)
{
	size_t total = (size_t)n * (size_t)size, k = total & ~(size_t)(BLOCK_SIZE - 1);
	uint64_t pattern = value;

	if (size == 1)
		pattern = (value & 0xff) * 0x01010101ull;
	else if (size == 2)
		pattern = (value & 0xffff) * 0x00010001ull;
	if (size < 8)
		pattern = (pattern & UINT32_MAX) | pattern << 32;
	block_fill(to, pattern, k);
	for (; k + 8 <= total; k += 8)
		memcpy(to + k, &pattern, 8);
	memcpy(to + k, &pattern, total - k);
}

unsigned elements_equal(const uint8_t *a, const uint8_t *b, unsigned n, int size)
{
	size_t total = (size_t)n * (size_t)size, k = 0;
	uint64_t x, y;

	for (; k + 8 < total; k += 8) {
		memcpy(&x, a + k, 8);
		memcpy(&y, b + k, 8);
		if (x != y)
			break;
	}
	return (unsigned)(k / (size_t)size);
}
