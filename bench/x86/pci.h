/* PCI devices on bus 0, through the configuration ports. */
#ifndef BENCH_X86_PCI_H
#define BENCH_X86_PCI_H

#include <stdint.h>

/* Device and function of the first function with this vendor and device (the latter in the upper half), as in bits 8-15 of a
   configuration address; ends the run when there is none. */
uint32_t pci_find(uint32_t id);
uint32_t pci_read(uint32_t devfn, uint32_t at);
void pci_write(uint32_t devfn, uint32_t at, uint32_t v);

#define PCI_COMMAND 0x04
#define PCI_COMMAND_MEMORY 2
#define PCI_BAR(k) (0x10 + 4 * (k))

#endif
