/*
 * What earlier instructions have found out about addresses: sums that other than 64-bit code keeps in r12-r15, and registers known to be aligned. It
 * holds until a register that it is made of is written, which the host code emitted since tells, or control may come from elsewhere.
 */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/host_word.h"
#include "translator/region.h"

#define SUM_BEYOND 0x1000000 /* is_step() */

/* Whether control comes here only from the place of the note, by code that writes none of these host registers (0: none) and calls nothing. */
static bool holds(const struct tr *t, const struct note *n, int a, int b, int c)
{
	if (!n->at || n->index > t->index)
		return false;
	for (int k = n->index; k < t->index; k++) /* x87 instructions call C out of line */
		if (t->plan->insn[k + 1].leader || t->plan->insn[k].i.op == OP_X87)
			return false;
	for (const uint32_t *p = n->at; p < t->e.p; p++)
		if ((a && host_word_writes(*p, (unsigned)a)) || (b && host_word_writes(*p, (unsigned)b)) || (c && host_word_writes(*p, (unsigned)c)) || host_word_is_call(*p))
			return false;
	return true;
}

/* A note for here, unless the code since `from` may have been passed by: it has a branch, or the instruction has had one before. */
static struct note here(const struct tr *t, const uint32_t *from)
{
	for (const uint32_t *p = t->plan->insn[t->index].body; p < from; p++)
		if (host_word_is_branch(*p))
			return (struct note){ 0 };
	return (struct note){ .at = t->e.p, .index = t->index };
}

bool gen_known_aligned16(const struct tr *t, struct maddr a)
{
	const struct aligned_note *n = &t->aligned[a.reg];

	return a.reg != H_ZERO && ((a.disp - n->disp) & 15) == 0 && holds(t, &n->note, a.reg, 0, 0);
}

void gen_note_aligned16(struct tr *t, struct maddr a, const uint32_t *from)
{
	t->aligned[a.reg] = (struct aligned_note){ .note = here(t, from), .disp = a.disp };
}

void gen_note_zero(struct tr *t, int reg)
{
	t->zero = (struct zero_note){ .note = here(t, t->e.p), .reg = reg };
}

bool gen_known_zero(const struct tr *t, int reg)
{
	return t->zero.reg == reg && holds(t, &t->zero.note, HGPR(reg), 0, 0);
}

/* Whether host register reg holds a zero-extended byte behind the code of an instruction, if `byte` says whether it did before. */
static bool leaves_byte(const uint32_t *from, const uint32_t *to, unsigned reg, bool byte)
{
	bool passed_by = false; /* what comes may have been */

	for (const uint32_t *p = from; p < to; p++) {
		if (host_word_is_call(*p))
			byte = false;
		else if (host_word_is_branch(*p))
			passed_by = true;
		else if (host_word_writes(*p, reg))
			byte = !passed_by && (host_word_makes_byte(*p) || (byte && host_word_clears_bits(*p)));
	}
	return byte;
}

bool gen_holds_byte(const struct tr *t, int reg)
{
	const struct rinsn *now = &t->plan->insn[t->index], *r = now;
	bool byte = false;

	while (r > t->plan->insn && !r->leader)
		r--;
	for (; r < now; r++)
		byte = r->i.op != OP_X87 && leaves_byte(r->body, r[1].body, (unsigned)HGPR(reg), byte);
	return byte;
}

static int host_of(int reg)
{
	return reg == REG_NONE ? H_ZERO : HGPR(reg);
}

/* In 64-bit code sums are in temporaries, as long as these are not written. */
static const uint8_t temporaries[SUMS] = { T0, T2, T3, T4, T5 };

static int register_of(const struct tr *t, int k)
{
	return t->mode & MODE_LONG ? temporaries[k] : H_SUM + k;
}

/*
 * The sums that an instruction of 64-bit code may have its address in, a bit each: in T0, which all leave alone until their last access, and in others that it
 * uses for nothing before that. Of integer instructions dead_flags.c looks for operands in T1-T3.
 */
enum {
	IN_T0 = 1 << 0,
	IN_FREE = IN_T0 | 1 << 3 | 1 << 4,
	IN_SSE = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4,
};

static const uint8_t integer_sums[OP_COUNT] = {
	[OP_MOV] = IN_FREE, [OP_MOVZX] = IN_FREE, [OP_MOVSX] = IN_FREE, [OP_MOVSXD] = IN_FREE, [OP_CMP] = IN_FREE, [OP_TEST] = IN_FREE,
	[OP_ADD] = IN_T0, [OP_SUB] = IN_T0, [OP_AND] = IN_T0, [OP_OR] = IN_T0, [OP_XOR] = IN_T0, [OP_INC] = IN_T0, [OP_DEC] = IN_T0,
};

unsigned gen_reuse_sums(const struct tr *t, const struct insn *i)
{
	if (!(t->mode & MODE_LONG))
		return (1 << LEGACY_SUMS) - 1;
	if (i->addrsize != 8 || i->rip_rel || i->lock)
		return 0;
	if (insn_info[i->op].attr & INSN_SSE)
		return i->opd[0].kind != OPD_MMX && i->opd[1].kind != OPD_MMX ? IN_SSE : 0;
	return integer_sums[i->op] == IN_T0 && i->opd[0].kind == OPD_GPR ? IN_FREE : integer_sums[i->op];
}

/* The sum's note while it holds, else NULL. */
static struct sum_note *known(struct tr *t, const struct insn *i, int k)
{
	struct sum_note *s = &t->sums[k];

	if (s->base != i->base || s->index != i->index || s->scale != i->scale)
		return NULL;
	return holds(t, &s->note, host_of(i->base), host_of(i->index), register_of(t, k)) ? s : NULL;
}

/*
 * Whether rd = rs + distance is one instruction. Outside 64-bit code it may leave the 32 bits that a sum wraps to, but not far: only as far as an
 * alias of the page reaches (docs/memory-map.md).
 */
static bool is_step(const struct tr *t, int64_t distance, int64_t beyond)
{
	int64_t limit = t->mode & MODE_LONG ? 1ll << 31 : SUM_BEYOND;

	return !(distance & 0xffff) && distance >= -limit && distance < limit && beyond >= -limit && beyond < limit;
}

/* The number of one more sum among those allowed, which is none any more until there is a new note. The sum number `kept` stays, where others are allowed; -1: none need. */
static int take(struct tr *t, unsigned allowed, int kept)
{
	int k = t->next_sum;

	if (kept >= 0 && allowed & ~(1u << kept))
		allowed &= ~(1u << kept);
	while (!(allowed >> k & 1))
		k = (k + 1) % SUMS;
	t->next_sum = (k + 1) % SUMS;
	t->sums[k].note.at = NULL;
	return k;
}

/* reg = the sum without a register that has a part of it. Returns by how much it may be beyond 32 bits. */
static int64_t add_up(struct tr *t, const struct insn *i, int64_t high, int reg)
{
	struct emit *e = &t->e;
	int base = host_of(i->base), index = host_of(i->index);
	bool wide = t->mode & MODE_LONG;

	if (index && !base && high) {
		base = gen_constant(t, high, T7);
		high = 0;
	}
	if (index && i->scale)
		(wide ? la_alsl_d : la_alsl_w)(e, reg, index, base, i->scale);
	else if (index)
		(wide ? la_add_d : la_add_w)(e, reg, index, base);
	if (!high)
		return 0;
	if (is_step(t, high, high)) {
		la_addu16i_d(e, reg, index ? reg : base, (int)(high >> 16));
		return high;
	}
	int rest = gen_constant(t, high, T7);
	(wide ? la_add_d : la_add_w)(e, reg, index ? reg : base, rest);
	return 0;
}

struct maddr gen_reuse_sum(struct tr *t, const struct insn *i, unsigned allowed, int64_t high, int low)
{
	struct sum_note *near = NULL, *s;
	const uint32_t *from = t->e.p;
	int64_t beyond;

	for (int k = 0; k < SUMS; k++) {
		s = known(t, i, k);
		if (s && s->high == high && allowed >> k & 1)
			return (struct maddr){ .reg = register_of(t, k), .disp = low };
		if (s && is_step(t, high - s->high, s->beyond + high - s->high))
			near = s;
	}
	int kept = near ? (int)(near - t->sums) : -1, k = take(t, allowed, kept), reg = register_of(t, k);
	struct aligned_note aligned = { 0 };
	if (near) {
		int from_reg = register_of(t, kept);
		if (holds(t, &t->aligned[from_reg].note, from_reg, 0, 0))
			aligned = t->aligned[from_reg];
		la_addu16i_d(&t->e, reg, from_reg, (int)((high - near->high) >> 16));
		beyond = near->beyond + high - near->high;
	} else {
		beyond = add_up(t, i, high, reg);
	}
	struct note note = here(t, from);
	t->sums[k] = (struct sum_note){ .note = note, .base = i->base, .index = i->index, .scale = i->scale, .high = (int32_t)high, .beyond = (int32_t)beyond };
	if (aligned.note.at)
		t->aligned[reg] = (struct aligned_note){ .note = note, .disp = aligned.disp };
	return (struct maddr){ .reg = reg, .disp = low };
}

void gen_reuse_begin(struct tr *t)
{
	for (int k = 0; k < SUMS; k++)
		t->sums[k].note.at = NULL;
	for (int k = 0; k < 32; k++)
		t->aligned[k].note.at = NULL;
	t->zero.note.at = NULL;
	t->next_sum = 0;
}
