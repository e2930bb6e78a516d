#include "translator/mxcsr.h"
#include "translator/vregs.h"

/* FCSR (LoongArch Reference Manual volume 1, 3.1.4): rounding mode in bits 8-9, flags I U O Z V from bit 16. */
#define FCSR_RM_SHIFT 8
#define FCSR_FLAGS_SHIFT 16

/* MXCSR's flags in the order of FCSR's: PE UE OE ZE IE. */
static const uint8_t flag_of[5] = { 0x20, 0x10, 0x08, 0x04, 0x01 };

static uint32_t collected(uint32_t fcsr)
{
	uint32_t flags = 0;

	for (int k = 0; k < 5; k++)
		if (fcsr >> (FCSR_FLAGS_SHIFT + k) & 1)
			flags |= flag_of[k];
	return flags;
}

uint32_t mxcsr_get(struct cpu *cpu)
{
	return cpu->mxcsr | collected(fcsr_read());
}

/* FCSR's rounding modes 1 and 3 are MXCSR's 3 and 1. */
void mxcsr_set(struct cpu *cpu, uint32_t value)
{
	uint32_t rc = value >> MXCSR_RC_SHIFT & 3, mode = cpu->mode;

	cpu->mxcsr = value;
	fcsr_write((((0 - rc) & 3) << FCSR_RM_SHIFT) | FCSR_TRAP_INVALID);
	cpu_update_mode(cpu);
	if (cpu->mode != mode)
		cpu->stop = 1;
}

uint64_t stmxcsr(struct cpu *cpu)
{
	return mxcsr_get(cpu);
}

uint64_t ldmxcsr(struct cpu *cpu, uint64_t value)
{
	if ((uint32_t)value & ~MXCSR_MASK)
		cpu_raise_err(cpu, EXC_GP, 0);
	mxcsr_set(cpu, (uint32_t)value);
	return 0;
}
