/*
 * The firmware configuration device of QEMU's PCs (QEMU documentation, docs/specs/fw_cfg): a selector at port 510, data at 511, DMA at 514.
 */
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "hw/board.h"
#include "hw/bus.h"
#include "hw/gmem.h"
#include "hw/layout.h"

#define KEY_SIGNATURE 0x00
#define KEY_ID 0x01
#define KEY_NB_CPUS 0x05
#define KEY_BOOT_MENU 0x0e
#define KEY_MAX_CPUS 0x0f
#define KEY_FILE_DIR 0x19
#define KEY_FIRST_FILE 0x20
#define KEY_IRQ0_OVERRIDE 0x8002

#define ID_TRADITIONAL 1u
#define ID_DMA 2u

#define DMA_ERROR 1u
#define DMA_READ 2u
#define DMA_SKIP 4u
#define DMA_SELECT 8u
#define DMA_WRITE 16u

#define MAX_ITEMS 48
#define MAX_FILES 32
#define MAX_NAME 56

#define PORT_DATA (LAYOUT_PORT_FWCFG + 1)
#define PORT_DMA_HIGH (LAYOUT_PORT_FWCFG + 4)
#define PORT_DMA_LOW (LAYOUT_PORT_FWCFG + 8)

struct item {
	const uint8_t *data;
	uint32_t size;
	uint16_t key;
};

struct dir_entry {
	uint32_t size_be;
	uint16_t key_be;
	uint16_t reserved;
	char name[MAX_NAME];
};

struct dma_request {
	uint32_t control_be;
	uint32_t length_be;
	uint64_t address_be;
};

static struct {
	struct item items[MAX_ITEMS];
	unsigned nitems;
	struct { uint32_t count_be; struct dir_entry entry[MAX_FILES]; } dir;
	unsigned nfiles;
	const struct item *selected; /* NULL: a key that does not exist, reads as zeros */
	uint32_t offset;
	uint32_t dma_high;
} cfg;

static const uint8_t dma_signature[8] = "QEMU CFG";

static struct item *find(uint16_t key)
{
	for (unsigned i = 0; i < cfg.nitems; i++)
		if (cfg.items[i].key == key)
			return &cfg.items[i];
	return NULL;
}

static void select_key(uint16_t key)
{
	cfg.selected = find(key);
	cfg.offset = 0;
}

static uint32_t bytes_left(void)
{
	return cfg.selected ? cfg.selected->size - cfg.offset : 0;
}

static uint8_t next_byte(void)
{
	return bytes_left() ? cfg.selected->data[cfg.offset++] : 0;
}

/* Copies from the item to guest memory; beyond the item's end come zeros. */
static bool dma_read(uint64_t gpa, uint32_t len)
{
	static const uint8_t zeros[4096];
	uint32_t n = len < bytes_left() ? len : bytes_left();

	if (n && !gmem_write(gpa, cfg.selected->data + cfg.offset, n))
		return false;
	cfg.offset += n;
	for (gpa += n, len -= n; len; gpa += n, len -= n) {
		n = len < sizeof zeros ? len : sizeof zeros;
		if (!gmem_write(gpa, zeros, n))
			return false;
	}
	return true;
}

static bool dma_transfer(uint32_t control, uint64_t gpa, uint32_t len)
{
	if (control & DMA_SELECT)
		select_key((uint16_t)(control >> 16));
	if (control & DMA_READ)
		return dma_read(gpa, len);
	if (control & DMA_WRITE)
		return false;
	if (control & DMA_SKIP)
		cfg.offset += len < bytes_left() ? len : bytes_left();
	return true;
}

/* Errors are told in the control word; a request that cannot be read or answered is dropped. */
static void dma_start(uint64_t gpa)
{
	struct dma_request r;
	uint32_t control;
	bool ok;

	if (!gmem_read(gpa, &r, sizeof r))
		return;
	control = be32toh(r.control_be);
	ok = dma_transfer(control, be64toh(r.address_be), be32toh(r.length_be));
	r.control_be = htobe32(ok ? 0 : DMA_ERROR);
	gmem_write(gpa, &r.control_be, sizeof r.control_be);
}

static uint32_t port_read(void *ctx, uint16_t port, int size)
{
	uint32_t value = 0;

	(void)ctx;
	if (port == PORT_DATA)
		return next_byte();
	if (port < PORT_DMA_HIGH)
		return 0;
	for (int i = 0; i < size; i++)
		value |= (uint32_t)dma_signature[(port - PORT_DMA_HIGH + i) & 7] << (8 * i);
	return value;
}

static void port_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx;
	if (port == LAYOUT_PORT_FWCFG && size == 2) {
		select_key((uint16_t)value);
	} else if (port == PORT_DMA_HIGH && size == 4) {
		cfg.dma_high = be32toh(value);
	} else if (port == PORT_DMA_LOW && size == 4) {
		uint64_t gpa = (uint64_t)cfg.dma_high << 32 | be32toh(value);

		cfg.dma_high = 0;
		dma_start(gpa);
	}
}

int fwcfg_add_item(uint16_t key, const void *data, uint32_t size)
{
	struct item *item = find(key);

	if (!item && cfg.nitems == MAX_ITEMS)
		return -ENOSPC;
	if (!item)
		item = &cfg.items[cfg.nitems++];
	*item = (struct item){ .key = key, .data = data, .size = size };
	return 0;
}

int fwcfg_add_file(const char *name, const void *data, uint32_t size)
{
	uint16_t key = (uint16_t)(KEY_FIRST_FILE + cfg.nfiles);
	struct dir_entry *entry = &cfg.dir.entry[cfg.nfiles];
	int err;

	if (cfg.nfiles == MAX_FILES || strlen(name) >= MAX_NAME)
		return -ENOSPC;
	err = fwcfg_add_item(key, data, size);
	if (err)
		return err;
	cfg.nfiles++;
	entry->size_be = htobe32(size);
	entry->key_be = htobe16(key);
	strcpy(entry->name, name);
	cfg.dir.count_be = htobe32(cfg.nfiles);
	return fwcfg_add_item(KEY_FILE_DIR, &cfg.dir, (uint32_t)(4 + cfg.nfiles * sizeof *entry));
}

static void reset(void *ctx)
{
	(void)ctx;
	select_key(KEY_SIGNATURE);
	cfg.dma_high = 0;
}

int fwcfg_init(void)
{
	static const struct port_ops ops = { port_read, port_write, 0 };
	static const uint32_t id = ID_TRADITIONAL | ID_DMA;
	static const uint16_t ncpus = 1, no_menu = 0;
	static const uint8_t yes = 1;
	const struct { uint16_t key; const void *data; uint32_t size; } fixed[] = {
		{ KEY_SIGNATURE, "QEMU", 4 },
		{ KEY_ID, &id, sizeof id },
		{ KEY_NB_CPUS, &ncpus, sizeof ncpus },
		{ KEY_MAX_CPUS, &ncpus, sizeof ncpus },
		{ KEY_BOOT_MENU, &no_menu, sizeof no_menu },
		{ KEY_IRQ0_OVERRIDE, &yes, sizeof yes },
		{ KEY_FILE_DIR, &cfg.dir, 4 },
	};
	int err = 0;

	for (unsigned i = 0; i < sizeof fixed / sizeof fixed[0] && !err; i++)
		err = fwcfg_add_item(fixed[i].key, fixed[i].data, fixed[i].size);
	if (err)
		return err;
	reset(NULL);
	board_on_reset(reset, NULL);
	return bus_add_ports(LAYOUT_PORT_FWCFG, LAYOUT_PORT_FWCFG_SIZE, &ops, NULL);
}
