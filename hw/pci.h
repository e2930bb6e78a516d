/*
 * The guest's PCI bus 0: who answers configuration accesses, and ready-made registers for functions that exist only in software.
 */
#ifndef HW_PCI_H
#define HW_PCI_H

#include <stdint.h>

#define PCI_DEVFN(slot, fn) ((unsigned)((slot) << 3 | (fn)))
#define PCI_SLOT(devfn) ((devfn) >> 3 & 31)
#define PCI_FUNC(devfn) ((devfn) & 7)

/* Registers of the type 0 header (PCI Local Bus 3.0, 6.1). */
#define PCI_VENDOR 0x00
#define PCI_DEVICE 0x02
#define PCI_COMMAND 0x04
#define PCI_COMMAND_IO 0x001u
#define PCI_COMMAND_MEM 0x002u
#define PCI_COMMAND_MASTER 0x004u
#define PCI_COMMAND_INTX_OFF 0x400u
#define PCI_STATUS 0x06
#define PCI_STATUS_INTX 0x08u
#define PCI_STATUS_CAPS 0x10u
#define PCI_REVISION 0x08
#define PCI_CLASS 0x09 /* programming interface, then subclass, then base class */
#define PCI_HEADER_TYPE 0x0e
#define PCI_HEADER_MULTI 0x80u
#define PCI_BAR0 0x10
#define PCI_SUBSYSTEM 0x2c
#define PCI_ROM 0x30
#define PCI_CAP_LIST 0x34
#define PCI_INT_LINE 0x3c
#define PCI_INT_PIN 0x3d
#define PCI_CONFIG_SIZE 256

struct pci_ops {
	/* reg + size never crosses a doubleword; size 1, 2 or 4, reg need not be a multiple of it. */
	uint32_t (*read)(void *ctx, unsigned reg, int size);
	void (*write)(void *ctx, unsigned reg, int size, uint32_t value);
};

/* Puts a function on the bus. 0, -EINVAL for a devfn above 255, -EBUSY when the place is taken. */
int pci_add_function(unsigned devfn, const struct pci_ops *ops, void *ctx);
/* Configuration access as the guest makes it: absent functions read all ones and swallow writes. */
uint32_t pci_config_read(unsigned devfn, unsigned reg, int size);
void pci_config_write(unsigned devfn, unsigned reg, int size, uint32_t value);

/*
 * Configuration registers in software: a byte of `data` changes where the same byte of `writable` has ones, and is cleared by writing
 * ones where `clear` has ones. `changed`, if any, is told of every write after it was done. pci_regs_reset() copies `initial`.
 */
struct pci_regs {
	uint8_t data[PCI_CONFIG_SIZE];
	uint8_t initial[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE];
	uint8_t clear[PCI_CONFIG_SIZE];
	void (*changed)(struct pci_regs *regs, unsigned reg, int size); /* reset: 0, PCI_CONFIG_SIZE */
};
extern const struct pci_ops pci_regs_ops;
/* Sets `size` bytes (at most 4) of the initial values, little-endian. */
void pci_regs_init(struct pci_regs *regs, unsigned reg, int size, uint32_t value);
/* Sets `size` bytes (at most 4, as above) of the writable mask. */
void pci_regs_writable(struct pci_regs *regs, unsigned reg, int size, uint32_t mask);
/* Back to the initial values, and tells `changed` of all of them. Fits board_on_reset(): ctx is the struct pci_regs. */
void pci_regs_reset(void *ctx);

/* The two devices of the chipset, called by pcihost_init(). 0 or a negative error code after a message. */
int i440fx_init(void);
int piix_init(void);

/* The south bridge's reset control register at port CF9, which lies among the configuration address register's bytes. */
uint8_t piix_reset_control_read(void);
void piix_reset_control_write(uint8_t value);

#endif
