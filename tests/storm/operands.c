/* States: edges of all formats, neighbours of each other, and random bits. */
#include "tests/storm/storm.h"

#include <string.h>

#include "translator/softfloat.h"
#include "translator/x87.h"

#define ANY(r, table) table[below(r, (unsigned)(sizeof table / sizeof table[0]))]

static const uint64_t edge_mants[] = {
	0x8000000000000000, 0x8000000000000001, 0xffffffffffffffff, 0xfffffffffffffffe, 0xc000000000000000, 0xa000000000000000, 0xc000000000000001,
	0xbfffffffffffffff, 0x80000000000003ff, 0x8000000000000400, 0x8000000000000401, 0xfffffffffffffbff, 0xfffffffffffffc00, 0x8000000000000800,
	0xfffffffffffff800, 0x8000008000000000, 0x8000007fffffffff, 0xffffff8000000000, 0xffffff7fffffffff, 0xffffff0000000000, 0xc90fdaa22168c235,
	0xb504f333f9de6484, 0xb504f333f9de6485, 0x0000000000000001, 0x7fffffffffffffff, 0x4000000000000000,
};
/* of numbers: those at which some format or integer ends */
static const int16_t edge_exps[] = {
	-16383, -16382, -16381, -16320, -1075, -1074, -1073, -1023, -1022, -1021, -150, -149, -148, -127, -126, -125, -65, -64, -63, -54, -53, -52, -25, -24, -23,
	-2, -1, 0, 1, 2, 14, 15, 16, 22, 23, 24, 30, 31, 32, 51, 52, 53, 59, 60, 61, 62, 63, 64, 126, 127, 128, 1022, 1023, 1024, 16382, 16383, 16384,
};
static const uint32_t edge32[] = {
	0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 0xffa00000, 1, 0x80000001, 0x007fffff,
	0x807fffff, 0x00800000, 0x80800000, 0x00800001, 0x7f7fffff, 0xff7fffff, 0x4f000000, 0xcf000000, 0x4effffff, 0x3f000000, 0x3fc00000, 0x40200000,
	0x33800000, 0x4b000001, 0x5f000000, 0x3f7fffff, 0x3f800001, 0x1f800000, 0x20000000,
};
static const uint64_t edge64[] = {
	0, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000,
	0xfff8000000000001, 0x7ff0000000000001, 0xfff4000000000000, 1, 0x8000000000000001, 0x000fffffffffffff, 0x0010000000000000, 0x0010000000000001,
	0x7fefffffffffffff, 0xffefffffffffffff, 0x41e0000000000000, 0xc1e0000000000000, 0x41dfffffffe00000, 0x41dfffffffc00000, 0xc1e0000000100000,
	0x3fe0000000000000, 0x3ff8000000000000, 0x4004000000000000, 0x36a0000000000000, 0x380fffffe0000000, 0x47efffffe0000000, 0x47effffff0000000,
	0x3690000000000000, 0x3cb0000000000000, 0x4340000000000001, 0x43e0000000000000, 0x3fefffffffffffff, 0x3ff0000000000001, 0x1ff0000000000000,
};
static const uint64_t edge_ints[] = {
	0, 1, 2, 0x7f, 0x80, 0x7fff, 0x8000, 0xffff, 0xffffff, 0x1000000, 0x1000001, 0x7fffffff, 0x80000000, 0xffffffff, 0x1fffffffffffff, 0x20000000000001,
	0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
};

static uint64_t random_mant(struct rng *r)
{
	switch (below(r, 6)) {
	case 0: return ANY(r, edge_mants);
	case 1: return 1ull << 63 | rnd(r) << (1 + below(r, 63)); /* few bits */
	case 2: return 1ull << 63 | rnd(r) >> (1 + below(r, 63));
	case 3: return 1ull << 63 | rnd(r) << (below(r, 2) ? 11 : 40); /* as in other formats */
	default: return 1ull << 63 | rnd(r);
	}
}

static struct f80 random80(struct rng *r)
{
	struct f80 v = { random_mant(r), 0x3fff };

	switch (below(r, 8)) {
	case 0: v.sexp = (uint16_t)(0x3fff + ANY(r, edge_exps)); break;
	case 1: v.sexp = (uint16_t)below(r, 0x8000); break;
	case 2: v.sexp = (uint16_t)(0x3fff + (int)below(r, 260) - 130); break;
	default: v.sexp = (uint16_t)(0x3ffc + below(r, 8));
	}
	if (below(r, 24) == 0)
		v.sexp = (uint16_t)(below(r, 2) ? 0x7fff : 0);
	if (below(r, 64) == 0)
		v.mant &= ~(1ull << 63); /* no valid encoding, or a denormal */
	if (below(r, 24) == 0)
		v = (struct f80){ 0, 0 };
	v.sexp |= (uint16_t)(below(r, 2) << 15);
	return v;
}

/* Near another number: comparisons, cancellation, quotients near one. */
static struct f80 near80(struct rng *r, struct f80 v)
{
	v.mant += below(r, 2) ? below(r, 5) - 2 : 0;
	v.sexp = (uint16_t)(v.sexp + (below(r, 2) ? below(r, 5) - 2 : below(r, 140) - 70));
	v.sexp ^= (uint16_t)(below(r, 2) << 15);
	return v;
}

static uint32_t random32(struct rng *r)
{
	switch (below(r, 4)) {
	case 0: return ANY(r, edge32);
	case 1: return (uint32_t)rnd(r);
	default: return ((uint32_t)rnd(r) & 0x807fffff) | (uint32_t)(below(r, 2) ? 0x7c + below(r, 8) : 0x60 + below(r, 64)) << 23;
	}
}

static uint64_t random64(struct rng *r)
{
	switch (below(r, 4)) {
	case 0: return ANY(r, edge64);
	case 1: return rnd(r);
	default: return (rnd(r) & 0x800fffffffffffff) | (uint64_t)(below(r, 2) ? 0x3fc + below(r, 8) : 0x3c0 + below(r, 128)) << 52;
	}
}

static uint64_t random_int(struct rng *r)
{
	switch (below(r, 3)) {
	case 0: return ANY(r, edge_ints);
	case 1: return (uint64_t)((int64_t)rnd(r) >> below(r, 64));
	default: return rnd(r);
	}
}

static void fill(struct rng *r, unsigned kind, uint8_t *p)
{
	uint64_t q[2] = { random_int(r), rnd(r) };
	struct f80 v;

	switch (kind) {
	case SLOT_F32:
		for (int k = 0; k < 2; k++) {
			uint64_t low = random32(r);
			q[k] = low | (uint64_t)random32(r) << 32;
		}
		break;
	case SLOT_F64:
		q[0] = random64(r);
		q[1] = random64(r);
		break;
	case SLOT_F80:
		v = random80(r);
		q[0] = v.mant;
		q[1] = v.sexp;
		break;
	case SLOT_BCD:
		for (int k = 0; k < 9; k++)
			((uint8_t *)q)[k] = (uint8_t)(below(r, 10) << 4 | below(r, 10));
		((uint8_t *)q)[9] = (uint8_t)(below(r, 2) << 7);
	}
	memcpy(p, q, 16);
}

static void fill_x87(struct rng *r, struct storm_state *s, const struct program *p)
{
	unsigned top = p->top;
	struct f80 v = { 0, 0 };

	s->cw = p->cw;
	s->empty = p->empty;
	if (!below(r, 16)) {
		s->cw ^= (uint16_t)(rnd(r) & 0xf00);
		s->empty ^= (uint8_t)(1u << below(r, 8));
		top = below(r, 8);
	}
	for (unsigned k = 0; k < 8; k++) {
		v = k && !below(r, 3) ? near80(r, v) : random80(r);
		s->st[(top + k) & 7].mant = v.mant;
		s->st[(top + k) & 7].sexp = v.sexp;
	}
	s->sw = (uint16_t)(top << SW_TOP_SHIFT | (rnd(r) & SW_CC));
	if (!below(r, 4))
		s->sw |= (uint16_t)(rnd(r) & s->cw & FPE_ALL);
}

/* An image for FLDENV and FRSTOR that makes sense: it has the control and status words in their places. */
static void fill_image(struct rng *r, struct storm_state *s)
{
	uint8_t *image = s->mem + STORM_IMAGE;
	unsigned step = below(r, 2) ? 2 : 4, env = step * 7;
	uint16_t cw = (uint16_t)(0x40 | (rnd(r) & 0xf00) | (below(r, 4) ? FPE_ALL : below(r, 64)));

	for (unsigned k = 0; k < STORM_MEM_SIZE - STORM_IMAGE; k += 8) {
		uint64_t v = rnd(r);
		memcpy(image + k, &v, 8);
	}
	memcpy(image, &cw, 2);
	for (unsigned k = 0; k < 8; k++) {
		struct f80 v = random80(r);
		memcpy(image + env + k * 10, &v.mant, 8);
		memcpy(image + env + k * 10 + 8, &v.sexp, 2);
	}
}

void state_make(struct storm_state *s, const struct program *p, uint64_t seed, uint64_t n, unsigned k)
{
	struct rng r = rng_of(seed ^ 0x5851f42d4c957f2d, n << 16 | k);

	memset(s, 0, sizeof *s);
	fill_x87(&r, s, p);
	for (unsigned x = 0; x < 4; x++) {
		fill(&r, below(&r, 5) ? (p->doubles ? SLOT_F64 : SLOT_F32) : SLOT_INT, s->xmm[x]);
		if (x && !below(&r, 6))
			memcpy(s->xmm[x], s->xmm[x - 1], 16);
	}
	for (unsigned m = 0; m < STORM_SLOTS; m++)
		fill(&r, below(&r, 6) ? p->slot[m] : below(&r, SLOT_KINDS), s->mem + 16 * m);
	fill_image(&r, s);
	for (unsigned g = 0; g < 2; g++)
		s->gpr[g] = p->wide ? random_int(&r) : (uint32_t)random_int(&r);
	s->mxcsr = p->mxcsr | (below(&r, 2) ? 0 : below(&r, 64));
	if (!below(&r, 16))
		s->mxcsr = 0x1f80 | below(&r, 4) << 13;
	s->eflags = (uint32_t)rnd(&r) & FL_ARITH;
	s->vector = STORM_END;
}
