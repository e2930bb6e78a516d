/*
 * Values on their way to an XMM register that the next instruction overwrites, or copies within it: that one takes them from where they are, and the move
 * is never made. Nothing may fault, and nobody may look, before the register has got its value: the next instruction has registers and constants as operands only, and a
 * trap of it is done in C from the same registers.
 */
#include "translator/gen_sse.h"

/* The next instruction, if control comes there from the current one only. */
static const struct insn *next_of(const struct tr *t)
{
	const struct rinsn *r = &t->plan->insn[t->index];

	if (t->single || t->mode & MODE_SSE_SLOW || !r->falls || t->index + 1 >= (int)t->plan->n || r[1].leader)
		return NULL;
	return &r[1].i;
}

static bool is_on(const struct insn *i, int xmm)
{
	return i->nopd >= 2 && i->opd[0].kind == OPD_XMM && i->opd[0].reg == xmm && (i->opd[1].kind == OPD_XMM || i->opd[1].kind == OPD_IMM);
}

bool gen_sse_forwards(const struct tr *t, int xmm)
{
	const struct insn *i = next_of(t);
	int shape = i ? gen_sse_binary_shape(i->op) : -1;

	return i && is_on(i, xmm) && (gen_is_packed(i->op) || shape == PS || shape == PD);
}

bool gen_sse_forwards_fp(const struct tr *t, enum sse_shape shape, int xmm)
{
	const struct insn *i = next_of(t);

	return (shape == PS || shape == PD) && i && is_on(i, xmm) && gen_sse_binary_shape(i->op) == (int)shape;
}

bool gen_sse_repeats(const struct tr *t, int xmm, unsigned size)
{
	const struct insn *i = next_of(t);

	if (!i || !is_on(i, xmm) || i->opd[1].reg != xmm)
		return false;
	if (size == 4)
		return (i->op == OP_SHUFPS || i->op == OP_PSHUFD) && !(i->imm & 0xff);
	return i->op == OP_UNPCKLPD || i->op == OP_PUNPCKLQDQ || i->op == OP_MOVLHPS || i->op == OP_MOVDDUP;
}

void gen_sse_forward(struct tr *t, int xmm, int from, bool twice)
{
	t->forward = (struct forward){ .index = t->index + 1, .xmm = xmm, .from = from, .twice = twice };
}

int gen_sse_value(const struct tr *t, int xmm)
{
	return t->forward.index == t->index && t->forward.xmm == xmm ? t->forward.from : HXMM(xmm);
}

bool gen_sse_done(const struct tr *t)
{
	return t->forward.index == t->index && t->forward.twice;
}
