#include "translator/msr.h"

#include <string.h>

#include "translator/board.h"
#include "translator/cpuid.h"
#include "translator/mmu.h"
#include "translator/seg.h"

enum {
	MSR_P5_MC_ADDR = 0x0, MSR_P5_MC_TYPE = 0x1, MSR_TSC = 0x10, MSR_PLATFORM_ID = 0x17, MSR_APIC_BASE = 0x1b, MSR_EBL_CR_POWERON = 0x2a,
	MSR_FEATURE_CONTROL = 0x3a, MSR_TSC_ADJUST = 0x3b, MSR_BIOS_UPDT_TRIG = 0x79, MSR_BIOS_SIGN_ID = 0x8b, MSR_MTRRCAP = 0xfe, MSR_BBL_CR_CTL3 = 0x11e,
	MSR_SYSENTER_CS = 0x174, MSR_SYSENTER_ESP = 0x175, MSR_SYSENTER_EIP = 0x176, MSR_MCG_CAP = 0x179, MSR_MCG_STATUS = 0x17a,
	MSR_MISC_ENABLE = 0x1a0, MSR_DEBUGCTL = 0x1d9, MSR_MTRR_VAR = 0x200, MSR_MTRR_FIX64K = 0x250, MSR_MTRR_FIX16K = 0x258,
	MSR_MTRR_FIX4K = 0x268, MSR_PAT = 0x277, MSR_MTRR_DEF_TYPE = 0x2ff, MSR_TSC_DEADLINE = 0x6e0, MSR_X2APIC = 0x800, MSR_X2APIC_LAST = 0x8ff,
};
enum {
	MSR_EFER = 0xc0000080u, MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_FMASK, MSR_FS_BASE = 0xc0000100u, MSR_GS_BASE, MSR_KERNEL_GS_BASE, MSR_TSC_AUX,
};

#define NVAR 8
#define MTRRCAP_VALUE (NVAR | 0x100 /* fixed ranges */ | 0x400 /* write combining */)
#define MTRR_DEF_TYPE_ENABLES 0xc00u
#define MTRR_MASK_VALID 0x800u
#define PHYS_PAGES (((1ull << CPUID_PHYS_BITS) - 1) & ~0xfffull)
#define MISC_FAST_STRINGS 0x1u
#define MISC_PERFMON_AVAILABLE 0x80u /* it is not; writes are ignored */
#define MISC_BTS_UNAVAILABLE 0x800u
#define MISC_PEBS_UNAVAILABLE 0x1000u
/* Thermal control, SpeedStep, MONITOR, xTPR messages: bits without an effect, as there is nothing to switch */
#define MISC_STORED 0x850008u
#define MISC_WRITABLE (MISC_FAST_STRINGS | MISC_STORED | MISC_ENABLE_LIMIT_CPUID | MISC_ENABLE_XD_DISABLE)
#define MISC_READ_ONLY (MISC_BTS_UNAVAILABLE | MISC_PEBS_UNAVAILABLE)
#define FEATURE_CONTROL_LOCKED 1u
#define L2_PRESENT_AND_ENABLED 0x101u
#define PAT_RESET 0x0007040600070406ull
#define APIC_BASE_RESET 0xfee00000u

/* Memory types as bit sets: MTRRs know UC, WC, WT, WP, WB; the PAT also UC-. */
#define MTRR_TYPES 0x73u
#define PAT_TYPES 0xf3u

/* An MSR that is one field. A change of bits that are neither writable nor ignored raises #GP(0). */
struct plain_msr {
	uint32_t index;
	uint32_t offset;
	uint64_t writable, ignored;
	bool address; /* must be canonical */
};
#define REST UINT64_MAX
#define FIELD(f) offsetof(struct cpu, f)
static const struct plain_msr plain[] = {
	{ MSR_BIOS_SIGN_ID, FIELD(ucode_rev), UINT64_MAX, 0, false },
	{ MSR_SYSENTER_CS, FIELD(sysenter_cs), 0xffffffff, REST, false },
	{ MSR_SYSENTER_ESP, FIELD(sysenter_esp), UINT64_MAX, 0, true },
	{ MSR_SYSENTER_EIP, FIELD(sysenter_eip), UINT64_MAX, 0, true },
	{ MSR_MCG_STATUS, FIELD(mcg_status), 0x7, 0, false },
	{ MSR_MISC_ENABLE, FIELD(misc_enable), MISC_WRITABLE, MISC_PERFMON_AVAILABLE, false },
	{ MSR_EFER, FIELD(efer), EFER_NXE | EFER_LME | EFER_SCE, EFER_LMA, false },
	{ MSR_STAR, FIELD(star), UINT64_MAX, 0, false },
	{ MSR_LSTAR, FIELD(lstar), UINT64_MAX, 0, true },
	{ MSR_CSTAR, FIELD(cstar), UINT64_MAX, 0, true },
	{ MSR_FMASK, FIELD(fmask), 0xffffffff, 0, false },
	{ MSR_FS_BASE, FIELD(seg[SEG_FS].base), UINT64_MAX, 0, true },
	{ MSR_GS_BASE, FIELD(seg[SEG_GS].base), UINT64_MAX, 0, true },
	{ MSR_KERNEL_GS_BASE, FIELD(kernel_gs_base), UINT64_MAX, 0, true },
	{ MSR_TSC_AUX, FIELD(tsc_aux), 0xffffffff, 0, false },
};

static const struct plain_msr *find_plain(uint32_t index)
{
	for (unsigned i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (plain[i].index == index)
			return &plain[i];
	}
	return NULL;
}

static uint64_t *plain_field(struct cpu *cpu, const struct plain_msr *m)
{
	return (uint64_t *)((char *)cpu + m->offset);
}

/*
 * MSRs whose value never changes. Some are promised by no CPUID bit, but old kernels know that processors of this family have them (Intel SDM 4,
 * table 2-3, "Intel Atom Processor Family"). VMX being absent, FEATURE_CONTROL is locked by a BIOS that turned it off.
 */
enum constant_write { CONST_READ_ONLY, CONST_ZERO /* may be written with 0 */, CONST_IGNORED };
static const struct constant_msr {
	uint32_t index;
	enum constant_write write;
	uint64_t value;
} constants[] = {
	{ MSR_P5_MC_ADDR, CONST_ZERO, 0 },
	{ MSR_P5_MC_TYPE, CONST_ZERO, 0 },
	{ MSR_PLATFORM_ID, CONST_READ_ONLY, 0 },
	{ MSR_EBL_CR_POWERON, CONST_ZERO, 0 },
	{ MSR_FEATURE_CONTROL, CONST_READ_ONLY, FEATURE_CONTROL_LOCKED },
	{ MSR_MTRRCAP, CONST_READ_ONLY, MTRRCAP_VALUE },
	{ MSR_BBL_CR_CTL3, CONST_IGNORED, L2_PRESENT_AND_ENABLED },
	{ MSR_MCG_CAP, CONST_READ_ONLY, 0 },
	{ MSR_DEBUGCTL, CONST_ZERO, 0 },
};

static const struct constant_msr *find_constant(uint32_t index)
{
	for (unsigned i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		if (constants[i].index == index)
			return &constants[i];
	}
	return NULL;
}

static bool read_constant(uint32_t index, uint64_t *v)
{
	const struct constant_msr *c = find_constant(index);

	if (c)
		*v = c->value;
	return c;
}

/* BIOS_UPDT_TRIG, which cannot be read, takes the address of a microcode update: none has what makes it one for this CPU. */
static bool write_constant(uint32_t index, uint64_t v)
{
	const struct constant_msr *c = find_constant(index);

	if (!c)
		return index == MSR_BIOS_UPDT_TRIG;
	return c->write == CONST_IGNORED || (c->write == CONST_ZERO && v == 0);
}

/* ---- memory types ---- */

static bool types_valid(uint64_t v, uint32_t types)
{
	for (int i = 0; i < 8; i++) {
		unsigned type = v >> (8 * i) & 0xff;
		if (type > 7 || !(types >> type & 1))
			return false;
	}
	return true;
}

/* Place of a fixed-range MTRR in cpu->mtrr.fixed, or -1. */
static int fixed_slot(uint32_t index)
{
	if (index == MSR_MTRR_FIX64K)
		return 0;
	if (index == MSR_MTRR_FIX16K || index == MSR_MTRR_FIX16K + 1)
		return 1 + (index - MSR_MTRR_FIX16K);
	if (index >= MSR_MTRR_FIX4K && index < MSR_MTRR_FIX4K + 8)
		return 3 + (index - MSR_MTRR_FIX4K);
	return -1;
}

/* The field of a memory-type MSR, or NULL when it is none. */
static uint64_t *memory_type_field(struct cpu *cpu, uint32_t index)
{
	int slot = fixed_slot(index);

	if (slot >= 0)
		return &cpu->mtrr.fixed[slot];
	if (index >= MSR_MTRR_VAR && index < MSR_MTRR_VAR + 2 * NVAR)
		return index & 1 ? &cpu->mtrr.mask[(index - MSR_MTRR_VAR) / 2] : &cpu->mtrr.base[(index - MSR_MTRR_VAR) / 2];
	if (index == MSR_MTRR_DEF_TYPE)
		return &cpu->mtrr.def_type;
	return index == MSR_PAT ? &cpu->pat : NULL;
}

static bool memory_type_valid(uint32_t index, uint64_t v)
{
	bool type_ok = (v & 0xff) <= 7 && (MTRR_TYPES >> (v & 0xff) & 1);

	if (index == MSR_PAT)
		return types_valid(v, PAT_TYPES);
	if (index == MSR_MTRR_DEF_TYPE)
		return type_ok && !(v & ~(uint64_t)(0xff | MTRR_DEF_TYPE_ENABLES));
	if (fixed_slot(index) >= 0)
		return types_valid(v, MTRR_TYPES);
	if (index & 1)
		return !(v & ~(PHYS_PAGES | MTRR_MASK_VALID));
	return type_ok && !(v & ~(PHYS_PAGES | 0xff));
}

/* ---- reads and writes; false: #GP(0) ---- */

static bool msr_read(struct cpu *cpu, uint32_t index, uint64_t *v)
{
	const struct plain_msr *m = find_plain(index);
	const uint64_t *field = m ? plain_field(cpu, m) : memory_type_field(cpu, index);

	if (index >= MSR_X2APIC && index <= MSR_X2APIC_LAST)
		return board_apic_read(cpu, index - MSR_X2APIC, v);
	if (index == MSR_TSC)
		*v = board_tsc() + cpu->tsc_offset;
	else if (index == MSR_TSC_ADJUST)
		*v = cpu->tsc_adjust;
	else if (index == MSR_TSC_DEADLINE)
		*v = board_tsc_deadline(cpu);
	else if (index == MSR_APIC_BASE)
		*v = cpu->apic_base;
	else if (field)
		*v = *field;
	else
		return read_constant(index, v);
	return true;
}

/* SDM 3A, figure 11-27: x2APIC mode is entered from xAPIC mode only, and left by disabling the APIC only. */
static bool apic_mode_change_valid(uint64_t old, uint64_t v)
{
	if (!(v & APIC_BASE_EXTD))
		return !(old & APIC_BASE_EXTD) || !(v & APIC_BASE_ENABLE);
	return (v & APIC_BASE_ENABLE) && (old & APIC_BASE_ENABLE);
}

static bool write_apic_base(struct cpu *cpu, uint64_t v)
{
	if ((v & ~(PHYS_PAGES | APIC_BASE_ENABLE | APIC_BASE_EXTD | APIC_BASE_BSP)) || !apic_mode_change_valid(cpu->apic_base, v))
		return false;
	cpu->apic_base = v;
	board_apic_base_changed(cpu);
	return true;
}

static bool write_plain(struct cpu *cpu, const struct plain_msr *m, uint64_t v)
{
	uint64_t *field = plain_field(cpu, m), changed = *field ^ v;

	if ((changed & ~(m->writable | m->ignored)) || (m->address && !mmu_canonical(v)))
		return false;
	if (m->index == MSR_EFER && (changed & EFER_LME) && (cpu->cr0 & CR0_PG))
		return false;
	if (m->index == MSR_EFER && (changed & v & EFER_NXE) && (cpu->misc_enable & MISC_ENABLE_XD_DISABLE))
		return false;
	*field = (*field & ~m->writable) | (v & m->writable);
	if (m->index == MSR_EFER && (changed & EFER_NXE))
		mmu_flush(cpu, false);
	if (m->index == MSR_SYSENTER_CS || m->index == MSR_STAR || m->index == MSR_EFER)
		fastcall_prepare(cpu);
	return true;
}

/* Whoever writes the TSC moves TSC_ADJUST too, and the other way round (SDM 3B, 18.17.3). */
static void advance_tsc(struct cpu *cpu, uint64_t by)
{
	cpu->tsc_offset += by;
	cpu->tsc_adjust += by;
	board_tsc_changed(cpu);
}

/* MSRs that act; returns whether it is one. */
static bool write_acting(struct cpu *cpu, uint32_t index, uint64_t v)
{
	switch (index) {
	case MSR_TSC:
		advance_tsc(cpu, v - (board_tsc() + cpu->tsc_offset));
		return true;
	case MSR_TSC_ADJUST:
		advance_tsc(cpu, v - cpu->tsc_adjust);
		return true;
	case MSR_TSC_DEADLINE:
		board_set_tsc_deadline(cpu, v);
		return true;
	default:
		return false;
	}
}

static bool msr_write(struct cpu *cpu, uint32_t index, uint64_t v)
{
	const struct plain_msr *m = find_plain(index);
	uint64_t *field = memory_type_field(cpu, index);

	if (index >= MSR_X2APIC && index <= MSR_X2APIC_LAST)
		return board_apic_write(cpu, index - MSR_X2APIC, v);
	if (write_acting(cpu, index, v))
		return true;
	if (m)
		return write_plain(cpu, m, v);
	if (index == MSR_APIC_BASE)
		return write_apic_base(cpu, v);
	if (!field)
		return write_constant(index, v);
	if (!memory_type_valid(index, v))
		return false;
	*field = v;
	return true;
}

static void check_access(struct cpu *cpu)
{
	if (cpu->cpl != 0)
		cpu_raise_err(cpu, EXC_GP, 0);
}

void do_rdmsr(struct cpu *cpu)
{
	uint64_t v;

	check_access(cpu);
	if (!msr_read(cpu, cpu->gpr[RCX], &v))
		cpu_raise_err(cpu, EXC_GP, 0);
	cpu_set_gpr(cpu, RAX, 4, (uint32_t)v);
	cpu_set_gpr(cpu, RDX, 4, v >> 32);
}

void do_wrmsr(struct cpu *cpu)
{
	check_access(cpu);
	if (!msr_write(cpu, cpu->gpr[RCX], cpu->gpr[RDX] << 32 | (uint32_t)cpu->gpr[RAX]))
		cpu_raise_err(cpu, EXC_GP, 0);
}

void msr_reset(struct cpu *cpu)
{
	cpu->tsc_offset = -(int64_t)board_tsc();
	cpu->tsc_adjust = 0;
	cpu->apic_base = APIC_BASE_RESET | APIC_BASE_ENABLE | (cpu->id == 0 ? APIC_BASE_BSP : 0);
	cpu->sysenter_cs = cpu->sysenter_esp = cpu->sysenter_eip = 0;
	cpu->star = cpu->lstar = cpu->cstar = cpu->fmask = cpu->kernel_gs_base = cpu->tsc_aux = 0;
	fastcall_prepare(cpu);
	cpu->pat = PAT_RESET;
	cpu->misc_enable = MISC_FAST_STRINGS | MISC_READ_ONLY;
	cpu->ucode_rev = 0;
	cpu->mcg_status = 0;
	memset(&cpu->mtrr, 0, sizeof(cpu->mtrr));
}
