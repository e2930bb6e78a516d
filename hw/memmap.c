#include "hw/memmap.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/layout.h"

#define FOUR_GIB 0x100000000ull
#define SEGMENTS 13
#define SEGMENT_SIZE 0x4000u
#define LAST_SEGMENT_BASE 0xf0000u
#define ALIAS_SIZE (LAYOUT_PAM_END - LAYOUT_BIOS_ALIAS)

struct ram_map board_ram;

struct pam_segment {
	bool read_ram, write_ram;
	int region; /* bus handle of what hides the RAM; -1: nothing */
};
static struct pam_segment pam[SEGMENTS];

static struct {
	uint64_t host_pa;
	uint32_t size;
} bios;

static uint32_t segment_base(int n)
{
	return n ? LAYOUT_PAM_BASE + (uint32_t)(n - 1) * SEGMENT_SIZE : LAST_SEGMENT_BASE;
}

static uint32_t segment_size(int n)
{
	return n ? SEGMENT_SIZE : LAYOUT_PAM_END - LAST_SEGMENT_BASE;
}

/* Where in host memory the ROM behind an address below 1 MiB lies; false where there is none. */
static bool rom_behind(uint64_t gpa, uint64_t *host_pa)
{
	uint32_t alias = bios.size < ALIAS_SIZE ? bios.size : ALIAS_SIZE;

	if (gpa < LAYOUT_PAM_END - alias)
		return false;
	*host_pa = bios.host_pa + bios.size - (LAYOUT_PAM_END - gpa);
	return true;
}

/* Reads from ROM, writes to RAM: the attribute with which a BIOS copies itself into RAM. */
static uint64_t shadow_read(void *ctx, uint64_t gpa, int size)
{
	uint64_t rom, value = UINT64_MAX;

	(void)ctx;
	if (rom_behind(gpa, &rom))
		memcpy(&value, phys_cached(rom), (size_t)size);
	return value;
}

static void shadow_write(void *ctx, uint64_t gpa, int size, uint64_t value)
{
	(void)ctx;
	memcpy(phys_cached(gpa), &value, (size_t)size);
}

static const struct mmio_ops shadow_ops = { shadow_read, shadow_write };
static const struct mmio_ops nobody_ops = { NULL, NULL };

/* The region that gives segment n its attributes. Reading and writing RAM needs none: RAM lies underneath. */
static int map_segment(int n)
{
	uint32_t base = segment_base(n), size = segment_size(n);
	uint64_t rom;

	if (pam[n].read_ram)
		return pam[n].write_ram ? -1 : bus_add_memory(base, size, PAGE_ROM, base, NULL, NULL);
	if (pam[n].write_ram)
		return bus_add_memory(base, size, PAGE_MMIO, 0, &shadow_ops, NULL);
	if (rom_behind(base, &rom))
		return bus_add_memory(base, size, PAGE_ROM, rom, NULL, NULL);
	return bus_add_memory(base, size, PAGE_MMIO, 0, &nobody_ops, NULL);
}

static void remap_segment(int n)
{
	int old = pam[n].region;

	pam[n].region = map_segment(n);
	if (old >= 0)
		bus_remove_memory(old);
}

void board_set_pam(int segment, bool read_ram, bool write_ram)
{
	if (segment < 0 || segment >= SEGMENTS)
		return;
	if (pam[segment].read_ram == read_ram && pam[segment].write_ram == write_ram)
		return;
	pam[segment].read_ram = read_ram;
	pam[segment].write_ram = write_ram;
	remap_segment(segment);
}

int memmap_set_bios(uint64_t host_pa, uint32_t size)
{
	int err = bus_add_memory(FOUR_GIB - size, size, PAGE_ROM, host_pa, NULL, NULL);

	if (err < 0)
		return err;
	bios.host_pa = host_pa;
	bios.size = size;
	for (int n = 0; n < SEGMENTS; n++)
		remap_segment(n);
	return 0;
}

/* Adds the part of [base, end) that lies in [from, to). */
static int add_ram(uint64_t base, uint64_t end, uint64_t from, uint64_t to)
{
	unsigned n = board_ram.n;

	if (base < from)
		base = from;
	if (end > to)
		end = to;
	if (base >= end)
		return 0;
	if (n == BOARD_MAX_RAM)
		return -ENOMEM;
	board_ram.r[n].base = base;
	board_ram.r[n].size = end - base;
	board_ram.n = n + 1;
	return bus_add_memory(base, end - base, PAGE_RAM, base, NULL, NULL);
}

/* What lies in the guest's PCI hole cannot be its RAM: guest physical addresses are the host's. */
static int add_host_range(const struct range *r)
{
	int err = add_ram(r->base, r->base + r->size, 0, LAYOUT_PCI_HOLE);

	return err < 0 ? err : add_ram(r->base, r->base + r->size, FOUR_GIB, UINT64_MAX);
}

int memmap_init(void)
{
	struct range ranges[BOARD_MAX_RAM];
	unsigned n = host_guest_ram(ranges, BOARD_MAX_RAM);
	int err = 0;

	for (unsigned i = 0; i < n && err >= 0; i++)
		err = add_host_range(&ranges[i]);
	if (err < 0)
		return err;
	if (!board_ram.n || board_ram.r[0].base || board_ram.r[0].size < 2 * LAYOUT_PAM_END) {
		printf("board: no RAM at physical address 0: a PC cannot be made of this machine\n");
		return -ENODEV;
	}
	err = bus_add_memory(LAYOUT_LOW_RAM_END, LAYOUT_PAM_BASE - LAYOUT_LOW_RAM_END, PAGE_MMIO, 0, &nobody_ops, NULL);
	for (int s = 0; s < SEGMENTS; s++)
		pam[s].region = map_segment(s);
	return err < 0 ? err : 0;
}
