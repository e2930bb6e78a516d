/*
 * What ACPI describes in AML only: PCI windows, the routing of INTx, the UART's clock. It is the same for all machines that were made alike, so
 * it stands in a table here, by the OEM of their ACPI tables.
 */
#include "arch/loongarch/platform.h"

#include <stddef.h>
#include <string.h>

#include "arch/loongarch/host.h"

#define NONE PLATFORM_NO_PIN
#define ALL(pin) { pin, pin, pin, pin }

struct intx_row {
	uint8_t device;
	uint8_t pins[4]; /* of INTA-INTD */
};

/* The 7A1000's (user manual, table 5-1; Linux, ls7a-pch.dtsi). INTA-INTD of its own devices are functions 0-3. */
static const struct intx_row ls7a_intx[] = {
	{ 3, { 12, 14, NONE, NONE } }, /* GMAC */
	{ 4, { 49, 48, NONE, NONE } }, /* OHCI, EHCI */
	{ 5, { 51, 50, NONE, NONE } },
	{ 6, { 29, 28, NONE, NONE } }, /* GPU, display */
	{ 7, { 58, NONE, NONE, NONE } }, /* HDA */
	{ 8, { 16, 17, 18, NONE } }, /* SATA */
	/* root ports */
	{ 9, ALL(32) }, { 10, ALL(33) }, { 11, ALL(34) }, { 12, ALL(35) }, { 13, ALL(36) }, { 14, ALL(37) }, { 15, ALL(40) },
	{ 16, ALL(41) }, { 17, ALL(42) }, { 18, ALL(43) }, { 19, ALL(38) }, { 20, ALL(39) },
};

static const struct machine {
	char oem[7];
	uint64_t uart;
	uint32_t uart_clock;
	uint64_t rtc;
	struct host_pci_window io;
	uint64_t mem, mem_size;     /* where BARs below 4 GiB may lie */
	uint64_t mem64, mem64_size; /* and above */
	unsigned intx_first;        /* PCI_INTX_SWIZZLE, if there are no rows */
	const struct intx_row *intx;
	unsigned intx_rows;
} machines[] = {
	/* QEMU's virt machine */
	{
		.oem = "BOCHS ",
		.uart = 0x1fe001e0,
		.uart_clock = 100000000,
		.rtc = 0x100d0100,
		.io = { .cpu = 0x18004000, .pci = 0x4000, .size = 0xc000 },
		.mem = 0x40000000,
		.mem_size = 0x40000000,
		.intx_first = 16,
	},
	/* 3A5000, 3A6000 and their kin with a 7A bridge. Which part of the address space UEFI uses is its own affair. */
	{
		.oem = "LOONGS",
		.uart = 0x1fe001e0,
		.uart_clock = 100000000,
		.rtc = 0x100d0100,
		.io = { .cpu = 0x18004000, .pci = 0x4000, .size = 0xc000 },
		.mem = 0x40000000,
		.mem_size = 0x40000000,
		.mem64 = 0x80000000,
		.mem64_size = 0xff80000000,
		.intx = ls7a_intx,
		.intx_rows = sizeof ls7a_intx / sizeof ls7a_intx[0],
	},
};

/* A 7A's devices answer where its configuration space does: the CPU's address bits 40-63 select the bridge (Linux, arch/loongarch/pci/acpi.c). */
static struct host_pci_window memory_window(uint64_t pci, uint64_t size)
{
	uint64_t bridge = platform.pci_config & ~((1ull << 40) - 1);

	return (struct host_pci_window){ .cpu = bridge | pci, .pci = pci, .size = size };
}

static void apply(const struct machine *m)
{
	if (!host.uart.base)
		host.uart.base = m->uart;
	if (!host.uart.clock)
		host.uart.clock = m->uart_clock;
	platform.rtc = m->rtc;
	host.pci_io = m->io;
	host.pci_mem = memory_window(m->mem, m->mem_size);
	host.pci_mem64 = memory_window(m->mem64, m->mem64_size);
	platform.intx_kind = m->intx ? PCI_INTX_MAP : PCI_INTX_SWIZZLE;
	platform.intx_first = m->intx_first;
	memset(platform.intx_map, NONE, sizeof platform.intx_map);
	for (unsigned i = 0; i < m->intx_rows; i++)
		memcpy(platform.intx_map[m->intx[i].device], m->intx[i].pins, sizeof m->intx[i].pins);
}

bool platform_by_oem(const char oem[6])
{
	for (unsigned i = 0; i < sizeof machines / sizeof machines[0]; i++) {
		if (memcmp(oem, machines[i].oem, 6))
			continue;
		apply(&machines[i]);
		return true;
	}
	return false;
}
