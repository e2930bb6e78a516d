/*
 * Real devices' registers at host physical addresses: single, strongly ordered, uncached accesses.
 */
#ifndef HW_DEVICE_IO_H
#define HW_DEVICE_IO_H

#include <stdint.h>

/* size 1, 2, 4 or 8. An address that is not a multiple of the size is accessed byte by byte. */
uint64_t device_read(uint64_t pa, int size);
void device_write(uint64_t pa, int size, uint64_t value);

#endif
