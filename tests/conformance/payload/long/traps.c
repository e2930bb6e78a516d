/* Segments, gates, the task's stacks, and what happens at an exception. */
#include "tests/conformance/payload/long/long.h"

/* What trap_common in entry.S leaves on the stack. */
struct trap {
	uint64_t gpr[16]; /* that of RSP is not used */
	uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

struct registers regs;
extern const uint8_t trap_entries[];

static uint64_t gdt[8], idt[512];
static uint32_t tss[26];
static struct state *running;
static int demanding;

static uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t attr)
{
	return (uint64_t)(base & 0xff000000) << 32 | (uint64_t)(attr & 0xf0ff) << 40 | (uint64_t)(limit & 0xf0000) << 32 |
	       (uint64_t)(base & 0xffffff) << 16 | (limit & 0xffff);
}

/* Every gate takes stack 1 of the task: a case at ring 0 keeps its own clean. */
static void set_gate(int n, uint32_t attr)
{
	uint64_t at = (uint64_t)(trap_entries + n * 16);

	idt[2 * n] = (at & 0xffff0000) << 32 | (uint64_t)attr << 40 | 1ull << 32 | SEL_CODE0 << 16 | (at & 0xffff);
	idt[2 * n + 1] = at >> 32;
}

static void make_tables(void)
{
	uint64_t stack = (uint64_t)physical(LONG_TRAP_STACK_TOP), task = (uint64_t)tss;

	gdt[SEL_CODE0 >> 3] = descriptor(0, 0xfffff, 0xa09b);
	gdt[SEL_DATA0 >> 3] = descriptor(0, 0xfffff, 0xc093);
	gdt[SEL_CODE3 >> 3] = descriptor(0, 0xfffff, 0xc0fb);
	gdt[SEL_DATA3 >> 3] = descriptor(0, 0xfffff, 0xc0f3);
	gdt[SEL_CODE64 >> 3] = descriptor(0, 0xfffff, 0xa0fb);
	gdt[SEL_TSS >> 3] = descriptor((uint32_t)task, 103, 0x89);
	gdt[(SEL_TSS >> 3) + 1] = task >> 32;
	tss[9] = (uint32_t)stack; /* IST1 */
	tss[10] = (uint32_t)(stack >> 32);
	tss[25] = 104 << 16;
	for (int n = 0; n < 48; n++)
		set_gate(n, n == 3 || n == 4 ? 0xee : 0x8e);
}

static void load_tables(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		const void *base;
	} g = { sizeof gdt - 1, gdt }, i = { sizeof idt - 1, idt };

	__asm__ volatile("lgdt %0\n\tlidt %1\n\tmov %w2, %%ss\n\tltr %w3" : : "m"(g), "m"(i), "r"(SEL_DATA0), "r"(SEL_TSS) : "memory");
}

void traps_init(void)
{
	make_tables();
	load_tables();
	watchdog_init();
}

static void finish(struct state *s, const struct trap *t, uint32_t vector, uint64_t cr2)
{
	for (int k = 0; k < 16; k++)
		s->gpr[k] = k == 4 ? t->rsp : t->gpr[k];
	s->rflags = t->rflags;
	s->rip = t->rip;
	s->cr2 = cr2;
	s->vector = vector;
	s->error = (uint32_t)t->error;
}

static _Noreturn void die(const struct trap *t)
{
	print("payload: exception ");
	print_number((uint32_t)t->vector);
	print(" error ");
	print_hex(t->error, 8);
	print(" at ");
	print_hex(t->rip, 16);
	stop("");
}

void trap(struct trap *t)
{
	uint32_t vector = (uint32_t)t->vector;
	uint64_t cr2 = 0;

	if (vector == 32) {
		if (!watchdog_tick() || !running)
			return;
		vector = VECTOR_ENDLESS;
	}
	if (!running)
		die(t);
	if (vector == 14)
		__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
	if (vector == 14 && demanding && paging_demand_fault(cr2, (uint32_t)t->error))
		return;
	finish(running, t, vector, cr2);
	leave_case();
}

void traps_run(void (*enter)(void), struct state *s, int demand)
{
	watchdog_start();
	demanding = demand;
	running = s;
	enter();
	running = 0;
}
