/*
 * Switching the host off and resetting it: the register writes that do it, filled in by discovery.
 */
#ifndef ARCH_POWER_H
#define ARCH_POWER_H

#include <stdint.h>

struct power_write {
	uint64_t address; /* host physical; 0: not known */
	uint8_t size;     /* 1, 2, 4 */
	uint32_t value;
};

extern struct power_write power_off, power_reset;

#endif
