#include "tests/conformance/state.h"

#define FL_ARITH 0x8d5u
#define FL_DF 0x400u
#define FL_AC 0x40000u
#define EXCEPTION_FRAME 64 /* with what trap_common of the payload pushes */

struct random {
	uint32_t a, b;
};

/* Two 32-bit xorshift generators of different periods: cheap on a 32-bit machine. */
static uint32_t next(struct random *r)
{
	r->a ^= r->a << 13;
	r->a ^= r->a >> 17;
	r->a ^= r->a << 5;
	r->b ^= r->b << 7;
	r->b ^= r->b >> 1;
	r->b ^= r->b << 9;
	return r->a + r->b;
}

static void start(struct random *r, uint64_t seed, unsigned k)
{
	r->a = ((uint32_t)seed ^ k * 0x9e3779b1u) | 1;
	r->b = ((uint32_t)(seed >> 32) + k * 0x85ebca6bu) | 1;
	for (int n = 0; n < 4; n++)
		next(r);
}

/* ---- integers ---- */

static const uint64_t edges[] = {
	0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
	0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe, 0xffffffff80000000, 0x5555555555555555, 0xaaaaaaaa55555555,
};
#define EDGES (sizeof edges / sizeof edges[0])

static uint64_t number(struct random *r)
{
	uint32_t kind = next(r), low = next(r), high = next(r);
	uint64_t wide = (uint64_t)high << 32 | low;

	switch (kind & 3) {
	case 0: return edges[(kind >> 8) % EDGES];
	case 1: return low >> (kind >> 8 & 31);
	default: return wide;
	}
}

static int is_16bit(const struct vector_group *g)
{
	return g->mode <= VECTOR_PM16;
}

static int is_64bit(const struct vector_group *g)
{
	return g->mode == VECTOR_LONG64 || g->mode == VECTOR_LONG64_R0;
}

/* Outside 64-bit code there are 8 registers of 32 bits. */
static void trim_gprs(struct state *s, const struct vector_group *g)
{
	for (int k = 0; k < 16 && !is_64bit(g); k++)
		s->gpr[k] = k < 8 ? (uint32_t)s->gpr[k] : 0;
}

/* Mostly in the first window, whose bytes on both sides are writable; at times near the end of what is. */
static uint64_t pointer(struct random *r, const struct vector_group *g)
{
	uint32_t n = next(r), window = (n & 15) == 0 ? 2 : (n & 15) < 3 ? 1 : 0;
	uint32_t at = WINDOW_AT(window) + WINDOW / 2 + (n >> 8) % WINDOW;

	if (n & 0x20)
		at &= ~15u;
	else if (n & 0x40)
		at &= ~3u;
	return (is_16bit(g) ? 0 : VECTOR_DATA) + at;
}

static void make_gprs(struct state *s, const struct vector_group *g, struct random *r)
{
	for (int k = 0; k < 16; k++) {
		s->gpr[k] = number(r);
		if (g->pointers >> k & 1)
			s->gpr[k] = pointer(r, g);
		else if (g->indices >> k & 1)
			s->gpr[k] = (uint64_t)(int64_t)((int)(next(r) % 64) - 32);
	}
	s->gpr[4] = (is_16bit(g) ? 0 : VECTOR_STACK) + STACK_WINDOW_AT + STACK_WINDOW / 2 + (next(r) & 15) * ((next(r) & 3) ? 4 : 1);
	if (g->options & GROUP_COUNT && (next(r) & 7))
		s->gpr[1] = next(r) % 24;
	if (g->options & GROUP_DIVIDE && (next(r) & 1)) {
		s->gpr[2] = (next(r) & 1) ? 0 : (uint64_t)(int64_t)((int)(next(r) % 16) - 8);
		s->gpr[0] &= (next(r) & 1) ? 0xffff : 0xffffffff;
	}
}

/* ---- memory ---- */

static uint8_t *data_byte(struct state *s, uint32_t at)
{
	for (uint32_t k = 0; k < 3; k++)
		if (at - WINDOW_AT(k) < 2 * WINDOW)
			return &s->data[k][at - WINDOW_AT(k)];
	return 0;
}

static void make_memory(struct state *s, struct random *r)
{
	for (int w = 0; w < 3; w++)
		for (int k = 0; k < 2 * WINDOW; k += 4) {
			uint32_t v = next(r), kind = next(r) & 7;
			*(uint32_t *)&s->data[w][k] = w == 2 && k >= WINDOW ? 0 : kind == 0 ? 0 : kind == 1 ? 0xffffffff : v;
		}
	for (int k = 0; k < STACK_WINDOW; k += 4)
		*(uint32_t *)&s->stack[k] = next(r);
}

/* The accumulator pair agrees with what a pointer shows, at times. */
static void make_equal(struct state *s, const struct vector_group *g, struct random *r)
{
	for (int k = 0; k < 16; k++) {
		if (!(g->pointers >> k & 1) || (next(r) & 1))
			continue;
		uint64_t low = 0, high = 0;
		int wide = is_64bit(g) && (next(r) & 1);
		for (int n = 0; n < 16; n++) {
			uint8_t *p = data_byte(s, (uint32_t)s->gpr[k] - (is_16bit(g) ? 0 : VECTOR_DATA) + (uint32_t)n);
			uint64_t v = p ? *p : 0;
			int half = wide ? n / 8 : n / 4;
			if (half == 0)
				low |= v << 8 * (wide ? n : n % 4);
			else if (half == 1)
				high |= v << 8 * (wide ? n - 8 : n % 4);
		}
		s->gpr[0] = low;
		s->gpr[2] = high;
		return;
	}
}

/* ---- x87, MMX, SSE: the FXSAVE image (Intel SDM 1, 10.5.1) ---- */

static void put(uint8_t *at, uint64_t v, int bytes)
{
	for (int k = 0; k < bytes; k++)
		at[k] = (uint8_t)(v >> 8 * k);
}

/* An 80-bit number of any class: zero, denormal, ordinary of a near or far exponent, integer, infinity, NaN, and at times unnormal. */
static void x87_number(uint8_t *at, struct random *r)
{
	uint32_t n = next(r), sign = n & 0x8000, exponent = 0x3fff;
	uint64_t mant = (uint64_t)next(r) << 32 | next(r);

	if (n & 0x10000)
		mant &= ~0ull << (next(r) & 63);
	mant |= 1ull << 63;
	switch (n >> 20 & 15) {
	case 0: exponent = 0; mant = 0; break;
	case 1: exponent = 0; mant = (n & 0x20000) ? mant : mant >> (1 + (next(r) & 31)); break;
	case 2: exponent = 0x7fff; mant = 1ull << 63; break;
	case 3: exponent = 0x7fff; break;
	case 4: exponent = 0x7ffe; break;
	case 5: exponent = next(r) & 0x7fff; mant = (n & 0xe0000) ? mant : mant & ~(1ull << 63); break;
	case 6: exponent = 1 + (next(r) & 3); break;
	case 7: exponent = 0x3fff + 62 + (next(r) & 3); break;
	case 8: mant = 1ull << 63; break;
	case 9: exponent = 0x3fff - 1023 - (next(r) & 63); break;
	case 10: exponent = 0x3fff + 1023 - (next(r) & 1); break;
	default: exponent = 0x3fff - 40 + next(r) % 80; break;
	}
	put(at, mant, 8);
	put(at + 8, exponent | sign, 2);
}

static uint32_t float_number(struct random *r)
{
	uint32_t n = next(r), v = next(r);

	switch (n >> 24 & 15) {
	case 0: return v & 0x80000000;
	case 1: return v & 0x807fffff;
	case 2: return (v & 0x80000000) | 0x7f800000;
	case 3: return v | 0x7f800000;
	case 4: return (v & 0x80ffffff) | 0x7f000000;
	case 5: return v;
	case 6: return (v & 0x80000000) | 0x3f800000;
	case 7: return (v & 0xffff0000 & 0x8fffffff) | 0x40000000;
	default: return (v & 0x807fffff) | (127 - 20 + (n & 63) % 40) << 23;
	}
}

static uint64_t double_number(struct random *r)
{
	uint32_t n = next(r), high = next(r), low = (n & 3) ? next(r) : 0;

	switch (n >> 24 & 15) {
	case 0: high &= 0x80000000; low = 0; break;
	case 1: high &= 0x800fffff; break;
	case 2: high = (high & 0x80000000) | 0x7ff00000; low = 0; break;
	case 3: high |= 0x7ff00000; break;
	case 4: high = (high & 0x801fffff) | 0x7fe00000; break;
	case 5: break;
	case 6: high = (high & 0x80000000) | 0x3ff00000; low = 0; break;
	case 7: high = (high & 0x800fffff) | (1023 - 127 - 20 + (n & 31)) << 20; break;
	default: high = (high & 0x800fffff) | (1023 - 20 + (n >> 4 & 63) % 60) << 20; break;
	}
	return (uint64_t)high << 32 | low;
}

static void xmm_number(uint8_t *at, struct random *r)
{
	switch (next(r) & 3) {
	case 0:
		for (int k = 0; k < 4; k++)
			put(at + 4 * k, float_number(r), 4);
		break;
	case 1:
		for (int k = 0; k < 2; k++)
			put(at + 8 * k, double_number(r), 8);
		break;
	default:
		for (int k = 0; k < 2; k++)
			put(at + 8 * k, number(r), 8);
		break;
	}
}

static void make_fx(struct state *s, const struct vector_group *g, struct random *r)
{
	static const uint16_t precision[4] = { 0x300, 0x300, 0x200, 0x000 };
	uint32_t n = next(r), wild = next(r);
	uint32_t fcw = 0x7f | precision[n & 3] | (n >> 2 & 3) << 10, mxcsr = 0x1f80 | (n >> 4 & 3) << 13, fsw = 0, tags = 0;

	for (int k = 0; k < FX_SIZE; k++)
		s->fx[k] = 0;
	if (g->options & GROUP_FPU_WILD && !(wild & 3)) {
		fcw = (fcw & ~0x3fu) | (wild >> 8 & 0x3f);
		tags = wild >> 16 & 0xff;
		fsw = (wild >> 24 & 7) << 11 | (next(r) & 0x4700);
		if (!(next(r) & 3))
			fsw |= next(r) & 0x7f;
		if (fsw & ~fcw & 0x3f)
			fsw |= 0x8080;
	} else {
		/* TOP and tags: some free, some used */
		tags = (n >> 8 & 3) ? 0xf0 >> (n >> 10 & 3) : 0;
		fsw = (n >> 12 & 7) << 11 | (n >> 16 & 0x4700);
	}
	if (g->options & GROUP_SSE_WILD && !(wild & 12)) {
		uint32_t v = next(r);
		mxcsr = (v & 1 ? 0x1f80 : v & 0x1f80) | (v & 0x6000) | (v & 0x8040) | (v >> 16 & 0x3f);
	}
	put(s->fx, fcw, 2);
	put(s->fx + 2, fsw, 2);
	put(s->fx + 4, ~tags & 0xff, 1);
	put(s->fx + 24, mxcsr, 4);
	put(s->fx + 28, 0xffff, 4);
	for (int k = 0; k < 8; k++)
		x87_number(s->fx + 32 + 16 * k, r);
	for (int k = 0; k < (is_64bit(g) ? 16 : 8); k++)
		xmm_number(s->fx + 160 + 16 * k, r);
}

/* Small, so that what is addressed through it stays near the windows; not negative, since Linux refuses that. */
static uint64_t segment_base(struct random *r)
{
	return next(r) % 128;
}

void state_make(struct state *s, const struct vector_group *g, unsigned k)
{
	struct random r;

	start(&r, g->seed, k);
	make_gprs(s, g, &r);
	make_memory(s, &r);
	if (g->options & GROUP_EQUAL)
		make_equal(s, g, &r);
	trim_gprs(s, g);
	s->rflags = 2 | (next(&r) & FL_ARITH) | (g->options & GROUP_DIRECTION ? next(&r) & FL_DF : 0) | (g->options & GROUP_ALIGN ? FL_AC : 0);
	s->rip = s->cr2 = 0;
	s->vector = s->error = 0;
	if (g->options & GROUP_FPU)
		make_fx(s, g, &r);
	s->fs_base = is_64bit(g) ? segment_base(&r) : 0;
	s->gs_base = is_64bit(g) ? segment_base(&r) : 0;
}

/* ---- comparison ---- */

/* What lies right below the stack pointer. */
static void forget_stack(struct state *s)
{
	uint32_t end = ((uint32_t)s->gpr[4] & 0xfff) - STACK_WINDOW_AT;

	for (uint32_t k = 1; k <= EXCEPTION_FRAME; k++)
		if (end - k < STACK_WINDOW)
			s->stack[end - k] = 0;
}

static void forget_vendor(struct state *s, const struct vector_group *g)
{
	uint16_t fsw = (uint16_t)(s->fx[2] | s->fx[3] << 8);
	int fault = s->vector == 8 || s->vector == 17 || (s->vector >= 12 && s->vector <= 14);

	s->cr2 &= ~0xfffull;
	/* how much was stored before the fault */
	for (int k = 0; fault && k < (int)sizeof s->data; k++)
		((uint8_t *)s->data)[k] = 0;
	for (int k = 0; fault && k < STACK_WINDOW; k++)
		s->stack[k] = 0;
	if (fault && g->oracle == ORACLE_MACHINE) {
		s->cr2 = 0;
		for (int k = 0; k < FX_SIZE; k++)
			s->fx[k] = 0;
		return;
	}
	put(s->fx + 2, fsw & (fsw & 0x80 ? ~0x4700u : ~0x200u), 2);
}

void state_mask(struct state *s, const struct vector_group *g)
{
	int ended = s->vector == 6 && s->rip == g->length;
	uint32_t arith = g->options & GROUP_STRICT ? FL_ARITH : ended ? g->eflags : 0;

	s->rflags &= arith | FL_DF | (g->options & GROUP_ALIGN ? FL_AC : 0);
	trim_gprs(s, g);
	/* in ring 0 and real mode exceptions use the case's own stack */
	if (g->mode == VECTOR_PM32_R0 || g->mode == VECTOR_REAL)
		forget_stack(s);
	if (g->options & GROUP_VENDOR)
		forget_vendor(s, g);
	if (!(g->options & GROUP_FPU))
		return;
	put(s->fx + 5, 0, 1);
	put(s->fx + 6, 0, 8); /* FOP, FIP, FCS */
	put(s->fx + 14, 0, 10); /* FDP, FDS */
	put(s->fx + 28, 0, 4);
	if (!(g->options & GROUP_STRICT))
		s->fx[24] &= (uint8_t)~2; /* MXCSR.DE: docs/translator.md */
	for (int k = 0; k < 8; k++)
		put(s->fx + 32 + 16 * k + 10, 0, 6);
	for (int k = 160 + (is_64bit(g) ? 256 : 128); k < FX_SIZE; k++)
		s->fx[k] = 0;
}

struct digest {
	uint32_t a, b;
};

static void mix(struct digest *d, const void *from, unsigned bytes)
{
	const uint32_t *w = from;

	for (unsigned k = 0; k < bytes / 4; k++) {
		d->a = ((d->a << 5 | d->a >> 27) ^ w[k]) * 0x9e3779b1u;
		d->b = (d->b << 9 | d->b >> 23) + (w[k] ^ 0x85ebca6bu);
	}
}

uint64_t state_digest(const struct state *s, const struct vector_group *g)
{
	struct digest d = { 1, 2 };

	mix(&d, s->gpr, is_64bit(g) ? sizeof s->gpr : sizeof s->gpr / 2);
	if (is_64bit(g))
		mix(&d, &s->fs_base, 16);
	mix(&d, &s->rflags, 32); /* rflags, rip, cr2, vector, error */
	if (g->options & GROUP_FPU)
		mix(&d, s->fx, is_64bit(g) ? 416 : 288);
	mix(&d, s->data, sizeof s->data);
	mix(&d, s->stack, sizeof s->stack);
	return ((uint64_t)d.b << 32 | d.a) | 1;
}
