/* Arithmetic on unpacked numbers. */
#include "translator/softfloat.h"

#define TOP ((fp_mant)1 << 127)
#define QUIET ((fp_mant)1 << 126)

const struct fp fp_default_nan = { .cls = FP_CLS_QNAN, .sign = true, .mant = TOP | QUIET };

static const struct fp zero = { .cls = FP_CLS_ZERO };

static struct fp quieted(struct fp v)
{
	v.cls = FP_CLS_QNAN;
	v.mant |= TOP | QUIET;
	return v;
}

static struct fp invalid(struct fp_env *env)
{
	env->flags |= FPE_I;
	return fp_default_nan;
}

/* x87: the larger significand wins, a quiet NaN over a signalling one, the positive of equals. SSE: the first operand if it is a NaN. */
struct fp fp_nan_result(struct fp_env *env, const struct fp *a, const struct fp *b)
{
	if (a->cls == FP_CLS_BAD || b->cls == FP_CLS_BAD)
		return invalid(env);
	if (a->cls == FP_CLS_SNAN || b->cls == FP_CLS_SNAN)
		env->flags |= FPE_I;
	if (!fp_is_nan(a))
		return quieted(*b);
	if (!env->x87 || !fp_is_nan(b))
		return quieted(*a);
	if (a->cls != b->cls)
		return a->cls == FP_CLS_QNAN ? *a : *b;
	if (a->mant != b->mant)
		return quieted(a->mant > b->mant ? *a : *b);
	return quieted(a->sign ? *b : *a);
}

/* The exceptions of operands that are common to all operations: true when *out is the result already. */
static bool special_operands(struct fp_env *env, const struct fp *a, const struct fp *b, struct fp *out)
{
	if (!fp_is_nan(a) && !fp_is_nan(b))
		return false;
	*out = fp_nan_result(env, a, b);
	return true;
}

static void note_denormals(struct fp_env *env, const struct fp *a, const struct fp *b)
{
	if (a->denormal || b->denormal)
		env->flags |= FPE_D;
}

/* Brings the top one to bit 127. mant is not zero. */
static struct fp normalized(struct fp v)
{
	int n = fp_clz(v.mant);

	v.mant <<= n;
	v.exp -= n;
	return v;
}

/* |a| + |b|, finite, with a's sign. */
static struct fp add_magnitudes(struct fp a, struct fp b)
{
	struct fp r = { .cls = FP_CLS_FINITE, .sign = a.sign };

	if (a.exp < b.exp) {
		struct fp swap = a;
		a = b;
		b = swap;
	}
	r.exp = a.exp + 1;
	r.mant = fp_shift_jam(a.mant, 1) + fp_shift_jam(b.mant, a.exp - b.exp + 1 < 0 ? 128 : a.exp - b.exp + 1);
	return normalized(r);
}

/* |a| - |b|, finite, with a's sign if positive, else the other. An exact zero is negative when rounding down. */
static struct fp sub_magnitudes(const struct fp_env *env, struct fp a, struct fp b)
{
	struct fp r = { .cls = FP_CLS_FINITE, .sign = a.sign };

	if (a.exp < b.exp || (a.exp == b.exp && a.mant < b.mant)) {
		struct fp swap = a;
		a = b;
		b = swap;
		r.sign = !r.sign;
	}
	r.exp = a.exp;
	r.mant = a.mant - fp_shift_jam(b.mant, a.exp - b.exp);
	if (r.mant == 0) {
		r = zero;
		r.sign = env->rm == FP_DOWN;
		return r;
	}
	return normalized(r);
}

struct fp fp_add(struct fp_env *env, struct fp a, struct fp b)
{
	struct fp r;

	if (special_operands(env, &a, &b, &r))
		return r;
	if (a.cls == FP_CLS_INF && b.cls == FP_CLS_INF && a.sign != b.sign)
		return invalid(env);
	note_denormals(env, &a, &b);
	if (a.cls == FP_CLS_INF)
		return a;
	if (b.cls == FP_CLS_INF)
		return b;
	if (a.cls == FP_CLS_ZERO && b.cls == FP_CLS_ZERO) {
		if (a.sign != b.sign)
			a.sign = env->rm == FP_DOWN;
		return a;
	}
	if (a.cls == FP_CLS_ZERO)
		return b;
	if (b.cls == FP_CLS_ZERO)
		return a;
	return a.sign == b.sign ? add_magnitudes(a, b) : sub_magnitudes(env, a, b);
}

struct fp fp_sub(struct fp_env *env, struct fp a, struct fp b)
{
	if (!fp_is_nan(&b))
		b.sign = !b.sign;
	return fp_add(env, a, b);
}

struct fp fp_mul(struct fp_env *env, struct fp a, struct fp b)
{
	struct fp r;

	if (special_operands(env, &a, &b, &r))
		return r;
	if ((a.cls == FP_CLS_INF && b.cls == FP_CLS_ZERO) || (a.cls == FP_CLS_ZERO && b.cls == FP_CLS_INF))
		return invalid(env);
	note_denormals(env, &a, &b);
	r = (struct fp){ .sign = a.sign != b.sign };
	if (a.cls == FP_CLS_INF || b.cls == FP_CLS_INF) {
		r.cls = FP_CLS_INF;
	} else if (a.cls == FP_CLS_ZERO || b.cls == FP_CLS_ZERO) {
		r.cls = FP_CLS_ZERO;
	} else {
		r.cls = FP_CLS_FINITE;
		r.mant = (fp_mant)(uint64_t)(a.mant >> 64) * (uint64_t)(b.mant >> 64);
		r.exp = a.exp + b.exp + 1;
		r = normalized(r);
	}
	return r;
}

/* Schoolbook division by 32-bit digits (Knuth, algorithm D, for a normalised divisor of two digits). */
static uint32_t quotient_digit(uint64_t *rem, uint32_t next, uint64_t d)
{
	uint64_t dh = d >> 32, dl = (uint32_t)d;
	uint64_t q = *rem / dh, r = *rem % dh;

	while (q >> 32 || q * dl > (r << 32 | next)) {
		q--;
		r += dh;
		if (r >> 32)
			break;
	}
	*rem = (*rem << 32 | next) - q * d;
	return (uint32_t)q;
}

uint64_t fp_div128(uint64_t hi, uint64_t lo, uint64_t d, uint64_t *rem)
{
	uint64_t r = hi;
	uint64_t q1 = quotient_digit(&r, (uint32_t)(lo >> 32), d);
	uint64_t q0 = quotient_digit(&r, (uint32_t)lo, d);

	*rem = r;
	return q1 << 32 | q0;
}

struct fp fp_div(struct fp_env *env, struct fp a, struct fp b)
{
	struct fp r;

	if (special_operands(env, &a, &b, &r))
		return r;
	if (a.cls == b.cls && a.cls != FP_CLS_FINITE)
		return invalid(env);
	r = (struct fp){ .sign = a.sign != b.sign };
	if (b.cls == FP_CLS_ZERO && a.cls == FP_CLS_FINITE) {
		env->flags |= FPE_Z;
		r.cls = FP_CLS_INF;
		return r;
	}
	note_denormals(env, &a, &b);
	if (a.cls == FP_CLS_INF || b.cls == FP_CLS_ZERO) {
		r.cls = FP_CLS_INF;
	} else if (b.cls == FP_CLS_INF || a.cls == FP_CLS_ZERO) {
		r.cls = FP_CLS_ZERO;
	} else {
		/* half of a's significand is below b's: two digits of quotient, then the sticky bit */
		uint64_t d = (uint64_t)(b.mant >> 64), n = (uint64_t)(a.mant >> 64), rem;
		uint64_t q1 = fp_div128(n >> 1, n << 63, d, &rem);
		uint64_t q0 = fp_div128(rem, 0, d, &rem);

		r.cls = FP_CLS_FINITE;
		r.mant = (fp_mant)q1 << 64 | q0 | (rem != 0);
		r.exp = a.exp - b.exp;
		r = normalized(r);
	}
	return r;
}

struct fp fp_sqrt(struct fp_env *env, struct fp a)
{
	struct fp r;

	if (special_operands(env, &a, &a, &r))
		return r;
	if (a.sign && a.cls != FP_CLS_ZERO)
		return invalid(env);
	note_denormals(env, &a, &a);
	if (a.cls != FP_CLS_FINITE)
		return a;
	/* digit by digit: 66 bits of root, the remainder tells whether it is exact */
	fp_mant radicand = a.exp & 1 ? a.mant : a.mant >> 1;
	fp_mant root = 0, rem = 0;
	for (int bit = 0; bit < 66; bit++) {
		rem = rem << 2 | (radicand >> 126);
		radicand <<= 2;
		root <<= 1;
		if (rem >= (root << 1 | 1)) {
			rem -= root << 1 | 1;
			root |= 1;
		}
	}
	r = (struct fp){ .cls = FP_CLS_FINITE, .exp = a.exp >> 1 };
	r.mant = root << 62 | (rem != 0);
	return r;
}

/* Order of two numbers neither of which is a NaN. */
static enum fp_order order(const struct fp *a, const struct fp *b)
{
	enum fp_order larger = a->sign ? FP_LESS : FP_GREATER; /* if |a| > |b| and signs are equal */

	if (a->cls == FP_CLS_ZERO && b->cls == FP_CLS_ZERO)
		return FP_EQUAL;
	if (a->cls == FP_CLS_ZERO)
		return b->sign ? FP_GREATER : FP_LESS;
	if (b->cls == FP_CLS_ZERO || a->sign != b->sign)
		return larger;
	if (a->cls != b->cls)
		return a->cls == FP_CLS_INF ? larger : (enum fp_order)-larger;
	if (a->cls == FP_CLS_INF)
		return FP_EQUAL;
	if (a->exp != b->exp)
		return a->exp > b->exp ? larger : (enum fp_order)-larger;
	if (a->mant != b->mant)
		return a->mant > b->mant ? larger : (enum fp_order)-larger;
	return FP_EQUAL;
}

enum fp_order fp_compare(struct fp_env *env, struct fp a, struct fp b, bool quiet)
{
	if (fp_is_nan(&a) || fp_is_nan(&b)) {
		if (!quiet || a.cls >= FP_CLS_SNAN || b.cls >= FP_CLS_SNAN)
			env->flags |= FPE_I;
		return FP_UNORDERED;
	}
	note_denormals(env, &a, &b);
	return order(&a, &b);
}
