/* An integer mix after the description of CoreMark: list, matrix and state machine, checked by a CRC. */
#include "bench/kernels/core.h"

static uint32_t run(uint32_t n)
{
	uint16_t crc = 0;

	for (uint32_t k = 1; k <= n; k++) {
		uint16_t part[] = { core_list(k), core_matrix(k), core_state(k), core_list(k + 1) };

		for (int j = 0; j < 4; j++)
			crc = crc16((uint8_t)(part[j] >> 8), crc16((uint8_t)part[j], crc));
	}
	return crc;
}

KERNEL(coremix, .name = "coremix", .group = "integer", .unit = "turn", .run = run, .n = 8, .units = 1);
