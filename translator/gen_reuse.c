/*
 * What earlier instructions have found out about addresses: sums that other than 64-bit code keeps in r12-r15, and registers known to be aligned. It
 * holds until a register that it is made of is written, which the host code emitted since tells, or control may come from elsewhere.
 */
#include "translator/cpu.h"
#include "translator/region.h"
#include "translator/tr.h"

#define RD(word) ((word) & 31)

/* Host instructions with something else than the register that they write in bits 0-4; of others a vector register may count as written. */
static const struct { uint32_t mask, value; } harmless[] = {
	{ 0xff000000, 0x29000000 }, { 0xff000000, 0x2b000000 }, { 0xff000000, 0x2c000000 }, /* st, fld, fst, vld, vst */
	{ 0xffff0000, 0x00010000 }, /* asrtgt.d */
};

static bool is_call(uint32_t word)
{
	return word >> 26 == 0x15 || word >> 26 == 0x13; /* bl, jirl */
}

static bool is_branch(uint32_t word)
{
	return word >> 26 >= 0x10 && word >> 26 <= 0x1b;
}

static bool writes(uint32_t word, int reg)
{
	if (is_branch(word))
		return false;
	for (unsigned k = 0; k < sizeof harmless / sizeof harmless[0]; k++)
		if ((word & harmless[k].mask) == harmless[k].value)
			return false;
	return (int)RD(word) == reg;
}

/* Whether control comes here only from the place of the note, by code that writes none of these host registers (0: none) and calls nothing. */
static bool holds(const struct tr *t, const struct note *n, int a, int b)
{
	if (!n->at || n->index > t->index)
		return false;
	for (int k = n->index; k < t->index; k++) /* x87 instructions call C out of line */
		if (t->plan->insn[k + 1].leader || t->plan->insn[k].i.op == OP_X87)
			return false;
	for (const uint32_t *p = n->at; p < t->e.p; p++)
		if ((a && writes(*p, a)) || (b && writes(*p, b)) || is_call(*p))
			return false;
	return true;
}

/* A note for here, unless the code since `from` may have been passed by: it has a branch, or the instruction has had one before. */
static struct note here(const struct tr *t, const uint32_t *from)
{
	for (const uint32_t *p = t->plan->insn[t->index].body; p < from; p++)
		if (is_branch(*p))
			return (struct note){ 0 };
	return (struct note){ .at = t->e.p, .index = t->index };
}

bool gen_known_aligned16(const struct tr *t, struct maddr a)
{
	const struct aligned_note *n = &t->aligned[a.reg];

	return a.reg != H_ZERO && ((a.disp - n->disp) & 15) == 0 && holds(t, &n->note, a.reg, 0);
}

void gen_note_aligned16(struct tr *t, struct maddr a, const uint32_t *from)
{
	t->aligned[a.reg] = (struct aligned_note){ .note = here(t, from), .disp = a.disp };
}

static int host_of(int reg)
{
	return reg == REG_NONE ? H_ZERO : HGPR(reg);
}

struct maddr gen_reuse_sum(struct tr *t, const struct insn *i, int64_t high, int low)
{
	struct emit *e = &t->e;
	int base = host_of(i->base), index = host_of(i->index), reg;
	const uint32_t *from = e->p;
	struct sum_note *s;

	for (int k = 0; k < SUMS; k++) {
		s = &t->sums[k];
		if (s->base == i->base && s->index == i->index && s->scale == i->scale && s->high == high && holds(t, &s->note, base, index))
			return (struct maddr){ H_SUM + k, low };
	}
	reg = H_SUM + t->next_sum;
	s = &t->sums[t->next_sum];
	t->next_sum = (t->next_sum + 1) % SUMS;
	if (index && i->scale)
		la_alsl_w(e, reg, index, base, i->scale);
	else if (index)
		la_add_w(e, reg, index, base);
	if (high) {
		gen_li(t, T7, high);
		la_add_w(e, reg, index ? reg : base, T7);
	}
	*s = (struct sum_note){ .note = here(t, from), .base = i->base, .index = i->index, .scale = i->scale, .high = (int32_t)high };
	return (struct maddr){ reg, low };
}

void gen_reuse_begin(struct tr *t)
{
	for (int k = 0; k < SUMS; k++)
		t->sums[k].note.at = NULL;
	for (int k = 0; k < 32; k++)
		t->aligned[k].note.at = NULL;
	t->next_sum = 0;
}
