/*
 * The script with which the guest's BIOS places ACPI tables (QEMU documentation, docs/specs/acpi_tables and bios-linker-loader): fw_cfg file
 * etc/table-loader. Commands are carried out in the order they are added in.
 */
#ifndef FIRMWARE_ACPI_LOADER_H
#define FIRMWARE_ACPI_LOADER_H

#include <stdint.h>

enum loader_zone { LOADER_HIGH = 1 /* anywhere below 4 GiB */, LOADER_FSEG = 2 /* F0000-FFFFF */ };

/* The BIOS reads fw_cfg file `file` into memory at a multiple of `align`, a power of two. */
void loader_allocate(const char *file, uint32_t align, enum loader_zone zone);
/* It adds the address of `target` to the `size` bytes (1, 2, 4, 8) at `offset` of `file`, where an offset into `target` stands. */
void loader_pointer(const char *file, uint32_t offset, uint8_t size, const char *target);
/* It sets the byte at `offset`, now 0, so that the `length` bytes at `start` of `file` add up to 0. */
void loader_checksum(const char *file, uint32_t offset, uint32_t start, uint32_t length);

/* Makes the fw_cfg file. 0, or -ENOSPC when a command did not fit. */
int loader_publish(void);

#endif
