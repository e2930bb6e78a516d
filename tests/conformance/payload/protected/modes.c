#include "tests/conformance/payload/protected/protected.h"

#define FL_IF 0x200u
#define FL_VM 0x20000u

const struct mode modes[VECTOR_MODES] = {
	[VECTOR_REAL] = { 0, VECTOR_CODE_LOW >> 4, VECTOR_STACK_LOW >> 4, VECTOR_DATA_LOW >> 4, 0, 0xffff, 0, VECTOR_DATA_LOW, VECTOR_STACK_LOW, 1 },
	[VECTOR_V86] = { enter_v86, VECTOR_CODE_LOW >> 4, VECTOR_STACK_LOW >> 4, VECTOR_DATA_LOW >> 4, FL_IF | FL_VM, 0xffff, 0, DATA_PAGES, STACK_PAGE, 0 },
	[VECTOR_PM16] = { enter_ring3, SEL_CODE16, SEL_STACK16, SEL_DATA16, FL_IF, 0xffff, 0, DATA_PAGES, STACK_PAGE, 0 },
	[VECTOR_PM32] = { enter_ring3, SEL_CODE3, SEL_DATA3, SEL_DATA3, FL_IF, 0xffffffff, VECTOR_CODE, DATA_PAGES, STACK_PAGE, 0 },
	[VECTOR_PM32_R0] = { enter_ring0, SEL_CODE0, SEL_DATA0, SEL_DATA0, 0, 0xffffffff, VECTOR_CODE, DATA_PAGES, STACK_PAGE, 0 },
};
const uint8_t modes_first = VECTOR_REAL;

void modes_init(void)
{
	traps_init();
	real_init();
}

void mode_begin(const struct vector_group *g)
{
	uint8_t *code = (uint8_t *)file + file->code + g->code;

	if (g->mode == VECTOR_REAL || g->mode == VECTOR_V86)
		paging_low(g->code, 1);
	if (g->mode == VECTOR_PM16)
		traps_segments16(VECTOR_CODE + (g->code & ~0xffffu), VECTOR_DATA, VECTOR_STACK);
	if (g->mode == VECTOR_REAL)
		copy_bytes(physical(VECTOR_CODE_LOW + (g->code & 0xffff)), code, g->length + 2u);
}

void mode_end(const struct vector_group *g)
{
	if (g->mode == VECTOR_REAL)
		clear_bytes(physical(VECTOR_CODE_LOW + (g->code & 0xffff)), g->length + 2u);
	if (g->mode == VECTOR_REAL || g->mode == VECTOR_V86)
		paging_low(0, 0);
}

void mode_run(const struct vector_group *g, const struct state *before, struct state *after)
{
	const struct mode *m = &modes[g->mode];

	for (int k = 0; k < 8; k++)
		regs.gpr[k] = (uint32_t)before->gpr[k];
	regs.eflags = (uint32_t)before->rflags | m->eflags;
	regs.eip = m->code_base + (g->code & m->code_mask);
	regs.cs = m->cs;
	regs.ss = m->ss;
	regs.ds = m->ds;
	/* the far pointer of real mode's jump: IP, and CS behind it */
	if (!m->enter)
		regs.eip |= m->cs << 16;
	if (m->enter)
		traps_run(m->enter, after, (g->options & GROUP_DEMAND) != 0);
	else
		real_run(after);
}

static int has_long_mode(void)
{
	uint32_t a = 0x80000001, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return d >> 29 & 1;
}

void modes_others(void)
{
	if (has_long_mode())
		go_long();
}
