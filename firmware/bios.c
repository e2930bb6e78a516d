/*
 * The guest's BIOS ROM. hw/memmap.c maps it below 4 GiB and, behind the PAM, below 1 MiB; being ROM, it is never written.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "firmware/firmware.h"
#include "hw/memmap.h"

#define UNIT 0x10000u /* ROMs come in multiples of 64 KiB: the low alias must not end inside a PAM segment */
#define MAX_SIZE 0x100000u
#define PAGE 4096u

/* Debian's SeaBIOS, bios-256k.bin (tools/blob.S). */
extern const uint8_t seabios_start[], seabios_end[];

static bool possible_size(uint64_t size)
{
	return size >= UNIT && size <= MAX_SIZE && size % UNIT == 0;
}

/* The replacement's host physical address, on a page border; 0 when there is no memory for a copy. */
static uint64_t page_aligned(const struct range *r)
{
	uint64_t copy;

	if (r->base % PAGE == 0)
		return r->base;
	copy = host_alloc(r->size, PAGE);
	if (copy)
		memcpy(phys_cached(copy), phys_cached(r->base), r->size);
	return copy;
}

int bios_init(uint32_t *size)
{
	uint64_t base = virt_to_phys(seabios_start);

	*size = (uint32_t)(seabios_end - seabios_start);
	if (host.module.size && !possible_size(host.module.size)) {
		printf("bios: the replacement has %llu bytes, not a multiple of 64 KiB up to 1 MiB; using SeaBIOS\n",
		       (unsigned long long)host.module.size);
	} else if (host.module.size) {
		base = page_aligned(&host.module);
		*size = (uint32_t)host.module.size;
		printf("bios: replacement ROM, %u KiB\n", *size / 1024);
	}
	return base ? memmap_set_bios(base, *size) : -ENOMEM;
}
