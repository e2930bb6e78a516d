/* In the manner of Dhrystone: records, enumerations, string copies and comparisons, small procedures in a fixed mix. */
#include "bench/bench.h"

enum which { FIRST, SECOND, THIRD, FOURTH, FIFTH };

struct record {
	struct record *link;
	enum which discriminant, kind;
	int number;
	char text[32];
};

static struct record first, second;
static int global, flag, one[50], two[50][50];
static char char1, char2;

static __attribute__((noinline)) void copy(char *to, const char *from)
{
	while ((*to++ = *from++))
		;
}

static __attribute__((noinline)) int order(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a - *b;
}

static __attribute__((noinline)) void add_two(int a, int b, int *sum)
{
	*sum = a + 2 + b;
}

static __attribute__((noinline)) enum which classify(char a, char b)
{
	if (a != b)
		return FIRST;
	char1 = a;
	return SECOND;
}

static __attribute__((noinline)) int later(const char *a, const char *b)
{
	int k = 2;
	char c = 'A';

	while (k <= 2)
		if (classify(a[k], b[k + 1]) == FIRST) {
			c = 'A';
			k++;
		}
	if (c >= 'W' && c < 'Z')
		k = 7;
	if (c == 'R')
		return 1;
	if (order(a, b) > 0) {
		global = k + 7;
		return 1;
	}
	return 0;
}

static __attribute__((noinline)) void choose(enum which in, enum which *out)
{
	*out = in == THIRD ? in : FOURTH;
	switch (in) {
	case FIRST:
		*out = FIRST;
		break;
	case SECOND:
		*out = global > 100 ? FIRST : FOURTH;
		break;
	case THIRD:
		*out = SECOND;
		break;
	case FOURTH:
		break;
	case FIFTH:
		*out = THIRD;
		break;
	}
}

static __attribute__((noinline)) void follow(struct record **at)
{
	*at = first.link;
	add_two(10, global, &first.number);
}

static __attribute__((noinline)) void records(struct record *r)
{
	struct record *next = r->link;

	*next = first;
	r->number = 5;
	next->number = r->number;
	next->link = r->link;
	follow(&next->link);
	if (next->discriminant == FIRST) {
		next->number = 6;
		choose(r->kind, &next->kind);
		next->link = first.link;
		add_two(next->number, 10, &next->number);
	} else {
		*r = *r->link;
	}
}

static __attribute__((noinline)) void arrays(int *a, int (*b)[50], int x, int y)
{
	int at = x + 5;

	a[at] = y;
	a[at + 1] = a[at];
	a[at + 30] = at;
	for (int k = at; k <= at + 1; k++)
		b[at][k] = at;
	b[at][at - 1] += 1;
	b[at + 20 - 5][at] = a[at];
	global = 5;
}

static __attribute__((noinline)) void change(int *v)
{
	int left = *v + 10;

	do
		if (char1 == 'A') {
			left--;
			*v = left - global;
			flag = 0;
		}
	while (flag);
}

static uint32_t run(uint32_t n)
{
	char text1[32], text2[32];
	uint32_t sum = 0;
	int x = 0, y = 0, z = 0;

	first.link = &second;
	first.discriminant = FIRST;
	first.kind = THIRD;
	first.number = 40;
	copy(first.text, "DHRYSTONE PROGRAM, SOME STRING");
	copy(text1, "DHRYSTONE PROGRAM, 1'ST STRING");
	two[8][7] = 10;
	for (uint32_t k = 1; k <= n; k++) {
		enum which at = SECOND;

		flag = char1 == 'A';
		char2 = 'B';
		char1 = 'A';
		x = 2;
		y = 3;
		copy(text2, "DHRYSTONE PROGRAM, 2'ND STRING");
		flag = !later(text1, text2);
		while (x < y) {
			z = 5 * x - y;
			add_two(x, y, &z);
			x++;
		}
		arrays(one, two, x, z);
		records(&first);
		for (char c = 'A'; c <= char2; c++)
			if (at == classify(c, 'C')) {
				choose(FIRST, &at);
				copy(text2, "DHRYSTONE PROGRAM, 3'RD STRING");
				y = (int)k;
				global = (int)k;
			}
		y = y * x;
		x = y / z;
		y = 7 * (y - z) - x;
		change(&x);
		sum = mix(sum, (uint32_t)(x + y + z));
	}
	return mix(sum, (uint32_t)second.number);
}

KERNEL(dhry, .name = "dhry", .group = "integer", .unit = "turn", .run = run, .n = 2000, .units = 1);
