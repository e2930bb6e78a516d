#include "tests/conformance/generate.h"

#include <string.h>

#include "tests/conformance/flow.h"
#include "translator/insn.h"

#define PAGE 4096u
#define SEGMENT 0x10000u

const char *const kind_names[KIND_COUNT] = { "single", "sequence", "branch", "smc", "demand", "lock", "string", "fpu", "system", "dense" };

int kind_by_name(const char *name, int length)
{
	for (int k = 0; k < KIND_COUNT; k++)
		if ((int)strlen(kind_names[k]) == length && !memcmp(kind_names[k], name, (size_t)length))
			return k;
	return -1;
}

const struct cell *cells_of(int size, int *n)
{
	static struct cell cells[3][CELLS_MAX];
	static int count[3];
	int k = size == MODE16 ? 0 : size == MODE32 ? 1 : 2;

	if (!count[k])
		count[k] = cells_enumerate(cells[k], size);
	*n = count[k];
	return cells[k];
}

/* ---- which cells ---- */

/* What would end a sequence, or take its registers away. */
static int spoils_sequence(struct plan *p, const struct cell *c)
{
	switch (c->op) {
	case OP_POPA: case OP_LEAVE: case OP_ENTER: case OP_UD: case OP_FXRSTOR:
		return 1;
	case OP_DIV: case OP_IDIV: case OP_LDMXCSR:
		return !rng_chance(p->rng, 10);
	case OP_X87: /* environment and control word from random bytes */
		return c->form == FORM_MEM && (c->opcode == 0xd9 || c->opcode == 0xdd) && (c->reg == 4 || c->reg == 5) &&
			!(c->opcode == 0xdd && c->reg == 5) && !rng_chance(p->rng, 10);
	default:
		return 0;
	}
}

const struct cell *random_cell(struct plan *p, unsigned classes)
{
	int n;
	const struct cell *cells = cells_of(p->size, &n);

	for (int tries = 0; tries < 400; tries++) {
		const struct cell *c = &cells[rng_below(p->rng, n)];
		if (!(classes & BIT(c->class)) || cell_reason(c, p->mode) || spoils_sequence(p, c))
			continue;
		if (p->simple && mode_native(p->mode) && !cell_native(c, p->mode))
			continue;
		return c;
	}
	return NULL;
}

static int consumes_flags(const struct cell *c)
{
	return c->op == OP_ADC || c->op == OP_SBB || c->op == OP_RCL || c->op == OP_RCR || c->op == OP_SETCC || c->op == OP_CMOVCC || c->op == OP_LAHF || c->op == OP_CMC;
}

static const struct cell *flag_consumer(struct plan *p)
{
	for (int tries = 0; tries < 50; tries++) {
		const struct cell *c = random_cell(p, BIT(CLASS_INT));
		if (c && consumes_flags(c))
			return c;
	}
	return NULL;
}

int plan_fair(const struct plan *p)
{
	struct flow f;

	if (p->options & GROUP_STRICT)
		return 1;
	flow_analyse(&f, p->code, p->length, p->size);
	return !f.reads_undefined;
}

int append_fair(struct plan *p, const struct cell *c)
{
	struct plan_mark before;

	if (!c || p->length > PLAN_SHORT - 128)
		return -1;
	before = plan_mark(p);
	if (!plan_append(p, c) && plan_fair(p))
		return 0;
	plan_revert(p, &before);
	return -1;
}

void append_filler(struct plan *p, int n)
{
	for (int k = 1 + rng_below(p->rng, n), tries = 0; k > 0 && tries < 20; tries++)
		k -= !append_fair(p, p->style.registers ? dense_cell(p) : random_cell(p, BIT(CLASS_INT)));
}

/* ---- kinds ---- */

static void sequence_of(struct plan *p, unsigned classes, int most)
{
	int n = 2 + rng_below(p->rng, most - 1);

	plan_roles(p);
	p->simple = mode_native(p->mode) && rng_chance(p->rng, 90);
	for (int k = 0, tries = 0; k < n && tries < 60; tries++) {
		const struct cell *c = (classes & BIT(CLASS_INT)) && rng_chance(p->rng, 25) ? flag_consumer(p) : random_cell(p, classes);
		k += !append_fair(p, c);
	}
}

static void sequence_group(struct plan *p)
{
	static const unsigned mixes[8] = {
		BIT(CLASS_INT), BIT(CLASS_INT), BIT(CLASS_INT) | BIT(CLASS_STACK), BIT(CLASS_INT) | BIT(CLASS_STACK), BIT(CLASS_INT) | BIT(CLASS_SSE),
		BIT(CLASS_INT) | BIT(CLASS_X87), BIT(CLASS_INT) | BIT(CLASS_STRING), BIT(CLASS_INT) | BIT(CLASS_MMX) | BIT(CLASS_SSE),
	};

	sequence_of(p, mixes[rng_below(p->rng, 8)], 12);
}

static void fpu_group(struct plan *p)
{
	static const unsigned mixes[6] = {
		BIT(CLASS_X87), BIT(CLASS_X87), BIT(CLASS_SSE), BIT(CLASS_SSE), BIT(CLASS_X87) | BIT(CLASS_MMX), BIT(CLASS_MMX) | BIT(CLASS_SSE),
	};

	sequence_of(p, mixes[rng_below(p->rng, 6)], 10);
	p->options |= GROUP_FPU;
}

static void string_group(struct plan *p)
{
	static const uint8_t pointers[] = { 6, 7 };

	plan_roles(p);
	p->simple = mode_native(p->mode);
	for (int k = 0; k < 2; k++) {
		p->pointers |= BIT(pointers[k]);
		p->indices &= ~BIT(pointers[k]);
		p->keep |= BIT(pointers[k]);
	}
	for (int k = 1 + rng_below(p->rng, 3), tries = 0; k > 0 && tries < 20; tries++) {
		k -= !append_fair(p, random_cell(p, BIT(CLASS_STRING)));
		if (rng_chance(p->rng, 40))
			append_fair(p, random_cell(p, BIT(CLASS_INT)));
	}
}

static int touches_memory(const struct cell *c)
{
	return c->form == FORM_MEM || c->class == CLASS_STACK || c->class == CLASS_STRING;
}

/* Where #AC is the same on all CPUs: not for SSE. */
static int checks_alignment(const struct plan *p, const struct cell *c)
{
	int ring3 = p->mode == VECTOR_V86 || p->mode == VECTOR_PM16 || p->mode == VECTOR_PM32 || p->mode == VECTOR_LONG64 || p->mode == VECTOR_COMPAT32;

	return ring3 && touches_memory(c) && (c->class <= CLASS_STRING || c->class == CLASS_X87);
}

static void single(struct plan *p, const struct cell *c)
{
	p->open = 1;
	for (int k = 0; k < 4; k++)
		p->pool[k] = (uint8_t)rng_below(p->rng, p->size == MODE64 ? 16 : 8);
	if (c->class == CLASS_JUMP)
		branch_append(p, c);
	else
		plan_append(p, c);
	if (c->class >= CLASS_X87 && c->class <= CLASS_SSE && rng_chance(p->rng, 40))
		p->options |= GROUP_FPU_WILD | GROUP_SSE_WILD;
	if (checks_alignment(p, c) && rng_chance(p->rng, 6))
		p->options |= GROUP_ALIGN;
}

static int is_lockable(const struct cell *c)
{
	return c->form == FORM_MEM && (insn_info[c->op].attr & INSN_LOCKABLE);
}

static int any_cell(const struct cell *c)
{
	(void)c;
	return 1;
}

static int is_system_cell(const struct cell *c)
{
	return c->class == CLASS_SYSTEM;
}

/* The n-th turn takes the next cell that fits, in an order that mixes the maps. */
static void single_group(struct plan *p, int turn, int (*fits)(const struct cell *))
{
	int n;
	const struct cell *cells = cells_of(p->size, &n);

	for (int k = 0; k < n; k++) {
		const struct cell *c = &cells[(int)(((long)turn * 389 + k) % n)];
		if (cell_reason(c, p->mode) || !fits(c))
			continue;
		single(p, c);
		if (p->length)
			return;
	}
}

static void make_group(struct plan *p, int kind, int turn)
{
	switch (kind) {
	case KIND_SINGLE: single_group(p, turn, any_cell); break;
	case KIND_SYSTEM: single_group(p, turn, is_system_cell); break;
	case KIND_SEQUENCE: sequence_group(p); break;
	case KIND_BRANCH: branch_group(p); break;
	case KIND_SMC: smc_group(p); break;
	case KIND_DENSE: dense_group(p); break;
	case KIND_STRING: string_group(p); break;
	case KIND_FPU:
		fpu_group(p);
		if (rng_chance(p->rng, 40))
			p->options |= GROUP_FPU_WILD | GROUP_SSE_WILD;
		break;
	case KIND_LOCK:
		p->lock = p->simple = 1;
		single_group(p, turn, is_lockable);
		break;
	case KIND_DEMAND:
		p->options |= GROUP_DEMAND;
		if (rng_chance(p->rng, 30))
			sequence_group(p);
		else
			single_group(p, turn, touches_memory);
		break;
	}
}

/* ---- placing them ---- */

/* Most groups follow one another; some cross the end of a page. */
static uint32_t gap(struct rng *r, uint32_t used)
{
	uint32_t to_page_end = PAGE - (used & (PAGE - 1));

	if (rng_chance(r, 3) && to_page_end > 24)
		return to_page_end - 1 - (uint32_t)rng_below(r, 16);
	return (uint32_t)rng_below(r, 16);
}

/* One group for the cell whose turn it is; -1 if what the dice made of it is no fair case. */
static int generate_group(struct book *b, const struct request *r, struct rng *rng, int kind, int turn)
{
	struct plan p = { .rng = rng, .mode = (enum vector_mode)r->modes[turn % r->nmodes], .native = 1 };
	struct vector_group g = { .states = (uint16_t)r->states, .seed = rng_next(rng) };
	int unfair;

	p.size = mode_size(p.mode);
	p.options = r->strict ? GROUP_STRICT : 0;
	if (kind == KIND_SMC) /* 64 KiB of its own */
		p.origin = book_place(b, SEGMENT - b->used % SEGMENT + (uint32_t)rng_below(rng, 4 * PAGE), PLAN_CODE);
	else
		p.origin = book_place(b, gap(rng, b->used), PLAN_SHORT);
	make_group(&p, kind, turn / r->nmodes + (int)(r->seed % 389));
	if (!p.length)
		return 0;
	g.options = p.options;
	g.pointers = p.pointers & ~BIT(4);
	g.indices = p.indices;
	g.mode = (uint8_t)p.mode;
	g.oracle = p.native && mode_native(p.mode) ? ORACLE_CPU : ORACLE_MACHINE;
	unfair = book_mask(b, book_add(b, &g, p.origin, p.code, p.length));
	if (unfair)
		b->ngroups--;
	if (kind == KIND_SMC)
		b->used = (b->used + SEGMENT - 1) & ~(SEGMENT - 1);
	return unfair;
}

static void generate_one(struct book *b, const struct request *r, int number)
{
	struct rng rng = { r->seed * 0x2545f4914f6cdd1dull + (uint64_t)number };

	rng_next(&rng);
	for (int tries = 0; tries < 4; tries++)
		if (!generate_group(b, r, &rng, r->kinds[number % r->nkinds], number / r->nkinds))
			return;
}

void generate(struct book *b, const struct request *r)
{
	for (int k = 0; k < r->groups; k++)
		generate_one(b, r, r->start + k);
}
