#include "translator/xsave.h"

#include <string.h>

#include "translator/fxsave.h"
#include "translator/mmu.h"
#include "translator/mxcsr.h"
#include "translator/x87.h"

struct area {
	struct fximage legacy;
	uint64_t xstate_bv, xcomp_bv, reserved[6];
} __attribute__((packed));
_Static_assert(sizeof(struct area) == XSAVE_SIZE, "XSAVE area");

static void need_enabled(struct cpu *cpu)
{
	if (!(cpu->cr4 & CR4_OSXSAVE))
		cpu_raise(cpu, EXC_UD);
}

static void check_access(struct cpu *cpu, uint64_t lin)
{
	need_enabled(cpu);
	if (cpu->cr0 & CR0_TS)
		cpu_raise(cpu, EXC_NM);
	if (lin & 63)
		cpu_raise_err(cpu, EXC_GP, 0);
}

/* RFBM: what the instruction works on. */
static uint64_t requested(const struct cpu *cpu)
{
	return cpu->xcr0 & ((uint32_t)cpu->gpr[RAX] | cpu->gpr[RDX] << 32);
}

uint64_t xsave(struct cpu *cpu, uint64_t lin, uint64_t wide)
{
	uint64_t components;
	struct area m;

	check_access(cpu, lin);
	components = requested(cpu);
	mem_probe(cpu, lin, sizeof(m), ACC_WRITE);
	mem_read(cpu, lin, &m, sizeof(m), 0);
	if (components & XCR0_X87)
		fximage_put_x87(cpu, &m.legacy, wide);
	if (components & XCR0_SSE) {
		fximage_put_mxcsr(cpu, &m.legacy);
		memcpy(m.legacy.xmm, cpu->xmm, fximage_xmm_count(cpu) * 16);
	}
	m.xstate_bv |= components;
	mem_write(cpu, lin, &m, sizeof(m), 0);
	return 0;
}

static bool header_allowed(const struct cpu *cpu, const struct area *m)
{
	return !(m->xstate_bv & ~cpu->xcr0) && !m->xcomp_bv && !m->reserved[0];
}

static void initialize_x87(struct cpu *cpu)
{
	x87_spill(cpu);
	x87_init(cpu);
	for (unsigned i = 0; i < 8; i++)
		x87_put(cpu, i, (struct f80){ 0, 0 });
	cpu->x87.tag_empty = 0xff;
}

uint64_t xrstor(struct cpu *cpu, uint64_t lin, uint64_t wide)
{
	uint64_t components;
	struct area m;

	check_access(cpu, lin);
	components = requested(cpu);
	mem_read(cpu, lin, &m, sizeof(m), 0);
	if (!header_allowed(cpu, &m) || (components & XCR0_SSE && m.legacy.mxcsr & ~MXCSR_MASK))
		cpu_raise_err(cpu, EXC_GP, 0);
	if (components & m.xstate_bv & XCR0_X87)
		fximage_get_x87(cpu, &m.legacy, wide);
	else if (components & XCR0_X87)
		initialize_x87(cpu);
	if (!(components & XCR0_SSE))
		return 0;
	/* MXCSR comes from the area even where the registers are initialized */
	mxcsr_set(cpu, m.legacy.mxcsr);
	if (m.xstate_bv & XCR0_SSE)
		memcpy(cpu->xmm, m.legacy.xmm, fximage_xmm_count(cpu) * 16);
	else
		memset(cpu->xmm, 0, fximage_xmm_count(cpu) * 16);
	return 0;
}

void xgetbv(struct cpu *cpu)
{
	need_enabled(cpu);
	if ((uint32_t)cpu->gpr[RCX] != 0)
		cpu_raise_err(cpu, EXC_GP, 0);
	cpu_set_gpr(cpu, RAX, 4, (uint32_t)cpu->xcr0);
	cpu_set_gpr(cpu, RDX, 4, cpu->xcr0 >> 32);
}

void xsetbv(struct cpu *cpu)
{
	uint64_t value = (uint32_t)cpu->gpr[RAX] | cpu->gpr[RDX] << 32;

	need_enabled(cpu);
	if (cpu->cpl != 0 || (uint32_t)cpu->gpr[RCX] != 0 || !(value & XCR0_X87) || value & ~(uint64_t)XCR0_SUPPORTED)
		cpu_raise_err(cpu, EXC_GP, 0);
	cpu->xcr0 = value;
}
