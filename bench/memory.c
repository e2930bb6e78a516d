/* What compilers call by themselves. */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);

void *memcpy(void *to, const void *from, size_t n)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	for (; n >= sizeof(long); n -= sizeof(long), d += sizeof(long), s += sizeof(long))
		__builtin_memcpy(d, s, sizeof(long));
	while (n--)
		*d++ = *s++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	if (d <= s || d >= s + n)
		return memcpy(to, from, n);
	while (n--)
		d[n] = s[n];
	return to;
}

void *memset(void *to, int c, size_t n)
{
	unsigned char *d = to;
	unsigned long word = (unsigned char)c * (~0ul / 255);

	for (; n >= sizeof word; n -= sizeof word, d += sizeof word)
		__builtin_memcpy(d, &word, sizeof word);
	while (n--)
		*d++ = (unsigned char)c;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n--; x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}
