/* Runs under qemu-loongarch64: memcpy() of libc/memcpy.S, of every length up to some, between every two alignments. */
#include <string.h>

#include "tests/process/process.h"

enum { LONGEST = 200, ALIGNMENTS = 16, ROOM = 64, SIZE = ROOM + ALIGNMENTS + LONGEST + ROOM };

static uint8_t from[SIZE], to[SIZE], wanted[SIZE];

static bool copies(size_t n, size_t source, size_t destination)
{
	for (size_t k = 0; k < SIZE; k++) {
		from[k] = (uint8_t)(k * 37 + n);
		to[k] = wanted[k] = (uint8_t)~(k * 11 + n);
	}
	for (size_t k = 0; k < n; k++)
		wanted[ROOM + destination + k] = from[ROOM + source + k];
	if (memcpy(to + ROOM + destination, from + ROOM + source, n) != to + ROOM + destination)
		return false;
	for (size_t k = 0; k < SIZE; k++)
		if (to[k] != wanted[k])
			return false;
	return true;
}

static bool all_copies(void)
{
	for (size_t n = 0; n <= LONGEST; n++)
		for (size_t k = 0; k < ALIGNMENTS * ALIGNMENTS; k++)
			if (!copies(n, k / ALIGNMENTS, k % ALIGNMENTS))
				return false;
	return true;
}

int run_cases(void)
{
	static const char good[] = "1 passed, 0 failed\n", bad[] = "0 passed, 1 failed\n";
	bool right = all_copies();

	process_write(right ? good : bad, sizeof good - 1);
	return !right;
}
