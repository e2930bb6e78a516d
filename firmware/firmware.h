/*
 * What the guest finds in ROM and memory at power-on: the parts of firmware_init() (hw/board.h). All are called once, after every device of
 * the board is there. Each returns 0 or a negative error code.
 */
#ifndef FIRMWARE_FIRMWARE_H
#define FIRMWARE_FIRMWARE_H

#include <stdint.h>

/* Maps the BIOS ROM: the replacement that came with the image if it can be one, else SeaBIOS. *size: its bytes. */
int bios_init(uint32_t *size);

/* fw_cfg file etc/e820: the RAM of board_ram, and the ROM below 4 GiB when it is larger than the 256 KiB that SeaBIOS reserves itself. */
int e820_init(uint32_t bios_size);

/* fw_cfg files etc/acpi/rsdp, etc/acpi/tables, etc/table-loader. */
int acpi_init(unsigned ncpus);

/* fw_cfg files etc/smbios/smbios-anchor and etc/smbios/smbios-tables. */
int smbios_init(unsigned ncpus);

/* What else SeaBIOS wants to know: console, boot order, what to do when nothing boots. */
int bootconfig_init(void);

#endif
