/*
 * The host bridge, 00:00.0: what firmware expects of an 82441FX (Intel 440FX datasheet, 3.2). Only the programmable attribute map
 * has an effect; the CPU has no system management mode, so SMRAM is a register and nothing else.
 */
#include "hw/board.h"
#include "hw/pci.h"

#define REG_PAM0 0x59
#define NPAM 7
#define PAM_READ 1u
#define PAM_WRITE 2u
#define REG_SMRAM 0x72
#define SMRAM_OPEN 0x40u
#define SMRAM_LOCK 0x10u
#define SMRAM_ENABLE 0x08u

static struct pci_regs regs;
static uint8_t applied[2 * NPAM]; /* attributes as told to the board, one per nibble */

/* Nibble n of the registers is segment n - 1; the lower nibble of PAM0 is reserved. Only what changes is told: it costs all translations. */
static void apply_pam(void)
{
	for (int nibble = 1; nibble < 2 * NPAM; nibble++) {
		uint8_t attr = regs.data[REG_PAM0 + nibble / 2] >> 4 * (nibble & 1) & (PAM_READ | PAM_WRITE);

		if (attr == applied[nibble])
			continue;
		applied[nibble] = attr;
		board_set_pam(nibble - 1, attr & PAM_READ, attr & PAM_WRITE);
	}
}

/* Once locked, SMRAM keeps its contents until reset and can no longer be opened. */
static void apply_smram(void)
{
	if (!(regs.data[REG_SMRAM] & SMRAM_LOCK))
		return;
	regs.data[REG_SMRAM] &= (uint8_t)~SMRAM_OPEN;
	pci_regs_writable(&regs, REG_SMRAM, 1, 0);
}

static void changed(struct pci_regs *r, unsigned reg, int size)
{
	(void)r;
	if (size == PCI_CONFIG_SIZE)
		pci_regs_writable(&regs, REG_SMRAM, 1, 0x78);
	if (reg + (unsigned)size > REG_PAM0 && reg < REG_PAM0 + NPAM)
		apply_pam();
	if (reg <= REG_SMRAM && reg + (unsigned)size > REG_SMRAM)
		apply_smram();
}

int i440fx_init(void)
{
	pci_regs_init(&regs, PCI_VENDOR, 2, 0x8086);
	pci_regs_init(&regs, PCI_DEVICE, 2, 0x1237);
	pci_regs_init(&regs, PCI_COMMAND, 2, 0x0006); /* memory and bus master: always on */
	pci_regs_init(&regs, PCI_STATUS, 2, 0x0280);
	pci_regs_init(&regs, PCI_REVISION, 4, 0x06000002); /* host bridge, revision 2 */
	pci_regs_init(&regs, REG_SMRAM, 1, 0x02);
	pci_regs_writable(&regs, PCI_COMMAND, 2, 0x0140);
	pci_regs_writable(&regs, 0x0d, 1, 0xf8); /* latency timer */
	for (unsigned reg = 0x50; reg < REG_PAM0; reg++) /* memory timing: remembered, without effect */
		pci_regs_writable(&regs, reg, 1, 0xff);
	for (unsigned i = 0; i < NPAM; i++)
		pci_regs_writable(&regs, REG_PAM0 + i, 1, i ? 0x33 : 0x30);
	for (unsigned reg = 0x60; reg < 0x68; reg++) /* DRAM row boundaries */
		pci_regs_writable(&regs, reg, 1, 0xff);
	regs.changed = changed;
	pci_regs_reset(&regs);
	board_on_reset(pci_regs_reset, &regs);
	return pci_add_function(PCI_DEVFN(0, 0), &pci_regs_ops, &regs);
}
