/*
 * How soon an interrupt comes within a long repeated string instruction: the local APIC's timer is set, then one that takes much longer begins. The interrupt must
 * find it unfinished and come soon after the deadline; then the instruction goes on to the right end.
 */
#include <stdbool.h>

#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/lib/guest/console.h"

#define APIC_SPURIOUS 0xf0
#define APIC_TIMER 0x320
#define APIC_COUNT 0x380
#define APIC_DIVIDE 0x3e0
#define SIZE (4u << 20)
#define SOURCE ARENA
#define TARGET (ARENA + 2 * SIZE)
#define PORT 0x80
#define DEADLINE 30000 /* ticks of the timer, which are the TSC's: a nanosecond, and a host instruction */
#define LATE_MAX 80000

/* What the handler has seen: ECX, the lower half of the TSC, and how often it ran. */
volatile uint32_t left, came, runs;
void entry_deadline(void);
#ifdef LONG
__asm__(".globl entry_deadline\nentry_deadline: push %rax; push %rdx; rdtsc; mov %eax, came; mov %ecx, left; incl runs\n\t"
	"mov $0xfee000b0, %eax; movl $0, (%rax); pop %rdx; pop %rax; iretq");
#else
__asm__(".globl entry_deadline\nentry_deadline: push %eax; push %edx; rdtsc; mov %eax, came; mov %ecx, left; incl runs\n\t"
	"movl $0, 0xfee000b0; pop %edx; pop %eax; iretl");
#endif

struct registers {
	uintptr_t count, source, target;
};

static void apic(uintptr_t reg, uint32_t v)
{
	*(volatile uint32_t *)(APIC + reg) = v;
}

static uint32_t tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low;
}

/* name(): the instruction with EAX = 1 and DX = PORT. */
#define INSTRUCTION(name, text) \
	static void name(struct registers *r) \
	{ \
		__asm__ volatile("sti\n\t" text "\n\tcli\n\tcld" : "+c"(r->count), "+S"(r->source), "+D"(r->target) : "a"(1), "d"(PORT) : "memory", "cc"); \
	}
INSTRUCTION(movsb, "rep movsb")
INSTRUCTION(movsl, "rep movsl")
INSTRUCTION(movsb_down, "std\n\trep movsb")
INSTRUCTION(movsl_down, "std\n\trep movsl")
INSTRUCTION(stosb, "rep stosb")
INSTRUCTION(stosl, "rep stosl")
INSTRUCTION(stosb_down, "std\n\trep stosb")
INSTRUCTION(scasb, "repne scasb")
INSTRUCTION(scasl, "repne scasl")
INSTRUCTION(scasb_down, "std\n\trepne scasb")
INSTRUCTION(cmpsb, "repe cmpsb")
INSTRUCTION(cmpsl, "repe cmpsl")
INSTRUCTION(cmpsb_down, "std\n\trepe cmpsb")
INSTRUCTION(lodsb, "rep lodsb")
INSTRUCTION(insb, "rep insb")
INSTRUCTION(outsb, "rep outsb")

/* What the target holds afterwards. */
enum target { ANY, COPY, STORED };

static const struct {
	const char *name;
	void (*run)(struct registers *r);
	int step;                 /* of the addresses */
	uintptr_t source, target; /* the lower ends; 0: the instruction leaves the register alone */
	enum target holds;
} cases[] = {
	{ "movsb", movsb, 1, SOURCE, TARGET, COPY },
	{ "movsl", movsl, 4, SOURCE, TARGET, COPY },
	{ "movsb down", movsb_down, -1, SOURCE, TARGET, COPY },
	{ "movsl down", movsl_down, -4, SOURCE, TARGET, COPY },
	{ "movsb down by one", movsb_down, -1, SOURCE, SOURCE - 1, ANY },
	{ "stosb", stosb, 1, 0, TARGET, STORED },
	{ "stosl", stosl, 4, 0, TARGET, STORED },
	{ "stosb down", stosb_down, -1, 0, TARGET, STORED },
	{ "scasb", scasb, 1, 0, TARGET, ANY },
	{ "scasl", scasl, 4, 0, TARGET, ANY },
	{ "scasb down", scasb_down, -1, 0, TARGET, ANY },
	{ "cmpsb", cmpsb, 1, SOURCE, TARGET, ANY },
	{ "cmpsl", cmpsl, 4, SOURCE, TARGET, ANY },
	{ "cmpsb down", cmpsb_down, -1, SOURCE, TARGET, ANY },
	{ "lodsb", lodsb, 1, SOURCE, 0, ANY },
	{ "insb", insb, 1, 0, TARGET, ANY },
	{ "outsb", outsb, 1, SOURCE, 0, ANY },
};

/* Words that differ, for copies; or zeros. */
static void fill(uint32_t *at, bool differ)
{
	for (uint32_t k = 0; k < SIZE / 4; k++)
		at[k] = differ ? (k + 1) * 0x9e3779b1u : 0;
}

static bool target_right(unsigned n)
{
	const uint32_t *source = (const uint32_t *)(uintptr_t)SOURCE, *target = (const uint32_t *)(uintptr_t)TARGET;
	uint32_t stored = cases[n].step == 4 ? 1 : 0x01010101;

	for (uint32_t k = 0; k < SIZE / 4; k++)
		if ((cases[n].holds == COPY && target[k] != source[k]) || (cases[n].holds == STORED && target[k] != stored))
			return false;
	return true;
}

static void test(unsigned n)
{
	int step = cases[n].step;
	uint32_t count = SIZE / (uint32_t)(step < 0 ? -step : step), first = step < 0 ? SIZE + (uint32_t)step : 0;
	uintptr_t moved = (uintptr_t)(intptr_t)((int)count * step), source = cases[n].source + first, target = cases[n].target + first;
	struct registers r = { count, source, target };

	fill((uint32_t *)(uintptr_t)SOURCE, cases[n].holds == COPY);
	fill((uint32_t *)(uintptr_t)TARGET, false);
	runs = 0;
	uint32_t begin = tsc();
	apic(APIC_COUNT, DEADLINE);
	cases[n].run(&r);
	uint32_t late = came - begin - DEADLINE;
	bool ended = !r.count && r.source == source + (cases[n].source ? moved : 0) && r.target == target + (cases[n].target ? moved : 0);

	print(cases[n].name);
	print(runs != 1 ? ": interrupted not once" : left == 0 || left >= count ? ": not interrupted within" : late > LATE_MAX ? ": late" : ": in time");
	print(ended && target_right(n) ? ", right\n" : ", wrong\n");
}

static void set_handler(void)
{
	struct __attribute__((packed)) { uint16_t limit; uintptr_t base; } idtr;

	__asm__ volatile("sidt %0" : "=m"(idtr));
	uint16_t *gate = (uint16_t *)(idtr.base + VECTOR_APIC * (sizeof(long) * 2));
	gate[0] = (uint16_t)(uintptr_t)entry_deadline;
	gate[3] = (uint16_t)((uintptr_t)entry_deadline >> 16);
}

void bench_main(void)
{
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	set_handler();
	apic(APIC_SPURIOUS, 0x1ff);
	apic(APIC_DIVIDE, 0xb);
	apic(APIC_TIMER, VECTOR_APIC);
	print("repeat\n");
	for (unsigned n = 0; n < sizeof cases / sizeof cases[0]; n++)
		test(n);
	print("done\n");
	console_flush();
}

/* entry.S of the benchmarks counts there. */
volatile uint32_t interrupts;
