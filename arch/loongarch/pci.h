/*
 * The host's PCI configuration space: set-up, and what its parts share. The accesses themselves are in host.h.
 *
 * pci.c accesses registers and finds the functions, pci_assign.c gives buses and addresses where nobody has, pci_intx.c follows
 * interrupt pins. Register names are those of PCI Local Bus 3.0, section 6.1, and PCI-to-PCI Bridge Architecture 1.2, section 3.2.
 */
#ifndef ARCH_PCI_H
#define ARCH_PCI_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_BUSES 256
#define PCI_BDF_FORMAT "%02x:%02x.%x"
#define PCI_BDF_ARGS(bdf) (bdf) >> 8, (bdf) >> 3 & 31, (bdf) & 7

#define PCI_VENDOR 0x00
#define PCI_COMMAND 0x04
#define PCI_COMMAND_IO 0x1u
#define PCI_COMMAND_MEM 0x2u
#define PCI_COMMAND_MASTER 0x4u
#define PCI_STATUS 0x06
#define PCI_STATUS_CAPS 0x10u
#define PCI_HEADER 0x0e
#define PCI_HEADER_MULTI 0x80u
#define PCI_HEADER_TYPE 0x7fu
#define PCI_TYPE_ENDPOINT 0
#define PCI_TYPE_BRIDGE 1
#define PCI_BAR0 0x10
#define PCI_PRIMARY 0x18
#define PCI_SECONDARY 0x19
#define PCI_SUBORDINATE 0x1a
#define PCI_CAP_LIST 0x34
#define PCI_INT_LINE 0x3c

/*
 * Accesses work from here on. Where the loader's firmware has set PCI up, functions that are not bridges lose bus mastering and nothing
 * else changes; else buses, BARs and windows are assigned. A machine without PCI is no error. 0 or -ENOMEM.
 */
int pci_init(void);

/* Calls fn for each function of the bus that is there, with the type of its header (PCI_TYPE_). */
void pci_scan_bus(unsigned bus, void (*fn)(void *ctx, uint32_t bdf, unsigned type), void *ctx);
/*
 * Tells that `bus` is the secondary bus of a bridge, so that accesses to it and pins on it find their way. Behind a PCI Express link there
 * is device 0 only: some bridges show ghosts of it at the other numbers.
 */
void pci_enter_bus(unsigned bus, uint32_t bridge);
/* The bridge whose secondary bus this is; -1: a root bus, or not known. */
int32_t pci_bridge_above(unsigned bus);

/*
 * pci_assign.c: buses, BARs and bridge windows from the windows in `host`. What cannot be assigned is reported and left off. The number of the
 * last bus to *last_bus. 0 or -ENOMEM.
 */
int pci_assign(unsigned *last_bus);

#endif
