/*
 * Copies that are never made: of MOV EAX, EBX and ADD EAX, ECX the first emits nothing, and the second takes EBX for its first operand. Nobody may look
 * before EAX has got its value: the second instruction follows directly, cannot fault, and writes all of the register. SETB AL and MOVZX EAX, AL are one, too.
 */
#include "translator/cpu.h"
#include "translator/region.h"
#include "translator/tr.h"

/* Operations whose generators ask gen_copied() for the register of their first operand, where that is a whole one. */
static const bool takes[OP_COUNT] = {
	[OP_ADD] = true, [OP_SUB] = true, [OP_AND] = true, [OP_OR] = true, [OP_XOR] = true, [OP_INC] = true, [OP_DEC] = true, [OP_NEG] = true,
	[OP_NOT] = true, [OP_SHL] = true, [OP_SHR] = true, [OP_SAR] = true,
};

static bool is_shift(const struct insn *i)
{
	return i->op == OP_SHL || i->op == OP_SHR || i->op == OP_SAR;
}

/* Shifts by CL whose flags matter, and those by 0, are done in C. */
static bool is_inline(const struct rinsn *r)
{
	unsigned mask = r->i.opd[0].size == 8 ? 63 : 31;

	if (!is_shift(&r->i))
		return true;
	return r->i.opd[1].kind == OPD_IMM ? r->i.imm & mask : !r->flags_live;
}

/* Whether the instruction changes all of register reg, by a constant or a register that is another one. */
static bool changes(const struct rinsn *r, int reg, int size)
{
	const struct operand *to = &r->i.opd[0], *by = &r->i.opd[1];

	if (!takes[r->i.op] || r->i.lock || to->kind != OPD_GPR || to->reg != reg || to->size != size)
		return false;
	return r->i.nopd < 2 || by->kind == OPD_IMM || (by->kind == OPD_GPR && by->reg != reg && !(by->size == 1 && by->reg >= 4));
}

/* The next instruction, if control comes there from the current one only. */
static const struct rinsn *next_of(const struct tr *t)
{
	const struct rinsn *r = &t->plan->insn[t->index];

	return t->single || !r->falls || r[1].leader ? NULL : &r[1];
}

bool gen_copy_forwards(struct tr *t, int to, int from, int size)
{
	const struct rinsn *next = next_of(t);

	if (!next || size < 4 || to == from || to == RSP || from == RSP || !changes(next, to, size) || !is_inline(next))
		return false;
	t->copy = (struct copy){ .index = t->index + 1, .from = (uint8_t)from };
	/* what the host's register holds does not matter any more */
	gen_wrote(t, to, 8, 0);
	return true;
}

bool gen_copy_extends(struct tr *t, int reg)
{
	const struct rinsn *next = next_of(t);
	const struct operand *to, *from;

	if (!next || next->i.op != OP_MOVZX || (reg >= 4 && !next->i.rex))
		return false;
	to = &next->i.opd[0];
	from = &next->i.opd[1];
	if (to->reg != reg || to->size < 4 || from->kind != OPD_GPR || from->reg != reg || from->size != 1)
		return false;
	t->copy = (struct copy){ .index = t->index + 1, .from = (uint8_t)reg, .done = true };
	return true;
}
