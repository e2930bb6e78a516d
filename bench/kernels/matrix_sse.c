/* One double at a time. */
#include "bench/kernels/matrix.inc"

KERNEL(matrix_sse, .name = "matrix-sse", .group = "sse", .unit = "product", .setup = setup, .run = run, .n = 10, .units = 1);
