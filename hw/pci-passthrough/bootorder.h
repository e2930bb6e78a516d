/*
 * The order in which the guest's firmware shall try the disks behind passed-through functions.
 */
#ifndef HW_PCI_BOOTORDER_H
#define HW_PCI_BOOTORDER_H

#include <stddef.h>

/*
 * Writes the contents of SeaBIOS's fw_cfg file `bootorder`: one device path a line, first choice first, zero-terminated. Paths are made from
 * classes: a controller's possible disks are named, whether present or not. Call after passthrough_init(). Returns the length without the
 * zero, or -ENOSPC when n is too small (buf then holds the lines that fit).
 */
int passthrough_bootorder(char *buf, size_t n);

#endif
