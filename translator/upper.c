#include "translator/upper.h"

#include "translator/cpu.h"
#include "translator/region.h"

#define BIT(reg) ((uint16_t)(1u << (reg)))

enum kind {
	OTHER,
	READS,     /* reads its operands */
	CHANGES,   /* reads them and writes the first */
	SETS,      /* writes the first, reads the others */
	EXCHANGES, /* reads and writes the first two */
	SCANS,     /* writes the first, or keeps it */
	PLAIN,     /* knows no operand registers but those of addresses */
};

static const uint8_t kinds[OP_COUNT] = {
	[OP_ADD] = CHANGES, [OP_OR] = CHANGES, [OP_ADC] = CHANGES, [OP_SBB] = CHANGES, [OP_AND] = CHANGES, [OP_SUB] = CHANGES, [OP_XOR] = CHANGES,
	[OP_INC] = CHANGES, [OP_DEC] = CHANGES, [OP_NEG] = CHANGES, [OP_NOT] = CHANGES, [OP_BSWAP] = CHANGES,
	[OP_ROL] = CHANGES, [OP_ROR] = CHANGES, [OP_RCL] = CHANGES, [OP_RCR] = CHANGES, [OP_SHL] = CHANGES, [OP_SHR] = CHANGES, [OP_SAR] = CHANGES,
	[OP_SHLD] = CHANGES, [OP_SHRD] = CHANGES, [OP_BTS] = CHANGES, [OP_BTR] = CHANGES, [OP_BTC] = CHANGES, [OP_CMOVCC] = CHANGES,
	[OP_CMP] = READS, [OP_TEST] = READS, [OP_BT] = READS, [OP_PUSH] = READS, [OP_MUL] = READS, [OP_DIV] = READS, [OP_IDIV] = READS,
	[OP_MOV] = SETS, [OP_MOVZX] = SETS, [OP_MOVSX] = SETS, [OP_MOVSXD] = SETS, [OP_LEA] = SETS, [OP_SETCC] = SETS, [OP_POP] = SETS,
	[OP_IMUL] = SETS, [OP_XADD] = EXCHANGES, [OP_XCHG] = EXCHANGES, [OP_BSF] = SCANS, [OP_BSR] = SCANS,
	[OP_JCC] = PLAIN, [OP_JMP] = READS, [OP_CALL] = READS, [OP_RET] = PLAIN, [OP_NOP] = PLAIN, [OP_PAUSE] = PLAIN, [OP_LEAVE] = PLAIN,
	[OP_CBW] = PLAIN, [OP_CWD] = PLAIN, [OP_CLC] = PLAIN, [OP_STC] = PLAIN, [OP_CMC] = PLAIN, [OP_CLD] = PLAIN, [OP_STD] = PLAIN,
};

/* Where the low half is looked at as a signed number. */
static bool is_signed(const struct insn *i)
{
	switch (i->op) {
	case OP_CMP:
	case OP_TEST:
	case OP_ADD:
	case OP_SUB:
	case OP_NEG:
	case OP_SBB:
	case OP_ADC:
	case OP_IDIV:
	case OP_MOVSXD:
		return true;
	}
	return false;
}

static void read_register(struct upper *u, const struct insn *i, const struct operand *o)
{
	if (o->size == 8)
		u->reads |= BIT(o->reg);
	else if (o->size == 4 && is_signed(i))
		u->extends |= BIT(o->reg);
}

static void write_register(struct upper *u, int reg, int size)
{
	if (size == 8)
		u->writes |= BIT(reg);
	else if (size == 4)
		u->clears |= BIT(reg);
}

/* Operand number k. */
static void operand(struct upper *u, const struct insn *i, int k, int kind)
{
	const struct operand *o = &i->opd[k];
	bool written = k == 0 ? kind == CHANGES || kind == SETS || kind == EXCHANGES : k == 1 && kind == EXCHANGES;

	if (o->kind != OPD_GPR) {
		if (o->kind != OPD_MEM && o->kind != OPD_IMM && o->kind != OPD_REL)
			u->known = false;
		return;
	}
	if (k || kind != SETS)
		read_register(u, i, o);
	if (written)
		write_register(u, o->reg, o->size);
	if (k == 0 && kind == SCANS) {
		u->reads |= BIT(o->reg);
		u->writes |= BIT(o->reg);
	}
}

static void both(struct upper *u, int reg)
{
	u->reads |= BIT(reg);
	u->writes |= BIT(reg);
}

/* Registers that the operation uses without an operand. */
static void implied(struct upper *u, const struct insn *i)
{
	switch (i->op) {
	case OP_PUSH:
	case OP_POP:
	case OP_CALL:
	case OP_RET:
		both(u, RSP);
		break;
	case OP_LEAVE:
		both(u, RBP);
		u->writes |= BIT(RSP);
		break;
	case OP_CBW:
		if (i->opsize == 8)
			u->extends |= BIT(RAX);
		write_register(u, RAX, i->opsize);
		break;
	case OP_CWD:
		if (i->opsize == 8)
			u->reads |= BIT(RAX);
		write_register(u, RDX, i->opsize);
		break;
	case OP_IMUL:
		if (i->nopd > 1) {
			if (i->nopd == 2)
				read_register(u, i, &i->opd[0]);
			break;
		}
		/* fall through */
	case OP_MUL:
	case OP_DIV:
	case OP_IDIV:
		if (i->opd[0].size == 8) {
			both(u, RAX);
			both(u, RDX);
			u->known &= i->op == OP_MUL || i->op == OP_IMUL;
		} else {
			write_register(u, RAX, i->opd[0].size);
			write_register(u, RDX, i->opd[0].size);
		}
		break;
	}
}

static void address(struct upper *u, const struct insn *i)
{
	/* LEA of a 32-bit register looks at low halves only */
	if (i->addrsize != 8 || (i->op == OP_LEA && i->opd[0].size == 4))
		return;
	if (i->base != REG_NONE)
		u->reads |= BIT(i->base);
	if (i->index != REG_NONE)
		u->reads |= BIT(i->index);
}

static struct upper upper_of(const struct insn *i)
{
	int kind = kinds[i->op];
	struct upper u = { .known = kind != OTHER };

	if (i->op == OP_IMUL && i->nopd == 1)
		kind = READS;
	for (int k = 0; k < i->nopd; k++) {
		if (kind != PLAIN)
			operand(&u, i, k, kind);
		if (i->opd[k].kind == OPD_MEM)
			address(&u, i);
	}
	implied(&u, i);
	return u;
}

static uint16_t zero_after(const struct plan *p, unsigned k, uint16_t zero)
{
	const struct upper *u = &p->insn[k].upper;

	return u->known ? (zero | u->clears) & ~u->writes : 0;
}

/* One round over all instructions; returns whether something changed. */
static bool spread(struct plan *p)
{
	uint16_t zero = 0;
	bool changed = false;

	for (unsigned k = 0; k < p->n; k++) {
		struct rinsn *r = &p->insn[k];
		if (r->leader)
			zero = r->zero_in;
		zero = zero_after(p, k, zero);
		struct rinsn *next[2] = { r->falls ? r + 1 : NULL, r->target >= 0 ? &p->insn[r->target] : NULL };
		for (int e = 0; e < 2; e++) {
			if (!next[e] || !next[e]->leader || !(next[e]->zero_in & ~zero))
				continue;
			next[e]->zero_in &= zero;
			changed = true;
		}
	}
	return changed;
}

void upper_analyse(struct plan *p)
{
	uint16_t cleared = 0;

	for (unsigned k = 0; k < p->n; k++) {
		p->insn[k].upper = upper_of(&p->insn[k].i);
		p->insn[k].zero_in = k == p->entry ? 0 : UINT16_MAX;
		cleared |= p->insn[k].upper.clears;
	}
	/* without a branch backwards the first round knows all */
	while (spread(p) && p->loops)
		;
	/* branches that come from below are not known yet when the loop's head is translated */
	for (unsigned k = 0; k < p->n; k++)
		if (p->insn[k].loop_head)
			p->insn[k].narrow_in = p->insn[k].zero_in & cleared;
}

#define LOOK_AHEAD 8

bool upper_prefers_zero(const struct plan *p, unsigned k, int reg)
{
	for (unsigned n = 0; n < LOOK_AHEAD && p->insn[k].falls; n++) {
		const struct upper *u = &p->insn[++k].upper;
		if (!u->known || u->reads & BIT(reg))
			return true;
		if (u->extends & BIT(reg))
			return false;
		if ((u->clears | u->writes) & BIT(reg))
			return false;
	}
	return true;
}
