// SOURCES: translator/cpu.c translator/descriptor.c translator/stack.c translator/seg.c translator/far.c translator/fastcall.c translator/task.c translator/msr.c translator/cpuid.c translator/debug.c
/* Segment loads and checks, far jumps, calls and returns, call gates. */
#include "tests/unit/arch_model.h"

static void test_data_loads(void)
{
	protected_mode(0);
	OK(seg_load(c, SEG_DS, S_RODATA));
	CHECK_EQ(c->seg[SEG_DS].base, 0x1000);
	CHECK_EQ(c->seg[SEG_DS].limit, 0xfff);
	CHECK_EQ(c->seg[SEG_DS].rd_end, 0x1000);
	CHECK_EQ(c->seg[SEG_DS].wr_end, 0);
	CHECK(!(c->mode & MODE_DS_FLAT));
	OK(seg_load(c, SEG_DS, S_DATA0));
	CHECK(c->mode & MODE_DS_FLAT);
	OK(seg_load(c, SEG_ES, 3));
	CHECK_EQ(c->seg[SEG_ES].attr, 0);
	CHECK_EQ(c->seg[SEG_ES].sel, 3);
	FAULT(seg_lin(c, SEG_ES, 0, 1, 0), EXC_GP, 0);
	FAULT(seg_load(c, SEG_DS, GDT_END), EXC_GP, GDT_END);
	FAULT(seg_load(c, SEG_DS, S_XONLY), EXC_GP, S_XONLY);
	FAULT(seg_load(c, SEG_DS, S_TSSA), EXC_GP, S_TSSA);
	FAULT(seg_load(c, SEG_DS, S_ABSENT), EXC_NP, S_ABSENT);
	FAULT(seg_load(c, SEG_DS, S_DATA0 | 3), EXC_GP, S_DATA0);
	OK(seg_load(c, SEG_DS, S_CONF | 3));
	OK(seg_load(c, SEG_DS, S_CODE3));
	page_rights[GDT >> 12] = PAGE_GONE;
	FAULT(seg_load(c, SEG_DS, S_DATA0), EXC_PF, 0);
	page_rights[GDT >> 12] = 0;

	set_gdt(S_SPARE, make_desc(0x12345678, 0xfffff, 0x92));
	OK(seg_load(c, SEG_FS, S_SPARE));
	CHECK_EQ(get_gdt(S_SPARE) >> 40 & 0xff, 0x93);
	CHECK_EQ(c->seg[SEG_FS].base, 0x12345678);
	CHECK_EQ(c->seg[SEG_FS].limit, 0xfffff);
	set_gdt(S_SPARE, make_desc(0x92345678, 0xffffffff, 0x92 | FLAT));
	OK(seg_load(c, SEG_FS, S_SPARE));
	CHECK_EQ(c->seg[SEG_FS].base, 0xffffffff92345678);
	page_rights[GDT >> 12] = PAGE_READ_ONLY;
	set_gdt(S_SPARE, make_desc(0, 0xffff, 0x92));
	FAULT(seg_load(c, SEG_FS, S_SPARE), EXC_PF, PF_P | PF_W);

	protected_mode(3);
	FAULT(seg_load(c, SEG_DS, S_DATA0), EXC_GP, S_DATA0);
	OK(seg_load(c, SEG_DS, S_DATA3 & ~3));
	OK(seg_load(c, SEG_DS, S_CONF));
	FAULT(seg_load(c, SEG_DS, S_CODE0), EXC_GP, S_CODE0);
}

static void test_stack_loads(void)
{
	protected_mode(0);
	FAULT(seg_load(c, SEG_SS, 0), EXC_GP, 0);
	FAULT(seg_load(c, SEG_SS, 3), EXC_GP, 0);
	FAULT(seg_load(c, SEG_SS, S_DATA3), EXC_GP, S_DATA3 & ~3);
	FAULT(seg_load(c, SEG_SS, S_DATA0 | 1), EXC_GP, S_DATA0);
	FAULT(seg_load(c, SEG_SS, S_RODATA), EXC_GP, S_RODATA);
	FAULT(seg_load(c, SEG_SS, S_CODE0), EXC_GP, S_CODE0);
	FAULT(seg_load(c, SEG_SS, S_ABSENT), EXC_SS, S_ABSENT);
	FAULT(seg_load(c, SEG_SS, GDT_END | 4), EXC_GP, GDT_END | 4);
	OK(seg_load(c, SEG_SS, S_STACK16));
	CHECK(!(c->mode & (MODE_SS32 | MODE_SS_FLAT)));
	OK(seg_load(c, SEG_SS, S_DOWN));
	CHECK_EQ(seg_lin(c, SEG_SS, 0x1000, 4, 1), 0x1000);
	CHECK_EQ(seg_lin(c, SEG_SS, 0xfffc, 4, 1), 0xfffc);
	FAULT(seg_lin(c, SEG_SS, 0xfffd, 4, 1), EXC_SS, 0);
	FAULT(seg_lin(c, SEG_SS, 0xfff, 1, 0), EXC_SS, 0);
}

static void test_local_table(void)
{
	protected_mode(0);
	poke(LDT + 8, 8, make_desc(0x7000, 0xff, A_DATA));
	OK(seg_load(c, SEG_GS, 0xc));
	CHECK_EQ(c->seg[SEG_GS].base, 0x7000);
	FAULT(seg_load(c, SEG_GS, 0x104), EXC_GP, 0x104);
	OK(seg_load_ldtr(c, 0));
	FAULT(seg_load(c, SEG_GS, 0xc), EXC_GP, 0xc);
	FAULT(seg_load_ldtr(c, S_TSSB), EXC_GP, S_TSSB);
	FAULT(seg_load_ldtr(c, S_LDT | 4), EXC_GP, S_LDT | 4);
	OK(seg_load_ldtr(c, S_LDT));
	set_gdt(S_LDT, make_desc(LDT, 0xff, 0x02));
	FAULT(seg_load_ldtr(c, S_LDT), EXC_NP, S_LDT);

	FAULT(seg_load_tr(c, 0), EXC_GP, 0);
	FAULT(seg_load_tr(c, S_TSSA), EXC_GP, S_TSSA);
	OK(seg_load_tr(c, S_TSSB));
	CHECK_EQ(get_gdt(S_TSSB) >> 40 & 0xff, 0x8b);
	CHECK_EQ(c->seg[SEG_TR].attr & 0xff, 0x8b);
	FAULT(seg_load_tr(c, S_TSSB), EXC_GP, S_TSSB);
	protected_mode(3);
	FAULT(seg_load_tr(c, S_TSSB), EXC_GP, 0);
	real_mode();
	FAULT(seg_load_ldtr(c, S_LDT), EXC_UD, 0);
}

static void test_limits(void)
{
	protected_mode(0);
	OK(seg_load(c, SEG_DS, S_RODATA));
	CHECK_EQ(seg_lin(c, SEG_DS, 0xffc, 4, 0), 0x1ffc);
	FAULT(seg_lin(c, SEG_DS, 0xffd, 4, 0), EXC_GP, 0);
	FAULT(seg_lin(c, SEG_DS, 0, 1, 1), EXC_GP, 0);
	FAULT(seg_lin(c, SEG_DS, 0xffffffffffffffff, 2, 0), EXC_GP, 0);
	CHECK_EQ(seg_lin(c, SEG_CS, 0xffffffff80000000, 4, 0), 0xffffffff80000000);
	FAULT(seg_lin(c, SEG_CS, 0, 1, 1), EXC_GP, 0);
	load_seg(SEG_CS, S_XONLY);
	FAULT(seg_lin(c, SEG_CS, 0, 1, 0), EXC_GP, 0);
}

static void test_real_loads(void)
{
	protected_mode(0);
	c->cr0 = CR0_ET;
	cpu_update_mode(c);
	OK(seg_load(c, SEG_DS, 0xf123));
	CHECK_EQ(c->seg[SEG_DS].base, 0xf1230);
	CHECK_EQ(c->seg[SEG_DS].limit, 0xffffffff);
	CHECK_EQ(seg_lin(c, SEG_DS, 0x80000000, 4, 1), sx32(0x800f1230));
	OK(seg_load(c, SEG_DS, 0));
	CHECK(c->mode & MODE_DS_FLAT);
	CHECK(c->mode & MODE_IOPL_OK);
	CHECK(!(c->mode & MODE_PE));
	real_mode();
	FAULT(seg_lin(c, SEG_DS, 0xffff, 2, 0), EXC_GP, 0);
	FAULT(seg_lin(c, SEG_SS, 0xffff, 2, 0), EXC_SS, 0);
	v86_mode(0);
	OK(seg_load(c, SEG_DS, 0xabcd));
	CHECK_EQ(c->seg[SEG_DS].base, 0xabcd0);
	CHECK_EQ(c->seg[SEG_DS].attr, 0xf3);
	CHECK_EQ(c->seg[SEG_DS].limit, 0xffff);
}

static void test_inspection(void)
{
	uint32_t v = 0;

	protected_mode(3);
	CHECK(seg_lar(c, S_CODE3, &v));
	CHECK_EQ(v, 0x00cffb00);
	CHECK(!seg_lar(c, S_CODE0, &v));
	CHECK(seg_lar(c, S_CONF, &v));
	CHECK(!seg_lar(c, 0, &v));
	CHECK(!seg_lar(c, GDT_END, &v));
	CHECK(seg_lsl(c, S_DATA3, &v));
	CHECK_EQ(v, 0xffffffff);
	CHECK(seg_ver(c, S_DATA3, true));
	CHECK(!seg_ver(c, S_CODE3, true));
	CHECK(seg_ver(c, S_CODE3, false));
	CHECK(!seg_ver(c, S_DATA0, false));
	protected_mode(0);
	CHECK(seg_lar(c, S_TSSA, &v));
	CHECK(seg_lsl(c, S_TSSA, &v));
	CHECK_EQ(v, 0xfff);
	set_gdt(S_GATE, make_gate(S_CODE0, 0, 0x8c, 0));
	CHECK(seg_lar(c, S_GATE, &v));
	CHECK(!seg_lsl(c, S_GATE, &v));
	set_gdt(S_GATE, make_gate(S_CODE0, 0, 0x8e, 0));
	CHECK(!seg_lar(c, S_GATE, &v));
	CHECK(!seg_ver(c, S_TSSA, false));
	CHECK(!seg_ver(c, S_XONLY, false));
	real_mode();
	FAULT(seg_lar(c, S_CODE0, &v), EXC_UD, 0);
}

static void test_jumps(void)
{
	protected_mode(0);
	OK(far_jmp(c, S_CODE0, 0x4000, 4, 0));
	CHECK_EQ(c->eip, 0x4000);
	OK(far_jmp(c, S_CODE16, 0x12345678, 2, 0));
	CHECK_EQ(c->eip, 0x5678);
	CHECK_EQ(c->seg[SEG_CS].base, 0x10000);
	CHECK(!(c->mode & (MODE_CS32 | MODE_CS_FLAT)));
	FAULT(far_jmp(c, 0, 0, 4, 0), EXC_GP, 0);
	FAULT(far_jmp(c, 2, 0, 4, 0), EXC_GP, 0);
	FAULT(far_jmp(c, GDT_END, 0, 4, 0), EXC_GP, GDT_END);
	FAULT(far_jmp(c, S_DATA0, 0, 4, 0), EXC_GP, S_DATA0);
	FAULT(far_jmp(c, S_CODE3, 0, 4, 0), EXC_GP, S_CODE3 & ~3);
	FAULT(far_jmp(c, S_CODE0 | 1, 0, 4, 0), EXC_GP, S_CODE0);
	FAULT(far_jmp(c, S_ABSENT_CODE, 0, 4, 0), EXC_NP, S_ABSENT_CODE);
	FAULT(far_jmp(c, S_SMALL, 0x100, 4, 0), EXC_GP, 0);
	OK(far_jmp(c, S_SMALL, 0xff, 4, 0));
	FAULT(far_jmp(c, S_LDT, 0, 4, 0), EXC_GP, S_LDT);

	protected_mode(3);
	OK(far_jmp(c, S_CONF, 0x10, 4, 0));
	CHECK_EQ(c->cpl, 3);
	CHECK_EQ(c->seg[SEG_CS].sel, S_CONF | 3);
	FAULT(far_jmp(c, S_CODE0, 0, 4, 0), EXC_GP, S_CODE0);

	real_mode();
	OK(far_jmp(c, 0xf000, 0xfff0, 2, 0));
	CHECK_EQ(c->seg[SEG_CS].base, 0xf0000);
	CHECK_EQ(c->eip, 0xfff0);
	FAULT(far_jmp(c, 0xf000, 0x10000, 4, 0), EXC_GP, 0);
}

static void test_calls(void)
{
	protected_mode(0);
	OK(far_call(c, S_CODE0, 0x4000, 4, 0x12350));
	CHECK_EQ(c->gpr[RSP], STACK0 - 8);
	CHECK_EQ(peek(STACK0 - 4, 4), S_CODE0);
	CHECK_EQ(peek(STACK0 - 8, 4), 0x12350);
	OK(far_ret(c, 4, 12));
	CHECK_EQ(c->eip, 0x12350);
	CHECK_EQ(c->gpr[RSP], STACK0 + 12);
	FAULT(far_call(c, S_SMALL, 0x100, 4, 0), EXC_GP, 0);
	page_rights[(STACK0 >> 12) - 1] = PAGE_GONE;
	c->gpr[RSP] = STACK0 + 4;
	FAULT(far_call(c, S_CODE0, 0x4000, 4, 0x12350), EXC_PF, PF_W);
	CHECK_EQ(c->cr2, STACK0 - 4);

	protected_mode(0);
	load_seg(SEG_SS, S_STACK16);
	cpu_update_mode(c);
	c->gpr[RSP] = 0x7fff0000;
	OK(far_call(c, S_CODE0, 0x4000, 2, 0x1250));
	CHECK_EQ(c->gpr[RSP], 0x7ffffffc);
	CHECK_EQ(peek(0xfffc, 4), S_CODE0 << 16 | 0x1250);
	load_seg(SEG_SS, S_DOWN);
	cpu_update_mode(c);
	c->gpr[RSP] = 0x1004;
	FAULT(far_call(c, S_CODE0, 0x4000, 4, 0x1250), EXC_SS, 0);

	real_mode();
	OK(far_call(c, 0x2000, 0x30, 2, 0x105));
	CHECK_EQ(peek(0x17ffc, 4), 0x1000 << 16 | 0x105);
	CHECK_EQ(c->eip, 0x30);
	OK(far_ret(c, 2, 2));
	CHECK_EQ(c->eip, 0x105);
	CHECK_EQ(c->seg[SEG_CS].base, 0x10000);
	CHECK_EQ(c->gpr[RSP], 0x8002);
	c->gpr[RSP] = 1;
	FAULT(far_call(c, 0x2000, 0x30, 2, 0x105), EXC_SS, 0);
}

static void test_call_gates(void)
{
	protected_mode(3);
	poke(STACK3, 4, 0xaaaa);
	poke(STACK3 + 4, 4, 0xbbbb);
	set_gdt(S_GATE, make_gate(S_CODE0, 0x5000, 0xec, 2));
	OK(far_call(c, S_GATE | 3, 0, 4, 0x12350));
	CHECK_EQ(c->cpl, 0);
	CHECK_EQ(c->mode & MODE_CPL, 0);
	CHECK_EQ(c->eip, 0x5000);
	CHECK_EQ(c->seg[SEG_CS].sel, S_CODE0);
	CHECK_EQ(c->seg[SEG_SS].sel, S_DATA0);
	CHECK_EQ(c->gpr[RSP], STACK0 - 24);
	CHECK_EQ(peek(STACK0 - 4, 4), S_DATA3);
	CHECK_EQ(peek(STACK0 - 8, 4), STACK3);
	CHECK_EQ(peek(STACK0 - 12, 4), 0xbbbb);
	CHECK_EQ(peek(STACK0 - 16, 4), 0xaaaa);
	CHECK_EQ(peek(STACK0 - 20, 4), S_CODE3);
	CHECK_EQ(peek(STACK0 - 24, 4), 0x12350);
	load_seg(SEG_FS, S_DATA0);
	OK(far_ret(c, 4, 8));
	CHECK_EQ(c->cpl, 3);
	CHECK_EQ(c->eip, 0x12350);
	CHECK_EQ(c->gpr[RSP], STACK3 + 8);
	CHECK_EQ(c->seg[SEG_SS].sel, S_DATA3);
	CHECK_EQ(c->seg[SEG_FS].attr, 0);
	CHECK_EQ(c->seg[SEG_DS].sel, S_DATA3);

	FAULT(far_jmp(c, S_GATE | 3, 0, 4, 0), EXC_GP, S_CODE0);
	set_gdt(S_GATE, make_gate(S_CODE0, 0x5000, 0x8c, 0));
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_GP, S_GATE);
	set_gdt(S_GATE, make_gate(S_CODE0, 0x5000, 0x6c, 0));
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_NP, S_GATE);
	set_gdt(S_GATE, make_gate(0, 0x5000, 0xec, 0));
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_GP, 0);
	set_gdt(S_GATE, make_gate(S_DATA0, 0x5000, 0xec, 0));
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_GP, S_DATA0);
	set_gdt(S_GATE, make_gate(S_ABSENT_CODE, 0x5000, 0xec, 0));
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_NP, S_ABSENT_CODE);

	set_gdt(S_GATE, make_gate(S_CODE0, 0x5000, 0xec, 0));
	poke(TSS_A + 8, 2, 0);
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_TS, 0);
	poke(TSS_A + 8, 2, S_DATA3);
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_TS, S_DATA3 & ~3);
	poke(TSS_A + 8, 2, S_CODE0);
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_TS, S_CODE0);
	poke(TSS_A + 8, 2, GDT_END);
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_TS, GDT_END);
	poke(TSS_A + 8, 2, S_ABSENT_STACK);
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_SS, S_ABSENT_STACK);
	poke(TSS_A + 8, 2, S_DOWN);
	poke(TSS_A + 4, 4, 0x1008);
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_SS, S_DOWN);
	poke(TSS_A + 8, 2, S_DATA0);
	poke(TSS_A + 4, 4, STACK0);
	set_gdt(S_GATE, make_gate(S_SMALL, 0x100, 0xec, 0));
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_GP, 0);
	set_gdt(S_GATE, make_gate(S_CODE0, 0x5000, 0xec, 4));
	page_rights[STACK3 >> 12] = PAGE_SUPERVISOR;
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_PF, PF_P | PF_U);
	page_rights[STACK3 >> 12] = 0;
	page_rights[(STACK0 >> 12) - 1] = PAGE_READ_ONLY;
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_PF, PF_P | PF_W);
	page_rights[(STACK0 >> 12) - 1] = PAGE_SUPERVISOR;
	OK(far_call(c, S_GATE, 0, 4, 0));
	protected_mode(3);
	set_gdt(S_GATE, make_gate(S_CODE0, 0x5000, 0xec, 0));
	c->seg[SEG_TR].limit = 8;
	FAULT(far_call(c, S_GATE, 0, 4, 0), EXC_TS, S_TSSA);

	protected_mode(3);
	set_gdt(S_GATE, make_gate(S_CODE1, 0x5000, 0xe4, 0));
	OK(far_call(c, S_GATE, 0, 4, 0x2222));
	CHECK_EQ(c->cpl, 1);
	CHECK_EQ(c->seg[SEG_CS].sel, S_CODE1);
	CHECK_EQ(c->gpr[RSP], STACK1 - 8);
	CHECK_EQ(peek(STACK1 - 8, 2), 0x2222);
	OK(far_ret(c, 2, 0));
	CHECK_EQ(c->cpl, 3);

	protected_mode(0);
	set_gdt(S_GATE, make_gate(S_CODE0, 0x5000, 0x8c, 3));
	OK(far_call(c, S_GATE, 0, 4, 0x2222));
	CHECK_EQ(c->gpr[RSP], STACK0 - 8);
	OK(far_jmp(c, S_GATE, 0, 4, 0x2222));
	CHECK_EQ(c->eip, 0x5000);
}

static void test_return_faults(void)
{
	static const struct { uint16_t cs, ss; int vector; uint16_t error; } cases[] = {
		{ 0, 0, EXC_GP, 0 },
		{ GDT_END, 0, EXC_GP, GDT_END },
		{ S_DATA0, 0, EXC_GP, S_DATA0 },
		{ S_CODE3 & ~3, 0, EXC_GP, S_CODE3 & ~3 },
		{ S_CODE0 | 3, 0, EXC_GP, S_CODE0 },
		{ S_ABSENT_CODE, 0, EXC_NP, S_ABSENT_CODE },
		{ S_CODE3, 0, EXC_GP, 0 },
		{ S_CODE3, S_DATA0 | 3, EXC_GP, S_DATA0 },
		{ S_CODE3, S_DATA3 & ~3, EXC_GP, S_DATA3 & ~3 },
		{ S_CODE3, S_CODE3, EXC_GP, S_CODE3 & ~3 },
		{ S_CODE3, GDT_END | 3, EXC_GP, GDT_END },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		protected_mode(0);
		c->gpr[RSP] -= 16;
		poke(STACK0 - 16, 4, 0x1000);
		poke(STACK0 - 12, 4, cases[i].cs);
		poke(STACK0 - 8, 4, STACK3);
		poke(STACK0 - 4, 4, cases[i].ss);
		FAULT(far_ret(c, 4, 0), cases[i].vector, cases[i].error);
	}
	protected_mode(3);
	poke(STACK3 + 4, 4, S_CODE0);
	FAULT(far_ret(c, 4, 0), EXC_GP, S_CODE0);
	c->gpr[RSP] = 0xffff000;
	FAULT(far_ret(c, 4, 0), EXC_PF, PF_U);
}

static void test_fastcall(void)
{
	protected_mode(3);
	FAULT(sysenter(c), EXC_GP, 0);
	c->sysenter_cs = S_CODE0;
	c->sysenter_eip = 0xc0001000;
	c->sysenter_esp = 0xc0002000;
	OK(sysenter(c));
	CHECK_EQ(c->cpl, 0);
	CHECK_EQ(c->eip, 0xc0001000);
	CHECK_EQ(c->gpr[RSP], sx32(0xc0002000));
	CHECK_EQ(c->seg[SEG_SS].sel, S_DATA0);
	CHECK(!(c->eflags & FL_IF));
	CHECK((c->mode & (MODE_CS_FLAT | MODE_SS_FLAT | MODE_CS32 | MODE_SS32)) == (MODE_CS_FLAT | MODE_SS_FLAT | MODE_CS32 | MODE_SS32));
	c->gpr[RDX] = 0x1234;
	c->gpr[RCX] = 0x5678;
	OK(sysexit(c, 4));
	CHECK_EQ(c->cpl, 3);
	CHECK_EQ(c->seg[SEG_CS].sel, S_CODE3);
	CHECK_EQ(c->seg[SEG_SS].sel, S_DATA3);
	CHECK_EQ(c->eip, 0x1234);
	CHECK_EQ(c->gpr[RSP], 0x5678);
	FAULT(sysexit(c, 4), EXC_GP, 0);
}

static void test_gpr(void)
{
	c->gpr[RAX] = sx32(0x89abcdef);
	CHECK_EQ(cpu_get_gpr(c, RAX, 1), 0xef);
	CHECK_EQ(cpu_get_gpr(c, 4, 1), 0xcd);
	CHECK_EQ(cpu_get_gpr(c, RAX, 2), 0xcdef);
	CHECK_EQ(cpu_get_gpr(c, RAX, 4), 0x89abcdef);
	cpu_set_gpr(c, 4, 1, 0x112);
	CHECK_EQ(c->gpr[RAX], sx32(0x89ab12ef));
	cpu_set_gpr(c, RAX, 2, 0x98765);
	CHECK_EQ(c->gpr[RAX], sx32(0x89ab8765));
	cpu_set_gpr(c, RAX, 4, 0x180000000);
	CHECK_EQ(c->gpr[RAX], 0xffffffff80000000);
}

int main(void)
{
	test_data_loads();
	test_stack_loads();
	test_local_table();
	test_limits();
	test_real_loads();
	test_inspection();
	test_jumps();
	test_calls();
	test_call_gates();
	test_return_faults();
	test_fastcall();
	test_gpr();
	return report();
}
