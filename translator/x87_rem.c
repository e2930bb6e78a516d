/* FPREM, FPREM1, FSCALE, FXTRACT. */
#include "translator/x87.h"

/* Both operands are there; else the default NaN goes to ST(0) where that is masked. */
static bool two_operands(struct cpu *cpu)
{
	if (!x87_empty(cpu, 0) && !x87_empty(cpu, 1))
		return true;
	if (x87_stack_underflow(cpu))
		x87_put(cpu, 0, F80_DEFAULT_NAN);
	return false;
}

/* NaNs and the invalid and trivial cases. Returns true when *r is the result. */
static bool rem_special(struct fp_env *env, const struct fp *a, const struct fp *b, struct fp *r)
{
	if (fp_is_nan(a) || fp_is_nan(b)) {
		*r = fp_nan_result(env, a, b);
		return true;
	}
	if (a->cls == FP_CLS_INF || b->cls == FP_CLS_ZERO) {
		env->flags |= FPE_I;
		*r = fp_default_nan;
		return true;
	}
	if (a->denormal || b->denormal)
		env->flags |= FPE_D;
	*r = *a;
	return a->cls == FP_CLS_ZERO || b->cls == FP_CLS_INF;
}

/* a = q * b + r with |r| < |b|, for a.exp >= b.exp: remainder in *a (its sign kept), low bits of q returned. */
static uint64_t divide_bits(struct fp *a, const struct fp *b, int steps)
{
	fp_mant m = a->mant >> 1, d = b->mant >> 1;
	uint64_t q = 0;

	for (int n = 0; n <= steps; n++) {
		if (n)
			m <<= 1;
		q <<= 1;
		if (m >= d) {
			m -= d;
			q |= 1;
		}
	}
	a->exp -= steps;
	if (m == 0) {
		a->cls = FP_CLS_ZERO;
	} else {
		int lead = fp_clz(m);
		a->mant = m << lead;
		a->exp -= lead - 1;
	}
	return q;
}

/* FPREM1's remainder lies in [-b/2, b/2]: one more b is taken off where |r| is above half of it, or is half of it and q odd. */
static uint64_t to_nearest(struct fp *r, const struct fp *b, uint64_t q)
{
	fp_mant rm, bm = b->mant >> 2;
	int shift = b->exp - r->exp;

	if (r->cls == FP_CLS_ZERO || shift > 1)
		return q;
	rm = r->mant >> 2 >> shift; /* significands have 64 bits: nothing is lost */
	if (rm < bm - rm || (rm == bm - rm && !(q & 1)))
		return q;
	rm = bm - rm;
	r->sign = !r->sign;
	int lead = fp_clz(rm);
	r->mant = rm << lead;
	r->exp = b->exp - (lead - 2);
	return q + 1;
}

static void set_quotient(struct cpu *cpu, uint64_t q)
{
	x87_set_cc(cpu, (q & 4 ? SW_C0 : 0) | (q & 2 ? SW_C3 : 0) | (q & 1 ? SW_C1 : 0));
}

static void partial_remainder(struct cpu *cpu, bool nearest)
{
	struct fp_env env = x87_env(cpu);
	struct fp a, b, r;
	uint64_t q = 0;
	bool partial = false;

	x87_set_c2(cpu, false);
	if (!two_operands(cpu))
		return;
	env.prec = 64;
	a = fp_from80(x87_get(cpu, 0));
	b = fp_from80(x87_get(cpu, 1));
	if (!rem_special(&env, &a, &b, &r)) {
		int d = a.exp - b.exp;

		if (d >= 64) {
			/* 32 to 63 bits of quotient at a time */
			struct fp scaled = b;
			int n = (d & 31) + 32;

			scaled.exp = a.exp - n;
			divide_bits(&r, &scaled, n);
			partial = true;
		} else {
			if (d >= 0)
				q = divide_bits(&r, &b, d);
			if (nearest)
				q = to_nearest(&r, &b, q);
		}
	}
	if (!x87_result(cpu, 0, &env, r))
		return;
	if (fp_is_nan(&r))
		x87_set_cc(cpu, cpu->x87.sw & (SW_C0 | SW_C3));
	else if (partial)
		x87_set_cc(cpu, SW_C2);
	else
		set_quotient(cpu, q);
}

void x87_fprem(struct cpu *cpu)
{
	partial_remainder(cpu, false);
}

void x87_fprem1(struct cpu *cpu)
{
	partial_remainder(cpu, true);
}

static struct fp scale(struct fp_env *env, struct fp a, struct fp b)
{
	struct fp_env quiet = { .rm = FP_ZERO };
	int64_t n;

	if (fp_is_nan(&a) || fp_is_nan(&b))
		return fp_nan_result(env, &a, &b);
	if (b.cls == FP_CLS_INF && (b.sign ? a.cls == FP_CLS_INF : a.cls == FP_CLS_ZERO)) {
		env->flags |= FPE_I;
		return fp_default_nan;
	}
	if (a.denormal || b.denormal)
		env->flags |= FPE_D;
	if (a.cls != FP_CLS_FINITE)
		return a;
	if (b.cls == FP_CLS_INF) {
		a.cls = b.sign ? FP_CLS_ZERO : FP_CLS_INF;
		return a;
	}
	n = b.cls == FP_CLS_FINITE && b.exp > 16 ? (b.sign ? -0x20000 : 0x20000) : fp_to_int(&quiet, b, 32, FP_ZERO);
	a.exp += (int32_t)n;
	return a;
}

void x87_fscale(struct cpu *cpu)
{
	struct fp_env env = x87_env(cpu);

	if (!two_operands(cpu))
		return;
	env.prec = 64;
	x87_result(cpu, 0, &env, scale(&env, fp_from80(x87_get(cpu, 0)), fp_from80(x87_get(cpu, 1))));
}

/* ST(0) becomes the exponent, the significand is pushed. */
void x87_fxtract(struct cpu *cpu)
{
	struct fp_env env = x87_env(cpu);
	struct fp v, e;

	if (x87_empty(cpu, 0) || !x87_empty(cpu, 7)) {
		if (x87_empty(cpu, 0) ? x87_stack_underflow(cpu) : x87_stack_overflow(cpu)) {
			x87_put(cpu, 0, F80_DEFAULT_NAN);
			x87_push(cpu, F80_DEFAULT_NAN);
		}
		return;
	}
	env.prec = 64;
	e = v = fp_from80(x87_get(cpu, 0));
	if (fp_is_nan(&v)) {
		e = v = fp_nan_result(&env, &v, &v);
	} else if (v.cls == FP_CLS_INF) {
		e.sign = false;
	} else if (v.cls == FP_CLS_ZERO) {
		env.flags |= FPE_Z;
		e.cls = FP_CLS_INF;
		e.sign = true;
	} else {
		if (v.denormal)
			env.flags |= FPE_D;
		e = fp_from_int(v.exp);
		v.exp = 0;
	}
	if (x87_result(cpu, 0, &env, e))
		x87_push(cpu, fp_to80(&env, v));
}
