#include "hw/apic/ioapic.h"

#include <stddef.h>
#include <string.h>

#include "hw/apic/lapic.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/irq.h"
#include "hw/layout.h"

#define PINS LAYOUT_GSI_COUNT
#define VERSION (0x11u | (PINS - 1) << 16)
#define PAGE 4096u

#define REG_SELECT 0x00
#define REG_WINDOW 0x10
#define INDEX_ID 0
#define INDEX_VERSION 1
#define INDEX_ARBITRATION 2
#define INDEX_ENTRIES 0x10

#define ENTRY_LOGICAL 0x0800u
#define ENTRY_REMOTE_IRR 0x4000u
#define ENTRY_LEVEL 0x8000u
#define ENTRY_MASKED 0x10000u
#define ENTRY_WRITABLE 0x1afffu /* of the low half */

static struct {
	uint8_t index, id;
	uint32_t low[PINS], high[PINS]; /* the redirection table */
	uint32_t line;                  /* levels of the pins */
} io;

/* SMI, NMI, INIT and ExtINT are edge-triggered whatever the entry says (3.2.4). */
static bool is_level(uint32_t entry)
{
	uint32_t mode = entry >> 8 & 7;

	return entry & ENTRY_LEVEL && (mode == APIC_FIXED || mode == APIC_LOWEST);
}

static struct lapic_message message_of(int pin)
{
	uint32_t entry = io.low[pin];

	return (struct lapic_message){
		.dest = lapic_dest((uint8_t)(io.high[pin] >> 24)),
		.logical = entry & ENTRY_LOGICAL,
		.mode = entry >> 8 & 7,
		.vector = (uint8_t)entry,
		.level = is_level(entry),
	};
}

static bool send(int pin)
{
	struct lapic_message m = message_of(pin);

	return lapic_deliver(&m);
}

enum irq_input ioapic_input(int pin)
{
	struct lapic_message m = message_of(pin);

	if (io.low[pin] & ENTRY_MASKED)
		return IRQ_INPUT_MASKED;
	return lapic_has_pending(&m) ? IRQ_INPUT_WAITS : IRQ_INPUT_FREE;
}

/* A level-triggered pin asks while it is high, until a local APIC has accepted, and again after EOI. */
static void serve_level(int pin)
{
	uint32_t entry = io.low[pin];

	if (!(io.line >> pin & 1) || entry & ENTRY_MASKED || !is_level(entry) || entry & ENTRY_REMOTE_IRR)
		return;
	/* Set first: an EOI that comes of the delivery finds it. */
	io.low[pin] |= ENTRY_REMOTE_IRR;
	if (!send(pin))
		io.low[pin] &= ~ENTRY_REMOTE_IRR;
}

void ioapic_set_pin(int pin, bool level)
{
	uint32_t bit, entry;
	bool rises;

	if (pin < 0 || pin >= PINS)
		return;
	bit = 1u << pin;
	entry = io.low[pin];
	rises = level && !(io.line & bit);
	io.line = level ? io.line | bit : io.line & ~bit;
	if (is_level(entry))
		serve_level(pin);
	else if (rises && !(entry & ENTRY_MASKED))
		send(pin);
}

void ioapic_eoi(uint8_t vector)
{
	for (int pin = 0; pin < PINS; pin++) {
		uint32_t entry = io.low[pin];

		if (!(entry & ENTRY_REMOTE_IRR) || (uint8_t)entry != vector)
			continue;
		io.low[pin] &= ~ENTRY_REMOTE_IRR;
		irq_ioapic_eoi(pin);
		serve_level(pin);
	}
}

void ioapic_retry(void)
{
	for (int pin = 0; pin < PINS; pin++)
		serve_level(pin);
}

/* An entry switched to edge forgets its remote IRR: software uses that to end a service without EOI. */
static void write_low(int pin, uint32_t value)
{
	uint32_t kept = io.low[pin] & ENTRY_REMOTE_IRR;

	if (!is_level(value))
		kept = 0;
	io.low[pin] = kept | (value & ENTRY_WRITABLE);
	serve_level(pin);
}

static uint32_t read_index(void)
{
	int entry = io.index - INDEX_ENTRIES;

	switch (io.index) {
	case INDEX_ID:
	case INDEX_ARBITRATION:
		return (uint32_t)io.id << 24;
	case INDEX_VERSION:
		return VERSION;
	}
	if (entry < 0 || entry >= 2 * PINS)
		return 0;
	return entry & 1 ? io.high[entry / 2] : io.low[entry / 2];
}

static void write_index(uint32_t value)
{
	int entry = io.index - INDEX_ENTRIES;

	if (io.index == INDEX_ID)
		io.id = value >> 24 & 0xf;
	if (entry < 0 || entry >= 2 * PINS)
		return;
	if (entry & 1)
		io.high[entry / 2] = value & 0xff000000;
	else
		write_low(entry / 2, value);
}

static uint64_t mmio_read(void *ctx, uint64_t gpa, int size)
{
	unsigned offset = gpa & 0xff;

	(void)ctx;
	(void)size;
	if (offset == REG_SELECT)
		return io.index;
	return offset == REG_WINDOW ? read_index() : 0;
}

static void mmio_write(void *ctx, uint64_t gpa, int size, uint64_t value)
{
	unsigned offset = gpa & 0xff;

	(void)ctx;
	if (offset == REG_SELECT)
		io.index = (uint8_t)value;
	else if (offset == REG_WINDOW && size >= 4)
		write_index((uint32_t)value);
}

static void reset(void *ctx)
{
	(void)ctx;
	io.index = 0;
	io.id = LAYOUT_IOAPIC_ID;
	for (int pin = 0; pin < PINS; pin++) {
		io.low[pin] = ENTRY_MASKED;
		io.high[pin] = 0;
	}
}

int ioapic_init(void)
{
	static const struct mmio_ops ops = { mmio_read, mmio_write };
	int region;

	memset(&io, 0, sizeof io);
	reset(NULL);
	board_on_reset(reset, NULL);
	region = bus_add_memory(LAYOUT_IOAPIC, PAGE, PAGE_MMIO, 0, &ops, NULL);
	return region < 0 ? region : 0;
}
