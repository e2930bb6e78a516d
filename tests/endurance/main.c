#include "tests/endurance/endurance.h"

#include "tests/lib/guest/console.h"

uint32_t hot_loop(uint32_t n);
extern char timer_entry[];

void report(const char *name, uint32_t result, uint64_t since)
{
	uint64_t t = ticks() - since;

	print(name);
	print(": ");
	print_hex(result, 8);
	print(" ticks ");
	print_number((uint32_t)t);
	print("\n");
}

static void timer_on(void)
{
	static uint64_t idt[256];
	struct { uint16_t limit; uint32_t base; } __attribute__((packed)) idtr = { sizeof idt - 1, (uint32_t)idt };
	uint32_t entry = (uint32_t)timer_entry;

	idt[32] = (uint64_t)(entry >> 16) << 48 | 0x8e00ull << 32 | 8u << 16 | (entry & 0xffff);
	__asm__ volatile("lidt %0" : : "m"(idtr));
	outb(0x20, 0x11);
	outb(0x21, 32);
	outb(0x21, 4);
	outb(0x21, 1);
	outb(0x21, 0xfe);
	outb(0x43, 0x34);
	outb(0x40, 0);
	outb(0x40, 0);
}

void main(void);
void main(void)
{
	uint64_t since;

	print("endurance: begin\n");
	timer_on();
	big();
	paging_on();
	spaces();
	mixed();
	since = ticks();
	report("hot", hot_loop(5000000), since);
	print("done\n");
	console_flush();
	power_off();
}
