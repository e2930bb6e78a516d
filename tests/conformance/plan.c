#include "tests/conformance/plan.h"

#include <string.h>

#include "translator/insn.h"

uint64_t plan_immediate(struct plan *p, int bytes)
{
	static const uint64_t edges[] = { 0, 1, 2, 7, 8, 15, 16, 31, 32, 33, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
		0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe, 0xaaaaaaaaaaaaaaaa };
	uint64_t v = rng_next(p->rng);

	if (rng_chance(p->rng, 60))
		v = edges[rng_below(p->rng, sizeof edges / sizeof edges[0])];
	return bytes == 8 ? v : v & ((1ull << 8 * bytes) - 1);
}

void plan_bytes(struct plan *p, const void *bytes, int n)
{
	if (p->length + n > PLAN_CODE)
		return;
	memcpy(p->code + p->length, bytes, (size_t)n);
	p->length += n;
}

struct plan_mark plan_mark(const struct plan *p)
{
	return (struct plan_mark){ p->pointers, p->indices, p->options, p->native, p->length };
}

void plan_revert(struct plan *p, const struct plan_mark *m)
{
	p->pointers = m->pointers;
	p->indices = m->indices;
	p->options = m->options;
	p->native = m->native;
	p->length = m->length;
}

int plan_registers(const struct plan *p)
{
	return p->size == MODE64 ? 16 : 8;
}

int plan_any_register(struct plan *p)
{
	if (rng_chance(p->rng, 65))
		return p->pool[rng_below(p->rng, 4)];
	return rng_below(p->rng, plan_registers(p));
}

void plan_roles(struct plan *p)
{
	static const uint8_t pairs16[3] = { RBX, RSI, RDI };
	int n = p->size == MODE64 ? 4 : 3;

	p->pointers = p->indices = 0;
	p->keep = BIT(RSP);
	for (int k = 0; k < n; k++) {
		int r = p->size == MODE16 ? pairs16[k] : rng_below(p->rng, plan_registers(p));
		if (BIT(r) & (p->keep | BIT(RAX) | BIT(RDX) | BIT(RCX)))
			continue;
		if (k == n - 1 && p->pointers && !(p->size == MODE16))
			p->indices |= BIT(r);
		else
			p->pointers |= BIT(r);
		p->keep |= BIT(r);
	}
	if (!p->pointers) {
		p->pointers = BIT(RSI);
		p->indices &= ~BIT(RSI);
		p->keep |= BIT(RSI);
	}
	for (int k = 0; k < 4; k++)
		do
			p->pool[k] = (uint8_t)rng_below(p->rng, plan_registers(p));
		while (p->keep & BIT(p->pool[k]));
}
