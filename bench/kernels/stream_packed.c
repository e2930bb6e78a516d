/* Four words at a time. */
#include <stdint.h>

typedef uint32_t word __attribute__((vector_size(16)));

#include "bench/kernels/stream.inc"

KERNEL(stream_packed, .name = "stream-packed", .group = "memory", .unit = "byte", .run = run, .n = 2, .units = 10 * BYTES);
