#include "arch/loongarch/acpi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arch/loongarch/acpi_tables.h"
#include "arch/loongarch/host.h"
#include "arch/loongarch/platform.h"
#include "arch/loongarch/power.h"

/* Global interrupt numbers from here on are the bridge chip's: MADT counts them, EIOINTC vectors are relative to it (Linux, drivers/acpi/irq). */
#define GSI_FIRST_PCH 64
#define PCH_PINS 64
#define MAX_VECTORS 256

/* ---- console ---- */

#define SPCR_16550 0x00
#define SPCR_16450 0x01
#define SPCR_16550_GAS 0x12
#define SPCR_PC_IRQ 1 /* interrupt_type: an 8259 input, in irq. QEMU says 0 and means gsi. */

/* uart.c wants byte registers side by side in memory. */
static bool spcr_usable(const struct acpi_spcr *s)
{
	return (s->interface == SPCR_16550 || s->interface == SPCR_16450 || s->interface == SPCR_16550_GAS) &&
	       s->base.space == GAS_MEMORY && s->base.access <= 1 && s->base.address && !(s->base.address >> 48);
}

void acpi_find_console(void)
{
	const struct acpi_spcr *s;
	const char *oem = acpi_oem();

	host.uart.irq = -1;
	if (!acpi_find("SPCR", sizeof *s, (const void **)&s) && spcr_usable(s)) {
		host.uart.base = s->base.address;
		host.uart.clock = s->h.revision >= 3 ? s->clock : 0;
	}
	if (oem)
		platform_by_oem(oem);
}

/* After MADT, which says what the numbers mean. Without an interrupt the UART is polled. */
static void discover_uart_interrupt(unsigned gsi_base)
{
	const struct acpi_spcr *s;
	int r = acpi_find("SPCR", sizeof *s, (const void **)&s);

	if (r || !spcr_usable(s)) {
		printf("ACPI: SPCR: %s\n", r ? acpi_error(r) : "not a UART in memory that can be used");
		return;
	}
	if (!s->gsi || s->interrupt_type == SPCR_PC_IRQ)
		return;
	if (s->gsi >= gsi_base && s->gsi - gsi_base < PCH_PINS)
		host.uart.irq = (int)(platform.pch_pic_first + s->gsi - gsi_base);
	else if (host.verbose)
		printf("ACPI: SPCR: interrupt %u is not the bridge chip's, the UART is polled\n", s->gsi);
}

/* ---- PCI ---- */

/* The first segment only: the others are buses that cannot be numbered together with it. */
static void discover_pci(void)
{
	const struct acpi_mcfg *m;
	int r = acpi_find("MCFG", sizeof *m + sizeof m->entry[0], (const void **)&m);

	if (r) {
		printf("ACPI: MCFG: %s: no PCI\n", acpi_error(r));
		return;
	}
	for (unsigned i = 0; i < (m->h.length - sizeof *m) / sizeof m->entry[0]; i++) {
		if (m->entry[i].segment || m->entry[i].first_bus || m->entry[i].base >> 48)
			continue;
		platform.pci_kind = !memcmp(m->h.oem, "LOONGS", 6) && m->h.oem_revision == 1 ? PCI_CONFIG_LOONGSON : PCI_CONFIG_ECAM;
		platform.pci_config = m->entry[i].base;
		platform.pci_last_bus = m->entry[i].last_bus;
		return;
	}
	printf("ACPI: MCFG has no segment 0: no PCI\n");
}

/* ---- interrupt controllers ---- */

/* What MADT has of each kind. */
struct found {
	unsigned cores, eio;
	const struct madt_bio_pic *bio;
	const struct madt_msi_pic *msi;
};

/* BIO and MSI controllers of other nodes have the higher numbers. */
static void take_core(struct found *f, const void *p)
{
	const struct madt_core_pic *core = p;

	f->cores += core->flags & 1;
}

static void take_eio(struct found *f, const void *p)
{
	(void)p;
	f->eio++;
}

static void take_bio(struct found *f, const void *p)
{
	const struct madt_bio_pic *bio = p;

	if (!f->bio || bio->gsi_base < f->bio->gsi_base)
		f->bio = bio;
}

static void take_msi(struct found *f, const void *p)
{
	const struct madt_msi_pic *msi = p;

	if (!f->msi || msi->start < f->msi->start)
		f->msi = msi;
}

static const struct {
	uint8_t type, length;
	void (*take)(struct found *f, const void *entry);
} madt_kinds[] = {
	{ MADT_CORE_PIC, sizeof(struct madt_core_pic), take_core },
	{ MADT_EIO_PIC, sizeof(struct madt_eio_pic), take_eio },
	{ MADT_BIO_PIC, sizeof(struct madt_bio_pic), take_bio },
	{ MADT_MSI_PIC, sizeof(struct madt_msi_pic), take_msi },
};

/* 0, or -EINVAL when the entry is shorter than its kind. Kinds that are not used are passed over. */
static int take_madt_entry(struct found *f, const struct madt_entry *e)
{
	for (unsigned i = 0; i < sizeof madt_kinds / sizeof madt_kinds[0]; i++) {
		if (madt_kinds[i].type != e->type)
			continue;
		if (e->length < madt_kinds[i].length)
			return -EINVAL;
		madt_kinds[i].take(f, e);
	}
	return 0;
}

static int walk_madt(const struct acpi_madt *m, struct found *f)
{
	const uint8_t *p = m->entries, *end = (const uint8_t *)m + m->h.length;

	while (end - p >= 2) {
		const struct madt_entry *e = (const void *)p;

		if (e->length < 2 || e->length > end - p || take_madt_entry(f, e))
			return -EINVAL;
		p += e->length;
	}
	return 0;
}

/* Whether the runtime can work with what was found. */
static bool controllers_usable(const struct found *f)
{
	return f->cores && f->eio && f->bio && f->msi && f->bio->gsi_base >= GSI_FIRST_PCH && f->bio->gsi_base < GSI_FIRST_PCH + MAX_VECTORS &&
	       !(f->bio->address >> 48) && f->msi->start < MAX_VECTORS && f->msi->count <= MAX_VECTORS - f->msi->start;
}

static int discover_interrupts(unsigned *gsi_base)
{
	const struct acpi_madt *m;
	struct found f = { 0 };
	int r = acpi_find("APIC", sizeof *m, (const void **)&m);

	if (!r)
		r = walk_madt(m, &f);
	if (r) {
		printf("ACPI: MADT: %s\n", acpi_error(r));
		return r;
	}
	if (!controllers_usable(&f)) {
		printf("ACPI: MADT: no interrupt controllers that are known: %u cores, %u EIO, %s, %s\n", f.cores, f.eio,
		       f.bio ? "BIO" : "no BIO", f.msi ? "MSI" : "no MSI");
		return -ENODEV;
	}
	host.ncpu = f.cores;
	*gsi_base = f.bio->gsi_base;
	platform.pch_pic = f.bio->address;
	platform.pch_pic_first = f.bio->gsi_base - GSI_FIRST_PCH;
	platform.msi_address = f.msi->address;
	platform.msi_first = f.msi->start;
	platform.msi_count = f.msi->count;
	return 0;
}

/* ---- power ---- */

/* Older revisions are shorter: what they lack counts as 0. */
static void discover_power(void)
{
	const struct acpi_header *h;
	struct acpi_fadt fadt = { 0 };
	int r = acpi_find("FACP", offsetof(struct acpi_fadt, arm_flags), (const void **)&h);

	if (r) {
		printf("ACPI: FADT: %s: the machine can be neither switched off nor reset\n", acpi_error(r));
		return;
	}
	memcpy(&fadt, h, h->length < sizeof fadt ? h->length : sizeof fadt);
	acpi_power(&fadt);
}

static void report(void)
{
	printf("console: UART at %#llx, clock %u Hz, interrupt %d\n", (unsigned long long)host.uart.base, host.uart.clock, host.uart.irq);
	printf("interrupts: PCH-PIC at %#llx, first vector %u; MSI at %#llx, vectors %u - %u\n", (unsigned long long)platform.pch_pic,
	       platform.pch_pic_first, (unsigned long long)platform.msi_address, platform.msi_first,
	       platform.msi_first + platform.msi_count - 1);
	printf("pci: configuration at %#llx%s, buses up to %u\n", (unsigned long long)platform.pci_config,
	       platform.pci_kind == PCI_CONFIG_LOONGSON ? " (Loongson's layout)" : "", platform.pci_last_bus);
	printf("power: off %#llx = %#x, reset %#llx = %#x\n", (unsigned long long)power_off.address, power_off.value,
	       (unsigned long long)power_reset.address, power_reset.value);
}

int acpi_discover(void)
{
	const char *oem = acpi_oem();
	unsigned gsi_base;
	int r;

	if (!oem) {
		printf("ACPI: no root table that is good at %#llx\n", (unsigned long long)host.rsdp);
		return -ENODEV;
	}
	acpi_list();
	discover_power();
	r = discover_interrupts(&gsi_base);
	if (r)
		return r;
	discover_uart_interrupt(gsi_base);
	discover_pci();
	if (!platform_by_oem(oem))
		printf("ACPI: machines of %.6s are not known: no addresses of PCI devices, no PCI interrupts\n", oem);
	if (host.verbose)
		report();
	return 0;
}
