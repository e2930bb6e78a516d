#include "translator/sse_exec.h"

#include <string.h>

#include "translator/mxcsr.h"
#include "translator/opcodes.h"
#include "translator/softfloat.h"
#include "translator/vregs.h"

enum element { F32, F64, I32, I64 };

/* How operands combine; `lane` works on one element of each, in the low bits. */
struct sse_op {
	uint64_t (*lane)(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm);
	struct fp (*fn)(struct fp_env *env, struct fp a, struct fp b); /* binary */
	uint8_t in, out; /* elements */
	uint8_t lanes;
	bool clears;     /* the rest of the result is 0; else it is the destination's */
	bool truncates;  /* to_integer */
	bool signals;    /* compare_flags: quiet NaNs are invalid */
	bool returns;    /* to a general register or to EFLAGS, not to a vector */
	bool horizontal; /* on neighbours: of a, then of b */
	struct fp (*odd)(struct fp_env *env, struct fp a, struct fp b); /* binary: for the odd elements, where it is another */
};

/* ---- elements ---- */

static unsigned size_of(int element)
{
	return element == F64 || element == I64 ? 8 : 4;
}

/* Of the operands: a general register may have 8 bytes. */
static int element_in(const struct sse_op *op, unsigned imm)
{
	return op->in == I32 && imm == 8 ? I64 : op->in;
}

static struct fp unpack(struct fp_env *env, int element, uint64_t v)
{
	if (element == F32)
		return fp_from32(env, (uint32_t)v);
	if (element == F64)
		return fp_from64(env, v);
	return fp_from_int(element == I32 ? (int32_t)v : (int64_t)v);
}

static uint64_t pack(struct fp_env *env, int element, struct fp v)
{
	return element == F32 ? fp_to32(env, v) : fp_to64(env, v);
}

/* ---- operations on one element ---- */

static uint64_t binary(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	(void)imm;
	return pack(env, op->out, op->fn(env, unpack(env, op->in, a), unpack(env, op->in, b)));
}

static uint64_t square_root(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	(void)a, (void)imm;
	return pack(env, op->out, fp_sqrt(env, unpack(env, op->in, b)));
}

static uint64_t convert(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	struct fp v = unpack(env, element_in(op, imm), b);

	(void)a;
	if (fp_is_nan(&v))
		v = fp_nan_result(env, &v, &v);
	else if (v.denormal)
		env->flags |= FPE_D;
	return pack(env, op->out, v);
}

static uint64_t to_integer(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	(void)a;
	return (uint64_t)fp_to_int(env, unpack(env, op->in, b), imm == 8 ? 64 : 32, op->truncates ? FP_ZERO : env->rm);
}

/* ROUND: imm bit 2: by MXCSR, else bits 0-1 say how; bit 3: without the precision flag. Denormals are not reported. */
static uint64_t round_to_integral(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	struct fp_env own = *env;
	struct fp v = unpack(env, op->in, b);
	uint64_t bits;

	(void)a;
	own.rm = imm & 4 ? env->rm : imm & 3;
	own.flags = 0;
	if (fp_is_nan(&v))
		v = fp_nan_result(&own, &v, &v);
	else if (v.cls == FP_CLS_FINITE || v.cls == FP_CLS_ZERO)
		v = fp_round_int(&own, v);
	bits = pack(&own, op->out, v);
	env->flags |= own.flags & (imm & 8 ? ~FPE_P : FPE_ALL);
	return bits;
}

/* The element as an operand: 0 with the sign of a denormal when DAZ is set. */
static uint64_t operand_bits(const struct fp_env *env, const struct sse_op *op, uint64_t raw, const struct fp *v)
{
	return env->daz && v->cls == FP_CLS_ZERO ? (uint64_t)v->sign << (8 * size_of(op->in) - 1) : raw;
}

/* The second operand unless the first is less: of NaNs and of equal zeros too. */
static uint64_t minimum(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	struct fp x = unpack(env, op->in, a), y = unpack(env, op->in, b);

	(void)imm;
	return fp_compare(env, x, y, false) == FP_LESS ? operand_bits(env, op, a, &x) : operand_bits(env, op, b, &y);
}

static uint64_t maximum(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	struct fp x = unpack(env, op->in, a), y = unpack(env, op->in, b);

	(void)imm;
	return fp_compare(env, x, y, false) == FP_GREATER ? operand_bits(env, op, a, &x) : operand_bits(env, op, b, &y);
}

/* imm bits 0-1: equal, less, less or equal, unordered; bit 2 negates. Those with "less" signal quiet NaNs. */
static uint64_t compare(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	unsigned kind = imm & 3;
	enum fp_order order = fp_compare(env, unpack(env, op->in, a), unpack(env, op->in, b), kind == 0 || kind == 3);
	const bool holds[4] = {
		order == FP_EQUAL, order == FP_LESS, order == FP_LESS || order == FP_EQUAL, order == FP_UNORDERED,
	};

	return holds[kind] != !!(imm & 4) ? UINT64_MAX : 0;
}

static uint64_t compare_flags(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	(void)imm;
	switch (fp_compare(env, unpack(env, op->in, a), unpack(env, op->in, b), !op->signals)) {
	case FP_UNORDERED:
		return FL_ZF | FL_PF | FL_CF;
	case FP_LESS:
		return FL_CF;
	case FP_EQUAL:
		return FL_ZF;
	default:
		return 0;
	}
}

/* RCP and RSQRT heed neither MXCSR nor report anything; denormals are zeros. The exact value is among the approximations allowed. */
static const struct fp_env approximate_env = { .rm = FP_NEAREST, .daz = true, .ftz = true };

static uint64_t reciprocal(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	struct fp_env quiet = approximate_env;

	(void)env, (void)a, (void)imm;
	return pack(&quiet, op->out, fp_div(&quiet, fp_from_int(1), unpack(&quiet, op->in, b)));
}

static uint64_t reciprocal_root(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	struct fp_env quiet = approximate_env;

	(void)env, (void)a, (void)imm;
	return pack(&quiet, op->out, fp_div(&quiet, fp_from_int(1), fp_sqrt(&quiet, unpack(&quiet, op->in, b))));
}

/* ---- the table ---- */

#define ARITH(name, function) \
	[OP_##name##PS] = { .lane = binary, .fn = function, .in = F32, .out = F32, .lanes = 4 }, \
	[OP_##name##PD] = { .lane = binary, .fn = function, .in = F64, .out = F64, .lanes = 2 }, \
	[OP_##name##SS] = { .lane = binary, .fn = function, .in = F32, .out = F32, .lanes = 1 }, \
	[OP_##name##SD] = { .lane = binary, .fn = function, .in = F64, .out = F64, .lanes = 1 }
#define ADDSUB(name, element, n) \
	[OP_##name] = { .lane = binary, .fn = fp_sub, .odd = fp_add, .in = element, .out = element, .lanes = n }
#define HORIZONTAL(name, function, element, n) \
	[OP_##name] = { .lane = binary, .fn = function, .in = element, .out = element, .lanes = n, .horizontal = true }
#define FOUR(name, function) \
	[OP_##name##PS] = { .lane = function, .in = F32, .out = F32, .lanes = 4 }, \
	[OP_##name##PD] = { .lane = function, .in = F64, .out = F64, .lanes = 2 }, \
	[OP_##name##SS] = { .lane = function, .in = F32, .out = F32, .lanes = 1 }, \
	[OP_##name##SD] = { .lane = function, .in = F64, .out = F64, .lanes = 1 }
#define FLAGS(op, from, signalling) \
	[OP_##op] = { .lane = compare_flags, .in = from, .lanes = 1, .signals = signalling, .returns = true }
#define CONVERT(op, from, to, n, rest_is_0) \
	[OP_##op] = { .lane = convert, .in = from, .out = to, .lanes = n, .clears = rest_is_0 }
#define INTEGER(op, from, n, truncate) \
	[OP_##op] = { .lane = to_integer, .in = from, .out = I32, .lanes = n, .clears = true, .truncates = truncate }
#define RETURNED(op, from, truncate) \
	[OP_##op] = { .lane = to_integer, .in = from, .out = I32, .lanes = 1, .truncates = truncate, .returns = true }

static const struct sse_op ops[OP_COUNT] = {
	ARITH(ADD, fp_add), ARITH(SUB, fp_sub), ARITH(MUL, fp_mul), ARITH(DIV, fp_div),
	FOUR(SQRT, square_root), FOUR(MIN, minimum), FOUR(MAX, maximum),
	[OP_CMPPS] = { .lane = compare, .in = F32, .out = F32, .lanes = 4 },
	[OP_CMPPD] = { .lane = compare, .in = F64, .out = F64, .lanes = 2 },
	[OP_CMPSS] = { .lane = compare, .in = F32, .out = F32, .lanes = 1 },
	[OP_CMPSD_X] = { .lane = compare, .in = F64, .out = F64, .lanes = 1 },
	FLAGS(UCOMISS, F32, false), FLAGS(UCOMISD, F64, false), FLAGS(COMISS, F32, true), FLAGS(COMISD, F64, true),
	[OP_RCPPS] = { .lane = reciprocal, .in = F32, .out = F32, .lanes = 4 },
	[OP_RCPSS] = { .lane = reciprocal, .in = F32, .out = F32, .lanes = 1 },
	[OP_RSQRTPS] = { .lane = reciprocal_root, .in = F32, .out = F32, .lanes = 4 },
	[OP_RSQRTSS] = { .lane = reciprocal_root, .in = F32, .out = F32, .lanes = 1 },
	ADDSUB(ADDSUBPS, F32, 4), ADDSUB(ADDSUBPD, F64, 2),
	HORIZONTAL(HADDPS, fp_add, F32, 4), HORIZONTAL(HADDPD, fp_add, F64, 2),
	HORIZONTAL(HSUBPS, fp_sub, F32, 4), HORIZONTAL(HSUBPD, fp_sub, F64, 2),
	FOUR(ROUND, round_to_integral),
	[OP_DPPS] = { .in = F32, .out = F32, .lanes = 4 }, [OP_DPPD] = { .in = F64, .out = F64, .lanes = 2 },
	CONVERT(CVTPS2PD, F32, F64, 2, false), CONVERT(CVTPD2PS, F64, F32, 2, true),
	CONVERT(CVTSS2SD, F32, F64, 1, false), CONVERT(CVTSD2SS, F64, F32, 1, false),
	CONVERT(CVTDQ2PS, I32, F32, 4, false), CONVERT(CVTPI2PS, I32, F32, 2, false), CONVERT(CVTSI2SS, I32, F32, 1, false),
	CONVERT(CVTSI2SD, I32, F64, 1, false),
	INTEGER(CVTPS2DQ, F32, 4, false), INTEGER(CVTTPS2DQ, F32, 4, true), INTEGER(CVTPD2DQ, F64, 2, false),
	INTEGER(CVTTPD2DQ, F64, 2, true), INTEGER(CVTPS2PI, F32, 2, false), INTEGER(CVTTPS2PI, F32, 2, true),
	INTEGER(CVTPD2PI, F64, 2, false), INTEGER(CVTTPD2PI, F64, 2, true),
	RETURNED(CVTSS2SI, F32, false), RETURNED(CVTTSS2SI, F32, true), RETURNED(CVTSD2SI, F64, false), RETURNED(CVTTSD2SI, F64, true),
};

/* ---- exceptions ---- */

static struct fp_env environment(const struct cpu *cpu)
{
	uint8_t unmasked = (uint8_t)(~cpu->mxcsr >> MXCSR_MASKS_SHIFT & FPE_ALL);

	return (struct fp_env){
		.rm = (uint8_t)(cpu->mxcsr >> MXCSR_RC_SHIFT & 3), .daz = cpu->mxcsr & MXCSR_DAZ, .unmasked = unmasked,
		.ftz = cpu->mxcsr & MXCSR_FTZ && !(unmasked & FPE_U),
	};
}

/* Those found before computing, in any element, keep the others from being noticed. */
static void report(struct cpu *cpu, const struct fp_env *env)
{
	uint8_t before = env->flags & (FPE_I | FPE_D | FPE_Z);
	uint8_t flags = before & env->unmasked ? before : env->flags;

	cpu->mxcsr |= flags;
	if (flags & env->unmasked)
		cpu_raise(cpu, cpu->cr4 & CR4_OSXMMEXCPT ? EXC_XM : EXC_UD);
}

/* ---- dot products ---- */

/* Element k of v; +0 unless bit k of `chosen` is set. */
static struct fp element_of(struct fp_env *env, int element, const uint8_t *v, unsigned k, unsigned chosen)
{
	uint64_t bits = 0;

	if (chosen >> k & 1)
		memcpy(&bits, v + k * size_of(element), size_of(element));
	return unpack(env, element, bits);
}

/* Rounds what `fn` makes of two numbers. Exceptions of each step count for themselves. */
static struct fp step(struct fp_env *env, int element, struct fp (*fn)(struct fp_env *env, struct fp a, struct fp b), struct fp a, struct fp b)
{
	uint64_t bits = pack(env, element, fn(env, a, b));

	return unpack(env, element, bits);
}

/* DPPS, DPPD: see gen_sse4_fp.c. */
static void dot_product(struct cpu *cpu, const struct sse_op *op, const uint8_t *a, const uint8_t *b, unsigned imm, uint8_t *result)
{
	struct fp_env env = environment(cpu);
	struct fp v[4];
	uint64_t bits;

	for (unsigned k = 0; k < op->lanes; k++)
		v[k] = step(&env, op->in, fp_mul, element_of(&env, op->in, a, k, imm >> 4), element_of(&env, op->in, b, k, imm >> 4));
	report(cpu, &env);
	for (unsigned n = op->lanes; n > 1; n /= 2) {
		env.flags = 0;
		for (unsigned k = 0; k < n / 2; k++)
			v[k] = step(&env, op->in, fp_add, v[2 * k], v[2 * k + 1]);
		report(cpu, &env);
	}
	bits = pack(&env, op->out, v[0]);
	for (unsigned k = 0; k < op->lanes; k++)
		if (imm >> k & 1)
			memcpy(result + k * size_of(op->out), &bits, size_of(op->out));
}

/* ---- all elements ---- */

/* a = the even elements of a and b, b = the odd ones. */
static void pair_neighbours(uint8_t *a, uint8_t *b, unsigned size)
{
	uint8_t all[32];

	memcpy(all, a, 16);
	memcpy(all + 16, b, 16);
	for (unsigned k = 0; k < 16; k += size) {
		memcpy(a + k, all + 2 * k, size);
		memcpy(b + k, all + 2 * k + size, size);
	}
}

static uint64_t each_lane(struct fp_env *env, const struct sse_op *op, uint8_t *a, uint8_t *b, unsigned imm, uint8_t *result)
{
	unsigned in = size_of(element_in(op, imm)), out = size_of(op->out);
	struct sse_op odd = *op;
	uint64_t r = 0;

	odd.fn = op->odd;
	if (!op->clears)
		memcpy(result, a, 16);
	if (op->horizontal)
		pair_neighbours(a, b, in);
	for (unsigned k = 0; k < op->lanes; k++) {
		uint64_t x = 0, y = 0;

		memcpy(&x, a + k * in, in);
		memcpy(&y, b + k * in, in);
		r = op->lane(env, k & 1 && op->odd ? &odd : op, x, y, imm);
		memcpy(result + k * out, &r, out);
	}
	return r;
}

uint64_t sse_exec(struct cpu *cpu, uint64_t opcode, uint64_t regs, uint64_t imm)
{
	const struct sse_op *op = &ops[opcode];
	struct fp_env env = environment(cpu);
	uint8_t a[16], b[16], result[16] = { 0 };
	uint64_t r = 0;

	vreg_store(regs >> 8 & 0xff, a);
	vreg_store(regs >> 16 & 0xff, b);
	if (op->lane) {
		r = each_lane(&env, op, a, b, (unsigned)imm, result);
		report(cpu, &env);
	} else {
		dot_product(cpu, op, a, b, (unsigned)imm, result);
	}
	if (!op->returns)
		vreg_load(regs & 0xff, result);
	return r;
}
