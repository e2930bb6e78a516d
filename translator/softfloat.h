/*
 * Software floating point for the x87 and SSE instructions: exact results, flags and rounding of x86 processors.
 *
 * Operands are unpacked into one form (struct fp) whatever their format, computed on with 128 bits of significand, and rounded once
 * into the format wanted. Functions return the exact result, or one that rounds as the exact result does: the lowest bit of the
 * significand stands for everything below it. Intel SDM volume 1, chapters 4 (formats, NaNs), 8.5 (x87 exceptions), 11.5 (SIMD exceptions).
 */
#ifndef TRANSLATOR_SOFTFLOAT_H
#define TRANSLATOR_SOFTFLOAT_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 fp_mant;

/* Exceptions, as bits of MXCSR and of the x87 status word. */
#define FPE_I 0x01u
#define FPE_D 0x02u
#define FPE_Z 0x04u
#define FPE_O 0x08u
#define FPE_U 0x10u
#define FPE_P 0x20u
#define FPE_ALL 0x3fu

/* Rounding modes, as in the control word's RC and MXCSR's RC. */
enum { FP_NEAREST = 0, FP_DOWN = 1, FP_UP = 2, FP_ZERO = 3 };

enum fp_class { FP_CLS_ZERO, FP_CLS_FINITE, FP_CLS_INF, FP_CLS_QNAN, FP_CLS_SNAN, FP_CLS_BAD /* x87: no valid encoding */ };

/*
 * FINITE: value = mant / 2^127 * 2^exp, with bit 127 of mant set. NaN: mant is the significand at the top, bit 127 the integer bit,
 * bit 126 the quiet bit.
 */
struct fp {
	uint8_t cls;
	bool sign;
	bool denormal; /* came from a denormal operand */
	int32_t exp;
	fp_mant mant;
};

/* 80-bit register image. */
struct f80 {
	uint64_t mant;
	uint16_t sexp;
};

/* How to compute, and what happened. */
struct fp_env {
	uint8_t rm;        /* FP_NEAREST.. */
	uint8_t prec;      /* bits of significand of f80 results: 24, 53 or 64 */
	bool x87;          /* x87's choice between two NaNs; else SSE's */
	bool daz, ftz;     /* MXCSR's bits; false for x87 */
	uint8_t unmasked;  /* FPE_xxx that trap: overflow and underflow then deliver a result with wrapped exponent */
	uint8_t flags;     /* FPE_xxx raised so far; only ever added to */
	bool up;           /* the last rounding increased the magnitude */
};

#define F80_DEFAULT_NAN ((struct f80){ 0xc000000000000000, 0xffff })
extern const struct fp fp_default_nan;

struct fp fp_from32(const struct fp_env *env, uint32_t v);
struct fp fp_from64(const struct fp_env *env, uint64_t v);
struct fp fp_from80(struct f80 v);
struct fp fp_from_int(int64_t v);

/* Round and pack; NaNs become quiet and lose low bits that do not fit. Flags O, U, P. */
uint32_t fp_to32(struct fp_env *env, struct fp v);
uint64_t fp_to64(struct fp_env *env, struct fp v);
struct f80 fp_to80(struct fp_env *env, struct fp v);
/*
 * Signed integer of 16, 32 or 64 bits, rounded by `rm`; what does not fit, infinities and NaNs give the most negative value and FPE_I (and nothing
 * else), an inexact one FPE_P.
 */
int64_t fp_to_int(struct fp_env *env, struct fp v, int bits, int rm);
/* Rounded to an integral value in the same format; FPE_P when that changes it. Finite operands and zeros only. */
struct fp fp_round_int(struct fp_env *env, struct fp v);

/*
 * Arithmetic. All handle every class; invalid operations give the default NaN and FPE_I; denormal operands FPE_D; division of a
 * finite number by zero FPE_Z.
 */
struct fp fp_add(struct fp_env *env, struct fp a, struct fp b);
struct fp fp_sub(struct fp_env *env, struct fp a, struct fp b);
struct fp fp_mul(struct fp_env *env, struct fp a, struct fp b);
struct fp fp_div(struct fp_env *env, struct fp a, struct fp b);
struct fp fp_sqrt(struct fp_env *env, struct fp a);

enum fp_order { FP_LESS = -1, FP_EQUAL = 0, FP_GREATER = 1, FP_UNORDERED = 2 };
/* quiet: only signalling NaNs are invalid (UCOMI, FUCOM), else all NaNs are. */
enum fp_order fp_compare(struct fp_env *env, struct fp a, struct fp b, bool quiet);

/* Building blocks for the functions of x87. */
static inline bool fp_is_nan(const struct fp *v) { return v->cls >= FP_CLS_QNAN; }
/* The NaN that an operation with NaN operand(s) returns, and FPE_I if one of them signals. For one operand pass it twice. */
struct fp fp_nan_result(struct fp_env *env, const struct fp *a, const struct fp *b);
/* Shift to the right; ones shifted out leave the lowest bit set. */
static inline fp_mant fp_shift_jam(fp_mant m, int n)
{
	if (n == 0)
		return m;
	if (n >= 128)
		return m != 0;
	return m >> n | ((m << (128 - n)) != 0);
}
static inline int fp_clz(fp_mant m)
{
	uint64_t hi = (uint64_t)(m >> 64);

	return hi ? __builtin_clzll(hi) : 64 + __builtin_clzll((uint64_t)m);
}
/* The quotient of hi:lo by d and the remainder; hi < d, bit 63 of d set. */
uint64_t fp_div128(uint64_t hi, uint64_t lo, uint64_t d, uint64_t *rem);

#endif
