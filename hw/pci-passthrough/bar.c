/*
 * BARs of a passed-through function. The host's stay where they were assigned; the guest's are virtual, and while the guest has decoding
 * on, its range leads to the host's: memory as device pages, except where the MSI-X table lies and where a range is not made of whole
 * host pages, which is emulated by forwarding.
 */
#include <stdio.h>

#include "arch/loongarch/host.h"
#include "hw/bus.h"
#include "hw/device_io.h"
#include "hw/pci-passthrough/passthrough.h"

#define PAGE 4096u
#define BAR_IO 1u
#define BAR_TYPE 6u
#define BAR_TYPE_64 4u
#define BAR_MEM_FLAGS 15u
#define BAR_IO_FLAGS 3u
#define MSIX_ENTRY 16u

/* ---- what the guest's accesses to emulated pages and ports do ---- */

static bool in_msix_table(const struct pt_bar *bar, uint64_t offset)
{
	const struct pt_msix *x = &bar->dev->msix;

	return x->cap && bar == &bar->dev->bar[x->bar] && offset >= x->table && offset < x->table + x->count * MSIX_ENTRY;
}

static uint64_t table_read(struct pt_dev *dev, uint32_t offset, int size)
{
	uint64_t value = pt_msix_table_read(dev, offset & ~3u);

	if (size == 8)
		return value | (uint64_t)pt_msix_table_read(dev, (offset & ~3u) + 4) << 32;
	return value >> 8 * (offset & 3);
}

/* Anything narrower than a doubleword is not allowed by the specification (PCI Local Bus 3.0, 6.8.2) and dropped. */
static void table_write(struct pt_dev *dev, uint32_t offset, int size, uint64_t value)
{
	if (size < 4 || (offset & 3))
		return;
	pt_msix_table_write(dev, offset, (uint32_t)value);
	if (size == 8)
		pt_msix_table_write(dev, offset + 4, (uint32_t)(value >> 32));
}

static uint64_t mmio_read(void *ctx, uint64_t gpa, int size)
{
	struct pt_bar *bar = ctx;
	uint64_t offset = gpa - bar->guest;

	if (!bar->mapped || offset + (unsigned)size > bar->host_size)
		return ~0ull;
	if (in_msix_table(bar, offset))
		return table_read(bar->dev, (uint32_t)offset - bar->dev->msix.table, size);
	return device_read(bar->host_pa + offset, size);
}

static void mmio_write(void *ctx, uint64_t gpa, int size, uint64_t value)
{
	struct pt_bar *bar = ctx;
	uint64_t offset = gpa - bar->guest;

	if (!bar->mapped || offset + (unsigned)size > bar->host_size)
		return;
	if (in_msix_table(bar, offset))
		table_write(bar->dev, (uint32_t)offset - bar->dev->msix.table, size, value);
	else
		device_write(bar->host_pa + offset, size, value);
}

static uint32_t port_read(void *ctx, uint16_t port, int size)
{
	struct pt_bar *bar = ctx;
	uint64_t offset = port - bar->guest;

	return offset + (unsigned)size <= bar->host_size ? (uint32_t)device_read(bar->host_pa + offset, size) : ~0u;
}

static void port_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	struct pt_bar *bar = ctx;
	uint64_t offset = port - bar->guest;

	if (offset + (unsigned)size <= bar->host_size)
		device_write(bar->host_pa + offset, size, value);
}

static const struct mmio_ops mmio = { mmio_read, mmio_write };
static const struct port_ops ports = { port_read, port_write, 0 };

/* ---- mapping ---- */

static void add_piece(struct pt_bar *bar, uint64_t from, uint64_t to, enum page_kind kind)
{
	int handle;

	if (from >= to)
		return;
	handle = bus_add_memory(bar->guest + from, to - from, kind, kind == PAGE_DEVICE ? bar->host_pa + from : 0,
				kind == PAGE_MMIO ? &mmio : NULL, bar);
	if (handle >= 0)
		bar->handles[bar->npieces++] = handle;
}

static void map_memory(struct pt_bar *bar)
{
	const struct pt_msix *x = &bar->dev->msix;
	uint64_t whole = bar->host_pa & (PAGE - 1) ? 0 : bar->host_size & ~(uint64_t)(PAGE - 1); /* what is made of whole host pages */
	uint64_t from = whole, to = whole;                                                      /* the pages of the MSI-X table */

	if (x->cap && bar == &bar->dev->bar[x->bar] && whole) {
		from = x->table & ~(uint64_t)(PAGE - 1);
		to = (x->table + x->count * MSIX_ENTRY + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	}
	add_piece(bar, 0, from, PAGE_DEVICE);
	add_piece(bar, from, to, PAGE_MMIO);
	add_piece(bar, to, whole, PAGE_DEVICE);
	add_piece(bar, whole, bar->size, PAGE_MMIO);
}

static void map(struct pt_bar *bar, uint64_t guest)
{
	bar->guest = guest;
	bar->mapped = true;
	bar->npieces = 0;
	if (!bar->io)
		map_memory(bar);
	else if (bus_add_ports((uint16_t)guest, (unsigned)bar->size, &ports, bar) < 0)
		bar->mapped = false;
}

static void unmap(struct pt_bar *bar)
{
	bar->mapped = false;
	if (bar->io) {
		bus_remove_ports((uint16_t)bar->guest, (unsigned)bar->size, bar);
		return;
	}
	while (bar->npieces)
		bus_remove_memory(bar->handles[--bar->npieces]);
}

/*
 * Where the guest wants BAR i now; 0: nowhere. All ones is a guest sizing the BAR, 0 one it has not assigned, and neither is where anything
 * could be mapped.
 */
static uint64_t wanted(const struct pt_dev *dev, int i)
{
	const struct pt_bar *bar = &dev->bar[i];
	unsigned reg = PCI_BAR0 + 4u * (unsigned)i;
	uint64_t value = pt_shadow(dev, reg, 4), top = bar->wide ? ~0ull : 0xffffffffull;

	if (!bar->size || !(dev->shadow[PCI_COMMAND] & (bar->io ? PCI_COMMAND_IO : PCI_COMMAND_MEM)))
		return 0;
	if (bar->io) {
		value &= ~(uint64_t)BAR_IO_FLAGS;
		return value + bar->size <= 0x10000 ? value : 0;
	}
	value &= ~(uint64_t)BAR_MEM_FLAGS;
	if (bar->wide)
		value |= (uint64_t)pt_shadow(dev, reg + 4, 4) << 32;
	return value + bar->size - 1 >= top || value + bar->size > 1ull << 48 ? 0 : value;
}

void pt_bars_update(struct pt_dev *dev)
{
	for (int i = 0; i < PT_NBARS; i++) {
		struct pt_bar *bar = &dev->bar[i];
		uint64_t guest = wanted(dev, i);

		if (bar->mapped && bar->guest == guest)
			continue;
		if (bar->mapped)
			unmap(bar);
		if (guest)
			map(bar, guest);
	}
}

/* ---- what the host has ---- */

/* CPU address of the range a host BAR stands for; 0 when it lies in no window, as an unassigned one. */
static uint64_t to_cpu(bool io, uint64_t pci, uint64_t size)
{
	const struct host_pci_window *windows[] = { &host.pci_mem, &host.pci_mem64 };

	if (io)
		windows[0] = windows[1] = &host.pci_io;
	for (unsigned i = 0; pci && i < 2; i++) {
		const struct host_pci_window *w = windows[i];

		if (pci >= w->pci && size <= w->size && pci - w->pci <= w->size - size)
			return w->cpu + (pci - w->pci);
	}
	return 0;
}

/* Writes ones to a BAR register, reads back which bits stick, and restores it. */
static uint32_t probe(const struct pt_dev *dev, unsigned reg)
{
	uint32_t old = host_pci_read(dev->bdf, reg, 4), mask;

	host_pci_write(dev->bdf, reg, 4, 0xffffffff);
	mask = host_pci_read(dev->bdf, reg, 4);
	host_pci_write(dev->bdf, reg, 4, old);
	return mask;
}

/* Fills in the host's side of BAR i. Returns its address on the host's PCI bus. */
static uint64_t read_host_bar(struct pt_dev *dev, int i, uint32_t *flags)
{
	struct pt_bar *bar = &dev->bar[i];
	unsigned reg = PCI_BAR0 + 4u * (unsigned)i;
	uint64_t mask = probe(dev, reg), address;

	bar->raw = host_pci_read(dev->bdf, reg, 4);
	bar->io = mask & BAR_IO;
	bar->wide = !bar->io && (mask & BAR_TYPE) == BAR_TYPE_64 && i + 1 < PT_NBARS;
	*flags = (uint32_t)mask & (bar->io ? BAR_IO_FLAGS : BAR_MEM_FLAGS);
	mask &= ~(uint64_t)*flags;
	address = bar->raw & ~*flags;
	if (bar->wide) {
		mask |= (uint64_t)probe(dev, reg + 4) << 32;
		bar->raw_high = host_pci_read(dev->bdf, reg + 4, 4);
		address |= (uint64_t)bar->raw_high << 32;
	} else if (mask) {
		mask |= bar->io && !(mask >> 16) ? 0xffffffffffff0000ull : 0xffffffff00000000ull;
	}
	bar->host_size = mask & -mask;
	return address;
}

static void init_bar(struct pt_dev *dev, int i)
{
	struct pt_bar *bar = &dev->bar[i];
	unsigned reg = PCI_BAR0 + 4u * (unsigned)i;
	uint32_t flags;
	uint64_t address = read_host_bar(dev, i, &flags), size = bar->host_size;

	bar->dev = dev;
	if (!size)
		return;
	bar->host_pa = to_cpu(bar->io, address, size);
	if (!bar->host_pa) {
		printf("pci %02x:%02x.%x: BAR %d (%s, size %#llx) is not assigned: not shown\n", dev->bdf >> 8, dev->bdf >> 3 & 31, dev->bdf & 7,
		       i, bar->io ? "I/O" : "memory", (unsigned long long)size);
		return;
	}
	if (i == 0 && dev->bar_offset < size) {
		bar->host_pa += dev->bar_offset;
		bar->host_size -= dev->bar_offset;
	}
	bar->size = bar->io || size >= PAGE ? size : PAGE;
	pt_set_virtual(dev, reg, 4, PT_BAR, flags, (uint32_t)~(bar->size - 1) & ~flags);
	if (bar->wide)
		pt_set_virtual(dev, reg + 4, 4, PT_BAR, 0, (uint32_t)(~(bar->size - 1) >> 32));
}

void pt_bars_init(struct pt_dev *dev)
{
	uint32_t command = host_pci_read(dev->bdf, PCI_COMMAND, 2);

	pt_set_rule(dev, PCI_BAR0, 4 * PT_NBARS, PT_HIDDEN);
	host_pci_write(dev->bdf, PCI_COMMAND, 2, command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEM));
	for (int i = 0; i < PT_NBARS; i += dev->bar[i].wide ? 2 : 1)
		init_bar(dev, i);
	host_pci_write(dev->bdf, PCI_COMMAND, 2, command);
}

void pt_bars_restore(struct pt_dev *dev)
{
	for (int i = 0; i < PT_NBARS; i++) {
		unsigned reg = PCI_BAR0 + 4u * (unsigned)i;

		if (!dev->bar[i].host_size)
			continue;
		host_pci_write(dev->bdf, reg, 4, dev->bar[i].raw);
		if (dev->bar[i].wide)
			host_pci_write(dev->bdf, reg + 4, 4, dev->bar[i].raw_high);
	}
}
