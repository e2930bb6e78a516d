/* SYSENTER and SYSEXIT, the fast system call of the P6 family, and SYSCALL and SYSRET of 64-bit code (Intel SDM 2B). */
#include "translator/debug.h"
#include "translator/descriptor.h"
#include "translator/mmu.h"
#include "translator/seg.h"

#define CODE_ATTR (SEG_ATTR_P | SEG_ATTR_S | SEG_ATTR_CODE | SEG_ATTR_W | SEG_ATTR_A)
#define STACK_ATTR (SEG_ATTR_P | SEG_ATTR_S | SEG_ATTR_W | SEG_ATTR_A)

/* Flags that SYSRET loads from R11. */
#define SYSRET_FLAGS (FL_ARITH | FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT | FL_AC | FL_VIF | FL_VIP | FL_ID)

/* Selectors of CS and SS with their hidden parts: flat, CS of 64-bit code when `wide`. */
static void flat_pair(struct seg *code, struct seg *stack, uint16_t cs, uint16_t ss, unsigned cpl, bool wide)
{
	uint16_t dpl = cpl << 5;

	(wide ? seg_set_long : seg_set_flat)(code, (cs & 0xfffc) | cpl, CODE_ATTR | dpl);
	seg_set_flat(stack, (ss & 0xfffc) | cpl, STACK_ATTR | dpl);
}

/* Loads flat CS and SS, of 64-bit code when `wide`, and goes to eip. */
static void enter_flat(struct cpu *cpu, uint16_t cs, uint16_t ss, unsigned cpl, bool wide, uint64_t eip, uint64_t esp)
{
	flat_pair(&cpu->seg[SEG_CS], &cpu->seg[SEG_SS], cs, ss, cpl, wide);
	cpu->gpr[RSP] = wide ? esp : sx32(esp);
	cpu->eip = wide ? eip : (uint32_t)eip;
	cpu->cpl = cpl;
	cpu_update_mode(cpu);
}

void sysenter(struct cpu *cpu)
{
	uint16_t cs = cpu->sysenter_cs;

	if (!(cpu->cr0 & CR0_PE) || sel_is_null(cs))
		cpu_raise_err(cpu, EXC_GP, 0);
	cpu->eflags &= ~(FL_VM | FL_IF | FL_RF);
	enter_flat(cpu, cs, cs + 8, 0, cpu->efer & EFER_LMA, cpu->sysenter_eip, cpu->sysenter_esp);
}

void sysexit(struct cpu *cpu, int opsize)
{
	uint16_t cs = cpu->sysenter_cs + (opsize == 8 ? 32 : 16);
	bool wide = opsize == 8;

	if (!(cpu->mode & MODE_PE) || cpu->cpl != 0 || sel_is_null(cpu->sysenter_cs))
		cpu_raise_err(cpu, EXC_GP, 0);
	if (wide && !(mmu_canonical(cpu->gpr[RDX]) && mmu_canonical(cpu->gpr[RCX])))
		cpu_raise_err(cpu, EXC_GP, 0);
	enter_flat(cpu, cs, cs + 8, 3, wide, cpu->gpr[RDX], cpu->gpr[RCX]);
}

/* Unlike with other instructions, it is TF as SYSCALL and SYSRET leave it that asks for a trap after them: so a kernel that masks TF is not stepped
 * into, and the trap of a stepped system call comes when it returns. */
static void step_by_new_tf(struct cpu *cpu)
{
	cpu->debug.step = cpu->eflags & FL_TF;
	if (cpu->debug.step)
		debug_after_insn(cpu);
}

void syscall64(struct cpu *cpu, uint64_t next)
{
	uint32_t flags = cpu_get_eflags(cpu);
	uint16_t cs = cpu->star >> 32;

	if (!(cpu->mode & MODE_LONG) || !(cpu->efer & EFER_SCE))
		cpu_raise(cpu, EXC_UD);
	cpu->gpr[RCX] = next;
	cpu->gpr[R11] = flags & ~FL_RF;
	cpu_set_eflags(cpu, flags & ~(uint32_t)cpu->fmask & ~FL_RF, UINT32_MAX);
	enter_flat(cpu, cs, cs + 8, 0, true, cpu->lstar, cpu->gpr[RSP]);
	step_by_new_tf(cpu);
}

void sysret(struct cpu *cpu, int opsize)
{
	uint16_t base = cpu->star >> 48;
	bool wide = opsize == 8;

	if (!(cpu->mode & MODE_LONG) || !(cpu->efer & EFER_SCE))
		cpu_raise(cpu, EXC_UD);
	if (cpu->cpl != 0 || (wide && !mmu_canonical(cpu->gpr[RCX])))
		cpu_raise_err(cpu, EXC_GP, 0);
	cpu_set_eflags(cpu, (uint32_t)cpu->gpr[R11] & SYSRET_FLAGS, UINT32_MAX);
	enter_flat(cpu, wide ? base + 16 : base, base + 8, 3, wide, cpu->gpr[RCX], cpu->gpr[RSP]);
	step_by_new_tf(cpu);
}

void fastcall_prepare(struct cpu *cpu)
{
	uint16_t call = cpu->star >> 32, ret = cpu->star >> 48, enter = cpu->sysenter_cs;

	flat_pair(&cpu->syscall_seg.cs, &cpu->syscall_seg.ss, call, call + 8, 0, true);
	flat_pair(&cpu->sysret_seg.cs, &cpu->sysret_seg.ss, ret + 16, ret + 8, 3, true);
	flat_pair(&cpu->sysenter_seg.cs, &cpu->sysenter_seg.ss, enter, enter + 8, 0, false);
	flat_pair(&cpu->sysexit_seg.cs, &cpu->sysexit_seg.ss, enter + 16, enter + 24, 3, false);
	if (sel_is_null(enter))
		cpu->sysenter_seg.cs.sel = cpu->sysexit_seg.cs.sel = 0;
	if (!(cpu->efer & EFER_SCE))
		cpu->syscall_seg.cs.sel = cpu->sysret_seg.cs.sel = 0;
}
