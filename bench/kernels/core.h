/* The parts of the CoreMark-like mix. */
#ifndef BENCH_KERNELS_CORE_H
#define BENCH_KERNELS_CORE_H

#include "bench/bench.h"

uint16_t crc16(uint8_t byte, uint16_t crc);
uint16_t core_list(uint32_t seed);
uint16_t core_matrix(uint32_t seed);
uint16_t core_state(uint32_t seed);

#endif
