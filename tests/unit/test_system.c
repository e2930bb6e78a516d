// SOURCES: translator/cpu.c translator/descriptor.c translator/stack.c translator/seg.c translator/msr.c translator/fastcall.c translator/cpuid.c translator/debug.c translator/system.c translator/ioperm.c translator/vme.c
/* Control and debug registers, MSRs, CPUID, flags, port permissions, breakpoints, reset. */
#include "tests/unit/arch_model.h"

#include "translator/cpuid.h"
#include "translator/debug.h"
#include "translator/msr.h"

static void test_reset(void)
{
	memset(c, 0xff, sizeof(*c));
	c->id = 0;
	cpu_reset(c);
	CHECK_EQ(c->cr0, 0x60000010);
	CHECK_EQ(c->eip, 0xfff0);
	CHECK_EQ(c->seg[SEG_CS].sel, 0xf000);
	CHECK_EQ(seg_lin(c, SEG_CS, c->eip, 1, 0), 0xfffffffffffffff0);
	CHECK_EQ(c->gpr[RDX], CPUID_SIGNATURE);
	CHECK_EQ(c->mode, MODE_IOPL_OK | MODE_SSE_TRAP);
	CHECK_EQ(c->apic_base, 0xfee00900);
	CHECK_EQ(cpu_get_eflags(c), FL_1);
	CHECK(c->a20);
	CHECK_EQ(c->x87.tag_empty, 0);
	c->pat = 5;
	c->mxcsr = 7;
	c->cr0 = CR0_PE | CR0_NW | CR0_CD;
	cpu_init_signal(c);
	CHECK_EQ(c->pat, 5);
	CHECK_EQ(c->mxcsr, 7);
	CHECK_EQ(c->cr0, 0x60000010);
}

static void test_control_registers(void)
{
	protected_mode(0);
	FAULT(cr_write(c, 0, CR0_PG), EXC_GP, 0);
	FAULT(cr_write(c, 0, CR0_PE | CR0_NW), EXC_GP, 0);
	flushes = flushes_global = 0;
	OK(cr_write(c, 0, CR0_PE | CR0_TS));
	CHECK_EQ(flushes, 0);
	CHECK(c->mode & MODE_FPU_TRAP);
	CHECK_EQ(cr_read(c, 0), CR0_PE | CR0_TS | CR0_ET);
	OK(do_clts(c));
	CHECK(!(c->mode & MODE_FPU_TRAP));
	OK(cr_write(c, 0, sx32(CR0_PE | CR0_PG)));
	CHECK_EQ(flushes, 1);
	CHECK(c->mode & MODE_PG);
	OK(do_lmsw(c, CR0_MP));
	CHECK_EQ(c->cr0, CR0_PE | CR0_PG | CR0_MP | CR0_ET);
	FAULT(cr_write(c, 4, 0x1000), EXC_GP, 0);
	OK(cr_write(c, 4, CR4_PGE | CR4_OSFXSR));
	CHECK_EQ(flushes_global, flushes);
	CHECK(!(c->mode & MODE_SSE_TRAP));
	flushes = flushes_global = 0;
	OK(cr_write(c, 3, 0x9000));
	CHECK_EQ(flushes, 1);
	CHECK_EQ(flushes_global, 0);
	FAULT(cr_write(c, 1, 0), EXC_UD, 0);
	FAULT(cr_read(c, 8), EXC_UD, 0);
	OK(cr_write(c, 0, 0));
	CHECK(!(c->mode & MODE_PE));
	protected_mode(3);
	FAULT(cr_read(c, 0), EXC_GP, 0);
	FAULT(cr_write(c, 3, 0), EXC_GP, 0);
	FAULT(do_clts(c), EXC_GP, 0);
	FAULT(do_lmsw(c, 0), EXC_GP, 0);
	FAULT(do_invlpg(c, 0), EXC_GP, 0);
	FAULT(do_hlt(c, 0), EXC_GP, 0);
}

/* A load that leaves PAE paging on fails as a whole when a PDPTE has reserved bits set. */
static void test_pdptes(void)
{
	protected_mode(0);
	pdptes_bad = true;
	OK(cr_write(c, 3, 0x9000));
	OK(cr_write(c, 4, CR4_PAE));
	FAULT(cr_write(c, 0, CR0_PE | CR0_PG), EXC_GP, 0);
	pdptes_bad = false;
	OK(cr_write(c, 0, CR0_PE | CR0_PG));
	CHECK_EQ(pdptes_from, 0x9000);
	pdptes_bad = true;
	OK(cr_write(c, 0, CR0_PE | CR0_PG | CR0_TS));
	FAULT(cr_write(c, 3, 0xa000), EXC_GP, 0);
	CHECK_EQ(pdptes_from, 0xa000);
	FAULT(cr_write(c, 4, CR4_PAE | CR4_PGE), EXC_GP, 0);
	OK(cr_write(c, 4, 0));
	OK(cr_write(c, 3, 0xa000));
	FAULT(cr_write(c, 4, CR4_PAE), EXC_GP, 0);
	pdptes_bad = false;
	OK(cr_write(c, 4, CR4_PAE));
}

static void test_debug_registers(void)
{
	protected_mode(0);
	OK(dr_write(c, 7, 0xffffffff));
	CHECK(c->mode & MODE_DBG);
	before = *c;
	RUN(dr_read(c, 0));
	CHECK_EQ(raised_vector, EXC_DB);
	CHECK(c->dr[6] & DR6_BD);
	c->dr[7] = 0x400;
	OK(dr_write(c, 6, 0));
	CHECK_EQ(dr_read(c, 4), 0xffff0ff0);
	OK(dr_write(c, 5, 0));
	CHECK_EQ(c->dr[7], 0x400);
	CHECK(!(c->mode & MODE_DBG));
	c->cr4 |= CR4_DE;
	FAULT(dr_read(c, 4), EXC_UD, 0);
	protected_mode(3);
	FAULT(dr_read(c, 0), EXC_GP, 0);
}

static void test_breakpoints(void)
{
	protected_mode(0);
	dr_write(c, 1, 0x12345);
	dr_write(c, 7, 0x4);
	RUN(debug_before_insn(c));
	CHECK_EQ(raised_vector, EXC_DB);
	CHECK_EQ(c->dr[6] & 15, 2);
	c->eflags |= FL_RF;
	OK(debug_before_insn(c));
	CHECK(!(c->eflags & FL_RF));
	OK(debug_after_insn(c));
	c->inhibit = 1;
	OK(debug_before_insn(c));
	c->inhibit = 0;

	dr_write(c, 0, 0x5001);
	dr_write(c, 7, 0x000d0001 | 1 << 8); /* 4 bytes, writes */
	OK(debug_before_insn(c));
	debug_check_data(c, 0x5004, 4, true);
	debug_check_data(c, 0x5000, 4, false);
	OK(debug_after_insn(c));
	debug_check_data(c, 0x4ffe, 4, true);
	RUN(debug_after_insn(c));
	CHECK_EQ(raised_vector, EXC_DB);
	CHECK_EQ(c->dr[6] & 0xf00f, 1);

	dr_write(c, 7, 0);
	c->eflags |= FL_TF;
	cpu_update_mode(c);
	OK(debug_before_insn(c));
	c->inhibit = 1; /* MOV SS */
	OK(debug_after_insn(c));
	c->inhibit = 0;
	OK(debug_before_insn(c));
	c->eflags &= ~FL_IF;
	OK(do_sti(c));
	RUN(debug_after_insn(c));
	CHECK_EQ(raised_vector, EXC_DB);
	CHECK(c->dr[6] & DR6_BS);
	CHECK_EQ(c->inhibit, 1);

	c->cr4 |= CR4_DE;
	dr_write(c, 2, 0x3f8);
	dr_write(c, 7, 2 << 24 | 1 << 4);
	c->inhibit = 0;
	c->eflags &= ~FL_TF;
	OK(debug_before_insn(c));
	CHECK_EQ(do_in(c, 0x3f8, 1), 0x3f801);
	RUN(debug_after_insn(c));
	CHECK_EQ(raised_vector, EXC_DB);
	CHECK_EQ(c->dr[6] & 15, 4);
	OK(debug_before_insn(c));
	RUN(do_hlt(c, 0x999));
	CHECK_EQ(raised_vector, EXITED);
	CHECK(c->halted);
	CHECK_EQ(c->eip, 0x999);
}

static void test_flag_instructions(void)
{
	uint32_t v;

	protected_mode(3);
	FAULT(do_cli(c), EXC_GP, 0);
	FAULT(do_sti(c), EXC_GP, 0);
	OK(do_popf(c, 4, FL_IOPL | FL_CF | FL_AC | FL_ID | FL_VM | FL_RF | FL_VIP));
	CHECK_EQ(cpu_get_eflags(c), FL_1 | FL_IF | FL_CF | FL_AC | FL_ID);
	OK(do_pushf(c, 4, &v));
	CHECK_EQ(v, FL_1 | FL_IF | FL_CF | FL_AC | FL_ID);
	c->cr4 |= CR4_PVI;
	OK(do_sti(c));
	CHECK(c->eflags & FL_VIF);
	OK(do_cli(c));
	CHECK_EQ(c->eflags & (FL_VIF | FL_IF), FL_IF);
	c->eflags |= FL_VIP;
	FAULT(do_sti(c), EXC_GP, 0);

	protected_mode(0);
	OK(do_cli(c));
	CHECK(!(c->eflags & FL_IF));
	CHECK_EQ(c->inhibit, 0);
	OK(do_sti(c));
	CHECK_EQ(c->inhibit, 1);
	c->inhibit = 0;
	OK(do_sti(c));
	CHECK_EQ(c->inhibit, 0);
	OK(do_popf(c, 2, FL_IOPL | FL_TF));
	CHECK_EQ(cpu_get_eflags(c), FL_1 | FL_IOPL | FL_TF);
	CHECK(c->mode & MODE_TF);

	v86_mode(0);
	FAULT(do_pushf(c, 2, &v), EXC_GP, 0);
	FAULT(do_popf(c, 2, 0), EXC_GP, 0);
	FAULT(do_cli(c), EXC_GP, 0);
	c->cr4 |= CR4_VME;
	OK(do_sti(c));
	OK(do_pushf(c, 2, &v));
	CHECK_EQ(v, FL_1 | FL_IF | FL_IOPL | FL_CF | FL_ZF);
	FAULT(do_pushf(c, 4, &v), EXC_GP, 0);
	FAULT(do_popf(c, 2, FL_TF), EXC_GP, 0);
	OK(do_popf(c, 2, FL_SF));
	CHECK_EQ(cpu_get_eflags(c), FL_1 | FL_VM | FL_IF | FL_SF);
	v86_mode(3);
	OK(do_popf(c, 4, FL_DF));
	CHECK_EQ(cpu_get_eflags(c), FL_1 | FL_VM | FL_IOPL | FL_DF);
}

static void test_ports(void)
{
	protected_mode(3);
	poke(TSS_A + 104, 2, 0xfffe);
	CHECK_EQ(do_in(c, 0, 1), 1);
	FAULT(do_in(c, 0, 2), EXC_GP, 0);
	FAULT(do_out(c, 5, 1, 0), EXC_GP, 0);
	c->seg[SEG_TR].limit = 103 + 2;
	CHECK_EQ(do_in(c, 0, 1), 1);
	FAULT(do_in(c, 8, 1), EXC_GP, 0);
	c->seg[SEG_TR].attr = 0x83;
	FAULT(do_in(c, 0, 1), EXC_GP, 0);
	protected_mode(3);
	c->eflags |= FL_IOPL;
	poke(TSS_A + 104, 2, 0xffff);
	cpu_update_mode(c);
	OK(do_out(c, 5, 1, 7));
	CHECK_EQ(last_out.value, 7);
	v86_mode(3);
	poke(TSS_A + 104, 2, 0xffff);
	FAULT(do_out(c, 5, 1, 7), EXC_GP, 0);
}

/* Long mode comes with paging, when all is as it must be. */
static void test_long_mode(void)
{
	const uint64_t on = CR0_PE | CR0_PG;

	protected_mode(0);
	c->efer = EFER_LME;
	FAULT(cr_write(c, 0, on), EXC_GP, 0); /* no PAE */
	OK(cr_write(c, 4, CR4_PAE));
	c->seg[SEG_TR].attr = SEG_ATTR_P | SYS_TSS16_BUSY;
	FAULT(cr_write(c, 0, on), EXC_GP, 0);
	c->seg[SEG_TR].attr = SEG_ATTR_P | SYS_TSS32_BUSY;
	c->seg[SEG_CS].attr |= SEG_ATTR_L;
	FAULT(cr_write(c, 0, on), EXC_GP, 0);
	c->seg[SEG_CS].attr &= ~SEG_ATTR_L;
	OK(cr_write(c, 0, on));
	CHECK(c->efer == (EFER_LME | EFER_LMA) && (c->mode & MODE_LMA));
	FAULT(cr_write(c, 4, 0), EXC_GP, 0);
	OK(cr_write(c, 4, CR4_PAE | CR4_PCIDE));
	FAULT(cr_write(c, 0, CR0_PE), EXC_GP, 0);
	OK(cr_write(c, 4, CR4_PAE));
	c->seg[SEG_CS].attr |= SEG_ATTR_L;
	cpu_update_mode(c);
	FAULT(cr_write(c, 0, CR0_PE), EXC_GP, 0);
	c->seg[SEG_CS].attr &= ~SEG_ATTR_L;
	cpu_update_mode(c);
	OK(cr_write(c, 0, CR0_PE));
	CHECK(c->efer == EFER_LME && !(c->mode & MODE_LMA));
	c->efer = 0;
}

static void wrmsr(uint32_t index, uint64_t v)
{
	c->gpr[RCX] = sx32(index);
	c->gpr[RAX] = sx32(v);
	c->gpr[RDX] = sx32(v >> 32);
}

static uint64_t rdmsr(uint32_t index)
{
	c->gpr[RCX] = sx32(index);
	raised_vector = NOTHING;
	do_rdmsr(c);
	return c->gpr[RDX] << 32 | (uint32_t)c->gpr[RAX];
}

static void test_msrs(void)
{
	static const struct { uint32_t index; uint64_t good, bad; } cases[] = {
		{ 0x1b, 0xfee00900, 0xfee00a00 }, { 0x277, 0x0706050401000706, 2 }, { 0x2ff, 0xc06, 2 }, { 0x200, 0xc0000006, 0xc0000002 },
		{ 0x201, 0xffc0000800, 0xffc0000801 }, { 0x250, 0x0606060606060606, 0x0606060602060606 }, { 0xc0000080, 0x800, 2 },
		{ 0x1a0, 0x400c51809, 0x401803 }, { 0x1a0, 0x1801, 0x1001 }, { 0x1d9, 0, 1 }, { 0x17a, 4, 8 }, { 0x0, 0, 1 }, { 0x1, 0, 1 }, { 0x2a, 0, 1 },
		{ 0xc0000081, UINT64_MAX, 0 }, { 0xc0000082, 0xffff800000000000, 0x800000000000 }, { 0xc0000084, 0xffffffff, 0x100000000 },
		{ 0xc0000103, 0xffffffff, 0x100000000 }, { 0x175, 0x7fffffffffff, 0xffff7fffffffffff }, { 0xc0000102, 0xffff800000000000, 0x8000000000000000 },
	};

	protected_mode(0);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wrmsr(cases[i].index, cases[i].good);
		OK(do_wrmsr(c));
		CHECK_EQ(rdmsr(cases[i].index), cases[i].good);
		if (cases[i].bad) {
			wrmsr(cases[i].index, cases[i].bad);
			FAULT(do_wrmsr(c), EXC_GP, 0);
		}
	}
	tsc_now = 1000;
	wrmsr(0x10, 0x500000000);
	OK(do_wrmsr(c));
	tsc_now = 1010;
	OK(do_rdtsc(c));
	CHECK_EQ(c->gpr[RDX], 5);
	CHECK_EQ(c->gpr[RAX], 10);
	CHECK_EQ(rdmsr(0xfe), 0x508);
	wrmsr(0x174, 0x60);
	OK(do_wrmsr(c));
	CHECK_EQ(c->sysenter_cs, 0x60);
	wrmsr(0x8b, 0);
	OK(do_wrmsr(c));
	c->gpr[RAX] = 1;
	do_cpuid(c);
	CHECK_EQ(rdmsr(0x8b), (uint64_t)CPUID_MICROCODE_REV << 32);
	protected_mode(3);
	FAULT(do_rdmsr(c), EXC_GP, 0);
	c->cr4 |= CR4_TSD;
	FAULT(do_rdtsc(c), EXC_GP, 0);
	FAULT(do_rdpmc(c), EXC_GP, 0);
}

/* MSRs that are read-only, write-only, or not there; and those with exceptions to the rules of the others. */
static void test_odd_msrs(void)
{
	static const struct { uint32_t index; uint64_t value; } read_only[] = { { 0x17, 0 }, { 0x3a, 1 }, { 0xfe, 0x508 }, { 0x179, 0 } };
	/* Their CPUID bits are clear, or other models have them. */
	static const uint32_t absent[] = {
		0x34, 0x48, 0x49, 0xc1, 0xce, 0xe2, 0xe7, 0xe8, 0x10a, 0x140, 0x186, 0x198, 0x19a, 0x19c, 0x1a2, 0x1b0, 0x1c9, 0x1f2, 0x210, 0x280, 0x345, 0x38d,
		0x400, 0x480, 0x560, 0x600, 0x606, 0x770, 0xc80, 0xd90, 0xda0, 0x40000000, 0x4b564d00, 0xc0000104, 0xc0010015, 0xc0010117,
	};

	protected_mode(0);
	for (unsigned i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++) {
		CHECK_EQ(rdmsr(read_only[i].index), read_only[i].value);
		wrmsr(read_only[i].index, read_only[i].value);
		FAULT(do_wrmsr(c), EXC_GP, 0);
	}
	for (unsigned i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		wrmsr(absent[i], 0);
		FAULT(do_wrmsr(c), EXC_GP, 0);
		FAULT(do_rdmsr(c), EXC_GP, 0);
	}
	wrmsr(0x79, 0x123456);
	OK(do_wrmsr(c));
	FAULT(do_rdmsr(c), EXC_GP, 0);
	wrmsr(0x11e, 0x80000);
	OK(do_wrmsr(c));
	CHECK_EQ(rdmsr(0x11e), 0x101);
	wrmsr(0x1a0, 0x1889); /* performance monitoring is not made available by writing so */
	OK(do_wrmsr(c));
	CHECK_EQ(rdmsr(0x1a0), 0x1809);
	wrmsr(0xc0000080, 0x401); /* LMA follows LME and paging only */
	OK(do_wrmsr(c));
	CHECK_EQ(rdmsr(0xc0000080), 1);
	wrmsr(0x1a0, 0x400001809); /* no-execute disabled */
	OK(do_wrmsr(c));
	wrmsr(0xc0000080, 0x801);
	FAULT(do_wrmsr(c), EXC_GP, 0);
	wrmsr(0x1a0, 0x1801);
	OK(do_wrmsr(c));
	wrmsr(0xc0000080, 0x801);
	OK(do_wrmsr(c));
}

static void test_apic_base(void)
{
	enum { OFF = 0xfee00100, XAPIC = 0xfee00900, X2APIC = 0xfee00d00, BAD = 0xfee00500 };
	static const struct { uint32_t from, to; bool allowed; } changes[] = {
		{ OFF, OFF, true }, { OFF, XAPIC, true }, { OFF, X2APIC, false }, { OFF, BAD, false }, { XAPIC, OFF, true }, { XAPIC, XAPIC, true },
		{ XAPIC, X2APIC, true }, { XAPIC, BAD, false }, { X2APIC, OFF, true }, { X2APIC, XAPIC, false }, { X2APIC, X2APIC, true }, { X2APIC, BAD, false },
	};

	protected_mode(0);
	for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		c->apic_base = changes[i].from;
		wrmsr(0x1b, changes[i].to);
		if (changes[i].allowed)
			OK(do_wrmsr(c));
		else
			FAULT(do_wrmsr(c), EXC_GP, 0);
		CHECK_EQ(c->apic_base, changes[i].allowed ? changes[i].to : changes[i].from);
	}
	for (int bit = 0; bit < 64; bit++) {
		c->apic_base = XAPIC;
		wrmsr(0x1b, XAPIC ^ 1ull << bit);
		if (bit < 8 || bit == 9 || bit >= CPUID_PHYS_BITS)
			FAULT(do_wrmsr(c), EXC_GP, 0);
		else
			OK(do_wrmsr(c));
	}
	c->apic_base = XAPIC;
	CHECK_EQ(rdmsr(0x802), 0xa002);
	c->gpr[RCX] = 0x803;
	FAULT(do_rdmsr(c), EXC_GP, 0);
	c->gpr[RCX] = 0x902;
	FAULT(do_rdmsr(c), EXC_GP, 0);
	wrmsr(0x80b, 0);
	OK(do_wrmsr(c));
	wrmsr(0x80b, 1);
	FAULT(do_wrmsr(c), EXC_GP, 0);
}

static void test_tsc_msrs(void)
{
	protected_mode(0);
	tsc_now = 1000;
	wrmsr(0x3b, 0);
	OK(do_wrmsr(c));
	wrmsr(0x10, 5000);
	OK(do_wrmsr(c));
	uint64_t adjust = rdmsr(0x3b);
	tsc_changes = 0;
	wrmsr(0x3b, adjust + 300);
	OK(do_wrmsr(c));
	CHECK(rdmsr(0x10) == 5300 && rdmsr(0x3b) == adjust + 300);
	wrmsr(0x10, 0xffffffff00000000);
	OK(do_wrmsr(c));
	CHECK(rdmsr(0x3b) == adjust + 0xffffffff00000000 - 5000 && tsc_changes == 2);
	wrmsr(0x3b, 0);
	OK(do_wrmsr(c));
	CHECK_EQ(rdmsr(0x10), 5000 - adjust);
	wrmsr(0x6e0, 0x123456789abc);
	OK(do_wrmsr(c));
	CHECK(tsc_deadline == 0x123456789abc && rdmsr(0x6e0) == 0x123456789abc);
}

static void test_umip(void)
{
	protected_mode(0);
	OK(cr_write(c, 4, CR4_UMIP));
	FAULT(umip_check(c), EXC_GP, 0);
	OK(cr_write(c, 4, 0));
	OK(umip_check(c));
}

static void cpuid(uint32_t leaf, uint32_t sub)
{
	c->gpr[RAX] = sx32(leaf);
	c->gpr[RCX] = sub;
	do_cpuid(c);
}

static void test_cpuid(void)
{
	protected_mode(0);
	cpuid(0, 0);
	CHECK(!memcmp(&c->gpr[RBX], "Genu", 4) && !memcmp(&c->gpr[RDX], "ineI", 4) && !memcmp(&c->gpr[RCX], "ntel", 4));
	CHECK_EQ(c->gpr[RAX], 0x16);
	cpuid(1, 0);
	CHECK_EQ(c->gpr[RAX], 0x106ca);
	CHECK_EQ(c->gpr[RCX], 0x7fa2203);
	CHECK(c->gpr[RDX] & 1 << 9);
	c->apic_base &= ~(uint64_t)APIC_BASE_ENABLE;
	cpuid(1, 0);
	CHECK(!(c->gpr[RDX] & 1 << 9));
	cpuid(0x80000002, 0);
	CHECK(!memcmp(&c->gpr[RAX], "Loon", 4));
	cpuid(4, 2);
	CHECK_EQ(((c->gpr[RBX] >> 22) + 1) * 64 * (c->gpr[RCX] + 1), 512 * 1024);
	cpuid(4, 3);
	CHECK_EQ(c->gpr[RAX], 0);
	cpuid(0x80000008, 0);
	CHECK_EQ(c->gpr[RAX], 48 << 8 | CPUID_PHYS_BITS);
	cpuid(7, 0);
	CHECK(c->gpr[RBX] == 0x683 && c->gpr[RCX] == 4 && c->gpr[RDX] == 0);
	for (uint32_t sub = 0; sub < 4; sub++) {
		static const uint32_t levels[] = { 0x100, 0x201, 2, 3 };
		cpuid(11, sub);
		CHECK(c->gpr[RAX] == 0 && c->gpr[RBX] == (sub < 2) && c->gpr[RCX] == levels[sub] && c->gpr[RDX] == c->id);
	}
	cpuid(0x15, 0);
	CHECK(c->gpr[RAX] == 1 && c->gpr[RBX] == 1 && c->gpr[RCX] == 1000000000);
	cpuid(0x16, 0);
	uint64_t last = c->gpr[RAX];
	cpuid(0x40000000, 0); /* beyond the last */
	CHECK(last == 1000 && c->gpr[RAX] == last);
	cpuid(0x80000001, 0);
	CHECK((c->gpr[RCX] & 0x101) == 0x101 && (c->gpr[RDX] & 1 << 20));
	c->misc_enable |= MISC_ENABLE_XD_DISABLE;
	cpuid(0x80000001, 0);
	CHECK(!(c->gpr[RDX] & 1 << 20));
	c->misc_enable &= ~MISC_ENABLE_XD_DISABLE;
	c->misc_enable |= MISC_ENABLE_LIMIT_CPUID;
	cpuid(0, 0);
	CHECK_EQ(c->gpr[RAX], 3);
	c->misc_enable &= ~(uint64_t)MISC_ENABLE_LIMIT_CPUID;
}

int main(void)
{
	test_reset();
	test_control_registers();
	test_pdptes();
	test_debug_registers();
	test_breakpoints();
	test_flag_instructions();
	test_ports();
	test_long_mode();
	test_msrs();
	test_odd_msrs();
	test_apic_base();
	test_tsc_msrs();
	test_umip();
	test_cpuid();
	return report();
}
