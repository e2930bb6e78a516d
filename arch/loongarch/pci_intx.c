/*
 * From a function's interrupt pin to the host's interrupt.
 */
#include "arch/loongarch/host.h"
#include "arch/loongarch/pch_pic.h"
#include "arch/loongarch/pci.h"
#include "arch/loongarch/platform.h"

/* The pin on the root bus to which the bridges above pass it on (PCI-to-PCI Bridge Architecture 1.2, table 9-1); changes *bdf with it. */
static unsigned pin_on_root(uint32_t *bdf, unsigned pin)
{
	for (int32_t bridge; (bridge = pci_bridge_above(*bdf >> 8)) >= 0; *bdf = (uint32_t)bridge)
		pin = (pin - 1 + (*bdf >> 3 & 31)) % 4 + 1;
	return pin;
}

/* Pin of the PCH-PIC, or PLATFORM_NO_PIN. */
static unsigned pic_pin(uint32_t bdf, unsigned pin)
{
	unsigned device;

	if (platform.intx_kind == PCI_INTX_LINE)
		return host_pci_read(bdf, PCI_INT_LINE, 1);
	pin = pin_on_root(&bdf, pin);
	device = bdf >> 3 & 31;
	switch (platform.intx_kind) {
	case PCI_INTX_SWIZZLE:
		return platform.intx_first + (device + pin - 1) % 4;
	case PCI_INTX_MAP:
		return platform.intx_map[device][pin - 1];
	default:
		return PLATFORM_NO_PIN;
	}
}

int irq_of_pci_pin(uint32_t bdf, int pin)
{
	unsigned vector;

	if (pin < 1 || pin > 4)
		return -1;
	vector = platform.pch_pic_first + pic_pin(bdf, (unsigned)pin);
	return pch_pic_owns(vector) ? (int)vector : -1;
}
