#include "tests/conformance/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/coverage.h"
#include "tests/conformance/enumerate.h"

#define PAGE 4096u

static const char *const option_names[] = {
	"fpu", "direction", "count", "writable", "demand", "strict", "align", "fpuwild", "ssewild", "divide", "equal",
};
#define OPTIONS ((int)(sizeof option_names / sizeof option_names[0]))

static int parse_options(const char *text, uint32_t *options)
{
	*options = 0;
	while (*text && strcmp(text, "-")) {
		int length = (int)strcspn(text, ","), k = 0;
		while (k < OPTIONS && ((int)strlen(option_names[k]) != length || memcmp(option_names[k], text, (size_t)length)))
			k++;
		if (k == OPTIONS)
			return -1;
		*options |= 1u << k;
		text += length + (text[length] == ',');
	}
	return 0;
}

/* Hexadecimal digits, blanks between bytes. Returns the number of bytes or -1. */
static int parse_code(const char *text, uint8_t *code, int room)
{
	int n = 0;
	unsigned byte;

	for (;;) {
		text += strspn(text, " \t\r\n");
		if (!*text)
			return n;
		if (n == room || sscanf(text, "%2x", &byte) != 1)
			return -1;
		code[n++] = (uint8_t)byte;
		text += text[1] ? 2 : 1;
	}
}

static int parse_line(struct book *b, const char *line)
{
	char mode[16], options[128];
	unsigned pointers, indices, states, offset = 0;
	unsigned long long seed;
	struct vector_group g = { 0 };
	uint8_t code[1024];
	int at, length, more = 0, number;

	if (sscanf(line, "%15s %127s %x %x %llx %u %n", mode, options, &pointers, &indices, &seed, &states, &at) != 6)
		return -1;
	if (sscanf(line + at, "@%x %n", &offset, &more) == 1)
		at += more;
	length = parse_code(line + at, code, sizeof code);
	number = mode_by_name(mode, (int)strlen(mode));
	if (number < 0 || length < 1 || offset >= PAGE || states < 1 || states > 60000 || parse_options(options, &g.options))
		return -1;
	g.mode = (uint8_t)number;
	g.seed = seed;
	g.states = (uint16_t)states;
	g.pointers = pointers;
	g.indices = indices;
	g.oracle = (uint8_t)coverage_oracle(code, length, number);
	uint32_t gap = more ? (offset + PAGE - b->used % PAGE) % PAGE : 16;
	return book_mask(b, book_add(b, &g, book_place(b, gap, (uint32_t)length), code, length));
}

int text_read(struct book *b, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[4096];
	int number = 0, err = 0;

	if (!f) {
		fprintf(stderr, "vectors: %s: %s\n", path, strerror(errno));
		return -1;
	}
	while (!err && fgets(line, sizeof line, f)) {
		number++;
		line[strcspn(line, "#\n")] = 0;
		if (line[strspn(line, " \t\r")] && parse_line(b, line)) {
			fprintf(stderr, "vectors: %s:%d: not a case\n", path, number);
			err = -1;
		}
	}
	fclose(f);
	return err;
}

void text_write(const struct book *b, const struct vector_group *g)
{
	int any = 0;

	printf("%s ", mode_names[g->mode]);
	for (int k = 0; k < OPTIONS; k++)
		if (g->options >> k & 1)
			printf("%s%s", any++ ? "," : "", option_names[k]);
	printf("%s %x %x %llx %u @%x ", any ? "" : "-", g->pointers, g->indices, (unsigned long long)g->seed, g->states, g->code % PAGE);
	for (int k = 0; k < g->length; k++)
		printf("%02x", b->image[g->code + (uint32_t)k]);
	printf("\n");
}
