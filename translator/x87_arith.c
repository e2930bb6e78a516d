/* x87 arithmetic, comparisons, and register moves. */
#include "translator/x87.h"

enum { OP_FADD, OP_FMUL, OP_FCOM, OP_FCOMP, OP_FSUB, OP_FSUBR, OP_FDIV, OP_FDIVR };

static struct fp compute(struct fp_env *env, unsigned op, struct fp a, struct fp b)
{
	switch (op) {
	case OP_FADD:
		return fp_add(env, a, b);
	case OP_FMUL:
		return fp_mul(env, a, b);
	case OP_FSUB:
		return fp_sub(env, a, b);
	case OP_FSUBR:
		return fp_sub(env, b, a);
	case OP_FDIV:
		return fp_div(env, a, b);
	default:
		return fp_div(env, b, a);
	}
}

/* C3 C2 C0 of an order. */
static unsigned order_cc(enum fp_order order)
{
	static const uint16_t cc[4] = { SW_C0, SW_C3, 0, SW_C3 | SW_C2 | SW_C0 };

	return cc[order + 1];
}

/* Compares into the condition codes. Returns false when an unmasked exception leaves the instruction without effect. */
static bool compare(struct cpu *cpu, struct fp a, struct fp b, bool quiet)
{
	struct fp_env env = x87_env(cpu);
	enum fp_order order = fp_compare(&env, a, b, quiet);

	x87_set_c1(cpu, false);
	if (x87_raise(cpu, env.flags))
		return false;
	x87_set_cc(cpu, order_cc(order));
	return true;
}

/* As compare() on stack registers: ST(0) with ST(i). */
static bool compare_st(struct cpu *cpu, unsigned i, bool quiet)
{
	if (x87_empty(cpu, 0) || x87_empty(cpu, i)) {
		if (!x87_stack_underflow(cpu))
			return false;
		x87_set_cc(cpu, order_cc(FP_UNORDERED));
		return true;
	}
	return compare(cpu, fp_from80(x87_get(cpu, 0)), fp_from80(x87_get(cpu, i)), quiet);
}

void x87_binary(struct cpu *cpu, unsigned op, struct fp other)
{
	struct fp_env env = x87_env(cpu);
	bool comparison = op == OP_FCOM || op == OP_FCOMP;

	if (x87_empty(cpu, 0)) {
		if (!x87_stack_underflow(cpu))
			return;
		if (comparison)
			x87_set_cc(cpu, order_cc(FP_UNORDERED));
		else
			x87_put(cpu, 0, F80_DEFAULT_NAN);
	} else if (comparison) {
		if (!compare(cpu, fp_from80(x87_get(cpu, 0)), other, false))
			return;
	} else {
		x87_result(cpu, 0, &env, compute(&env, op, fp_from80(x87_get(cpu, 0)), other));
	}
	if (op == OP_FCOMP)
		x87_pop(cpu);
}

/* D8 C0-FF, and the aliases of FCOM (DC D0) and FCOMP (DC D8, DE D0): ST(0) op= ST(i). */
uint64_t x87_arith_st0(struct cpu *cpu, unsigned rm, uint32_t info)
{
	unsigned op = X87_INFO_MODRM(info) >> 3 & 7;

	if (op == OP_FCOM || op == OP_FCOMP) {
		if (compare_st(cpu, rm, false) && (op == OP_FCOMP || X87_INFO_ESC(info) == 6))
			x87_pop(cpu);
	} else if (x87_empty(cpu, rm)) {
		if (x87_stack_underflow(cpu))
			x87_put(cpu, 0, F80_DEFAULT_NAN);
	} else {
		x87_binary(cpu, op, fp_from80(x87_get(cpu, rm)));
	}
	return 0;
}

/* ST(i) = ST(i) op ST(0); in this form the encodings of SUB and SUBR, DIV and DIVR are exchanged. Returns false when it had no effect. */
static bool to_sti(struct cpu *cpu, unsigned rm, unsigned op)
{
	struct fp_env env = x87_env(cpu);

	if (x87_empty(cpu, 0) || x87_empty(cpu, rm)) {
		if (!x87_stack_underflow(cpu))
			return false;
		x87_put(cpu, rm, F80_DEFAULT_NAN);
		return true;
	}
	return x87_result(cpu, rm, &env, compute(&env, op, fp_from80(x87_get(cpu, 0)), fp_from80(x87_get(cpu, rm))));
}

uint64_t x87_arith_sti(struct cpu *cpu, unsigned rm, uint32_t info)
{
	to_sti(cpu, rm, X87_INFO_MODRM(info) >> 3 & 7);
	return 0;
}

uint64_t x87_arith_sti_pop(struct cpu *cpu, unsigned rm, uint32_t info)
{
	if (to_sti(cpu, rm, X87_INFO_MODRM(info) >> 3 & 7))
		x87_pop(cpu);
	return 0;
}

/* FCOMPP (DE D9), FUCOMPP (DA E9) */
uint64_t x87_compare_pop2(struct cpu *cpu, unsigned rm, uint32_t info)
{
	(void)rm;
	if (compare_st(cpu, 1, X87_INFO_ESC(info) == 2)) {
		x87_pop(cpu);
		x87_pop(cpu);
	}
	return 0;
}

/* FUCOM (DD E0), FUCOMP (DD E8) */
uint64_t x87_fucom(struct cpu *cpu, unsigned rm, uint32_t info)
{
	if (compare_st(cpu, rm, true) && X87_INFO_MODRM(info) & 8)
		x87_pop(cpu);
	return 0;
}

/* FUCOMI (DB E8), FCOMI (DB F0), and with pop DF: ZF PF CF take the places of C3 C2 C0, the other flags are cleared. */
uint64_t x87_fcomi(struct cpu *cpu, unsigned rm, uint32_t info)
{
	uint16_t saved = cpu->x87.sw & (SW_CC & ~SW_C1);
	bool done = compare_st(cpu, rm, (X87_INFO_MODRM(info) >> 3 & 7) == 5);
	uint16_t cc = cpu->x87.sw;

	cpu->x87.sw = (uint16_t)((cc & ~(SW_CC & ~SW_C1)) | saved);
	if (!done)
		return cpu_get_eflags(cpu) & FL_ARITH;
	if (X87_INFO_ESC(info) == 7)
		x87_pop(cpu);
	return (cc & SW_C3 ? FL_ZF : 0) | (cc & SW_C2 ? FL_PF : 0) | (cc & SW_C0 ? FL_CF : 0);
}

/* DA C0-DF: B, E, BE, U; DB: the opposite. */
uint64_t x87_fcmov(struct cpu *cpu, unsigned rm, uint32_t info)
{
	static const uint32_t flags[4] = { FL_CF, FL_ZF, FL_CF | FL_ZF, FL_PF };
	bool set = cpu_get_eflags(cpu) & flags[X87_INFO_MODRM(info) >> 3 & 3];

	if (x87_empty(cpu, 0) || x87_empty(cpu, rm)) {
		if (x87_stack_underflow(cpu))
			x87_put(cpu, 0, F80_DEFAULT_NAN);
		return 0;
	}
	if (set == (X87_INFO_ESC(info) == 2))
		x87_put(cpu, 0, x87_get(cpu, rm));
	return 0;
}

/* ---- moves ---- */

uint64_t x87_fld_st(struct cpu *cpu, unsigned rm, uint32_t info)
{
	(void)info;
	if (x87_empty(cpu, rm)) {
		if (x87_stack_underflow(cpu))
			x87_push(cpu, F80_DEFAULT_NAN);
	} else if (!x87_empty(cpu, 7)) {
		if (x87_stack_overflow(cpu))
			x87_push(cpu, F80_DEFAULT_NAN);
	} else {
		x87_set_c1(cpu, false);
		x87_push(cpu, x87_get(cpu, rm));
	}
	return 0;
}

/* FST ST(i) (DD D0), FSTP ST(i) (DD D8 and aliases DF D0, DF D8) */
uint64_t x87_fst_st(struct cpu *cpu, unsigned rm, uint32_t info)
{
	bool pop = X87_INFO_MODRM(info) & 8 || X87_INFO_ESC(info) == 7;

	if (x87_empty(cpu, 0)) {
		if (!x87_stack_underflow(cpu))
			return 0;
		x87_put(cpu, rm, F80_DEFAULT_NAN);
	} else {
		x87_set_c1(cpu, false);
		x87_put(cpu, rm, x87_get(cpu, 0));
	}
	if (pop)
		x87_pop(cpu);
	return 0;
}

/* D9 D8: as FSTP ST(i), but an empty ST(0) raises nothing and is only popped. */
uint64_t x87_fstp_quiet(struct cpu *cpu, unsigned rm, uint32_t info)
{
	(void)info;
	x87_set_c1(cpu, false);
	if (!x87_empty(cpu, 0))
		x87_put(cpu, rm, x87_get(cpu, 0));
	x87_pop(cpu);
	return 0;
}

uint64_t x87_fxch(struct cpu *cpu, unsigned rm, uint32_t info)
{
	struct f80 a, b;

	(void)info;
	x87_set_c1(cpu, false);
	if (x87_empty(cpu, 0) || x87_empty(cpu, rm)) {
		if (!x87_stack_underflow(cpu))
			return 0;
		if (x87_empty(cpu, 0))
			x87_put(cpu, 0, F80_DEFAULT_NAN);
		if (x87_empty(cpu, rm))
			x87_put(cpu, rm, F80_DEFAULT_NAN);
	}
	a = x87_get(cpu, 0);
	b = x87_get(cpu, rm);
	x87_put(cpu, 0, b);
	x87_put(cpu, rm, a);
	return 0;
}

/* FFREE (DD C0), FFREEP (DF C0) */
uint64_t x87_ffree(struct cpu *cpu, unsigned rm, uint32_t info)
{
	x87_set_c1(cpu, false);
	cpu->x87.tag_empty |= (uint8_t)(1u << x87_phys(cpu, rm));
	if (X87_INFO_ESC(info) == 7)
		x87_pop(cpu);
	return 0;
}

/* D9 E8-EE. Stored truncated; the bits that follow decide which way the nearest value lies. */
uint64_t x87_constant(struct cpu *cpu, unsigned rm, uint32_t info)
{
	static const struct {
		uint64_t mant; /* truncated */
		uint16_t sexp;
		bool exact, nearest_is_up;
	} constants[8] = {
		{ 0x8000000000000000, 0x3fff, true, false },  /* 1 */
		{ 0xd49a784bcd1b8afe, 0x4000, false, false }, /* log2 10 */
		{ 0xb8aa3b295c17f0bb, 0x3fff, false, true },  /* log2 e */
		{ 0xc90fdaa22168c234, 0x4000, false, true },  /* pi */
		{ 0x9a209a84fbcff798, 0x3ffd, false, true },  /* log10 2 */
		{ 0xb17217f7d1cf79ab, 0x3ffe, false, true },  /* ln 2 */
		{ 0, 0, true, false },                        /* 0 */
	};
	int rm_mode = cpu->x87.cw >> 10 & 3;
	struct f80 v = { constants[rm].mant, constants[rm].sexp };

	(void)info;
	if (!x87_empty(cpu, 7)) {
		if (x87_stack_overflow(cpu))
			x87_push(cpu, F80_DEFAULT_NAN);
		return 0;
	}
	x87_set_c1(cpu, false);
	if (!constants[rm].exact && (rm_mode == FP_UP || (rm_mode == FP_NEAREST && constants[rm].nearest_is_up)))
		v.mant++;
	x87_push(cpu, v);
	return 0;
}

/* ---- one operand ---- */

static void fxam(struct cpu *cpu)
{
	static const uint16_t cc[] = {
		[FP_CLS_ZERO] = SW_C3, [FP_CLS_FINITE] = SW_C2, [FP_CLS_INF] = SW_C2 | SW_C0, [FP_CLS_QNAN] = SW_C0,
		[FP_CLS_SNAN] = SW_C0, [FP_CLS_BAD] = 0,
	};
	struct f80 raw = x87_get(cpu, 0);
	struct fp v = fp_from80(raw);
	unsigned c;

	if (x87_empty(cpu, 0))
		c = SW_C3 | SW_C0;
	else
		c = v.denormal ? SW_C3 | SW_C2 : cc[v.cls];
	x87_set_cc(cpu, c | (raw.sexp >> 15 ? SW_C1 : 0));
}

/* FCHS (D9 E0), FABS (E1), FTST (E4), FXAM (E5) */
uint64_t x87_unary(struct cpu *cpu, unsigned rm, uint32_t info)
{
	struct f80 v;

	(void)info;
	if (rm == 5) {
		fxam(cpu);
		return 0;
	}
	if (x87_empty(cpu, 0)) {
		if (!x87_stack_underflow(cpu))
			return 0;
		if (rm == 4)
			x87_set_cc(cpu, order_cc(FP_UNORDERED));
		else
			x87_put(cpu, 0, F80_DEFAULT_NAN);
		return 0;
	}
	v = x87_get(cpu, 0);
	if (rm == 4) {
		compare(cpu, fp_from80(v), (struct fp){ .cls = FP_CLS_ZERO }, false);
		return 0;
	}
	x87_set_c1(cpu, false);
	v.sexp = rm ? v.sexp & 0x7fff : v.sexp ^ 0x8000;
	x87_put(cpu, 0, v);
	return 0;
}

static void fdecstp(struct cpu *cpu)
{
	x87_set_c1(cpu, false);
	x87_set_top(cpu, x87_top(cpu) - 1);
}

static void fincstp(struct cpu *cpu)
{
	x87_set_c1(cpu, false);
	x87_set_top(cpu, x87_top(cpu) + 1);
}

static void fsqrt(struct cpu *cpu)
{
	struct fp_env env = x87_env(cpu);

	if (!x87_empty(cpu, 0))
		x87_result(cpu, 0, &env, fp_sqrt(&env, fp_from80(x87_get(cpu, 0))));
	else if (x87_stack_underflow(cpu))
		x87_put(cpu, 0, F80_DEFAULT_NAN);
}

static struct fp round_int(struct fp_env *env, struct fp v)
{
	if (fp_is_nan(&v))
		return fp_nan_result(env, &v, &v);
	if (v.denormal)
		env->flags |= FPE_D;
	return fp_round_int(env, v);
}

/* C1 comes from rounding to an integer: packing the result is exact. */
static void frndint(struct cpu *cpu)
{
	struct fp_env env = x87_env(cpu);
	struct fp v;
	bool up;

	if (x87_empty(cpu, 0)) {
		if (x87_stack_underflow(cpu))
			x87_put(cpu, 0, F80_DEFAULT_NAN);
		return;
	}
	env.prec = 64;
	v = round_int(&env, fp_from80(x87_get(cpu, 0)));
	up = env.up;
	if (x87_result(cpu, 0, &env, v))
		x87_set_c1(cpu, up);
}

/* D9 F0-FF */
uint64_t x87_stack_unary(struct cpu *cpu, unsigned rm, uint32_t info)
{
	static void (*const ops[16])(struct cpu *) = {
		x87_f2xm1, x87_fyl2x, x87_fptan, x87_fpatan, x87_fxtract, x87_fprem1, fdecstp, fincstp,
		x87_fprem, x87_fyl2xp1, fsqrt, x87_fsincos, frndint, x87_fscale, x87_fsin, x87_fcos,
	};

	(void)rm;
	ops[X87_INFO_MODRM(info) & 15](cpu);
	return 0;
}
