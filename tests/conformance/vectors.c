/*
 * The conformance rig's vector files: makes, lists, explains and reduces them. docs/conformance.md says how it is used.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/book.h"
#include "tests/conformance/coverage.h"
#include "tests/conformance/explain.h"
#include "tests/conformance/generate.h"
#include "tests/conformance/native.h"
#include "tests/conformance/reduce.h"
#include "tests/conformance/text.h"

#define PAGE 4096u

static int usage(void)
{
	fputs("usage: vectors make FILE [--seed N] [--groups N] [--states N] [--start N] [--modes M,...] [--kinds K,...] [--strict] [--list]\n"
		"       vectors cells [--modes M,...]\n"
		"       vectors list FILE\n"
		"       vectors explain FILE GROUP STATE\n"
		"       vectors cut FILE OUT GROUP[:STATE] ...\n"
		"       vectors text IN OUT\n"
		"       vectors case FILE GROUP [STATE]   (as a line for `vectors text`)\n", stderr);
	return 2;
}

static int fail(const char *what, int err)
{
	fprintf(stderr, "vectors: %s: %s\n", what, strerror(-err));
	return 1;
}

/* A comma-separated list of names, as numbers. */
static int parse_names(const char *list, int *out, int room, int (*by_name)(const char *, int))
{
	int n = 0;

	while (*list && n < room) {
		int length = (int)strcspn(list, ",");
		out[n] = by_name(list, length);
		if (out[n++] < 0)
			return -1;
		list += length + (list[length] == ',');
	}
	return n;
}

static int parse_request(struct request *r, int argc, char **argv, int *list)
{
	*r = (struct request){ .seed = 1, .groups = 1000, .states = 12 };
	r->nmodes = parse_names("pm32", r->modes, 16, mode_by_name);
	r->nkinds = parse_names("single,sequence,single,branch,single,sequence,fpu,string,lock,demand,single,smc,sequence,system", r->kinds, 64, kind_by_name);
	for (int k = 0; k < argc; k++) {
		const char *value = k + 1 < argc ? argv[k + 1] : "";
		if (!strcmp(argv[k], "--strict") || !strcmp(argv[k], "--list")) {
			*(argv[k][2] == 's' ? &r->strict : list) = 1;
			continue;
		}
		k++;
		if (!strcmp(argv[k - 1], "--seed"))
			r->seed = strtoull(value, NULL, 0);
		else if (!strcmp(argv[k - 1], "--groups"))
			r->groups = atoi(value);
		else if (!strcmp(argv[k - 1], "--states"))
			r->states = atoi(value);
		else if (!strcmp(argv[k - 1], "--start"))
			r->start = atoi(value);
		else if (!strcmp(argv[k - 1], "--modes"))
			r->nmodes = parse_names(value, r->modes, 16, mode_by_name);
		else if (!strcmp(argv[k - 1], "--kinds"))
			r->nkinds = parse_names(value, r->kinds, 64, kind_by_name);
		else
			return -1;
	}
	return r->nmodes < 1 || r->nkinds < 1 || r->states < 1 || r->states > 60000 ? -1 : 0;
}

static int finish(struct book *b, const char *path)
{
	int err = book_answer(b);

	if (err)
		return fail("running the cases", err);
	err = book_write(b, path);
	return err ? fail(path, err) : 0;
}

static int make(int argc, char **argv)
{
	struct request r;
	struct book b;
	int list = 0;

	if (argc < 1 || parse_request(&r, argc - 1, argv + 1, &list))
		return usage();
	book_init(&b);
	generate(&b, &r);
	if (finish(&b, argv[0]))
		return 1;
	if (list)
		coverage_list(&b);
	coverage_print(&b);
	return 0;
}

static int cells(int argc, char **argv)
{
	struct request r;
	int list = 0;

	if (parse_request(&r, argc, argv, &list))
		return usage();
	for (int k = 0; k < r.nmodes; k++)
		coverage_cells(r.modes[k]);
	return 0;
}

static int list_file(int argc, char **argv)
{
	struct book b;
	int err = argc == 1 ? book_read(&b, argv[0]) : -1;

	if (argc != 1)
		return usage();
	if (err)
		return fail(argv[0], err);
	coverage_list(&b);
	return 0;
}

/* FILE GROUP STATE: the file is read and the numbers are checked. Returns the group or NULL. */
static const struct vector_group *pick(struct book *b, const char *path, const char *group, const char *state, unsigned *k)
{
	int err = book_read(b, path), number = atoi(group);

	*k = state ? (unsigned)atoi(state) : 0;
	if (err) {
		fail(path, err);
		return NULL;
	}
	if (number < 0 || number >= b->ngroups || *k >= b->groups[number].states) {
		fputs("vectors: no such group or state\n", stderr);
		return NULL;
	}
	return &b->groups[number];
}

static int explain(int argc, char **argv)
{
	struct book b;
	struct state s;
	unsigned k;
	const struct vector_group *g = argc == 3 ? pick(&b, argv[0], argv[1], argv[2], &k) : NULL;

	if (argc != 3)
		return usage();
	if (!g)
		return 1;
	memset(&s, 0, sizeof s);
	state_make(&s, g, k);
	puts("initial");
	explain_state(&s, g);
	if (g->oracle != ORACLE_CPU)
		return 0;
	if (native_case(g, b.image, b.used / PAGE, k, &s)) {
		fputs("vectors: this case is not compared\n", stderr);
		return 1;
	}
	puts("expected");
	explain_state(&s, g);
	return 0;
}

static int cut(int argc, char **argv)
{
	struct book b, out;
	int err = argc >= 3 ? book_read(&b, argv[0]) : 0;

	if (argc < 3)
		return usage();
	if (err)
		return fail(argv[0], err);
	book_init(&out);
	for (int k = 2; k < argc; k++) {
		int group, state, n = sscanf(argv[k], "%d:%d", &group, &state);
		if (n < 1 || group < 0 || group >= b.ngroups || (n > 1 && (state < 0 || state >= b.groups[group].states)))
			return fail(argv[k], -EINVAL);
		reduce_candidates(&out, &b, group, n > 1 ? (unsigned)state + 1 : b.groups[group].states);
	}
	return finish(&out, argv[1]) || reduce_print(&out);
}

static int text(int argc, char **argv)
{
	struct book b;

	if (argc != 2)
		return usage();
	book_init(&b);
	if (text_read(&b, argv[0]) || finish(&b, argv[1]))
		return 1;
	coverage_print(&b);
	return 0;
}

static int show_case(int argc, char **argv)
{
	struct book b;
	unsigned k;
	const struct vector_group *g = argc >= 2 ? pick(&b, argv[0], argv[1], argc > 2 ? argv[2] : NULL, &k) : NULL;

	if (argc < 2)
		return usage();
	if (!g)
		return 1;
	text_write(&b, g);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; int (*run)(int, char **); } commands[] = {
		{ "make", make }, { "cells", cells }, { "list", list_file }, { "explain", explain }, { "cut", cut }, { "text", text }, { "case", show_case },
	};

	for (unsigned k = 0; argc > 1 && k < sizeof commands / sizeof commands[0]; k++)
		if (!strcmp(argv[1], commands[k].name))
			return commands[k].run(argc - 2, argv + 2);
	return usage();
}
