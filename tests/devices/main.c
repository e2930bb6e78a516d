/*
 * Arithmetic with an emulated device's register as operand in memory, of which the first accesses trap and the others are calls (translator/device_site.h): each instruction
 * must do the same with the register as with memory that holds the same value.
 */
#include "bench/x86/layout.h"
#include "tests/lib/guest/console.h"

#define APIC_LVT_TIMER 0x320
#define APIC_COUNT 0x380 /* holds all 32 bits that are written to it */
#define MASKED 0x10000
#define TIMES 40
#define FLAGS 0x8d5

struct result {
	uintptr_t a, flags;
};

static uint32_t memory;

/* Register operands are EAX; the stack has a word pushed by the instruction before. */
#ifdef LONG
#define RUN(text) "push %0\n\tpopf\n\tmov %1, %0\n\tpush %0\n\t" text "\n\tlea 8(%%rsp), %%rsp\n\tpushf\n\tpop %1"
#else
#define RUN(text) "push %0\n\tpopf\n\tmov %1, %0\n\tpush %0\n\t" text "\n\tlea 4(%%esp), %%esp\n\tpushf\n\tpop %1"
#endif
#define FORMS(X) \
	X("addl (%2), %k0") X("subl (%2), %k0") X("andl (%2), %k0") X("orl (%2), %k0") X("xorl (%2), %k0") X("adcl (%2), %k0") X("sbbl (%2), %k0") \
	X("addw (%2), %w0") X("subw (%2), %w0") X("andw 2(%2), %w0") X("orw (%2), %w0") X("xorw (%2), %w0") X("addb (%2), %b0") X("subb 3(%2), %%ah") \
	X("andb (%2), %b0") X("orb 1(%2), %b0") X("xorb 2(%2), %%ah") X("cmpl (%2), %k0") X("cmpl %k0, (%2)") X("cmpw (%2), %w0") X("cmpw %w0, (%2)") \
	X("cmpb (%2), %b0") X("cmpb %b0, 3(%2)") X("cmpl $0x12345678, (%2)") X("cmpl $-5, (%2)") X("cmpw $0x7fff, (%2)") X("cmpb $0x80, 1(%2)") \
	X("testl %k0, (%2)") X("testw %w0, (%2)") X("testb %b0, (%2)") X("testl $0x80000001, (%2)") X("testw $0x8000, 2(%2)") X("testb $0x11, 2(%2)") \
	X("cmpl (%2), %k0; setbe %b0") X("cmpl %k0, (%2); jl 1f; incl %k0; 1:") X("testl %k0, (%2); jnz 1f; incl %k0; 1:") \
	X("movzwl (%2), %k0") X("movb 3(%2), %b0") X("movl (%2), %k0; addl (%2), %k0; jc 1f; incl %k0; 1:")

/* Once for the device, once for memory: what meets both is no device's instruction any more. */
#define DO(text) __asm__ volatile(RUN(text) : "+&a"(flags), "+&c"(a) : "S"(at) : "memory", "cc");
#define CASE(text) case __COUNTER__ - FIRST: DO(text) break;
#define NAME(text) text,

static struct result with_device(int n, uintptr_t at, uintptr_t flags, uintptr_t a)
{
	enum { FIRST = __COUNTER__ + 1 };
	switch (n) {
	FORMS(CASE)
	}
	return (struct result){ flags, a };
}

static struct result with_memory(int n, uintptr_t at, uintptr_t flags, uintptr_t a)
{
	enum { FIRST = __COUNTER__ + 1 };
	switch (n) {
	FORMS(CASE)
	}
	return (struct result){ flags, a };
}

static const char *const names[] = { FORMS(NAME) };

static uint32_t next_random(void)
{
	static uint32_t v = 0x2545f491;

	v ^= v << 13;
	v ^= v >> 17;
	v ^= v << 5;
	return v;
}

static int differences(int n)
{
	volatile uint32_t *device = (volatile uint32_t *)(uintptr_t)(APIC + APIC_COUNT);
	int different = 0;

	for (int k = 0; k < TIMES; k++) {
		uint32_t value = next_random(), flags = (next_random() & FLAGS) | 2, a = k % 4 == 3 ? value : next_random();

		*device = memory = value;
		struct result x = with_device(n, (uintptr_t)device, flags, a), y = with_memory(n, (uintptr_t)&memory, flags, a);
		different += x.a != y.a || ((x.flags ^ y.flags) & FLAGS);
	}
	return different;
}

void bench_main(void)
{
	*(volatile uint32_t *)(uintptr_t)(APIC + APIC_LVT_TIMER) = MASKED;
	print("devices\n");
	for (unsigned n = 0; n < sizeof names / sizeof names[0]; n++) {
		print(names[n]);
		print(": ");
		print_number((uint32_t)differences((int)n));
		print("\n");
	}
	print("done\n");
	console_flush();
}

/* entry.S of the benchmarks counts there. */
volatile uint32_t interrupts;
