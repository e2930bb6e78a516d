/*
 * MSI-X of passed-through functions: the guest's table is virtual; each entry that the guest uses gets a host vector, written to the
 * real table once and kept until the guest turns MSI-X off. The pending bit array is the device's own: entries keep their numbers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/loongarch/host.h"
#include "hw/device_io.h"
#include "hw/irq.h"
#include "hw/pci-passthrough/passthrough.h"

#define CONTROL 2u
#define TABLE 4u
#define ENABLE 0x8000u
#define MASK_ALL 0x4000u
#define COUNT 0x07ffu
#define ENTRY 16u
#define ENTRY_CONTROL 3
#define ENTRY_MASKED 1u

int pt_msix_init(struct pt_dev *dev, uint8_t cap)
{
	struct pt_msix *x = &dev->msix;
	uint32_t table = host_pci_read(dev->bdf, cap + TABLE, 4);
	unsigned count = (host_pci_read(dev->bdf, cap + CONTROL, 2) & COUNT) + 1, bar = table & 7;

	table &= ~7u;
	if (bar >= PT_NBARS || !dev->bar[bar].size || dev->bar[bar].io || table + (uint64_t)count * ENTRY > dev->bar[bar].host_size)
		return -ENODEV;
	x->vectors = calloc(count, sizeof(*x->vectors));
	if (!x->vectors)
		return -ENOMEM;
	x->cap = cap;
	x->bar = (uint8_t)bar;
	x->table = table;
	x->count = count;
	pt_msix_reset(dev);
	return 0;
}

static void arrived(void *ctx, int irq)
{
	const struct pt_vector *v = ctx;

	(void)irq;
	irq_msi(v->entry[0] | (uint64_t)v->entry[1] << 32, v->entry[2]);
}

static uint64_t real_entry(const struct pt_dev *dev, unsigned i)
{
	return dev->bar[dev->msix.bar].host_pa + dev->msix.table + i * ENTRY;
}

static void allocate(struct pt_dev *dev, struct pt_vector *v)
{
	int irq = irq_msi_alloc(&v->host_addr, &v->host_data);

	if (irq >= 0 && irq_attach(irq, arrived, v) < 0) {
		irq_msi_free(irq);
		irq = -1;
	}
	v->irq = irq;
	if (irq >= 0 || dev->msix.complained)
		return;
	dev->msix.complained = true;
	printf("pci %02x.%x: not enough host vectors for its MSI-X\n", PCI_SLOT(dev->devfn), PCI_FUNC(dev->devfn));
}

/* Brings the real table entry in step; only while MSI-X is on and the table is decoded. */
static void update_vector(struct pt_dev *dev, unsigned i)
{
	struct pt_vector *v = &dev->msix.vectors[i];
	bool masked = v->entry[ENTRY_CONTROL] & ENTRY_MASKED;
	uint64_t real = real_entry(dev, i);

	if (!masked && v->irq < 0) {
		allocate(dev, v);
		if (v->irq >= 0) {
			device_write(real + 12, 4, ENTRY_MASKED);
			device_write(real, 4, (uint32_t)v->host_addr);
			device_write(real + 4, 4, (uint32_t)(v->host_addr >> 32));
			device_write(real + 8, 4, v->host_data);
		}
	}
	device_write(real + 12, 4, masked || v->irq < 0 ? ENTRY_MASKED : 0);
}

static void write_control(struct pt_dev *dev, uint32_t bits)
{
	host_pci_write(dev->bdf, dev->msix.cap + CONTROL, 2, bits);
}

static void turn_off(struct pt_dev *dev)
{
	write_control(dev, 0);
	dev->msix.enabled = false;
	for (unsigned i = 0; i < dev->msix.count; i++) {
		struct pt_vector *v = &dev->msix.vectors[i];

		if (v->irq < 0)
			continue;
		irq_detach(v->irq);
		irq_msi_free(v->irq);
		v->irq = -1;
	}
}

/* The table is made ready behind the function mask: a device may ignore writes to it before MSI-X is on. */
static void turn_on(struct pt_dev *dev)
{
	dev->msix.enabled = true;
	pt_intx_release(dev);
	write_control(dev, ENABLE | MASK_ALL);
	for (unsigned i = 0; i < dev->msix.count; i++)
		update_vector(dev, i);
}

void pt_msix_update(struct pt_dev *dev)
{
	uint32_t control;
	bool on;

	if (!dev->msix.cap)
		return;
	control = pt_shadow(dev, dev->msix.cap + CONTROL, 2);
	on = (control & ENABLE) && pt_memory_on(dev);
	if (on && !dev->msix.enabled)
		turn_on(dev);
	else if (!(control & ENABLE) && dev->msix.enabled)
		turn_off(dev);
	if (on)
		write_control(dev, control & (ENABLE | MASK_ALL));
}

void pt_msix_restore(struct pt_dev *dev)
{
	if (!dev->msix.cap || !dev->msix.enabled)
		return;
	turn_off(dev);
	pt_msix_update(dev);
}

void pt_msix_reset(struct pt_dev *dev)
{
	if (dev->msix.enabled)
		turn_off(dev);
	for (unsigned i = 0; i < dev->msix.count; i++)
		dev->msix.vectors[i] = (struct pt_vector){ .dev = dev, .irq = -1, .entry = { [ENTRY_CONTROL] = ENTRY_MASKED } };
}

uint32_t pt_msix_table_read(struct pt_dev *dev, uint32_t offset)
{
	return dev->msix.vectors[offset / ENTRY].entry[offset % ENTRY / 4];
}

void pt_msix_table_write(struct pt_dev *dev, uint32_t offset, uint32_t value)
{
	unsigned i = offset / ENTRY, word = offset % ENTRY / 4;

	dev->msix.vectors[i].entry[word] = word == 0 ? value & ~3u : value;
	if (word == ENTRY_CONTROL && dev->msix.enabled)
		update_vector(dev, i);
}
