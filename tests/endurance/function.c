#include "tests/endurance/function.h"

static uint32_t next(uint32_t seed)
{
	return seed * 1664525 + 1013904223;
}

/* xor eax, imm32; rol eax, n */
uint8_t *function_write(uint8_t *at, uint32_t seed, unsigned steps)
{
	for (unsigned k = 0; k < steps; k++, seed = next(seed)) {
		*at++ = 0x35;
		*(uint32_t *)at = seed;
		at[4] = 0xc1;
		at[5] = 0xc0;
		at[6] = 1 + (seed >> 28);
		at += 7;
	}
	*at++ = 0xc3;
	return at;
}

uint32_t function_result(uint32_t seed, unsigned steps, uint32_t eax)
{
	for (unsigned k = 0; k < steps; k++, seed = next(seed)) {
		eax ^= seed;
		eax = eax << (1 + (seed >> 28)) | eax >> (31 - (seed >> 28));
	}
	return eax;
}
