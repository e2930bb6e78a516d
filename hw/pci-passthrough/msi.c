/*
 * MSI of passed-through functions: the device is programmed with a host vector, the guest's address and data stay virtual.
 */
#include <stdio.h>

#include "arch/loongarch/host.h"
#include "hw/irq.h"
#include "hw/pci-passthrough/passthrough.h"

#define CONTROL 2u
#define ADDRESS 4u
#define ADDRESS_HIGH 8u
#define ENABLE 1u

static unsigned data_reg(const struct pt_dev *dev)
{
	return dev->msi.cap + (dev->msi.wide ? 12u : 8u);
}

static void arrived(void *ctx, int irq)
{
	const struct pt_dev *dev = ctx;
	uint64_t address = pt_shadow(dev, dev->msi.cap + ADDRESS, 4);

	(void)irq;
	if (dev->msi.wide)
		address |= (uint64_t)pt_shadow(dev, dev->msi.cap + ADDRESS_HIGH, 4) << 32;
	irq_msi(address, pt_shadow(dev, data_reg(dev), 2));
}

/* The control register's other bits say how many messages: 0 is one. */
static void set_enable(struct pt_dev *dev, bool on)
{
	host_pci_write(dev->bdf, dev->msi.cap + CONTROL, 2, on ? ENABLE : 0);
}

static void write_mask(struct pt_dev *dev)
{
	if (dev->msi.maskable)
		host_pci_write(dev->bdf, data_reg(dev) + 4, 4, pt_shadow(dev, data_reg(dev) + 4, 4));
}

static void turn_off(struct pt_dev *dev)
{
	set_enable(dev, false);
	irq_detach(dev->msi.irq);
	irq_msi_free(dev->msi.irq);
	dev->msi.irq = -1;
}

static void program(struct pt_dev *dev, uint64_t address, uint32_t data)
{
	set_enable(dev, false);
	host_pci_write(dev->bdf, dev->msi.cap + ADDRESS, 4, (uint32_t)address);
	if (dev->msi.wide)
		host_pci_write(dev->bdf, dev->msi.cap + ADDRESS_HIGH, 4, (uint32_t)(address >> 32));
	host_pci_write(dev->bdf, data_reg(dev), 2, data);
	write_mask(dev);
	set_enable(dev, true);
}

static void turn_on(struct pt_dev *dev)
{
	uint64_t address;
	uint32_t data;
	int irq = irq_msi_alloc(&address, &data);

	if (irq >= 0 && ((address >> 32 && !dev->msi.wide) || irq_attach(irq, arrived, dev) < 0)) {
		irq_msi_free(irq);
		irq = -1;
	}
	if (irq < 0) {
		printf("pci %02x.%x: no host vector for its MSI\n", PCI_SLOT(dev->devfn), PCI_FUNC(dev->devfn));
		return;
	}
	dev->msi.irq = irq;
	dev->msi.address = address;
	dev->msi.data = data;
	pt_intx_release(dev);
	program(dev, address, data);
}

void pt_msi_update(struct pt_dev *dev)
{
	bool on;

	if (!dev->msi.cap)
		return;
	on = pt_shadow(dev, dev->msi.cap + CONTROL, 2) & ENABLE;
	if (on && dev->msi.irq < 0)
		turn_on(dev);
	else if (!on && dev->msi.irq >= 0)
		turn_off(dev);
	else if (on)
		write_mask(dev);
}

void pt_msi_restore(struct pt_dev *dev)
{
	if (dev->msi.cap && dev->msi.irq >= 0)
		program(dev, dev->msi.address, dev->msi.data);
}
