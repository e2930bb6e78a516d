/* AES-128 encryption by one table of 1 KiB and rotations. */
#include "bench/bench.h"

#define ROUNDS 10

static uint8_t sbox[256];
static uint32_t table[256], keys[4 * (ROUNDS + 1)];

static uint8_t twice(uint8_t x)
{
	return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1b : 0));
}

static uint32_t rotate(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static void make_tables(void)
{
	uint8_t p = 1, q = 1;

	do {
		p = (uint8_t)(p ^ twice(p));
		q ^= (uint8_t)(q << 1);
		q ^= (uint8_t)(q << 2);
		q ^= (uint8_t)(q << 4);
		if (q & 0x80)
			q ^= 0x09;
		sbox[p] = (uint8_t)(q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4) ^ 0x63);
	} while (p != 1);
	sbox[0] = 0x63;
	for (int k = 0; k < 256; k++) {
		uint8_t s = sbox[k], s2 = twice(s);

		table[k] = (uint32_t)s2 | (uint32_t)s << 8 | (uint32_t)s << 16 | (uint32_t)(uint8_t)(s2 ^ s) << 24;
	}
}

static uint32_t substitute(uint32_t x)
{
	return (uint32_t)sbox[x & 255] | (uint32_t)sbox[x >> 8 & 255] << 8 | (uint32_t)sbox[x >> 16 & 255] << 16 | (uint32_t)sbox[x >> 24] << 24;
}

static void setup(void)
{
	uint8_t constant = 1;

	make_tables();
	for (uint32_t k = 0; k < 4 * (ROUNDS + 1); k++) {
		uint32_t x;

		if (k < 4) {
			keys[k] = 0x03020100u + k * 0x04040404u;
			continue;
		}
		x = keys[k - 1];
		if (!(k & 3)) {
			x = substitute(rotate(x, 24)) ^ constant;
			constant = twice(constant);
		}
		keys[k] = keys[k - 4] ^ x;
	}
}

static uint32_t column(const uint32_t *s, int k, uint32_t key)
{
	return table[s[k] & 255] ^ rotate(table[s[(k + 1) & 3] >> 8 & 255], 8) ^ rotate(table[s[(k + 2) & 3] >> 16 & 255], 16)
		^ rotate(table[s[(k + 3) & 3] >> 24], 24) ^ key;
}

static uint32_t last_column(const uint32_t *s, int k, uint32_t key)
{
	return ((uint32_t)sbox[s[k] & 255] | (uint32_t)sbox[s[(k + 1) & 3] >> 8 & 255] << 8 | (uint32_t)sbox[s[(k + 2) & 3] >> 16 & 255] << 16
		| (uint32_t)sbox[s[(k + 3) & 3] >> 24] << 24) ^ key;
}

static __attribute__((noinline)) void encrypt(uint32_t *block)
{
	uint32_t s[4], t[4];

	for (int k = 0; k < 4; k++)
		s[k] = block[k] ^ keys[k];
	for (int round = 1; round < ROUNDS; round++) {
		for (int k = 0; k < 4; k++)
			t[k] = column(s, k, keys[4 * round + k]);
		for (int k = 0; k < 4; k++)
			s[k] = t[k];
	}
	for (int k = 0; k < 4; k++)
		block[k] = last_column(s, k, keys[4 * ROUNDS + k]);
}

static uint32_t run(uint32_t n)
{
	uint32_t block[4] = { 0x33221100, 0x77665544, 0xbbaa9988, 0xffeeddcc };

	while (n--)
		encrypt(block);
	return block[0] ^ block[1] ^ block[2] ^ block[3];
}

KERNEL(aes, .name = "aes", .group = "integer", .unit = "byte", .setup = setup, .run = run, .n = 1500, .units = 16);
