#include "tests/conformance/payload/long/long.h"

#define FL_IF 0x200u
#define MSR_FS_BASE 0xc0000100u
#define MSR_GS_BASE 0xc0000101u

const struct mode modes[VECTOR_MODES] = {
	[VECTOR_LONG64] = { enter_case, SEL_CODE64, SEL_DATA3, SEL_DATA3, FL_IF, 0xffffffff, VECTOR_CODE, DATA_PAGES, STACK_PAGE, 0 },
	[VECTOR_LONG64_R0] = { enter_case, SEL_CODE0, SEL_DATA0, SEL_DATA0, 0, 0xffffffff, VECTOR_CODE, DATA_PAGES, STACK_PAGE, 0 },
	[VECTOR_COMPAT32] = { enter_case, SEL_CODE3, SEL_DATA3, SEL_DATA3, FL_IF, 0xffffffff, VECTOR_CODE, DATA_PAGES, STACK_PAGE, 0 },
};
const uint8_t modes_first = VECTOR_LONG64;

void modes_init(void)
{
	traps_init();
}

void mode_begin(const struct vector_group *g)
{
	(void)g;
}

void mode_end(const struct vector_group *g)
{
	(void)g;
}

static void write_msr(uint32_t number, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "c"(number), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)));
}

static uint64_t read_msr(uint32_t number)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
	return (uint64_t)high << 32 | low;
}

void mode_run(const struct vector_group *g, const struct state *before, struct state *after)
{
	const struct mode *m = &modes[g->mode];

	for (int k = 0; k < 16; k++)
		regs.gpr[k] = before->gpr[k];
	regs.rflags = before->rflags | m->eflags;
	regs.rip = m->code_base + g->code;
	regs.cs = m->cs;
	regs.ss = m->ss;
	__asm__ volatile("mov %w0, %%ds\n\tmov %w0, %%es\n\tmov %w0, %%fs\n\tmov %w0, %%gs" : : "r"(m->ds));
	write_msr(MSR_FS_BASE, before->fs_base);
	write_msr(MSR_GS_BASE, before->gs_base);
	traps_run(m->enter, after, (g->options & GROUP_DEMAND) != 0);
	after->fs_base = read_msr(MSR_FS_BASE);
	after->gs_base = read_msr(MSR_GS_BASE);
}

void modes_others(void)
{
}
