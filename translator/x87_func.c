/* Power series and argument reduction; see x87_func.h. */
#include "translator/x87_func.h"

/* A number of 128 bits. */
#define C(high, low) ((fp_mant)(high) << 64 | (low))

/* 1 / (2k+1)! */
static const fp_mant sin_terms[] = {
	C(0x8000000000000000, 0x0000000000000000), C(0x1555555555555555, 0x5555555555555555),
	C(0x0111111111111111, 0x1111111111111111), C(0x0006806806806806, 0x8068068068068068),
	C(0x0000171de3a556c7, 0x338faac1c88e5001), C(0x00000035cc8acfea, 0x89c71fce8fc97070),
	C(0x000000005849184e, 0xa1b425f28e0cc749), C(0x00000000006b9fcf, 0x9ccee07c476195ac),
	C(0x000000000000654b, 0x1dc0c2b529ac9814), C(0x000000000000004b, 0xd26d1a05055c9328),
	C(0x0000000000000000, 0x2e371dedb9eae318), C(0x0000000000000000, 0x001761b41316381a),
	C(0x0000000000000000, 0x000009f9e66e8b30), C(0x0000000000000000, 0x00000003a356385c),
};
/* 1 / (2k)! */
static const fp_mant cos_terms[] = {
	C(0x8000000000000000, 0x0000000000000000), C(0x4000000000000000, 0x0000000000000000),
	C(0x0555555555555555, 0x5555555555555555), C(0x002d82d82d82d82d, 0x82d82d82d82d82d8),
	C(0x0000d00d00d00d00, 0xd00d00d00d00d00d), C(0x0000024fc9f6ef13, 0xeb8e5de02da7d4cd),
	C(0x000000047bb63bfe, 0x3625ed5136a61eb4), C(0x00000000064e5d2a, 0x301f27482eb7c517),
	C(0x000000000006b9fc, 0xf9ccee07c476195b), C(0x00000000000005a0, 0x9e18ee5f65deec01),
	C(0x0000000000000003, 0xca8574804044a0f5), C(0x0000000000000000, 0x0219c72db6ff0a53),
	C(0x0000000000000000, 0x0000f96780cb97ac), C(0x0000000000000000, 0x000000623a17f1a9),
};
/* 1 / (k+1)! */
static const fp_mant exp_terms[] = {
	C(0x8000000000000000, 0x0000000000000000), C(0x4000000000000000, 0x0000000000000000),
	C(0x1555555555555555, 0x5555555555555555), C(0x0555555555555555, 0x5555555555555555),
	C(0x0111111111111111, 0x1111111111111111), C(0x002d82d82d82d82d, 0x82d82d82d82d82d8),
	C(0x0006806806806806, 0x8068068068068068), C(0x0000d00d00d00d00, 0xd00d00d00d00d00d),
	C(0x0000171de3a556c7, 0x338faac1c88e5001), C(0x0000024fc9f6ef13, 0xeb8e5de02da7d4cd),
	C(0x00000035cc8acfea, 0x89c71fce8fc97070), C(0x000000047bb63bfe, 0x3625ed5136a61eb4),
	C(0x000000005849184e, 0xa1b425f28e0cc749), C(0x00000000064e5d2a, 0x301f27482eb7c517),
	C(0x00000000006b9fcf, 0x9ccee07c476195ac), C(0x000000000006b9fc, 0xf9ccee07c476195b),
	C(0x000000000000654b, 0x1dc0c2b529ac9814), C(0x00000000000005a0, 0x9e18ee5f65deec01),
	C(0x000000000000004b, 0xd26d1a05055c9328), C(0x0000000000000003, 0xca8574804044a0f5),
	C(0x0000000000000000, 0x2e371dedb9eae318), C(0x0000000000000000, 0x0219c72db6ff0a53),
	C(0x0000000000000000, 0x001761b41316381a), C(0x0000000000000000, 0x0000f96780cb97ac),
};
/* 1 / (2k+1), for atan and atanh */
static const fp_mant odd_terms[] = {
	C(0x8000000000000000, 0x0000000000000000), C(0x2aaaaaaaaaaaaaaa, 0xaaaaaaaaaaaaaaab),
	C(0x1999999999999999, 0x999999999999999a), C(0x1249249249249249, 0x2492492492492492),
	C(0x0e38e38e38e38e38, 0xe38e38e38e38e38e), C(0x0ba2e8ba2e8ba2e8, 0xba2e8ba2e8ba2e8c),
	C(0x09d89d89d89d89d8, 0x9d89d89d89d89d8a), C(0x0888888888888888, 0x8888888888888889),
	C(0x0787878787878787, 0x8787878787878788), C(0x06bca1af286bca1a, 0xf286bca1af286bca),
	C(0x0618618618618618, 0x6186186186186186), C(0x0590b21642c8590b, 0x21642c8590b21643),
	C(0x051eb851eb851eb8, 0x51eb851eb851eb85), C(0x04bda12f684bda12, 0xf684bda12f684bda),
	C(0x0469ee58469ee584, 0x69ee58469ee5846a), C(0x0421084210842108, 0x4210842108421084),
	C(0x03e0f83e0f83e0f8, 0x3e0f83e0f83e0f84), C(0x03a83a83a83a83a8, 0x3a83a83a83a83a84),
	C(0x03759f22983759f2, 0x2983759f2298375a), C(0x0348348348348348, 0x3483483483483483),
};
#define ROOT_2 C(0xb504f333f9de6484, 0x597d89b3754abe9f)
#define PI_66 C(0xc90fdaa22168c234, 0xc000000000000000)

static const struct fp one = { .cls = FP_CLS_FINITE, .exp = 0, .mant = (fp_mant)1 << 127 };
static const struct fp two = { .cls = FP_CLS_FINITE, .exp = 1, .mant = (fp_mant)1 << 127 };
static const struct fp ln_2 = { .cls = FP_CLS_FINITE, .exp = -1, .mant = C(0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af) };
static const struct fp two_by_ln_2 = { .cls = FP_CLS_FINITE, .exp = 1, .mant = C(0xb8aa3b295c17f0bb, 0xbe87fed0691d3e89) };
const struct fp x87_pi = { .cls = FP_CLS_FINITE, .exp = 1, .mant = C(0xc90fdaa22168c234, 0xc4c6628b80dc1cd1) };
const struct fp x87_pi_2 = { .cls = FP_CLS_FINITE, .exp = 0, .mant = C(0xc90fdaa22168c234, 0xc4c6628b80dc1cd1) };
const struct fp x87_pi_4 = { .cls = FP_CLS_FINITE, .exp = -1, .mant = C(0xc90fdaa22168c234, 0xc4c6628b80dc1cd1) };
const struct fp x87_3pi_4 = { .cls = FP_CLS_FINITE, .exp = 1, .mant = C(0x96cbe3f9990e91a7, 0x9394c9e8a0a5159d) };
/* atan(k / 8), k = 1-8 */
static const struct fp atan_eighths[8] = {
	{ .cls = FP_CLS_FINITE, .exp = -4, .mant = C(0xfeadd4d5617b6e32, 0xc897989f3e888ef8) },
	{ .cls = FP_CLS_FINITE, .exp = -3, .mant = C(0xfadbafc96406eb15, 0x6dc79ef5f7a217e6) },
	{ .cls = FP_CLS_FINITE, .exp = -2, .mant = C(0xb7b0ca0f26f78473, 0x8aa32122dcfe4483) },
	{ .cls = FP_CLS_FINITE, .exp = -2, .mant = C(0xed63382b0dda7b45, 0x6fe445ecbc3a8d03) },
	{ .cls = FP_CLS_FINITE, .exp = -1, .mant = C(0x8f005d5ef7f59f9b, 0x5c835e1665c43748) },
	{ .cls = FP_CLS_FINITE, .exp = -1, .mant = C(0xa4bc7d1934f70924, 0x19a87f2a457dac9f) },
	{ .cls = FP_CLS_FINITE, .exp = -1, .mant = C(0xb8053e2bc2319e73, 0xcb2da55210a4443d) },
	{ .cls = FP_CLS_FINITE, .exp = -1, .mant = C(0xc90fdaa22168c234, 0xc4c6628b80dc1cd1) },
};

/* a * b / 2^128; up to 3 too small */
static fp_mant mul_high(fp_mant a, fp_mant b)
{
	uint64_t ah = (uint64_t)(a >> 64), al = (uint64_t)a, bh = (uint64_t)(b >> 64), bl = (uint64_t)b;

	return (fp_mant)ah * bh + ((fp_mant)ah * bl >> 64) + ((fp_mant)al * bh >> 64);
}

static struct fp normalized(struct fp v)
{
	int n = fp_clz(v.mant);

	v.mant <<= n;
	v.exp -= n;
	return v;
}

static struct fp inexact(struct fp v)
{
	v.mant |= 1;
	return v;
}

struct fp x87_wide_mul(struct fp a, struct fp b)
{
	return normalized((struct fp){
		.cls = FP_CLS_FINITE, .sign = a.sign != b.sign, .exp = a.exp + b.exp + 1, .mant = mul_high(a.mant, b.mant),
	});
}

/* By the divisor's upper half h; its lower half l makes a factor 1 / (1 + e) = 1 - e + e^2, e = l / h below 2^-63. */
struct fp x87_wide_div(struct fp a, struct fp b)
{
	fp_mant n = a.mant >> 1, q, e;
	uint64_t h = (uint64_t)(b.mant >> 64), l = (uint64_t)b.mant, rem;

	q = (fp_mant)fp_div128((uint64_t)(n >> 64), (uint64_t)n, h, &rem) << 64;
	q |= fp_div128(rem, 0, h, &rem);
	e = (fp_mant)(l >= h) << 64;
	e |= fp_div128(l >= h ? l - h : l, 0, h, &rem);
	q = q - mul_high(q, e) + mul_high(q, mul_high(e, e));
	return normalized((struct fp){ .cls = FP_CLS_FINITE, .sign = a.sign != b.sign, .exp = a.exp - b.exp, .mant = q });
}

/* ---- power series ---- */

/* |v| below 1 as a fraction of 2^128 */
static fp_mant fraction(struct fp v)
{
	return fp_shift_jam(v.mant, -1 - v.exp > 128 ? 128 : -1 - v.exp);
}

/*
 * terms[0] -+ terms[1] z + terms[2] z^2 -+ ..., as a fraction of 2^127; z of 2^128. An alternating series never comes out as its
 * first term.
 */
static fp_mant series(const fp_mant *terms, int n, fp_mant z, bool alternating)
{
	fp_mant p = terms[--n];

	while (n--)
		p = alternating ? terms[n] - mul_high(z, p) - 1 : terms[n] + mul_high(z, p);
	return p;
}

static struct fp from_fraction(fp_mant p)
{
	return normalized((struct fp){ .cls = FP_CLS_FINITE, .mant = p });
}

#define SERIES(terms, z, alternating) from_fraction(series(terms, (int)(sizeof(terms) / sizeof((terms)[0])), z, alternating))

struct fp x87_sin(struct fp r)
{
	return inexact(x87_wide_mul(r, SERIES(sin_terms, fraction(x87_wide_mul(r, r)), true)));
}

struct fp x87_cos(struct fp r)
{
	return inexact(SERIES(cos_terms, fraction(x87_wide_mul(r, r)), true));
}

struct fp x87_tan(struct fp r)
{
	if (r.exp < -62) /* r + r^3/3 */
		return inexact(r);
	return inexact(x87_wide_div(x87_sin(r), x87_cos(r)));
}

struct fp x87_exp2m1(struct fp x)
{
	struct fp y = x87_wide_mul(x, ln_2);

	return inexact(x87_wide_mul(y, SERIES(exp_terms, fraction(y), y.sign)));
}

/* log2((1 + s) / (1 - s)) = 2 / ln 2 * atanh(s), |s| below 0.172 */
static struct fp log2_ratio(struct fp s)
{
	struct fp sum = SERIES(odd_terms, fraction(x87_wide_mul(s, s)), false);

	return inexact(x87_wide_mul(two_by_ln_2, x87_wide_mul(s, sum)));
}

/* x = m * 2^e with m between the roots of 1/2 and 2: s = (m - 1) / (m + 1). */
struct fp x87_log2(struct fp x)
{
	struct fp_env env = { .rm = FP_NEAREST };
	struct fp e, s;
	int n = x.exp;

	x.exp = 0;
	if (x.mant > ROOT_2) {
		x.exp = -1;
		n++;
	}
	e = fp_from_int(n);
	s = fp_sub(&env, x, one);
	if (s.cls == FP_CLS_ZERO)
		return e;
	return inexact(fp_add(&env, log2_ratio(x87_wide_div(s, fp_add(&env, x, one))), e));
}

struct fp x87_log2p1(struct fp x)
{
	struct fp_env env = { .rm = FP_NEAREST };

	if (x.exp >= -2)
		return x87_log2(fp_add(&env, one, x));
	return log2_ratio(x87_wide_div(x, fp_add(&env, two, x)));
}

/* ---- angles ---- */

/* atan(n / d) for 0 < n <= d: atan(k / 8) + atan((8n - kd) / (8d + kn)) with the k that leaves a small one. */
static struct fp atan_ratio(struct fp n, struct fp d)
{
	struct fp_env env = { .rm = FP_NEAREST };
	uint64_t shift = (uint64_t)(d.exp - n.exp), num = shift < 58 ? (uint64_t)(n.mant >> 70) >> shift : 0, den = (uint64_t)(d.mant >> 70);
	int k = (int)((8 * num + den / 2) / den);
	struct fp t, a;

	if (k) {
		struct fp kn = x87_wide_mul(fp_from_int(k), n), kd = x87_wide_mul(fp_from_int(k), d);

		n.exp += 3;
		d.exp += 3;
		n = fp_sub(&env, n, kd);
		d = fp_add(&env, d, kn);
		if (n.cls == FP_CLS_ZERO)
			return atan_eighths[k - 1];
	}
	t = x87_wide_div(n, d);
	a = x87_wide_mul(t, SERIES(odd_terms, fraction(x87_wide_mul(t, t)), true));
	return inexact(k ? fp_add(&env, atan_eighths[k - 1], a) : a);
}

static bool magnitude_less(const struct fp *a, const struct fp *b)
{
	return a->exp != b->exp ? a->exp < b->exp : a->mant < b->mant;
}

struct fp x87_atan2(struct fp y, struct fp x)
{
	struct fp_env env = { .rm = FP_NEAREST };
	bool ysign = y.sign, xsign = x.sign;
	struct fp a;

	y.sign = x.sign = false;
	if (magnitude_less(&x, &y))
		a = fp_sub(&env, x87_pi_2, atan_ratio(x, y));
	else
		a = atan_ratio(y, x);
	if (xsign)
		a = fp_sub(&env, x87_pi, a);
	a.sign = ysign;
	return inexact(a);
}

/* The remainder of division of the magnitude by pi/2, then by one more if that leaves less. All exact. */
unsigned x87_reduce_angle(struct fp *x)
{
	const fp_mant d = PI_66 >> 2;
	bool negative = x->sign;
	fp_mant m = x->mant >> 2;
	uint64_t q = 0;
	int scale;

	if (x->exp < -1)
		return 0;
	if (x->exp == -1)
		m >>= 1;
	for (int n = x->exp; n >= 0; n--) {
		q <<= 1;
		if (m >= d) {
			m -= d;
			q |= 1;
		}
		if (n)
			m <<= 1;
	}
	if (m > d - m) {
		m = d - m;
		q++;
		x->sign = !x->sign;
	}
	scale = fp_clz(m);
	x->mant = m << scale;
	x->exp = 2 - scale;
	return (negative ? 0 - q : q) & 3;
}
