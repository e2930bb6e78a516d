/*
 * Keeps 64-bit program code of ring 3 out of the direct-mapped windows (docs/memory-map.md): a register is compared with the bound in H_STOP
 * before it is used as the base of an address, once for each value that it gets. What is known of the guest's registers follows from the
 * host instructions emitted since: their destination always is bits 0-4.
 */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/host_word.h"
#include "translator/region.h"

/* t->checked: a bit for each register that is above the bound, and above them one for each that is within 2^32 of 0, which those are too. */
#define ABOVE(reg) (1ull << (reg))
#define SMALL_TOO(reg) (1ull << (reg) | 1ull << ((reg) + 32))
#define GUEST_REGISTERS (0x7f8ff000ull << 32 | 0x7f8ff000ull) /* r12-r19, r23-r30 */
#define RD(word) ((word) & 31)
#define RJ(word) ((word) >> 5 & 31)
#define RK(word) ((word) >> 10 & 31)

/* Host instructions by the value that they leave. */
enum effect {
	UNKNOWN, /* anything */
	SMALL,   /* from -2^31 to 2^32 */
	ALTERED, /* what was in rd, but for its low 32 bits */
	MOVED,   /* rj plus a small number */
	ADD,     /* rj + rk */
	SUB,     /* rj - rk */
	INDEX,   /* rk plus rj shifted by no more than 4 bits */
	OR,      /* rj when rk is register 0 */
	NOTHING, /* no general register changes */
	BRANCH,  /* likewise, but code out of line may come back with other temporaries */
	CALL,    /* all may change */
};

struct row {
	uint32_t mask, value;
	uint8_t effect;
};

#define TOP10(value, effect) { 0xffc00000, value, effect }
#define TOP11(value, effect) { 0xffe00000, value, effect }
#define TOP17(value, effect) { 0xffff8000, value, effect }

/* By bits 26-31, where these are enough; UNKNOWN: rows tell. */
static const uint8_t tops[64] = {
	[0x04] = MOVED,                                                            /* addu16i.d */
	[0x13] = CALL, [0x15] = CALL,                                              /* jirl, bl */
	[0x10] = BRANCH, [0x11] = BRANCH, [0x12] = BRANCH, [0x14] = BRANCH, [0x16] = BRANCH, [0x17] = BRANCH, /* other branches */
	[0x18] = BRANCH, [0x19] = BRANCH, [0x1a] = BRANCH, [0x1b] = BRANCH,
};

static const struct row accesses[] = {
	{ 0xff000000, 0x29000000, NOTHING },                                       /* st.b, st.h, st.w, st.d */
	TOP10(0x28800000, SMALL), TOP10(0x28000000, SMALL), TOP10(0x28400000, SMALL), /* ld.w, ld.b, ld.h */
	TOP10(0x2a000000, SMALL), TOP10(0x2a400000, SMALL), TOP10(0x2a800000, SMALL), /* ld.bu, ld.hu, ld.wu */
	{ 0xfff00000, 0x38100000, NOTHING },                                       /* stx.b, stx.h, stx.w, stx.d */
	TOP17(0x38080000, SMALL), TOP17(0x38000000, SMALL), TOP17(0x38040000, SMALL), /* ldx.w, ldx.b, ldx.h */
	TOP17(0x38200000, SMALL), TOP17(0x38240000, SMALL), TOP17(0x38280000, SMALL), /* ldx.bu, ldx.hu, ldx.wu */
};

static const struct row rows[] = {
	TOP10(0x02c00000, MOVED),                                                  /* addi.d */
	TOP17(0x00150000, OR),
	TOP10(0x02800000, SMALL), TOP10(0x03400000, SMALL),                        /* addi.w, andi */
	TOP17(0x00108000, ADD), TOP17(0x00118000, SUB), { 0xfffe0000, 0x002c0000, INDEX }, /* add.d, sub.d, alsl.d */
	TOP11(0x00800000, ALTERED), TOP11(0x00c00000, SMALL),                      /* bstrins.d, bstrpick.d that end below bit 32 */
	{ 0xfe000000, 0x14000000, SMALL },                                         /* lu12i.w */
	TOP17(0x00100000, SMALL), TOP17(0x00110000, SMALL),                        /* add.w, sub.w */
	TOP17(0x00408000, SMALL), TOP17(0x00448000, SMALL), TOP17(0x00488000, SMALL), /* slli.w, srli.w, srai.w */
	TOP17(0x001c0000, SMALL),                                                  /* mul.w */
	{ 0xffff0000, 0x00010000, NOTHING },                                       /* asrtle.d, asrtgt.d */
};

static inline enum effect find(const struct row *row, size_t n, uint32_t word)
{
	for (const struct row *end = row + n; row < end; row++)
		if ((word & row->mask) == row->value)
			return row->effect;
	return UNKNOWN;
}

static enum effect effect_of(uint32_t word)
{
	uint32_t top = word >> 26;

	if (tops[top] != UNKNOWN)
		return tops[top];
	/* 0x0a: a register and a constant is the address, 0x0e: two registers */
	return (top & ~4u) == 0x0a ? find(accesses, sizeof accesses / sizeof accesses[0], word) : find(rows, sizeof rows / sizeof rows[0], word);
}

static bool is_above(uint64_t checked, int reg)
{
	return reg == H_ZERO || checked >> reg & 1;
}

static bool is_small(uint64_t checked, int reg)
{
	return reg == H_ZERO || checked >> (reg + 32) & 1;
}

/* The bits of t->checked for the register that `word` writes. */
static uint64_t result(uint64_t checked, uint32_t word, enum effect effect)
{
	int rd = RD(word), rj = RJ(word), rk = RK(word);

	switch (effect) {
	case SMALL:
		return SMALL_TOO(rd);
	case MOVED:
		return is_above(checked, rj) ? ABOVE(rd) : 0;
	case ADD:
		return (is_above(checked, rj) && is_small(checked, rk)) || (is_small(checked, rj) && is_above(checked, rk)) ? ABOVE(rd) : 0;
	case SUB:
		return is_above(checked, rj) && is_small(checked, rk) ? ABOVE(rd) : 0;
	case INDEX:
		return is_small(checked, rj) && is_above(checked, rk) ? ABOVE(rd) : 0;
	case OR:
		return rk == H_ZERO && is_above(checked, rj) ? is_small(checked, rj) ? SMALL_TOO(rd) : ABOVE(rd) : 0;
	default:
		return 0;
	}
}

/* What is known after `word`. sure: it is executed whenever control comes to what follows. */
static uint64_t after(uint64_t checked, uint32_t word, bool sure)
{
	enum effect effect = effect_of(word);
	uint64_t now, others = checked & ~SMALL_TOO(RD(word));

	if (effect == CALL)
		return 0;
	if (effect == NOTHING)
		return checked;
	if (effect == BRANCH)
		return checked & GUEST_REGISTERS;
	if (effect == ALTERED)
		return checked & ~(1ull << (RD(word) + 32));
	now = result(checked, word, effect);
	return others | (sure ? now : now & checked);
}

/* Where the code of instruction k of the plan begins, for whoever comes from before it or jumps to it. */
static uint32_t *start_of(const struct tr *t, int k)
{
	return t->plan->insn[k].body;
}

static bool branch_between(const uint32_t *p, const uint32_t *end)
{
	for (; p < end; p++)
		if (host_word_is_branch(*p))
			return true;
	return false;
}

/* The last instruction after the one that t->checked belongs to at which control may come from elsewhere, or -1. */
static int last_leader(const struct tr *t)
{
	bool lost = !t->checked_at || t->checked_index > t->index;

	for (int k = t->index; k > (lost ? -1 : t->checked_index); k--)
		if (t->plan->insn[k].leader)
			return k;
	return lost ? t->index : -1;
}

/* Brings t->checked up to the code emitted so far. */
static void follow(struct tr *t)
{
	int k = last_leader(t);
	bool sure;

	if (k >= 0) {
		t->checked = 0;
		t->checked_at = start_of(t, k);
	} else {
		k = t->checked_index;
	}
	sure = !branch_between(start_of(t, k), t->checked_at);
	for (; t->checked_at < t->e.p; t->checked_at++) {
		while (k < t->index && t->checked_at >= start_of(t, k + 1)) {
			k++;
			sure = true;
		}
		t->checked = after(t->checked, *t->checked_at, sure);
		sure = sure && !host_word_is_branch(*t->checked_at);
	}
	t->checked_index = t->index;
}

bool gen_checks_bases(const struct tr *t)
{
	return t->mode & MODE_LONG && (t->mode & MODE_CPL) == MODE_CPL;
}

bool gen_is_small(struct tr *t, int reg)
{
	if (!gen_checks_bases(t))
		return false;
	follow(t);
	return is_small(t->checked, reg);
}

void gen_check_base(struct tr *t, int reg)
{
	if (!gen_checks_bases(t))
		return;
	follow(t);
	if (is_above(t->checked, reg))
		return;
	gen_fault_point(t);
	if (t->cpu->asserts_unsigned)
		la_asrtle_d(&t->e, reg, H_STOP);
	else
		la_asrtgt_d(&t->e, reg, H_STOP);
	if (!branch_between(start_of(t, t->index), t->e.p))
		t->checked |= ABOVE(reg);
}
