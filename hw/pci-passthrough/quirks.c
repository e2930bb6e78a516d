/*
 * What particular hardware needs. One table; the first entry that matches counts.
 */
#include "arch/loongarch/host.h"
#include "hw/pci-passthrough/passthrough.h"

#define ANY 0xffffu
#define LOONGSON 0x0014u
#define CLASS_DISPLAY 0x03u

/* rev: revision from which on the entry holds. base_class ANY: every class. */
static const struct {
	uint16_t vendor, device, base_class;
	uint8_t rev;
	uint32_t quirks;
	uint32_t bar_offset;
} table[] = {
	/* 7A bridge chip: APB, LPC and configuration functions have registers where BARs should be, and no use for a guest. */
	{ LOONGSON, 0x7a02, ANY, 0, PT_HIDE, 0 },
	{ LOONGSON, 0x7a0c, ANY, 0, PT_HIDE, 0 },
	{ LOONGSON, 0x7a10, ANY, 0, PT_HIDE, 0 },
	/* 7A2000 OHCI: the registers moved up by a page. */
	{ LOONGSON, 0x7a24, ANY, 2, PT_PIN_BY_FUNCTION, 0x1000 },
	{ LOONGSON, 0x7a24, ANY, 0, PT_PIN_BY_FUNCTION, 0 },
	{ LOONGSON, 0x7a14, ANY, 0, PT_PIN_BY_FUNCTION, 0 },
	{ LOONGSON, 0x7a03, ANY, 0, PT_PIN_BY_FUNCTION, 0 },
	{ LOONGSON, 0x7a13, ANY, 0, PT_PIN_BY_FUNCTION, 0 },
	{ LOONGSON, 0x7a08, ANY, 0, PT_PIN_BY_FUNCTION, 0 },
	{ LOONGSON, 0x7a06, CLASS_DISPLAY, 0, PT_PIN_BY_FUNCTION | PT_KEEP_MEMORY, 0 },
	{ LOONGSON, 0x7a36, CLASS_DISPLAY, 0, PT_PIN_BY_FUNCTION | PT_KEEP_MEMORY, 0 },
	/* The host's firmware has set a mode which the guest's screen output relies on. */
	{ ANY, ANY, CLASS_DISPLAY, 0, PT_KEEP_MEMORY, 0 },
};

void pt_quirks(struct pt_dev *dev)
{
	uint8_t rev = (uint8_t)host_pci_read(dev->bdf, PCI_REVISION, 1);

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if ((table[i].vendor != ANY && table[i].vendor != dev->vendor) ||
		    (table[i].device != ANY && table[i].device != dev->device) ||
		    (table[i].base_class != ANY && table[i].base_class != dev->class >> 16) || rev < table[i].rev)
			continue;
		dev->quirks = table[i].quirks;
		dev->bar_offset = table[i].bar_offset;
		return;
	}
}
