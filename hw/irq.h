/*
 * Interrupt wiring of the board: 24 global system interrupts. GSI 0-15 also reach the 8259 pair (GSI 2 is the 8254 on the IOAPIC, IRQ 0 on
 * the PIC); PCI INTx reach the IOAPIC at 16-23 and, by the PIRQ router, the PIC.
 */
#ifndef HW_IRQ_H
#define HW_IRQ_H

#include <stdbool.h>
#include <stdint.h>

/* Number of different `source` values of irq_set_pci(). */
#define IRQ_PCI_SOURCES 256

/* ISA interrupt 0-15: level as it stands on the wire. Goes to the PIC and to the IOAPIC (IRQ 0 -> pin 2). */
void irq_set_isa(int irq, bool level);
/* PCI INTx: pirq 0-3 = (slot + pin - 1) & 3 on the guest's bus. Shared: each source keeps its own line (source: any small unique number). */
void irq_set_pci(unsigned source, int pirq, bool level);
/* A message-signalled interrupt written by a device: guest address and data (FEExxxxx). */
void irq_msi(uint64_t addr, uint32_t data);
/*
 * Called when the guest ends service of a level-triggered interrupt (IOAPIC EOI, PIC EOI): sources with their line still raised get a
 * chance to look again. fn(ctx, pirq) for PCI lines.
 */
void irq_on_pci_eoi(void (*fn)(void *ctx, int pirq), void *ctx);
/*
 * The PIRQ router's registers (ISA bridge config 0x60-0x63): bits 0-3 IRQ, bit 7 disabled. The parameter is the register's number, 0 = PIRQA.
 * PIRQA serves pin A of slot 1, as on PIIX boards and as SeaBIOS assumes: register r carries line (r + 1) & 3 of irq_set_pci().
 */
void irq_route_pirq(int pirq, uint8_t value);

/* Output of HPET timer 0 or 1 in place of the 8254 and the RTC, while `on`. */
void irq_hpet_legacy(bool on);
void irq_set_hpet_legacy(int timer, bool level);
/* An IOAPIC input that nothing else drives (20-23). */
void irq_set_gsi(int gsi, bool level);

/* What an interrupt controller would do with another rising edge of an edge-triggered input. */
enum irq_input {
	IRQ_INPUT_MASKED,
	IRQ_INPUT_FREE,
	IRQ_INPUT_WAITS, /* the guest has not taken the last edge yet: another one would be lost in it */
};
/* Whether another edge would be lost everywhere though some controller listens to the ISA interrupt, or the IOAPIC input. */
bool irq_isa_waits(int irq);
bool irq_gsi_waits(int gsi);

/* From the 8259 pair: its INT output, and the end of service of IRQ 0-15. */
void irq_pic_output(bool level);
void irq_pic_eoi(int irq);
/* From the IOAPIC: end of service of a level-triggered pin. */
void irq_ioapic_eoi(int pin);

/* Power-on state of the router. Once, before the devices. */
int irq_init(void);

#endif
