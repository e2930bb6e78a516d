/*
 * Configuration registers of PCI functions that exist only in software.
 */
#include <string.h>

#include "hw/pci.h"

void pci_regs_init(struct pci_regs *regs, unsigned reg, int size, uint32_t value)
{
	for (int i = 0; i < size; i++)
		regs->initial[reg + i] = (uint8_t)(value >> 8 * i);
}

void pci_regs_writable(struct pci_regs *regs, unsigned reg, int size, uint32_t mask)
{
	for (int i = 0; i < size; i++)
		regs->writable[reg + i] = (uint8_t)(mask >> 8 * i);
}

void pci_regs_reset(void *ctx)
{
	struct pci_regs *regs = ctx;

	memcpy(regs->data, regs->initial, sizeof(regs->data));
	if (regs->changed)
		regs->changed(regs, 0, PCI_CONFIG_SIZE);
}

static uint32_t read(void *ctx, unsigned reg, int size)
{
	struct pci_regs *regs = ctx;
	uint32_t value = 0;

	for (int i = 0; i < size; i++)
		value |= (uint32_t)regs->data[reg + i] << 8 * i;
	return value;
}

static void write(void *ctx, unsigned reg, int size, uint32_t value)
{
	struct pci_regs *regs = ctx;

	for (int i = 0; i < size; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * i), mask = regs->writable[reg + i];

		regs->data[reg + i] = (uint8_t)((regs->data[reg + i] & ~mask) | (byte & mask)) & (uint8_t)~(byte & regs->clear[reg + i]);
	}
	if (regs->changed)
		regs->changed(regs, reg, size);
}

const struct pci_ops pci_regs_ops = { read, write };
