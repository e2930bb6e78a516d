#include "tests/conformance/flow.h"

#include <string.h>

#include "translator/insn.h"

enum { CF = 0x001, PF = 0x004, AF = 0x010, ZF = 0x040, SF = 0x080, OF = 0x800, ALL = 0x8d5 };
#define LIMIT 20481
#define UNSEEN 0xffffffffu

/* What an instruction does to the set of undefined flags. */
struct effect {
	uint32_t defines, undefines;
};

/* SHL, SHR, SAR, SHLD, SHRD by a count (Intel SDM 2, SAL/SAR/SHL/SHR and SHLD). */
static struct effect shift_effect(const struct insn *i, const struct operand *count)
{
	int by_cl = count->kind == OPD_GPR, n = by_cl ? -1 : (int)(i->imm & (i->opsize == 8 ? 63 : 31));
	int double_shift = i->op == OP_SHLD || i->op == OP_SHRD;
	struct effect e = { 0, AF };

	if (!n)
		return (struct effect){ 0, 0 };
	if (n != 1)
		e.undefines |= OF;
	if (i->opsize < 4 && i->op != OP_SAR && (by_cl || n >= i->opsize * 8))
		e.undefines |= CF;
	if (double_shift && i->opsize < 4 && (by_cl || n > i->opsize * 8))
		e.undefines = by_cl ? AF | OF : ALL; /* CL is made less than 16 before it */
	if (!by_cl)
		e.defines = ALL & ~e.undefines;
	return e;
}

static struct effect rotate_effect(const struct insn *i)
{
	int by_cl = i->opd[1].kind == OPD_GPR, n = by_cl ? -1 : (int)(i->imm & (i->opsize == 8 ? 63 : 31));

	if (!n)
		return (struct effect){ 0, 0 };
	if (n == 1)
		return (struct effect){ CF | OF, 0 };
	return (struct effect){ by_cl ? 0 : CF, OF };
}

static struct effect effect_of(const struct insn *i)
{
	const struct insn_info *info = &insn_info[i->op];

	switch (i->op) {
	case OP_SHL: case OP_SHR: case OP_SAR:
		return shift_effect(i, &i->opd[1]);
	case OP_SHLD: case OP_SHRD:
		return shift_effect(i, &i->opd[2]);
	case OP_ROL: case OP_ROR: case OP_RCL: case OP_RCR:
		return rotate_effect(i);
	case OP_CMPS: case OP_SCAS:
		return (struct effect){ i->rep ? 0 : ALL, 0 };
	default:
		return (struct effect){ info->flags_written & ~info->flags_undefined & ALL, info->flags_undefined & ALL };
	}
}

struct walk {
	const uint8_t *code;
	int length, size;
	uint32_t in[LIMIT]; /* undefined flags before the instruction at an offset */
	uint16_t todo[LIMIT];
	int ntodo;
	uint16_t returns[64]; /* offsets behind calls */
	int nreturns;
	struct flow *f;
};

static void reach(struct walk *w, int64_t at, uint32_t undefined)
{
	uint32_t old;

	if (at < 0 || at > w->length)
		return;
	old = w->in[at] == UNSEEN ? 0 : w->in[at];
	if (w->in[at] != UNSEEN && (old | undefined) == old)
		return;
	w->in[at] = old | undefined;
	if (at < w->length && w->ntodo < LIMIT)
		w->todo[w->ntodo++] = (uint16_t)at;
}

static void add_return(struct walk *w, int at)
{
	for (int k = 0; k < w->nreturns; k++)
		if (w->returns[k] == at)
			return;
	if (w->nreturns < 64)
		w->returns[w->nreturns++] = (uint16_t)at;
}

/* The instruction at an offset, or a negative number. */
static int decode_at(const struct walk *w, int at, struct insn *i)
{
	uint8_t window[15] = { 0 };

	memcpy(window, w->code + at, (size_t)(w->length - at < 15 ? w->length - at : 15));
	return insn_decode(i, window, sizeof window, w->size);
}

/* An indirect jump goes to some instruction behind it. */
static void reach_all_behind(struct walk *w, int at, uint32_t undefined)
{
	struct insn i;

	while (at < w->length && decode_at(w, at, &i) > 0) {
		reach(w, at, undefined);
		at += i.len;
	}
	reach(w, at, undefined);
}

static void follow(struct walk *w, const struct insn *i, int next, uint32_t undefined)
{
	int relative = i->nopd && i->opd[0].kind == OPD_REL;

	if (i->op == OP_CALL)
		add_return(w, next);
	if (relative)
		reach(w, next + i->imm, undefined);
	if (i->op == OP_RET || (i->op == OP_CALL && !relative)) {
		for (int k = 0; k < w->nreturns; k++)
			reach(w, w->returns[k], undefined);
		if (i->op == OP_CALL)
			reach_all_behind(w, next, undefined);
		return;
	}
	if (i->op == OP_JMP && !relative)
		reach_all_behind(w, next, undefined);
	if (i->op != OP_JMP && i->op != OP_CALL && i->op != OP_UD)
		reach(w, next, undefined);
}

static void step(struct walk *w, int at)
{
	struct insn i;
	struct effect e;
	uint32_t undefined = w->in[at], read;

	if (decode_at(w, at, &i) < 0)
		return;
	read = i.flags_read & ALL;
	if (i.op == OP_RCL || i.op == OP_RCR)
		read = CF;
	if (read & undefined)
		w->f->reads_undefined = 1;
	e = effect_of(&i);
	undefined = (undefined & ~e.defines) | e.undefines;
	follow(w, &i, at + i.len, undefined);
}

void flow_analyse(struct flow *f, const uint8_t *code, int length, int size)
{
	static struct walk w;

	*f = (struct flow){ ALL, 0 };
	if (length >= LIMIT)
		return;
	w.code = code;
	w.length = length;
	w.size = size;
	w.f = f;
	w.ntodo = w.nreturns = 0;
	memset(w.in, 0xff, (size_t)(length + 1) * sizeof w.in[0]);
	reach(&w, 0, 0);
	if (!length)
		w.in[0] = 0;
	while (w.ntodo)
		step(&w, w.todo[--w.ntodo]);
	f->undefined = w.in[length] == UNSEEN ? ALL : w.in[length];
}
