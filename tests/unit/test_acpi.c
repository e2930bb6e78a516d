// SOURCES: arch/loongarch/acpi.c arch/loongarch/acpi_power.c arch/loongarch/platform.c
/*
 * Discovery from ACPI tables: those of QEMU's virt machine, Loongson's layout of MCFG, older forms, and tables with every byte broken in turn.
 * Behind the tables lies an inaccessible page, so reading on is noticed.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Instead of csr.h: physical memory is the arena, which begins at MEMORY. */
#define ARCH_CSR_H
#define MEMORY 0x0df00000ull
#define ARENA 4096u
static unsigned char *arena;
static void *phys_cached(unsigned long long pa)
{
	return arena + (pa - MEMORY);
}
#include "arch/loongarch/acpi_tables.c"

#include "arch/loongarch/acpi.h"
#include "arch/loongarch/platform.h"
#include "arch/loongarch/power.h"
#include "tests/unit/check.h"

struct host host;
struct platform platform;
struct power_write power_off, power_reset;

/* ---- building tables ---- */

#define RSDP_AT 0u
#define ROOT_AT 64u
#define FIRST_TABLE 256u
#define MAX_TABLES 8

static unsigned tables[MAX_TABLES], ntables; /* offsets of the tables in the arena */
static unsigned top;

static void fix_sum(void *table, size_t size, size_t sum_at)
{
	uint8_t *b = table, sum = 0;

	b[sum_at] = 0;
	for (size_t i = 0; i < size; i++)
		sum += b[i];
	b[sum_at] = (uint8_t)-sum;
}

static void fix_table(unsigned at)
{
	struct acpi_header *h = (void *)(arena + at);

	if (h->length >= sizeof *h && h->length <= ARENA - at)
		fix_sum(h, h->length, offsetof(struct acpi_header, checksum));
}

static void set_header(unsigned at, const char *signature, size_t length, int revision, const char *oem)
{
	struct acpi_header *h = (void *)(arena + at);

	memcpy(h->signature, signature, 4);
	h->length = (uint32_t)length;
	h->revision = (uint8_t)revision;
	h->oem_revision = 1;
	memcpy(h->oem, oem, 6);
}

/* Puts a table at the next free place; its body is `size` bytes behind the header. Returns the table. */
static void *add(const char *signature, int revision, const char *oem, const void *body, size_t size)
{
	unsigned at = top;

	set_header(at, signature, sizeof(struct acpi_header) + size, revision, oem);
	if (body)
		memcpy(arena + at + sizeof(struct acpi_header), body, size);
	fix_table(at);
	top = (at + (unsigned)sizeof(struct acpi_header) + (unsigned)size + 7) & ~7u;
	tables[ntables++] = at;
	return arena + at;
}

static void add_root(unsigned entry_size, const char *oem)
{
	struct rsdp *r = (void *)(arena + RSDP_AT);

	set_header(ROOT_AT, entry_size == 8 ? "XSDT" : "RSDT", sizeof(struct acpi_header) + ntables * entry_size, 1, oem);
	for (unsigned i = 0; i < ntables; i++) {
		uint64_t address = MEMORY + tables[i];

		memcpy(arena + ROOT_AT + sizeof(struct acpi_header) + i * entry_size, &address, entry_size);
	}
	fix_table(ROOT_AT);
	memcpy(r->signature, "RSD PTR ", 8);
	r->revision = entry_size == 8 ? 2 : 0;
	*(entry_size == 8 ? &r->length : &r->rsdt) = entry_size == 8 ? sizeof *r : MEMORY + ROOT_AT;
	r->xsdt = entry_size == 8 ? MEMORY + ROOT_AT : 0;
	fix_sum(r, RSDP_SIZE_1, offsetof(struct rsdp, checksum));
	fix_sum(r, sizeof *r, offsetof(struct rsdp, extended_checksum));
	host.rsdp = MEMORY + RSDP_AT;
}

static void clear(void)
{
	memset(arena, 0, ARENA);
	memset(&host, 0, sizeof host);
	memset(&platform, 0, sizeof platform);
	power_off = power_reset = (struct power_write){ 0 };
	host.kept[0] = (struct range){ MEMORY, ARENA };
	host.nkept = 1;
	ntables = 0;
	top = FIRST_TABLE;
}

/* What QEMU 10 has for two CPUs. */
static const uint8_t qemu_madt[] = {
	0, 0, 0, 0, 1, 0, 0, 0,
	17, 15, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
	17, 15, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
	20, 13, 1, 3, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0,
	21, 19, 1, 0, 0, 0xf0, 0x2f, 0, 0, 0, 0, 0x40, 0, 0, 0, 0xc0, 0, 0, 0,
	22, 17, 1, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0x10, 0, 0, 0x40, 0,
};
static const uint8_t qemu_spcr[44] = { 0, 0, 0, 0, 0, 0x20, 0, 1, 0xe0, 1, 0xe0, 0x1f, 0, 0, 0, 0, 0, 0, 0x42, 0, 0, 0, 7, 0, 1, 0, 0, 3, 0xff, 0xff, 0xff, 0xff };
static const uint8_t qemu_mcfg[24] = { [8] = 0, 0, 0, 0x20, [18] = 0, 0x7f };
static const uint8_t s5[] = { 0x10, 0x20, 0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 5, 0, 0, 0, 0xa3, 0xa3 };

static struct acpi_fadt *add_fadt(unsigned dsdt)
{
	struct acpi_fadt *f = add("FACP", 5, "BOCHS ", NULL, sizeof *f - sizeof f->h);

	f->flags = FADT_RESET_SUPPORTED | FADT_HW_REDUCED;
	f->x_dsdt = MEMORY + dsdt;
	f->reset = (struct acpi_gas){ GAS_MEMORY, 8, 0, 1, 0x100e001e };
	f->reset_value = 0x42;
	f->sleep_control = (struct acpi_gas){ GAS_MEMORY, 8, 0, 1, 0x100e001c };
	fix_table(tables[ntables - 1]);
	return f;
}

/* The machine, with the tables' OEM and MCFG's address as given. DSDT is in the list like the others: only FADT should name it, but it does no harm. */
static void build(const char *oem, uint64_t pci)
{
	struct acpi_mcfg *m;

	clear();
	add("DSDT", 1, oem, s5, sizeof s5);
	add_fadt(tables[0]);
	add("APIC", 1, oem, qemu_madt, sizeof qemu_madt);
	add("SPCR", 2, oem, qemu_spcr, sizeof qemu_spcr);
	m = add("MCFG", 1, oem, qemu_mcfg, sizeof qemu_mcfg);
	m->entry[0].base = pci;
	fix_table(tables[4]);
	add_root(8, oem);
}
enum { DSDT, FADT, MADT, SPCR, MCFG };
#define TABLE(n) ((void *)(arena + tables[n]))

/* ---- running ---- */

static char *said;

static int discover(void)
{
	FILE *out = stdout;
	size_t size;
	int r;

	free(said);
	stdout = open_memstream(&said, &size);
	acpi_find_console();
	r = acpi_discover();
	fclose(stdout);
	stdout = out;
	return r;
}

static bool says(const char *what)
{
	return strstr(said, what);
}

static void test_qemu(void)
{
	build("BOCHS ", 0x20000000);
	CHECK(discover() == 0);
	CHECK(!*said);
	CHECK(host.ncpu == 2);
	CHECK(host.uart.base == 0x1fe001e0 && host.uart.clock == 100000000 && host.uart.irq == 2);
	CHECK(platform.pch_pic == 0x10000000 && platform.pch_pic_first == 0);
	CHECK(platform.msi_address == 0x2ff00000 && platform.msi_first == 64 && platform.msi_count == 192);
	CHECK(platform.pci_kind == PCI_CONFIG_ECAM && platform.pci_config == 0x20000000 && platform.pci_last_bus == 127);
	CHECK(host.pci_mem.cpu == 0x40000000 && host.pci_mem.pci == 0x40000000 && host.pci_mem.size == 0x40000000);
	CHECK(host.pci_mem64.size == 0 && host.pci_io.cpu == 0x18004000 && !platform.assign_pci);
	CHECK(platform.intx_kind == PCI_INTX_SWIZZLE && platform.intx_first == 16);
	CHECK(power_off.address == 0x100e001c && power_off.size == 1 && power_off.value == 0x34);
	CHECK(power_reset.address == 0x100e001e && power_reset.size == 1 && power_reset.value == 0x42);
	host.verbose = true;
	CHECK(discover() == 0 && says("APIC at 0xdf00"));
}

static void test_loongson(void)
{
	struct acpi_mcfg *m;

	build("LOONGS", 0xefe00000000);
	CHECK(discover() == 0);
	CHECK(platform.pci_kind == PCI_CONFIG_LOONGSON && platform.pci_config == 0xefe00000000);
	CHECK(host.pci_mem.cpu == 0xe0040000000 && host.pci_mem.pci == 0x40000000);
	CHECK(host.pci_mem64.cpu == 0xe0080000000 && host.pci_mem64.pci == 0x80000000);
	CHECK(platform.intx_kind == PCI_INTX_MAP && platform.intx_map[9][3] == 32 && platform.intx_map[4][1] == 48);
	CHECK(platform.intx_map[0][0] == PLATFORM_NO_PIN);
	build("LOONGS", 0x20000000);
	m = TABLE(MCFG);
	m->h.oem_revision = 2;
	fix_table(tables[MCFG]);
	CHECK(discover() == 0 && platform.pci_kind == PCI_CONFIG_ECAM);
}

static void test_old_forms(void)
{
	struct acpi_fadt *f;
	struct acpi_spcr *s;

	build("BOCHS ", 0x20000000);
	add_root(4, "BOCHS ");
	CHECK(discover() == 0 && !*said && host.ncpu == 2);

	build("BOCHS ", 0x20000000);
	f = TABLE(FADT);
	f->h.length = 132;
	f->flags = 0;
	f->dsdt = (uint32_t)f->x_dsdt;
	f->pm1a_control = 0x100d0014;
	f->pm1_control_length = 2;
	fix_table(tables[FADT]);
	CHECK(discover() == 0);
	CHECK(power_off.address == 0x100d0014 && power_off.size == 2 && power_off.value == (5 << 10 | 0x2000));
	CHECK(power_reset.address == 0 && says("how to reset"));

	build("BOCHS ", 0x20000000);
	s = TABLE(SPCR);
	s->h.revision = 4;
	s->clock = 33000000;
	s->gsi = 26;
	fix_table(tables[SPCR]);
	CHECK(discover() == 0 && host.uart.clock == 33000000 && host.uart.irq == -1);
}

/* Each broken, and what comes of it. */
static void test_broken(void)
{
	build("BOCHS ", 0x20000000);
	host.nkept = 0;
	CHECK(discover() < 0 && says("no root table"));

	build("BOCHS ", 0x20000000);
	arena[RSDP_AT + 9]++;
	CHECK(discover() < 0 && says("no root table"));

	build("BOCHS ", 0x20000000);
	arena[tables[MADT] + 40]++;
	CHECK(discover() < 0 && says("MADT: wrong checksum"));

	build("BOCHS ", 0x20000000);
	arena[tables[MADT] + 44 + 1] = 0;
	fix_table(tables[MADT]);
	CHECK(discover() < 0 && says("MADT: wrong length"));

	build("BOCHS ", 0x20000000);
	arena[tables[MADT] + 44 + 15 + 15] = 0x70;
	fix_table(tables[MADT]);
	CHECK(discover() < 0 && says("0 EIO"));

	build("BOCHS ", 0x20000000);
	((struct acpi_header *)TABLE(MCFG))->length = 0x7fffffff;
	CHECK(discover() == 0 && says("MCFG: wrong length") && platform.pci_kind == PCI_CONFIG_NONE);

	build("BOCHS ", 0x20000000);
	((struct acpi_spcr *)TABLE(SPCR))->base.space = 1;
	fix_table(tables[SPCR]);
	CHECK(discover() == 0 && says("SPCR") && host.uart.base == 0x1fe001e0 && host.uart.irq == -1);

	build("BOCHS ", 0x20000000);
	((struct acpi_fadt *)TABLE(FADT))->x_dsdt = 0x123456789abc;
	fix_table(tables[FADT]);
	CHECK(discover() == 0 && says("DSDT: outside") && power_off.address == 0 && power_reset.address);

	build("BOCHS ", 0x20000000);
	memset(arena + ROOT_AT + sizeof(struct acpi_header), 0xff, 8);
	fix_table(ROOT_AT);
	CHECK(discover() == 0 && says("0xffffffffffffffff: outside"));

	build("WHATIS", 0x20000000);
	CHECK(discover() == 0 && says("machines of WHATIS are not known"));
}

/* Every byte, some values, with the sums left wrong and put right again. That nothing faults is the result. */
static void test_every_byte(void)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };

	build("BOCHS ", 0x20000000);
	for (unsigned at = 0, end = top; at < end; at++)
		for (unsigned v = 0; v < 2 * sizeof values; v++) {
			build("BOCHS ", 0x20000000);
			arena[at] = values[v / 2];
			for (unsigned i = 0; v & 1 && i < ntables; i++)
				fix_table(tables[i]);
			if (v & 1)
				fix_table(ROOT_AT);
			discover();
			CHECK(!platform.pci_config || platform.pci_kind != PCI_CONFIG_NONE);
			CHECK(platform.msi_first + platform.msi_count <= 256);
		}
}

/* The last table ends where the memory does, and promises more. */
static void test_end_of_memory(void)
{
	for (unsigned promised = 1; promised < 300; promised++) {
		clear();
		top = ARENA - sizeof(struct acpi_header) - sizeof qemu_madt;
		add("APIC", 1, "BOCHS ", qemu_madt, sizeof qemu_madt);
		((struct acpi_header *)TABLE(0))->length = promised;
		fix_table(tables[0]);
		add_root(8, "BOCHS ");
		CHECK(discover() <= 0);
	}
}

int main(void)
{
	arena = mmap(NULL, 2 * ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(arena + ARENA, ARENA, PROT_NONE);
	test_qemu();
	test_loongson();
	test_old_forms();
	test_broken();
	test_every_byte();
	test_end_of_memory();
	return report();
}
