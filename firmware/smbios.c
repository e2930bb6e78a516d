/*
 * SMBIOS 2.8 structures (DMTF DSP0134, version 2.8, chapters 5 and 7). SeaBIOS places them, adds the BIOS information (type 0) and makes
 * the entry point's address and checksums right.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "arch/loongarch/host.h"
#include "firmware/firmware.h"
#include "hw/board.h"

#define PACKED __attribute__((packed))
#define KIB 1024ull
#define MIB (1024 * KIB)

#define MANUFACTURER "LoongArch x86 firmware"
#define PRODUCT "x86 PC"

/* Handles */
enum { H_SYSTEM = 0x100, H_CHASSIS = 0x300, H_CPU = 0x400, H_ARRAY = 0x1000, H_MEMORY = 0x1100, H_MAPPED = 0x1300, H_BOOT = 0x2000,
	H_END = 0x7f00 };
#define NO_HANDLE 0xffff
#define NO_ERROR_INFO 0xfffe

struct smbios_anchor {
	char anchor[4];
	uint8_t checksum, length, major, minor;
	uint16_t max_structure_size;
	uint8_t revision, formatted_area[5];
	char intermediate_anchor[5];
	uint8_t intermediate_checksum;
	uint16_t table_length;
	uint32_t table_address;
	uint16_t nstructures;
	uint8_t bcd_revision;
} PACKED;
_Static_assert(sizeof(struct smbios_anchor) == 31, "size of the SMBIOS entry point");

struct header {
	uint8_t type, length;
	uint16_t handle;
} PACKED;

/* Members that name strings hold the string's number, from 1. */
struct system {
	struct header h;
	uint8_t manufacturer, product, version, serial, uuid[16], wake_up, sku, family;
} PACKED;

struct chassis {
	struct header h;
	uint8_t manufacturer, type, version, serial, asset_tag, boot_state, power_state, thermal_state, security;
	uint32_t oem;
	uint8_t height, power_cords, contained, contained_length, sku;
} PACKED;

struct processor {
	struct header h;
	uint8_t socket, type, family, manufacturer;
	uint64_t id;
	uint8_t version, voltage;
	uint16_t external_clock, max_speed, current_speed;
	uint8_t status, upgrade;
	uint16_t l1, l2, l3;
	uint8_t serial, asset_tag, part, cores, enabled, threads;
	uint16_t characteristics, family2;
} PACKED;

struct memory_array {
	struct header h;
	uint8_t location, use, error_correction;
	uint32_t capacity_kib;
	uint16_t error_handle, ndevices;
	uint64_t extended_capacity;
} PACKED;

struct memory_device {
	struct header h;
	uint16_t array, error_handle, total_width, data_width, size_mib;
	uint8_t form, set, locator, bank, type;
	uint16_t detail, speed;
	uint8_t manufacturer, serial, asset_tag, part, attributes;
	uint32_t extended_size_mib;
	uint16_t configured_speed, min_voltage, max_voltage, voltage;
} PACKED;

struct mapped_range {
	struct header h;
	uint32_t first_kib, last_kib;
	uint16_t array;
	uint8_t partition_width;
	uint64_t first, last;
} PACKED;

struct boot_information {
	struct header h;
	uint8_t reserved[6], status;
} PACKED;

#define IN_EXTENDED 0x80000000u /* array capacity, KiB */
#define DEVICE_IN_EXTENDED 0x7fffu
#define RANGE_IN_EXTENDED 0xffffffffu

static struct {
	uint8_t data[4096];
	uint32_t used, largest;
	uint16_t count;
	bool full;
} table;

/* Appends a structure: its formatted area, whose header is filled in here, and its strings, the last one followed by NULL. */
static void add(void *formatted, size_t size, uint8_t type, uint16_t handle, const char *const strings[])
{
	struct header h = { type, (uint8_t)size, handle };
	uint32_t start = table.used, need = (uint32_t)size + 2;

	for (unsigned i = 0; strings && strings[i]; i++)
		need += (uint32_t)strlen(strings[i]) + 1;
	if (need > sizeof table.data - table.used) {
		table.full = true;
		return;
	}
	memcpy(formatted, &h, sizeof h);
	memcpy(table.data + table.used, formatted, size);
	table.used += (uint32_t)size;
	for (unsigned i = 0; strings && strings[i]; i++) {
		strcpy((char *)table.data + table.used, strings[i]);
		table.used += (uint32_t)strlen(strings[i]) + 1;
	}
	/* One zero ends the strings; without strings there are two. The buffer is zero. */
	table.used += strings && strings[0] ? 1 : 2;
	table.count++;
	if (table.used - start > table.largest)
		table.largest = table.used - start;
}

static void add_system(void)
{
	static const char *const strings[] = { MANUFACTURER, PRODUCT, NULL };
	struct system s = { .manufacturer = 1, .product = 2, .wake_up = 6 /* power switch */ };

	add(&s, sizeof s, 1, H_SYSTEM, strings);
}

static void add_chassis(void)
{
	static const char *const strings[] = { MANUFACTURER, NULL };
	/* Desktop; states: safe; security: none */
	struct chassis c = { .manufacturer = 1, .type = 3, .boot_state = 3, .power_state = 3, .thermal_state = 3, .security = 3 };

	add(&c, sizeof c, 3, H_CHASSIS, strings);
}

/* The host's processor, by its own name: what the guest may look up in CPUID is the translator's. */
static void add_processor(unsigned n)
{
	const char *const strings[] = { "CPU", host.cpu_name[0] ? host.cpu_name : "LoongArch", NULL };
	struct processor p = {
		.socket = 1, .type = 3 /* central */, .family = 2 /* unknown */, .version = 2, .status = 0x41 /* populated, enabled */,
		.upgrade = 2 /* unknown */, .l1 = NO_HANDLE, .l2 = NO_HANDLE, .l3 = NO_HANDLE, .cores = 1, .enabled = 1, .threads = 1,
		.characteristics = 2 /* unknown */, .family2 = 2,
	};

	add(&p, sizeof p, 4, (uint16_t)(H_CPU + n), strings);
}

static uint64_t ram_bytes(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < board_ram.n; i++)
		sum += board_ram.r[i].size;
	return sum;
}

static void add_array(void)
{
	uint64_t bytes = ram_bytes();
	struct memory_array a = {
		.location = 3 /* system board */, .use = 3 /* system memory */, .error_correction = 2 /* unknown */,
		.capacity_kib = IN_EXTENDED, .error_handle = NO_ERROR_INFO, .ndevices = 1, .extended_capacity = bytes,
	};

	if (bytes / KIB < IN_EXTENDED) {
		a.capacity_kib = (uint32_t)(bytes / KIB);
		a.extended_capacity = 0;
	}
	add(&a, sizeof a, 16, H_ARRAY, NULL);
}

static void add_device(void)
{
	static const char *const strings[] = { "RAM", NULL };
	uint64_t mib = ram_bytes() / MIB;
	struct memory_device d = {
		.array = H_ARRAY, .error_handle = NO_ERROR_INFO, .total_width = 0xffff, .data_width = 0xffff /* unknown */,
		.size_mib = DEVICE_IN_EXTENDED, .form = 2, .locator = 1, .type = 2, .detail = 4 /* all unknown */,
		.extended_size_mib = (uint32_t)mib,
	};

	if (mib < DEVICE_IN_EXTENDED) {
		d.size_mib = (uint16_t)mib;
		d.extended_size_mib = 0;
	}
	add(&d, sizeof d, 17, H_MEMORY, strings);
}

static void add_range(unsigned n)
{
	uint64_t first = board_ram.r[n].base, last = first + board_ram.r[n].size - 1;
	struct mapped_range r = { .first_kib = RANGE_IN_EXTENDED, .last_kib = RANGE_IN_EXTENDED, .array = H_ARRAY, .partition_width = 1 };

	if (last / KIB < RANGE_IN_EXTENDED) {
		r.first_kib = (uint32_t)(first / KIB);
		r.last_kib = (uint32_t)(last / KIB);
	} else {
		r.first = first;
		r.last = last;
	}
	add(&r, sizeof r, 19, (uint16_t)(H_MAPPED + n), NULL);
}

static int publish(void)
{
	static struct smbios_anchor anchor = {
		.anchor = { '_', 'S', 'M', '_' }, .length = sizeof anchor, .major = 2, .minor = 8,
		.intermediate_anchor = { '_', 'D', 'M', 'I', '_' }, .bcd_revision = 0x28,
	};
	int err;

	anchor.max_structure_size = (uint16_t)table.largest;
	anchor.table_length = (uint16_t)table.used;
	anchor.nstructures = table.count;
	err = fwcfg_add_file("etc/smbios/smbios-anchor", &anchor, sizeof anchor);
	return err ? err : fwcfg_add_file("etc/smbios/smbios-tables", table.data, table.used);
}

int smbios_init(unsigned ncpus)
{
	struct boot_information boot = { .status = 0 /* no errors */ };
	struct header end;

	add_system();
	add_chassis();
	for (unsigned i = 0; i < ncpus; i++)
		add_processor(i);
	add_array();
	add_device();
	for (unsigned i = 0; i < board_ram.n; i++)
		add_range(i);
	add(&boot, sizeof boot, 32, H_BOOT, NULL);
	add(&end, sizeof end, 127, H_END, NULL);
	return table.full ? -ENOSPC : publish();
}
