/*
 * The south bridge in slot 1 as firmware expects it: function 0 the ISA bridge with the PCI interrupt router (Intel 82371SB datasheet, 2.2),
 * function 3 ACPI and power management (Intel 82371AB datasheet, 7). The power management registers themselves are hw/pm.c's and
 * stay at port 600, where firmware puts them.
 */
#include "hw/board.h"
#include "hw/irq.h"
#include "hw/layout.h"
#include "hw/pci.h"
#include "hw/power.h"

#define ISA_PIRQ0 0x60
#define NPIRQ 4
#define PIRQ_OFF 0x80u
#define PIRQ_BITS 0x8fu

#define PM_BASE 0x40
#define PM_DEVACTB 0x58
#define DEVACTB_APMC_ENABLE 0x02000000u
#define PM_MISC 0x80

/* Reset control, port CF9 (82371SB datasheet, 2.5.7) */
#define RESET_HARD 0x02u
#define RESET_CPU 0x04u
#define RESET_WRITABLE 0x0eu

static struct pci_regs isa, pm;
static uint8_t reset_control;

uint8_t piix_reset_control_read(void)
{
	return reset_control;
}

/* A reset is triggered when its bit goes from 0 to 1. */
void piix_reset_control_write(uint8_t value)
{
	bool rises = value & ~reset_control & RESET_CPU;

	reset_control = value & RESET_WRITABLE;
	if (!rises)
		return;
	if (value & RESET_HARD)
		board_power_reset();
	else
		power_init_cpu();
}

static void isa_changed(struct pci_regs *regs, unsigned reg, int size)
{
	if (size == PCI_CONFIG_SIZE)
		reset_control = 0;
	for (unsigned pirq = 0; pirq < NPIRQ; pirq++)
		if (reg <= ISA_PIRQ0 + pirq && reg + (unsigned)size > ISA_PIRQ0 + pirq)
			irq_route_pirq((int)pirq, regs->data[ISA_PIRQ0 + pirq]);
}

static int isa_init(void)
{
	pci_regs_init(&isa, PCI_VENDOR, 4, 0x70008086);
	pci_regs_init(&isa, PCI_COMMAND, 4, 0x02000007); /* I/O, memory and bus master: always on */
	pci_regs_init(&isa, PCI_REVISION, 4, 0x06010000);
	pci_regs_init(&isa, PCI_HEADER_TYPE, 1, PCI_HEADER_MULTI);
	pci_regs_init(&isa, 0x4c, 4, 0x0003004d); /* I/O recovery, BIOS chip select */
	for (unsigned pirq = 0; pirq < NPIRQ; pirq++) {
		pci_regs_init(&isa, ISA_PIRQ0 + pirq, 1, PIRQ_OFF);
		pci_regs_writable(&isa, ISA_PIRQ0 + pirq, 1, PIRQ_BITS);
	}
	pci_regs_writable(&isa, PCI_COMMAND, 2, 0x0008);
	pci_regs_writable(&isa, 0x4c, 4, 0xffff00ff);
	pci_regs_writable(&isa, 0x69, 1, 0xfe); /* top of memory */
	isa.changed = isa_changed;
	pci_regs_reset(&isa);
	board_on_reset(pci_regs_reset, &isa);
	return pci_add_function(PCI_DEVFN(1, 0), &pci_regs_ops, &isa);
}

/* The SMBus controller inside stays disabled (D2 reads zero): there is no bus behind it. */
static int pm_function_init(void)
{
	pci_regs_init(&pm, PCI_VENDOR, 4, 0x71138086);
	pci_regs_init(&pm, PCI_STATUS, 2, 0x0280);
	pci_regs_init(&pm, PCI_REVISION, 4, 0x06800003);
	pci_regs_init(&pm, PCI_INT_LINE, 2, 0x0100 | LAYOUT_GSI_SCI);
	pci_regs_init(&pm, PM_BASE, 4, LAYOUT_PORT_PM | 1);
	/* APMC enabled tells the BIOS that there is no system management mode left to set up: the CPU has none. */
	pci_regs_init(&pm, PM_DEVACTB, 4, DEVACTB_APMC_ENABLE);
	pci_regs_init(&pm, 0x90, 4, 1); /* SMBus base: an I/O address */
	pci_regs_writable(&pm, PCI_COMMAND, 2, 0x0005);
	pci_regs_writable(&pm, PCI_INT_LINE, 1, 0xff);
	pci_regs_writable(&pm, PM_BASE, 4, 0xffc0);
	for (unsigned reg = 0x44; reg < 0x84; reg += 4) /* device monitors and resources: remembered, without effect */
		pci_regs_writable(&pm, reg, 4, 0xffffffff);
	pci_regs_writable(&pm, PM_MISC, 4, 0x00000001); /* I/O space enable */
	pci_regs_writable(&pm, 0x90, 4, 0xfff0);
	pci_regs_reset(&pm);
	board_on_reset(pci_regs_reset, &pm);
	return pci_add_function(PCI_DEVFN(1, 3), &pci_regs_ops, &pm);
}

int piix_init(void)
{
	int err = isa_init();

	return err < 0 ? err : pm_function_init();
}
