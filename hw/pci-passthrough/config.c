/*
 * Configuration space of a passed-through function: a rule for each register.
 */
#include <string.h>

#include "arch/loongarch/host.h"
#include "hw/pci-passthrough/passthrough.h"

/* Bits of the command register that a guest may set; SERR stays a matter between device and host and is remembered only. */
#define COMMAND_WRITABLE 0x0557u
#define COMMAND_REAL 0x0454u

struct rule_ops {
	uint32_t (*read)(struct pt_dev *dev, unsigned reg, int size);
	void (*write)(struct pt_dev *dev, unsigned reg, int size, uint32_t value);
	void (*changed)(struct pt_dev *dev);
};
static const struct rule_ops rules[PT_NRULES];

uint32_t pt_shadow(const struct pt_dev *dev, unsigned reg, unsigned len)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < len; i++)
		value |= (uint32_t)dev->shadow[reg + i] << 8 * i;
	return value;
}

void pt_set_rule(struct pt_dev *dev, unsigned reg, unsigned len, enum pt_rule rule)
{
	for (unsigned i = reg; i < reg + len && i < PCI_CONFIG_SIZE; i++)
		dev->rule[i] = (uint8_t)rule;
}

void pt_set_virtual(struct pt_dev *dev, unsigned reg, unsigned len, enum pt_rule rule, uint32_t initial, uint32_t writable)
{
	pt_set_rule(dev, reg, len, rule);
	for (unsigned i = 0; i < len && reg + i < PCI_CONFIG_SIZE; i++) {
		dev->initial[reg + i] = dev->shadow[reg + i] = (uint8_t)(initial >> 8 * i);
		dev->writable[reg + i] = (uint8_t)(writable >> 8 * i);
	}
}

static uint32_t device_get(struct pt_dev *dev, unsigned reg, int size)
{
	return host_pci_read(dev->bdf, reg, size);
}

static void device_put(struct pt_dev *dev, unsigned reg, int size, uint32_t value)
{
	host_pci_write(dev->bdf, reg, size, value);
}

static uint32_t zero_get(struct pt_dev *dev, unsigned reg, int size)
{
	(void)dev, (void)reg, (void)size;
	return 0;
}

static void drop(struct pt_dev *dev, unsigned reg, int size, uint32_t value)
{
	(void)dev, (void)reg, (void)size, (void)value;
}

static uint32_t shadow_get(struct pt_dev *dev, unsigned reg, int size)
{
	return pt_shadow(dev, reg, (unsigned)size);
}

static void shadow_put(struct pt_dev *dev, unsigned reg, int size, uint32_t value)
{
	void (*changed)(struct pt_dev *) = rules[dev->rule[reg]].changed;

	for (int i = 0; i < size; i++) {
		uint8_t mask = dev->writable[reg + i];

		dev->shadow[reg + i] = (uint8_t)((dev->shadow[reg + i] & ~mask) | (value >> 8 * i & mask));
	}
	if (changed)
		changed(dev);
}

void pt_command_update(struct pt_dev *dev)
{
	uint32_t guest = pt_shadow(dev, PCI_COMMAND, 2), real = guest & COMMAND_REAL, decode = 0;

	for (int i = 0; i < PT_NBARS; i++)
		if (dev->bar[i].size)
			decode |= dev->bar[i].io ? PCI_COMMAND_IO : PCI_COMMAND_MEM;
	if (dev->quirks & PT_KEEP_MEMORY)
		guest |= PCI_COMMAND_MEM;
	host_pci_write(dev->bdf, PCI_COMMAND, 2, real | (guest & decode));
}

static void command_changed(struct pt_dev *dev)
{
	/* Guest mappings go before the device stops decoding and come after it has started. */
	if (!pt_memory_on(dev))
		pt_bars_update(dev);
	pt_command_update(dev);
	if (pt_memory_on(dev))
		pt_bars_update(dev);
	if (pt_shadow(dev, PCI_COMMAND, 2) & PCI_COMMAND_INTX_OFF)
		pt_intx_release(dev);
	pt_msix_update(dev);
}

static void devctl_put(struct pt_dev *dev, unsigned reg, int size, uint32_t value)
{
	unsigned base = dev->pcie + 8u, shift = 8 * (reg - base);
	uint16_t current = (uint16_t)host_pci_read(dev->bdf, base, 2);
	uint16_t mask = (uint16_t)((size == 1 ? 0xffu : 0xffffu) << shift);

	dev->devctl = pt_clamp_devctl((uint16_t)((current & ~mask) | (value << shift & mask)), current);
	host_pci_write(dev->bdf, base, 2, dev->devctl);
}

/* A function that comes back from D3 may have lost its configuration (PCI Power Management 1.2, 5.4.1), which takes it up to 10 ms. */
static void pmcsr_put(struct pt_dev *dev, unsigned reg, int size, uint32_t value)
{
	unsigned base = dev->pm + 4u;
	bool asleep = (host_pci_read(dev->bdf, base, 1) & 3) == 3;

	host_pci_write(dev->bdf, reg, size, value);
	if (reg != base || !asleep || (value & 3) != 0)
		return;
	pt_delay_ms(10);
	pt_restore(dev);
}

static const struct rule_ops rules[PT_NRULES] = {
	[PT_PASS] = { device_get, device_put, NULL },
	[PT_READ] = { device_get, drop, NULL },
	[PT_HIDDEN] = { zero_get, drop, NULL },
	[PT_VIRTUAL] = { shadow_get, shadow_put, NULL },
	[PT_COMMAND] = { shadow_get, shadow_put, command_changed },
	[PT_BAR] = { shadow_get, shadow_put, pt_bars_update },
	[PT_MSI] = { shadow_get, shadow_put, pt_msi_update },
	[PT_MSIX] = { shadow_get, shadow_put, pt_msix_update },
	[PT_DEVCTL] = { device_get, devctl_put, NULL },
	[PT_PMCSR] = { device_get, pmcsr_put, NULL },
};

/* The largest naturally aligned piece at `reg`, at most `left` bytes, that has one rule. */
static int piece(const struct pt_dev *dev, unsigned reg, int left)
{
	int size = left >= 4 ? 4 : left >= 2 ? 2 : 1;

	for (; size > 1; size /= 2) {
		bool same = !(reg & (unsigned)(size - 1));

		for (int i = 1; i < size && same; i++)
			same = dev->rule[reg + i] == dev->rule[reg];
		if (same)
			break;
	}
	return size;
}

static uint32_t config_read(void *ctx, unsigned reg, int size)
{
	struct pt_dev *dev = ctx;
	uint32_t value = 0;

	for (int done = 0, n; done < size; done += n) {
		n = piece(dev, reg + done, size - done);
		value |= rules[dev->rule[reg + done]].read(dev, reg + done, n) << 8 * done;
	}
	return value;
}

static void config_write(void *ctx, unsigned reg, int size, uint32_t value)
{
	struct pt_dev *dev = ctx;

	for (int done = 0, n; done < size; done += n) {
		uint32_t part = value >> 8 * done;

		n = piece(dev, reg + done, size - done);
		rules[dev->rule[reg + done]].write(dev, reg + done, n, n == 4 ? part : part & ((1u << 8 * n) - 1));
	}
}

const struct pci_ops pt_config_ops = { config_read, config_write };

/* PCI Local Bus 3.0, figure 6-1. What is not named here is the device's own unless a capability says otherwise. */
static const struct { uint8_t first, len, rule; } header[] = {
	{ PCI_VENDOR, 4, PT_READ },
	{ PCI_STATUS, 2, PT_PASS },
	{ PCI_REVISION, 4, PT_READ },
	{ 0x0c, 2, PT_PASS },   /* cache line size, latency timer */
	{ 0x0f, 1, PT_HIDDEN }, /* built-in self test */
	{ 0x28, 4, PT_HIDDEN }, /* CardBus */
	{ PCI_SUBSYSTEM, 4, PT_READ },
	{ PCI_ROM, 4, PT_HIDDEN },
	{ 0x35, 7, PT_HIDDEN },
	{ 0x3e, 2, PT_READ },   /* minimum grant, maximum latency */
};

void pt_config_init(struct pt_dev *dev, bool multifunction)
{
	uint8_t type = (uint8_t)host_pci_read(dev->bdf, PCI_HEADER_TYPE, 1) & (uint8_t)~PCI_HEADER_MULTI;

	for (unsigned i = 0; i < sizeof(header) / sizeof(header[0]); i++)
		pt_set_rule(dev, header[i].first, header[i].len, header[i].rule);
	pt_set_virtual(dev, PCI_COMMAND, 2, PT_COMMAND, 0, COMMAND_WRITABLE);
	pt_set_virtual(dev, PCI_HEADER_TYPE, 1, PT_VIRTUAL, type | (multifunction ? PCI_HEADER_MULTI : 0), 0);
	pt_set_virtual(dev, PCI_INT_LINE, 1, PT_VIRTUAL, 0, 0xff);
	pt_set_virtual(dev, PCI_INT_PIN, 1, PT_VIRTUAL, (uint32_t)dev->intx.pin, 0);
}
