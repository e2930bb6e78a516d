/*
 * What discovery (fdt.c, or acpi.c with platform.c's table) found out about the machine's buses and controllers, for the drivers
 * of the host runtime. Addresses are host physical.
 */
#ifndef ARCH_PLATFORM_H
#define ARCH_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

/* How a function's configuration space is addressed (pci.c). */
enum pci_config_kind { PCI_CONFIG_NONE, PCI_CONFIG_ECAM, PCI_CONFIG_LOONGSON };

/* PCH-PIC pin of an INTx pin of a device on the root bus. */
enum pci_intx_kind {
	PCI_INTX_NONE,
	PCI_INTX_SWIZZLE, /* intx_first + (device + pin - 1) % 4 */
	PCI_INTX_LINE,    /* the Interrupt Line register, as the firmware left it, holds the pin */
	PCI_INTX_MAP,     /* intx_map[device][pin - 1] */
};

#define PLATFORM_NO_PIN 0xff

struct platform {
	uint64_t pch_pic;
	unsigned pch_pic_first; /* EIOINTC vector of its pin 0 */
	uint64_t msi_address;
	unsigned msi_first, msi_count; /* EIOINTC vectors that may be written there */

	enum pci_config_kind pci_kind;
	uint64_t pci_config;
	unsigned pci_last_bus;
	enum pci_intx_kind intx_kind;
	unsigned intx_first;
	uint8_t intx_map[32][4]; /* PLATFORM_NO_PIN: not connected */

	uint64_t rtc; /* LS7A TOY clock; 0: none */
	bool assign_pci; /* nobody has assigned buses and BARs yet */
};

extern struct platform platform;

/* Constants of machines whose ACPI tables cannot tell (they stand in AML): fills platform and host by the OEM of the ACPI tables. false: unknown. */
bool platform_by_oem(const char oem[6]);

#endif
