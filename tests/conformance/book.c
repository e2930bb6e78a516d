#include "tests/conformance/book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/enumerate.h"
#include "tests/conformance/flow.h"
#include "tests/conformance/native.h"
#include "tests/conformance/fair.h"
#include "translator/cpu.h"

#define PAGE 4096u

static void *grown(void *p, size_t bytes)
{
	p = realloc(p, bytes);
	if (!p) {
		perror("vectors");
		exit(1);
	}
	return p;
}

void book_init(struct book *b)
{
	memset(b, 0, sizeof *b);
}

uint32_t book_place(struct book *b, uint32_t gap, uint32_t length)
{
	uint32_t at = b->used + gap;

	if ((at & 0xffff) + length + 2 > 0x10000)
		at = (at | 0xffff) + 1;
	return at;
}

struct vector_group *book_add(struct book *b, const struct vector_group *g, uint32_t at, const uint8_t *code, int length)
{
	static const uint8_t ud2[2] = { 0x0f, 0x0b };
	uint32_t end = at + (uint32_t)length + 2;

	if (b->ngroups == b->room) {
		b->room = b->room ? 2 * b->room : 1024;
		b->groups = grown(b->groups, (size_t)b->room * sizeof *b->groups);
	}
	if (end + 2 * PAGE > b->image_room) {
		uint32_t old = b->image_room;
		b->image_room = 2 * end + 16 * PAGE;
		b->image = grown(b->image, b->image_room);
		memset(b->image + old, 0, b->image_room - old);
	}
	memcpy(b->image + at, code, (size_t)length);
	memcpy(b->image + at + length, ud2, 2);
	b->used = end;
	b->groups[b->ngroups] = *g;
	b->groups[b->ngroups].code = at;
	b->groups[b->ngroups].length = (uint16_t)length;
	return &b->groups[b->ngroups++];
}

int book_mask(const struct book *b, struct vector_group *g)
{
	struct flow f;

	if (fair_mark(g, b->image + g->code))
		return -1;
	flow_analyse(&f, b->image + g->code, g->length, mode_size((enum vector_mode)g->mode));
	g->eflags = g->options & GROUP_STRICT ? FL_ARITH : FL_ARITH & ~f.undefined;
	return f.reads_undefined && !(g->options & GROUP_STRICT) ? -1 : 0;
}

static uint32_t pages(const struct book *b)
{
	return (b->used + PAGE - 1) / PAGE;
}

static void number_digests(struct book *b)
{
	b->ndigests = 0;
	for (int k = 0; k < b->ngroups; k++) {
		b->groups[k].digest = b->ndigests;
		b->ndigests += b->groups[k].states;
	}
	b->digests = grown(b->digests, (b->ndigests + 1) * sizeof *b->digests);
	memset(b->digests, 0, (b->ndigests + 1) * sizeof *b->digests);
}

static int any_answer(const uint64_t *d, unsigned n)
{
	for (unsigned k = 0; k < n; k++)
		if (d[k] != DIGEST_NONE)
			return 1;
	return 0;
}

static void drop_groups(struct book *b, const uint8_t *verdicts)
{
	uint32_t to = 0;
	int n = 0;

	for (int k = 0; k < b->ngroups; k++) {
		struct vector_group g = b->groups[k];
		const uint64_t *d = b->digests + g.digest;
		if (g.oracle == ORACLE_CPU && verdicts[k] == NATIVE_UNFIT) {
			g.oracle = ORACLE_MACHINE;
			if (fair_mark(&g, b->image + g.code))
				continue;
		}
		if (g.oracle == ORACLE_CPU && (verdicts[k] == NATIVE_UNFAIR || !any_answer(d, g.states)))
			continue;
		memmove(b->digests + to, d, g.states * sizeof *d);
		g.digest = to;
		to += g.states;
		b->groups[n++] = g;
	}
	b->ngroups = n;
	b->ndigests = to;
}

int book_answer(struct book *b)
{
	uint8_t *verdicts = calloc(1, (size_t)b->ngroups + 1);
	int err;

	number_digests(b);
	err = native_run(b->groups, b->ngroups, b->image, pages(b), b->digests, verdicts);
	if (!err)
		drop_groups(b, verdicts);
	free(verdicts);
	return err;
}

static uint32_t page_up(uint32_t n)
{
	return (n + PAGE - 1) & ~(PAGE - 1);
}

int book_write(const struct book *b, const char *path)
{
	static const uint8_t zeroes[PAGE];
	struct vector_header h = { .magic = VECTOR_MAGIC, .version = VECTOR_VERSION, .run = RUN_CHECK, .report_limit = 20 };
	uint32_t groups_size = (uint32_t)b->ngroups * (uint32_t)sizeof *b->groups;
	FILE *f = fopen(path, "wb");

	if (!f)
		return -errno;
	h.ngroups = (uint32_t)b->ngroups;
	h.groups = sizeof h;
	h.code = page_up(h.groups + groups_size);
	h.code_pages = pages(b);
	h.digests = h.code + h.code_pages * PAGE;
	h.ndigests = b->ndigests;
	fwrite(&h, sizeof h, 1, f);
	fwrite(b->groups, sizeof *b->groups, (size_t)b->ngroups, f);
	fwrite(zeroes, 1, h.code - h.groups - groups_size, f);
	fwrite(b->image, PAGE, h.code_pages, f);
	fwrite(b->digests, sizeof *b->digests, b->ndigests, f);
	return ferror(f) | fclose(f) ? -EIO : 0;
}

int book_read(struct book *b, const char *path)
{
	FILE *f = fopen(path, "rb");
	const struct vector_header *h;
	long size;

	book_init(b);
	if (!f)
		return -errno;
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	b->mapped = grown(NULL, (size_t)size + sizeof *h);
	if (fread(b->mapped, 1, (size_t)size, f) != (size_t)size) {
		fclose(f);
		return -EIO;
	}
	fclose(f);
	h = (const struct vector_header *)b->mapped;
	if ((size_t)size < sizeof *h || h->magic != VECTOR_MAGIC || h->version != VECTOR_VERSION)
		return -EINVAL;
	b->groups = (struct vector_group *)(b->mapped + h->groups);
	b->ngroups = b->room = (int)h->ngroups;
	b->image = (uint8_t *)b->mapped + h->code;
	b->used = b->image_room = h->code_pages * PAGE;
	b->digests = (uint64_t *)(b->mapped + h->digests);
	b->ndigests = h->ndigests;
	return 0;
}
