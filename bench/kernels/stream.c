/* One word at a time. */
#include <stdint.h>

typedef uint32_t word;

#include "bench/kernels/stream.inc"

KERNEL(stream, .name = "stream", .group = "memory", .unit = "byte", .run = run, .n = 2, .units = 10 * BYTES);
