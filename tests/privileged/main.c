/*
 * A BIOS ROM: random descriptor tables and instructions that use them, at every ring, and what becomes of the machine. Prints the digests of
 * 16 cases a line, or all of one case. Two machines that agree print the same.
 */
#include "tests/lib/guest/console.h"
#include "tests/privileged/case.h"

/* The run script writes these into the ROM. */
const volatile struct {
	char mark[8];
	uint32_t seed, first, count, explain; /* explain: 1 prints everything of case `first` */
	uint32_t paging;
} parameters = { .mark = "PRIVTEST" };

#define NO_ERROR 0x99999999 /* pushed by boot.S */

struct entry entry;
struct left left;
uint32_t saved_esp;

static uint32_t state;

void random_start(uint32_t seed)
{
	state = seed * 0x9e3779b1u + 0x7f4a7c15u;
	state |= !state;
	for (int n = 0; n < 4; n++)
		random32();
}

uint32_t random32(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state * 0x2c1b3c6du >> 3 ^ state;
}

/* ---- printing ---- */

static void print_words(const char *name, const void *from, unsigned words)
{
	const uint32_t *w = from;

	print(name);
	print(":");
	for (unsigned k = 0; k < words; k++) {
		print(" ");
		print_hex(w[k], 8);
	}
	print("\n");
}

/* ---- one case ---- */

static void load_tables(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint32_t base;
	} gdt = { GDT_SLOTS * 8 - 1, GDT }, idt = { 0x7ff, IDT };

	__asm__ volatile("lgdtl %0\n\tlidtl %1\n\tlldt %w2\n\tltr %w3" : : "m"(gdt), "m"(idt), "r"(SEL_LDT), "r"(SEL_MAIN) : "memory");
}

static void fill(uint32_t at, uint32_t end, uint32_t v)
{
	for (; at < end; at += 4)
		put32(at, v);
}

static uint32_t digest_of(uint32_t h, uint32_t at, uint32_t end)
{
	for (; at < end; at += 4)
		h = ((h << 5 | h >> 27) ^ *(volatile uint32_t *)at) * 0x9e3779b1u;
	return h;
}

/* What the manuals leave open is not looked at. */
static void forget_undefined(void)
{
	left.eflags &= ~0x10000u; /* RF */
	if (left.vector < 32) { /* a fault's image may have old ones (docs/translator.md) */
		left.eflags &= ~0x8d5u;
		*(volatile uint32_t *)(STACK_ENTRY - 12) &= ~0x108d5u;
	}
	if (left.vector == 8) /* an abort: RF of the interrupted task may be that of the fault before it, or not (SDM 3A, 6.15 and 3B, 17.3.1.1) */
		for (uint32_t n = 0; n < TSS_CASES; n++)
			*(volatile uint32_t *)(TSS_CASE + n * 0x100 + TSS_EFLAGS) &= ~0x10000u;
	left.ss &= 0xffff;
	left.ds &= 0xffff;
	left.es &= 0xffff;
	left.fs &= 0xffff;
	left.gs &= 0xffff;
	left.cs &= 0xffff;
	if (left.error != NO_ERROR)
		left.error &= 0xffff;
}

static uint32_t code_at = CODE;

static uint32_t run_case(uint32_t n)
{
	uint32_t h;

	random_start(parameters.seed ^ n * 0x85ebca6bu);
	if (code_at > CODE_END - 128)
		code_at = CODE;
	fill(STACKS, STACKS + 4 * STACK_SIZE, 0);
	fill(STACK_ENTRY - 0x400, STACK_ENTRY, 0);
	fill(OPERANDS, OPERANDS + 0x600, 0);
	for (uint32_t k = 0; k < sizeof left / 4; k++)
		((uint32_t *)&left)[k] = 0;
	tables_make();
	load_tables();
	unsigned length = code_make((uint8_t *)code_at);
	if (parameters.explain) {
		print_words("entry", &entry, sizeof entry / 4);
		print_words("code", (void *)code_at, (length + 3) / 4);
		print_words("gdt", (void *)GDT, GDT_SLOTS * 2);
		print_words("ldt", (void *)LDT, LDT_SLOTS * 2);
		print_words("idt", (void *)(IDT + 0x280), 0x160);
		print_words("tss", (void *)TSS_CASE, TSS_CASES * 64);
		print_words("main", (void *)TSS_MAIN, 32);
	}
	code_at += (length + 19) & ~15u;
	case_enter();
	forget_undefined();
	h = digest_of(1, (uint32_t)&left, (uint32_t)&left + sizeof left);
	h = digest_of(h, GDT, GDT + GDT_SLOTS * 8);
	h = digest_of(h, LDT, LDT + LDT_SLOTS * 8);
	h = digest_of(h, TSS_CASE, TSS_CASE + TSS_CASES * 0x100);
	h = digest_of(h, TSS_MAIN, TSS_MAIN + 0x80);
	if (left.vector >= 32) /* how far an instruction got before its fault may be seen below the stack pointer */
		h = digest_of(h, STACKS, STACKS + 4 * STACK_SIZE);
	h = digest_of(h, STACK_ENTRY - 0x400, STACK_ENTRY);
	h = digest_of(h, OPERANDS, OPERANDS + 0x600);
	if (parameters.explain) {
		print_words("left", &left, sizeof left / 4);
		print_words("gdt", (void *)GDT, GDT_SLOTS * 2);
		print_words("ldt", (void *)LDT, LDT_SLOTS * 2);
		print_words("tss", (void *)TSS_CASE, TSS_CASES * 64);
		print_words("main", (void *)TSS_MAIN, 32);
		print_words("stacks", (void *)STACKS, STACK_SIZE);
		print_words("entry stacks", (void *)(STACK_ENTRY - 0x400), 0x100);
		print_words("operands", (void *)OPERANDS, 0x180);
	}
	return h;
}

/* Identity: 4 MiB pages, ring 3 may read and write. */
static void turn_paging_on(void)
{
	for (uint32_t k = 0; k < 1024; k++)
		put32(PAGE_DIRECTORY + k * 4, k << 22 | 0x87);
	__asm__ volatile("mov %%cr4, %%eax\n\tor $0x10, %%eax\n\tmov %%eax, %%cr4\n\tmov %0, %%cr3\n\t"
			 "mov %%cr0, %%eax\n\tor $0x80000000, %%eax\n\tmov %%eax, %%cr0" : : "r"(PAGE_DIRECTORY) : "eax", "memory");
}

void main(void)
{
	uint32_t end = parameters.first + parameters.count;

	fill(0, IDT, 0); /* cases read it, and what RAM holds at power-on is left open */
	put32(LAND, 0x40cd40cd);
	put32(LAND - 4, 0x90909090);
	if (parameters.paging)
		turn_paging_on();
	print("\nbegin\n");
	for (uint32_t n = parameters.first; n < end; n++) {
		uint32_t h = run_case(n);
		if (!parameters.explain)
			print_hex(h, 8);
		if ((n & 15) == 15 || n + 1 == end)
			print("\n");
	}
	print("done\n");
	power_off();
	for (;;)
		__asm__ volatile("hlt");
}
