/*
 * What a PC's BIOS expects to find in CMOS memory, with the bytes that SeaBIOS reads on QEMU's boards.
 */
#include "hw/board.h"
#include "hw/rtc.h"

#define KB 1024ull
#define MB (1024 * KB)
#define GB (1024 * MB)

/* Boot devices: 1 floppy, 2 hard disk, 3 CD, 4 network; in order: both nibbles of 3d from below, then the high nibble of 38. */
#define CMOS_BOOT_2_1 0x3d
#define CMOS_BOOT_3 0x38

static void put16(uint8_t reg, uint64_t value)
{
	if (value > 0xffff)
		value = 0xffff;
	rtc_set_cmos(reg, (uint8_t)value);
	rtc_set_cmos(reg + 1, (uint8_t)(value >> 8));
}

/* End of the memory that begins at address 0 without a gap. */
static uint64_t first_gap(const struct ram_map *ram)
{
	uint64_t end = 0;

	for (unsigned i = 0; i < ram->n && ram->r[i].base == end; i++)
		end += ram->r[i].size;
	return end;
}

static uint64_t bytes_above_4g(const struct ram_map *ram)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < ram->n; i++)
		if (ram->r[i].base >= 4 * GB)
			sum += ram->r[i].size;
	return sum;
}

static uint64_t beyond(uint64_t end, uint64_t start)
{
	return end > start ? end - start : 0;
}

void rtc_fill_cmos(const struct ram_map *ram)
{
	uint64_t end = first_gap(ram), high = bytes_above_4g(ram) / (64 * KB);

	rtc_set_cmos(0x14, 0x02); /* equipment: FPU; no floppy, no display adapter */
	put16(0x15, 640);
	put16(0x17, beyond(end, MB) / KB);
	put16(0x30, beyond(end, MB) / KB);
	put16(0x34, beyond(end, 16 * MB) / (64 * KB));
	rtc_set_cmos(0x5b, (uint8_t)high);
	rtc_set_cmos(0x5c, (uint8_t)(high >> 8));
	rtc_set_cmos(0x5d, (uint8_t)(high >> 16));
	rtc_set_cmos(0x5f, 0); /* CPUs but the first */
	rtc_set_cmos(CMOS_BOOT_2_1, 0x32);
	rtc_set_cmos(CMOS_BOOT_3, 0x40);
}
