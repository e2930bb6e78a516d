/*
 * The ACPI tables of the board. All but the RSDP lie in one fw_cfg file; addresses in them are offsets into it until the guest's BIOS has
 * carried out the loader script (acpi_loader.h).
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/acpi_loader.h"
#include "firmware/acpi_tables.h"
#include "firmware/firmware.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/layout.h"
#include "hw/timer.h"

#define TABLES "etc/acpi/tables"
#define RSDP "etc/acpi/rsdp"
#define ALIGN_FACS 64
#define ALIGN_TABLE 8
#define ROOM 8192 /* for everything but the DSDT */
#define MAX_LISTED 8

#define OEM_ID "LARCH "
#define OEM_TABLE_ID "X86BOARD"
#define CREATOR_ID "LARC"

/* FADT: profile, boot architecture, flags */
#define PROFILE_DESKTOP 1
#define BOOT_LEGACY_DEVICES 0x0001u
#define BOOT_NO_VGA 0x0004u
#define FLAG_WBINVD 0x0001u
#define FLAG_PROC_C1 0x0004u
#define FLAG_SLEEP_BUTTON_NOT_FIXED 0x0020u
#define FLAG_RTC_WAKE_NOT_FIXED 0x0040u
#define FLAG_RESET_REG 0x0400u
#define NO_C_STATE 0xfff
#define CMOS_CENTURY 0x32

/* MADT */
enum { MADT_LAPIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_NMI = 4 };
#define MADT_PCAT_COMPAT 1u
#define LAPIC_ENABLED 1u
#define INTI_BUS_DEFAULT 0x0u
#define INTI_HIGH_LEVEL 0xdu
#define ALL_PROCESSORS 0xff

/* The DSDT as iasl made it (tools/blob.S); its own header says how long it is. */
extern const uint8_t dsdt_start[];

static struct {
	uint8_t *data;
	uint32_t used, size;
	bool full;
	uint32_t listed[MAX_LISTED]; /* tables that RSDT and XSDT name */
	unsigned nlisted;
} file;

/* Takes zeroed bytes from the end of the file. Once it is full, all further ones are the same spare room. */
static void *put(uint32_t size)
{
	static uint8_t spare[sizeof(struct acpi_fadt)];
	void *p = file.data + file.used;

	if (size > file.size - file.used) {
		file.full = true;
		return spare;
	}
	file.used += size;
	return p;
}

static uint32_t align(uint32_t to)
{
	put(-file.used & (to - 1));
	return file.used;
}

static void *begin_table(const char *signature, uint8_t revision, uint32_t size)
{
	struct acpi_header *h;

	align(ALIGN_TABLE);
	h = put(size);
	memcpy(h->signature, signature, sizeof h->signature);
	h->revision = revision;
	memcpy(h->oem_id, OEM_ID, sizeof h->oem_id);
	memcpy(h->oem_table_id, OEM_TABLE_ID, sizeof h->oem_table_id);
	h->oem_revision = 1;
	memcpy(h->creator_id, CREATOR_ID, sizeof h->creator_id);
	h->creator_revision = 1;
	return h;
}

/* The table that begins at h ends here. */
static uint32_t end_table(struct acpi_header *h)
{
	uint32_t start = (uint32_t)((uint8_t *)h - file.data);

	if (file.full)
		return 0;
	h->length = file.used - start;
	loader_checksum(TABLES, start + offsetof(struct acpi_header, checksum), start, h->length);
	return start;
}

static void list(uint32_t table)
{
	if (file.nlisted == MAX_LISTED)
		file.full = true;
	else
		file.listed[file.nlisted++] = table;
}

static uint32_t build_facs(void)
{
	uint32_t start = align(ALIGN_FACS);
	struct acpi_facs *facs = put(sizeof *facs);

	memcpy(facs->signature, "FACS", sizeof facs->signature);
	facs->length = sizeof *facs;
	facs->version = 1;
	return start;
}

static uint32_t dsdt_size(void)
{
	return ((const struct acpi_header *)dsdt_start)->length;
}

/* Its checksum is right as it comes. */
static uint32_t build_dsdt(void)
{
	uint32_t start = align(ALIGN_TABLE), size = dsdt_size();
	void *to = put(size);

	if (!file.full)
		memcpy(to, dsdt_start, size);
	return start;
}

static struct acpi_gas io_register(uint32_t port, uint8_t width)
{
	return (struct acpi_gas){ .space = GAS_IO, .width = width, .address = port };
}

static void fill_pm_block(struct acpi_fadt *f)
{
	f->sci_int = LAYOUT_GSI_SCI;
	f->smi_cmd = LAYOUT_PORT_SMI_CMD;
	f->acpi_enable = LAYOUT_ACPI_ENABLE;
	f->acpi_disable = LAYOUT_ACPI_DISABLE;
	f->pm1a_evt = LAYOUT_PORT_PM1_EVT;
	f->pm1_evt_len = 4;
	f->x_pm1a_evt = io_register(LAYOUT_PORT_PM1_EVT, 32);
	f->pm1a_cnt = LAYOUT_PORT_PM1_CNT;
	f->pm1_cnt_len = 2;
	f->x_pm1a_cnt = io_register(LAYOUT_PORT_PM1_CNT, 16);
	f->pm_tmr = LAYOUT_PORT_PM_TMR;
	f->pm_tmr_len = 4;
	f->x_pm_tmr = io_register(LAYOUT_PORT_PM_TMR, 32);
	f->gpe0 = LAYOUT_PORT_GPE0;
	f->gpe0_len = LAYOUT_PORT_GPE0_SIZE;
	f->x_gpe0 = io_register(LAYOUT_PORT_GPE0, 8 * LAYOUT_PORT_GPE0_SIZE);
}

/*
 * The 8042 flag stays clear: the controller has neither keyboard nor mouse, and a guest that believes the flag waits for them.
 * The 64-bit address of the FACS stays 0: only one of the two may be given.
 */
static void build_fadt(uint32_t facs, uint32_t dsdt)
{
	struct acpi_fadt *f = begin_table("FACP", 4, sizeof *f);
	uint32_t start;

	f->facs = facs;
	f->dsdt = dsdt;
	f->x_dsdt = dsdt;
	f->pm_profile = PROFILE_DESKTOP;
	fill_pm_block(f);
	f->c2_latency = f->c3_latency = NO_C_STATE;
	f->century = CMOS_CENTURY;
	f->boot_arch = BOOT_LEGACY_DEVICES | BOOT_NO_VGA;
	f->flags = FLAG_WBINVD | FLAG_PROC_C1 | FLAG_SLEEP_BUTTON_NOT_FIXED | FLAG_RTC_WAKE_NOT_FIXED | FLAG_RESET_REG;
	f->reset = io_register(LAYOUT_PORT_RESET, 8);
	f->reset_value = LAYOUT_PORT_RESET_HARD;
	start = (uint32_t)((uint8_t *)f - file.data);
	loader_pointer(TABLES, start + offsetof(struct acpi_fadt, facs), 4, TABLES);
	loader_pointer(TABLES, start + offsetof(struct acpi_fadt, dsdt), 4, TABLES);
	loader_pointer(TABLES, start + offsetof(struct acpi_fadt, x_dsdt), 8, TABLES);
	list(end_table(&f->header));
}

static void put_lapic(uint8_t id)
{
	struct madt_lapic *e = put(sizeof *e);

	*e = (struct madt_lapic){ MADT_LAPIC, sizeof *e, id, id, LAPIC_ENABLED };
}

static void put_override(uint8_t irq, uint32_t gsi, uint16_t flags)
{
	struct madt_override *e = put(sizeof *e);

	*e = (struct madt_override){ MADT_OVERRIDE, sizeof *e, 0, irq, gsi, flags };
}

static void build_madt(unsigned ncpus)
{
	struct acpi_madt *m = begin_table("APIC", 1, sizeof *m);
	struct madt_ioapic *io;
	struct madt_lapic_nmi *nmi;

	m->lapic = LAYOUT_LAPIC;
	m->flags = MADT_PCAT_COMPAT;
	for (unsigned i = 0; i < ncpus; i++)
		put_lapic((uint8_t)i);
	io = put(sizeof *io);
	*io = (struct madt_ioapic){ MADT_IOAPIC, sizeof *io, LAYOUT_IOAPIC_ID, 0, LAYOUT_IOAPIC, 0 };
	put_override(0, LAYOUT_GSI_TIMER, INTI_BUS_DEFAULT);
	put_override(LAYOUT_GSI_SCI, LAYOUT_GSI_SCI, INTI_HIGH_LEVEL);
	nmi = put(sizeof *nmi);
	*nmi = (struct madt_lapic_nmi){ MADT_LAPIC_NMI, sizeof *nmi, ALL_PROCESSORS, INTI_BUS_DEFAULT, 1 };
	list(end_table(&m->header));
}

/* What the table says of the timers is read from their own registers: capabilities, and the period in femtoseconds. */
static void build_hpet(void)
{
	struct acpi_hpet *h = begin_table("HPET", 1, sizeof *h);
	uint64_t period = bus_mmio_read(LAYOUT_HPET + 4, 4);

	h->block_id = (uint32_t)bus_mmio_read(LAYOUT_HPET, 4);
	h->address = (struct acpi_gas){ .space = GAS_MEMORY, .address = LAYOUT_HPET };
	h->min_tick = period ? (uint16_t)(TIMER_MIN_PERIOD_NS * 1000000u / period) : 0;
	list(end_table(&h->header));
}

/* RSDT and XSDT differ in the size of an entry only. */
static uint32_t build_root(const char *signature, uint8_t entry_size)
{
	struct acpi_header *h = begin_table(signature, 1, sizeof *h);

	for (unsigned i = 0; i < file.nlisted; i++) {
		uint32_t at = file.used;

		memcpy(put(entry_size), &file.listed[i], sizeof file.listed[i]);
		loader_pointer(TABLES, at, entry_size, TABLES);
	}
	return end_table(h);
}

static int publish_rsdp(uint32_t rsdt, uint32_t xsdt)
{
	static struct acpi_rsdp rsdp = { .signature = "RSD PTR ", .oem_id = OEM_ID, .revision = 2, .length = sizeof rsdp };

	rsdp.rsdt = rsdt;
	rsdp.xsdt = xsdt;
	loader_pointer(RSDP, offsetof(struct acpi_rsdp, rsdt), 4, TABLES);
	loader_pointer(RSDP, offsetof(struct acpi_rsdp, xsdt), 8, TABLES);
	loader_checksum(RSDP, offsetof(struct acpi_rsdp, checksum), 0, offsetof(struct acpi_rsdp, length));
	loader_checksum(RSDP, offsetof(struct acpi_rsdp, extended_checksum), 0, sizeof rsdp);
	return fwcfg_add_file(RSDP, &rsdp, sizeof rsdp);
}

/* A table's checksum comes after the pointers in it: the script runs in the order in which it is built. */
int acpi_init(unsigned ncpus)
{
	uint32_t facs, dsdt, rsdt, xsdt;
	int err;

	file.size = ROOM + dsdt_size();
	file.data = calloc(1, file.size);
	if (!file.data)
		return -ENOMEM;
	loader_allocate(RSDP, 16, LOADER_FSEG);
	loader_allocate(TABLES, ALIGN_FACS, LOADER_HIGH);
	facs = build_facs();
	dsdt = build_dsdt();
	build_fadt(facs, dsdt);
	build_madt(ncpus);
	build_hpet();
	rsdt = build_root("RSDT", 4);
	xsdt = build_root("XSDT", 8);
	if (file.full)
		return -ENOSPC;
	err = publish_rsdp(rsdt, xsdt);
	if (!err)
		err = fwcfg_add_file(TABLES, file.data, file.used);
	return err ? err : loader_publish();
}
