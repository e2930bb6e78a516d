#include "tests/lib/guest/console.h"

#define COM1 0x3f8
#define LSR (COM1 + 5)
#define LSR_THRE 0x20
#define LSR_TEMT 0x40

void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static void put(char c)
{
	while (!(inb(LSR) & LSR_THRE))
		;
	outb(COM1, (uint8_t)c);
}

void print(const char *text)
{
	while (*text)
		put(*text++);
}

void print_hex(uint64_t v, int digits)
{
	while (digits--)
		put("0123456789abcdef"[v >> 4 * digits & 15]);
}

void print_number(uint32_t v)
{
	if (v >= 10)
		print_number(v / 10);
	put((char)('0' + v % 10));
}

void console_flush(void)
{
	while (!(inb(LSR) & LSR_TEMT))
		;
}

void power_off(void)
{
	__asm__ volatile("outl %0, %w1" : : "a"(0x80000b40), "d"(0xcf8));
	__asm__ volatile("outl %0, %w1" : : "a"(0x601), "d"(0xcfc));
	__asm__ volatile("outl %0, %w1" : : "a"(0x80000b80), "d"(0xcf8));
	outb(0xcfc, 1);
	__asm__ volatile("outw %w0, %w1" : : "a"(0x2000), "d"(0x604));
}
