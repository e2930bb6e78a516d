/*
 * Code that changes itself: stores of 1 to 16 bytes into code ahead or behind, at all distances, which is then executed. All
 * instructions mean the same in 32- and 64-bit code, so that this CPU can run either as it is.
 *
 * What is changed is a row of slots: instructions of known lengths, whose every byte may be that of the old row or of the new one.
 */
#include <string.h>

#include "tests/conformance/generate.h"
#include "translator/insn.h"

#define ROW_MAX 48
enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI };

struct row {
	uint8_t old[ROW_MAX], new[ROW_MAX], immediate[ROW_MAX]; /* immediate: this byte may have any value */
	int length;
};

static void add_byte(struct plan *p, struct row *r, const uint8_t *choice, int choices)
{
	r->immediate[r->length] = !choice;
	r->old[r->length] = choice ? choice[rng_below(p->rng, choices)] : (uint8_t)rng_next(p->rng);
	r->new[r->length] = choice ? choice[rng_below(p->rng, choices)] : (uint8_t)rng_next(p->rng);
	r->length++;
}

/* One instruction: all its variants have the same length, and define all flags or none. */
static void add_slot(struct plan *p, struct row *r)
{
	static const uint8_t with_eax[] = { 0x05, 0x15, 0x1d, 0x2d, 0x3d, 0xb8, 0xba }; /* add adc sbb sub cmp eax; mov eax; mov edx */
	static const uint8_t modrm[] = { 0xc0, 0xd0, 0xd8, 0xe8, 0xf8, 0xc2, 0xd2, 0xda, 0xea, 0xfa };
	static const uint8_t plain[] = { 0xf8, 0xf9, 0xf5, 0x90, 0x98, 0x99 }; /* clc stc cmc nop cwde cdq */
	static const uint8_t group1[2][1] = { { 0x81 }, { 0x83 } };
	int kind = rng_below(p->rng, 4), immediates = 0;

	if (kind == 0) {
		add_byte(p, r, plain, sizeof plain);
	} else if (kind == 1) {
		add_byte(p, r, with_eax, sizeof with_eax);
		immediates = 4;
	} else {
		add_byte(p, r, group1[kind - 2], 1);
		add_byte(p, r, modrm, sizeof modrm);
		immediates = kind == 2 ? 4 : 1;
	}
	while (immediates-- > 0)
		add_byte(p, r, NULL, 0);
}

static void make_row(struct plan *p, struct row *r)
{
	int slots = 2 + rng_below(p->rng, 5);

	memset(r, 0, sizeof *r);
	while (slots-- > 0)
		add_slot(p, r);
}

/* mov reg, address; its field is returned. */
static int put_address(struct plan *p, int reg)
{
	plan_bytes(p, (const uint8_t[]){ (uint8_t)(0xb8 | reg), 0, 0, 0, 0 }, 5);
	return p->length - 4;
}

static void set_address(struct plan *p, int field, int at)
{
	uint32_t address = VECTOR_CODE + p->origin + (uint32_t)at;

	memcpy(p->code + field, &address, 4);
}

/* What stores need to know when the row's place is known. */
struct stores {
	int row_fields[8], row_offsets[8], nrow;   /* addresses in the row */
	int new_fields[8], new_offsets[8], nnew;   /* addresses in the copy of the new row */
};

static void point_at_row(struct plan *p, struct stores *s, int reg, int offset)
{
	s->row_fields[s->nrow] = put_address(p, reg);
	s->row_offsets[s->nrow++] = offset;
}

static void point_at_new(struct plan *p, struct stores *s, int reg, int offset)
{
	s->new_fields[s->nnew] = put_address(p, reg);
	s->new_offsets[s->nnew++] = offset;
}

/* mov [ebx + disp], imm of 1, 2 or 4 bytes */
static void store_immediate(struct plan *p, struct stores *s, const struct row *r, int at, int width)
{
	int disp = rng_below(p->rng, 64) - 32;

	point_at_row(p, s, EBX, at - disp);
	if (width == 2)
		plan_bytes(p, (const uint8_t[]){ 0x66 }, 1);
	plan_bytes(p, (const uint8_t[]){ width == 1 ? 0xc6 : 0xc7, 0x43, (uint8_t)disp }, 3);
	plan_bytes(p, r->new + at, width);
}

/* movq or movups through XMM0 */
static void store_vector(struct plan *p, struct stores *s, int at, int width)
{
	point_at_new(p, s, ESI, at);
	point_at_row(p, s, EBX, at);
	if (width == 8)
		plan_bytes(p, (const uint8_t[]){ 0xf3, 0x0f, 0x7e, 0x06, 0x66, 0x0f, 0xd6, 0x03 }, 8);
	else
		plan_bytes(p, (const uint8_t[]){ 0x0f, 0x10, 0x06, 0x0f, 0x11, 0x03 }, 6);
	p->options |= GROUP_FPU;
}

static void store_string(struct plan *p, struct stores *s, int at, int width)
{
	point_at_new(p, s, ESI, at);
	point_at_row(p, s, EDI, at);
	plan_bytes(p, (const uint8_t[]){ 0xb9, (uint8_t)width, 0, 0, 0, 0xf3, 0xa4 }, 7);
}

/* add byte [ebx], imm, locked at times: to an immediate of the row */
static int store_sum(struct plan *p, struct stores *s, const struct row *r)
{
	int at = rng_below(p->rng, r->length);

	if (!r->immediate[at])
		return 0;
	point_at_row(p, s, EBX, at);
	if (rng_chance(p->rng, 50))
		plan_bytes(p, (const uint8_t[]){ 0xf0 }, 1);
	plan_bytes(p, (const uint8_t[]){ 0x80, 0x03, (uint8_t)(1 + rng_below(p->rng, 255)) }, 3);
	return 1;
}

static void put_store(struct plan *p, struct stores *s, const struct row *r)
{
	static const uint8_t widths[] = { 1, 2, 4, 8, 16 };
	int width = widths[rng_below(p->rng, 5)], at;

	if (rng_chance(p->rng, 25) && store_sum(p, s, r))
		return;
	if (width > r->length)
		width = 1;
	at = rng_below(p->rng, r->length - width + 1);
	if (rng_chance(p->rng, 20))
		store_string(p, s, at, 1 + rng_below(p->rng, r->length - at));
	else if (width >= 8)
		store_vector(p, s, at, width);
	else
		store_immediate(p, s, r, at, width);
}

/* Nothing, some NOPs, or a jump over up to three pages. */
static void put_distance(struct plan *p)
{
	int kind = rng_below(p->rng, 5), n = kind < 2 ? 0 : kind == 2 ? rng_below(p->rng, 24) : kind == 3 ? rng_below(p->rng, 600) : rng_below(p->rng, 9000);

	if (n >= 24) {
		plan_bytes(p, (const uint8_t[]){ 0xe9 }, 1);
		plan_bytes(p, &n, 4);
	}
	while (n-- > 0)
		plan_bytes(p, (const uint8_t[]){ 0x90 }, 1);
}

static void resolve(struct plan *p, const struct stores *s, int row, int copy)
{
	for (int k = 0; k < s->nrow; k++)
		set_address(p, s->row_fields[k], row + s->row_offsets[k]);
	for (int k = 0; k < s->nnew; k++)
		set_address(p, s->new_fields[k], copy + s->new_offsets[k]);
}

/* The new row as data, jumped over. */
static int put_copy(struct plan *p, const struct row *r)
{
	plan_bytes(p, (const uint8_t[]){ 0xeb, (uint8_t)r->length }, 2);
	plan_bytes(p, r->new, r->length);
	return p->length - r->length;
}

static void ahead(struct plan *p, const struct row *r)
{
	struct stores s = { .nrow = 0 };
	int copy = put_copy(p, r), row;

	for (int n = 1 + rng_below(p->rng, 3); n > 0; n--)
		put_store(p, &s, r);
	put_distance(p);
	row = p->length;
	plan_bytes(p, r->old, r->length);
	resolve(p, &s, row, copy);
}

/* A loop: the row is behind the stores, or in front of them. */
static void around(struct plan *p, const struct row *r)
{
	struct stores s = { .nrow = 0 };
	int copy = put_copy(p, r), row, start, rel;

	plan_bytes(p, (const uint8_t[]){ 0xbd, (uint8_t)(2 + rng_below(p->rng, 4)), 0, 0, 0 }, 5); /* mov ebp, count */
	start = row = p->length;
	plan_bytes(p, r->old, r->length);
	put_distance(p);
	for (int n = 1 + rng_below(p->rng, 3); n > 0; n--)
		put_store(p, &s, r);
	put_distance(p);
	plan_bytes(p, (const uint8_t[]){ 0x83, 0xed, 0x01, 0x0f, 0x85 }, 5); /* sub ebp, 1; jnz */
	rel = start - (p->length + 4);
	plan_bytes(p, &rel, 4);
	resolve(p, &s, row, copy);
}

void smc_group(struct plan *p)
{
	struct row r;

	if (p->size == MODE16)
		return;
	p->options |= GROUP_CODE_WRITABLE;
	make_row(p, &r);
	if (rng_chance(p->rng, 50))
		ahead(p, &r);
	else
		around(p, &r);
}
