/* fresh.S: code of the usual kind, in one straight run, that begins with a MOV of a constant to EAX and ends with RET. */
#ifndef BENCH_X86_CODE_H
#define BENCH_X86_CODE_H

#include <stdint.h>

extern const uint8_t fresh_code[], fresh_end[];

#endif
