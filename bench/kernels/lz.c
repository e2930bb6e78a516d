/* LZ77 with a hash table of positions: compresses 16 KiB of text-like bytes and decompresses them. */
#include "bench/bench.h"

#define SIZE 16384
#define HASH_BITS 12
#define MIN_MATCH 4
#define MAX_LITERALS 127

static uint8_t input[SIZE], packed[SIZE + SIZE / 8], output[SIZE];
static uint16_t heads[1 << HASH_BITS];

static void setup(void)
{
	static const char *const words[] = { "the ", "of ", "machine ", "and ", "translates ", "code ", "in ", "a ", "region ", "when ", "control ", "gets ",
		"there ", "first ", "x86 ", "\n" };
	uint32_t seed = 5;

	for (uint32_t at = 0; at < SIZE;)
		for (const char *w = words[next_random(&seed) >> 3 & 15]; *w && at < SIZE; w++)
			input[at++] = (uint8_t)*w;
}

static uint32_t load(const uint8_t *p)
{
	uint32_t v;

	__builtin_memcpy(&v, p, sizeof v);
	return v;
}

static uint8_t *put_literals(uint8_t *to, const uint8_t *from, const uint8_t *end)
{
	while (from < end) {
		uint32_t n = (uint32_t)(end - from) > MAX_LITERALS ? MAX_LITERALS : (uint32_t)(end - from);

		*to++ = (uint8_t)n;
		while (n--)
			*to++ = *from++;
	}
	return to;
}

static uint32_t compress(void)
{
	const uint8_t *at = input, *end = input + SIZE, *literals = input;
	uint8_t *to = packed;

	for (uint32_t k = 0; k < 1 << HASH_BITS; k++)
		heads[k] = 0;
	while (at + MIN_MATCH < end) {
		uint16_t *head = &heads[load(at) * 2654435761u >> (32 - HASH_BITS)];
		const uint8_t *match = input + *head;
		uint32_t n = 0;

		*head = (uint16_t)(at - input);
		if (match < at && load(match) == load(at))
			for (n = MIN_MATCH; n < 130 && at + n < end && match[n] == at[n]; n++)
				;
		if (!n) {
			at++;
			continue;
		}
		to = put_literals(to, literals, at);
		*to++ = (uint8_t)(0x80 + n - MIN_MATCH);
		*to++ = (uint8_t)(at - match);
		*to++ = (uint8_t)((at - match) >> 8);
		at += n;
		literals = at;
	}
	return (uint32_t)(put_literals(to, literals, end) - packed);
}

static uint32_t decompress(uint32_t size)
{
	const uint8_t *from = packed, *end = packed + size;
	uint8_t *to = output;

	while (from < end) {
		uint32_t n = *from++;

		if (n & 0x80) {
			const uint8_t *match = to - (from[0] | from[1] << 8);

			from += 2;
			for (n = n - 0x80 + MIN_MATCH; n; n--)
				*to++ = *match++;
		} else {
			while (n--)
				*to++ = *from++;
		}
	}
	return (uint32_t)(to - output);
}

static uint32_t run(uint32_t n)
{
	uint32_t sum = 0;

	while (n--) {
		uint32_t size = compress(), bad = decompress(size) != SIZE;

		for (uint32_t k = 0; k < SIZE; k++)
			bad |= (uint32_t)(input[k] ^ output[k]);
		sum = mix(sum, size + (bad << 16));
	}
	return sum;
}

KERNEL(lz, .name = "lz", .group = "integer", .unit = "byte", .setup = setup, .run = run, .n = 4, .units = SIZE);
