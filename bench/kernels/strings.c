/* Strings of bytes: length, copy, comparison, search, upper case, numbers in and out. */
#include "bench/bench.h"

#define LINE 128

static const char source[] = "Nov 26 01:41:09 demo kernel: [   16.360000] virtio_blk virtio0: [vda] 131072 512-byte logical blocks (67.1 MB/64.0 MiB)";
static char line[LINE], upper[LINE];

static __attribute__((noinline)) size_t length(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return (size_t)(p - s);
}

static __attribute__((noinline)) void copy(char *to, const char *from)
{
	while ((*to++ = *from++))
		;
}

static __attribute__((noinline)) int compare(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (uint8_t)*a - (uint8_t)*b;
}

static __attribute__((noinline)) const char *find(const char *in, char c)
{
	while (*in && *in != c)
		in++;
	return in;
}

static __attribute__((noinline)) void to_upper(char *to, const char *from)
{
	char c;

	do {
		c = *from++;
		*to++ = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
	} while (c);
}

static __attribute__((noinline)) uint32_t numbers(const char *p)
{
	uint32_t sum = 0;

	while (*p) {
		uint32_t v = 0;

		while (*p >= '0' && *p <= '9')
			v = v * 10 + (uint32_t)(*p++ - '0');
		sum = mix(sum, v);
		if (*p)
			p++;
	}
	return sum;
}

static __attribute__((noinline)) void write_number(char *to, uint32_t v)
{
	for (int k = 9; k >= 0; k--) {
		to[k] = (char)('0' + v % 10);
		v /= 10;
	}
}

static uint32_t run(uint32_t n)
{
	uint32_t sum = 0;

	while (n--) {
		copy(line, source);
		write_number(line + 30, n * 2654435761u);
		to_upper(upper, line);
		sum = mix(sum, (uint32_t)length(line));
		sum = mix(sum, (uint32_t)compare(line, source));
		sum = mix(sum, (uint32_t)(find(upper, ']') - upper));
		sum = mix(sum, numbers(upper));
	}
	return sum;
}

KERNEL(strings, .name = "strings", .group = "integer", .unit = "turn", .run = run, .n = 300, .units = 1);
