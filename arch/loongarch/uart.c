#include "arch/loongarch/uart.h"

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"

/* 16550 registers */
#define UART_THR 0
#define UART_FCR 2
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define LCR_DLAB 0x80
#define LCR_8N1 0x03
#define LSR_THRE 0x20
#define MCR_DTR_RTS 0x03
#define FCR_ENABLE 0x01

/* A UART that never gets ready (unplugged, wrong address) must not stop the machine. */
#define THRE_POLLS 1000000

static volatile uint8_t *regs(void)
{
	return host.uart.base ? phys_uncached(host.uart.base) : 0;
}

void console_init(void)
{
	volatile uint8_t *u = regs();

	if (!u)
		return;
	u[UART_LCR] = LCR_8N1;
	u[UART_FCR] = FCR_ENABLE;
	u[UART_MCR] = MCR_DTR_RTS;
}

static void put(volatile uint8_t *u, char c)
{
	for (unsigned i = 0; i < THRE_POLLS && !(u[UART_LSR] & LSR_THRE); i++)
		;
	u[UART_THR] = c;
}

/* The guest shares the UART and may have its divisor latch open: then register 0 is not the transmitter. */
void console_write(const char *s, size_t n)
{
	volatile uint8_t *u = regs();
	uint8_t lcr;

	if (!u)
		return;
	lcr = u[UART_LCR];
	if (lcr & LCR_DLAB)
		u[UART_LCR] = lcr & ~LCR_DLAB;
	for (; n; n--, s++) {
		if (*s == '\n')
			put(u, '\r');
		put(u, *s);
	}
	if (lcr & LCR_DLAB)
		u[UART_LCR] = lcr;
}

void console_putc(char c)
{
	console_write(&c, 1);
}
