/*
 * Operands for tests of the x87: edges of all formats, random values, and states of the register stack.
 */
#ifndef TESTS_X87_OPERANDS_H
#define TESTS_X87_OPERANDS_H

#include "tests/unit/x87_model.h"

static const uint64_t edge_mants[] = {
	0x8000000000000000, 0x8000000000000001, 0xffffffffffffffff, 0xfffffffffffffffe, 0xc000000000000000, 0xa000000000000000,
	0xc000000000000001, 0xbfffffffffffffff, 0x80000000000003ff, 0x8000000000000400, 0x8000000000000401, 0xfffffffffffffbff,
	0xfffffffffffffc00, 0x8000008000000000, 0x8000007fffffffff, 0xffffff8000000000, 0xffffff7fffffffff, 0xc90fdaa22168c235,
	0xb504f333f9de6484, 0xb504f333f9de6485, 0x95f619980c4336f7,
};
static const uint16_t edge_exps[] = {
	0, 1, 2, 63, 64, 65, 0x3fff - 16382, 0x3fff - 1075, 0x3fff - 1074, 0x3fff - 1023, 0x3fff - 1022, 0x3fff - 150, 0x3fff - 149, 0x3fff - 127,
	0x3fff - 126, 0x3fff - 65, 0x3fff - 64, 0x3fff - 63, 0x3fff - 2, 0x3fff - 1, 0x3fff, 0x4000, 0x4001, 0x3fff + 14, 0x3fff + 15,
	0x3fff + 30, 0x3fff + 31, 0x3fff + 32, 0x3fff + 59, 0x3fff + 60, 0x3fff + 62, 0x3fff + 63, 0x3fff + 64, 0x3fff + 127, 0x3fff + 128,
	0x3fff + 1023, 0x3fff + 1024, 0x7ffd, 0x7ffe, 0x7fff,
};
#define COUNT(a) ((unsigned)(sizeof(a) / sizeof((a)[0])))

static uint64_t random_mant(void)
{
	switch (below(8)) {
	case 0:
	case 1:
		return edge_mants[below(COUNT(edge_mants))];
	case 2:
		return 1ull << 63 | rnd() << (1 + below(63)); /* few bits */
	case 3:
		return 1ull << 63 | rnd() >> (1 + below(63));
	case 4:
		return 1ull << 63 | rnd() << 40;
	default:
		return 1ull << 63 | rnd();
	}
}

static struct f80 random_f80(void)
{
	struct f80 v = { random_mant(), 0 };

	switch (below(8)) {
	case 0:
		v.sexp = edge_exps[below(COUNT(edge_exps))];
		break;
	case 1:
		v.sexp = (uint16_t)below(0x8000);
		break;
	case 2:
		v.sexp = (uint16_t)(0x3fff + below(130));
		break;
	case 3:
		v.sexp = (uint16_t)(0x3fff - below(130));
		break;
	default:
		v.sexp = (uint16_t)(0x3ffc + below(8));
	}
	if (below(12) == 0)
		v.sexp = 0x7fff;
	if (v.sexp == 0 && below(2))
		v.mant >>= below(64);
	if (below(40) == 0)
		v.mant &= ~(1ull << 63); /* no valid encoding, or a denormal */
	if (below(16) == 0)
		v = (struct f80){ 0, 0 };
	v.sexp |= (uint16_t)(below(2) << 15);
	return v;
}

/* An f80 near another one: comparisons, cancellation, quotients near one. */
static struct f80 near_f80(struct f80 v)
{
	if (below(2))
		v.mant += below(5) - 2;
	v.sexp = (uint16_t)(v.sexp + below(5) - 2);
	if (below(2))
		v.sexp ^= 0x8000;
	return v;
}

static void random_operand(uint8_t *p)
{
	struct fp_env env = { .rm = FP_ZERO, .unmasked = 0 };
	struct f80 v = random_f80();
	uint64_t bits = rnd();

	switch (below(6)) {
	case 0:
		break;
	case 5: /* decimal */
		for (int k = 0; k < 9; k++)
			p[k] = (uint8_t)(below(10) << 4 | below(10));
		p[9] = (uint8_t)(below(2) << 7);
		return;
	case 1:
		bits = (bits & ~0xffffffffull) | fp_to32(&env, fp_from80(v));
		break;
	case 2:
		bits = fp_to64(&env, fp_from80(v));
		break;
	case 3:
		bits = (uint64_t)((int64_t)bits >> below(64));
		break;
	default:
		bits = v.mant;
	}
	memcpy(p, &bits, 8);
	memcpy(p + 8, &v.sexp, 2);
	if (below(8) == 0) /* signalling NaNs */
		memcpy(p, (uint32_t[]){ 0x7f800001, 0x7ff00000 }, 8);
}

static void random_state(struct state *s)
{
	unsigned top = below(8), empty = below(4) ? 0 : (unsigned)rnd() & 0xff;

	memset(s, 0, sizeof(*s));
	s->x87.cw = 0xffff0040u | below(4) << 8 | below(4) << 10 | (below(2) ? FPE_ALL : below(64));
	if (!below(4))
		s->x87.cw = (s->x87.cw & 0xffff0c00) | CW_INIT;
	s->x87.sw = 0xffff0000u | top << SW_TOP_SHIFT | ((unsigned)rnd() & SW_CC);
	if (!below(4))
		s->x87.sw |= (unsigned)rnd() & s->x87.cw & (FPE_ALL | SW_SF);
	if (below(3))
		empty |= 0x80 | (below(2) ? 0 : 0xe0); /* room to push */
	s->x87.tags = 0xffff0000;
	for (unsigned i = 0; i < 8; i++) {
		struct f80 v = i && !below(3) ? near_f80(st_of(s, 0)) : random_f80();
		s->x87.st[i].mant = v.mant;
		s->x87.st[i].sexp = v.sexp;
		if (empty >> i & 1)
			s->x87.tags |= 3u << 2 * ((top + i) & 7);
	}
	s->flags = (uint32_t)rnd() & FL_ARITH;
	random_operand(s->memory);
	for (unsigned i = 10; i < sizeof(s->memory); i++)
		s->memory[i] = 0xcc;
}

#endif
