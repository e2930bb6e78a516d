#include "translator/cpu.h"

#include <string.h>

#include "translator/cpuid.h"
#include "translator/descriptor.h"
#include "translator/mmu.h"
#include "translator/msr.h"
#include "translator/mxcsr.h"
#include "translator/seg.h"

/* PF is the even parity of the result's low byte. */
static uint32_t parity_flag(uint64_t result)
{
	const uint32_t even = 0x9669; /* bit n: n has an even number of ones */

	return even >> ((result ^ result >> 4) & 15) << 2 & FL_PF;
}

uint32_t cc_compute(uint32_t op, uint64_t dst, uint64_t src)
{
	if (op < CC_ADD)
		return dst & FL_ARITH;

	unsigned bits = 8u << (op & 3);
	uint64_t mask = UINT64_MAX >> (64 - bits);
	uint64_t sign = 1ull << (bits - 1);
	uint64_t r = dst & mask, s = src & mask, other;
	bool cf = false, of = false, af = false;

	switch (op & ~3u) {
	case CC_ADD:
		other = (r - s) & mask;
		cf = r < s;
		of = (r ^ other) & (r ^ s) & sign;
		af = (r ^ other ^ s) & 0x10;
		break;
	case CC_SUB:
		other = (r + s) & mask;
		cf = other < s;
		of = (other ^ s) & (other ^ r) & sign;
		af = (r ^ other ^ s) & 0x10;
		break;
	case CC_INC:
		cf = src & 1;
		of = r == sign;
		af = (r & 15) == 0;
		break;
	case CC_DEC:
		cf = src & 1;
		of = r == sign - 1;
		af = (r & 15) == 15;
		break;
	case CC_SHL:
		cf = s & sign;
		of = cf != !!(r & sign);
		break;
	case CC_SHR:
		cf = s & 1;
		of = (s ^ r) & sign;
		break;
	case CC_CARRY:
		cf = s & sign;
		of = (s ^ s << 1) & sign;
		af = s & 8;
		break;
	case CC_MUL:
		cf = of = src != 0;
		break;
	}
	return (cf ? FL_CF : 0) | parity_flag(r) | (af ? FL_AF : 0) | (r ? 0 : FL_ZF) | (r & sign ? FL_SF : 0) | (of ? FL_OF : 0);
}

uint32_t cpu_get_eflags(const struct cpu *cpu)
{
	return cpu->eflags | cc_compute(cpu->cc_op, cpu->cc_dst, cpu->cc_src);
}

void cpu_set_eflags(struct cpu *cpu, uint32_t value, uint32_t mask)
{
	uint32_t flags = (cpu_get_eflags(cpu) & ~mask) | (value & mask);

	if (mask & FL_ARITH) {
		cpu->cc_op = CC_EFLAGS;
		cpu->cc_dst = flags & FL_ARITH;
	}
	/* RF only holds instruction breakpoints back: without one armed, nobody would clear it after the next instruction. */
	if (!(cpu->dr[7] & 0xff))
		flags &= ~FL_RF;
	cpu->eflags = (flags & ~FL_ARITH) | FL_1;
	if (mask & ~FL_ARITH) {
		cpu->step = flags & FL_DF ? -1 : 1;
		cpu_update_mode(cpu);
	}
}

static bool is_flat(const struct seg *s)
{
	return s->base == 0 && s->rd_end == 0x100000000 && s->wr_end == 0x100000000;
}

/* SDM 3A 3.4.4: in 64-bit mode segmentation is off but for the bases of FS and GS, which have no limit. */
#define LONG_SEGMENTS (MODE_LONG | MODE_CS_FLAT | MODE_SS_FLAT | MODE_DS_FLAT | MODE_ES_FLAT)

static uint32_t segment_mode(const struct cpu *cpu)
{
	const struct seg *s = cpu->seg;
	uint32_t m = 0;

	if (cpu->efer & EFER_LMA) {
		m |= MODE_LMA;
		if (s[SEG_CS].attr & SEG_ATTR_L)
			return m | LONG_SEGMENTS;
	}
	m |= s[SEG_CS].attr & SEG_ATTR_DB ? MODE_CS32 : 0;
	m |= s[SEG_SS].attr & SEG_ATTR_DB ? MODE_SS32 : 0;
	m |= s[SEG_CS].base == 0 && s[SEG_CS].limit == 0xffffffff ? MODE_CS_FLAT : 0;
	m |= is_flat(&s[SEG_SS]) ? MODE_SS_FLAT : 0;
	m |= is_flat(&s[SEG_DS]) ? MODE_DS_FLAT : 0;
	m |= is_flat(&s[SEG_ES]) ? MODE_ES_FLAT : 0;
	return m;
}

static uint32_t privilege_mode(const struct cpu *cpu)
{
	uint32_t m = cpu->cpl << MODE_CPL_SHIFT;

	if (!(cpu->cr0 & CR0_PE))
		return m | MODE_IOPL_OK;
	m |= cpu->eflags & FL_VM ? MODE_VM : MODE_PE;
	if (cpu->cpl <= (cpu->eflags & FL_IOPL) >> 12)
		m |= MODE_IOPL_OK;
	if (cpu->cpl == 3 && (cpu->cr0 & CR0_AM) && (cpu->eflags & FL_AC))
		m |= MODE_AC;
	return m;
}

void cpu_widen_rsp(struct cpu *cpu)
{
	if (!(cpu->mode & MODE_LONG))
		cpu->gpr[RSP] = (uint32_t)cpu->gpr[RSP];
}

static void change_width(struct cpu *cpu, bool to_long)
{
	for (int k = RAX; k < R8; k++) {
		if (!to_long)
			cpu->gpr[k] = sx32(cpu->gpr[k]);
		else if (k != RSP)
			cpu->gpr[k] = (uint32_t)cpu->gpr[k];
	}
}

void cpu_update_mode(struct cpu *cpu)
{
	uint32_t m = segment_mode(cpu) | privilege_mode(cpu);

	m |= cpu->cr0 & CR0_PG ? MODE_PG : 0;
	m |= cpu->cr0 & (CR0_EM | CR0_TS) ? MODE_FPU_TRAP : 0;
	m |= (cpu->cr0 & (CR0_EM | CR0_TS)) || !(cpu->cr4 & CR4_OSFXSR) ? MODE_SSE_TRAP : 0;
	m |= mxcsr_is_slow(cpu->mxcsr) ? MODE_SSE_SLOW : 0;
	m |= cpu->eflags & FL_TF ? MODE_TF : 0;
	m |= cpu->dr[7] & 0xff ? MODE_DBG : 0;
	if ((m ^ cpu->mode) & MODE_LONG)
		change_width(cpu, m & MODE_LONG);
	cpu->mode = m;
}

/* Byte registers 4-7 are bits 8-15 of registers 0-3. */
static bool is_high_byte(int idx, int size)
{
	return size == 1 && idx >= 4 && idx < 8;
}

void cpu_set_gpr(struct cpu *cpu, int idx, int size, uint64_t value)
{
	if (is_high_byte(idx, size)) {
		cpu->gpr[idx - 4] = (cpu->gpr[idx - 4] & ~0xff00ull) | (value & 0xff) << 8;
		return;
	}
	uint64_t *r = &cpu->gpr[idx];
	switch (size) {
	case 1:
		*r = (*r & ~0xffull) | (value & 0xff);
		break;
	case 2:
		*r = (*r & ~0xffffull) | (value & 0xffff);
		break;
	case 4:
		*r = cpu->mode & MODE_LONG ? (uint32_t)value : sx32(value);
		break;
	default:
		*r = value;
		break;
	}
}

uint64_t cpu_get_gpr(const struct cpu *cpu, int idx, int size)
{
	if (is_high_byte(idx, size))
		return cpu->gpr[idx - 4] >> 8 & 0xff;
	return cpu->gpr[idx] & UINT64_MAX >> (64 - 8 * size);
}

static void reset_segments(struct cpu *cpu)
{
	const uint16_t data = SEG_ATTR_P | SEG_ATTR_S | SEG_ATTR_W | SEG_ATTR_A;

	for (int i = 0; i < SEG_COUNT; i++) {
		uint16_t attr = i == SEG_LDTR ? SEG_ATTR_P | SYS_LDT : i == SEG_TR ? SEG_ATTR_P | SYS_TSS32_BUSY : data;
		cpu->seg[i] = (struct seg){ .attr = attr, .limit = 0xffff };
	}
	cpu->seg[SEG_CS].sel = 0xf000;
	cpu->seg[SEG_CS].base = sx32(0xffff0000);
	for (int i = 0; i < SEG_COUNT; i++)
		seg_update(&cpu->seg[i]);
	cpu->gdtr.base = cpu->idtr.base = 0;
	cpu->gdtr.limit = cpu->idtr.limit = 0xffff;
}

/* What RESET and INIT have in common. cr0_kept: bits of CR0 that survive. */
static void reset_core(struct cpu *cpu, uint64_t cr0_kept)
{
	memset(cpu->gpr, 0, sizeof(cpu->gpr));
	cpu->gpr[RDX] = CPUID_SIGNATURE;
	cpu->eip = 0xfff0;
	cpu->eflags = FL_1;
	cpu->step = 1;
	cpu->cc_op = CC_EFLAGS;
	cpu->cc_dst = cpu->cc_src = 0;
	reset_segments(cpu);
	cpu->cr0 = (cpu->cr0 & cr0_kept) | CR0_ET;
	cpu->cr2 = cpu->cr3 = cpu->cr4 = cpu->efer = 0;
	memset(cpu->dr, 0, sizeof(cpu->dr));
	cpu->dr[6] = 0xffff0ff0;
	cpu->dr[7] = 0x400;
	cpu->cpl = 0;
	cpu->inhibit = 0;
	cpu->halted = cpu->nmi_masked = false;
	cpu->delivering = 0;
	memset(&cpu->exc, 0, sizeof(cpu->exc));
	memset(&cpu->debug, 0, sizeof(cpu->debug));
	cpu_update_mode(cpu);
	mmu_flush(cpu, false);
}

void cpu_reset(struct cpu *cpu)
{
	cpu->cr0 = CR0_CD | CR0_NW;
	memset(cpu->xmm, 0, sizeof(cpu->xmm));
	cpu->mxcsr = MXCSR_INIT;
	cpu->xcr0 = 1;
	memset(&cpu->x87, 0, sizeof(cpu->x87));
	cpu->x87.cw = 0x40;
	msr_reset(cpu);
	cpu_set_a20(cpu, true);
	reset_core(cpu, CR0_CD | CR0_NW);
}

void cpu_init_signal(struct cpu *cpu)
{
	reset_core(cpu, CR0_CD | CR0_NW);
}
