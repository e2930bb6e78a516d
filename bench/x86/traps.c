#include "bench/x86/traps.h"
#include "bench/x86/cpu.h"
#include "bench/x86/layout.h"
#include "tests/lib/guest/console.h"

#define GATES 256
#define GATE_INTERRUPT 0xee00 /* open to ring 3 */
#define TSS_AVAILABLE 0x89

#define MSR_SYSENTER_CS 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_FMASK 0xc0000084
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

struct gate {
	uint16_t low, selector, attributes, high;
#ifdef LONG
	uint32_t higher, reserved;
#endif
};

struct __attribute__((packed)) table {
	uint16_t limit;
	uintptr_t base;
};

extern uint64_t gdt[];
void (*page_fault_handler)(uintptr_t at);
void page_fault(uintptr_t at);
void unexpected(uintptr_t at);

static struct gate idt[GATES] __attribute__((aligned(16)));
static uint32_t tss[26] __attribute__((aligned(16)));
/* what GS points to in the kernel: its stack, and a place for the user's */
static uint64_t per_cpu[2];

static void set_gate(int vector, void (*handler)(void))
{
	uintptr_t at = (uintptr_t)handler;

	idt[vector] = (struct gate){ .low = (uint16_t)at, .selector = SEL_CODE, .attributes = GATE_INTERRUPT, .high = (uint16_t)(at >> 16) };
}

static void set_tss(void)
{
	uint64_t at = (uintptr_t)tss;

	tss[1] = TRAP_STACK;
	tss[2] = sizeof(long) == 4 ? SEL_DATA : 0;
	tss[25] = sizeof tss << 16;
	gdt[SEL_TSS / 8] = (sizeof tss - 1) | (at & 0xffffff) << 16 | (uint64_t)TSS_AVAILABLE << 40 | (at >> 24 & 0xff) << 56;
	__asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
}

void traps_set_system(void (*entry)(void))
{
#ifdef LONG
	write_msr(MSR_LSTAR, (uintptr_t)entry);
#else
	write_msr(MSR_SYSENTER_EIP, (uintptr_t)entry);
#endif
}

static void set_system(void)
{
#ifdef LONG
	per_cpu[0] = TRAP_STACK;
	write_msr(MSR_STAR, (uint64_t)SEL_SYSRET << 48 | (uint64_t)SEL_SYSCALL << 32);
	write_msr(MSR_FMASK, 0x200);
	write_msr(MSR_GS_BASE, 0);
	write_msr(MSR_KERNEL_GS_BASE, (uintptr_t)per_cpu);
#else
	(void)per_cpu;
	write_msr(MSR_SYSENTER_CS, SEL_CODE);
	write_msr(MSR_SYSENTER_ESP, TRAP_STACK);
#endif
	traps_set_system(entry_system);
}

void traps_init(void)
{
	struct table idtr = { sizeof idt - 1, (uintptr_t)idt };

	for (int k = 0; k < GATES; k++)
		set_gate(k, entry_unexpected);
	set_gate(VECTOR_PAGE_FAULT, entry_page_fault);
	set_gate(VECTOR_NOTHING, entry_nothing);
	set_gate(VECTOR_SAVING, entry_saving);
	set_gate(VECTOR_KERNEL, entry_kernel);
	set_gate(VECTOR_APIC, entry_apic);
	__asm__ volatile("lidt %0" : : "m"(idtr));
	set_tss();
	set_system();
}

void give_up(const char *what, uintptr_t v)
{
	print(what);
	print_hex(v, sizeof v * 2);
	print("\n");
	console_flush();
	power_off();
	for (;;)
		;
}

void unexpected(uintptr_t at)
{
	give_up("exception or interrupt that nobody expects; its frame begins with ", at);
}

void page_fault(uintptr_t at)
{
	if (!page_fault_handler)
		give_up("page fault at ", at);
	page_fault_handler(at);
}
