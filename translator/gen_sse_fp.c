/*
 * Floating-point arithmetic and comparisons of SSE and SSE2. Host instructions do it where they give x86's result and flags; a trap
 * for an invalid operation (fp_trap.h) or a NaN among the results sends it to sse_exec(), for hosts choose other NaNs. Under MODE_SSE_SLOW all is
 * done there.
 */
#include "translator/gen_sse.h"
#include "translator/sse_exec.h"

typedef void fn2(struct emit *e, int d, int j);
typedef void fn3(struct emit *e, int d, int j, int k);

void gen_sse_exec_sized(struct tr *t, const struct insn *i, int d, int a, int b, int size)
{
	gen_li(t, T1, i->op);
	gen_li(t, T2, (int64_t)SSE_REGS(d, a, b));
	gen_li(t, T3, size);
	gen_helper(t, (const void *)sse_exec);
}

void gen_sse_exec(struct tr *t, const struct insn *i, int d, int a, int b)
{
	gen_sse_exec_sized(t, i, d, a, b, (int)i->imm & 0xff);
}

void gen_merge(struct tr *t, enum sse_shape shape, int d, int v)
{
	if (shape == SS)
		la_vextrins_w(&t->e, d, v, 0);
	else if (shape == SD)
		la_vextrins_d(&t->e, d, v, 0);
	else
		gen_vmove(t, d, v);
}

void gen_merge_checked(struct tr *t, const struct insn *i, enum sse_shape shape, int d, int v, int b)
{
	static fn3 *const unordered[] = { [PS] = la_vfcmp_cun_s, [PD] = la_vfcmp_cun_d, [SS] = la_fcmp_cun_s, [SD] = la_fcmp_cun_d };
	struct emit *e = &t->e;

	if (shape == PS || shape == PD) {
		unordered[shape](e, VT3, v, v);
		la_vsetnez_v(e, 0, VT3);
	} else {
		unordered[shape](e, 0, v, v);
	}
	uint32_t *site = e->p;
	la_bcnez(e, 0, 0);
	gen_merge(t, shape, d, v);
	gen_slow_call(t, site, (const void *)sse_exec, i->op, SSE_REGS(d, d, b), i->imm & 0xff, -1);
}

static bool is_packed(enum sse_shape shape)
{
	return shape == PS || shape == PD;
}

/* Loads without a result, and other accesses to memory that change no general register. */
static bool only_accesses(uint32_t word)
{
	uint32_t top = word >> 24;

	return top == 0x29 || top == 0x2b || top == 0x2c || top == 0x30 || ((top == 0x28 || top == 0x2a) && !(word & 31));
}

/* Arithmetic on vectors and floating-point registers, and vld's kind. Not all that there is. */
static bool keeps_general(uint32_t word)
{
	return word >> 20 == 0x010 || (word >> 26 == 0x1c && word >> 20 != 0x72e && word >> 20 != 0x72f);
}

/*
 * QEMU (10, helper.h: TCG_CALL_NO_RWG) loses what general registers got since the last access to memory when a vector operation traps: so there is one.
 */
static void settle_general(struct tr *t)
{
	const uint32_t *p = t->e.p;

	while (p > t->e.start && keeps_general(p[-1]))
		p--;
	if (p == t->e.start || !only_accesses(p[-1]))
		la_ld_b(&t->e, H_ZERO, H_CPU, 0);
}

/* Whether a result may be computed in register d itself, the operands being a (none: -1) and s: on vectors, elements before one that traps have changed. */
static bool in_place(const struct tr *t, enum sse_shape shape, int d, int a, int s)
{
	if (is_packed(shape))
		return d != a && d != s;
	return shape == SD && t->cpu->keeps_upper;
}

/*
 * The host's binary or unary operation. Without a trap that is x86's result: NaNs among the operands are passed on alike. With one nothing has changed yet,
 * so that it is done again in C.
 */
static void operate(struct tr *t, const struct insn *i, enum sse_shape shape, fn3 *binary, fn2 *unary)
{
	int d = HXMM(i->opd[0].reg), a = gen_sse_value(t, i->opd[0].reg), s = gen_sse_source(t, i, 1);
	int result = in_place(t, shape, d, binary ? a : -1, s) ? d : VT2;
	bool forwards = result != d && gen_sse_forwards_fp(t, shape, i->opd[0].reg);

	if (is_packed(shape))
		settle_general(t);
	unsigned point = t->npoints;
	gen_fault_point(t);
	if (binary)
		binary(&t->e, result, a, s);
	else
		unary(&t->e, result, s);
	if (forwards)
		gen_sse_forward(t, i->opd[0].reg, result, false);
	else if (result != d)
		gen_merge(t, shape, d, result);
	gen_trap_call(t, point, (const void *)sse_exec, i->op, SSE_REGS(forwards ? result : d, a, s), i->imm & 0xff);
}

/* ---- minimum and maximum ---- */

/* One operand unless the comparison first < second holds. */
static void select_less(struct tr *t, enum sse_shape shape, int d, int first, int second, int if_less, int otherwise)
{
	static fn3 *const less[] = { [PS] = la_vfcmp_slt_s, [PD] = la_vfcmp_slt_d, [SS] = la_fcmp_slt_s, [SD] = la_fcmp_slt_d };
	struct emit *e = &t->e;

	if (is_packed(shape)) {
		less[shape](e, VT2, first, second);
		la_vbitsel_v(e, d, otherwise, if_less, VT2);
	} else {
		less[shape](e, 0, first, second);
		int result = in_place(t, shape, d, otherwise, if_less) ? d : VT2;
		la_fsel(e, result, otherwise, if_less, 0);
		if (result != d)
			gen_merge(t, shape, d, result);
	}
}

/* ---- comparisons ---- */

/* Predicates 0-7; 5 and 6 with exchanged operands. */
static fn3 *const compare_fn[4][8] = {
	[PS] = { la_vfcmp_ceq_s, la_vfcmp_slt_s, la_vfcmp_sle_s, la_vfcmp_cun_s, la_vfcmp_cune_s, la_vfcmp_sule_s, la_vfcmp_sult_s, la_vfcmp_cor_s },
	[PD] = { la_vfcmp_ceq_d, la_vfcmp_slt_d, la_vfcmp_sle_d, la_vfcmp_cun_d, la_vfcmp_cune_d, la_vfcmp_sule_d, la_vfcmp_sult_d, la_vfcmp_cor_d },
	[SS] = { la_fcmp_ceq_s, la_fcmp_slt_s, la_fcmp_sle_s, la_fcmp_cun_s, la_fcmp_cune_s, la_fcmp_sule_s, la_fcmp_sult_s, la_fcmp_cor_s },
	[SD] = { la_fcmp_ceq_d, la_fcmp_slt_d, la_fcmp_sle_d, la_fcmp_cun_d, la_fcmp_cune_d, la_fcmp_sule_d, la_fcmp_sult_d, la_fcmp_cor_d },
};

static void compare(struct tr *t, enum sse_shape shape, int d, int s, int predicate)
{
	struct emit *e = &t->e;
	fn3 *fn = compare_fn[shape][predicate];
	bool exchanged = predicate == 5 || predicate == 6;
	int first = exchanged ? s : d, second = exchanged ? d : s;

	if (is_packed(shape)) {
		fn(e, d, first, second);
		return;
	}
	fn(e, 0, first, second);
	la_movcf2gr(e, T1, 0);
	la_sub_d(e, T1, H_ZERO, T1);
	if (shape == SS)
		la_vinsgr2vr_w(e, d, T1, 0);
	else
		la_vinsgr2vr_d(e, d, T1, 0);
}

/* COMISS and its kind: the flags that somebody reads, each by a comparison of its own. */
struct flag_test {
	uint16_t flag;
	uint8_t shift;
	fn3 *fn[2][2]; /* [signals quiet NaNs][double] */
};

static const struct flag_test flag_tests[] = {
	{ FL_CF, 0, { { la_fcmp_cult_s, la_fcmp_cult_d }, { la_fcmp_sult_s, la_fcmp_sult_d } } },
	{ FL_PF, 2, { { la_fcmp_cun_s, la_fcmp_cun_d }, { la_fcmp_sun_s, la_fcmp_sun_d } } },
	{ FL_ZF, 6, { { la_fcmp_cueq_s, la_fcmp_cueq_d }, { la_fcmp_sueq_s, la_fcmp_sueq_d } } },
};

/* Pairs of conditions, by their number / 2: when the even one holds. The others are known beforehand: OF and SF are clear. */
static fn3 *const truths[8][2][2] = {
	[1] = { { la_fcmp_cult_s, la_fcmp_cult_d }, { la_fcmp_sult_s, la_fcmp_sult_d } }, /* B */
	[2] = { { la_fcmp_cueq_s, la_fcmp_cueq_d }, { la_fcmp_sueq_s, la_fcmp_sueq_d } }, /* Z */
	[3] = { { la_fcmp_cule_s, la_fcmp_cule_d }, { la_fcmp_sule_s, la_fcmp_sule_d } }, /* BE */
	[5] = { { la_fcmp_cun_s, la_fcmp_cun_d }, { la_fcmp_sun_s, la_fcmp_sun_d } },     /* P */
	[7] = { { la_fcmp_cueq_s, la_fcmp_cueq_d }, { la_fcmp_sueq_s, la_fcmp_sueq_d } }, /* LE */
};

bool gen_compare_truths(struct tr *t, int a, int b, bool signals, bool is_double)
{
	struct emit *e = &t->e;
	int n = gen_truths(t);
	bool compared = false;

	for (int k = 0; k < n; k++) {
		fn3 *fn = truths[gen_truth_cond(t, k) >> 1][signals][is_double];
		gen_truth_set(t, k, fn ? T1 + k : H_ZERO);
		if (!fn)
			continue;
		fn(e, k, a, b);
		la_movcf2gr(e, T1 + k, k);
		compared = true;
	}
	if (n && !compared)
		flag_tests[1].fn[signals][is_double](e, 0, a, b); /* for MXCSR */
	return n;
}

static void compare_flags(struct tr *t, const struct insn *i, bool signals, bool is_double)
{
	struct emit *e = &t->e;
	int d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1), sum = H_ZERO;

	if (t->mode & MODE_SSE_SLOW) {
		gen_sse_exec(t, i, d, d, s);
		gen_cc_put(t, T0);
		return;
	}
	if (gen_compare_truths(t, d, s, signals, is_double))
		return;
	if (!(t->flags_live & (FL_CF | FL_PF | FL_ZF)))
		flag_tests[1].fn[signals][is_double](e, 0, d, s); /* for MXCSR */
	for (unsigned k = 0; k < sizeof flag_tests / sizeof flag_tests[0]; k++) {
		const struct flag_test *f = &flag_tests[k];
		if (!(t->flags_live & f->flag))
			continue;
		f->fn[signals][is_double](e, 0, d, s);
		la_movcf2gr(e, T2, 0);
		if (f->shift)
			la_slli_d(e, T2, T2, f->shift);
		la_or(e, T1, sum, T2);
		sum = T1;
	}
	gen_cc_put(t, sum);
}

/* ---- the table ---- */

enum kind { NONE, BINARY, UNARY, MINIMUM, MAXIMUM, COMPARE, IN_C };

struct fp_op {
	uint8_t kind, shape;
	fn3 *binary;
	fn2 *unary;
};

#define BINARY_OPS(name, insn) \
	[OP_##name##PS] = { .kind = BINARY, .shape = PS, .binary = la_v##insn##_s }, \
	[OP_##name##PD] = { .kind = BINARY, .shape = PD, .binary = la_v##insn##_d }, \
	[OP_##name##SS] = { .kind = BINARY, .shape = SS, .binary = la_##insn##_s }, \
	[OP_##name##SD] = { .kind = BINARY, .shape = SD, .binary = la_##insn##_d }
#define OF_KIND(name, which) \
	[OP_##name##PS] = { .kind = which, .shape = PS }, [OP_##name##PD] = { .kind = which, .shape = PD }, \
	[OP_##name##SS] = { .kind = which, .shape = SS }, [OP_##name##SD] = { .kind = which, .shape = SD }

static const struct fp_op ops[OP_COUNT] = {
	BINARY_OPS(ADD, fadd), BINARY_OPS(SUB, fsub), BINARY_OPS(MUL, fmul), BINARY_OPS(DIV, fdiv),
	[OP_SQRTPS] = { .kind = UNARY, .shape = PS, .unary = la_vfsqrt_s }, [OP_SQRTPD] = { .kind = UNARY, .shape = PD, .unary = la_vfsqrt_d },
	[OP_SQRTSS] = { .kind = UNARY, .shape = SS, .unary = la_fsqrt_s }, [OP_SQRTSD] = { .kind = UNARY, .shape = SD, .unary = la_fsqrt_d },
	OF_KIND(MIN, MINIMUM), OF_KIND(MAX, MAXIMUM),
	[OP_CMPPS] = { .kind = COMPARE, .shape = PS }, [OP_CMPPD] = { .kind = COMPARE, .shape = PD },
	[OP_CMPSS] = { .kind = COMPARE, .shape = SS }, [OP_CMPSD_X] = { .kind = COMPARE, .shape = SD },
	[OP_RCPPS] = { .kind = IN_C }, [OP_RCPSS] = { .kind = IN_C }, [OP_RSQRTPS] = { .kind = IN_C }, [OP_RSQRTSS] = { .kind = IN_C },
};

int gen_sse_binary_shape(int op)
{
	return ops[op].kind == BINARY ? ops[op].shape : -1;
}

static void arithmetic(struct tr *t, const struct insn *i, const struct fp_op *op)
{
	if ((op->kind == BINARY || op->kind == UNARY) && !(t->mode & MODE_SSE_SLOW)) {
		operate(t, i, op->shape, op->binary, op->unary);
		return;
	}
	int d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1);
	if (t->mode & MODE_SSE_SLOW || op->kind == IN_C) {
		gen_sse_exec(t, i, d, d, s);
		return;
	}
	switch (op->kind) {
	case MINIMUM:
		select_less(t, op->shape, d, d, s, d, s);
		break;
	case MAXIMUM:
		select_less(t, op->shape, d, s, d, d, s);
		break;
	case COMPARE:
		compare(t, op->shape, d, s, (int)i->imm & 7);
		break;
	}
}

int gen_sse_fp(struct tr *t, const struct insn *i)
{
	switch (i->op) {
	case OP_UCOMISS: compare_flags(t, i, false, false); return 0;
	case OP_UCOMISD: compare_flags(t, i, false, true); return 0;
	case OP_COMISS: compare_flags(t, i, true, false); return 0;
	case OP_COMISD: compare_flags(t, i, true, true); return 0;
	}
	if (ops[i->op].kind == NONE)
		return -1;
	arithmetic(t, i, &ops[i->op]);
	return 0;
}
