// SOURCES: hw/serial/serial.c
/*
 * COM1 on a model of a host 16550: what a driver sees, the interrupt line, and that the firmware's console is never locked out.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "arch/loongarch/host.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/device_io.h"
#include "hw/irq.h"
#include "hw/timer.h"
#include "tests/unit/check.h"

/* ---- the host's UART ---- */

#define BASE 0x1fe001e0
static struct {
	uint8_t ier, lcr, mcr, fcr, dll, dlm, scr, errors, deltas;
	bool thre;
	char fifo[16], sent[64];
	unsigned nfifo, nsent;
} uart;

static uint8_t uart_id(void)
{
	if ((uart.ier & 4) && uart.errors)
		return 6;
	if ((uart.ier & 1) && uart.nfifo)
		return 4;
	if ((uart.ier & 2) && uart.thre)
		return 2;
	if ((uart.ier & 8) && uart.deltas)
		return 0;
	return 1;
}

static uint8_t take(uint8_t *latch)
{
	uint8_t value = *latch;

	*latch = 0;
	return value;
}

uint64_t device_read(uint64_t pa, int size)
{
	bool dlab = uart.lcr & 0x80;
	uint8_t id = uart_id(), c;

	CHECK(size == 1 && pa >= BASE && pa < BASE + 8);
	switch (pa - BASE) {
	case 0:
		if (dlab)
			return uart.dll;
		c = (uint8_t)uart.fifo[0];
		if (uart.nfifo)
			memmove(uart.fifo, uart.fifo + 1, --uart.nfifo);
		return c;
	case 1:
		return dlab ? uart.dlm : uart.ier;
	case 2:
		if (id == 2)
			uart.thre = false;
		return id;
	case 3:
		return uart.lcr;
	case 4:
		return uart.mcr;
	case 5:
		return 0x60 | (uart.nfifo ? 1 : 0) | take(&uart.errors);
	case 6:
		return 0xb0 | take(&uart.deltas);
	default:
		return uart.scr;
	}
}

void device_write(uint64_t pa, int size, uint64_t v)
{
	bool dlab = uart.lcr & 0x80;

	CHECK(size == 1 && pa >= BASE && pa < BASE + 8);
	switch (pa - BASE) {
	case 0:
		if (dlab) {
			uart.dll = (uint8_t)v;
			break;
		}
		uart.sent[uart.nsent++ % sizeof(uart.sent)] = (char)v;
		uart.thre = true;
		break;
	case 1:
		if (dlab) {
			uart.dlm = (uint8_t)v;
			break;
		}
		if ((v & 2) && !(uart.ier & 2))
			uart.thre = true;
		uart.ier = (uint8_t)v;
		break;
	case 2:
		uart.fcr = (uint8_t)v;
		break;
	case 3:
		uart.lcr = (uint8_t)v;
		break;
	case 4:
		uart.mcr = (uint8_t)v;
		break;
	case 7:
		uart.scr = (uint8_t)v;
		break;
	}
}

/* ---- the rest of the machine ---- */

struct host host = { .uart = { .base = BASE, .clock = 100000000, .irq = 34 } };
static irq_fn handler;
static bool host_masked, line;
static unsigned edges;
static const struct port_ops *ops;
static void (*reset_fn)(void *);
static struct timer *timer;

int irq_attach(int irq, irq_fn fn, void *ctx)
{
	(void)ctx;
	CHECK(irq == 34);
	handler = fn;
	return 0;
}
void irq_mask(int irq) { (void)irq, host_masked = true; }
void irq_unmask(int irq) { (void)irq, host_masked = false; }
void irq_set_isa(int irq, bool level)
{
	CHECK(irq == 4);
	edges += level && !line;
	line = level;
}
int bus_add_ports(uint16_t first, unsigned count, const struct port_ops *o, void *ctx)
{
	(void)ctx;
	CHECK(first == 0x3f8 && count == 8);
	ops = o;
	return 0;
}
void board_on_reset(void (*fn)(void *), void *ctx) { (void)ctx, reset_fn = fn; }
uint64_t clock_ns(void) { return 1000; }
void timer_init(struct timer *t, void (*fn)(void *), void *ctx) { t->fn = fn, t->ctx = ctx, t->deadline = UINT64_MAX; }
void timer_set(struct timer *t, uint64_t deadline) { t->deadline = deadline, timer = t; }

/* The level-triggered host interrupt: fires as long as the UART asserts it and nobody has masked it. */
static unsigned settle(void)
{
	unsigned n = 0;

	while (host.uart.irq >= 0 && uart_id() != 1 && !host_masked && n < 10)
		handler(NULL, 34), n++;
	CHECK(n < 10);
	return n;
}

static uint8_t in(unsigned reg)
{
	uint8_t v = (uint8_t)ops->read(NULL, (uint16_t)(0x3f8 + reg), 1);

	settle();
	return v;
}

static void out(unsigned reg, uint8_t v)
{
	ops->write(NULL, (uint16_t)(0x3f8 + reg), 1, v);
	settle();
	CHECK(!(uart.lcr & 0x80));
}

static void receive(const char *s)
{
	uart.nfifo = (unsigned)strlen(s);
	memcpy(uart.fifo, s, uart.nfifo);
	settle();
}

/* ---- tests ---- */

static void test_divisor(void)
{
	out(3, 0x83);
	CHECK(in(3) == 0x83);
	out(0, 12);
	out(1, 0);
	CHECK(in(0) == 12 && in(1) == 0);
	CHECK(uart.ier == 0 && uart.nsent == 0);
	out(3, 0x03);
	CHECK((uart.dll | uart.dlm << 8) == 651); /* 100 MHz / (16 * 9600) */
	out(3, 0x83);
	out(0, 0);
	out(3, 0x1b);
	CHECK((uart.dll | uart.dlm << 8) == 651); /* divisor 0 changes nothing */
	CHECK(uart.lcr == 0x1b && in(3) == 0x1b);
	out(7, 0x5a);
	CHECK(in(7) == 0x5a);
}

static void test_receive(void)
{
	out(2, 0x07);
	out(4, 0x0b);
	CHECK(in(2) == 0xc1);
	out(1, 0x05);
	CHECK(!line && uart.ier == 5);
	receive("ab");
	CHECK(line && host_masked);
	CHECK(in(2) == 0xc4);
	CHECK(in(5) == 0x61);
	CHECK(in(0) == 'a' && line);
	CHECK(in(0) == 'b' && !line && !host_masked);
	CHECK(in(2) == 0xc1);
	CHECK(edges == 1);
	out(2, 0xc7);
	receive("c");
	CHECK(in(2) == 0xcc); /* below the trigger level */
	CHECK(in(0) == 'c' && !line);
}

static void test_errors(void)
{
	out(2, 0x07);
	uart.errors = 0x08;
	settle();
	CHECK(line && in(2) == 0xc6);
	CHECK(in(5) == 0x68 && !line);
	CHECK(in(5) == 0x60);
}

static void test_transmit(void)
{
	out(1, 0x02);
	CHECK(line);
	CHECK(in(2) == 0xc2 && !line);
	CHECK(in(2) == 0xc1);
	edges = 0;
	out(0, 'x');
	CHECK(uart.nsent == 1 && uart.sent[0] == 'x' && line);
	out(0, 'y');
	CHECK(line);
	out(1, 0x00);
	CHECK(!line && !host_masked);
}

static void test_modem_and_out2(void)
{
	out(4, 0x03);
	out(1, 0x09);
	uart.deltas = 0x01;
	settle();
	CHECK(!line && host_masked);
	out(4, 0x0b);
	CHECK(line);
	CHECK((in(2) & 15) == 0);
	CHECK(in(6) == 0xb1 && !line);
	CHECK(in(6) == 0xb0);
}

static void test_reset_and_polling(void)
{
	out(1, 0x01);
	receive("z");
	CHECK(line);
	reset_fn(NULL);
	CHECK(!line && uart.ier == 0 && in(1) == 0 && in(3) == 0 && in(4) == 0 && uart.lcr == 3);
	host.uart.irq = -1;
	CHECK(timer == NULL);
	out(4, 0x0b);
	out(1, 0x01);
	CHECK(line && timer && timer->deadline != UINT64_MAX);
	CHECK(in(0) == 'z' && !line);
	uart.nfifo = 1;
	timer->fn(timer->ctx);
	CHECK(line);
}

static unsigned met;

static void key_met(void *ctx)
{
	++*(unsigned *)ctx;
}

/* What the guest reads of `typed` is what was typed; returns how often the firmware's keys were met. */
static unsigned keys_in(const char *typed)
{
	met = 0;
	for (const char *c = typed; *c; c++) {
		uart.fifo[0] = *c;
		uart.nfifo = 1;
		CHECK(in(0) == (uint8_t)*c);
	}
	return met;
}

static void test_keys(void)
{
	CHECK(serial_on_key('p', key_met, &met) == 0 && serial_on_key('b', key_met, &met) == 0);
	CHECK(keys_in("\x1d\x1dp") == 1);
	CHECK(keys_in("ls\x1d\x1d\x1dp\x1d\x1dp\n") == 2);
	CHECK(keys_in("\x1d\x1d" "b\x1d\x1dp") == 2);
	CHECK(keys_in("p\x1dp\x1d\x1dx\x1dp\x1d p\x1d\x1dP") == 0);
	CHECK(serial_on_key('c', key_met, &met) == 0 && serial_on_key('d', key_met, &met) == 0 && serial_on_key('e', key_met, &met) == -ENOSPC);
}

int main(void)
{
	uart.lcr = 3;
	uart.dll = 54;
	CHECK(serial_init() == 0);
	out(3, 0x80);
	CHECK(in(0) == 1 && in(1) == 0); /* 115200 */
	out(3, 0x03);
	test_divisor();
	test_receive();
	test_errors();
	test_transmit();
	test_modem_and_out2();
	test_reset_and_polling();
	test_keys();
	return report();
}
