/* With the full precision of 64 bits, and with 53, which an operating system may choose. */
#include "bench/kernels/nbody.inc"
#include "bench/kernels/precision.h"

static uint32_t run53(uint32_t n)
{
	uint32_t sum;

	set_precision(PRECISION_53);
	sum = run(n);
	set_precision(PRECISION_64);
	return sum;
}

KERNEL(nbody_x87, .name = "nbody-x87", .group = "x87", .unit = "step", .setup = setup, .run = run, .n = 60, .units = 1);
KERNEL(nbody_x87_53, .name = "nbody-x87-53", .group = "x87-53", .unit = "step", .setup = setup, .run = run53, .n = 60, .units = 1);
