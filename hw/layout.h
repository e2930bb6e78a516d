/*
 * Every address, port and interrupt number that a guest sees and that more than one file must agree on. Plain numbers
 * only: the ACPI compiler reads this file too (firmware/dsdt.asl).
 */
#ifndef HW_LAYOUT_H
#define HW_LAYOUT_H

/* Guest physical memory. */
#define LAYOUT_LOW_RAM_END 0x000a0000
#define LAYOUT_PAM_BASE 0x000c0000
#define LAYOUT_BIOS_ALIAS 0x000e0000
#define LAYOUT_PAM_END 0x00100000
#define LAYOUT_PCI_HOLE 0xc0000000
#define LAYOUT_PCI_HOLE_SIZE 0x3ec00000
#define LAYOUT_PCI_HOLE_LAST 0xfebfffff
#define LAYOUT_IOAPIC 0xfec00000
#define LAYOUT_HPET 0xfed00000
#define LAYOUT_LAPIC 0xfee00000

/* Ports. */
#define LAYOUT_PORT_RESET 0x0cf9
#define LAYOUT_PORT_RESET_HARD 0x0e
#define LAYOUT_PORT_PM 0x0600
#define LAYOUT_PORT_PM_SIZE 0x40
#define LAYOUT_PORT_PM1_EVT 0x0600
#define LAYOUT_PORT_PM1_CNT 0x0604
#define LAYOUT_PORT_PM_TMR 0x0608
#define LAYOUT_PORT_GPE0 0xafe0
#define LAYOUT_PORT_GPE0_SIZE 4
#define LAYOUT_PORT_SMI_CMD 0x00b2
#define LAYOUT_PORT_FWCFG 0x0510
#define LAYOUT_PORT_FWCFG_SIZE 0x0c

/* Values written to the SMI command port. */
#define LAYOUT_ACPI_ENABLE 0xf1
#define LAYOUT_ACPI_DISABLE 0xf0

/* Sleep type of S5 in PM1_CNT. */
#define LAYOUT_SLP_TYP_S5 0

/* Global system interrupts. */
#define LAYOUT_GSI_TIMER 2
#define LAYOUT_GSI_SCI 9
#define LAYOUT_GSI_PCI 16
#define LAYOUT_GSI_COUNT 24
#define LAYOUT_IOAPIC_ID 0

#endif
