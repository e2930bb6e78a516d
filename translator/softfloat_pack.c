/* Between packed formats and struct fp; rounding. */
#include "translator/softfloat.h"

#define TOP ((fp_mant)1 << 127)
#define QUIET ((fp_mant)1 << 126)

struct format {
	int prec;        /* bits of significand, integer bit included */
	int emin, emax;  /* of normal numbers */
	int wrap;        /* what unmasked overflow takes off the exponent, and underflow adds */
};

static const struct format format32 = { 24, -126, 127, 192 };
static const struct format format64 = { 53, -1022, 1023, 1536 };

/* ---- unpacking ---- */

/* An IEEE format of `bits` bits, whose fraction has `frac` bits. */
static struct fp from_ieee(const struct fp_env *env, uint64_t v, int bits, int frac)
{
	int expbits = bits - 1 - frac, expmax = (1 << expbits) - 1;
	int e = (int)(v >> frac) & expmax;
	uint64_t f = v & ((1ull << frac) - 1);
	struct fp r = { .sign = v >> (bits - 1) & 1, .mant = (fp_mant)f << (127 - frac), .exp = e - (expmax >> 1) };

	if (e == expmax) {
		r.mant |= TOP;
		r.cls = f == 0 ? FP_CLS_INF : r.mant & QUIET ? FP_CLS_QNAN : FP_CLS_SNAN;
	} else if (e) {
		r.cls = FP_CLS_FINITE;
		r.mant |= TOP;
	} else if (f == 0 || env->daz) {
		r.cls = FP_CLS_ZERO;
	} else {
		int n = fp_clz(r.mant);

		r.cls = FP_CLS_FINITE;
		r.denormal = true;
		r.mant <<= n;
		r.exp += 1 - n;
	}
	return r;
}

struct fp fp_from32(const struct fp_env *env, uint32_t v) { return from_ieee(env, v, 32, 23); }
struct fp fp_from64(const struct fp_env *env, uint64_t v) { return from_ieee(env, v, 64, 52); }

struct fp fp_from80(struct f80 v)
{
	int e = v.sexp & 0x7fff;
	struct fp r = { .sign = v.sexp >> 15, .mant = (fp_mant)v.mant << 64, .exp = e - 16383 };

	if (e == 0 && v.mant == 0) {
		r.cls = FP_CLS_ZERO;
	} else if (e == 0) {
		int n = fp_clz(r.mant);

		r.cls = FP_CLS_FINITE;
		r.denormal = true;
		r.mant <<= n;
		r.exp += 1 - n;
	} else if (!(v.mant >> 63)) {
		r.cls = FP_CLS_BAD;
	} else if (e != 0x7fff) {
		r.cls = FP_CLS_FINITE;
	} else {
		r.cls = v.mant << 1 == 0 ? FP_CLS_INF : v.mant >> 62 & 1 ? FP_CLS_QNAN : FP_CLS_SNAN;
	}
	return r;
}

struct fp fp_from_int(int64_t v)
{
	struct fp r = { .cls = FP_CLS_ZERO, .sign = v < 0 };
	uint64_t m = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	if (m) {
		int n = __builtin_clzll(m);

		r.cls = FP_CLS_FINITE;
		r.mant = (fp_mant)(m << n) << 64;
		r.exp = 63 - n;
	}
	return r;
}

/* ---- rounding ---- */

/* Whether mant, cut after `prec` bits, must be increased by one in the last place; *inexact: something is cut. */
static bool rounds_up(fp_mant mant, int prec, bool sign, int rm, bool *inexact)
{
	fp_mant rest = prec >= 128 ? 0 : mant << prec;

	*inexact = rest != 0;
	if (rest == 0)
		return false;
	switch (rm) {
	case FP_NEAREST:
		return rest > TOP || (rest == TOP && (prec == 0 ? 0 : (uint64_t)(mant >> (128 - prec)) & 1));
	case FP_DOWN:
		return sign;
	case FP_UP:
		return !sign;
	default:
		return false;
	}
}

/* Rounds v to prec bits, exponent unbounded. Returns whether it was inexact; env->up is set. */
static bool round_significand(struct fp_env *env, struct fp *v, int prec)
{
	bool inexact;
	fp_mant ulp = (fp_mant)1 << (128 - prec);

	env->up = rounds_up(v->mant, prec, v->sign, env->rm, &inexact);
	v->mant &= ~(ulp - 1);
	if (env->up) {
		v->mant += ulp;
		if (v->mant == 0) {
			v->mant = TOP;
			v->exp++;
		}
	}
	return inexact;
}

static bool towards_infinity(const struct fp_env *env, bool sign)
{
	return env->rm == FP_NEAREST || env->rm == (sign ? FP_DOWN : FP_UP);
}

/* The result of an overflow; an unmasked one that wrapping the exponent does not bring into range (FSCALE) always gives infinity. */
static void overflow(struct fp_env *env, struct fp *v, const struct format *f)
{
	if (env->x87 || !(env->unmasked & FPE_O)) /* SSE delivers no result then */
		env->flags |= FPE_P;
	env->up = env->unmasked & FPE_O || towards_infinity(env, v->sign);
	if (env->up) {
		v->cls = FP_CLS_INF;
	} else {
		v->exp = f->emax;
		v->mant = ~(fp_mant)0 << (128 - f->prec);
	}
}

/* As overflow() where wrapping does not suffice. */
static void underflow_to_zero(struct fp_env *env, struct fp *v)
{
	if (env->x87)
		env->flags |= FPE_P;
	env->up = false;
	v->cls = FP_CLS_ZERO;
}

/* v is tiny and underflow masked: a denormal, zero, or by rounding the smallest normal number. */
static void denormalize(struct fp_env *env, struct fp *v, const struct format *f)
{
	if (env->ftz) {
		env->flags |= FPE_U | FPE_P;
		v->cls = FP_CLS_ZERO;
		return;
	}
	v->mant = fp_shift_jam(v->mant, f->emin - v->exp > 128 ? 128 : f->emin - v->exp);
	v->exp = f->emin;
	if (round_significand(env, v, f->prec))
		env->flags |= FPE_U | FPE_P;
	if (v->mant == 0)
		v->cls = FP_CLS_ZERO;
}

/* Rounds a finite number into the format. A denormal result has exp = emin and a clear top bit. */
static void round_finite(struct fp_env *env, struct fp *v, const struct format *f)
{
	struct fp r = *v;

	if (round_significand(env, &r, f->prec))
		env->flags |= FPE_P;
	if (r.exp > f->emax) {
		env->flags |= FPE_O;
		if (env->unmasked & FPE_O)
			r.exp -= f->wrap;
		if (r.exp > f->emax)
			overflow(env, &r, f);
	} else if (r.exp < f->emin && !(env->unmasked & FPE_U)) {
		r = *v;
		denormalize(env, &r, f);
	} else if (r.exp < f->emin) {
		env->flags |= FPE_U;
		r.exp += f->wrap;
		if (r.exp < f->emin)
			underflow_to_zero(env, &r);
	}
	*v = r;
}

static uint64_t to_ieee(struct fp_env *env, struct fp v, const struct format *f)
{
	int frac = f->prec - 1;
	uint64_t expmax = (uint64_t)(f->emax * 2 + 1);
	uint64_t sign, e, m;

	env->up = false;
	if (v.cls == FP_CLS_BAD)
		v = fp_default_nan;
	if (v.cls == FP_CLS_FINITE)
		round_finite(env, &v, f);
	if (fp_is_nan(&v))
		v.mant |= QUIET;
	sign = (uint64_t)v.sign << (frac + (f->prec == 24 ? 8 : 11));
	m = (uint64_t)(v.mant << 1 >> (128 - frac));
	if (v.cls == FP_CLS_ZERO)
		return sign;
	if (v.cls == FP_CLS_INF)
		return sign | expmax << frac;
	if (fp_is_nan(&v))
		return sign | expmax << frac | m;
	e = v.mant & TOP ? (uint64_t)(v.exp + f->emax) : 0;
	return sign | e << frac | m;
}

uint32_t fp_to32(struct fp_env *env, struct fp v) { return (uint32_t)to_ieee(env, v, &format32); }
uint64_t fp_to64(struct fp_env *env, struct fp v) { return to_ieee(env, v, &format64); }

struct f80 fp_to80(struct fp_env *env, struct fp v)
{
	struct format f = { env->prec, -16382, 16383, 24576 };
	uint16_t sign;

	env->up = false;
	if (v.cls == FP_CLS_BAD)
		v = fp_default_nan;
	if (v.cls == FP_CLS_FINITE)
		round_finite(env, &v, &f);
	sign = (uint16_t)(v.sign << 15);
	if (v.cls == FP_CLS_ZERO)
		return (struct f80){ 0, sign };
	if (v.cls == FP_CLS_INF)
		return (struct f80){ 1ull << 63, sign | 0x7fff };
	if (fp_is_nan(&v))
		return (struct f80){ (uint64_t)((v.mant | TOP | QUIET) >> 64), sign | 0x7fff };
	return (struct f80){ (uint64_t)(v.mant >> 64), sign | (v.mant & TOP ? (uint16_t)(v.exp + 16383) : 0) };
}

/* ---- integers ---- */

int64_t fp_to_int(struct fp_env *env, struct fp v, int bits, int rm)
{
	uint64_t most_negative = 1ull << (bits - 1), magnitude = 0;
	bool inexact = false;

	env->up = false;
	if (v.cls == FP_CLS_ZERO)
		return 0;
	if (v.cls == FP_CLS_FINITE && v.exp < 64) {
		int prec = v.exp + 1; /* bits left of the point */
		bool up;

		if (prec < 0) {
			v.mant = fp_shift_jam(v.mant, -prec > 128 ? 128 : -prec);
			prec = 0;
		}
		up = rounds_up(v.mant, prec, v.sign, rm, &inexact);
		magnitude = prec ? (uint64_t)(v.mant >> (128 - prec)) : 0;
		env->up = up;
		if (magnitude + up < magnitude)
			magnitude = most_negative + 1;
		else
			magnitude += up;
		if (magnitude < most_negative || (magnitude == most_negative && v.sign)) {
			if (inexact)
				env->flags |= FPE_P;
			return (int64_t)(v.sign ? 0 - magnitude : magnitude);
		}
	}
	env->up = false;
	env->flags |= FPE_I;
	return (int64_t)(~most_negative + 1);
}

struct fp fp_round_int(struct fp_env *env, struct fp v)
{
	int prec = v.exp + 1;
	bool inexact;

	env->up = false;
	if (v.cls != FP_CLS_FINITE || prec >= 64)
		return v;
	if (prec > 0) {
		if (round_significand(env, &v, prec))
			env->flags |= FPE_P;
		return v;
	}
	/* below one: zero or one */
	env->up = rounds_up(fp_shift_jam(v.mant, -prec > 128 ? 128 : -prec), 0, v.sign, env->rm, &inexact);
	env->flags |= FPE_P;
	if (env->up) {
		v.mant = TOP;
		v.exp = 0;
	} else {
		v.cls = FP_CLS_ZERO;
	}
	return v;
}
