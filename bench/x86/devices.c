/* Ports, emulated registers and interrupts. */
#include "bench/bench.h"
#include "bench/x86/cpu.h"
#include "bench/x86/layout.h"
#include "bench/x86/pci.h"

#define PORT_POST 0x80
#define PORT_SYSTEM 0x61
#define PORT_LSR 0x3fd
#define APIC_ID 0x20
#define APIC_SPURIOUS 0xf0
#define APIC_ICR 0x300
#define APIC_ON 0x1ff
#define DISPLAY 0x11111234 /* QEMU's bochs-display */
#define DISPLAY_ID 0x500
#define READS 40
#define ICR_SELF 0x40000

/* Counted by entry_apic. */
volatile uint32_t interrupts;

static volatile uint32_t *apic(uint32_t at)
{
	return (volatile uint32_t *)(APIC + (uintptr_t)at);
}

static uint32_t out_post(uint32_t n)
{
	for (uint32_t k = n; k; k--)
		__asm__ volatile("outb %%al, %0" : : "i"(PORT_POST), "a"(k));
	return n;
}

static inline uint8_t in(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %w1, %b0" : "=a"(v) : "d"(port));
	return v;
}

static uint32_t in_system(uint32_t n)
{
	uint32_t sum = 0;

	while (n--)
		sum += in(PORT_SYSTEM) & 1;
	return sum;
}

static uint32_t in_serial(uint32_t n)
{
	uint32_t sum = 0;

	while (n--)
		sum += in(PORT_LSR) & 1;
	return sum;
}

static void enable_apic(void)
{
	*apic(APIC_SPURIOUS) = APIC_ON;
}

static uint32_t read_apic(uint32_t n)
{
	uint32_t sum = 0;

	while (n--)
		sum += *apic(APIC_ID) + 1;
	return sum;
}

static uint32_t end_interrupt(uint32_t n)
{
	for (uint32_t k = n; k; k--)
		*apic(APIC_EOI - APIC) = 0;
	return n;
}

/* The processor interrupts itself, and takes it at the instruction behind STI's shadow. */
static uint32_t interrupt(uint32_t n)
{
	interrupts = 0;
	for (uint32_t k = n; k; k--) {
		*apic(APIC_ICR) = ICR_SELF | VECTOR_APIC;
		__asm__ volatile("sti\n\tnop\n\tcli" : : : "memory");
	}
	return interrupts;
}

/* Of a display, which is the host's own in our firmware. */
static void enable_display(void)
{
	uint32_t display = pci_find(DISPLAY);

	pci_write(display, PCI_BAR(0), DEVICE_MEMORY);
	pci_write(display, PCI_BAR(2), DEVICE_REGISTERS);
	pci_write(display, PCI_COMMAND, PCI_COMMAND_MEMORY);
}

/* READS reads in a row, so that the loop around them hardly counts, in one page. */
static __attribute__((aligned(1024))) uint32_t read_display(uint32_t n)
{
	uint32_t v;

	__asm__ volatile("1:\n\t.rept %c3\n\tmovzwl (%2), %0\n\t.endr\n\tsubl $1, %1\n\tjnz 1b"
			 : "=&r"(v), "+r"(n) : "r"((uintptr_t)(DEVICE_REGISTERS + DISPLAY_ID)), "i"(READS) : "cc");
	return v;
}

KERNEL(port_out, .name = "port-out", .group = "system", .unit = "access", .run = out_post, .n = 500, .units = 1);
KERNEL(port_in, .name = "port-in", .group = "system", .unit = "access", .run = in_system, .n = 500, .units = 1);
KERNEL(port_serial, .name = "port-serial", .group = "system", .unit = "access", .run = in_serial, .n = 500, .units = 1);
KERNEL(apic_read, .name = "apic-read", .group = "system", .unit = "access", .setup = enable_apic, .run = read_apic, .n = 500, .units = 1);
KERNEL(apic_eoi, .name = "apic-eoi", .group = "system", .unit = "access", .setup = enable_apic, .run = end_interrupt, .n = 500, .units = 1);
KERNEL(mmio_device, .name = "mmio-device", .group = "system", .unit = "access", .setup = enable_display, .run = read_display, .n = 2000, .units = READS);
KERNEL(irq, .name = "irq", .group = "system", .unit = "interrupt", .setup = enable_apic, .run = interrupt, .n = 300, .units = 1);
