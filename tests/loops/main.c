/*
 * Loops that go on until a number of interrupts has come, in rings 0 and 3. The timer's period is another one for each, so that interrupts come at different
 * instructions; their handler (entry.S of the benchmarks) counts them. Then loops that wait for an interrupt that they have asked for themselves.
 */
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/lib/guest/console.h"

#define APIC_SPURIOUS 0xf0
#define APIC_COMMAND 0x300
#define APIC_TIMER 0x320
#define APIC_COUNT 0x380
#define APIC_DIVIDE 0x3e0
#define PERIODIC 0x20000
#define MASKED 0x10000
#define SELF 0x40000
#define PERIOD 2003 /* in ticks, at first */
#define STEP 7
#define INTERRUPTS 60
#define REQUESTS 300

volatile uint32_t interrupts; /* entry.S of the benchmarks counts there */
static uint32_t limit;
static uint8_t bytes[512] __attribute__((aligned(64)));
static const double one = 1, seven = 7, not_a_number = __builtin_nan("");
static const uint16_t double_precision = 0x27f;
static uint32_t accumulator = 5;

/* The loop is from its body to the comparison, and nothing of the compiler's is in it. */
#define LOOP(name, body) LOOP_BEHIND(name, "", body)
#define LOOP_BEHIND(name, prelude, body) \
	static void name(uint32_t n) \
	{ \
		(void)n; \
		__asm__ volatile("fninit\n\t" prelude \
			"1:\t" body "\n\t" \
			"mov %[limit], %%eax\n\t" \
			"cmp %%eax, %[interrupts]\n\t" \
			"jb 1b\n\t" \
			"fninit" \
			: : [limit] "m"(limit), [interrupts] "m"(interrupts), [one] "m"(one), [seven] "m"(seven), [nan] "m"(not_a_number), [word] "m"(accumulator), [precision] "m"(double_precision), \
			    [bytes] "i"(bytes) \
			: "eax", "ecx", "edx", "ebx", "esi", "edi", "memory", "cc"); \
	}

#ifdef LONG
#define CX "%%rcx"
#define SI "%%rsi"
#define DX "%%rdx"
#define DI "%%rdi"
#else
#define CX "%%ecx"
#define SI "%%esi"
#define DX "%%edx"
#define DI "%%edi"
#endif
#define TO_BYTES "mov %[bytes], " SI "\n\tlea 256(" SI "), " DI "\n\t"

LOOP(nothing, "")
LOOP(two_loops, "mov $5, %%ecx\n2:\tdec %%ecx\n\tjnz 2b")
LOOP(two_heads, "mov $5, %%ecx\n\tjmp 2f\n3:\ttest %%ecx, %%ecx\n2:\tdec %%ecx\n\tcmp $3, %%ecx\n\tjg 3b\n\ttest %%ecx, %%ecx\n\tjnz 2b")
LOOP(long_division, "fldl %[one]\n\tfdivl %[seven]\n\tfstp %%st(0)")
LOOP(division, "fldl %[one]\n\tfldl %[seven]\n\tfdivrp\n\tfistpl %c[bytes]+128")
LOOP_BEHIND(doubles, "fldcw %[precision]\n\tfldl %[one]\n\tfdivl %[seven]\n\tfstp %%st(0)\n\t", "fldl %[one]\n\tfdivl %[seven]\n\tfstp %%st(0)")
LOOP_BEHIND(aligned, TO_BYTES, "movaps (" SI "), %%xmm0\n\tadd $-16, " DI)
LOOP(square_root, "fldl %[seven]\n\tfsqrt\n\tfstp %%st(0)")
LOOP(segment_register, "mov %%ds, %%ecx\n\tmov %%ecx, %%es\n\tmov %%ecx, %%es")
LOOP(identify, "xor %%eax, %%eax\n\tcpuid")
LOOP(port, "in $0x61, %%al")
LOOP(flags, "pushf\n\tpop " DX "\n\tlahf")
LOOP(locked_byte, "lock incb %c[bytes]+128")
LOOP(compare, "mov $3, %%eax\n\tmov $4, %%ecx\n\tlock cmpxchg %%ecx, %c[bytes]+132")
LOOP(rep_movs, TO_BYTES "mov $200, %%ecx\n\trep movsb")
LOOP(rep_stos, TO_BYTES "mov $3, %%ecx\n\trep stosb")
LOOP(rep_scas, TO_BYTES "mov $100, %%ecx\n\tmov $0x55, %%al\n\trepne scasb")
LOOP(called, "call 2f\n\tjmp 3f\n2:\tret\n3:")
LOOP(other_page, "jmp 2f\n\t.pushsection .text.other, \"ax\"\n\t.balign 4096\n2:\tjmp 3f\n\t.popsection\n3:")
LOOP(long_loop, ".rept 260\n\tadd $1, %%edx\n\txor %%edx, %%ebx\n\t.endr")
LOOP(shift, "mov $3, %%cl\n\tshl %%cl, %%edx\n\tadc $0, %%ebx")
LOOP(shadow, "sti")
LOOP(apic_register, "mov $0xfee00020, %%ecx\n\tmov (" CX "), %%edx")
LOOP(misaligned, "incl %c[bytes]+62\n\tlock incl %c[bytes]+62")
LOOP(turned, "xor %%ecx, %%ecx\n\tmov %[limit], %%eax\n2:\tcmp %%ecx, %%eax\n\tjb 3f\n\tmov %[interrupts], %%ecx\n\tjmp 2b\n3:")
/* Of a constant and its negative, which the loop may hold in registers: bits that are wrong stay in `bytes`. */
LOOP(constants, "mov $0x100, %%edx\n\tadd $0x12345678, %%edx\n\tlea -0x12345678(%%edx), %%ecx\n\txor $0x100, %%ecx\n\tor %%ecx, %c[bytes]+192")
LOOP(constants_called, "mov $0x100, %%edx\n\tadd $0x12345678, %%edx\n\tmov $0xfee00020, %%ecx\n\tmov (" CX "), %%ebx\n\tlea -0x12345678(%%edx), %%ecx\n\txor $0x100, %%ecx\n\tor %%ecx, %c[bytes]+192")
LOOP(nan_compare, "fldl %[nan]\n\tfldl %[one]\n\tfucompp\n\tfnstsw %%ax")

static const struct loop {
	const char *name;
	void (*function)(uint32_t);
	int supervisor; /* only ring 0 may */
} loops[] = {
	{ "nothing", nothing, 0 }, { "two loops", two_loops, 0 }, { "two heads", two_heads, 0 }, { "long division", long_division, 0 }, { "division", division, 0 },
	{ "doubles", doubles, 0 }, { "aligned", aligned, 0 }, { "square root", square_root, 0 }, { "segment register", segment_register, 1 }, { "CPUID", identify, 0 }, { "port", port, 1 },
	{ "flags", flags, 0 }, { "locked byte", locked_byte, 0 }, { "CMPXCHG", compare, 0 }, { "REP MOVS", rep_movs, 0 },
	{ "short REP STOS", rep_stos, 0 }, { "REP SCAS", rep_scas, 0 }, { "call", called, 0 }, { "other page", other_page, 0 },
	{ "long loop", long_loop, 0 }, { "shift", shift, 0 }, { "shadow", shadow, 1 }, { "APIC register", apic_register, 1 },
	{ "misaligned", misaligned, 0 }, { "turned", turned, 0 }, { "NaN", nan_compare, 0 }, { "constants", constants, 0 }, { "constants, a call", constants_called, 1 },
};

static void apic(uintptr_t reg, uint32_t v)
{
	*(volatile uint32_t *)(APIC + reg) = v;
}

static void run_loops(int ring)
{
	for (uint32_t k = 0; k < sizeof loops / sizeof loops[0]; k++) {
		if (ring && loops[k].supervisor)
			continue;
		interrupts = 0;
		limit = INTERRUPTS;
		apic(APIC_TIMER, PERIODIC | VECTOR_APIC);
		apic(APIC_COUNT, PERIOD + k * STEP);
		__asm__ volatile("sti");
		if (ring)
			run_user(loops[k].function, 0);
		else
			loops[k].function(0);
		__asm__ volatile("cli");
		apic(APIC_TIMER, MASKED | VECTOR_APIC);
		print(loops[k].name);
		print(ring ? ": ring 3\n" : ": ring 0\n");
	}
}

/* The store goes by a trap at first, later by a call. */
static void run_requests(void)
{
	__asm__ volatile("sti\n\tnop"); /* the timer's last */
	interrupts = 0;
	for (uint32_t k = 1; k <= REQUESTS; k++) {
		apic(APIC_COMMAND, SELF | VECTOR_APIC);
		while (interrupts < k);
	}
	__asm__ volatile("cli");
	print("interrupts that a loop asked for: ");
	print_number(interrupts);
	print("\n");
}

void bench_main(void)
{
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	apic(APIC_SPURIOUS, 0x1ff);
	apic(APIC_DIVIDE, 0xb);
	print("loops\n");
	run_loops(0);
	run_loops(3);
	run_requests();
	print("wrong sums: ");
	print_number(bytes[192] | bytes[193] | bytes[194] | bytes[195]);
	print("\ndone\n");
	console_flush();
}
