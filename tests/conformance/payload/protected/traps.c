/* Segments, gates, tasks, and what happens at an exception. */
#include "tests/conformance/payload/protected/protected.h"

#define FL_VM 0x20000u

/* What trap_common in entry.S leaves on the stack. */
struct trap {
	uint32_t es, ds;
	uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
	uint32_t vector, error, eip, cs, eflags, esp, ss;
};

struct registers regs;
extern const uint8_t trap_entries[], fault_task_entry[];

static uint64_t gdt[16], idt[256];
static uint32_t tss[26], fault_tss[26];
static struct state *running;
static int demanding;

static uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t attr)
{
	return (uint64_t)(base & 0xff000000) << 32 | (uint64_t)(attr & 0xf0ff) << 40 | (uint64_t)(limit & 0xf0000) << 32 |
	       (uint64_t)(base & 0xffffff) << 16 | (limit & 0xffff);
}

static uint64_t gate(uint32_t selector, const void *entry, uint32_t attr)
{
	uint32_t at = (uint32_t)entry;

	return (uint64_t)(at & 0xffff0000) << 32 | (uint64_t)attr << 40 | (uint64_t)selector << 16 | (at & 0xffff);
}

void traps_segments16(uint32_t code, uint32_t data, uint32_t stack)
{
	gdt[SEL_CODE16 >> 3] = descriptor(code, 0xffff, 0x00fb);
	gdt[SEL_DATA16 >> 3] = descriptor(data, 0xffff, 0x00f3);
	gdt[SEL_STACK16 >> 3] = descriptor(stack, 0xffff, 0x00f3);
}

static void make_tables(void)
{
	gdt[SEL_CODE0 >> 3] = descriptor(0, 0xfffff, 0xc09b);
	gdt[SEL_DATA0 >> 3] = descriptor(0, 0xfffff, 0xc093);
	gdt[SEL_CODE3 >> 3] = descriptor(0, 0xfffff, 0xc0fb);
	gdt[SEL_DATA3 >> 3] = descriptor(0, 0xfffff, 0xc0f3);
	gdt[SEL_TSS >> 3] = descriptor((uint32_t)tss, 103, 0x89);
	gdt[SEL_FAULT_TSS >> 3] = descriptor((uint32_t)fault_tss, 103, 0x89);
	gdt[SEL_REAL_CODE >> 3] = descriptor(0, 0xffff, 0x009b);
	gdt[SEL_REAL_DATA >> 3] = descriptor(0, 0xffff, 0x0093);
	tss[1] = VECTOR_KERNEL + TRAP_STACK_TOP;
	tss[2] = SEL_DATA0;
	tss[25] = 104 << 16;
	fault_tss[7] = PAGE_DIRECTORY;
	fault_tss[8] = (uint32_t)fault_task_entry;
	fault_tss[9] = 2;
	fault_tss[14] = VECTOR_KERNEL + FAULT_STACK_TOP;
	fault_tss[19] = SEL_CODE0;
	fault_tss[18] = fault_tss[20] = fault_tss[21] = SEL_DATA0;
	for (int n = 0; n < 48; n++)
		idt[n] = gate(SEL_CODE0, trap_entries + n * 16, n == 3 || n == 4 ? 0xee : 0x8e);
	idt[8] = gate(SEL_FAULT_TSS, 0, 0x85);
}

static void load_task(void)
{
	gdt[SEL_TSS >> 3] = descriptor((uint32_t)tss, 103, 0x89);
	gdt[SEL_FAULT_TSS >> 3] = descriptor((uint32_t)fault_tss, 103, 0x89);
	__asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
}

static void load_tables(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		const void *base;
	} g = { sizeof gdt - 1, gdt }, i = { sizeof idt - 1, idt };

	__asm__ volatile("lgdtl %0\n\tlidtl %1\n\tljmpl %2, $1f\n1:\n\tmov %w3, %%ds\n\tmov %w3, %%es\n\tmov %w3, %%ss\n\t"
			 "mov %w3, %%fs\n\tmov %w3, %%gs" : : "m"(g), "m"(i), "i"(SEL_CODE0), "r"(SEL_DATA0) : "memory");
}

void traps_init(void)
{
	make_tables();
	load_tables();
	load_task();
	watchdog_init();
}

static void finish(struct state *s, const struct trap *t, uint32_t vector, uint32_t cr2)
{
	s->gpr[0] = t->eax;
	s->gpr[1] = t->ecx;
	s->gpr[2] = t->edx;
	s->gpr[3] = t->ebx;
	s->gpr[4] = t->cs & 3 || t->eflags & FL_VM ? t->esp : (uint32_t)&t->esp;
	s->gpr[5] = t->ebp;
	s->gpr[6] = t->esi;
	s->gpr[7] = t->edi;
	s->rflags = t->eflags;
	s->rip = t->eip;
	s->cr2 = cr2;
	s->vector = vector;
	s->error = t->error;
}

static _Noreturn void die(const struct trap *t)
{
	print("payload: exception ");
	print_number(t->vector);
	print(" error ");
	print_hex(t->error, 8);
	print(" at ");
	print_hex(t->eip, 8);
	stop("");
}

void trap(struct trap *t)
{
	uint32_t cr2 = 0, vector = t->vector;

	if (vector == 32) {
		if (!watchdog_tick() || !running)
			return;
		vector = VECTOR_ENDLESS;
	}
	if (!running)
		die(t);
	if (vector == 14)
		__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
	if (vector == 14 && demanding && paging_demand_fault(cr2, t->error))
		return;
	finish(running, t, vector, cr2);
	leave_case();
}

/* A case at ring 0 lost its stack. The registers are in the TSS of the task that was left. */
void double_fault(void)
{
	struct trap t = { .eax = tss[10], .ecx = tss[11], .edx = tss[12], .ebx = tss[13], .esp = tss[14], .ebp = tss[15], .esi = tss[16], .edi = tss[17],
			  .vector = 8, .eip = tss[8], .cs = 3, .eflags = tss[9] };

	if (!running)
		die(&t);
	load_task();
	finish(running, &t, 8, 0);
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
