/*
 * A program in ring 3 that calls the kernel, again and again, while a timer interrupts both: by INT and by SYSENTER or SYSCALL. Whatever the moment, each call must
 * come back, and the timer must go on.
 */
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/lib/guest/console.h"

#define APIC_SPURIOUS 0xf0
#define APIC_TIMER 0x320
#define APIC_COUNT 0x380
#define APIC_DIVIDE 0x3e0
#define PERIODIC 0x20000
#define PERIOD 8000 /* of the timer, in ticks, at first; a call takes a few hundred */
#define PERIODS 20
#define STEP 7
#define CALLS 4000
#define INTERRUPTS_LEAST 300

volatile uint32_t interrupts; /* entry.S of the benchmarks counts there */
static volatile uint32_t returns;

void entry_open(void);
#ifndef LONG
/* SYSENTER has cleared IF, and SYSEXIT leaves it alone. */
__asm__(".globl entry_open\nentry_open: sti\n\tnop\n\tsysexit");
#endif

static void apic(uintptr_t reg, uint32_t v)
{
	*(volatile uint32_t *)(APIC + reg) = v;
}

static void by_interrupt(uint32_t n)
{
	for (; n; n--) {
		__asm__ volatile("int %0" : : "i"(VECTOR_NOTHING) : "memory");
		returns++;
	}
}

static void by_call(uint32_t n)
{
	for (; n; n--) {
#ifdef LONG
		__asm__ volatile("syscall" : : : "rcx", "r11", "memory");
#else
		__asm__ volatile("mov %%esp, %%ecx\n\tmov $1f, %%edx\n\tsysenter\n1:" : : : "ecx", "edx", "memory", "cc");
#endif
		returns++;
	}
}

static void run(const char *name, void (*function)(uint32_t))
{
	returns = interrupts = 0;
	for (uint32_t k = 0; k < PERIODS; k++) {
		apic(APIC_COUNT, PERIOD + k * STEP);
		__asm__ volatile("sti");
		run_user(function, CALLS);
		__asm__ volatile("cli");
	}
	print(name);
	print_number(returns);
	print(interrupts >= INTERRUPTS_LEAST ? ", interrupted often\n" : ", hardly ever interrupted\n");
}

void bench_main(void)
{
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	apic(APIC_SPURIOUS, 0x1ff);
	apic(APIC_DIVIDE, 0xb);
	apic(APIC_TIMER, PERIODIC | VECTOR_APIC);
#ifndef LONG
	traps_set_system(entry_open);
#endif
	print("rings\n");
	run("by an interrupt: ", by_interrupt);
	run("by a system call: ", by_call);
	print("done\n");
	console_flush();
}
