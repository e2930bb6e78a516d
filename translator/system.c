/* Instructions of the operating system: control and debug registers, flags, halt, port I/O, time stamp (Intel SDM 2). */
#include "translator/debug.h"
#include "translator/descriptor.h"
#include "translator/mmu.h"
#include "translator/seg.h"
#include "translator/vme.h"

#define CR0_DEFINED (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD | CR0_PG)
#define CR4_DEFINED \
	(CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_FSGSBASE | CR4_PCIDE | \
	 CR4_OSXSAVE | CR4_SMEP | CR4_UMIP)
/* Bits whose change makes cached address translations wrong; CR0.PE alone does not, since it cannot change with paging on */
#define CR0_PAGING (CR0_PG | CR0_WP)
#define CR4_PAGING (CR4_PSE | CR4_PAE | CR4_PGE | CR4_PCIDE | CR4_SMEP)

#define LMSW_BITS (CR0_PE | CR0_MP | CR0_EM | CR0_TS)

#define DR6_FIXED_1 0xffff0ff0u
#define DR6_WRITABLE 0x0000e00fu
#define DR7_FIXED_1 0x00000400u
#define DR7_WRITABLE 0xffff23ffu

static void need_cpl0(struct cpu *cpu)
{
	if (cpu->cpl != 0)
		cpu_raise_err(cpu, EXC_GP, 0);
}

/* ---- control registers ---- */

uint64_t cr_read(struct cpu *cpu, int n)
{
	const uint64_t *reg[] = { [0] = &cpu->cr0, [2] = &cpu->cr2, [3] = &cpu->cr3, [4] = &cpu->cr4 };

	if (n > 4 || !reg[n])
		cpu_raise(cpu, EXC_UD);
	need_cpl0(cpu);
	return *reg[n];
}

/* Paging by PAE tables that a load of CR0, CR3 or CR4 turns on or keeps on: #GP(0) when they cannot be loaded from cr3 (SDM 3A, 4.4.1). */
static void need_pdptes(struct cpu *cpu, uint64_t cr0, uint64_t cr4, uint64_t cr3)
{
	if ((cr0 & CR0_PG) && (cr4 & CR4_PAE) && mmu_load_pdptes(cpu, cr3) < 0)
		cpu_raise_err(cpu, EXC_GP, 0);
}

static void set_cr0(struct cpu *cpu, uint64_t v)
{
	uint64_t old = cpu->cr0;

	cpu->cr0 = (v & CR0_DEFINED) | CR0_ET;
	if ((old ^ cpu->cr0) & CR0_PAGING)
		mmu_flush(cpu, false);
	cpu_update_mode(cpu);
}

static bool may_enter_long_mode(const struct cpu *cpu)
{
	bool tss16 = (cpu->seg[SEG_TR].attr & SEG_ATTR_TYPE) == SYS_TSS16_BUSY;

	return (cpu->cr4 & CR4_PAE) && !(cpu->seg[SEG_CS].attr & SEG_ATTR_L) && !tss16;
}

static bool may_leave_long_mode(const struct cpu *cpu)
{
	return !(cpu->mode & MODE_LONG) && !(cpu->cr4 & CR4_PCIDE);
}

/* With EFER.LME set, long mode comes and goes with paging (SDM 3A, 9.8.5). */
static void long_mode_by_paging(struct cpu *cpu, bool on)
{
	bool was = cpu->efer & EFER_LMA;

	if (was == on)
		return;
	if (!(on ? may_enter_long_mode(cpu) : may_leave_long_mode(cpu)))
		cpu_raise_err(cpu, EXC_GP, 0);
	cpu->efer ^= EFER_LMA;
}

static void cr0_write(struct cpu *cpu, uint64_t v)
{
	bool paging_unprotected = (v & CR0_PG) && !(v & CR0_PE);
	bool write_through_uncached = (v & CR0_NW) && !(v & CR0_CD);

	if (paging_unprotected || write_through_uncached || v >> 32)
		cpu_raise_err(cpu, EXC_GP, 0);
	if (cpu->efer & EFER_LME)
		long_mode_by_paging(cpu, v & CR0_PG);
	else if ((cpu->cr0 ^ v) & CR0_PAGING)
		need_pdptes(cpu, v, cpu->cr4, cpu->cr3);
	set_cr0(cpu, v);
}

static void cr4_write(struct cpu *cpu, uint64_t v)
{
	uint64_t old = cpu->cr4;

	if (v & ~(uint64_t)CR4_DEFINED)
		cpu_raise_err(cpu, EXC_GP, 0);
	if ((v & ~old & CR4_PCIDE) && (!(cpu->efer & EFER_LMA) || (cpu->cr3 & 0xfff)))
		cpu_raise_err(cpu, EXC_GP, 0);
	if ((cpu->efer & EFER_LMA) && !(v & CR4_PAE))
		cpu_raise_err(cpu, EXC_GP, 0);
	if (((old ^ v) & CR4_PAGING) && !(cpu->efer & EFER_LMA))
		need_pdptes(cpu, cpu->cr0, v, cpu->cr3);
	cpu->cr4 = v;
	if ((old ^ v) & CR4_PAGING)
		mmu_flush(cpu, false);
	cpu_update_mode(cpu);
}

void cr_write(struct cpu *cpu, int n, uint64_t v)
{
	if (!(cpu->mode & MODE_LONG))
		v = (uint32_t)v;
	if (n != 0 && n != 2 && n != 3 && n != 4 && n != 8)
		cpu_raise(cpu, EXC_UD);
	need_cpl0(cpu);
	switch (n) {
	case 0:
		cr0_write(cpu, v);
		break;
	case 2:
		cpu->cr2 = v;
		break;
	case 3:
		if (mmu_set_cr3(cpu, v))
			cpu_raise_err(cpu, EXC_GP, 0);
		break;
	case 4:
		cr4_write(cpu, v);
		break;
	case 8:
		if (v > 15)
			cpu_raise_err(cpu, EXC_GP, 0);
		board_set_task_priority(cpu, (unsigned)v);
		break;
	}
}

void do_clts(struct cpu *cpu)
{
	need_cpl0(cpu);
	cpu->cr0 &= ~(uint64_t)CR0_TS;
	cpu_update_mode(cpu);
}

void do_lmsw(struct cpu *cpu, uint16_t v)
{
	need_cpl0(cpu);
	/* LMSW can set PE but not clear it. */
	set_cr0(cpu, (cpu->cr0 & ~(uint64_t)(LMSW_BITS & ~CR0_PE)) | (v & LMSW_BITS));
}

bool do_invlpg(struct cpu *cpu, uint64_t lin)
{
	need_cpl0(cpu);
	return mmu_invlpg(cpu, lin);
}

void umip_check(struct cpu *cpu)
{
	if (cpu->cr4 & CR4_UMIP)
		cpu_raise_err(cpu, EXC_GP, 0);
}

/* ---- debug registers ---- */

/* Checks common to reads and writes; returns the register meant (DR4 and DR5 are other names of DR6 and DR7 while CR4.DE is clear). */
static int debug_register(struct cpu *cpu, int n)
{
	bool alias = n == 4 || n == 5;

	if (n > 7 || (alias && (cpu->cr4 & CR4_DE)))
		cpu_raise(cpu, EXC_UD);
	need_cpl0(cpu);
	debug_check_register_access(cpu);
	return alias ? n + 2 : n;
}

uint64_t dr_read(struct cpu *cpu, int n)
{
	n = debug_register(cpu, n);
	return cpu->dr[n];
}

void dr_write(struct cpu *cpu, int n, uint64_t v)
{
	n = debug_register(cpu, n);
	if (!(cpu->mode & MODE_LONG))
		v = (uint32_t)v;
	else if (n >= 6 && v >> 32)
		cpu_raise_err(cpu, EXC_GP, 0);
	if (n == 6)
		v = (v & DR6_WRITABLE) | DR6_FIXED_1;
	if (n == 7)
		v = (v & DR7_WRITABLE) | DR7_FIXED_1;
	cpu->dr[n] = v;
	cpu_update_mode(cpu);
}

/* ---- flags ---- */

/* Who CLI and STI act upon: IF, VIF (virtual-8086 extensions, protected-mode virtual interrupts), or none: #GP(0). */
static uint32_t interrupt_flag(struct cpu *cpu)
{
	if (cpu->mode & MODE_IOPL_OK)
		return FL_IF;
	if (vme_virtual_if(cpu) || ((cpu->mode & MODE_PE) && cpu->cpl == 3 && (cpu->cr4 & CR4_PVI)))
		return FL_VIF;
	cpu_raise_err(cpu, EXC_GP, 0);
}

void do_cli(struct cpu *cpu)
{
	cpu->eflags &= ~interrupt_flag(cpu);
}

void do_sti(struct cpu *cpu)
{
	uint32_t flag = interrupt_flag(cpu);

	if (flag == FL_VIF && (cpu->eflags & FL_VIP))
		cpu_raise_err(cpu, EXC_GP, 0);
	if (flag == FL_IF && !(cpu->eflags & FL_IF)) {
		cpu->inhibit = 1;
		cpu->debug.sti_shadow = true;
	}
	cpu->eflags |= flag;
}

/* PUSHF and POPF in virtual-8086 mode with IOPL below 3 exist only as the 16-bit forms of VME. */
static bool need_virtual_flags(struct cpu *cpu, int opsize)
{
	if (!(cpu->mode & MODE_VM) || (cpu->mode & MODE_IOPL_OK))
		return false;
	if (opsize != 2 || !vme_virtual_if(cpu))
		cpu_raise_err(cpu, EXC_GP, 0);
	return true;
}

void do_pushf(struct cpu *cpu, int opsize, uint32_t *value)
{
	if (need_virtual_flags(cpu, opsize))
		*value = vme_flags_image(cpu);
	else
		*value = cpu_get_eflags(cpu) & ~(FL_VM | FL_RF);
}

void do_popf(struct cpu *cpu, int opsize, uint32_t value)
{
	uint32_t mask = FL_ARITH | FL_TF | FL_DF | FL_NT;

	if (need_virtual_flags(cpu, opsize)) {
		vme_load_flags(cpu, value);
		return;
	}
	if (cpu->mode & MODE_IOPL_OK)
		mask |= FL_IF;
	if (cpu->cpl == 0)
		mask |= FL_IOPL;
	if (opsize != 2) {
		mask |= FL_RF | FL_AC | FL_ID;
		value &= ~FL_RF;
	}
	cpu_set_eflags(cpu, value, mask);
}

/* ---- the rest ---- */

void do_hlt(struct cpu *cpu, uint64_t next)
{
	need_cpl0(cpu);
	cpu->eip = next;
	/* A debug trap due after this instruction keeps the processor from halting. */
	debug_after_insn(cpu);
	cpu->halted = true;
	cpu_exit(cpu);
}

/* Neither the permission bitmap nor breakpoints are to be looked at. */
static inline bool ports_are_free(const struct cpu *cpu)
{
	return (cpu->mode & (MODE_IOPL_OK | MODE_VM | MODE_DBG)) == MODE_IOPL_OK;
}

static __attribute__((noinline)) uint32_t checked_in(struct cpu *cpu, uint16_t port, int size)
{
	io_check(cpu, port, size);
	debug_check_io(cpu, port, size);
	return board_port_read(cpu, port, size);
}

static __attribute__((noinline)) void checked_out(struct cpu *cpu, uint16_t port, int size, uint32_t v)
{
	io_check(cpu, port, size);
	debug_check_io(cpu, port, size);
	board_port_write(cpu, port, size, v);
}

uint32_t do_in(struct cpu *cpu, uint16_t port, int size)
{
	if (!ports_are_free(cpu))
		return checked_in(cpu, port, size);
	return board_port_read(cpu, port, size);
}

void do_out(struct cpu *cpu, uint16_t port, int size, uint32_t v)
{
	if (!ports_are_free(cpu))
		checked_out(cpu, port, size, v);
	else
		board_port_write(cpu, port, size, v);
}

void do_rdtsc(struct cpu *cpu)
{
	if ((cpu->cr4 & CR4_TSD) && cpu->cpl != 0)
		cpu_raise_err(cpu, EXC_GP, 0);
	uint64_t tsc = board_tsc() + cpu->tsc_offset;
	cpu_set_gpr(cpu, RAX, 4, (uint32_t)tsc);
	cpu_set_gpr(cpu, RDX, 4, tsc >> 32);
}

void do_rdtscp(struct cpu *cpu)
{
	do_rdtsc(cpu);
	cpu_set_gpr(cpu, RCX, 4, (uint32_t)cpu->tsc_aux);
}

void do_invpcid(struct cpu *cpu, uint64_t type, uint64_t lin)
{
	need_cpl0(cpu);
	uint64_t pcid = mem_read64(cpu, lin, 0), address = mem_read64(cpu, lin + 8, 0);
	if (mmu_invpcid(cpu, cpu->mode & MODE_LONG ? type : (uint32_t)type, pcid, address) < 0)
		cpu_raise_err(cpu, EXC_GP, 0);
}

/* There are no performance counters: every counter number is invalid. */
void do_rdpmc(struct cpu *cpu)
{
	cpu_raise_err(cpu, EXC_GP, 0);
}
