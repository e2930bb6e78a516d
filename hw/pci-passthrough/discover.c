/*
 * Finds the host's PCI functions and puts them on the guest's bus 0: bridges are left out, functions of one device stay together, and
 * slots are given from 2 up in the order of the host's bus, device and function numbers, so that a machine looks the same at every start.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/loongarch/host.h"
#include "hw/board.h"
#include "hw/pci-passthrough/passthrough.h"

#define FIRST_SLOT 2
#define NSLOTS 32
#define CLASS_BRIDGE 0x06
#define MAX_DEVS ((NSLOTS - FIRST_SLOT) * 8)

static struct pt_dev *devs[MAX_DEVS];
struct pt_dev **pt_devs = devs;
unsigned pt_ndevs;

/* A function that a guest may have, or NULL. */
static struct pt_dev *probe(uint32_t bdf)
{
	uint32_t id = host_pci_read(bdf, PCI_VENDOR, 4), class = host_pci_read(bdf, PCI_REVISION, 4) >> 8;
	struct pt_dev *dev;

	if ((id & 0xffff) == 0xffff || (id & 0xffff) == 0 || class >> 16 == CLASS_BRIDGE)
		return NULL;
	if ((host_pci_read(bdf, PCI_HEADER_TYPE, 1) & 0x7f) != 0)
		return NULL;
	dev = calloc(1, sizeof(*dev));
	if (!dev) {
		printf("pci: out of memory at %02x:%02x.%x\n", bdf >> 8, bdf >> 3 & 31, bdf & 7);
		return NULL;
	}
	dev->bdf = bdf;
	dev->vendor = (uint16_t)id;
	dev->device = (uint16_t)(id >> 16);
	dev->class = class;
	dev->msi.irq = -1;
	pt_quirks(dev);
	if (dev->quirks & PT_HIDE) {
		free(dev);
		return NULL;
	}
	return dev;
}

static void announce(const struct pt_dev *dev)
{
	unsigned bars = 0;

	for (int i = 0; i < PT_NBARS; i++)
		bars += dev->bar[i].size != 0;
	printf("pci %02x:%02x.%x %04x:%04x %-18s guest %02x.%x, %u BAR%s,%s%s%s%s\n", dev->bdf >> 8, dev->bdf >> 3 & 31, dev->bdf & 7,
	       dev->vendor, dev->device, pt_class_name(dev->class), PCI_SLOT(dev->devfn), PCI_FUNC(dev->devfn), bars, bars == 1 ? "" : "s",
	       dev->intx.pin ? " INTx" : "", dev->msi.cap ? " MSI" : "", dev->msix.cap ? " MSI-X" : "",
	       dev->intx.pin || dev->msi.cap || dev->msix.cap ? "" : " no interrupt");
}

/* The order matters: MSI-X needs the BARs, the header rules need the pin, and resetting needs the capabilities. */
static void install(struct pt_dev *dev, unsigned devfn, bool multifunction)
{
	dev->devfn = devfn;
	host_pci_write(dev->bdf, PCI_COMMAND, 2, host_pci_read(dev->bdf, PCI_COMMAND, 2) & ~PCI_COMMAND_MASTER);
	pt_bars_init(dev);
	pt_caps_init(dev);
	pt_intx_init(dev);
	pt_config_init(dev, multifunction);
	if (pci_add_function(devfn, &pt_config_ops, dev) < 0) {
		printf("pci: guest slot %02x.%x is taken\n", PCI_SLOT(devfn), PCI_FUNC(devfn));
		return;
	}
	devs[pt_ndevs++] = dev;
	announce(dev);
}

/*
 * All functions of one host device. Function numbers are kept, except that a guest looks for the others only where there is a function 0:
 * the lowest takes its number when the host's function 0 is not shown.
 */
static unsigned collect(uint32_t bdf, struct pt_dev *found[8])
{
	bool multi = host_pci_read(bdf, PCI_HEADER_TYPE, 1) & PCI_HEADER_MULTI;
	unsigned n = 0;

	for (uint32_t fn = 0; fn < (multi ? 8u : 1u); fn++) {
		struct pt_dev *dev = probe(bdf | fn);

		if (dev)
			found[n++] = dev;
	}
	return n;
}

/* Takes the host device at bdf into guest slot `slot`; false when it has no function for the guest. */
static bool take_device(uint32_t bdf, unsigned slot)
{
	struct pt_dev *found[8];
	unsigned n;

	if (host_pci_read(bdf, PCI_VENDOR, 2) == 0xffff)
		return false;
	n = collect(bdf, found);
	if (n && slot >= NSLOTS) {
		printf("pci: no guest slot left for the device at %02x:%02x\n", bdf >> 8, bdf >> 3 & 31);
		while (n)
			free(found[--n]);
		return false;
	}
	for (unsigned i = 0; i < n; i++)
		install(found[i], PCI_DEVFN(slot, i ? found[i]->bdf & 7 : 0), n > 1);
	return n > 0;
}

static void reset_all(void *ctx)
{
	bool waiting[MAX_DEVS] = { false }, any = false;

	(void)ctx;
	for (unsigned i = 0; i < pt_ndevs; i++)
		pt_quiesce(devs[i]);
	for (unsigned i = 0; i < pt_ndevs; i++)
		any |= waiting[i] = pt_start_reset(devs[i]);
	if (any)
		pt_delay_ms(PT_RESET_MS);
	for (unsigned i = 0; i < pt_ndevs; i++)
		if (waiting[i])
			pt_restore(devs[i]);
}

int passthrough_init(void)
{
	unsigned slot = FIRST_SLOT;

	for (uint32_t bus = 0; bus <= host_pci_last_bus(); bus++)
		for (uint32_t slot_on_bus = 0; slot_on_bus < 32; slot_on_bus++)
			if (take_device(bus << 8 | slot_on_bus << 3, slot))
				slot++;
	if (!pt_ndevs)
		printf("pci: the host has no PCI devices for the guest\n");
	reset_all(NULL);
	board_on_reset(reset_all, NULL);
	return 0;
}
