/*
 * Discovery from a flattened devicetree (Devicetree specification 0.4 and the Linux bindings of each device).
 */
#ifndef ARCH_FDT_H
#define ARCH_FDT_H

#include "arch/loongarch/host.h"

/* First stage: RAM and console of h->fdt into *h. 0 or a negative error. */
int fdt_scan_boot(struct host *h);
/* Second stage: fills `platform`, `power_off`, `power_reset` and the PCI windows of `host` from host.fdt. 0 or a negative error after a message. */
int fdt_discover(void);

#endif
