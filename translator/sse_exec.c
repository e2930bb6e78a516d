#include "translator/sse_exec.h"

#include <string.h>

#include "translator/mxcsr.h"
#include "translator/opcodes.h"
#include "translator/softfloat.h"
#include "translator/vregs.h"

enum element { F32, F64, I32 };

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
};

/* ---- elements ---- */

static unsigned size_of(int element)
{
	return element == F64 ? 8 : 4;
}

static struct fp unpack(struct fp_env *env, int element, uint64_t v)
{
	if (element == F32)
		return fp_from32(env, (uint32_t)v);
	if (element == F64)
		return fp_from64(env, v);
	return fp_from_int((int32_t)v);
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
	struct fp v = unpack(env, op->in, b);

	(void)a, (void)imm;
	if (fp_is_nan(&v))
		v = fp_nan_result(env, &v, &v);
	else if (v.denormal)
		env->flags |= FPE_D;
	return pack(env, op->out, v);
}

static uint64_t to_integer(struct fp_env *env, const struct sse_op *op, uint64_t a, uint64_t b, unsigned imm)
{
	(void)a, (void)imm;
	return (uint64_t)fp_to_int(env, unpack(env, op->in, b), 32, op->truncates ? FP_ZERO : env->rm);
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
	CONVERT(CVTPS2PD, F32, F64, 2, false), CONVERT(CVTPD2PS, F64, F32, 2, true),
	CONVERT(CVTSS2SD, F32, F64, 1, false), CONVERT(CVTSD2SS, F64, F32, 1, false),
	CONVERT(CVTDQ2PS, I32, F32, 4, false), CONVERT(CVTPI2PS, I32, F32, 2, false), CONVERT(CVTSI2SS, I32, F32, 1, false),
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

uint64_t sse_exec(struct cpu *cpu, uint64_t opcode, uint64_t regs, uint64_t imm)
{
	const struct sse_op *op = &ops[opcode];
	struct fp_env env = environment(cpu);
	unsigned in = size_of(op->in), out = size_of(op->out);
	uint8_t a[16], b[16], result[16] = { 0 };
	uint64_t r = 0;

	vreg_store(regs >> 8 & 0xff, a);
	vreg_store(regs >> 16 & 0xff, b);
	if (!op->clears)
		memcpy(result, a, sizeof(result));
	for (unsigned k = 0; k < op->lanes; k++) {
		uint64_t x = 0, y = 0;

		memcpy(&x, a + k * in, in);
		memcpy(&y, b + k * in, in);
		r = op->lane(&env, op, x, y, (unsigned)imm);
		memcpy(result + k * out, &r, out);
	}
	report(cpu, &env);
	if (!op->returns)
		vreg_load(regs & 0xff, result);
	return r;
}
