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

bool elements_copy(uint8_t *to, const uint8_t *from, unsigned n, int size, bool down)
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
		return false;
	}
	return true;
}

/* The lowest bit of each element in 8 bytes. */
static uint64_t ones(int size)
{
	return size == 8 ? 1 : UINT64_MAX / ((1ull << 8 * size) - 1);
}

/* As many of the value's low `size` bytes as fit into 8. */
static uint64_t pattern_of(uint64_t value, int size)
{
	return size == 8 ? value : (value & ((1ull << 8 * size) - 1)) * ones(size);
}

void elements_fill(uint8_t *to, uint64_t value, unsigned n, int size)
{
	size_t total = (size_t)n * (size_t)size, k = total & ~(size_t)(BLOCK_SIZE - 1);
	uint64_t pattern = pattern_of(value, size);

	block_fill(to, pattern, k);
	for (; k + 8 <= total; k += 8)
		memcpy(to + k, &pattern, 8);
	memcpy(to + k, &pattern, total - k);
}

unsigned elements_before(const uint8_t *p, unsigned n, int size, uint64_t value, bool equal)
{
	size_t total = (size_t)n * (size_t)size, k = 0;
	uint64_t pattern = pattern_of(value, size), low = ones(size), high = low << (8 * size - 1), x = 0;

	for (; k + 8 <= total; k += 8) {
		memcpy(&x, p + k, 8);
		x ^= pattern;
		/* the lowest bit of it is right: its element is 0 */
		x = equal ? (x - low) & ~x & high : x;
		if (x)
			return (unsigned)((k + (size_t)__builtin_ctzll(x) / 8) / (size_t)size);
	}
	for (value = element_get((const uint8_t *)&pattern, size); k < total; k += (size_t)size)
		if ((element_get(p + k, size) == value) == equal)
			break;
	return (unsigned)(k / (size_t)size);
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
