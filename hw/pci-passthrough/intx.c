/*
 * INTx of passed-through functions. A host line may be shared by several functions, each with its own line to the guest. The line is level-
 * triggered and cannot be quieted by us, only by the guest's driver: it stays masked from the moment it fires until the guest has ended
 * service of every interrupt raised for it; if a function still asserts it then, it fires again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/loongarch/host.h"
#include "hw/irq.h"
#include "hw/pci-passthrough/passthrough.h"

struct pt_line {
	int irq;               /* of the host */
	bool masked;
	struct pt_dev *first;
	struct pt_line *next;
};
static struct pt_line *lines;

/* Whether the function can be the one that interrupts, as far as the guest's settings go. */
static bool uses_intx(const struct pt_dev *dev)
{
	return dev->msi.irq < 0 && !dev->msix.enabled && !(pt_shadow(dev, PCI_COMMAND, 2) & PCI_COMMAND_INTX_OFF);
}

static bool asserts(const struct pt_dev *dev)
{
	return uses_intx(dev) && (host_pci_read(dev->bdf, PCI_STATUS, 2) & PCI_STATUS_INTX);
}

static void set(struct pt_dev *dev, bool level)
{
	dev->intx.raised = level;
	irq_set_pci(dev->devfn, dev->intx.pirq, level);
}

static bool any_raised(const struct pt_line *line)
{
	for (const struct pt_dev *dev = line->first; dev; dev = dev->intx.next)
		if (dev->intx.raised)
			return true;
	return false;
}

static void unmask_if_served(struct pt_line *line)
{
	if (!line->masked || any_raised(line))
		return;
	line->masked = false;
	irq_unmask(line->irq);
}

/* Functions older than PCI 2.3 do not say in their status that they interrupt: when nobody says so, each of them may be the one. */
static void host_interrupt(void *ctx, int irq)
{
	struct pt_line *line = ctx;
	bool known = false;

	irq_mask(irq);
	line->masked = true;
	for (struct pt_dev *dev = line->first; dev; dev = dev->intx.next) {
		if (!asserts(dev))
			continue;
		set(dev, true);
		known = true;
	}
	for (struct pt_dev *dev = line->first; dev && !known; dev = dev->intx.next)
		if (uses_intx(dev))
			set(dev, true);
	unmask_if_served(line);
}

static void guest_eoi(void *ctx, int pirq)
{
	(void)ctx;
	for (struct pt_line *line = lines; line; line = line->next) {
		for (struct pt_dev *dev = line->first; dev; dev = dev->intx.next)
			if (dev->intx.raised && dev->intx.pirq == pirq)
				set(dev, false);
		unmask_if_served(line);
	}
}

void pt_intx_release(struct pt_dev *dev)
{
	if (!dev->intx.raised)
		return;
	set(dev, false);
	unmask_if_served(dev->intx.line);
}

static struct pt_line *line_for(int irq)
{
	struct pt_line *line;
	int err;

	for (line = lines; line; line = line->next)
		if (line->irq == irq)
			return line;
	line = calloc(1, sizeof(*line));
	if (!line)
		return NULL;
	line->irq = irq;
	err = irq_attach(irq, host_interrupt, line);
	if (err < 0) {
		printf("pci: host interrupt %d is not available (%d)\n", irq, err);
		free(line);
		return NULL;
	}
	if (!lines)
		irq_on_pci_eoi(guest_eoi, NULL);
	line->next = lines;
	lines = line;
	return line;
}

void pt_intx_init(struct pt_dev *dev)
{
	int pin = (int)host_pci_read(dev->bdf, PCI_INT_PIN, 1), irq;
	struct pt_line *line;

	if (pin && (dev->quirks & PT_PIN_BY_FUNCTION))
		pin = 1 + (int)(dev->bdf & 3);
	if (pin < 1 || pin > 4)
		return;
	irq = irq_of_pci_pin(dev->bdf, pin);
	line = irq < 0 ? NULL : line_for(irq);
	if (!line)
		return;
	dev->intx.pin = pin;
	dev->intx.pirq = (int)(PCI_SLOT(dev->devfn) + (unsigned)pin - 1) & 3;
	dev->intx.line = line;
	dev->intx.next = line->first;
	line->first = dev;
}
