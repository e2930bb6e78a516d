/*
 * The guest's way to PCI configuration space: configuration mechanism 1, ports CF8 and CFC (PCI Local Bus 3.0, 3.2.2.3.2).
 */
#include "hw/pci.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "hw/board.h"
#include "hw/bus.h"
#include "hw/layout.h"

#define PORT_ADDRESS 0xcf8
#define PORT_DATA 0xcfc
#define PORT_RESET LAYOUT_PORT_RESET
#define ADDRESS_ENABLE 0x80000000u
#define ADDRESS_BUS 0x00ff0000u
#define ADDRESS_WRITABLE 0x80fffffcu
#define NFUNCTIONS 256

static struct {
	const struct pci_ops *ops;
	void *ctx;
} functions[NFUNCTIONS];

static uint32_t address;

static uint32_t ones(int size)
{
	return size == 4 ? 0xffffffffu : (1u << 8 * size) - 1;
}

int pci_add_function(unsigned devfn, const struct pci_ops *ops, void *ctx)
{
	if (devfn >= NFUNCTIONS)
		return -EINVAL;
	if (functions[devfn].ops)
		return -EBUSY;
	functions[devfn].ops = ops;
	functions[devfn].ctx = ctx;
	return 0;
}

uint32_t pci_config_read(unsigned devfn, unsigned reg, int size)
{
	if (devfn >= NFUNCTIONS || !functions[devfn].ops)
		return ones(size);
	return functions[devfn].ops->read(functions[devfn].ctx, reg, size) & ones(size);
}

void pci_config_write(unsigned devfn, unsigned reg, int size, uint32_t value)
{
	if (devfn < NFUNCTIONS && functions[devfn].ops)
		functions[devfn].ops->write(functions[devfn].ctx, reg, size, value & ones(size));
}

/*
 * Only doubleword accesses reach the address register. Narrower ones are ordinary port accesses, of which the reset control register at
 * CF9 is the only one decoded here.
 */
static uint32_t address_read(void *ctx, uint16_t port, int size)
{
	uint32_t value = ones(size);

	(void)ctx;
	if (size == 4)
		return address;
	for (int i = 0; i < size; i++)
		if (port + i == PORT_RESET)
			value = (value & ~(0xffu << 8 * i)) | (uint32_t)piix_reset_control_read() << 8 * i;
	return value;
}

static void address_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx;
	if (size == 4)
		address = value & ADDRESS_WRITABLE;
	for (int i = 0; i < size && size < 4; i++)
		if (port + i == PORT_RESET)
			piix_reset_control_write((uint8_t)(value >> 8 * i));
}

static bool selects_bus0(void)
{
	return (address & (ADDRESS_ENABLE | ADDRESS_BUS)) == ADDRESS_ENABLE;
}

/* What hangs over the end of the data register is nobody's: such an access goes byte by byte. */
static uint32_t data_read(void *ctx, uint16_t port, int size)
{
	uint32_t value = ones(size);

	(void)ctx;
	if (!selects_bus0())
		return value;
	if (port + size <= PORT_DATA + 4)
		return pci_config_read(address >> 8 & 0xff, (address & 0xfc) | (port & 3), size);
	for (int i = 0; port + i < PORT_DATA + 4; i++)
		value = (value & ~(0xffu << 8 * i)) | data_read(ctx, (uint16_t)(port + i), 1) << 8 * i;
	return value;
}

static void data_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	if (!selects_bus0())
		return;
	if (port + size <= PORT_DATA + 4) {
		pci_config_write(address >> 8 & 0xff, (address & 0xfc) | (port & 3), size, value);
		return;
	}
	for (int i = 0; port + i < PORT_DATA + 4; i++)
		data_write(ctx, (uint16_t)(port + i), 1, value >> 8 * i);
}

static const struct port_ops address_ops = { address_read, address_write, 0 };
static const struct port_ops data_ops = { data_read, data_write, 0 };

static void reset(void *ctx)
{
	(void)ctx;
	address = 0;
}

int pcihost_init(void)
{
	int err;

	if ((err = bus_add_ports(PORT_ADDRESS, 4, &address_ops, NULL)) < 0)
		return err;
	if ((err = bus_add_ports(PORT_DATA, 4, &data_ops, NULL)) < 0)
		return err;
	board_on_reset(reset, NULL);
	if ((err = i440fx_init()) < 0)
		return err;
	return piix_init();
}
