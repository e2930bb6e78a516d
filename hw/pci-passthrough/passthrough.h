/*
 * The host's PCI functions on the guest's bus 0: what the parts of the passthrough share.
 *
 * discover.c finds the functions and gives them places, config.c answers configuration accesses by a rule per register, caps.c lays out the
 * rules of the capabilities, bar.c maps address ranges, intx.c, msi.c and msix.c deliver interrupts, reset.c quiesces and restores the
 * real device, quirks.c knows what particular hardware needs, names.c what its class is called. bootorder.h is for others.
 */
#ifndef HW_PCI_PASSTHROUGH_H
#define HW_PCI_PASSTHROUGH_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/pci.h"

#define PT_NBARS 6
#define PT_MAX_PIECES 4

struct pt_dev;

struct pt_bar {
	struct pt_dev *dev;
	uint32_t raw, raw_high;    /* as the host assigned it: rewritten after a reset of the device */
	uint64_t host_pa;          /* CPU address of the range */
	uint64_t host_size;        /* what the device decodes */
	uint64_t size;             /* what the guest sees: memory is at least a page, so that guests pack no two BARs into one. 0: no BAR */
	bool io, wide;
	bool mapped;
	uint64_t guest;            /* guest physical address or port; valid while mapped */
	int handles[PT_MAX_PIECES];
	unsigned npieces;
};

struct pt_intx {
	int pin;                   /* 1-4; 0: none */
	int pirq;                  /* guest PCI interrupt line 0-3 */
	bool raised;               /* towards the guest */
	struct pt_line *line;
	struct pt_dev *next;       /* other functions on the same host interrupt */
};

struct pt_msi {
	uint8_t cap;               /* 0: none */
	bool wide, maskable;
	int irq;                   /* host interrupt; -1: off */
	uint64_t address;          /* what the device was programmed with while on */
	uint32_t data;
};

struct pt_vector {
	struct pt_dev *dev;
	int irq;                   /* host interrupt; -1: none yet */
	uint64_t host_addr;
	uint32_t host_data;
	uint32_t entry[4];         /* the table entry as the guest wrote it: address, upper address, data, control */
};

struct pt_msix {
	uint8_t cap;               /* 0: none */
	uint8_t bar;
	uint32_t table;            /* offset in that BAR */
	unsigned count;
	bool enabled;              /* at the real device */
	bool complained;
	struct pt_vector *vectors;
};

/* Quirks: bits */
#define PT_HIDE 0x1u            /* not for a guest */
#define PT_KEEP_MEMORY 0x2u     /* memory decoding and state survive resets: the screen is in use */
#define PT_PIN_BY_FUNCTION 0x4u /* the interrupt pin register lies: the pin is 1 + function number mod 4 */

struct pt_dev {
	uint32_t bdf;              /* on the host */
	unsigned devfn;            /* for the guest */
	uint16_t vendor, device;
	uint32_t class;            /* base class, subclass, interface */
	uint32_t quirks;
	uint32_t bar_offset;       /* quirk: the registers begin this far into BAR 0 */
	uint8_t rule[PCI_CONFIG_SIZE];     /* enum pt_rule of each byte */
	uint8_t shadow[PCI_CONFIG_SIZE];   /* contents of virtual registers */
	uint8_t initial[PCI_CONFIG_SIZE];  /* of the shadow, at reset */
	uint8_t writable[PCI_CONFIG_SIZE]; /* bits of virtual registers that the guest may change */
	struct pt_bar bar[PT_NBARS];
	struct pt_intx intx;
	struct pt_msi msi;
	struct pt_msix msix;
	uint8_t pcie, pm, af;      /* capabilities; 0: none */
	uint16_t devctl;           /* PCIe device control as last written, for restoring */
};

/* What an access to a configuration register does. */
enum pt_rule {
	PT_PASS,    /* the device's own */
	PT_READ,    /* the device's own; writes are dropped */
	PT_HIDDEN,  /* reads 0, writes are dropped */
	PT_VIRTUAL, /* the shadow */
	PT_COMMAND, /* the shadow, with consequences; so are the following */
	PT_BAR,
	PT_MSI,
	PT_MSIX,
	PT_DEVCTL,  /* PCIe device control: the device's own, within bounds */
	PT_PMCSR,   /* power state: the device's own, restored when it wakes up */
	PT_NRULES,
};

/* config.c */
extern const struct pci_ops pt_config_ops;
void pt_set_rule(struct pt_dev *dev, unsigned reg, unsigned len, enum pt_rule rule);
/* Makes a register virtual with an initial value and writable bits; len 1, 2 or 4. */
void pt_set_virtual(struct pt_dev *dev, unsigned reg, unsigned len, enum pt_rule rule, uint32_t initial, uint32_t writable);
uint32_t pt_shadow(const struct pt_dev *dev, unsigned reg, unsigned len);
/* The rules of the header; BARs, capabilities and pin must be known. */
void pt_config_init(struct pt_dev *dev, bool multifunction);
/* Brings the real command register in step with the guest's. */
void pt_command_update(struct pt_dev *dev);
static inline bool pt_memory_on(const struct pt_dev *dev) { return dev->shadow[PCI_COMMAND] & PCI_COMMAND_MEM; }

/* caps.c: walks the capability list, sets rules, fills in the fields above. */
void pt_caps_init(struct pt_dev *dev);
/* What may be written to PCIe device control, given what the guest wants and what stands there. */
uint16_t pt_clamp_devctl(uint16_t wanted, uint16_t current);

/* bar.c */
/* Sizes and locates the host's BARs. Decoding is off meanwhile. Sets rules. */
void pt_bars_init(struct pt_dev *dev);
/* Maps and unmaps as the guest's BAR and command registers now demand. */
void pt_bars_update(struct pt_dev *dev);
/* The host's BAR registers, written again. */
void pt_bars_restore(struct pt_dev *dev);

/* intx.c */
/* Finds the host interrupt and shares it with other functions; sets dev->intx. */
void pt_intx_init(struct pt_dev *dev);
/* The function no longer uses INTx (disabled, MSI, reset): takes its line back. */
void pt_intx_release(struct pt_dev *dev);

/* msi.c: follows the guest's enable, mask, address and data. */
void pt_msi_update(struct pt_dev *dev);
void pt_msi_restore(struct pt_dev *dev);

/* msix.c */
/* Reads the size and place of the table; -ENOMEM, or -ENODEV when its BAR is not there. */
int pt_msix_init(struct pt_dev *dev, uint8_t cap);
/* Follows control register, table and memory enable. */
void pt_msix_update(struct pt_dev *dev);
void pt_msix_restore(struct pt_dev *dev);
/* MSI-X off, and the guest's table as after power-on. */
void pt_msix_reset(struct pt_dev *dev);
/* Guest access to the doubleword at `offset` of the table. */
uint32_t pt_msix_table_read(struct pt_dev *dev, uint32_t offset);
void pt_msix_table_write(struct pt_dev *dev, uint32_t offset, uint32_t value);

/* reset.c */
/* Stops the function's DMA and interrupts. */
void pt_quiesce(struct pt_dev *dev);
/* Starts the strongest reset the function has, if any; true when the caller must wait PT_RESET_MS and then call pt_restore(). */
bool pt_start_reset(struct pt_dev *dev);
#define PT_RESET_MS 100
/* Gives a device that lost its configuration what the firmware and the guest had set. */
void pt_restore(struct pt_dev *dev);
void pt_delay_ms(unsigned ms);

/* quirks.c: sets dev->quirks and dev->bar_offset from the identity of the function. */
void pt_quirks(struct pt_dev *dev);

/* names.c */
const char *pt_class_name(uint32_t class);

/* discover.c: all functions shown, in order of devfn. */
extern struct pt_dev **pt_devs;
extern unsigned pt_ndevs;

#endif
