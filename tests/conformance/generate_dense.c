/*
 * Code over few registers: mostly moves and simple arithmetic, of all widths and with second bytes, in which nearly every instruction depends on the
 * ones before it. For what a translator does to several instructions at once: copies that it leaves out, flags that it puts off, widths that it keeps
 * track of, order that it changes. Some is longer than what is translated at once, so that this may end anywhere in it.
 */
#include "tests/conformance/generate.h"
#include "translator/decode_tables.h"
#include "translator/insn.h"

static const struct {
	uint16_t op;
	uint8_t weight;
} mix[] = {
	{ OP_MOV, 26 }, { OP_MOVZX, 9 }, { OP_MOVSX, 5 }, { OP_MOVSXD, 3 }, { OP_LEA, 7 }, { OP_XCHG, 3 }, { OP_BSWAP, 1 },
	{ OP_ADD, 8 }, { OP_SUB, 6 }, { OP_AND, 5 }, { OP_OR, 4 }, { OP_XOR, 6 }, { OP_NOT, 2 }, { OP_NEG, 2 }, { OP_INC, 3 }, { OP_DEC, 3 },
	{ OP_ADC, 3 }, { OP_SBB, 3 }, { OP_CMP, 6 }, { OP_TEST, 4 }, { OP_SETCC, 4 }, { OP_CMOVCC, 4 }, { OP_IMUL, 3 },
	{ OP_SHL, 4 }, { OP_SHR, 4 }, { OP_SAR, 3 }, { OP_ROL, 2 }, { OP_ROR, 2 }, { OP_RCL, 1 }, { OP_RCR, 1 }, { OP_SHLD, 1 }, { OP_SHRD, 1 },
	{ OP_BT, 1 }, { OP_XADD, 1 }, { OP_CMPXCHG, 1 }, { OP_POPCNT, 1 },
};
#define MIX (int)(sizeof mix / sizeof mix[0])

static uint16_t random_op(struct plan *p)
{
	int all = 0, at, k = 0;

	for (int n = 0; n < MIX; n++)
		all += mix[n].weight;
	for (at = rng_below(p->rng, all); at >= mix[k].weight; k++)
		at -= mix[k].weight;
	return mix[k].op;
}

/* The fewer operations there are, the sooner some that matter to one another meet. */
static void choose_style(struct plan *p)
{
	struct style *s = &p->style;
	static const uint8_t bytes[] = { 0, 0, 10, 40 }, resized[] = { 0, 0, 0, 40 };

	s->nops = 2 + rng_below(p->rng, 5);
	s->ops[0] = OP_MOV;
	for (int k = 1; k < s->nops; k++)
		s->ops[k] = random_op(p);
	s->memory = rng_chance(p->rng, 60) ? 0 : 15;
	s->bytes = bytes[rng_below(p->rng, 4)];
	s->resized = resized[rng_below(p->rng, 4)];
	if (p->size == MODE16)
		s->resized = 100 - s->resized;
}

/* A cell of an operation and a form; NULL when there is none. */
static const struct cell *cell_of(struct plan *p, uint16_t op, int form)
{
	const struct cell *cells, *found[64];
	int n, nfound = 0, bytes = rng_chance(p->rng, p->style.bytes);

	cells = cells_of(p->size, &n);
	for (const struct cell *c = cells; c < cells + n && nfound < 64; c++) {
		if (c->op != op || c->form != form || c->class != CLASS_INT || cell_reason(c, p->mode))
			continue;
		if (c->map || bytes == !!(decode_one_byte[c->opcode].flags & DEC_BYTE))
			found[nfound++] = c;
	}
	return nfound ? found[rng_below(p->rng, nfound)] : NULL;
}

const struct cell *dense_cell(struct plan *p)
{
	const struct style *s = &p->style;
	uint16_t op = s->ops[rng_below(p->rng, s->nops)];
	int form = op == OP_LEA || rng_chance(p->rng, s->memory) ? FORM_MEM : rng_chance(p->rng, 92) ? FORM_REG : FORM_NONE;

	return cell_of(p, op, form);
}

/* Two to four registers, the first of which has a second byte. */
static void choose_few(struct plan *p)
{
	int n = 2 + rng_below(p->rng, 3);

	p->pool[0] = rng_chance(p->rng, 50) ? RAX : RDX;
	for (int k = 1; k < 4; k++)
		if (k >= n)
			p->pool[k] = p->pool[k - n];
		else
			do
				p->pool[k] = (uint8_t)rng_below(p->rng, plan_registers(p));
			while (p->keep & BIT(p->pool[k]) || p->pool[k] == p->pool[0]);
	for (int k = 0; k < 4; k++)
		p->style.registers |= BIT(p->pool[k]);
}

static void comparison_and_jump(struct plan *p)
{
	append_fair(p, cell_of(p, rng_chance(p->rng, 60) ? OP_CMP : OP_TEST, FORM_REG));
	branch_forward(p);
}

/* What must be fair, or is taken back. */
static void append_part(struct plan *p, int loops, int jumps)
{
	struct plan_mark before = plan_mark(p);

	if (loops && rng_chance(p->rng, 25))
		branch_loop(p, rng_chance(p->rng, 10) ? 90 : 8);
	else if (rng_chance(p->rng, jumps))
		comparison_and_jump(p);
	else
		append_filler(p, 10);
	if (!plan_fair(p))
		plan_revert(p, &before);
}

void dense_group(struct plan *p)
{
	int loops = rng_chance(p->rng, 30), jumps = rng_chance(p->rng, 50) ? 0 : 30, end = rng_chance(p->rng, 30) ? 150 + rng_below(p->rng, 500) : 8 + rng_below(p->rng, 50);

	plan_roles(p);
	p->simple = 1;
	if (loops)
		p->keep |= BIT(RCX);
	choose_few(p);
	choose_style(p);
	for (int tries = 0; p->length < end && tries < 200; tries++)
		append_part(p, loops, jumps);
}
