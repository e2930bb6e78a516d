/* The transcendental instructions: operands, special cases and what happens to the stack (Intel SDM volume 1, 8.3.8-8.3.10). */
#include "translator/x87.h"
#include "translator/x87_func.h"

static const struct fp plus_one = { .cls = FP_CLS_FINITE, .exp = 0, .mant = (fp_mant)1 << 127 };
static const struct fp minus_half = { .cls = FP_CLS_FINITE, .sign = true, .exp = -1, .mant = (fp_mant)1 << 127 };

#define ANGLE_EXP_MAX 63 /* angles of 2^63 and more are left alone */

static struct fp invalid(struct fp_env *env)
{
	env->flags |= FPE_I;
	return fp_default_nan;
}

static struct fp signed_value(struct fp v, bool sign)
{
	v.sign = sign;
	return v;
}

static struct fp zero(bool sign) { return (struct fp){ .cls = FP_CLS_ZERO, .sign = sign }; }
static struct fp infinity(bool sign) { return (struct fp){ .cls = FP_CLS_INF, .sign = sign }; }

static struct fp_env trans_env(const struct cpu *cpu)
{
	struct fp_env env = x87_env(cpu);

	env.prec = 64;
	return env;
}

static void note_denormal(struct fp_env *env, const struct fp *v)
{
	if (v->denormal)
		env->flags |= FPE_D;
}

/* ---- one operand, one result ---- */

static struct fp exp2m1(struct fp_env *env, struct fp x)
{
	if (fp_is_nan(&x))
		return fp_nan_result(env, &x, &x);
	note_denormal(env, &x);
	if (x.cls == FP_CLS_INF)
		return x.sign ? signed_value(plus_one, true) : x;
	if (x.cls == FP_CLS_ZERO)
		return x;
	env->flags |= FPE_P; /* where the result is exact, too */
	if (x.exp >= 0) /* 1 and -1 are in range; what lies beyond is undefined */
		return x.exp > 0 || x.mant << 1 ? x : x.sign ? minus_half : plus_one;
	return x87_exp2m1(x);
}

void x87_f2xm1(struct cpu *cpu)
{
	struct fp_env env = trans_env(cpu);

	if (!x87_empty(cpu, 0))
		x87_result(cpu, 0, &env, exp2m1(&env, fp_from80(x87_get(cpu, 0))));
	else if (x87_stack_underflow(cpu))
		x87_put(cpu, 0, F80_DEFAULT_NAN);
}

/* ---- angles ---- */

/* What FSIN, FCOS, FPTAN, FSINCOS compute from a reduced angle: sine, cosine (of an angle in any quadrant), tangent. */
static struct fp sine(struct fp r, unsigned quadrant)
{
	struct fp v = quadrant & 1 ? x87_cos(r) : x87_sin(r);

	return signed_value(v, v.sign != (quadrant >> 1 & 1));
}

static struct fp tangent(struct fp r, unsigned quadrant)
{
	struct fp v = x87_tan(r);

	if (!(quadrant & 1))
		return v;
	v = x87_wide_div(plus_one, v);
	v.mant |= 1;
	return signed_value(v, !v.sign);
}

enum angle_kind { SINE, COSINE, TANGENT };

static struct fp of_angle(enum angle_kind kind, struct fp x)
{
	unsigned quadrant;

	if (x.cls == FP_CLS_ZERO)
		return kind == COSINE ? plus_one : x;
	quadrant = x87_reduce_angle(&x);
	if (kind == TANGENT)
		return tangent(x, quadrant);
	return sine(x, kind == COSINE ? quadrant + 1 : quadrant);
}

/* NaNs and infinities: true when *r is the result. */
static bool angle_special(struct fp_env *env, const struct fp *x, struct fp *r)
{
	if (fp_is_nan(x))
		*r = fp_nan_result(env, x, x);
	else if (x->cls == FP_CLS_INF)
		*r = invalid(env);
	else
		return false;
	return true;
}

/* Too large an angle: C2, and nothing else. */
static bool out_of_range(struct cpu *cpu, const struct fp *x)
{
	bool out = x->cls == FP_CLS_FINITE && x->exp >= ANGLE_EXP_MAX;

	x87_set_c1(cpu, false);
	x87_set_c2(cpu, out);
	return out;
}

static void sine_or_cosine(struct cpu *cpu, enum angle_kind kind)
{
	struct fp_env env = trans_env(cpu);
	struct fp x, r;

	x87_set_c2(cpu, false);
	if (x87_empty(cpu, 0)) {
		if (x87_stack_underflow(cpu))
			x87_put(cpu, 0, F80_DEFAULT_NAN);
		return;
	}
	x = fp_from80(x87_get(cpu, 0));
	if (out_of_range(cpu, &x))
		return;
	if (!angle_special(&env, &x, &r)) {
		note_denormal(&env, &x);
		r = of_angle(kind, x);
	}
	x87_result(cpu, 0, &env, r);
}

void x87_fsin(struct cpu *cpu)
{
	sine_or_cosine(cpu, SINE);
}

void x87_fcos(struct cpu *cpu)
{
	sine_or_cosine(cpu, COSINE);
}

/* FPTAN, FSINCOS: `first` replaces ST(0), and the cosine or FPTAN's 1 is pushed. */
static void two_results(struct cpu *cpu, enum angle_kind first)
{
	struct fp_env env = trans_env(cpu), env2;
	struct fp x, r, second;

	x87_set_c2(cpu, false);
	if (x87_empty(cpu, 0) || !x87_empty(cpu, 7)) {
		if (x87_empty(cpu, 0) ? x87_stack_underflow(cpu) : x87_stack_overflow(cpu)) {
			x87_put(cpu, 0, F80_DEFAULT_NAN);
			x87_push(cpu, F80_DEFAULT_NAN);
		}
		return;
	}
	x = fp_from80(x87_get(cpu, 0));
	if (out_of_range(cpu, &x))
		return;
	if (angle_special(&env, &x, &r)) {
		second = r;
	} else {
		note_denormal(&env, &x);
		r = of_angle(first, x);
		second = first == TANGENT ? plus_one : of_angle(COSINE, x);
	}
	env2 = env;
	if (!x87_result(cpu, 0, &env, r))
		return;
	x87_push(cpu, fp_to80(&env2, second));
	x87_raise(cpu, env2.flags);
}

void x87_fptan(struct cpu *cpu)
{
	two_results(cpu, TANGENT);
}

void x87_fsincos(struct cpu *cpu)
{
	two_results(cpu, SINE);
}

/* ---- two operands, one result in ST(1), pop ---- */

/* The arcus tangent of y / x; x negative: in the second or third quadrant. */
static struct fp arctan(struct fp_env *env, struct fp y, struct fp x)
{
	if (fp_is_nan(&y) || fp_is_nan(&x))
		return fp_nan_result(env, &x, &y);
	note_denormal(env, &x);
	note_denormal(env, &y);
	if (y.cls == FP_CLS_INF && x.cls == FP_CLS_INF)
		return signed_value(x.sign ? x87_3pi_4 : x87_pi_4, y.sign);
	if (y.cls == FP_CLS_ZERO || x.cls == FP_CLS_INF)
		return x.sign ? signed_value(x87_pi, y.sign) : zero(y.sign);
	if (x.cls == FP_CLS_ZERO || y.cls == FP_CLS_INF)
		return signed_value(x87_pi_2, y.sign);
	return x87_atan2(y, x);
}

/* y times a logarithm which is infinite or zero or finite */
static struct fp times_log(struct fp_env *env, struct fp y, struct fp log)
{
	bool sign = y.sign != log.sign;

	if ((y.cls == FP_CLS_INF && log.cls == FP_CLS_ZERO) || (y.cls == FP_CLS_ZERO && log.cls == FP_CLS_INF))
		return invalid(env);
	if (y.cls == FP_CLS_INF || log.cls == FP_CLS_INF)
		return infinity(sign);
	if (y.cls == FP_CLS_ZERO || log.cls == FP_CLS_ZERO)
		return zero(sign);
	y = x87_wide_mul(y, log);
	y.mant |= log.mant & 1; /* of an inexact logarithm */
	env->flags |= FPE_P;    /* where the result is exact, too */
	return y;
}

static struct fp ylog2x(struct fp_env *env, struct fp y, struct fp x)
{
	if (fp_is_nan(&y) || fp_is_nan(&x))
		return fp_nan_result(env, &x, &y);
	if (x.sign && x.cls != FP_CLS_ZERO)
		return invalid(env);
	if (x.cls == FP_CLS_ZERO && y.cls == FP_CLS_FINITE) {
		env->flags |= FPE_Z;
		return infinity(!y.sign);
	}
	note_denormal(env, &x);
	note_denormal(env, &y);
	if (x.cls == FP_CLS_FINITE)
		return times_log(env, y, x87_log2(x));
	return times_log(env, y, infinity(x.cls == FP_CLS_ZERO));
}

static struct fp ylog2xp1(struct fp_env *env, struct fp y, struct fp x)
{
	if (fp_is_nan(&y) || fp_is_nan(&x))
		return fp_nan_result(env, &x, &y);
	if (x.cls == FP_CLS_INF && x.sign)
		return invalid(env);
	note_denormal(env, &x);
	note_denormal(env, &y);
	if (x.cls == FP_CLS_FINITE && (!x.sign || x.exp < 0))
		return times_log(env, y, x87_log2p1(x));
	return times_log(env, y, x); /* zero, infinity; below -1 it is undefined */
}

static void binary(struct cpu *cpu, struct fp (*fn)(struct fp_env *env, struct fp y, struct fp x))
{
	struct fp_env env = trans_env(cpu);

	if (x87_empty(cpu, 0) || x87_empty(cpu, 1)) {
		if (!x87_stack_underflow(cpu))
			return;
		x87_put(cpu, 1, F80_DEFAULT_NAN);
	} else if (!x87_result(cpu, 1, &env, fn(&env, fp_from80(x87_get(cpu, 1)), fp_from80(x87_get(cpu, 0))))) {
		return;
	}
	x87_pop(cpu);
}

void x87_fpatan(struct cpu *cpu)
{
	binary(cpu, arctan);
}

void x87_fyl2x(struct cpu *cpu)
{
	binary(cpu, ylog2x);
}

void x87_fyl2xp1(struct cpu *cpu)
{
	binary(cpu, ylog2xp1);
}
