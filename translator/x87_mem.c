/* x87 loads, stores and arithmetic with memory operands. */
#include "translator/mmu.h"
#include "translator/x87.h"

static unsigned reg_field(uint32_t info) { return X87_INFO_MODRM(info) >> 3 & 7; }

/* ---- arithmetic ---- */

uint64_t x87_arith_m32(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	struct fp_env env = x87_env(cpu);

	x87_binary(cpu, reg_field(info), fp_from32(&env, mem_read32(cpu, lin, 0)));
	return 0;
}

uint64_t x87_arith_m64(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	struct fp_env env = x87_env(cpu);

	x87_binary(cpu, reg_field(info), fp_from64(&env, mem_read64(cpu, lin, 0)));
	return 0;
}

uint64_t x87_arith_mi16(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	x87_binary(cpu, reg_field(info), fp_from_int((int16_t)mem_read16(cpu, lin, 0)));
	return 0;
}

uint64_t x87_arith_mi32(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	x87_binary(cpu, reg_field(info), fp_from_int((int32_t)mem_read32(cpu, lin, 0)));
	return 0;
}

/* ---- loads ---- */

/* Pushes what loads without rounding. */
static uint64_t load(struct cpu *cpu, struct f80 v)
{
	if (x87_empty(cpu, 7)) {
		x87_set_c1(cpu, false);
		x87_push(cpu, v);
	} else if (x87_stack_overflow(cpu)) {
		x87_push(cpu, F80_DEFAULT_NAN);
	}
	return 0;
}

/* Single and double precision: signalling NaNs are invalid. Denormals are loaded even where they raise an exception. */
static uint64_t load_converted(struct cpu *cpu, struct fp v)
{
	struct fp_env env = x87_env(cpu);

	if (!x87_empty(cpu, 7))
		return load(cpu, F80_DEFAULT_NAN);
	env.prec = 64;
	if (fp_is_nan(&v))
		v = fp_nan_result(&env, &v, &v);
	else if (v.denormal)
		env.flags |= FPE_D;
	x87_set_c1(cpu, false);
	x87_raise(cpu, env.flags);
	if (!(env.flags & env.unmasked & FPE_I))
		x87_push(cpu, fp_to80(&env, v));
	return 0;
}

uint64_t x87_fld_m32(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	struct fp_env env = x87_env(cpu);

	(void)info;
	return load_converted(cpu, fp_from32(&env, mem_read32(cpu, lin, 0)));
}

uint64_t x87_fld_m64(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	struct fp_env env = x87_env(cpu);

	(void)info;
	return load_converted(cpu, fp_from64(&env, mem_read64(cpu, lin, 0)));
}

uint64_t x87_fld_m80(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	uint8_t b[10];
	struct f80 v = { 0, 0 };

	(void)info;
	mem_read(cpu, lin, b, sizeof(b), 0);
	for (int k = 7; k >= 0; k--)
		v.mant = v.mant << 8 | b[k];
	v.sexp = (uint16_t)(b[8] | b[9] << 8);
	return load(cpu, v);
}

static uint64_t load_int(struct cpu *cpu, int64_t n)
{
	struct fp_env env = { .prec = 64 };

	return load(cpu, fp_to80(&env, fp_from_int(n)));
}

uint64_t x87_fild_m16(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	return load_int(cpu, (int16_t)mem_read16(cpu, lin, 0));
}

uint64_t x87_fild_m32(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	return load_int(cpu, (int32_t)mem_read32(cpu, lin, 0));
}

uint64_t x87_fild_m64(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	return load_int(cpu, (int64_t)mem_read64(cpu, lin, 0));
}

/* 18 decimal digits, two a byte, and the sign in the last byte's top bit. Digits above 9 count as what they are. */
uint64_t x87_fbld(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	struct fp_env env = { .prec = 64 };
	uint8_t b[10];
	uint64_t n = 0;
	struct fp v;

	(void)info;
	mem_read(cpu, lin, b, sizeof(b), 0);
	for (int k = 8; k >= 0; k--)
		n = n * 100 + (uint64_t)(b[k] >> 4) * 10 + (b[k] & 15);
	v = fp_from_int((int64_t)n);
	v.sign = b[9] >> 7;
	return load(cpu, fp_to80(&env, v));
}

/* ---- stores ---- */

/* What a store in another format finds in ST(0): true when there is something to convert, else *masked says whether the format's indefinite
 * value is to be stored. */
static bool store_operand(struct cpu *cpu, struct fp *v, bool *masked)
{
	if (!x87_empty(cpu, 0)) {
		*v = fp_from80(x87_get(cpu, 0));
		return true;
	}
	*masked = !(~cpu->x87.cw & FPE_I);
	return false;
}

/* After a conversion: whether its result may be stored. */
static bool storable(const struct fp_env *env)
{
	return !(env->flags & env->unmasked & (FPE_I | FPE_O | FPE_U));
}

/* After the store: flags, C1, and the pop of the forms with ModRM.reg bit 0. */
static void stored(struct cpu *cpu, const struct fp_env *env, bool pop)
{
	x87_set_c1(cpu, env->up);
	x87_raise(cpu, env->flags);
	if (pop)
		x87_pop(cpu);
}

/* Nothing has been rounded, so there is no FPE_P. */
static void not_stored(struct cpu *cpu, const struct fp_env *env)
{
	x87_set_c1(cpu, false);
	x87_raise(cpu, env->flags & ~FPE_P);
}

/* One store: `bits` is the converted value, or the indefinite one after a masked stack underflow. */
static void finish(struct cpu *cpu, uint64_t lin, int size, uint64_t bits, const struct fp_env *env, bool valid, bool masked, bool pop)
{
	if (valid ? !storable(env) : !masked) {
		mem_probe(cpu, lin, (unsigned)size, ACC_WRITE);
		if (valid)
			not_stored(cpu, env);
		else
			x87_stack_underflow(cpu);
		return;
	}
	mem_write(cpu, lin, &bits, (unsigned)size, 0);
	if (valid) {
		stored(cpu, env, pop);
		return;
	}
	x87_stack_underflow(cpu);
	if (pop)
		x87_pop(cpu);
}

/* A signalling NaN is invalid when it changes format. */
static void check_nan(struct fp_env *env, struct fp *v)
{
	if (fp_is_nan(v))
		*v = fp_nan_result(env, v, v);
}

uint64_t x87_fst_m32(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	struct fp_env env = x87_env(cpu);
	struct fp v;
	bool masked = false, valid = store_operand(cpu, &v, &masked);
	uint64_t bits = 0xffc00000;

	if (valid) {
		check_nan(&env, &v);
		bits = fp_to32(&env, v);
	}
	finish(cpu, lin, 4, bits, &env, valid, masked, reg_field(info) & 1);
	return 0;
}

uint64_t x87_fst_m64(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	struct fp_env env = x87_env(cpu);
	struct fp v;
	bool masked = false, valid = store_operand(cpu, &v, &masked);
	uint64_t bits = 0xfff8000000000000;

	if (valid) {
		check_nan(&env, &v);
		bits = fp_to64(&env, v);
	}
	finish(cpu, lin, 8, bits, &env, valid, masked, reg_field(info) & 1);
	return 0;
}

static uint64_t store_int_rounded(struct cpu *cpu, uint64_t lin, int size, bool pop, int rm)
{
	struct fp_env env = x87_env(cpu);
	struct fp v;
	bool masked = false, valid = store_operand(cpu, &v, &masked);
	uint64_t bits = 1ull << (8 * size - 1);

	if (valid)
		bits = (uint64_t)fp_to_int(&env, v, 8 * size, rm);
	finish(cpu, lin, size, bits, &env, valid, masked, pop);
	return 0;
}

static uint64_t store_int(struct cpu *cpu, uint64_t lin, int size, bool pop)
{
	return store_int_rounded(cpu, lin, size, pop, x87_env(cpu).rm);
}

uint64_t x87_fisttp_m16(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	return store_int_rounded(cpu, lin, 2, true, FP_ZERO);
}

uint64_t x87_fisttp_m32(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	return store_int_rounded(cpu, lin, 4, true, FP_ZERO);
}

uint64_t x87_fisttp_m64(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	return store_int_rounded(cpu, lin, 8, true, FP_ZERO);
}

uint64_t x87_fist_m16(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	return store_int(cpu, lin, 2, reg_field(info) & 1);
}

uint64_t x87_fist_m32(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	return store_int(cpu, lin, 4, reg_field(info) & 1);
}

uint64_t x87_fistp_m64(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	return store_int(cpu, lin, 8, true);
}

static void write80(struct cpu *cpu, uint64_t lin, struct f80 v)
{
	uint8_t b[10];

	for (int k = 0; k < 8; k++)
		b[k] = (uint8_t)(v.mant >> 8 * k);
	b[8] = (uint8_t)v.sexp;
	b[9] = (uint8_t)(v.sexp >> 8);
	mem_write(cpu, lin, b, sizeof(b), 0);
}

uint64_t x87_fstp_m80(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	(void)info;
	if (!x87_empty(cpu, 0)) {
		write80(cpu, lin, x87_get(cpu, 0));
		x87_set_c1(cpu, false);
		x87_pop(cpu);
		return 0;
	}
	if (cpu->x87.cw & FPE_I) {
		write80(cpu, lin, F80_DEFAULT_NAN);
		x87_stack_underflow(cpu);
		x87_pop(cpu);
	} else {
		mem_probe(cpu, lin, 10, ACC_WRITE);
		x87_stack_underflow(cpu);
	}
	return 0;
}

uint64_t x87_fbstp(struct cpu *cpu, uint32_t info, uint64_t lin)
{
	static const uint8_t indefinite[10] = { 0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xff };
	struct fp_env env = x87_env(cpu);
	bool empty = x87_empty(cpu, 0);
	uint8_t b[10] = { 0 };
	int64_t n = 0;

	(void)info;
	if (!empty) {
		struct fp v = fp_from80(x87_get(cpu, 0));

		n = fp_to_int(&env, v, 64, env.rm);
		b[9] = v.sign ? 0x80 : 0;
		if (n <= -1000000000000000000 || n >= 1000000000000000000)
			env.flags = FPE_I;
	}
	if (empty || env.flags & FPE_I) {
		if (env.unmasked & FPE_I)
			mem_probe(cpu, lin, 10, ACC_WRITE);
		else
			mem_write(cpu, lin, indefinite, 10, 0);
		env.up = false;
	} else {
		uint64_t m = (uint64_t)(n < 0 ? -n : n);

		for (int k = 0; k < 9; k++, m /= 100)
			b[k] = (uint8_t)(m % 100 / 10 << 4 | m % 10);
		mem_write(cpu, lin, b, 10, 0);
	}
	x87_set_c1(cpu, env.up);
	if (empty)
		x87_stack_underflow(cpu);
	else
		x87_raise(cpu, env.flags);
	if (!((empty || env.flags & FPE_I) && env.unmasked & FPE_I))
		x87_pop(cpu);
	return 0;
}
