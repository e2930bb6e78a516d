#include "arch/loongarch/pci.h"

#include <stddef.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "arch/loongarch/platform.h"

#define CONFIG_SIZE 4096u
#define CAP_PCIE 0x10
#define PCIE_FLAGS 2u         /* port type in bits 4-7 (PCI Express Base 4.0, 7.5.3.2) */
#define PCIE_ROOT_PORT 4u
#define PCIE_DOWNSTREAM_PORT 6u
#define MAX_CAPS 48           /* as many as fit into the header's 256 bytes */

/* Offset of a register from platform.pci_config. */
struct config_ops {
	uint64_t (*offset)(uint32_t bdf, unsigned reg);
};

static struct {
	const struct config_ops *ops; /* NULL: no PCI */
	unsigned last_bus;
	uint16_t above[PCI_BUSES];    /* bridge above the bus + 1; 0: none */
	bool link[PCI_BUSES];         /* the bus is a PCI Express link */
} pci;

/* PCI Express Base 4.0, 7.2.2 */
static uint64_t ecam_offset(uint32_t bdf, unsigned reg)
{
	return (uint64_t)bdf << 12 | reg;
}

/* Loongson 7A: extended registers in bits 24-27; buses other than 0 take type 1 cycles, chosen by bit 28. */
static uint64_t loongson_offset(uint32_t bdf, unsigned reg)
{
	return (uint64_t)bdf << 8 | (reg & 0xff) | (uint64_t)(reg & 0xf00) << 16 | (bdf >> 8 ? 1ull << 28 : 0);
}

static const struct config_ops config_kinds[] = {
	[PCI_CONFIG_ECAM] = { ecam_offset },
	[PCI_CONFIG_LOONGSON] = { loongson_offset },
};

static volatile void *config_address(uint32_t bdf, unsigned reg, int size)
{
	unsigned bus = bdf >> 8;

	if (!pci.ops || bus > pci.last_bus || reg + (unsigned)size > CONFIG_SIZE || (pci.link[bus] && (bdf >> 3 & 31)))
		return NULL;
	return phys_uncached(platform.pci_config + pci.ops->offset(bdf, reg));
}

uint32_t host_pci_read(uint32_t bdf, unsigned reg, int size)
{
	volatile void *p = config_address(bdf, reg, size);
	uint32_t value = 0;

	if (!p)
		return ~0u >> (32 - 8 * size);
	if (reg & (unsigned)(size - 1)) {
		for (int i = 0; i < size; i++)
			value |= host_pci_read(bdf, reg + (unsigned)i, 1) << 8 * i;
		return value;
	}
	return size == 1 ? *(volatile uint8_t *)p : size == 2 ? *(volatile uint16_t *)p : *(volatile uint32_t *)p;
}

void host_pci_write(uint32_t bdf, unsigned reg, int size, uint32_t value)
{
	volatile void *p = config_address(bdf, reg, size);

	if (!p)
		return;
	if (reg & (unsigned)(size - 1)) {
		for (int i = 0; i < size; i++)
			host_pci_write(bdf, reg + (unsigned)i, 1, value >> 8 * i);
		return;
	}
	if (size == 1)
		*(volatile uint8_t *)p = (uint8_t)value;
	else if (size == 2)
		*(volatile uint16_t *)p = (uint16_t)value;
	else
		*(volatile uint32_t *)p = value;
}

unsigned host_pci_last_bus(void)
{
	return pci.last_bus;
}

static bool absent(uint32_t bdf)
{
	uint32_t vendor = host_pci_read(bdf, PCI_VENDOR, 2);

	return vendor == 0xffff || vendor == 0;
}

void pci_scan_bus(unsigned bus, void (*fn)(void *ctx, uint32_t bdf, unsigned type), void *ctx)
{
	for (uint32_t first = bus << 8; first < (bus + 1) << 8; first += 8) {
		unsigned functions;

		if (absent(first))
			continue;
		functions = host_pci_read(first, PCI_HEADER, 1) & PCI_HEADER_MULTI ? 8 : 1;
		for (uint32_t bdf = first; bdf < first + functions; bdf++)
			if (!absent(bdf))
				fn(ctx, bdf, host_pci_read(bdf, PCI_HEADER, 1) & PCI_HEADER_TYPE);
	}
}

static bool leads_to_link(uint32_t bridge)
{
	unsigned cap, type;

	if (!(host_pci_read(bridge, PCI_STATUS, 2) & PCI_STATUS_CAPS))
		return false;
	cap = host_pci_read(bridge, PCI_CAP_LIST, 1) & 0xfc;
	for (int i = 0; cap && i < MAX_CAPS && host_pci_read(bridge, cap, 1) != CAP_PCIE; i++)
		cap = host_pci_read(bridge, cap + 1, 1) & 0xfc;
	if (!cap || host_pci_read(bridge, cap, 1) != CAP_PCIE)
		return false;
	type = host_pci_read(bridge, cap + PCIE_FLAGS, 1) >> 4;
	return type == PCIE_ROOT_PORT || type == PCIE_DOWNSTREAM_PORT;
}

void pci_enter_bus(unsigned bus, uint32_t bridge)
{
	pci.above[bus] = (uint16_t)(bridge + 1);
	pci.link[bus] = leads_to_link(bridge);
}

int32_t pci_bridge_above(unsigned bus)
{
	return (int32_t)pci.above[bus & (PCI_BUSES - 1)] - 1;
}

/* A function as the loader's firmware left it. Bridges forward the DMA of those behind them, which firmware only does when it used them. */
static void take_over(void *last, uint32_t bdf, unsigned type)
{
	uint32_t command = host_pci_read(bdf, PCI_COMMAND, 2);
	unsigned bus = bdf >> 8, secondary;

	if (type != PCI_TYPE_BRIDGE) {
		host_pci_write(bdf, PCI_COMMAND, 2, command & ~PCI_COMMAND_MASTER);
		return;
	}
	secondary = host_pci_read(bdf, PCI_SECONDARY, 1);
	/* A bus number that leads back or was met before comes from a broken bridge. */
	if (secondary <= bus || secondary > pci.last_bus || pci.above[secondary])
		return;
	host_pci_write(bdf, PCI_COMMAND, 2, command | PCI_COMMAND_IO | PCI_COMMAND_MEM | PCI_COMMAND_MASTER);
	pci_enter_bus(secondary, bdf);
	if (secondary > *(unsigned *)last)
		*(unsigned *)last = secondary;
	pci_scan_bus(secondary, take_over, last);
}

int pci_init(void)
{
	unsigned last = 0;

	if (platform.pci_kind == PCI_CONFIG_NONE)
		return 0;
	pci.ops = &config_kinds[platform.pci_kind];
	pci.last_bus = platform.pci_last_bus < PCI_BUSES ? platform.pci_last_bus : PCI_BUSES - 1;
	if (platform.assign_pci)
		return pci_assign(&pci.last_bus);
	pci_scan_bus(0, take_over, &last);
	pci.last_bus = last;
	return 0;
}
