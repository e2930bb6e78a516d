/*
 * fw_cfg files that steer SeaBIOS (SeaBIOS documentation, Runtime config). Numbers are little-endian, of any size up to 8 bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arch/loongarch/host.h"
#include "firmware/firmware.h"
#include "hw/board.h"
#include "hw/pci-passthrough/bootorder.h"

/* The screen of int 10h goes to COM1 and its keys come from there: the board has no display adapter with a BIOS. */
static const uint16_t com1_port = 0x3f8;
/* What SeaBIOS takes as "say so and stop" instead of trying again after some seconds. */
static const int32_t never = -1;

static int add_bootorder(void)
{
	static char order[8192];
	int len = passthrough_bootorder(order, sizeof order);

	if (len == -ENOSPC)
		printf("bootorder: too many disk controllers; the last are not in it\n");
	if (!order[0])
		return 0;
	return fwcfg_add_file("bootorder", order, (uint32_t)strlen(order) + 1);
}

int bootconfig_init(void)
{
	int err = 0;

	if (host.uart.base)
		err = fwcfg_add_file("etc/sercon-port", &com1_port, sizeof com1_port);
	if (!err)
		err = fwcfg_add_file("etc/boot-fail-wait", &never, sizeof never);
	return err ? err : add_bootorder();
}
