/* One double at a time. */
#include "bench/kernels/nbody.inc"

KERNEL(nbody_sse, .name = "nbody-sse", .group = "sse", .unit = "step", .setup = setup, .run = run, .n = 300, .units = 1);
