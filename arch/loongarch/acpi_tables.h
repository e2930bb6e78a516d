/*
 * Finding ACPI tables (ACPI specification 6.5, section 5.2), and the layouts of those that are read. Nothing in a table is believed before
 * its length and checksum are checked, and no address that a table names is followed out of the memory that UEFI keeps (host.kept).
 */
#ifndef ARCH_ACPI_TABLES_H
#define ARCH_ACPI_TABLES_H

#include <stddef.h>
#include <stdint.h>

struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
} __attribute__((packed));

/* 5.2.3.2 */
struct acpi_gas {
	uint8_t space, bits, bit_offset, access; /* access: 0 unspecified, else log2 of bytes + 1 */
	uint64_t address;
} __attribute__((packed));
#define GAS_MEMORY 0

/* Serial Port Console Redirection Table, revision 4 */
struct acpi_spcr {
	struct acpi_header h;
	uint8_t interface, pad1[3];
	struct acpi_gas base;
	uint8_t interrupt_type, irq;
	uint32_t gsi;
	uint8_t baud, parity, stop, flow, terminal, language;
	uint16_t pci_device, pci_vendor;
	uint8_t bus, device, function;
	uint32_t flags;
	uint8_t segment;
	uint32_t clock; /* Hz, from revision 3 on; 0: not known */
} __attribute__((packed));

/* PCI Firmware specification 3.3, 4.1.2 */
struct acpi_mcfg {
	struct acpi_header h;
	uint8_t pad[8];
	struct {
		uint64_t base;
		uint16_t segment;
		uint8_t first_bus, last_bus;
		uint32_t pad;
	} __attribute__((packed)) entry[];
} __attribute__((packed));

/* 5.2.12, and tables 5.53 to 5.59 for the kinds of entries of LoongArch */
struct acpi_madt {
	struct acpi_header h;
	uint32_t local_address, flags;
	uint8_t entries[];
} __attribute__((packed));
enum { MADT_CORE_PIC = 17, MADT_LIO_PIC, MADT_HT_PIC, MADT_EIO_PIC, MADT_MSI_PIC, MADT_BIO_PIC, MADT_LPC_PIC };
struct madt_entry {
	uint8_t type, length, version;
} __attribute__((packed));
struct madt_core_pic {
	struct madt_entry e;
	uint32_t processor, core, flags; /* flags bit 0: usable */
} __attribute__((packed));
struct madt_eio_pic {
	struct madt_entry e;
	uint8_t cascade, node;
	uint64_t node_map;
} __attribute__((packed));
struct madt_msi_pic {
	struct madt_entry e;
	uint64_t address;
	uint32_t start, count;
} __attribute__((packed));
struct madt_bio_pic {
	struct madt_entry e;
	uint64_t address;
	uint16_t size, id, gsi_base;
} __attribute__((packed));

/* 5.2.9 */
struct acpi_fadt {
	struct acpi_header h;
	uint32_t facs, dsdt;
	uint8_t pad1[20];
	uint32_t pm1a_control;
	uint8_t pad2[21];
	uint8_t pm1_control_length;
	uint8_t pad3[22];
	uint32_t flags;
	struct acpi_gas reset;
	uint8_t reset_value;
	uint16_t arm_flags;
	uint8_t minor;
	uint64_t x_facs, x_dsdt;
	uint8_t pad4[24];
	struct acpi_gas x_pm1a_control;
	uint8_t pad5[60];
	struct acpi_gas sleep_control, sleep_status;
} __attribute__((packed));
#define FADT_RESET_SUPPORTED (1u << 10)
#define FADT_HW_REDUCED (1u << 20)

/*
 * The first table with this signature, at least min_length bytes long, checked. 0, or -ENOENT (there is none), -EFAULT (its address), -EINVAL (its
 * length), -EBADMSG (its checksum), of it or of the tables that lead there.
 */
int acpi_find(const char *signature, size_t min_length, const void **table);
/* The same for a table whose address another table names. */
int acpi_table_at(uint64_t address, const char *signature, size_t min_length, const void **table);
/* Six characters: who made the machine's root table; NULL when there is none that is good. */
const char *acpi_oem(void);
/* Prints a line for each table that is broken, and with host.verbose for the others. */
void acpi_list(void);
/* What an error of acpi_find() means. */
const char *acpi_error(int error);

/* acpi_power.c: fills power_off and power_reset from FADT and the DSDT's \_S5. */
void acpi_power(const struct acpi_fadt *fadt);

#endif
