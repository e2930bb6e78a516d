#include "tests/conformance/generate_address.h"

#include <string.h>

#include "tests/conformance/state.h"
#include "translator/insn.h"

int draft_role(struct plan *p, struct draft *d, uint32_t allowed, int index)
{
	uint32_t have = (index ? p->indices | d->indices : p->pointers | d->pointers) & allowed;
	uint32_t taken = p->keep | p->pointers | p->indices | d->pointers | d->indices | BIT(RSP);
	uint32_t from = have ? have : p->open ? allowed & ~taken : 0;
	int r;

	if (d->computes) {
		do
			r = plan_any_register(p);
		while (!(allowed & BIT(r)));
		return r;
	}
	if (!from)
		return -1;
	do
		r = rng_below(p->rng, 16);
	while (!(from & BIT(r)));
	if (index)
		d->indices |= BIT(r);
	else
		d->pointers |= BIT(r);
	return r;
}

static int displacement(struct plan *p)
{
	if (rng_chance(p->rng, 30))
		return 0;
	return rng_chance(p->rng, 90) ? rng_below(p->rng, 48) - 24 : rng_below(p->rng, 200) - 100;
}

static uint32_t data_base(const struct plan *p)
{
	return p->size == MODE16 ? 0 : VECTOR_DATA;
}

uint32_t plan_window_address(struct plan *p)
{
	int w = rng_chance(p->rng, 85) ? 0 : 1 + rng_below(p->rng, 2);

	return data_base(p) + (uint32_t)(WINDOW_AT(w) + WINDOW - 48 + rng_below(p->rng, 96));
}

static void with_base(struct address *a, int base, int64_t disp, int wide)
{
	int fits = disp >= -128 && disp < 128;

	a->disp = disp;
	a->disp_bytes = !disp && (base & 7) != RBP && !wide ? 0 : fits && !wide ? 1 : 4;
	a->modrm = (uint8_t)(a->disp_bytes == 0 ? 0 : a->disp_bytes == 1 ? 0x40 : 0x80);
	a->rex |= base >> 3;
	if (a->has_sib || (base & 7) == RSP) {
		a->modrm |= 4;
		a->sib = (uint8_t)((a->has_sib ? a->sib : RSP << 3) | (base & 7));
		a->has_sib = 1;
	} else {
		a->modrm |= base & 7;
	}
}

static void with_index(struct address *a, int index, int scale)
{
	a->has_sib = 1;
	a->sib = (uint8_t)(scale << 6 | (index & 7) << 3);
	a->rex |= index >> 3 << 1;
}

static void absolute(struct address *a, uint32_t at)
{
	a->disp = at;
	a->disp_bytes = 4;
	a->modrm = 4;
	a->sib = (uint8_t)((a->has_sib ? a->sib : RSP << 3) | RBP);
	a->has_sib = 1;
}

int address_flat(struct plan *p, struct draft *d, struct address *a, int low)
{
	int kind = rng_below(p->rng, 16), index, base;
	uint32_t all = low || plan_registers(p) == 8 ? 0xff : 0xffff;

	memset(a, 0, sizeof *a);
	if (kind < 2 && p->mode != VECTOR_PM16) { /* IRET leaves the upper half of ESP to the payload there */
		with_base(a, RSP, rng_below(p->rng, 64) - 16, 0);
		return 0;
	}
	if (kind == 2 && p->size == MODE32) { /* the form without SIB */
		a->modrm = 5;
		a->disp = plan_window_address(p);
		a->disp_bytes = 4;
		return 0;
	}
	if (kind == 3) {
		if (p->size == MODE64 && rng_chance(p->rng, 60)) {
			a->rip = 1;
			a->modrm = 5;
			a->disp_bytes = 4;
			a->disp = plan_window_address(p);
			return 0;
		}
		absolute(a, plan_window_address(p));
		return 0;
	}
	if (kind >= 4 && kind < 8 && (index = draft_role(p, d, all & ~BIT(RSP), 1)) >= 0) {
		int scale = rng_chance(p->rng, 80) ? rng_below(p->rng, 2) : rng_below(p->rng, 4);
		with_index(a, index, scale);
		if (kind == 4) {
			absolute(a, plan_window_address(p));
			return 0;
		}
	}
	base = draft_role(p, d, all, 0);
	if (base < 0)
		return -1;
	with_base(a, base, displacement(p), rng_chance(p->rng, 10));
	return 0;
}

int address16(struct plan *p, struct draft *d, struct address *a)
{
	static const struct { uint8_t rm, base, index; } forms[8] = {
		{ 0, RBX, RSI }, { 1, RBX, RDI }, { 2, RBP, RSI }, { 3, RBP, RDI }, { 4, RSI, 0 }, { 5, RDI, 0 }, { 6, RBP, 0 }, { 7, RBX, 0 },
	};
	int k = rng_below(p->rng, 9), base;

	memset(a, 0, sizeof *a);
	if (p->size != MODE16 || k == 8) {
		a->modrm = 6;
		a->disp = plan_window_address(p) & 0xffff;
		a->disp_bytes = 2;
		return 0;
	}
	base = draft_role(p, d, BIT(forms[k].base), 0);
	if (base < 0 || (forms[k].index && draft_role(p, d, BIT(forms[k].index), 1) < 0))
		return -1;
	a->disp = displacement(p);
	if (base == RBP)
		a->disp += STACK_WINDOW_AT + STACK_WINDOW / 2 - 4096; /* in the stack segment */
	a->disp_bytes = !a->disp && k != 6 ? 0 : a->disp >= -128 && a->disp < 128 ? 1 : 2;
	a->modrm = (uint8_t)((a->disp_bytes == 0 ? 0 : a->disp_bytes == 1 ? 0x40 : 0x80) | forms[k].rm);
	return 0;
}
