/*
 * The memory map for the guest's BIOS, in the form that QEMU's PCs hand over: SeaBIOS makes E820 of it and places its own tables, so only RAM
 * and what SeaBIOS cannot know is named.
 */
#include "firmware/firmware.h"
#include "hw/board.h"

#define FOUR_GIB 0x100000000ull
#define RESERVED_BY_BIOS 0x40000u

enum { E820_RAM = 1, E820_RESERVED = 2 };

struct e820_entry {
	uint64_t base, size;
	uint32_t type;
} __attribute__((packed));

int e820_init(uint32_t bios_size)
{
	static struct e820_entry map[BOARD_MAX_RAM + 1];
	unsigned n = 0;

	for (; n < board_ram.n; n++)
		map[n] = (struct e820_entry){ board_ram.r[n].base, board_ram.r[n].size, E820_RAM };
	if (bios_size > RESERVED_BY_BIOS)
		map[n++] = (struct e820_entry){ FOUR_GIB - bios_size, bios_size - RESERVED_BY_BIOS, E820_RESERVED };
	return fwcfg_add_file("etc/e820", map, n * (uint32_t)sizeof map[0]);
}
