/*
 * Accesses to real devices' registers through the host's uncached window.
 */
#include "hw/device_io.h"

#include "arch/loongarch/csr.h"

static uint64_t read_bytes(uint64_t pa, int size)
{
	uint64_t value = 0;

	for (int i = 0; i < size; i++)
		value |= (uint64_t)*(volatile uint8_t *)phys_uncached(pa + (unsigned)i) << 8 * i;
	return value;
}

static void write_bytes(uint64_t pa, int size, uint64_t value)
{
	for (int i = 0; i < size; i++)
		*(volatile uint8_t *)phys_uncached(pa + (unsigned)i) = (uint8_t)(value >> 8 * i);
}

uint64_t device_read(uint64_t pa, int size)
{
	if (pa & (unsigned)(size - 1))
		return read_bytes(pa, size);
	switch (size) {
	case 1:
		return *(volatile uint8_t *)phys_uncached(pa);
	case 2:
		return *(volatile uint16_t *)phys_uncached(pa);
	case 4:
		return *(volatile uint32_t *)phys_uncached(pa);
	default:
		return *(volatile uint64_t *)phys_uncached(pa);
	}
}

void device_write(uint64_t pa, int size, uint64_t value)
{
	if (pa & (unsigned)(size - 1)) {
		write_bytes(pa, size, value);
		return;
	}
	switch (size) {
	case 1:
		*(volatile uint8_t *)phys_uncached(pa) = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)phys_uncached(pa) = (uint16_t)value;
		break;
	case 4:
		*(volatile uint32_t *)phys_uncached(pa) = (uint32_t)value;
		break;
	default:
		*(volatile uint64_t *)phys_uncached(pa) = value;
	}
}
