/* What is known of each x87 instruction beforehand: what it does to the register stack and the control word with all exceptions masked, and its kind. */
#include "translator/gen_x87.h"

enum action {
	NONE,
	PUSH,       /* ST(7) becomes the valid ST(0) */
	POP, POP2,
	SET0,       /* ST(0) becomes valid */
	SETI,       /* ST(i) does */
	SET1_POP, SETI_POP,
	MOVEI_POP,  /* ST(i) becomes valid if ST(0) is */
	BOTH,       /* ST(0) and ST(i) become valid */
	FREE, FREE_POP,
	DEC, INC,   /* of TOP */
	SET0_PUSH,
	INIT,
	CONTROL,    /* a new control word */
};

static const uint8_t mem_actions[8][8] = {
	{ SET0, SET0, NONE, POP, SET0, SET0, SET0, SET0 },
	{ PUSH, NONE, NONE, POP, NONE, CONTROL, NONE, NONE },
	{ SET0, SET0, NONE, POP, SET0, SET0, SET0, SET0 },
	{ PUSH, POP, NONE, POP, NONE, PUSH, NONE, POP },
	{ SET0, SET0, NONE, POP, SET0, SET0, SET0, SET0 },
	{ PUSH, POP, NONE, POP, NONE, NONE, INIT, NONE },
	{ SET0, SET0, NONE, POP, SET0, SET0, SET0, SET0 },
	{ PUSH, POP, NONE, POP, PUSH, PUSH, POP, POP },
};

static const uint8_t reg_actions[8][8] = {
	{ SET0, SET0, NONE, POP, SET0, SET0, SET0, SET0 },
	{ PUSH, BOTH, NONE, MOVEI_POP, NONE, PUSH, NONE, NONE }, /* the last two, and FCHS and FABS: below */
	{ SET0, SET0, SET0, SET0, NONE, POP2, NONE, NONE },
	{ SET0, SET0, SET0, SET0, NONE, NONE, NONE, NONE },     /* FNINIT: below */
	{ SETI, SETI, NONE, POP, SETI, SETI, SETI, SETI },
	{ FREE, BOTH, SETI, SETI_POP, NONE, POP, NONE, NONE },
	{ SETI_POP, SETI_POP, POP, POP2, SETI_POP, SETI_POP, SETI_POP, SETI_POP },
	{ FREE_POP, BOTH, SETI_POP, SETI_POP, NONE, POP, POP, NONE },
};

/* D9 E0-E7 and D9 F0-FF */
static const uint8_t unary_actions[8] = { SET0, SET0, NONE, NONE, NONE, NONE, NONE, NONE };
static const uint8_t stack_actions[16] = {
	SET0, SET1_POP, SET0_PUSH, SET1_POP, SET0_PUSH, SET0, DEC, INC, SET0, SET1_POP, SET0, SET0_PUSH, SET0, SET0, SET0, SET0,
};

static enum action action_of(const struct insn *i)
{
	unsigned esc = i->opcode - 0xd8u, reg = i->modrm >> 3 & 7, rm = i->modrm & 7;

	if (i->modrm < 0xc0)
		return mem_actions[esc][reg];
	if (esc == 1 && reg == 4)
		return unary_actions[rm];
	if (esc == 1 && reg >= 6)
		return stack_actions[i->modrm & 15];
	if (esc == 3 && i->modrm == 0xe3)
		return INIT;
	return reg_actions[esc][reg];
}

static void set_valid(struct x87_known *k, unsigned st)
{
	k->empty &= (uint8_t)~(1u << ((k->top + st) & 7));
}

static void set_empty(struct x87_known *k, unsigned st)
{
	k->empty |= (uint8_t)(1u << ((k->top + st) & 7));
}

static void pop(struct x87_known *k)
{
	set_empty(k, 0);
	k->top = (k->top + 1) & 7;
}

static void push(struct x87_known *k)
{
	k->top = (k->top + 7) & 7;
	set_valid(k, 0);
}

/* A guess: code changes RC in order to chop, and then back. */
static void other_rounding(struct x87_known *k)
{
	k->ctl = (k->ctl & X87_CTL_RC) ? k->ctl & (uint8_t)~X87_CTL_RC : k->ctl | X87_CTL_RC;
}

/* FLDL2T to FLDLN2, F2XM1, FYL2X, FPATAN, FYL2XP1, FSINCOS, FSIN, FCOS (D9 E0-FF by the low 5 bits of ModRM) and FLD of 80 bits: seldom a double. */
static bool result_is_wide(const struct insn *i)
{
	static const uint32_t wide = 0xca0b3e00;
	unsigned esc = i->opcode - 0xd8u;

	if (i->modrm < 0xc0)
		return esc == 3 && (i->modrm >> 3 & 7) == 5;
	return esc == 1 && i->modrm >= 0xe0 && wide >> (i->modrm & 31) & 1;
}

/* All that is written becomes a double, which is sure of instructions that are done on doubles. */
static void effect_on_doubles(const struct x87_known *before, struct x87_known *k, const struct insn *i)
{
	unsigned esc = i->opcode - 0xd8u, reg = i->modrm >> 3 & 7, rm = i->modrm & 7;

	if (!(k->ctl & X87_CTL_DOUBLES))
		k->doubles = 0;
	else if (result_is_wide(i))
		k->doubles &= (uint8_t)~(1u << k->top);
	else
		k->doubles |= before->empty & (uint8_t)~k->empty;
	if (k->doubles && esc == 5 && i->modrm >= 0xd0 && (reg == 2 || reg == 3))
		k->doubles |= (uint8_t)(1u << ((before->top + rm) & 7));
}

static void effect_on_stack(struct x87_known *k, const struct insn *i)
{
	unsigned rm = i->modrm & 7;
	bool valid0 = !(k->empty >> k->top & 1);

	switch (action_of(i)) {
	case NONE: break;
	case SET0_PUSH: set_valid(k, 0); push(k); break;
	case PUSH: push(k); break;
	case POP2: pop(k); pop(k); break;
	case POP: pop(k); break;
	case SET0: set_valid(k, 0); break;
	case SETI: set_valid(k, rm); break;
	case SET1_POP: set_valid(k, 1); pop(k); break;
	case MOVEI_POP:
		if (valid0)
			set_valid(k, rm);
		pop(k);
		break;
	case SETI_POP: set_valid(k, rm); pop(k); break;
	case BOTH: set_valid(k, 0); set_valid(k, rm); break;
	case FREE: set_empty(k, rm); break;
	case FREE_POP: set_empty(k, rm); pop(k); break;
	case DEC: k->top = (k->top + 7) & 7; break;
	case INC: k->top = (k->top + 1) & 7; break;
	case INIT: *k = (struct x87_known){ .empty = 0xff, .ctl = X87_CTL_PC64 | X87_CTL_PM }; break;
	case CONTROL: other_rounding(k); break;
	}
}

void x87_effect(struct x87_known *k, const struct insn *i)
{
	struct x87_known before = *k;

	effect_on_stack(k, i);
	effect_on_doubles(&before, k, i);
}

/* Escape and ModRM.reg of instructions that leave pointers alone, and of those that do not wait. */
struct encoding_set {
	uint8_t mem[8], reg[8]; /* bit n: ModRM.reg = n */
};
static const struct encoding_set control_set = { .mem = { [1] = 0xf0, [5] = 0xd0 }, .reg = { [3] = 0x10 } };
static const struct encoding_set no_wait_set = { .mem = { [1] = 0xc0, [5] = 0xc0 }, .reg = { [3] = 0x10 } };

static bool in_set(const struct encoding_set *set, unsigned esc, unsigned modrm)
{
	return (modrm < 0xc0 ? set->mem[esc] : set->reg[esc]) >> (modrm >> 3 & 7) & 1;
}

bool x87_is_control(unsigned esc, unsigned modrm)
{
	return in_set(&control_set, esc, modrm);
}

bool x87_no_wait(unsigned esc, unsigned modrm)
{
	return in_set(&no_wait_set, esc, modrm);
}
