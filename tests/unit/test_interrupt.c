// SOURCES: translator/cpu.c translator/descriptor.c translator/stack.c translator/seg.c translator/far.c translator/task.c translator/msr.c translator/fastcall.c translator/cpuid.c translator/debug.c translator/interrupt.c translator/iret.c translator/vme.c
/* Delivery of interrupts and exceptions, IRET, tasks, virtual-8086 mode, double and triple faults. */
#include "tests/unit/arch_model.h"

#include "translator/debug.h"
#include "translator/quick.h"

/* The short way is tested on the machine (tests/system, tests/long). */
bool quick_interrupt(struct cpu *cpu, const struct event *ev)
{
	(void)cpu;
	(void)ev;
	return false;
}

enum { GATE_INT = 0x8e, GATE_TRAP = 0x8f, GATE_INT3 = 0xee, GATE_TRAP16 = 0x87, GATE_TASK = 0x85 };

static uint32_t stacked(unsigned i) { return peek((uint32_t)c->gpr[RSP] + 4 * i, 4); }

static void test_same_level(void)
{
	protected_mode(0);
	c->eflags |= FL_TF | FL_NT;
	cpu_update_mode(c);
	set_idt(0x30, make_gate(S_CODE0, 0x6000, GATE_INT, 0));
	uint32_t flags = cpu_get_eflags(c);
	OK(deliver_event(c, 0x30, false, 0, true));
	CHECK_EQ(c->gpr[RSP], STACK0 - 12);
	CHECK_EQ(stacked(0), 0x12345);
	CHECK_EQ(stacked(1), S_CODE0);
	CHECK_EQ(stacked(2), flags);
	CHECK_EQ(c->eip, 0x6000);
	CHECK_EQ(cpu_get_eflags(c), flags & ~(FL_IF | FL_TF | FL_NT));
	CHECK(!(c->mode & MODE_TF));
	OK(iret(c, 4, 0));
	CHECK_EQ(cpu_get_eflags(c), flags);
	CHECK_EQ(c->eip, 0x12345);
	CHECK_EQ(c->gpr[RSP], STACK0);

	protected_mode(0);
	set_idt(EXC_GP, make_gate(S_CODE0, 0x6000, GATE_TRAP, 0));
	OK(deliver_event(c, EXC_GP, true, 0x1234, false));
	CHECK_EQ(stacked(0), 0x1234);
	CHECK_EQ(stacked(1), 0x12345);
	CHECK_EQ(stacked(3), FL_1 | FL_IF | FL_CF | FL_ZF | FL_RF);
	CHECK(c->eflags & FL_IF);
	CHECK_EQ(c->delivering, 0);

	protected_mode(0);
	set_idt(EXC_DB, make_gate(S_CODE0, 0x6000, GATE_TRAP16, 0));
	c->dr[7] |= DR7_GD;
	OK(deliver_event(c, EXC_DB, false, 0, false));
	CHECK_EQ(c->gpr[RSP], STACK0 - 6);
	CHECK_EQ(peek(STACK0 - 2, 2), FL_1 | FL_IF | FL_CF | FL_ZF);
	CHECK(!(c->dr[7] & DR7_GD));
	OK(iret(c, 2, 0));
	CHECK_EQ(c->eip, 0x2345);

	protected_mode(0);
	set_idt(EXC_NMI, make_gate(S_CODE0, 0x6000, GATE_INT, 0));
	OK(deliver_event(c, EXC_NMI, false, 0, true));
	CHECK(c->nmi_masked);
	CHECK_EQ(stacked(2) & FL_RF, 0);
	OK(iret(c, 4, 0));
	CHECK(!c->nmi_masked);
}

static void test_inner_level(void)
{
	protected_mode(3);
	page_rights[(STACK0 >> 12) - 1] = PAGE_SUPERVISOR;
	set_idt(0x80, make_gate(S_CODE0, 0x6000, GATE_INT3, 0));
	OK(int_soft(c, 0x80, INT_SOFT, 0x12347));
	CHECK_EQ(c->cpl, 0);
	CHECK_EQ(c->gpr[RSP], STACK0 - 20);
	CHECK_EQ(stacked(0), 0x12347);
	CHECK_EQ(stacked(1), S_CODE3);
	CHECK_EQ(stacked(3), STACK3);
	CHECK_EQ(stacked(4), S_DATA3);
	CHECK_EQ(c->seg[SEG_DS].sel, S_DATA3);
	load_seg(SEG_ES, S_DATA0);
	c->eflags |= FL_IOPL;
	OK(iret(c, 4, 0));
	CHECK_EQ(c->cpl, 3);
	CHECK_EQ(c->seg[SEG_SS].sel, S_DATA3);
	CHECK_EQ(c->gpr[RSP], STACK3);
	CHECK_EQ(c->seg[SEG_ES].attr, 0);
	CHECK_EQ(c->eflags, FL_1 | FL_IF);

	set_idt(0x81, make_gate(S_CODE1, 0x6000, GATE_INT3, 0));
	OK(int_soft(c, 0x81, INT_SOFT, 0x12347));
	CHECK_EQ(c->cpl, 1);
	CHECK_EQ(c->seg[SEG_SS].sel, S_DATA1);
	OK(iret(c, 4, 0));
	CHECK_EQ(c->cpl, 3);
	CHECK_EQ(c->eflags, FL_1); /* level 1 may not set IF with IOPL 0 */

	set_idt(0x82, make_gate(S_CONF, 0x6000, GATE_INT3, 0));
	OK(int_soft(c, 0x82, INT_SOFT, 0x12347));
	CHECK_EQ(c->cpl, 3);
	CHECK_EQ(c->gpr[RSP], STACK3 - 12);
}

static void test_gate_faults(void)
{
	protected_mode(3);
	set_idt(0x30, make_gate(S_CODE0, 0x6000, GATE_INT, 0));
	FAULT(int_soft(c, 0x30, INT_SOFT, 0x12347), EXC_GP, 0x30 * 8 + 2);
	FAULT(int_soft(c, EXC_BP, INT_3_O, 0x12347), EXC_GP, 3 * 8 + 2);
	set_idt(EXC_DB, make_gate(S_CODE0, 0x6000, GATE_INT & 0x7f, 0));
	FAULT(int_soft(c, EXC_DB, INT_ICEBP, 0x12347), EXC_NP, 1 * 8 + 3);
	FAULT(deliver_event(c, EXC_DB, false, 0, false), EXC_NP, 1 * 8 + 3);
	FAULT(deliver_event(c, 0x31, false, 0, true), EXC_GP, 0x31 * 8 + 3);
	c->idtr.limit = 0x30 * 8 + 6;
	FAULT(deliver_event(c, 0x30, false, 0, true), EXC_GP, 0x30 * 8 + 3);
	c->idtr.limit = 0x7ff;
	set_idt(0x30, make_gate(0, 0x6000, GATE_INT3, 0));
	FAULT(int_soft(c, 0x30, INT_SOFT, 0), EXC_GP, 0);
	FAULT(deliver_event(c, 0x30, false, 0, true), EXC_GP, 1);
	set_idt(0x30, make_gate(S_DATA0, 0x6000, GATE_INT3, 0));
	FAULT(int_soft(c, 0x30, INT_SOFT, 0), EXC_GP, S_DATA0);
	FAULT(deliver_event(c, 0x30, false, 0, true), EXC_GP, S_DATA0 | 1);
	set_idt(0x30, make_gate(S_ABSENT_CODE, 0x6000, GATE_INT3, 0));
	FAULT(int_soft(c, 0x30, INT_SOFT, 0), EXC_NP, S_ABSENT_CODE);
	set_idt(0x30, make_gate(S_SMALL, 0x6000, GATE_INT3, 0));
	FAULT(int_soft(c, 0x30, INT_SOFT, 0), EXC_GP, 0);
	set_idt(0x30, make_gate(S_CODE0, 0x6000, GATE_INT3, 0));
	poke(TSS_A + 8, 2, 0);
	FAULT(int_soft(c, 0x30, INT_SOFT, 0), EXC_TS, 0);
	FAULT(deliver_event(c, 0x30, false, 0, true), EXC_TS, 1);
	poke(TSS_A + 8, 2, S_ABSENT_STACK);
	FAULT(deliver_event(c, 0x30, false, 0, true), EXC_SS, S_ABSENT_STACK | 1);
	poke(TSS_A + 8, 2, S_DOWN);
	poke(TSS_A + 4, 4, 0x1010);
	FAULT(int_soft(c, 0x30, INT_SOFT, 0), EXC_SS, S_DOWN);
	poke(TSS_A + 8, 2, S_DATA0);
	poke(TSS_A + 4, 4, STACK0);
	page_rights[(STACK0 >> 12) - 1] = PAGE_GONE;
	FAULT(int_soft(c, 0x30, INT_SOFT, 0), EXC_PF, PF_W);

	protected_mode(0);
	set_idt(0x30, make_gate(S_CODE3, 0x6000, GATE_INT, 0));
	FAULT(int_soft(c, 0x30, INT_SOFT, 0), EXC_GP, S_CODE3 & ~3);
	load_seg(SEG_SS, S_DOWN);
	cpu_update_mode(c);
	c->gpr[RSP] = 0x1008;
	set_idt(0x30, make_gate(S_CODE0, 0x6000, GATE_INT, 0));
	FAULT(int_soft(c, 0x30, INT_SOFT, 0), EXC_SS, 0);
	FAULT(deliver_event(c, 0x30, false, 0, true), EXC_SS, 1);
}

/* As the dispatcher does: delivers the event and what its delivery raises, until something is delivered or the machine resets. */
static int deliver_chain(int vector, bool has_error, uint32_t error, bool external)
{
	volatile int rounds = 0;

	requested = 0;
	raised_vector = vector;
	raised_with_error = has_error;
	raised_error = error;
	if (setjmp(c->unwind)) {
		external = false;
		if (raised_vector == EXITED)
			return -1;
	}
	if (rounds++ > 5)
		return -2;
	deliver_event(c, raised_vector, raised_with_error, raised_error, external);
	return 0;
}

static void test_double_faults(void)
{
	protected_mode(0);
	set_idt(EXC_DF, make_gate(S_CODE0, 0x6800, GATE_INT, 0));
	CHECK_EQ(deliver_chain(EXC_GP, true, 4, false), 0);
	CHECK_EQ(c->eip, 0x6800);
	CHECK_EQ(stacked(0), 0);
	CHECK_EQ(stacked(1), 0x12345);
	CHECK_EQ(c->delivering, 0);

	protected_mode(0);
	set_idt(EXC_GP, make_gate(S_CODE0, 0x6d00, GATE_INT, 0));
	CHECK_EQ(deliver_chain(EXC_UD, false, 0, false), 0);
	CHECK_EQ(c->eip, 0x6d00);
	CHECK_EQ(stacked(0), EXC_UD * 8 + 3);

	/* An external interrupt with the vector of a contributory exception is benign. */
	protected_mode(0);
	set_idt(EXC_GP, make_gate(S_CODE0, 0x6d00, GATE_INT, 0));
	CHECK_EQ(deliver_chain(EXC_NP, false, 0, true), 0);
	CHECK_EQ(c->eip, 0x6d00);
	CHECK_EQ(stacked(0), EXC_NP * 8 + 3);

	/* #GP during #PF doubles, #PF during #GP does not. */
	protected_mode(0);
	set_idt(EXC_GP, make_gate(S_CODE0, 0x6d00, GATE_INT, 0));
	set_idt(EXC_DF, make_gate(S_CODE0, 0x6800, GATE_INT, 0));
	CHECK_EQ(deliver_chain(EXC_PF, true, 2, false), 0);
	CHECK_EQ(c->eip, 0x6800);
	protected_mode(3);
	set_idt(EXC_GP, make_gate(S_CODE0, 0x6d00, GATE_INT, 0));
	set_idt(EXC_PF, make_gate(S_CODE1, 0x6e00, GATE_INT, 0));
	page_rights[(STACK0 >> 12) - 1] = PAGE_GONE;
	CHECK_EQ(deliver_chain(EXC_GP, true, 8, false), 0);
	CHECK_EQ(c->eip, 0x6e00);
	CHECK_EQ(c->cr2, STACK0 - 4);

	protected_mode(0);
	CHECK_EQ(deliver_chain(EXC_GP, true, 4, false), -1);
	CHECK_EQ(requested, PEND_RESET);

	real_mode();
	c->idtr.limit = 0;
	CHECK_EQ(deliver_chain(EXC_UD, false, 0, false), -1);
	CHECK_EQ(requested, PEND_RESET);
}

static void test_real(void)
{
	real_mode();
	poke(0x21 * 4, 4, 0x2000 << 16 | 0x345);
	OK(int_soft(c, 0x21, INT_SOFT, 0x102));
	CHECK_EQ(c->eip, 0x345);
	CHECK_EQ(c->seg[SEG_CS].base, 0x20000);
	CHECK_EQ(peek(0x17ffa, 2), 0x102);
	CHECK_EQ(peek(0x17ffc, 2), 0x1000);
	CHECK_EQ(peek(0x17ffe, 2), FL_1 | FL_IF | FL_CF | FL_ZF);
	CHECK(!(c->eflags & FL_IF));
	OK(iret(c, 2, 0));
	CHECK_EQ(c->eip, 0x102);
	CHECK_EQ(c->gpr[RSP], 0x8000);
	CHECK_EQ(cpu_get_eflags(c), FL_1 | FL_IF | FL_CF | FL_ZF);
	c->gpr[RSP] = 3;
	FAULT(int_soft(c, 0x21, INT_SOFT, 0x102), EXC_SS, 0);
	c->idtr.limit = 0x21 * 4 + 2;
	FAULT(int_soft(c, 0x21, INT_SOFT, 0x102), EXC_GP, 0x21 * 8 + 2);
	c->gpr[RSP] = 0x8000;
	poke(0x18000, 4, 0x10000);
	FAULT(iret(c, 4, 0), EXC_GP, 0);
}

static void test_iret_faults(void)
{
	protected_mode(0);
	c->gpr[RSP] -= 20;
	poke(STACK0 - 20, 4, 0x1000);
	poke(STACK0 - 16, 4, S_CODE3);
	poke(STACK0 - 12, 4, FL_1);
	poke(STACK0 - 4, 4, S_DATA0);
	FAULT(iret(c, 4, 0), EXC_GP, S_DATA0);
	poke(STACK0 - 4, 4, 0);
	FAULT(iret(c, 4, 0), EXC_GP, 0);
	set_gdt(S_SPARE, make_desc(0, 0xffff, (A_DATA | DPL(3)) & ~SEG_ATTR_P));
	poke(STACK0 - 4, 4, S_SPARE | 3);
	FAULT(iret(c, 4, 0), EXC_SS, S_SPARE);
	poke(STACK0 - 16, 4, 0);
	FAULT(iret(c, 4, 0), EXC_GP, 0);
	poke(STACK0 - 16, 4, S_CODE1);
	FAULT(iret(c, 4, 0), EXC_GP, S_SPARE);
	load_seg(SEG_SS, S_SMALL);
	c->seg[SEG_SS].attr = A_DATA;
	c->seg[SEG_SS].limit = 0xff;
	seg_update(&c->seg[SEG_SS]);
	c->gpr[RSP] = 0xf8;
	cpu_update_mode(c);
	FAULT(iret(c, 4, 0), EXC_SS, 0);
}

/* ---- virtual-8086 mode ---- */

static void test_v86_entry_and_return(void)
{
	static const uint32_t frame[] = { 0x100, 0x1000, FL_1 | FL_VM | FL_IF | FL_IOPL, 0x8000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000 };

	protected_mode(0);
	c->gpr[RSP] -= sizeof(frame);
	memcpy(memory + STACK0 - sizeof(frame), frame, sizeof(frame));
	OK(iret(c, 4, 0));
	CHECK(c->mode & MODE_VM);
	CHECK_EQ(c->cpl, 3);
	CHECK_EQ(c->seg[SEG_CS].base, 0x10000);
	CHECK_EQ(c->seg[SEG_SS].base, 0x20000);
	CHECK_EQ(c->seg[SEG_ES].base, 0x30000);
	CHECK_EQ(c->seg[SEG_GS].base, 0x60000);
	CHECK_EQ(c->gpr[RSP], 0x8000);
	CHECK_EQ(c->seg[SEG_DS].attr, 0xf3);

	set_idt(EXC_GP, make_gate(S_CODE0, 0x6d00, GATE_INT, 0));
	OK(deliver_event(c, EXC_GP, true, 0, false));
	CHECK(!(c->mode & MODE_VM));
	CHECK_EQ(c->cpl, 0);
	CHECK_EQ(c->gpr[RSP], STACK0 - 40);
	CHECK_EQ(stacked(1), 0x100);
	CHECK_EQ(stacked(2), 0x1000);
	CHECK_EQ(stacked(3), FL_1 | FL_VM | FL_IF | FL_IOPL | FL_RF);
	CHECK_EQ(stacked(4), 0x8000);
	CHECK_EQ(stacked(5), 0x2000);
	CHECK_EQ(stacked(6), 0x3000);
	CHECK_EQ(stacked(9), 0x6000);
	CHECK_EQ(c->seg[SEG_DS].attr, 0);

	v86_mode(0);
	set_idt(0x30, make_gate(S_CODE1, 0x6000, GATE_INT3, 0));
	FAULT(deliver_event(c, 0x30, false, 0, true), EXC_GP, (S_CODE1 & ~3) | 1);
	set_idt(0x30, make_gate(S_CONF, 0x6000, GATE_INT3, 0));
	FAULT(deliver_event(c, 0x30, false, 0, true), EXC_GP, S_CONF | 1);
	FAULT(iret(c, 2, 0), EXC_GP, 0);
	set_idt(0x30, make_gate(S_CODE0, 0x6000, GATE_INT3, 0));
	FAULT(int_soft(c, 0x30, INT_SOFT, 0x102), EXC_GP, 0);
	set_idt(EXC_BP, make_gate(S_CODE0, 0x6000, GATE_INT3, 0));
	OK(int_soft(c, EXC_BP, INT_3_O, 0x101));
	CHECK_EQ(c->cpl, 0);

	v86_mode(3);
	set_idt(0x30, make_gate(S_CODE0, 0x6000, GATE_INT, 0));
	FAULT(int_soft(c, 0x30, INT_SOFT, 0x102), EXC_GP, 0x30 * 8 + 2);
	set_idt(0x30, make_gate(S_CODE0, 0x6000, GATE_INT3, 0));
	OK(int_soft(c, 0x30, INT_SOFT, 0x102));
	CHECK_EQ(c->cpl, 0);

	v86_mode(3);
	c->gpr[RSP] = 0x100;
	uint32_t at = c->seg[SEG_SS].base + 0x100;
	poke(at, 2, 0x222);
	poke(at + 2, 2, 0x7000);
	poke(at + 4, 2, FL_CF);
	OK(iret(c, 2, 0));
	CHECK_EQ(c->seg[SEG_CS].base, 0x70000);
	CHECK_EQ(cpu_get_eflags(c), FL_1 | FL_VM | FL_IOPL | FL_CF);
}

static void test_vme(void)
{
	v86_mode(0);
	c->cr4 |= CR4_VME;
	poke(TSS_A + 102, 2, 0x88);
	memset(memory + TSS_A + 0x68, 0, 32);
	poke(0x21 * 4, 4, 0x2000 << 16 | 0x345);
	c->eflags |= FL_VIF;
	uint32_t at = c->seg[SEG_SS].base + 0x8000;
	OK(int_soft(c, 0x21, INT_SOFT, 0x102));
	CHECK(c->mode & MODE_VM);
	CHECK_EQ(c->eip, 0x345);
	CHECK_EQ(peek(at - 2, 2), FL_1 | FL_IF | FL_IOPL | FL_CF | FL_ZF);
	CHECK(c->eflags & FL_IF);
	CHECK(!(c->eflags & FL_VIF));
	OK(iret(c, 2, 0));
	CHECK_EQ(c->eip, 0x102);
	CHECK(c->eflags & FL_VIF);
	CHECK_EQ(c->eflags & FL_IOPL, 0);

	poke(at, 2, 0x111);
	poke(at + 2, 2, 0x1000);
	poke(at + 4, 2, FL_TF);
	FAULT(iret(c, 2, 0), EXC_GP, 0);
	poke(at + 4, 2, FL_IF);
	c->eflags |= FL_VIP;
	FAULT(iret(c, 2, 0), EXC_GP, 0);
	FAULT(iret(c, 4, 0), EXC_GP, 0);

	poke(TSS_A + 0x68 + 0x21 / 8, 1, 1 << (0x21 & 7));
	FAULT(int_soft(c, 0x21, INT_SOFT, 0x102), EXC_GP, 0);
	poke(TSS_A + 102, 2, 0xfff0);
	FAULT(int_soft(c, 0x21, INT_SOFT, 0x102), EXC_GP, 0);

	v86_mode(3);
	c->cr4 |= CR4_VME;
	poke(TSS_A + 102, 2, 0x88);
	poke(0x21 * 4, 4, 0x2000 << 16 | 0x345);
	OK(int_soft(c, 0x21, INT_SOFT, 0x102));
	CHECK(c->mode & MODE_VM);
	CHECK(!(c->eflags & FL_IF));
}

/* ---- tasks ---- */

static void fill_tss32(uint32_t at, uint16_t cs, uint16_t ss, uint16_t ds)
{
	poke(at + 28, 4, 0x9000);
	poke(at + 32, 4, 0x7700);
	poke(at + 36, 4, FL_1 | FL_SF | FL_DF);
	for (int i = 0; i < 8; i++)
		poke(at + 40 + 4 * i, 4, 0x80000000 + i);
	poke(at + 40 + 4 * RSP, 4, STACK1);
	poke(at + 72, 4, ds);
	poke(at + 76, 4, cs);
	poke(at + 80, 4, ss);
	poke(at + 84, 4, ds);
}

static void test_task_jump(void)
{
	protected_mode(0);
	fill_tss32(TSS_B, S_CODE0, S_DATA0, S_DATA0);
	c->cr0 |= CR0_PG;
	c->dr[7] = 0x3ff;
	flushes = 0;
	uint32_t flags = cpu_get_eflags(c);
	OK(far_jmp(c, S_TSSB, 0, 4, 0x2468));
	CHECK_EQ(c->eip, 0x7700);
	CHECK_EQ(c->gpr[RSP], STACK1);
	CHECK_EQ(c->gpr[RDI], 0xffffffff80000007);
	CHECK_EQ(cpu_get_eflags(c), FL_1 | FL_SF | FL_DF);
	CHECK_EQ(c->cr3, 0x9000);
	CHECK_EQ(flushes, 1);
	CHECK(c->cr0 & CR0_TS);
	CHECK_EQ(c->dr[7], 0x2aa);
	CHECK_EQ(c->seg[SEG_TR].sel, S_TSSB);
	CHECK_EQ(c->seg[SEG_FS].attr, 0);
	CHECK_EQ(c->seg[SEG_LDTR].attr, 0);
	CHECK_EQ(get_gdt(S_TSSA) >> 40 & 0xff, 0x89);
	CHECK_EQ(get_gdt(S_TSSB) >> 40 & 0xff, 0x8b);
	CHECK_EQ(peek(TSS_A + 32, 4), 0x2468);
	CHECK_EQ(peek(TSS_A + 36, 4), flags);
	CHECK_EQ(peek(TSS_A + 40 + 4 * RBX, 4), 0x3333);
	CHECK_EQ(peek(TSS_A + 76, 2), S_CODE0);
	FAULT(far_jmp(c, S_TSSB, 0, 4, 0), EXC_GP, S_TSSB);
}

static void test_task_call(void)
{
	protected_mode(3);
	fill_tss32(TSS_B, S_CODE0, S_DATA0, S_DATA0);
	FAULT(far_call(c, S_TSSB, 0, 4, 0x2468), EXC_GP, S_TSSB);
	set_gdt(S_TASKGATE, make_gate(S_TSSB, 0, GATE_TASK | DPL(3), 0));
	OK(far_call(c, S_TASKGATE, 0, 4, 0x2468));
	CHECK_EQ(c->cpl, 0);
	CHECK(c->eflags & FL_NT);
	CHECK_EQ(peek(TSS_B, 2), S_TSSA);
	CHECK_EQ(get_gdt(S_TSSA) >> 40 & 0xff, 0x8b);
	OK(iret(c, 4, 0x7701));
	CHECK_EQ(c->eip, 0x2468);
	CHECK_EQ(c->cpl, 3);
	CHECK_EQ(c->seg[SEG_SS].sel, S_DATA3);
	CHECK_EQ(c->seg[SEG_TR].sel, S_TSSA);
	CHECK_EQ(get_gdt(S_TSSB) >> 40 & 0xff, 0x89);
	CHECK_EQ(get_gdt(S_TSSA) >> 40 & 0xff, 0x8b);
	CHECK_EQ(peek(TSS_B + 32, 4), 0x7701);
	CHECK_EQ(peek(TSS_B + 36, 4) & FL_NT, 0);

	set_gdt(S_TASKGATE, make_gate(S_TSSB, 0, GATE_TASK, 0));
	FAULT(far_call(c, S_TASKGATE, 0, 4, 0), EXC_GP, S_TASKGATE);
	set_gdt(S_TASKGATE, make_gate(S_TSSB | 4, 0, GATE_TASK | DPL(3), 0));
	FAULT(far_call(c, S_TASKGATE, 0, 4, 0), EXC_GP, S_TSSB | 4);
	set_gdt(S_TASKGATE, make_gate(S_TSSA, 0, GATE_TASK | DPL(3), 0));
	FAULT(far_call(c, S_TASKGATE, 0, 4, 0), EXC_GP, S_TSSA);
	set_gdt(S_TASKGATE, make_gate(S_TSSB, 0, GATE_TASK | DPL(3), 0));
	set_gdt(S_TSSB, make_desc(TSS_B, 0x66, 0x89));
	FAULT(far_call(c, S_TASKGATE, 0, 4, 0), EXC_TS, S_TSSB);
	set_gdt(S_TSSB, make_desc(TSS_B, 0x67, 0x09));
	FAULT(far_call(c, S_TASKGATE, 0, 4, 0), EXC_NP, S_TSSB);
	set_gdt(S_TSSB, make_desc(TSS_B, 0x67, 0x89));
	page_rights[TSS_A >> 12] = PAGE_READ_ONLY;
	FAULT(far_call(c, S_TASKGATE, 0, 4, 0), EXC_PF, PF_P | PF_W);
	page_rights[TSS_A >> 12] = 0;
	page_rights[TSS_B >> 12] = PAGE_GONE;
	FAULT(far_call(c, S_TASKGATE, 0, 4, 0), EXC_PF, 0);
	page_rights[TSS_B >> 12] = 0;
	page_rights[GDT >> 12] = PAGE_READ_ONLY;
	FAULT(far_call(c, S_TASKGATE, 0, 4, 0), EXC_PF, PF_P | PF_W);

	protected_mode(0);
	c->eflags |= FL_NT;
	poke(TSS_A, 2, S_TSSB);
	FAULT(iret(c, 4, 0), EXC_TS, S_TSSB);
	poke(TSS_A, 2, 0);
	FAULT(iret(c, 4, 0), EXC_TS, 0);
	poke(TSS_A, 2, GDT_END);
	FAULT(iret(c, 4, 0), EXC_TS, GDT_END);
	set_gdt(S_TSSB, make_desc(TSS_B, 0x67, 0x0b));
	poke(TSS_A, 2, S_TSSB);
	FAULT(iret(c, 4, 0), EXC_NP, S_TSSB);
}

/* Faults of the new task's selectors are raised in the new task. */
static void test_task_selectors(void)
{
	static const struct { uint16_t cs, ss, ds; int vector; uint16_t error; } cases[] = {
		{ 0, S_DATA0, 0, EXC_TS, 0 },
		{ S_DATA0, S_DATA0, 0, EXC_TS, S_DATA0 },
		{ S_CODE0 | 1, S_DATA0, 0, EXC_TS, S_CODE0 },
		{ S_ABSENT_CODE, S_DATA0, 0, EXC_NP, S_ABSENT_CODE },
		{ S_CODE0, 0, 0, EXC_TS, 0 },
		{ S_CODE0, S_DATA3, 0, EXC_TS, S_DATA3 & ~3 },
		{ S_CODE0, S_CODE0, 0, EXC_TS, S_CODE0 },
		{ S_CODE0, S_ABSENT_STACK, 0, EXC_SS, S_ABSENT_STACK },
		{ S_CODE3, S_DATA3 & ~3, 0, EXC_TS, S_DATA3 & ~3 },
		{ S_CODE0, S_DATA0, S_XONLY, EXC_TS, S_XONLY },
		{ S_CODE0, S_DATA0, S_ABSENT, EXC_NP, S_ABSENT },
		{ S_CODE3, S_DATA3, S_DATA0, EXC_TS, S_DATA0 },
		{ S_CODE0, S_DATA0, GDT_END, EXC_TS, GDT_END },
		{ S_SMALL, S_DATA0, 0, EXC_GP, 0 },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		protected_mode(0);
		fill_tss32(TSS_B, cases[i].cs, cases[i].ss, cases[i].ds);
		RUN(far_jmp(c, S_TSSB, 0, 4, 0x2468));
		CHECK_EQ(raised_vector, cases[i].vector);
		CHECK_EQ(raised_error, cases[i].error);
		CHECK_EQ(c->eip, 0x7700);
		CHECK_EQ(c->seg[SEG_TR].sel, S_TSSB);
		CHECK_EQ(c->seg[SEG_CS].sel, cases[i].cs);
	}
	protected_mode(0);
	fill_tss32(TSS_B, S_CODE0, S_DATA0, 0);
	poke(TSS_B + 96, 2, S_TSSA);
	RUN(far_jmp(c, S_TSSB, 0, 4, 0));
	CHECK_EQ(raised_vector, EXC_TS);
	CHECK_EQ(raised_error, S_TSSA);
}

static void test_task_events(void)
{
	protected_mode(3);
	fill_tss32(TSS_B, S_CODE0, S_DATA0, S_DATA0);
	set_idt(EXC_GP, make_gate(S_TSSB, 0, GATE_TASK, 0));
	OK(deliver_event(c, EXC_GP, true, 0x88, false));
	CHECK_EQ(c->eip, 0x7700);
	CHECK_EQ(c->gpr[RSP], STACK1 - 4);
	CHECK_EQ(stacked(0), 0x88);
	CHECK_EQ(peek(TSS_A + 32, 4), 0x12345);
	CHECK(peek(TSS_A + 36, 4) & FL_RF);
	CHECK_EQ(c->delivering, 0);

	protected_mode(0);
	fill_tss32(TSS_B, S_CODE0, S_DATA0, S_DATA0);
	poke(TSS_B + 100, 2, 1);
	RUN(far_jmp(c, S_TSSB, 0, 4, 0x2468));
	CHECK_EQ(raised_vector, EXC_DB);
	CHECK(c->dr[6] & DR6_BT);
	CHECK_EQ(c->eip, 0x7700);

	protected_mode(0);
	fill_tss32(TSS_B, 0x1000, 0x2000, 0x3000);
	poke(TSS_B + 36, 4, FL_1 | FL_VM);
	OK(far_jmp(c, S_TSSB, 0, 4, 0x2468));
	CHECK(c->mode & MODE_VM);
	CHECK_EQ(c->seg[SEG_CS].base, 0x10000);
	CHECK_EQ(c->cpl, 3);

	/* A 16-bit task */
	protected_mode(0);
	set_gdt(S_TSSB, make_desc(TSS_B, 0x2b, 0x81));
	poke(TSS_B + 14, 2, 0x7700);
	poke(TSS_B + 16, 2, FL_1 | FL_IF);
	poke(TSS_B + 18 + 2 * RBX, 2, 0x4321);
	poke(TSS_B + 36, 2, S_CODE0);
	poke(TSS_B + 38, 2, S_DATA0);
	OK(far_call(c, S_TSSB, 0, 4, 0x2468));
	CHECK_EQ(c->eip, 0x7700);
	CHECK_EQ(c->gpr[RBX] & 0xffff, 0x4321);
	CHECK_EQ(peek(TSS_B, 2), S_TSSA);
	OK(iret(c, 4, 0x99));
	CHECK_EQ(c->eip, 0x2468);
	CHECK_EQ(c->gpr[RBX], 0x3333);
	CHECK_EQ(peek(TSS_B + 14, 2), 0x99);
}

int main(void)
{
	test_same_level();
	test_inner_level();
	test_gate_faults();
	test_double_faults();
	test_real();
	test_iret_faults();
	test_v86_entry_and_return();
	test_vme();
	test_task_jump();
	test_task_call();
	test_task_selectors();
	test_task_events();
	return report();
}
