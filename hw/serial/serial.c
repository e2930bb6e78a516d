/*
 * COM1: the host's UART, register by register (16550D datasheet, section 8).
 *
 * The firmware's console uses the same UART, so the host's divisor latch access bit stays off except while a divisor is written: DLAB and
 * the divisor the guest sees are kept here. The interrupt is level-triggered at the host and gated by OUT2 on a PC; the host's
 * is masked for as long as the guest has something to serve. Reading a 16550 to see whether it still interrupts loses state (IIR clears
 * the transmitter's request, LSR the error bits, MSR the deltas), so what such a look finds is latched here until the guest reads it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "arch/loongarch/host.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/device_io.h"
#include "hw/irq.h"
#include "hw/timer.h"

#define COM1_PORT 0x3f8
#define COM1_IRQ 4
#define NREGS 8
#define PC_CLOCK 1843200u
#define POLL_NS 5000000u /* look at a UART without an interrupt this often */

enum { RBR = 0, THR = 0, DLL = 0, IER = 1, DLM = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7 };

#define IER_RDA 0x01u
#define IER_THRE 0x02u
#define IER_RLS 0x04u
#define IER_MODEM 0x08u
#define IER_ALL 0x0fu
#define IIR_MODEM 0x00u
#define IIR_NONE 0x01u
#define IIR_THRE 0x02u
#define IIR_RDA 0x04u
#define IIR_RLS 0x06u
#define IIR_TIMEOUT 0x0cu
#define IIR_ID 0x0fu
#define IIR_FIFO 0xc0u
#define FCR_ENABLE 0x01u
#define FCR_TRIGGER 0xc0u
#define LCR_8N1 0x03u
#define LCR_DLAB 0x80u
#define MCR_READY 0x03u /* DTR and RTS */
#define MCR_OUT2 0x08u
#define LSR_DR 0x01u
#define LSR_ERRORS 0x1eu
#define MSR_DELTAS 0x0fu

#define ESCAPE 0x1d /* Ctrl-], typed twice before a key of the firmware */
#define MAX_KEYS 4

static struct {
	uint8_t ier, lcr, mcr, fcr;
	uint16_t divisor;
	uint8_t lsr;       /* as last read from the host */
	uint8_t errors;    /* LSR error bits seen but not yet read by the guest */
	uint8_t deltas;    /* likewise of MSR */
	bool thre;         /* transmitter empty: not yet acknowledged by the guest */
	bool masked;       /* host interrupt */
	struct timer poll; /* only when there is no host interrupt */
} com1;

/* The keys that the firmware listens for. */
static struct {
	struct { char key; void (*fn)(void *ctx); void *ctx; } on[MAX_KEYS];
	unsigned n;
	unsigned escapes; /* ESCAPEs that came last */
} keys;

static uint8_t get(unsigned reg)
{
	return (uint8_t)device_read(host.uart.base + reg, 1);
}

static void put(unsigned reg, uint8_t value)
{
	device_write(host.uart.base + reg, 1, value);
}

/* Finds out what the UART has to say, without losing any of it. Costs nothing while its interrupts are off. */
static void sample(void)
{
	uint8_t id;

	if (!com1.ier)
		return;
	id = get(IIR) & IIR_ID;
	if (id == IIR_THRE)
		com1.thre = true;
	if (id == IIR_MODEM)
		com1.deltas |= get(MSR) & MSR_DELTAS;
	com1.lsr = get(LSR);
	com1.errors |= com1.lsr & LSR_ERRORS;
}

/*
 * The identification of the interrupt with the highest priority. Data below the FIFO's trigger level is reported at once, as a
 * timeout: the driver then does not count on a full FIFO.
 */
static uint8_t identify(void)
{
	if ((com1.ier & IER_RLS) && com1.errors)
		return IIR_RLS;
	if ((com1.ier & IER_RDA) && (com1.lsr & LSR_DR))
		return com1.fcr & FCR_TRIGGER ? IIR_TIMEOUT : IIR_RDA;
	if ((com1.ier & IER_THRE) && com1.thre)
		return IIR_THRE;
	if ((com1.ier & IER_MODEM) && com1.deltas)
		return IIR_MODEM;
	return IIR_NONE;
}

/* Brings the guest's line and the host's mask in step with what is pending. */
static void update(void)
{
	bool pending;

	sample();
	pending = identify() != IIR_NONE;
	irq_set_isa(COM1_IRQ, pending && (com1.mcr & MCR_OUT2));
	if (host.uart.irq < 0 || pending == com1.masked)
		return;
	com1.masked = pending;
	(pending ? irq_mask : irq_unmask)(host.uart.irq);
}

static void host_interrupt(void *ctx, int irq)
{
	(void)ctx, (void)irq;
	update();
}

static void poll_expired(void *ctx)
{
	(void)ctx;
	if (!com1.ier)
		return;
	update();
	timer_set(&com1.poll, clock_ns() + POLL_NS);
}

static void set_ier(uint8_t value)
{
	com1.ier = value & IER_ALL;
	if (!(com1.ier & IER_THRE))
		com1.thre = false;
	put(IER, com1.ier);
	if (host.uart.irq < 0 && com1.ier)
		timer_set(&com1.poll, clock_ns() + POLL_NS);
}

/* The divisor that gives the host's UART the rate the guest asked for: rate = clock / (16 * divisor) on both sides. */
static uint16_t host_divisor(uint16_t divisor)
{
	uint64_t d = ((uint64_t)host.uart.clock * divisor + PC_CLOCK / 2) / PC_CLOCK;

	return d < 1 ? 1 : d > 0xffff ? 0xffff : (uint16_t)d;
}

/* Divisor 0 has no meaning on a 16550: the rate is left as it is. */
static void program_divisor(void)
{
	uint16_t d = host_divisor(com1.divisor);

	if (!com1.divisor)
		return;
	put(LCR, (com1.lcr & ~LCR_DLAB) | LCR_DLAB);
	put(DLL, (uint8_t)d);
	put(DLM, (uint8_t)(d >> 8));
}

static void set_lcr(uint8_t value)
{
	bool closed = (com1.lcr & LCR_DLAB) && !(value & LCR_DLAB);

	com1.lcr = value;
	if (closed)
		program_divisor();
	put(LCR, (uint8_t)(value & ~LCR_DLAB));
}

static uint8_t read_iir(void)
{
	uint8_t id;

	sample();
	id = identify();
	if (id == IIR_THRE)
		com1.thre = false;
	return id | (com1.fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static uint8_t read_lsr(void)
{
	uint8_t value;

	com1.lsr = get(LSR);
	value = com1.lsr | com1.errors;
	com1.errors = 0;
	return value;
}

static uint8_t read_msr(void)
{
	uint8_t value = get(MSR) | com1.deltas;

	com1.deltas = 0;
	return value;
}

int serial_on_key(char key, void (*fn)(void *ctx), void *ctx)
{
	if (keys.n == MAX_KEYS)
		return -ENOSPC;
	keys.on[keys.n].key = key;
	keys.on[keys.n].fn = fn;
	keys.on[keys.n].ctx = ctx;
	keys.n++;
	return 0;
}

/* The firmware only looks on: whatever is typed, the guest gets all of it. */
static uint8_t read_rbr(void)
{
	uint8_t c = get(RBR);

	for (unsigned i = 0; keys.escapes >= 2 && i < keys.n; i++)
		if (c == (uint8_t)keys.on[i].key)
			keys.on[i].fn(keys.on[i].ctx);
	keys.escapes = c == ESCAPE ? keys.escapes + 1 : 0;
	return c;
}

static uint8_t read_reg(unsigned reg)
{
	if ((com1.lcr & LCR_DLAB) && reg <= DLM)
		return (uint8_t)(com1.divisor >> 8 * reg);
	switch (reg) {
	case RBR:
		return read_rbr();
	case IER:
		return com1.ier;
	case IIR:
		return read_iir();
	case LCR:
		return com1.lcr;
	case MCR:
		return com1.mcr;
	case LSR:
		return read_lsr();
	case MSR:
		return read_msr();
	default:
		return get(reg);
	}
}

static void write_reg(unsigned reg, uint8_t value)
{
	if ((com1.lcr & LCR_DLAB) && reg <= DLM) {
		com1.divisor = (uint16_t)((com1.divisor & ~(0xff << 8 * reg)) | value << 8 * reg);
		return;
	}
	switch (reg) {
	case THR:
		com1.thre = false;
		put(THR, value);
		break;
	case IER:
		set_ier(value);
		break;
	case FCR:
		com1.fcr = value & FCR_ENABLE ? value : 0;
		put(FCR, value);
		break;
	case LCR:
		set_lcr(value);
		break;
	case MCR:
		com1.mcr = value & 0x1f;
		put(MCR, com1.mcr);
		break;
	case SCR:
		put(SCR, value);
		break;
	}
}

static uint32_t port_read(void *ctx, uint16_t port, int size)
{
	uint32_t value = read_reg(port - COM1_PORT);

	(void)ctx, (void)size;
	update();
	return value;
}

static void port_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx, (void)size;
	write_reg(port - COM1_PORT, (uint8_t)value);
	update();
}

static const struct port_ops ops = { port_read, port_write, 1 };

/* The line parameters of the host stay usable for the firmware's console until the guest sets its own. */
static void reset(void *ctx)
{
	(void)ctx;
	com1.lcr = com1.mcr = com1.fcr = 0;
	com1.errors = com1.deltas = 0;
	set_ier(0);
	put(FCR, 0);
	put(LCR, LCR_8N1);
	put(MCR, MCR_READY);
	update();
}

/* The divisor the host runs with, in the guest's terms: what the guest reads before it has set one. */
static uint16_t current_divisor(void)
{
	uint64_t d;

	put(LCR, LCR_8N1 | LCR_DLAB);
	d = (uint64_t)(get(DLL) | get(DLM) << 8) * PC_CLOCK / (host.uart.clock ? host.uart.clock : PC_CLOCK);
	put(LCR, LCR_8N1);
	return d < 1 ? 1 : d > 0xffff ? 0xffff : (uint16_t)d;
}

int serial_init(void)
{
	int err;

	if (!host.uart.base) {
		printf("serial: the host has no UART; no COM1\n");
		return 0;
	}
	com1.divisor = current_divisor();
	timer_init(&com1.poll, poll_expired, NULL);
	reset(NULL);
	if (host.uart.irq >= 0 && (err = irq_attach(host.uart.irq, host_interrupt, NULL)) < 0) {
		printf("serial: host interrupt %d of the UART is not available (%d)\n", host.uart.irq, err);
		return err;
	}
	if ((err = bus_add_ports(COM1_PORT, NREGS, &ops, NULL)) < 0)
		return err;
	board_on_reset(reset, NULL);
	return 0;
}
