/*
 * The guest's firmware put together: ROM and fw_cfg files.
 */
#include "firmware/firmware.h"

#include "hw/board.h"

/* The board has one CPU so far: fw_cfg (hw/fwcfg.c) and CMOS (hw/cmos.c) say the same. */
#define NCPUS 1

int firmware_init(void)
{
	uint32_t bios_size;
	int err = bios_init(&bios_size);

	if (err >= 0)
		err = e820_init(bios_size);
	if (err >= 0)
		err = acpi_init(NCPUS);
	if (err >= 0)
		err = smbios_init(NCPUS);
	if (err >= 0)
		err = bootconfig_init();
	return err;
}
