/*
 * Jumps: single ones with all they need around them, and groups of branching code.
 */
#include <string.h>

#include "tests/conformance/generate.h"
#include "tests/conformance/state.h"
#include "translator/insn.h"


/* A displacement to be filled in. */
struct hole {
	int at, size;
};

static void fill(struct plan *p, struct hole h, int target)
{
	int rel = target - (h.at + h.size);

	memcpy(p->code + h.at, &rel, (size_t)h.size);
}

/* A direct jump of a cell, its displacement left open. */
static struct hole put_jump(struct plan *p, const struct cell *c)
{
	int near = c->map || c->op == OP_CALL || (c->op == OP_JMP && c->opcode == 0xe9), wide = p->size != MODE16;
	uint8_t bytes[8];
	int n = 0;

	if (p->size == MODE16 && near && rng_chance(p->rng, 15)) {
		bytes[n++] = 0x66;
		wide = 1;
	}
	if (p->size != MODE32 && rng_chance(p->rng, 15) && (c->op == OP_LOOP || c->op == OP_LOOPE || c->op == OP_LOOPNE || c->op == OP_JCXZ))
		bytes[n++] = 0x67;
	if (c->map)
		bytes[n++] = 0x0f;
	bytes[n++] = c->opcode;
	plan_bytes(p, bytes, n);
	struct hole h = { p->length, !near ? 1 : wide ? 4 : 2 };
	plan_bytes(p, (const uint8_t[4]){ 0 }, h.size);
	return h;
}

static struct hole put_short_jump(struct plan *p)
{
	plan_bytes(p, (const uint8_t[]){ 0xeb, 0 }, 2);
	return (struct hole){ p->length - 1, 1 };
}

/* ---- one jump ---- */

static void conditional(struct plan *p, const struct cell *c)
{
	struct hole h, end;
	int body;

	if (rng_chance(p->rng, 70)) {
		h = put_jump(p, c);
		append_filler(p, 2);
		fill(p, h, p->length);
		return;
	}
	h = put_short_jump(p); /* backwards: to the jump, which goes to the filler */
	body = p->length;
	append_filler(p, 2);
	end = put_short_jump(p);
	fill(p, h, p->length);
	fill(p, put_jump(p, c), body);
	fill(p, end, p->length);
}

static const struct cell *call_cell(const struct plan *p)
{
	int n;
	const struct cell *cells = cells_of(p->size, &n);

	for (int k = 0; k < n; k++)
		if (cells[k].op == OP_CALL && cells[k].form == FORM_NONE)
			return &cells[k];
	return NULL;
}

/* A call of code that returns, or does not. `ret`: the bytes of the return, with its operand. */
static void call_and_return(struct plan *p, const uint8_t *ret, int length)
{
	struct hole call = put_jump(p, call_cell(p)), end;

	append_filler(p, 2);
	end = put_short_jump(p);
	fill(p, call, p->length);
	append_filler(p, 2);
	if (length) {
		if (p->size == MODE16 && call.size == 4) /* CALL had an operand-size prefix */
			plan_bytes(p, (const uint8_t[]){ 0x66 }, 1);
		plan_bytes(p, ret, length);
	}
	fill(p, end, p->length);
}

static void put_return(struct plan *p, const struct cell *c)
{
	uint8_t ret[3] = { c->opcode, (uint8_t)(4 * rng_below(p->rng, 8)), 0 };

	call_and_return(p, ret, c->opcode == 0xc2 ? 3 : 1);
}

/* The address that code at an offset has for the guest. */
static uint32_t code_address(const struct plan *p, int at)
{
	return p->size == MODE16 ? (p->origin + (uint32_t)at) & 0xffff : VECTOR_CODE + p->origin + (uint32_t)at;
}

/* mov place, address: the address's field is returned. */
static struct hole put_target(struct plan *p, const struct cell *c, int reg, uint32_t slot)
{
	uint8_t bytes[16];
	int n = 0, width = p->size == MODE16 ? 2 : 4;

	if (c->form == FORM_REG) {
		bytes[n++] = (uint8_t)(0xb8 | reg);
	} else {
		if (p->size == MODE64)
			bytes[n++] = 0x48;
		bytes[n++] = 0xc7;
		bytes[n++] = p->size == MODE16 ? 0x06 : p->size == MODE32 ? 0x05 : 0x04;
		if (p->size == MODE64)
			bytes[n++] = 0x25;
		memcpy(bytes + n, &slot, (size_t)width);
		n += width;
	}
	plan_bytes(p, bytes, n);
	plan_bytes(p, (const uint8_t[4]){ 0 }, width);
	return (struct hole){ p->length - width, width };
}

static void indirect(struct plan *p, const struct cell *c)
{
	int reg = p->pool[0] & 7, width = p->size == MODE16 ? 2 : 4;
	uint32_t slot = (p->size == MODE16 ? 0 : VECTOR_DATA) + WINDOW_AT(0) + (uint32_t)rng_below(p->rng, 240), address;
	struct hole h;

	if (reg == 4)
		reg = 0;
	h = put_target(p, c, reg, slot);
	if (c->form == FORM_REG) {
		plan_bytes(p, (const uint8_t[]){ 0xff, (uint8_t)(0xc0 | c->reg << 3 | reg) }, 2);
	} else {
		uint8_t modrm = (uint8_t)(c->reg << 3 | (p->size == MODE16 ? 6 : p->size == MODE32 ? 5 : 4));
		plan_bytes(p, (const uint8_t[]){ 0xff, modrm }, 2);
		if (p->size == MODE64)
			plan_bytes(p, (const uint8_t[]){ 0x25 }, 1);
		plan_bytes(p, &slot, width);
	}
	append_filler(p, 2);
	address = code_address(p, p->length);
	memcpy(p->code + h.at, &address, (size_t)h.size);
	append_filler(p, 2);
}

int branch_append(struct plan *p, const struct cell *c)
{
	if (c->op == OP_RET)
		put_return(p, c);
	else if (c->op == OP_CALL && c->form == FORM_NONE)
		call_and_return(p, NULL, 0);
	else if (c->form != FORM_NONE)
		indirect(p, c);
	else
		conditional(p, c);
	if (c->op == OP_LOOP || c->op == OP_LOOPE || c->op == OP_LOOPNE || c->op == OP_JCXZ)
		p->options |= GROUP_COUNT;
	return 0;
}

/* ---- groups of branching code ---- */

static void any_jump(struct plan *p)
{
	const struct cell *c = random_cell(p, BIT(CLASS_JUMP));

	if (c)
		branch_append(p, c);
}

void branch_forward(struct plan *p)
{
	const struct cell *c = NULL;
	struct hole h;

	for (int tries = 0; tries < 50 && (!c || c->op != OP_JCC); tries++)
		c = random_cell(p, BIT(CLASS_JUMP));
	if (!c || c->op != OP_JCC)
		return;
	h = put_jump(p, c);
	append_filler(p, 4);
	fill(p, h, p->length);
}

/* The counter is LOOP's, or that of DEC and JNZ. */
void branch_loop(struct plan *p, int n)
{
	uint8_t count = (uint8_t)(1 + rng_below(p->rng, 6));
	int by_loop = rng_chance(p->rng, 50), wide = p->size == MODE16 ? 2 : 4, body;
	uint8_t mov[5] = { 0xb9, count };

	plan_bytes(p, mov, p->size == MODE16 ? 3 : 5); /* mov (e)cx, count */
	body = p->length;
	for (; n > 0; n -= 4)
		append_filler(p, 4);
	if (rng_chance(p->rng, 50))
		branch_forward(p);
	if (p->length - body > 120) {
		plan_bytes(p, (const uint8_t[]){ 0xff, 0xc9, 0x0f, 0x85, 0, 0, 0, 0 }, 4 + wide);
		fill(p, (struct hole){ p->length - wide, wide }, body);
		return;
	}
	if (by_loop)
		plan_bytes(p, (const uint8_t[]){ 0xe2, 0 }, 2);
	else
		plan_bytes(p, (const uint8_t[]){ 0xff, 0xc9, 0x75, 0 }, 4);
	fill(p, (struct hole){ p->length - 1, 1 }, body);
}

/* A jump over a prefix or into an immediate: the bytes at its target are another instruction. */
static void middle_jump(struct plan *p)
{
	static const uint8_t inner[][3] = { { 0x01, 0xd8, 0x90 }, { 0x29, 0xc2, 0x90 }, { 0x31, 0xd2, 0xf8 }, { 0x90, 0x01, 0xc0 } };
	const uint8_t *in = inner[rng_below(p->rng, p->size == MODE16 ? 3 : 4)];
	uint8_t jcc = (uint8_t)(0x70 | rng_below(p->rng, 16));

	/* jcc +1; mov eax, imm whose bytes are code */
	plan_bytes(p, (const uint8_t[]){ jcc, 1, 0xb8 }, 3);
	plan_bytes(p, in, 3);
	if (p->size != MODE16)
		plan_bytes(p, (const uint8_t[]){ 0x90 }, 1);
	else
		p->length--;
}

void branch_group(struct plan *p)
{
	plan_roles(p);
	p->simple = 1;
	p->keep |= BIT(1);
	for (int k = 0; k < 4; k++)
		if (p->pool[k] == 1)
			p->pool[k] = 0;
	append_filler(p, 2);
	for (int n = 1 + rng_below(p->rng, 3); n > 0; n--) {
		int what = rng_below(p->rng, 10);
		struct plan_mark before = plan_mark(p);
		if (what < 4)
			branch_forward(p);
		else if (what < 7)
			branch_loop(p, 4);
		else if (what == 7)
			middle_jump(p);
		else
			any_jump(p);
		if (p->length > 240 || !plan_fair(p))
			plan_revert(p, &before);
		else
			append_filler(p, 3);
	}
}
