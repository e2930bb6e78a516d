/* Accesses to real devices' registers through the host's uncached window. */
#include "hw/device_io.h"

#include "arch/loongarch/csr.h"
#include "arch/loongarch/mmio.h"

/* An address that is not a multiple of the size: byte by byte. */
static int access_size(uint64_t pa, int size)
{
	return pa & (unsigned)(size - 1) ? 1 : size;
}

uint64_t device_read(uint64_t pa, int size)
{
	int step = access_size(pa, size);
	uint64_t value = 0;

	for (int at = 0; at < size; at += step)
		value |= mmio_read(phys_uncached(pa + (unsigned)at), (unsigned)step) << 8 * at;
	return value;
}

void device_write(uint64_t pa, int size, uint64_t value)
{
	int step = access_size(pa, size);

	for (int at = 0; at < size; at += step)
		mmio_write(phys_uncached(pa + (unsigned)at), (unsigned)step, value >> 8 * at);
}
