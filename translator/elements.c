/* Rows of elements: what REP string instructions do within a page. */
#include "translator/elements.h"

#include <string.h>

#include "translator/block.h"

uint32_t element_get(const uint8_t *p, int size)
{
	uint16_t v16;
	uint32_t v32;

	if (size == 1)
		return *p;
	if (size == 2) {
		memcpy(&v16, p, 2);
		return v16;
	}
	memcpy(&v32, p, 4);
	return v32;
}

void element_put(uint8_t *p, int size, uint32_t v)
{
	uint16_t v16 = (uint16_t)v;

	if (size == 1)
		*p = (uint8_t)v;
	else if (size == 2)
		memcpy(p, &v16, 2);
	else
		memcpy(p, &v, 4);
}

uint32_t element_get_device(const volatile uint8_t *p, int size)
{
	return size == 1 ? *p : size == 2 ? *(const volatile uint16_t *)p : *(const volatile uint32_t *)p;
}

void element_put_device(volatile uint8_t *p, int size, uint32_t v)
{
	if (size == 1)
		*p = (uint8_t)v;
	else if (size == 2)
		*(volatile uint16_t *)p = (uint16_t)v;
	else
		*(volatile uint32_t *)p = v;
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

void elements_fill(uint8_t *to, uint32_t value, unsigned n, int size)
{
	size_t total = (size_t)n * (size_t)size, k = total & ~(size_t)(BLOCK_SIZE - 1);
	uint64_t pattern = value;

	if (size == 1)
		pattern = (value & 0xff) * 0x01010101ull;
	else if (size == 2)
		pattern = (value & 0xffff) * 0x00010001ull;
	pattern |= pattern << 32;
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
