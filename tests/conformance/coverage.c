#include "tests/conformance/coverage.h"

#include <stdio.h>
#include <string.h>

#include "tests/conformance/generate.h"
#include "translator/decode_tables.h"
#include "translator/insn.h"

static const char *const oracle_names[2] = { "cpu", "machine" };

/* What the bytes of an instruction say about its cell. */
static void describe(struct cell *c, const uint8_t *bytes, const struct insn *i)
{
	static const uint8_t prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 };
	uint8_t escape[2];
	int k = 0, opsize = 0, rep = 0;

	while (memchr(prefixes, bytes[k], sizeof prefixes) || (c->size == MODE64 && (bytes[k] & 0xf0) == 0x40)) {
		opsize |= bytes[k] == 0x66;
		rep = bytes[k] == 0xf2 || bytes[k] == 0xf3 ? bytes[k] : rep;
		k++;
	}
	c->map = (uint8_t)map_of(bytes + k);
	k += map_escape(c->map, escape);
	c->opcode = bytes[k];
	c->prefix = 0;
	if (opcode_takes_prefix(c->map, c->opcode))
		c->prefix = (uint8_t)(rep ? rep : opsize ? 0x66 : 0);
	else if (i->op == OP_PAUSE)
		c->prefix = 0xf3;
	c->form = !opcode_has_modrm(c->map, c->opcode) ? FORM_NONE : bytes[k + 1] < 0xc0 ? FORM_MEM : FORM_REG;
	c->reg = (int8_t)(bytes[k + 1] >> 3 & 7);
	c->rm = (int8_t)(bytes[k + 1] & 7);
}

static int cell_number(const uint8_t *bytes, const struct insn *i, int size)
{
	struct cell c = { .size = (uint8_t)size };
	int n;
	const struct cell *cells = cells_of(size, &n);

	describe(&c, bytes, i);
	for (int k = 0; k < n; k++)
		if (cells[k].map == c.map && cells[k].opcode == c.opcode && cells[k].prefix == c.prefix && cells[k].form == c.form &&
			(cells[k].reg < 0 || cells[k].reg == c.reg) && (cells[k].rm < 0 || cells[k].rm == c.rm))
			return k;
	return -1;
}

/* Calls `each` with all instructions of a group, in the order in which they stand. */
static void for_insns(const struct book *b, const struct vector_group *g, void (*each)(void *, const uint8_t *, const struct insn *, int), void *arg)
{
	int size = mode_size((enum vector_mode)g->mode);
	struct insn i;

	for (int at = 0; at < g->length; at += i.len) {
		const uint8_t *bytes = b->image + g->code + at;
		if (insn_decode(&i, bytes, 15, size) <= 0)
			return;
		each(arg, bytes, &i, at);
	}
}

struct count {
	uint32_t groups, cases;
	int last; /* group counted last */
};

struct tally {
	struct count counts[VECTOR_MODES][2][CELLS_MAX];
	const struct vector_group *g;
	int number;
};

static void count_insn(void *arg, const uint8_t *bytes, const struct insn *i, int at)
{
	struct tally *t = arg;
	int cell = cell_number(bytes, i, mode_size((enum vector_mode)t->g->mode));
	struct count *c;

	(void)at;
	if (cell < 0)
		return;
	c = &t->counts[t->g->mode][t->g->oracle][cell];
	if (c->last == t->number + 1)
		return;
	c->last = t->number + 1;
	c->groups++;
	c->cases += t->g->states;
}

static void print_counts(const struct tally *t, int mode)
{
	int n;
	const struct cell *cells = cells_of(mode_size((enum vector_mode)mode), &n);

	for (int k = 0; k < n; k++)
		for (int oracle = 0; oracle < 2; oracle++) {
			const struct count *c = &t->counts[mode][oracle][k];
			if (c->groups)
				printf("coverage %s %s %s %u %u\n", mode_names[mode], cells[k].name, oracle_names[oracle], c->groups, c->cases);
		}
}

void coverage_print(const struct book *b)
{
	static struct tally t;

	memset(&t, 0, sizeof t);
	for (t.number = 0; t.number < b->ngroups; t.number++) {
		t.g = &b->groups[t.number];
		for_insns(b, t.g, count_insn, &t);
	}
	for (int mode = 0; mode < VECTOR_MODES; mode++)
		print_counts(&t, mode);
}

static void print_insn(void *arg, const uint8_t *bytes, const struct insn *i, int at)
{
	const struct vector_group *g = arg;
	char text[128];

	(void)bytes;
	insn_format(text, sizeof text, i, VECTOR_CODE + g->code + (uint64_t)at);
	printf("%s%s", at ? "; " : "", text);
}

void coverage_list(const struct book *b)
{
	for (int k = 0; k < b->ngroups; k++) {
		struct vector_group *g = &b->groups[k];
		printf("group %d %s %s %x ", k, mode_names[g->mode], oracle_names[g->oracle], g->options);
		for (int n = 0; n < g->length; n++)
			printf("%02x", b->image[g->code + (uint32_t)n]);
		printf("|");
		for_insns(b, g, print_insn, g);
		printf("\n");
	}
}

void coverage_cells(int mode)
{
	int n;
	const struct cell *cells = cells_of(mode_size((enum vector_mode)mode), &n);

	for (int k = 0; k < n; k++) {
		const char *reason = cell_reason(&cells[k], (enum vector_mode)mode);
		printf("cell %s %s\n", mode_names[mode], cells[k].name);
		if (reason)
			printf("reason %s %s: %s\n", mode_names[mode], cells[k].name, reason);
	}
}

enum vector_oracle coverage_oracle(const uint8_t *code, int length, int mode)
{
	int size = mode_size((enum vector_mode)mode), n, cell;
	const struct cell *cells = cells_of(size, &n);
	uint8_t window[15];
	struct insn i;

	for (int at = 0; at < length; at += i.len) {
		memset(window, 0, sizeof window);
		memcpy(window, code + at, (size_t)(length - at < 15 ? length - at : 15));
		if (insn_decode(&i, window, sizeof window, size) <= 0)
			return ORACLE_MACHINE;
		cell = cell_number(window, &i, size);
		if (cell < 0 || !cell_native(&cells[cell], (enum vector_mode)mode) || (size == MODE64 && i.seg_override))
			return ORACLE_MACHINE;
	}
	return ORACLE_CPU;
}
