/*
 * Copies that are never made: of MOV EAX, EBX and ADD EAX, ECX the first emits nothing, and the second takes EBX for its first operand. Nobody may look
 * before EAX has got its value: what lies between, if anything, cannot fault, leaves both alone, and the second instruction writes all of the register. Some
 * instructions are put into another order for that. SETB AL and MOVZX EAX, AL are one, too.
 */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

#define AHEAD 4 /* instructions behind a copy that are looked at */

enum use {
	PLAIN = 1, /* of registers and constants: it changes nothing but its first operand and flags, and cannot fault */
	TAKES = 2, /* ... and its generator asks gen_copied() for the register of its first operand, where that is a whole one */
	READS = 4, /* ... and changes not even that operand */
};

static const uint8_t uses[OP_COUNT] = {
	[OP_ADD] = PLAIN | TAKES, [OP_SUB] = PLAIN | TAKES, [OP_AND] = PLAIN | TAKES, [OP_OR] = PLAIN | TAKES, [OP_XOR] = PLAIN | TAKES,
	[OP_INC] = PLAIN | TAKES, [OP_DEC] = PLAIN | TAKES, [OP_NEG] = PLAIN | TAKES, [OP_NOT] = PLAIN | TAKES, [OP_SHL] = PLAIN | TAKES,
	[OP_SHR] = PLAIN | TAKES, [OP_SAR] = PLAIN | TAKES, [OP_ROL] = PLAIN | TAKES, [OP_ROR] = PLAIN | TAKES, [OP_IMUL] = PLAIN | TAKES,
	[OP_MOV] = PLAIN, [OP_MOVZX] = PLAIN, [OP_MOVSX] = PLAIN, [OP_MOVSXD] = PLAIN, [OP_LEA] = PLAIN, [OP_CMP] = PLAIN | READS, [OP_TEST] = PLAIN | READS,
};

static bool is_register(const struct operand *o, int reg)
{
	return o->kind == OPD_GPR && o->reg == reg;
}

/* Whether the operand is made of the register, or of part of it. */
static bool names(const struct insn *i, const struct operand *o, int reg)
{
	switch (o->kind) {
	case OPD_GPR:
		return (insn_is_high_byte(i, o) ? o->reg - 4 : o->reg) == reg;
	case OPD_MEM:
		return i->base == reg || i->index == reg;
	default:
		return false;
	}
}

bool gen_copy_touches(const struct insn *i, int reg)
{
	for (unsigned k = 0; k < i->nopd; k++)
		if (names(i, &i->opd[k], reg))
			return true;
	return false;
}

/* Shifts whose flags matter by CL, those by 0 or beyond the operand and some rotates are done in C; products of two registers need three operands or two. */
static bool is_inline(const struct rinsn *r)
{
	const struct insn *i = &r->i;
	unsigned size = i->opd[0].size, count = i->imm & (size == 8 ? 63 : 31);

	switch (i->op) {
	case OP_SHL:
	case OP_SHR:
	case OP_SAR:
		return i->opd[1].kind == OPD_IMM ? count && count <= 8 * size : !r->flags_live;
	case OP_ROL:
	case OP_ROR:
		return size >= 4 && !r->flags_live;
	case OP_IMUL:
		return i->nopd > 1;
	default:
		return true;
	}
}

bool gen_copy_writes(const struct insn *i, int reg)
{
	return i->opd[0].kind == OPD_GPR && !(uses[i->op] & READS) && names(i, &i->opd[0], reg);
}

bool gen_copy_is_plain(const struct rinsn *r)
{
	const struct insn *i = &r->i;

	if (!(uses[i->op] & PLAIN) || i->lock || i->opd[0].kind != OPD_GPR)
		return false;
	for (unsigned k = 1; k < i->nopd; k++)
		if (i->opd[k].kind != OPD_GPR && i->opd[k].kind != OPD_IMM && i->op != OP_LEA)
			return false;
	return is_inline(r);
}

bool gen_copy_changes(const struct rinsn *r, int reg, int size)
{
	const struct insn *i = &r->i;

	if (!(uses[i->op] & TAKES) || i->nopd > 2 || !is_register(&i->opd[0], reg) || i->opd[0].size != size)
		return false;
	return i->nopd < 2 || !names(i, &i->opd[1], reg);
}

bool gen_copy_overwrites(const struct rinsn *r, int reg)
{
	const struct insn *i = &r->i;

	return !(uses[i->op] & (TAKES | READS)) && is_register(&i->opd[0], reg) && i->opd[0].size >= 4 && !names(i, &i->opd[1], reg);
}

/* Whether nobody looks at the register behind r before it has another value. */
static bool is_lost(const struct rinsn *r, int reg)
{
	for (unsigned k = 0; k < AHEAD && gen_copy_goes_on(r); k++) {
		r++;
		if (!gen_copy_is_plain(r))
			return false;
		if (gen_copy_overwrites(r, reg))
			return true;
		if (gen_copy_touches(&r->i, reg))
			return false;
	}
	return false;
}

/* Whether the instruction is a MOV between registers, one that need not be made, if the code behind it allows. */
static bool is_copy(const struct rinsn *r)
{
	const struct operand *to = &r->i.opd[0], *from = &r->i.opd[1];

	return !r->unmade && r->i.op == OP_MOV && to->size >= 4 && to->reg != from->reg && to->reg != RSP && from->reg != RSP;
}

/* The first candidate (p->copies) from instruction k on, or p->n. */
static unsigned next_copy(const struct plan *p, unsigned k)
{
	while (k < p->n) {
		uint64_t left = p->copies[k / 64] >> k % 64;
		if (left)
			return k + (unsigned)__builtin_ctzll(left);
		k = (k | 63) + 1;
	}
	return p->n;
}

/* Instructions k and k + 1 change places. */
static void swap_copies(struct plan *p, unsigned k)
{
	const bool first = next_copy(p, k) == k, second = next_copy(p, k + 1) == k + 1;

	for (unsigned n = k; first != second && n <= k + 1; n++)
		p->copies[n / 64] ^= 1ull << n % 64;
}

/* Puts an instruction in another place: where it is, what comes behind it and the flags that are alive there belong to the place. */
static void place(struct rinsn *r, const struct rinsn *from)
{
	uint8_t len = r->i.len;

	r->i = from->i;
	r->i.len = len;
	r->first = from->first;
	r->unmade = from->unmade;
}

/* Two instructions take each other's place, of which the first neither faults nor is left. `between`: the flags that are alive between them then. */
static void swap(struct plan *p, struct rinsn *r, uint16_t between)
{
	struct rinsn was = *r;

	swap_copies(p, (unsigned)(r - p->insn));
	place(r, r + 1);
	place(r + 1, &was);
	r->flags_live = r[1].flags_in = between;
}

/* Whether r, which may be the entry, compares other registers, and can as well do that behind the next instruction, a copy. */
static bool compares_others(const struct plan *p, const struct rinsn *r, int to, int from)
{
	return r > p->insn && !r->leader && !r->stops && gen_copy_goes_on(r) && uses[r->i.op] & READS && gen_copy_is_plain(r) && !gen_copy_touches(&r->i, to) && !gen_copy_touches(&r->i, from);
}

/*
 * ADD EAX, ECX; MOV EDX, EAX, behind which EAX is overwritten: MOV EDX, EAX; ADD EDX, ECX, whose copy is not made then. A comparison may be between the two. Returns where the copy is now.
 * Upper halves tell about instructions as they were, so not in 64-bit code.
 */
static struct rinsn *put_first(struct plan *p, struct rinsn *copy)
{
	const int to = copy->i.opd[0].reg, from = copy->i.opd[1].reg;
	bool compares = compares_others(p, copy - 1, to, from);
	struct rinsn *r = compares ? copy - 2 : copy - 1;

	if (r->leader || r->stops || r->late & LATE_QUIET || !gen_copy_goes_on(r) || !gen_copy_changes(r, from, copy->i.opd[0].size) || !gen_copy_is_plain(r) || gen_copy_touches(&r->i, to) || !is_lost(copy, from))
		return copy;
	if (compares)
		swap(p, r + 1, r[1].flags_in);
	swap(p, r, r->flags_in);
	r[1].i.opd[0].reg = (uint8_t)to;
	if (r[1].first >= 0)
		r->i.opd[1].reg = (uint8_t)r[1].first;
	r[1].first = -1;
	return r;
}

/* Whether the instruction, a plain one, may change flags: shifts by CL do that, too, though they do not always (flags_written). */
static bool changes_flags(const struct rinsn *r)
{
	return uses[r->i.op] & (TAKES | READS) && r->i.op != OP_NOT;
}

/* MOV EAX, EBX; MOVZX EBX, BX; SHR EAX, 16: the latter two change places, if that changes nothing else. */
static bool can_go_before(const struct rinsn *r, const struct rinsn *user, int from)
{
	if (r->i.flags_read || user->i.flags_read || (changes_flags(r) && user->flags_live))
		return false;
	return !gen_copy_touches(&user->i, from);
}

/* The instruction behind r, a copy, that takes the value from where it is; NULL when there is none, and *late is one for gen_late_copy(), or NULL. */
static struct rinsn *user_of(struct plan *p, struct rinsn *r, bool reorders, struct rinsn **late)
{
	const int to = r->i.opd[0].reg, from = r->i.opd[1].reg, size = r->i.opd[0].size;

	*late = NULL;
	for (unsigned k = 0; k < AHEAD && gen_copy_goes_on(r); k++) {
		r++;
		if (!gen_copy_is_plain(r)) {
			*late = r;
			return NULL;
		}
		if (gen_copy_changes(r, to, size))
			return r;
		if (gen_copy_touches(&r->i, to))
			return NULL;
		if (uses[r->i.op] & READS || !names(&r->i, &r->i.opd[0], from))
			continue;
		*late = r;
		if (!reorders || !gen_copy_goes_on(r) || !gen_copy_is_plain(r + 1) || !gen_copy_changes(r + 1, to, size) || !can_go_before(r, r + 1, from))
			return NULL;
		swap(p, r, r[1].flags_live);
		return r;
	}
	return NULL;
}

/* For instruction k, a MOV between registers. */
static void leave_copy(struct tr *t, unsigned k)
{
	struct plan *p = t->plan;
	const bool reorders = !(t->mode & MODE_LONG);
	struct rinsn *copy = &p->insn[k], *user, *late;

	if (!is_copy(copy))
		return;
	if (reorders && k > 0)
		copy = put_first(p, copy);
	user = user_of(p, copy, reorders, &late);
	if (!user) {
		if (late)
			gen_late_copy(t, copy, late);
		return;
	}
	copy->unmade = true;
	user->first = (int8_t)copy->i.opd[1].reg;
}

void gen_copies(struct tr *t)
{
	struct plan *p = t->plan;

	for (unsigned k = next_copy(p, 0); k < p->n; k = next_copy(p, k + 1)) {
		if (p->insn[k].i.op == OP_SETCC)
			gen_late_set(t, k);
		else if (p->insn[k].i.op == OP_CMOVCC)
			gen_late_select(t, k);
		else
			leave_copy(t, k);
	}
}

bool gen_copy_extends(struct tr *t, int reg)
{
	const struct rinsn *r = &t->plan->insn[t->index], *next = &r[1];
	const struct operand *to, *from;

	if (t->single || !r->falls || next->leader || next->i.op != OP_MOVZX || (reg >= 4 && !next->i.rex))
		return false;
	to = &next->i.opd[0];
	from = &next->i.opd[1];
	if (to->reg != reg || to->size < 4 || from->kind != OPD_GPR || from->reg != reg || from->size != 1)
		return false;
	t->extended = t->index + 1;
	return true;
}
