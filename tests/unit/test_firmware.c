// SOURCES: firmware/firmware.c firmware/bios.c firmware/e820.c firmware/acpi.c firmware/acpi_loader.c firmware/smbios.c firmware/bootconfig.c hw/memmap.c hw/bus_memory.c
/*
 * What the guest's BIOS is given: the ROM in the memory map, and the fw_cfg files. The ACPI loader script is carried out as a BIOS would, into
 * two areas of a pretended guest memory, and what comes of it is checked, by iasl too. With a directory as argument the files for one CPU
 * are left there (tests/firmware/run boots a real SeaBIOS with them).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/loongarch/host.h"
#include "firmware/acpi_tables.h"
#include "firmware/firmware.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/layout.h"
#include "hw/memmap.h"
#include "tests/unit/check.h"

#define MIB 0x100000ull
#define GIB 0x40000000ull

/* ---- the firmware around it ---- */

struct host host;
uint8_t dsdt_start[65536];
_Alignas(4096) static uint8_t replacement[0x200000];
__asm__(".section .rodata\n.balign 4096\n.globl seabios_start, seabios_end\nseabios_start: .space 0x40000, 0xea\nseabios_end: .byte 0\n.text");
extern const uint8_t seabios_start[];

static struct range guest_ram[8];
static unsigned nguest_ram;

unsigned host_guest_ram(struct range *out, unsigned max)
{
	(void)max;
	memcpy(out, guest_ram, nguest_ram * sizeof guest_ram[0]);
	return nguest_ram;
}

uint64_t host_alloc(uint64_t size, uint64_t align) { (void)size, (void)align; return 0; }
void mmu_phys_map_changed(void) {}

static const char *bootorder_text = "/pci@i0cf8/scsi@2/disk@0,0\n";
int passthrough_bootorder(char *buf, size_t n)
{
	(void)n;
	strcpy(buf, bootorder_text);
	return (int)strlen(buf);
}

static struct { const char *name; const uint8_t *data; uint32_t size; } files[32];
static unsigned nfiles;

int fwcfg_add_file(const char *name, const void *data, uint32_t size)
{
	files[nfiles].name = name;
	files[nfiles].data = data;
	files[nfiles++].size = size;
	return 0;
}

static const uint8_t *file(const char *name, uint32_t *size)
{
	for (unsigned i = nfiles; i-- > 0;)
		if (!strcmp(files[i].name, name)) {
			*size = files[i].size;
			return files[i].data;
		}
	*size = 0;
	return NULL;
}

static uint64_t hpet_read(void *ctx, uint64_t gpa, int size)
{
	uint64_t caps = 10000000ull << 32 | 0x8086a201;

	(void)ctx, (void)size;
	return caps >> 8 * (gpa & 7);
}

/* ---- guest memory as the loader script fills it ---- */

#define FSEG 0xf4a00u
#define HIGH 0xbffd0000u
static uint8_t fseg[4096], high[65536];

static uint8_t *guest(uint64_t gpa, uint32_t size)
{
	static uint8_t nothing[65536];

	if (gpa >= FSEG && gpa + size <= FSEG + sizeof fseg)
		return fseg + (gpa - FSEG);
	if (gpa >= HIGH && gpa + size <= HIGH + sizeof high)
		return high + (gpa - HIGH);
	failed++, printf("no guest memory at %llx\n", (unsigned long long)gpa);
	return nothing;
}

static uint8_t sum(const uint8_t *p, uint32_t n)
{
	uint8_t s = 0;

	while (n--)
		s += *p++;
	return s;
}

static struct { const char *name; uint64_t gpa; uint32_t size; } loaded[4];
static unsigned nloaded;

static uint64_t where(const char *name, uint32_t *size)
{
	for (unsigned i = 0; i < nloaded; i++)
		if (!strcmp(loaded[i].name, name)) {
			*size = loaded[i].size;
			return loaded[i].gpa;
		}
	failed++, printf("script: file '%s' not allocated\n", name);
	*size = 0;
	return HIGH;
}

static uint32_t get32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return v; }

static void run_allocate(const uint8_t *c)
{
	const char *name = (const char *)c + 4;
	uint32_t align = get32(c + 60), size;
	const uint8_t *data = file(name, &size);
	static uint32_t used_fseg, used_high;
	uint32_t *used = c[64] == 2 ? &used_fseg : &used_high;

	CHECK(data && size && align && !(align & (align - 1)) && (c[64] == 1 || c[64] == 2));
	*used = (*used + align - 1) & -align;
	loaded[nloaded].name = name;
	loaded[nloaded].size = size;
	loaded[nloaded].gpa = (c[64] == 2 ? FSEG : HIGH) + *used;
	*used += size;
	memcpy(guest(loaded[nloaded].gpa, size), data, size);
	nloaded++;
}

static void run_pointer(const uint8_t *c)
{
	uint32_t to_size, size, offset = get32(c + 116), width = c[120];
	uint64_t to = where((const char *)c + 60, &to_size), at = where((const char *)c + 4, &size), value = 0;

	CHECK(width == 4 || width == 8);
	CHECK(offset + width <= size);
	memcpy(&value, guest(at + offset, width), width);
	CHECK(value < to_size);
	value += to;
	memcpy(guest(at + offset, width), &value, width);
}

static void run_checksum(const uint8_t *c)
{
	uint32_t size, offset = get32(c + 60), start = get32(c + 64), len = get32(c + 68);
	uint64_t at = where((const char *)c + 4, &size);

	CHECK(offset < size && start + len <= size && offset >= start && offset < start + len);
	CHECK(*guest(at + offset, 1) == 0);
	*guest(at + offset, 1) -= sum(guest(at + start, len), len);
}

static void run_script(void)
{
	uint32_t size;
	const uint8_t *c = file("etc/table-loader", &size);

	CHECK(c && size && size % 128 == 0);
	for (uint32_t i = 0; i + 128 <= size; i += 128) {
		switch (get32(c + i)) {
		case 1: run_allocate(c + i); break;
		case 2: run_pointer(c + i); break;
		case 3: run_checksum(c + i); break;
		default: CHECK(!"a known command");
		}
	}
}

/* ---- ACPI ---- */

static char dir[] = "/tmp/test_firmware.XXXXXX";

/* Runs iasl -d on a table and looks whether it complained. */
static void disassemble(const struct acpi_header *h, const char *name)
{
	char command[256], path[64];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s.bin", dir, name);
	f = fopen(path, "w");
	CHECK(f && fwrite(h, 1, h->length, f) == h->length);
	if (f)
		fclose(f);
	snprintf(command, sizeof command, "cd %s && iasl -d %s.bin > %s.log 2>&1 && ! grep -qiE '(error|warning|invalid|incorrect|unknown)' %s.log",
		 dir, name, name, name);
	CHECK(!system(command));
	snprintf(command, sizeof command, "cd %s && ! grep -qiE '(invalid|incorrect|unknown|\\*\\*\\*\\*)' %s.dsl", dir, name);
	CHECK(!system(command));
}

static void compile_dsdt(void)
{
	char command[256];
	FILE *f;

	snprintf(command, sizeof command, "iasl -we -p %s/built firmware/dsdt.asl > %s/built.log 2>&1 || { cat %s/built.log; false; }", dir, dir, dir);
	CHECK(!system(command));
	snprintf(command, sizeof command, "%s/built.aml", dir);
	f = fopen(command, "r");
	CHECK(f && fread(dsdt_start, 1, sizeof dsdt_start, f) > sizeof(struct acpi_header));
	if (f)
		fclose(f);
}

static const struct acpi_header *table_at(uint64_t gpa, const char *signature)
{
	const struct acpi_header *h = (const void *)guest(gpa, sizeof *h);

	CHECK(!memcmp(h->signature, signature, 4));
	CHECK(h->length >= sizeof *h && h->length < sizeof high);
	CHECK(!sum(guest(gpa, h->length), h->length));
	disassemble(h, signature);
	return h;
}

static void check_fadt(const struct acpi_fadt *f)
{
	const struct acpi_facs *facs = (const void *)guest(f->facs, sizeof *facs);

	CHECK(f->facs % 64 == 0 && !memcmp(facs->signature, "FACS", 4) && facs->length == 64);
	CHECK(f->x_dsdt == f->dsdt && !f->x_facs);
	table_at(f->dsdt, "DSDT");
	CHECK(f->sci_int == LAYOUT_GSI_SCI && f->smi_cmd == LAYOUT_PORT_SMI_CMD);
	CHECK(f->pm_tmr == f->x_pm_tmr.address && f->pm1a_evt == f->x_pm1a_evt.address && f->pm1a_cnt == f->x_pm1a_cnt.address);
	CHECK(f->reset.space == GAS_IO && f->reset.address == 0xcf9 && (f->reset_value & 6) == 6 && f->flags & 0x400);
	CHECK(!(f->boot_arch & 2) && f->century == 0x32);
}

static void check_madt(const struct acpi_madt *m, unsigned ncpus)
{
	const uint8_t *p = (const uint8_t *)(m + 1), *end = (const uint8_t *)m + m->header.length;
	unsigned count[5] = { 0 };

	while (p + 2 <= end && p[1] >= 2 && p + p[1] <= end) {
		if (p[0] < 5)
			count[p[0]]++;
		p += p[1];
	}
	CHECK(p == end && m->lapic == LAYOUT_LAPIC);
	CHECK(count[0] == ncpus && count[1] == 1 && count[2] == 2 && count[4] == 1);
}

static void test_acpi(unsigned ncpus)
{
	const struct acpi_rsdp *rsdp = (const void *)fseg;
	const struct acpi_header *rsdt, *xsdt;
	unsigned n;
	bool fadt = false, madt = false, hpet = false;

	CHECK(!acpi_init(ncpus));
	run_script();
	CHECK(!memcmp(rsdp->signature, "RSD PTR ", 8) && rsdp->revision == 2 && rsdp->length == 36);
	CHECK(!sum(fseg, 20) && !sum(fseg, 36));
	rsdt = table_at(rsdp->rsdt, "RSDT");
	xsdt = table_at(rsdp->xsdt, "XSDT");
	n = (rsdt->length - sizeof *rsdt) / 4;
	CHECK(n == 3 && (xsdt->length - sizeof *xsdt) / 8 == n);
	for (unsigned i = 0; i < n; i++) {
		uint32_t low = get32((const uint8_t *)(rsdt + 1) + 4 * i);
		const char *signature = (const char *)guest(low, 4);
		uint64_t wide;

		memcpy(&wide, (const uint8_t *)(xsdt + 1) + 8 * i, 8);
		CHECK(wide == low);
		if (!memcmp(signature, "FACP", 4))
			check_fadt((const void *)table_at(low, "FACP")), fadt = true;
		if (!memcmp(signature, "APIC", 4))
			check_madt((const void *)table_at(low, "APIC"), ncpus), madt = true;
		if (!memcmp(signature, "HPET", 4)) {
			const struct acpi_hpet *h = (const void *)table_at(low, "HPET");

			CHECK(h->block_id == 0x8086a201 && h->address.address == LAYOUT_HPET && h->min_tick == 2000);
			hpet = true;
		}
	}
	CHECK(fadt && madt && hpet);
}

/* ---- memory ---- */

static uint64_t resolved(uint64_t gpa, enum page_kind kind)
{
	struct phys_page page;

	bus_resolve(gpa, &page);
	CHECK(page.kind == kind);
	return page.host_pa;
}

static void check_rom(const uint8_t *rom, uint32_t size, uint32_t low)
{
	uint64_t base = (uint64_t)rom;

	CHECK(resolved(0x100000000ull - size, PAGE_ROM) == base);
	CHECK(resolved(0xfffffff0, PAGE_ROM) == base + size - 0x1000);
	CHECK(resolved(0xffff0, PAGE_ROM) == base + size - 0x1000);
	CHECK(resolved(0x100000 - low, PAGE_ROM) == base + size - low);
	resolved(0x100000 - low - 0x1000, PAGE_MMIO);
}

static void test_bios(void)
{
	static const uint32_t bad[] = { 512, 0xffff, 0x10001, 0x30200, 0x110000, 0x200000 };
	uint32_t size;

	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		host.module = (struct range){ (uint64_t)replacement, bad[i] };
		CHECK(!bios_init(&size) && size == 0x40000);
	}
	check_rom(seabios_start, 0x40000, 0x20000);
	host.module = (struct range){ (uint64_t)replacement, 0x10000 };
	CHECK(!bios_init(&size) && size == 0x10000);
	check_rom(replacement, 0x10000, 0x10000);
	host.module.size = 0x100000;
	CHECK(!bios_init(&size) && size == 0x100000);
	check_rom(replacement, 0x100000, 0x20000);
	/* The PAM: as SeaBIOS opens and closes it. */
	for (int s = 0; s < 13; s++)
		board_set_pam(s, true, true);
	CHECK(resolved(0xffff0, PAGE_RAM) == 0xff000 && resolved(0xc0000, PAGE_RAM) == 0xc0000);
	board_set_pam(0, true, false);
	CHECK(resolved(0xffff0, PAGE_ROM) == 0xff000);
	for (int s = 0; s < 13; s++)
		board_set_pam(s, false, false);
	check_rom(replacement, 0x100000, 0x20000);
	host.module.size = 0;
	CHECK(!bios_init(&size));
	check_rom(seabios_start, 0x40000, 0x20000);
}

struct e820 { uint64_t base, size; uint32_t type; } __attribute__((packed));

/* The map's RAM is board_ram's; nothing overlaps, nothing lies in the PCI hole but the ROM. */
static void check_e820(uint32_t bios_size)
{
	uint32_t size, n;
	const struct e820 *map = (const void *)file("etc/e820", &size);
	uint64_t ram = 0, expected = 0;

	n = size / sizeof *map;
	CHECK(n && size % sizeof *map == 0 && map[0].base == 0);
	for (uint32_t i = 0; i < n; i++) {
		CHECK(map[i].size && (map[i].type == 1 || map[i].type == 2));
		if (map[i].type == 1) {
			CHECK(map[i].base + map[i].size <= LAYOUT_PCI_HOLE || map[i].base >= 4 * GIB);
			ram += map[i].size;
		} else {
			CHECK(map[i].base == 4 * GIB - bios_size && map[i].base + map[i].size == 4 * GIB - 0x40000);
		}
		for (uint32_t j = 0; j < i; j++)
			CHECK(map[i].base >= map[j].base + map[j].size || map[j].base >= map[i].base + map[i].size);
	}
	for (unsigned i = 0; i < board_ram.n; i++)
		expected += board_ram.r[i].size;
	CHECK(ram == expected);
	CHECK(bios_size <= 0x40000 ? n == board_ram.n : n == board_ram.n + 1);
}

static void test_e820(void)
{
	static const struct ram_map maps[] = {
		{ 1, { { 0, 256 * MIB } } },
		{ 2, { { 0, 256 * MIB }, { 2 * GIB, GIB } } },
		{ 3, { { 0, 240 * MIB }, { 0x90000000, 3 * GIB - 0x90000000 }, { 4 * GIB, 124 * GIB } } },
		{ 4, { { 0, 3 * MIB }, { 5 * MIB, MIB }, { 2 * GIB, 16 * MIB }, { 1024 * GIB, 1 * GIB } } },
	};
	struct ram_map kept = board_ram;

	for (unsigned i = 0; i < sizeof maps / sizeof maps[0]; i++) {
		board_ram = maps[i];
		CHECK(!e820_init(0x40000));
		check_e820(0x40000);
		CHECK(!e820_init(0x100000));
		check_e820(0x100000);
	}
	board_ram = kept;
}

/* ---- SMBIOS and the rest ---- */

static const uint8_t *next_structure(const uint8_t *p, const uint8_t *end)
{
	for (p += p[1]; p + 2 <= end && (p[0] || p[1]); p++)
		;
	return p + 2;
}

static void test_smbios(void)
{
	uint32_t asize, size, count = 0, largest = 0, types = 0;
	const uint8_t *anchor, *p, *end;

	strcpy(host.cpu_name, "Loongson-3A5000");
	CHECK(!smbios_init(2));
	anchor = file("etc/smbios/smbios-anchor", &asize);
	p = file("etc/smbios/smbios-tables", &size);
	CHECK(asize == 31 && !memcmp(anchor, "_SM_", 4) && anchor[5] == 31 && !memcmp(anchor + 16, "_DMI_", 5));
	CHECK((anchor[22] | anchor[23] << 8) == (int)size);
	for (end = p + size; p + 4 <= end; count++) {
		const uint8_t *next = next_structure(p, end);

		CHECK(next <= end && p[1] >= 4);
		CHECK((p[0] == 127) == (next == end));
		if (p[0] < 32)
			types |= 1u << p[0];
		largest = next - p > largest ? (uint32_t)(next - p) : largest;
		p = next;
	}
	CHECK(p == end && count == (uint32_t)(anchor[28] | anchor[29] << 8) && largest == (uint32_t)(anchor[8] | anchor[9] << 8));
	CHECK(types == (1u << 1 | 1u << 3 | 1u << 4 | 1u << 16 | 1u << 17 | 1u << 19));
}

static void test_bootconfig(void)
{
	uint32_t size;
	const uint8_t *p;
	const char *order = bootorder_text;

	bootorder_text = "";
	CHECK(!bootconfig_init());
	CHECK(!file("etc/sercon-port", &size) && !file("bootorder", &size));
	bootorder_text = order;
	host.uart.base = 0x1fe001e0;
	CHECK(!bootconfig_init());
	p = file("etc/sercon-port", &size);
	CHECK(p && size == 2 && p[0] == 0xf8 && p[1] == 3);
	p = file("etc/boot-fail-wait", &size);
	CHECK(p && size == 4 && get32(p) == 0xffffffff);
	p = file("bootorder", &size);
	CHECK(p && size == strlen(order) + 1 && !strcmp((const char *)p, order));
}

/* Writes the fw_cfg files out, with - for / in their names. */
static void leave_files(const char *to)
{
	char path[256];

	for (unsigned i = 0; i < nfiles; i++) {
		FILE *f;
		size_t at = (size_t)snprintf(path, sizeof path, "%s/", to);

		snprintf(path + at, sizeof path - at, "%s", files[i].name);
		for (char *p = path + at; *p; p++)
			if (*p == '/')
				*p = '-';
		f = fopen(path, "w");
		CHECK(f && fwrite(files[i].data, 1, files[i].size, f) == files[i].size);
		if (f)
			fclose(f);
	}
}

int main(int argc, char *argv[])
{
	static const struct mmio_ops hpet_ops = { hpet_read, NULL };
	char command[64];

	CHECK(mkdtemp(dir));
	compile_dsdt();
	guest_ram[nguest_ram++] = (struct range){ 0, 256 * MIB };
	guest_ram[nguest_ram++] = (struct range){ 2 * GIB, 2 * GIB + 512 * MIB };
	CHECK(!memmap_init() && board_ram.n == 2 + 1);
	CHECK(bus_add_memory(LAYOUT_HPET, 0x1000, PAGE_MMIO, 0, &hpet_ops, NULL) >= 0);
	test_bios();
	test_e820();
	test_acpi(argc > 1 ? 1 : 3);
	test_smbios();
	test_bootconfig();
	if (argc > 1)
		leave_files(argv[1]);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	CHECK(!system(command));
	return report();
}
