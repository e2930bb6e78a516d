// SOURCES: hw/apic/ioapic.c hw/apic/lapic.c hw/apic/lapic_timer.c hw/apic/lapic_message.c hw/pic.c hw/irq.c hw/timer.c hw/bus_ports.c hw/bus_memory.c
/*
 * The I/O APIC (Intel 82093AA data sheet) with the board's wires, the 8259 pair and the local APIC of one CPU behind it: from a device's
 * line to the CPU's vector and back by EOI.
 */
#include "hw/apic/ioapic.h"
#include "hw/apic/lapic.h"
#include "hw/irq.h"
#include "tests/unit/hw_cpu.h"
#include "tests/unit/hw_model.h"

#define IOAPIC 0xfec00000ull
#define LAPIC 0xfee00000ull
#define MASKED 0x10000u
#define LEVEL 0x8000u
#define LOW 0x2000u
#define REMOTE_IRR 0x4000u

static uint32_t get(uint8_t index)
{
	bus_mmio_write(IOAPIC, 4, index);
	return (uint32_t)bus_mmio_read(IOAPIC + 0x10, 4);
}

static void set(uint8_t index, uint32_t value)
{
	bus_mmio_write(IOAPIC, 4, index);
	bus_mmio_write(IOAPIC + 0x10, 4, value);
}

static uint32_t entry(unsigned pin) { return get((uint8_t)(0x10 + 2 * pin)); }
static void set_entry(unsigned pin, uint32_t low) { set((uint8_t)(0x10 + 2 * pin), low); }

static void lapic_set(unsigned reg, uint32_t value) { lapic_write(&the_cpu, LAPIC + reg, 4, value); }
static int ack(void) { return lapic_ack(&the_cpu); }
static void eoi(void) { lapic_set(0xb0, 0); }

/* The vector served, or -1. */
static int serve(void)
{
	int vector = ack();

	if (vector >= 0)
		eoi();
	return vector;
}

static void test_registers(void)
{
	CHECK(get(0) == 0 && get(1) == 0x00170011 && get(2) == 0 && get(3) == 0);
	set(0, 0xffffffff);
	CHECK(get(0) == 0x0f000000 && get(2) == 0x0f000000);
	set(0, 0);
	set(1, 0);
	CHECK_EQ(get(1), 0x00170011);
	CHECK(entry(0) == MASKED && entry(23) == MASKED && get(0x3f) == 0 && get(0x40) == 0 && get(0xff) == 0);
	set(0x40, 1);
	set(0xff, 1);
	set(0x3e, UINT32_MAX & ~LEVEL);
	set(0x3f, UINT32_MAX);
	CHECK(entry(23) == 0x12fff && get(0x3f) == 0xff000000); /* status and remote IRR are read-only */
	set_entry(23, MASKED);
	set(0x3f, 0);
	bus_mmio_write(IOAPIC + 0x10, 1, 0x55); /* accesses are of four bytes */
	CHECK(bus_mmio_read(IOAPIC, 4) == 0x3f && get(0x3f) == 0);
}

static void test_edge(void)
{
	set_entry(4, 0x34);
	irq_set_isa(4, true);
	irq_set_isa(4, true);
	CHECK(intr && serve() == 0x34 && serve() == -1);
	irq_set_isa(4, false);
	CHECK(!intr);
	irq_set_isa(4, true);
	irq_set_isa(4, false); /* an edge stays when its line falls */
	CHECK(serve() == 0x34);
	set_entry(4, MASKED | 0x34);
	irq_set_isa(4, true);
	set_entry(4, 0x34); /* edges while masked are ignored */
	CHECK(!intr);
	irq_set_isa(4, false);
	set_entry(4, MASKED);
	set_entry(2, 0x30);
	irq_set_isa(0, true); /* the 8254's pin is 2 */
	CHECK(serve() == 0x30);
	irq_set_isa(0, false);
	irq_set_isa(2, true); /* the cascade is no interrupt */
	CHECK(!intr);
	set_entry(2, MASKED);
}

static unsigned eoi_calls;
static bool device_wants; /* a device on PCI line 1 */
static void pci_eoi(void *ctx, int line)
{
	(void)ctx;
	CHECK_EQ(line, 1);
	eoi_calls++;
	irq_set_pci(7, 1, device_wants);
}

static void test_level(void)
{
	irq_on_pci_eoi(pci_eoi, NULL);
	set_entry(17, LEVEL | LOW | MASKED | 0x51);
	irq_set_pci(7, 1, true);
	CHECK(!intr);
	set_entry(17, LEVEL | LOW | 0x51); /* a level that is pending while masked comes with the unmasking */
	CHECK(intr && entry(17) == (REMOTE_IRR | LEVEL | LOW | 0x51));
	irq_set_pci(8, 1, true); /* shared: no second interrupt while the first is served */
	CHECK(ack() == 0x51 && !intr);
	device_wants = false;
	eoi();
	CHECK(eoi_calls == 1 && intr && entry(17) & REMOTE_IRR); /* the other source holds the line */
	CHECK(ack() == 0x51);
	irq_set_pci(8, 1, false);
	eoi();
	CHECK(eoi_calls == 1 && !intr && !(entry(17) & REMOTE_IRR));
	irq_set_pci(7, 1, true);
	CHECK(ack() == 0x51);
	device_wants = true;
	eoi();
	CHECK(eoi_calls == 2 && ack() == 0x51);
	set_entry(17, LOW | MASKED | 0x51); /* to edge and back, as Linux ends a service without EOI */
	CHECK(!(entry(17) & REMOTE_IRR));
	set_entry(17, LEVEL | LOW | 0x51);
	CHECK(entry(17) & REMOTE_IRR && intr == false); /* its class is still in service */
	device_wants = false;
	irq_set_pci(7, 1, false);
	eoi();
	CHECK(intr && serve() == 0x51 && !intr && !(entry(17) & REMOTE_IRR));
	set_entry(17, MASKED);
}

/* A level-triggered request that no local APIC takes is made again when one can. */
static void test_retry(void)
{
	lapic_set(0xf0, 0x0ff);
	set_entry(16, LEVEL | 0x61);
	irq_set_pci(3, 0, true);
	CHECK(!intr && !(entry(16) & REMOTE_IRR));
	lapic_set(0xf0, 0x1ff);
	CHECK(intr && entry(16) & REMOTE_IRR && ack() == 0x61);
	irq_set_pci(3, 0, false);
	eoi();
	set_entry(16, MASKED);
}

static void test_modes(void)
{
	nmis = 0;
	set_entry(20, LEVEL | APIC_NMI << 8); /* always an edge, and without remote IRR */
	irq_set_gsi(20, true);
	irq_set_gsi(20, false);
	irq_set_gsi(20, true);
	irq_set_gsi(20, false);
	CHECK(nmis == 2 && !(entry(20) & REMOTE_IRR));
	set_entry(20, APIC_LOWEST << 8 | 0x800 | 0x71);
	set(0x39, 0x02000000);
	lapic_set(0xd0, 0x02000000);
	irq_set_gsi(20, true);
	CHECK(serve() == 0x71);
	irq_set_gsi(20, false);
	set(0x39, 0x01000000); /* nobody */
	irq_set_gsi(20, true);
	CHECK(!intr);
	irq_set_gsi(20, false);
	set_entry(20, MASKED);
	set(0x39, 0);
	irq_set_gsi(24, true);
	irq_set_gsi(-1, true);
	irq_msi(0xfee00000, 0x0081);
	CHECK(serve() == 0x81);
	irq_msi(0xfee01000, 0x0081); /* another CPU */
	CHECK(!intr);
}

/* The PIRQ router, and the 8259 pair's way to the CPU: by LINT0 or by pin 0. */
static void test_pic_path(void)
{
	out(0x20, 0x11), out(0x21, 0x08), out(0x21, 4), out(0x21, 1);
	out(0xa0, 0x11), out(0xa1, 0x70), out(0xa1, 2), out(0xa1, 1);
	out(0x4d1, 0x0c);
	irq_route_pirq(0, 11); /* PIRQA is line 1 */
	lapic_set(0x350, APIC_EXTINT << 8);
	irq_set_pci(7, 1, true);
	CHECK(intr && ack() == 0x73);
	eoi_calls = 0, device_wants = false;
	out(0xa0, 0x20), out(0x20, 0x20);
	CHECK(eoi_calls == 1 && !intr);
	irq_route_pirq(0, 13); /* no interrupt for PCI */
	irq_set_pci(7, 1, true);
	CHECK(!intr);
	irq_route_pirq(0, 10);
	CHECK(intr && ack() == 0x72);
	irq_route_pirq(0, 0x80);
	out(0xa0, 0x20), out(0x20, 0x20);
	CHECK(!intr);
	irq_set_pci(7, 1, false);
	lapic_set(0x350, MASKED);
	set_entry(0, APIC_EXTINT << 8);
	irq_set_isa(4, true);
	CHECK(intr && ack() == 0x0c);
	irq_set_isa(4, false);
	out(0x20, 0x20);
	irq_set_isa(1, true);
	irq_set_isa(6, true);
	CHECK(ack() == 0x09 && !intr);
	out(0x20, 0x20);
	CHECK(intr && ack() == 0x0e); /* INT fell in between: a new edge at pin 0 */
	out(0x20, 0x20);
	irq_set_isa(1, false), irq_set_isa(6, false);
	set_entry(0, MASKED);
}

static void test_hpet_legacy(void)
{
	set_entry(2, 0x30), set_entry(8, 0x38);
	irq_set_isa(0, false);
	irq_hpet_legacy(true);
	irq_set_isa(0, true); /* the 8254 is cut off */
	CHECK(!intr);
	irq_set_hpet_legacy(0, true);
	CHECK(serve() == 0x30);
	irq_set_hpet_legacy(1, true);
	CHECK(serve() == 0x38);
	irq_set_hpet_legacy(0, false), irq_set_hpet_legacy(1, false);
	irq_set_isa(0, false);
	irq_hpet_legacy(false);
	irq_set_hpet_legacy(0, true);
	CHECK(!intr);
	irq_set_hpet_legacy(0, false);
	set_entry(8, MASKED);
}

static void edge0(void)
{
	irq_set_isa(0, false);
	irq_set_isa(0, true);
}

/* Whether a timer's next edge would be lost in the last one. */
static void test_waits(void)
{
	out(0x21, 0xff);
	set_entry(2, MASKED);
	edge0();
	CHECK(!irq_isa_waits(0)); /* nobody listens */
	set_entry(2, 0x30);
	CHECK(!irq_isa_waits(0));
	edge0();
	CHECK(irq_isa_waits(0));
	CHECK(ack() == 0x30 && !irq_isa_waits(0)); /* taken: the next one is latched during the service */
	edge0();
	CHECK(irq_isa_waits(0));
	eoi();
	CHECK(serve() == 0x30 && !irq_isa_waits(0));
	out(0x21, 0xfe); /* now the 8259 listens too, but never gets served: the IOAPIC decides */
	edge0();
	CHECK(irq_isa_waits(0));
	CHECK(serve() == 0x30 && !irq_isa_waits(0));
	set_entry(2, MASKED);
	CHECK(irq_isa_waits(0)); /* the 8259 alone: its request stands */
	out(0x21, 0xff);
	CHECK(!irq_isa_waits(0) && !irq_gsi_waits(20));
	set_entry(20, 0x71);
	irq_set_gsi(20, true);
	CHECK(irq_gsi_waits(20) && !irq_gsi_waits(21));
	CHECK(serve() == 0x71 && !irq_gsi_waits(20));
	irq_set_gsi(20, false);
}

int main(void)
{
	CHECK_EQ(irq_init(), 0);
	CHECK_EQ(lapic_init(&the_cpu), 0);
	CHECK_EQ(pic_init(&the_cpu), 0);
	CHECK_EQ(ioapic_init(), 0);
	lapic_set(0xf0, 0x1ff);
	lapic_set(0x350, MASKED);
	test_registers();
	test_edge();
	test_level();
	test_retry();
	test_modes();
	test_pic_path();
	test_hpet_legacy();
	test_waits();
	reset_devices();
	CHECK(entry(20) == MASKED && get(0) == 0);
	return report();
}
