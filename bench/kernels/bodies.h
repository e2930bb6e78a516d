/* The sun and four planets: places, speeds and masses. */
#ifndef BENCH_KERNELS_BODIES_H
#define BENCH_KERNELS_BODIES_H

#include "bench/kernels/real.h"

#define BODIES 5
#define STEP 0.01

struct body {
	double at[4], v[4], mass;
};

static const struct body first_bodies[BODIES] = {
	{ { 0 }, { 0.0003, 0.0025, -0.00002 }, 39.4784 },
	{ { 4.8414, -1.1603, -0.1036 }, { 0.6063, 2.8119, -0.0252 }, 0.037694 },
	{ { 8.3434, 4.1248, -0.4035 }, { -1.0108, 1.8257, 0.0084 }, 0.011286 },
	{ { 12.8944, -15.1112, -0.2233 }, { 1.0828, 0.8687, -0.0108 }, 0.001724 },
	{ { 15.3797, -25.9193, 0.1793 }, { 0.9791, 0.5947, -0.0348 }, 0.002034 },
};

#endif
