/*
 * Values that do not change within a loop, in r16-r18, which other than 64-bit code has no use for: constants that an instruction would have to make first, a register plus
 * a displacement for addresses, and what string instructions advance by. Registers get them wherever control comes to the loop from elsewhere, and behind each call within, which clobbers them: so whatever
 * a loop does is right, and those that seem to call nothing are made so, where it pays.
 *
 * A loop here is all that lies between the head and the last branch back, with the loops within; so each instruction is in one loop at most.
 */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

/* Operations that most often call nothing, with operands in general and vector registers and memory, and no REP. */
static const bool calls_nothing[OP_COUNT] = {
	[OP_MOV] = true, [OP_MOVZX] = true, [OP_MOVSX] = true, [OP_LEA] = true, [OP_PUSH] = true, [OP_POP] = true, [OP_CMOVCC] = true,
	[OP_SETCC] = true, [OP_CBW] = true, [OP_CWD] = true, [OP_NOP] = true, [OP_ADD] = true, [OP_OR] = true, [OP_ADC] = true,
	[OP_SBB] = true, [OP_AND] = true, [OP_SUB] = true, [OP_XOR] = true, [OP_CMP] = true, [OP_TEST] = true, [OP_INC] = true,
	[OP_DEC] = true, [OP_NEG] = true, [OP_NOT] = true, [OP_SHL] = true, [OP_SHR] = true, [OP_SAR] = true, [OP_ROL] = true,
	[OP_ROR] = true, [OP_MUL] = true, [OP_IMUL] = true, [OP_BSWAP] = true, [OP_JCC] = true, [OP_JMP] = true, [OP_LOOP] = true,
	[OP_JCXZ] = true, [OP_RET] = true, [OP_MOVS] = true, [OP_STOS] = true, [OP_LODS] = true, [OP_CMPS] = true, [OP_SCAS] = true,
};

static bool suits(const struct insn *i)
{
	/* what goes on by an indirect jump comes back by the region's entry each turn */
	if (i->op == OP_JMP && i->opd[0].kind != OPD_REL)
		return false;
	if (i->lock || i->rep != REP_NONE || !(calls_nothing[i->op] || insn_info[i->op].attr & INSN_SSE))
		return false;
	for (int n = 0; n < i->nopd; n++)
		if (i->opd[n].kind >= OPD_FAR && i->opd[n].kind != OPD_XMM)
			return false;
	return true;
}

/* What an instruction would like to find in a register: one of these values, by their numbers, and the host instructions that each saves. */
#define CHOICES 3
#define WISHES 16
#define VALUES 24

struct wish {
	uint8_t value[CHOICES];
	uint8_t saves[CHOICES];
	uint8_t n;
	uint8_t weight;
	uint8_t granted;
};

struct wishes {
	const struct plan *plan;
	const struct held *loop;
	unsigned n, weight, nvalues;
	uint16_t looked_at, stay; /* guest registers, a bit each: of those that have been looked at, which the loop does not write */
	struct wish list[WISHES + 1]; /* the last is for those that have no room */
	struct held_value value[VALUES];
};

static struct wish *one_more(struct wishes *w)
{
	struct wish *x = &w->list[w->n];

	w->n += w->n < WISHES;
	x->n = x->granted = 0;
	x->weight = (uint8_t)w->weight;
	return x;
}

static bool same(const struct held_value *a, const struct held_value *b)
{
	return a->value == b->value && a->reg == b->reg && a->scale == b->scale;
}

static void may_be(struct wishes *w, struct wish *x, struct held_value v, int saves)
{
	unsigned k = 0;

	while (k < w->nvalues && !same(&w->value[k], &v))
		k++;
	if (k == VALUES || saves <= 0)
		return;
	if (k == w->nvalues)
		w->value[w->nvalues++] = v;
	x->value[x->n] = (uint8_t)k;
	x->saves[x->n++] = (uint8_t)saves;
}

static struct held_value constant(int64_t value)
{
	return (struct held_value){ .value = value, .reg = REG_NONE };
}

static void wish_constant(struct wishes *w, int64_t value)
{
	if (value)
		may_be(w, one_more(w), constant(value), la_li_words(value));
}

static bool loop_leaves(const struct wishes *w, int reg)
{
	int64_t change;

	for (int k = w->loop->first; k <= w->loop->last; k++)
		if (!insn_steps(&w->plan->insn[k].i, reg, 4, &change) || change)
			return false;
	return reg != RSP;
}

/* Whether nothing in the loop writes the register. */
static bool stays(struct wishes *w, int reg)
{
	if (!(w->looked_at >> reg & 1) && loop_leaves(w, reg))
		w->stay |= (uint16_t)(1u << reg);
	w->looked_at |= (uint16_t)(1u << reg);
	return w->stay >> reg & 1;
}

/* An operand at two registers: one of them plus the displacement, as held_sum() takes it, or what gen_high_part() leaves. makes: instructions for that. */
static void wish_sum(struct wishes *w, const struct insn *i, int64_t high, int makes)
{
	bool steps = !(high & 0xffff);
	int now = high ? 1 + (steps ? 1 : 1 + makes) : i->disp || i->scale; /* beside the access */
	int64_t disp = i->disp;
	struct wish *x;

	if (!now)
		return;
	x = one_more(w);
	if (stays(w, i->index))
		may_be(w, x, (struct held_value){ .value = disp, .reg = i->index, .scale = i->scale }, now);
	if (now > !!i->scale && stays(w, i->base))
		may_be(w, x, (struct held_value){ .value = disp, .reg = i->base }, now - !!i->scale);
	if (high && !steps)
		may_be(w, x, constant(high), makes);
}

/* A displacement beside a single register: all of it, as held_sum() takes it, or what gen_high_part() leaves. */
static void wish_displacement(struct wishes *w, const struct insn *i, int64_t high, int makes)
{
	bool computed = i->op == OP_LEA, steps = !computed && !(high & 0xffff);
	struct wish *x = one_more(w);

	may_be(w, x, constant(i->disp), steps ? 1 : makes + (!computed || high != i->disp));
	may_be(w, x, constant(high), steps ? 0 : makes);
}

static void wish_address(const struct tr *t, struct wishes *w, const struct insn *i)
{
	int64_t high = gen_high_part(i->disp);
	bool computed = i->op == OP_LEA, both = i->base != REG_NONE && i->index != REG_NONE, none = i->base == REG_NONE && i->index == REG_NONE;
	int makes = high ? la_li_words(high) : 0;

	if (i->addrsize != 4 || (!computed && !gen_seg_is_flat(t, i->seg)))
		return;
	if (both && !computed)
		wish_sum(w, i, high, makes);
	else if (!both && !none && !i->scale && high)
		wish_displacement(w, i, high, makes);
	else
		wish_constant(w, high);
}

/* The condition that directly follows, which is evaluated of the operands; -1: none. */
static int condition_behind(const struct rinsn *r)
{
	return r->falls && !r[1].leader && r[1].i.attr & INSN_EVALUATES ? r[1].i.cond : -1;
}

static void wish_comparison(struct wishes *w, const struct rinsn *r, int64_t value, int size)
{
	int cond = condition_behind(r);

	if (cond >= 0 && cond >> 1 != 0 && cond >> 1 != 5 && !gen_tests_above(cond, size, value, false))
		wish_constant(w, value);
}

static void wish_operand(struct wishes *w, const struct rinsn *r)
{
	const struct insn *i = &r->i;
	int size = i->opd[0].size, lo, hi;

	switch (i->op) {
	case OP_ADD:
	case OP_SUB:
		if (!la_is_si12(i->op == OP_SUB ? -i->imm : i->imm))
			wish_constant(w, i->imm);
		else if (i->op == OP_SUB && size >= 4 && i->opd[0].kind == OPD_GPR && condition_behind(r) >> 1 == 1)
			wish_constant(w, ~i->imm);
		break;
	case OP_CMP:
		wish_comparison(w, r, i->imm, size);
		break;
	case OP_AND:
		if (gen_bit_run(~(uint64_t)i->imm & UINT64_MAX >> (64 - 8 * size), &lo, &hi))
			break;
		/* fallthrough */
	case OP_OR:
	case OP_XOR:
	case OP_TEST:
		if (i->imm < 0 || i->imm > 0xfff)
			wish_constant(w, i->imm);
		break;
	case OP_MOV:
		if (i->opd[0].kind == OPD_MEM)
			wish_constant(w, gen_immediate(i, size));
		else if (size == 4 && la_li_words((int32_t)i->imm) > 1)
			may_be(w, one_more(w), constant((int32_t)i->imm), 1);
		break;
	case OP_ADC:
	case OP_SBB:
	case OP_IMUL:
	case OP_PUSH:
		wish_constant(w, i->imm);
		break;
	}
}

static bool is_string(int op)
{
	return op == OP_MOVS || op == OP_STOS || op == OP_LODS || op == OP_CMPS || op == OP_SCAS;
}

static void wish_for(const struct tr *t, struct wishes *w, const struct rinsn *r)
{
	const struct insn *i = &r->i;

	if (is_string(i->op)) {
		may_be(w, one_more(w), (struct held_value){ .reg = HELD_STEP }, 1);
		return;
	}
	for (int n = 0; n < i->nopd; n++) {
		if (i->opd[n].kind == OPD_MEM)
			wish_address(t, w, i);
		else if (i->opd[n].kind == OPD_IMM)
			wish_operand(w, r);
	}
}

/* The value that saves most a turn of the loop beside those that have been granted; -1: none does. */
static int most_wanted(const struct wishes *w)
{
	unsigned saves[VALUES] = { 0 };
	int best = -1;

	for (const struct wish *x = w->list; x < w->list + w->n; x++)
		for (int k = 0; k < x->n; k++)
			if (x->saves[k] > x->granted)
				saves[x->value[k]] += (unsigned)x->weight * (x->saves[k] - x->granted);
	for (int k = 0; k < (int)w->nvalues; k++)
		if (saves[k] > (best < 0 ? 0 : saves[best]))
			best = k;
	return best;
}

static void grant(struct wishes *w, int value)
{
	for (struct wish *x = w->list; x < w->list + w->n; x++)
		for (int k = 0; k < x->n; k++)
			if (x->value[k] == value && x->saves[k] > x->granted)
				x->granted = x->saves[k];
}

static void choose(struct held *h, struct wishes *w)
{
	int value;

	for (h->n = 0; h->n < HELD && (value = most_wanted(w)) >= 0; h->n++) {
		h->value[h->n] = w->value[value];
		grant(w, value);
	}
}

/* By how many loops more the instruction is in than the one before. */
static unsigned heads_at(const struct plan *p, int k)
{
	unsigned loops = 0;

	for (int n = k; p->insn[k].loop_head && n < (int)p->n; n++)
		loops += p->insn[n].target == k;
	return loops;
}

static bool find_values(const struct tr *t, struct held *h)
{
	unsigned depth = 0;
	struct wishes w;

	if (h->first > 0 && insn_makes_shadow(&t->plan->insn[h->first - 1].i)) /* begin_polled() */
		return false;
	for (int k = h->first; k <= h->last; k++)
		if (!suits(&t->plan->insn[k].i))
			return false;
	w.plan = t->plan;
	w.loop = h;
	w.n = w.nvalues = w.looked_at = w.stay = 0;
	for (int k = h->first; k <= h->last; k++) {
		const struct rinsn *r = &t->plan->insn[k];
		depth += heads_at(t->plan, k);
		w.weight = depth < 4 ? 1u << 2 * depth : 64;
		wish_for(t, &w, r);
		depth -= r->target >= 0 && r->target <= k;
	}
	choose(h, &w);
	return h->n > 0;
}

void gen_constants(struct tr *t)
{
	const struct plan *p = t->plan;

	t->nloops = 0;
	t->held = NULL;
	if (!p->loops || t->single || t->x87_flow || t->mode & MODE_LMA || t->region->flags & REGION_SELFCHECK)
		return;
	for (int k = 0, last; k < (int)p->n && t->nloops < HELD_LOOPS; k = last + 1) {
		last = k;
		if (!p->insn[k].loop_head)
			continue;
		struct held h = { .first = (int16_t)k, .last = -1 };
		for (int n = k; n < (int)p->n; n++) /* loops that overlap are one */
			if (p->insn[n].target >= k && p->insn[n].target <= (h.last < 0 ? k : h.last) && p->insn[n].target <= n)
				h.last = (int16_t)n;
		if (h.last < 0) /* where a loop goes on (plan_turns()) */
			continue;
		last = h.last;
		if (find_values(t, &h))
			t->loops[t->nloops++] = h;
	}
}

static void load(struct tr *t, int rd, const struct held_value *v)
{
	struct emit *e = &t->e;

	if (v->reg == HELD_STEP) {
		la_ld_w(e, rd, H_CPU, offsetof(struct cpu, step));
		return;
	}
	bool adds = v->reg != REG_NONE;
	int rest = adds && !v->value ? H_ZERO : rd;
	if (rest)
		gen_li(t, rd, v->value);
	if (adds && v->scale)
		la_alsl_w(e, rd, HGPR(v->reg), rest, v->scale);
	else if (adds)
		la_add_w(e, rd, HGPR(v->reg), rest);
}

void gen_held_load(struct tr *t, const struct held *h)
{
	for (unsigned k = 0; h && k < h->n; k++)
		load(t, H_HELD + (int)k, &h->value[k]);
}

struct held *gen_held_at(struct tr *t, int index)
{
	for (unsigned k = 0; k < t->nloops; k++)
		if (index >= t->loops[k].first && index <= t->loops[k].last)
			return &t->loops[k];
	return NULL;
}

int gen_held_value(const struct tr *t, struct held_value v)
{
	const struct held *h = t->held;

	for (unsigned k = 0; k < h->n; k++)
		if (same(&h->value[k], &v))
			return H_HELD + (int)k;
	return H_ZERO;
}

int gen_step(struct tr *t, int tmp)
{
	int reg = t->held ? gen_held_value(t, (struct held_value){ .reg = HELD_STEP }) : H_ZERO;

	if (reg)
		return reg;
	la_ld_w(&t->e, tmp, H_CPU, offsetof(struct cpu, step));
	return tmp;
}

const uint32_t *gen_way_in(struct tr *t, unsigned n)
{
	struct fixup *f = &t->fixups[n];
	const struct held *h = gen_held_at(t, f->insn);

	if (f->insn == h->first && h->before)
		return h->before;
	for (unsigned k = 0; k < n; k++)
		if (t->fixups[k].way_in && t->fixups[k].insn == f->insn)
			return t->e.start + t->fixups[k].way_in;
	f->way_in = (uint32_t)(t->e.p - t->e.start);
	gen_held_load(t, h);
	uint32_t *site = t->e.p;
	la_b(&t->e, 0);
	emit_fix_branch(site, t->plan->insn[f->insn].host);
	return t->e.start + f->way_in;
}
