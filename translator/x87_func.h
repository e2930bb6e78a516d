/*
 * Elementary functions on unpacked numbers with 128 bits of significand, from which the x87's transcendental instructions are rounded.
 *
 * All take finite operands that are not zero, without looking at `denormal`, and return finite results whose relative error is below
 * 2^-85. An inexact result has its lowest bit set, so that it rounds as such.
 */
#ifndef TRANSLATOR_X87_FUNC_H
#define TRANSLATOR_X87_FUNC_H

#include "translator/softfloat.h"

extern const struct fp x87_pi, x87_pi_2, x87_pi_4, x87_3pi_4;

/* Product and quotient; the relative error is below 2^-120. */
struct fp x87_wide_mul(struct fp a, struct fp b);
struct fp x87_wide_div(struct fp a, struct fp b);

/* 2^x - 1 for |x| < 1. */
struct fp x87_exp2m1(struct fp x);
/* log2(x) for x > 0; zero for 1, exact for powers of two. */
struct fp x87_log2(struct fp x);
/* log2(1 + x) for x > -1. */
struct fp x87_log2p1(struct fp x);
/* The angle of the point (x, y), in (-pi, pi). Operands have 64 bits of significand. */
struct fp x87_atan2(struct fp y, struct fp x);
/*
 * Reduces an angle below 2^63 modulo pi/2 to [-pi/4, pi/4], for a pi of 66 bits as in all x87 FPUs (Intel SDM volume 1, 8.3.8). Returns the
 * quadrant, 0-3.
 */
unsigned x87_reduce_angle(struct fp *x);
/* Of reduced angles. */
struct fp x87_sin(struct fp r);
struct fp x87_cos(struct fp r);
struct fp x87_tan(struct fp r);

#endif
