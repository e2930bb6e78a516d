/* SYSENTER and SYSEXIT: the fast system call of the P6 family (Intel SDM 2B). */
#include "translator/descriptor.h"
#include "translator/seg.h"

#define CODE_ATTR (SEG_ATTR_P | SEG_ATTR_S | SEG_ATTR_CODE | SEG_ATTR_W | SEG_ATTR_A)
#define STACK_ATTR (SEG_ATTR_P | SEG_ATTR_S | SEG_ATTR_W | SEG_ATTR_A)

/* Loads the flat CS and SS that lie `cs_offset` and the next 8 bytes after the selector in the SYSENTER_CS MSR. */
static void enter_flat(struct cpu *cpu, unsigned cs_offset, unsigned cpl, uint64_t eip, uint64_t esp)
{
	uint16_t cs = ((cpu->sysenter_cs & 0xfffc) + cs_offset) | cpl;
	uint16_t ss = ((cpu->sysenter_cs & 0xfffc) + cs_offset + 8) | cpl;
	uint16_t dpl = cpl << 5;

	seg_set_flat(&cpu->seg[SEG_CS], cs, CODE_ATTR | dpl);
	seg_set_flat(&cpu->seg[SEG_SS], ss, STACK_ATTR | dpl);
	cpu->gpr[RSP] = sx32(esp);
	cpu->eip = (uint32_t)eip;
	cpu->cpl = cpl;
	cpu_update_mode(cpu);
}

void sysenter(struct cpu *cpu)
{
	if (!(cpu->cr0 & CR0_PE) || sel_is_null(cpu->sysenter_cs))
		cpu_raise_err(cpu, EXC_GP, 0);
	cpu->eflags &= ~(FL_VM | FL_IF | FL_RF);
	enter_flat(cpu, 0, 0, cpu->sysenter_eip, cpu->sysenter_esp);
}

void sysexit(struct cpu *cpu, int opsize)
{
	(void)opsize;
	if (!(cpu->mode & MODE_PE) || cpu->cpl != 0 || sel_is_null(cpu->sysenter_cs))
		cpu_raise_err(cpu, EXC_GP, 0);
	enter_flat(cpu, 16, 3, cpu->gpr[RDX], cpu->gpr[RCX]);
}
