#include "translator/upper.h"

#include <string.h>

#include "translator/cpu.h"
#include "translator/region.h"

#define BIT(reg) ((uint16_t)(1u << (reg)))

/* What an operation does with its operands. */
enum {
	KNOWN = 1,
	/* three bits an operand, the first one's from bit FIRST on */
	FIRST = 1, SECOND = 4, USE = 7,
	READ = 1, WRITTEN = 2, AS_SIGNED = 4,
	R0 = READ << FIRST, R1 = READ << SECOND,       /* reads that operand */
	W0 = WRITTEN << FIRST, W1 = WRITTEN << SECOND, /* writes it */
	SIGNED = AS_SIGNED << FIRST | AS_SIGNED << SECOND, /* looks at low halves as signed numbers */
	IMPLIED = 0x80,              /* uses registers that this does not tell, see implied() */
	READS = KNOWN | R0 | R1,
	CHANGES = READS | W0,
	SETS = KNOWN | R1 | W0,
	EXCHANGES = READS | W0 | W1,
	PLAIN = KNOWN,               /* no operand registers but those of addresses */
};

static const uint8_t roles[OP_COUNT] = {
	[OP_ADD] = CHANGES | SIGNED, [OP_ADC] = CHANGES | SIGNED, [OP_SBB] = CHANGES | SIGNED, [OP_SUB] = CHANGES | SIGNED,
	[OP_OR] = CHANGES, [OP_AND] = CHANGES, [OP_XOR] = CHANGES,
	[OP_INC] = CHANGES, [OP_DEC] = CHANGES, [OP_NEG] = CHANGES | SIGNED, [OP_NOT] = CHANGES, [OP_BSWAP] = CHANGES,
	[OP_ROL] = CHANGES, [OP_ROR] = CHANGES, [OP_RCL] = CHANGES, [OP_RCR] = CHANGES, [OP_SHL] = CHANGES, [OP_SHR] = CHANGES, [OP_SAR] = CHANGES,
	[OP_SHLD] = CHANGES, [OP_SHRD] = CHANGES, [OP_BTS] = CHANGES, [OP_BTR] = CHANGES, [OP_BTC] = CHANGES, [OP_CMOVCC] = CHANGES,
	[OP_CMP] = READS | SIGNED, [OP_TEST] = READS | SIGNED, [OP_BT] = READS, [OP_PUSH] = READS | IMPLIED,
	[OP_MUL] = READS | IMPLIED, [OP_DIV] = READS | IMPLIED, [OP_IDIV] = READS | SIGNED | IMPLIED,
	[OP_MOV] = SETS, [OP_MOVZX] = SETS, [OP_MOVSX] = SETS, [OP_MOVSXD] = SETS | SIGNED, [OP_LEA] = SETS, [OP_SETCC] = SETS, [OP_POP] = SETS | IMPLIED,
	[OP_IMUL] = KNOWN | R1 | IMPLIED, [OP_XADD] = EXCHANGES, [OP_XCHG] = EXCHANGES,
	[OP_BSF] = KNOWN | R1 | IMPLIED, [OP_BSR] = KNOWN | R1 | IMPLIED,
	[OP_JCC] = PLAIN, [OP_JMP] = READS, [OP_CALL] = READS | IMPLIED, [OP_RET] = PLAIN | IMPLIED, [OP_NOP] = PLAIN, [OP_PAUSE] = PLAIN,
	[OP_LEAVE] = PLAIN | IMPLIED, [OP_CBW] = PLAIN | IMPLIED, [OP_CWD] = PLAIN | IMPLIED,
	[OP_CLC] = PLAIN, [OP_STC] = PLAIN, [OP_CMC] = PLAIN, [OP_CLD] = PLAIN, [OP_STD] = PLAIN,
};

static void write_register(struct upper *u, int reg, int size)
{
	if (size == 8)
		u->writes |= BIT(reg);
	else if (size == 4)
		u->clears |= BIT(reg);
}

static void both(struct upper *u, int reg)
{
	u->reads |= BIT(reg);
	u->writes |= BIT(reg);
}

/* Registers that the operation uses without an operand; and the first operand of IMUL, whose use depends on their number, and of BSF and BSR, which may stay. */
static void implied(struct upper *u, const struct insn *i)
{
	switch (i->op) {
	case OP_BSF:
	case OP_BSR:
		both(u, i->opd[0].reg);
		break;
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
			if (i->nopd == 2 && i->opd[0].size == 8)
				u->reads |= BIT(i->opd[0].reg);
			write_register(u, i->opd[0].reg, i->opd[0].size);
			break;
		}
		if (i->opd[0].kind == OPD_GPR && i->opd[0].size == 8)
			u->reads |= BIT(i->opd[0].reg);
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

/* Registers that the operand in memory is addressed by, where all of them counts. */
static unsigned address(const struct insn *i)
{
	unsigned reads = 0;

	/* LEA of a 32-bit register looks at low halves only */
	if (i->addrsize != 8 || (i->op == OP_LEA && i->opd[0].size == 4))
		return 0;
	if (i->base != REG_NONE)
		reads |= BIT(i->base);
	if (i->index != REG_NONE)
		reads |= BIT(i->index);
	return reads;
}

/* Register 0 in each set of struct upper, as they lie in memory. */
enum { READS_0 = 0, CLEARS_0 = 16, WRITES_0 = 32, EXTENDS_0 = 48 };
_Static_assert(offsetof(struct upper, clears) == CLEARS_0 / 8 && offsetof(struct upper, writes) == WRITES_0 / 8 && offsetof(struct upper, extends) == EXTENDS_0 / 8,
	       "all sets are written at once");
#define SET_BIT(set) (1ull << (set))
/* What is done with register 0 that is an operand, by its size and its three bits of the role. */
static const uint64_t uses[8 + 1][USE + 1] = {
	[4] = {
		[WRITTEN] = SET_BIT(CLEARS_0), [READ | WRITTEN] = SET_BIT(CLEARS_0), [READ | AS_SIGNED] = SET_BIT(EXTENDS_0),
		[WRITTEN | AS_SIGNED] = SET_BIT(CLEARS_0), [READ | WRITTEN | AS_SIGNED] = SET_BIT(EXTENDS_0) | SET_BIT(CLEARS_0),
	},
	[8] = {
		[READ] = SET_BIT(READS_0), [WRITTEN] = SET_BIT(WRITES_0), [READ | WRITTEN] = SET_BIT(READS_0) | SET_BIT(WRITES_0),
		[READ | AS_SIGNED] = SET_BIT(READS_0), [WRITTEN | AS_SIGNED] = SET_BIT(WRITES_0),
		[READ | WRITTEN | AS_SIGNED] = SET_BIT(READS_0) | SET_BIT(WRITES_0),
	},
};

/* What is done with an operand, all sets at once. A third operand is never a register of more than 2 bytes. */
static inline uint64_t operand(const struct insn *i, const struct operand *o, unsigned use, bool *known)
{
	if (__builtin_expect(o->kind == OPD_GPR, true))
		return uses[o->size][use] << o->reg;
	if (o->kind == OPD_MEM)
		return (uint64_t)address(i) << READS_0;
	*known &= o->kind == OPD_IMM || o->kind == OPD_REL;
	return 0;
}

static void upper_of(struct upper *result, const struct insn *i)
{
	unsigned role = roles[i->op];
	bool known = role & KNOWN;
	uint64_t sets = 0;

	if (i->nopd)
		sets = operand(i, &i->opd[0], role >> FIRST & USE, &known);
	if (i->nopd > 1)
		sets |= operand(i, &i->opd[1], role >> SECOND & USE, &known);
	memcpy(result, &sets, sizeof sets);
	result->known = known;
	if (role & IMPLIED)
		implied(result, i);
}

/* Control may come to r, a leader, with these upper halves 0. Returns whether that is less than was known. */
static bool reach(struct rinsn *r, uint16_t zero)
{
	bool less = r->zero_in & ~zero;

	r->zero_in &= zero;
	return less;
}

/* Behind r, and where it branches to: what is 0 when `zero` is behind the instruction before. */
static uint16_t step(struct plan *p, struct rinsn *r, uint16_t zero, bool *changed)
{
	const struct upper *u = &r->upper;

	if (r->leader)
		zero = r->zero_in;
	r->zero_in = zero;
	zero = u->known ? (zero | u->clears) & ~u->writes : 0;
	if (r->falls && r[1].leader)
		*changed |= reach(r + 1, zero);
	if (r->target >= 0)
		*changed |= reach(&p->insn[r->target], zero);
	return zero;
}

/*
 * One round from the last instruction to the first of which upper halves are looked at later in the region, or, of those in `back`, are to be right where it goes back to the head
 * of a loop; returns whether something changed.
 */
static bool spread_wanted(const struct plan *p, uint16_t wanted[REGION_MAX_INSNS], uint16_t back)
{
	bool changed = false;

	for (unsigned k = p->n; k-- > 0;) {
		const struct rinsn *r = &p->insn[k];
		const struct upper *u = &r->upper;
		unsigned in = (r->falls ? wanted[k + 1] : 0) | (r->target >= 0 ? wanted[r->target] : 0);
		if (r->target >= 0 && r->target <= (int)k)
			in |= back & ~p->insn[r->target].narrow_in;
		/* before an instruction that is not known all is cleared, which may as well be done there */
		in = u->known ? u->reads | (in & ~(unsigned)(u->clears | u->writes)) : 0;
		changed |= in != wanted[k];
		wanted[k] = (uint16_t)in;
	}
	return changed;
}

/* Whether control gets from instruction `head` back to it through what lies behind it only; else it is the head of a loop by the order of the code alone. */
static bool is_loop(const struct plan *p, unsigned head)
{
	bool reached[REGION_MAX_INSNS + 1], changed = true;

	memset(reached + head, false, p->n + 1 - head);
	reached[head] = true;
	while (changed) {
		changed = false;
		for (unsigned k = head; k < p->n; k++) {
			const struct rinsn *r = &p->insn[k];
			if (!reached[k])
				continue;
			if (r->target == (int)head)
				return true;
			reached[k + 1] |= r->falls;
			if (r->target > (int)head && !reached[r->target])
				changed = reached[r->target] = true;
		}
	}
	return false;
}

/* A head that belongs to a loop around it only: what is to be right at that one's head is made 0 on the ways to it, not behind it. */
static void leave_to_outer(struct plan *p, uint16_t wanted[REGION_MAX_INSNS], uint16_t cleared)
{
	uint16_t outer = 0; /* what is to be right at some head before */
	bool found = false;

	for (unsigned k = 0; k < p->n; k++) {
		struct rinsn *r = &p->insn[k];
		if (!r->loop_head)
			continue;
		if (r->narrow_in & outer && !is_loop(p, k)) {
			while (!found && spread_wanted(p, wanted, cleared))
				;
			found = true;
			r->narrow_in &= ~wanted[k];
		}
		outer |= cleared & ~r->narrow_in;
	}
}

/*
 * Branches that come from below are not known yet when the loop's head is translated. What the loop looks at is made 0 before it, or where it goes back,
 * rather than at each turn.
 */
static void enter_loops(struct plan *p, uint16_t cleared)
{
	uint16_t wanted[REGION_MAX_INSNS] = { 0 };

	while (spread_wanted(p, wanted, 0))
		;
	for (unsigned k = 0; k < p->n; k++)
		if (p->insn[k].loop_head)
			p->insn[k].narrow_in = p->insn[k].zero_in & cleared & ~wanted[k];
	leave_to_outer(p, wanted, cleared);
}

void upper_analyse(struct plan *p)
{
	struct rinsn *end = &p->insn[p->n];
	uint16_t cleared = 0, zero = 0;
	bool changed = false;

	p->insn[p->entry].zero_in = 0;
	for (struct rinsn *r = p->insn; r < end; r++) {
		upper_of(&r->upper, &r->i);
		cleared |= r->upper.clears;
		zero = step(p, r, zero, &changed);
	}
	/* without a branch backwards the first round knows all */
	while (changed && p->loops) {
		changed = false;
		zero = 0;
		for (struct rinsn *r = p->insn; r < end; r++)
			zero = step(p, r, zero, &changed);
	}
	if (p->loops)
		enter_loops(p, cleared);
}

#define LOOK_AHEAD 8

/* Whether r goes back to the head of a loop, where the register's upper half is to be right. */
static bool goes_back(const struct plan *p, const struct rinsn *r, int reg)
{
	if (r->target < 0)
		return false;
	const struct rinsn *head = &p->insn[r->target];
	return head <= r && !(head->narrow_in & BIT(reg));
}

bool upper_wanted_at(const struct plan *p, unsigned k, int reg)
{
	const struct rinsn *r = &p->insn[k], *end = r + LOOK_AHEAD;

	for (; r < end; r++) {
		const struct upper *u = &r->upper;
		if (!u->known || u->reads & BIT(reg) || goes_back(p, r, reg))
			return true;
		if ((u->extends | u->clears | u->writes) & BIT(reg))
			return false;
		if (!r->falls)
			return true;
	}
	return true;
}

bool upper_prefers_zero(const struct plan *p, unsigned k, int reg)
{
	return !p->insn[k].falls || upper_wanted_at(p, k + 1, reg);
}
