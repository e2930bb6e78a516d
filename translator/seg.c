#include "translator/seg.h"

#include "translator/descriptor.h"
#include "translator/mmu.h"

uint64_t seg_lin(struct cpu *cpu, int s, uint64_t off, unsigned size, int write)
{
	const struct seg *seg = &cpu->seg[s];

	if (!(cpu->mode & MODE_LONG)) {
		off = (uint32_t)off;
		if (!seg_allows(cpu, seg, off, size, write))
			cpu_raise_err(cpu, s == SEG_SS ? EXC_SS : EXC_GP, 0);
	}
	return seg_linear(cpu, seg, off);
}

void seg_load_real(struct cpu *cpu, int s, uint16_t sel)
{
	struct seg *seg = &cpu->seg[s];

	if (cpu->eflags & FL_VM) {
		seg_set_v86(seg, sel);
	} else {
		seg->sel = sel;
		seg->base = (uint64_t)sel << 4;
		seg->attr = (seg->attr & 0xff00) | SEG_ATTR_P | SEG_ATTR_S | SEG_ATTR_W | SEG_ATTR_A;
		seg_update(seg);
	}
	cpu_update_mode(cpu);
}

/* Bits 32-63 of the base of a system descriptor, in their place. */
static uint64_t high_base(struct cpu *cpu, uint16_t sel, const struct desc *d)
{
	uint64_t high;

	if (!desc_read_high(cpu, sel, d, &high) || !mmu_canonical(high | desc_base(d)))
		sel_fault(cpu, EXC_GP, sel, 0);
	return high;
}

static void widen_base(struct cpu *cpu, struct seg *s, uint64_t high)
{
	if (cpu->efer & EFER_LMA)
		s->base = high | (uint32_t)s->base;
}

static void load_stack_segment(struct cpu *cpu, uint16_t sel)
{
	struct desc d;

	if (sel_is_null(sel) && (cpu->mode & MODE_LONG) && cpu->cpl < 3 && sel_rpl(sel) == cpu->cpl) {
		seg_set_null(&cpu->seg[SEG_SS], sel);
		return;
	}
	if (sel_is_null(sel))
		cpu_raise_err(cpu, EXC_GP, 0);
	desc_fetch(cpu, sel, &d, EXC_GP, 0);
	if (sel_rpl(sel) != cpu->cpl || !desc_is_writable(&d) || desc_dpl(&d) != cpu->cpl)
		sel_fault(cpu, EXC_GP, sel, 0);
	if (!desc_present(&d))
		sel_fault(cpu, EXC_SS, sel, 0);
	desc_mark_accessed(cpu, &d);
	seg_from_desc(&cpu->seg[SEG_SS], sel, &d);
}

static void load_data_segment(struct cpu *cpu, int s, uint16_t sel)
{
	struct desc d;

	if (sel_is_null(sel)) {
		seg_set_null(&cpu->seg[s], sel);
		return;
	}
	desc_fetch(cpu, sel, &d, EXC_GP, 0);
	if (!desc_is_readable(&d) || !desc_data_privilege_ok(cpu, &d, sel))
		sel_fault(cpu, EXC_GP, sel, 0);
	if (!desc_present(&d))
		sel_fault(cpu, EXC_NP, sel, 0);
	desc_mark_accessed(cpu, &d);
	seg_from_desc(&cpu->seg[s], sel, &d);
	widen_base(cpu, &cpu->seg[s], 0);
}

void seg_load(struct cpu *cpu, int s, uint16_t sel)
{
	if (!(cpu->mode & MODE_PE)) {
		seg_load_real(cpu, s, sel);
		return;
	}
	if (s == SEG_SS)
		load_stack_segment(cpu, sel);
	else
		load_data_segment(cpu, s, sel);
	cpu_update_mode(cpu);
}

/* LLDT and LTR exist in protected mode only, for CPL 0. */
static void check_system_load(struct cpu *cpu)
{
	if (!(cpu->mode & MODE_PE))
		cpu_raise(cpu, EXC_UD);
	if (cpu->cpl != 0)
		cpu_raise_err(cpu, EXC_GP, 0);
}

void seg_load_ldtr(struct cpu *cpu, uint16_t sel)
{
	struct desc d;

	check_system_load(cpu);
	if (sel_is_null(sel)) {
		seg_set_null(&cpu->seg[SEG_LDTR], sel);
		return;
	}
	if (sel_is_local(sel))
		sel_fault(cpu, EXC_GP, sel, 0);
	desc_fetch(cpu, sel, &d, EXC_GP, 0);
	if (desc_is_segment(&d) || desc_type(&d) != SYS_LDT)
		sel_fault(cpu, EXC_GP, sel, 0);
	if (!desc_present(&d))
		sel_fault(cpu, EXC_NP, sel, 0);
	uint64_t high = high_base(cpu, sel, &d);
	seg_from_desc(&cpu->seg[SEG_LDTR], sel, &d);
	widen_base(cpu, &cpu->seg[SEG_LDTR], high);
}

void seg_load_tr(struct cpu *cpu, uint16_t sel)
{
	struct desc d;

	check_system_load(cpu);
	if (sel_is_null(sel))
		cpu_raise_err(cpu, EXC_GP, 0);
	if (sel_is_local(sel))
		sel_fault(cpu, EXC_GP, sel, 0);
	desc_fetch(cpu, sel, &d, EXC_GP, 0);
	bool small = desc_type(&d) == SYS_TSS16 && !(cpu->efer & EFER_LMA);
	if (desc_is_segment(&d) || !(small || desc_type(&d) == SYS_TSS32))
		sel_fault(cpu, EXC_GP, sel, 0);
	if (!desc_present(&d))
		sel_fault(cpu, EXC_NP, sel, 0);
	uint64_t high = high_base(cpu, sel, &d);
	desc_set_busy(cpu, d.lin, true);
	d.hi |= SYS_TSS_BUSY_BIT << 8;
	seg_from_desc(&cpu->seg[SEG_TR], sel, &d);
	widen_base(cpu, &cpu->seg[SEG_TR], high);
}

#define T(n) (1u << (n))
/* System descriptors that LAR and LSL look at (SDM 2A, LAR and 2B, LSL, tables of types) */
#define LSL_TYPES (T(SYS_TSS16) | T(SYS_LDT) | T(SYS_TSS16_BUSY) | T(SYS_TSS32) | T(SYS_TSS32_BUSY))
#define LAR_TYPES (LSL_TYPES | T(SYS_CALL16) | T(SYS_TASK) | T(SYS_CALL32))
/* ... in long mode no others */
#define LONG_TYPES (T(SYS_LDT) | T(SYS_TSS32) | T(SYS_TSS32_BUSY) | T(SYS_CALL32))

/* Reads the descriptor for LAR, LSL, VERR, VERW: false when sel is null, outside its table, of no suitable type or out of reach. */
static bool inspect(struct cpu *cpu, uint16_t sel, struct desc *d, uint32_t system_types)
{
	uint64_t high;

	if (!(cpu->mode & MODE_PE))
		cpu_raise(cpu, EXC_UD);
	if (sel_is_null(sel) || !desc_read(cpu, sel, d))
		return false;
	if (cpu->efer & EFER_LMA)
		system_types &= LONG_TYPES;
	if (!desc_is_segment(d) && (!(system_types >> desc_type(d) & 1) || !desc_read_high(cpu, sel, d, &high)))
		return false;
	return desc_data_privilege_ok(cpu, d, sel);
}

bool seg_lar(struct cpu *cpu, uint16_t sel, uint32_t *out)
{
	struct desc d;

	if (!inspect(cpu, sel, &d, LAR_TYPES))
		return false;
	*out = d.hi & 0x00ffff00;
	return true;
}

bool seg_lsl(struct cpu *cpu, uint16_t sel, uint32_t *out)
{
	struct desc d;

	if (!inspect(cpu, sel, &d, LSL_TYPES))
		return false;
	*out = desc_limit(&d);
	return true;
}

bool seg_ver(struct cpu *cpu, uint16_t sel, bool write)
{
	struct desc d;

	if (!inspect(cpu, sel, &d, 0))
		return false;
	return write ? desc_is_writable(&d) : desc_is_readable(&d);
}
