/*
 * The wires between devices and interrupt controllers. An ISA line is the OR of the device's own output and of the PCI lines that the
 * PIRQ router puts on it.
 */
#include "hw/irq.h"

#include <stddef.h>
#include <string.h>

#include "hw/apic/ioapic.h"
#include "hw/apic/lapic.h"
#include "hw/board.h"
#include "hw/layout.h"
#include "hw/pic.h"

#define PCI_LINES 4
#define ROUTE_OFF 0x80
#define ROUTABLE 0xdef8u /* IRQs that the router may use: not 0, 1, 2, 8, 13 */
#define IRQ_TIMER 0
#define IRQ_CASCADE 2
#define IRQ_RTC 8

static struct {
	uint16_t isa;      /* what ISA devices drive */
	uint8_t hpet;      /* bits 0, 1: HPET timers in legacy mode */
	bool hpet_legacy;
	uint8_t route[PCI_LINES]; /* by line of irq_set_pci() */
	uint64_t raised[PCI_LINES][IRQ_PCI_SOURCES / 64];
	void (*eoi)(void *ctx, int pirq);
	void *eoi_ctx;
} wires;

static bool pci_level(int line)
{
	uint64_t any = 0;

	for (unsigned i = 0; i < IRQ_PCI_SOURCES / 64; i++)
		any |= wires.raised[line][i];
	return any != 0;
}

static bool routed_to(int line, int irq)
{
	uint8_t route = wires.route[line];

	return !(route & ROUTE_OFF) && (route & 15) == irq && ROUTABLE >> irq & 1;
}

static bool isa_level(int irq)
{
	bool level = wires.isa >> irq & 1;

	if (wires.hpet_legacy && irq == IRQ_TIMER)
		level = wires.hpet & 1;
	if (wires.hpet_legacy && irq == IRQ_RTC)
		level = wires.hpet >> 1 & 1;
	for (int line = 0; line < PCI_LINES; line++)
		if (routed_to(line, irq) && pci_level(line))
			level = true;
	return level;
}

static void update_isa(int irq)
{
	bool level = isa_level(irq);

	if (irq == IRQ_CASCADE)
		return;
	pic_set_irq(irq, level);
	ioapic_set_pin(irq == IRQ_TIMER ? LAYOUT_GSI_TIMER : irq, level);
}

void irq_set_isa(int irq, bool level)
{
	uint16_t bit = (uint16_t)(1u << (irq & 15));

	wires.isa = level ? wires.isa | bit : wires.isa & ~bit;
	update_isa(irq & 15);
}

void irq_set_pci(unsigned source, int pirq, bool level)
{
	uint64_t *word, bit = 1ull << (source & 63);

	if (source >= IRQ_PCI_SOURCES || pirq < 0 || pirq >= PCI_LINES)
		return;
	word = &wires.raised[pirq][source / 64];
	*word = level ? *word | bit : *word & ~bit;
	ioapic_set_pin(LAYOUT_GSI_PCI + pirq, pci_level(pirq));
	if (!(wires.route[pirq] & ROUTE_OFF))
		update_isa(wires.route[pirq] & 15);
}

/* The message's layout: Intel SDM 3A, 11.11. */
void irq_msi(uint64_t addr, uint32_t data)
{
	struct lapic_message m = {
		.dest = lapic_dest((uint8_t)(addr >> 12)),
		.logical = addr >> 2 & 1,
		.mode = data >> 8 & 7,
		.vector = (uint8_t)data,
		.level = data >> 15 & 1,
	};

	lapic_deliver(&m);
}

void irq_on_pci_eoi(void (*fn)(void *ctx, int pirq), void *ctx)
{
	wires.eoi = fn;
	wires.eoi_ctx = ctx;
}

void irq_route_pirq(int pirq, uint8_t value)
{
	int line = (pirq + 1) & 3;
	uint8_t old = wires.route[line];

	wires.route[line] = value;
	update_isa(old & 15);
	update_isa(value & 15);
}

void irq_hpet_legacy(bool on)
{
	wires.hpet_legacy = on;
	update_isa(IRQ_TIMER);
	update_isa(IRQ_RTC);
}

void irq_set_hpet_legacy(int timer, bool level)
{
	uint8_t bit = (uint8_t)(1u << (timer & 1));

	wires.hpet = level ? wires.hpet | bit : wires.hpet & ~bit;
	if (wires.hpet_legacy)
		update_isa(timer ? IRQ_RTC : IRQ_TIMER);
}

void irq_set_gsi(int gsi, bool level)
{
	ioapic_set_pin(gsi, level);
}

bool irq_isa_waits(int irq)
{
	enum irq_input pic = pic_input(irq), apic = ioapic_input(irq == IRQ_TIMER ? LAYOUT_GSI_TIMER : irq);

	return (pic == IRQ_INPUT_WAITS || apic == IRQ_INPUT_WAITS) && pic != IRQ_INPUT_FREE && apic != IRQ_INPUT_FREE;
}

bool irq_gsi_waits(int gsi)
{
	return ioapic_input(gsi) == IRQ_INPUT_WAITS;
}

/* The pair's INT output is wired to LINT0 and to IOAPIC pin 0. */
void irq_pic_output(bool level)
{
	lapic_set_lint0(level);
	ioapic_set_pin(0, level);
}

static void pci_eoi(int line)
{
	if (wires.eoi && pci_level(line))
		wires.eoi(wires.eoi_ctx, line);
}

void irq_pic_eoi(int irq)
{
	for (int line = 0; line < PCI_LINES; line++)
		if (routed_to(line, irq))
			pci_eoi(line);
}

void irq_ioapic_eoi(int pin)
{
	if (pin >= LAYOUT_GSI_PCI && pin < LAYOUT_GSI_PCI + PCI_LINES)
		pci_eoi(pin - LAYOUT_GSI_PCI);
	else
		irq_pic_eoi(pin);
}

static void reset(void *ctx)
{
	(void)ctx;
	memset(wires.route, ROUTE_OFF, sizeof wires.route);
	wires.isa = 0;
	wires.hpet = 0;
	wires.hpet_legacy = false;
}

int irq_init(void)
{
	reset(NULL);
	board_on_reset(reset, NULL);
	return 0;
}
