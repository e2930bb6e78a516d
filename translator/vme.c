#include "translator/vme.h"

#include "translator/mmu.h"

#define TSS_MAP_BASE 102
#define REDIRECTION_BYTES 32 /* the interrupt redirection bitmap ends where the I/O permission bitmap begins */

static bool iopl_is_3(const struct cpu *cpu)
{
	return (cpu->eflags & FL_IOPL) == FL_IOPL;
}

bool vme_virtual_if(const struct cpu *cpu)
{
	return (cpu->mode & MODE_VM) && !iopl_is_3(cpu) && (cpu->cr4 & CR4_VME);
}

uint16_t vme_flags_image(const struct cpu *cpu)
{
	uint32_t image = cpu_get_eflags(cpu) | FL_IOPL;
	return cpu->eflags & FL_VIF ? image | FL_IF : image & ~FL_IF;
}

void vme_check_flags(struct cpu *cpu, uint16_t image)
{
	if ((image & FL_TF) || ((image & FL_IF) && (cpu->eflags & FL_VIP)))
		cpu_raise_err(cpu, EXC_GP, 0);
}

void vme_load_flags(struct cpu *cpu, uint16_t image)
{
	vme_check_flags(cpu, image);
	uint32_t value = image & FL_IF ? image | FL_VIF : image;
	cpu_set_eflags(cpu, value, FL_ARITH | FL_TF | FL_DF | FL_NT | FL_VIF);
}

bool vme_redirects(struct cpu *cpu, int vector)
{
	const struct seg *tr = &cpu->seg[SEG_TR];

	if (!(cpu->cr4 & CR4_VME))
		return false;
	if (tr->limit < TSS_MAP_BASE + 1)
		cpu_raise_err(cpu, EXC_GP, 0);
	uint32_t map_end = mem_read16(cpu, tr->base + TSS_MAP_BASE, ACC_IMPLICIT);
	uint32_t off = map_end - REDIRECTION_BYTES + vector / 8;
	if (map_end < REDIRECTION_BYTES || off > tr->limit)
		cpu_raise_err(cpu, EXC_GP, 0);
	return !(mem_read8(cpu, tr->base + off, ACC_IMPLICIT) >> (vector & 7) & 1);
}
