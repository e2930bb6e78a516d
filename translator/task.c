#include "translator/task.h"

#include "translator/debug.h"
#include "translator/far.h"
#include "translator/mmu.h"
#include "translator/seg.h"

/* Where things lie in a TSS (SDM 3A, figures 8-2 and 8-10). Registers and segments stand in the order of their numbers. */
struct tss_layout {
	uint8_t size;       /* smallest TSS */
	uint8_t word;       /* bytes per general register */
	uint8_t seg_stride; /* bytes per segment selector */
	uint8_t nseg;
	uint8_t eip, eflags, gpr, seg, ldt;
};
static const struct tss_layout layout32 = {
	.size = 104, .word = 4, .seg_stride = 4, .nseg = 6, .eip = 32, .eflags = 36, .gpr = 40, .seg = 72, .ldt = 96,
};
static const struct tss_layout layout16 = {
	.size = 44, .word = 2, .seg_stride = 2, .nseg = 4, .eip = 14, .eflags = 16, .gpr = 18, .seg = 34, .ldt = 42,
};
#define TSS32_CR3 28
#define TSS32_TRAP 100
#define NSEG 6

#define EFLAGS_DEFINED \
	(FL_ARITH | FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT | FL_RF | FL_VM | FL_AC | FL_VIF | FL_VIP | FL_ID)

/* DR7.L0-L3 and LE: breakpoints that belong to the task */
#define DR7_LOCAL 0x155u

struct tss_image {
	uint32_t cr3, eip, eflags, gpr[8];
	uint16_t seg[NSEG], ldt;
	bool trap;
};

static const struct tss_layout *layout_of(unsigned type)
{
	return type & SYS_32BIT_BIT ? &layout32 : &layout16;
}

static uint32_t read_word(struct cpu *cpu, uint64_t lin, unsigned size)
{
	return size == 4 ? mem_read32(cpu, lin, ACC_IMPLICIT) : mem_read16(cpu, lin, ACC_IMPLICIT);
}

static void write_word(struct cpu *cpu, uint64_t lin, unsigned size, uint32_t v)
{
	if (size == 4)
		mem_write32(cpu, lin, v, ACC_IMPLICIT);
	else
		mem_write16(cpu, lin, v, ACC_IMPLICIT);
}

static void read_tss(struct cpu *cpu, uint64_t base, const struct tss_layout *l, struct tss_image *n)
{
	*n = (struct tss_image){ 0 };
	n->eip = read_word(cpu, base + l->eip, l->word);
	n->eflags = read_word(cpu, base + l->eflags, l->word);
	for (int i = 0; i < 8; i++) {
		n->gpr[i] = read_word(cpu, base + l->gpr + i * l->word, l->word);
		if (l == &layout16)
			n->gpr[i] |= 0xffff0000;
	}
	for (int i = 0; i < l->nseg; i++)
		n->seg[i] = mem_read16(cpu, base + l->seg + i * l->seg_stride, ACC_IMPLICIT);
	n->ldt = mem_read16(cpu, base + l->ldt, ACC_IMPLICIT);
	if (l == &layout32) {
		n->cr3 = mem_read32(cpu, base + TSS32_CR3, ACC_IMPLICIT);
		n->trap = mem_read16(cpu, base + TSS32_TRAP, ACC_IMPLICIT) & 1;
	}
}

static void write_tss(struct cpu *cpu, uint64_t base, const struct tss_layout *l, uint64_t eip, uint32_t eflags)
{
	write_word(cpu, base + l->eip, l->word, eip);
	write_word(cpu, base + l->eflags, l->word, eflags);
	for (int i = 0; i < 8; i++)
		write_word(cpu, base + l->gpr + i * l->word, l->word, cpu->gpr[i]);
	for (int i = 0; i < l->nseg; i++)
		mem_write16(cpu, base + l->seg + i * l->seg_stride, cpu->seg[i].sel, ACC_IMPLICIT);
}

/* The new task's page tables. Returns false, with nothing changed, when a PDPTE of them is not valid (SDM 3A, 4.4.1). */
static bool load_page_tables(struct cpu *cpu, uint32_t cr3)
{
	if (!(cpu->cr0 & CR0_PG))
		return true;
	if (cpu->cr4 & CR4_PAE && mmu_load_pdptes(cpu, cr3))
		return false;
	cpu->cr3 = cr3;
	mmu_flush(cpu, cpu->cr4 & CR4_PGE);
	return true;
}

/* Registers, flags and selectors of the new task; no segment is usable yet. */
static void load_registers(struct cpu *cpu, const struct tss_image *n)
{
	cpu->cr0 |= CR0_TS;
	cpu->dr[7] &= ~(uint64_t)DR7_LOCAL;
	cpu->eip = n->eip;
	for (int i = 0; i < 8; i++)
		cpu->gpr[i] = sx32(n->gpr[i]);
	for (int i = 0; i < NSEG; i++)
		seg_set_null(&cpu->seg[i], n->seg[i]);
	seg_set_null(&cpu->seg[SEG_LDTR], n->ldt);
	cpu->cpl = n->eflags & FL_VM ? 3 : sel_rpl(n->seg[SEG_CS]);
	cpu_set_eflags(cpu, n->eflags, EFLAGS_DEFINED);
}

static void load_ldt(struct cpu *cpu, uint16_t sel, unsigned ext)
{
	struct desc d;

	if (sel_is_null(sel))
		return;
	if (sel_is_local(sel))
		sel_fault(cpu, EXC_TS, sel, ext);
	desc_fetch(cpu, sel, &d, EXC_TS, ext);
	if (desc_is_segment(&d) || desc_type(&d) != SYS_LDT || !desc_present(&d))
		sel_fault(cpu, EXC_TS, sel, ext);
	seg_from_desc(&cpu->seg[SEG_LDTR], sel, &d);
}

static void load_segment(struct cpu *cpu, int s, uint16_t sel, struct desc *d)
{
	desc_mark_accessed(cpu, d);
	seg_from_desc(&cpu->seg[s], sel, d);
}

static bool code_privilege_ok(const struct desc *d, uint16_t sel)
{
	return desc_is_conforming(d) ? desc_dpl(d) <= sel_rpl(sel) : desc_dpl(d) == sel_rpl(sel);
}

/* CS and SS, in the order of checks of SDM 3A, table 8-1 "Exception Conditions Checked During a Task Switch". */
static void load_code_and_stack(struct cpu *cpu, const struct tss_image *n, unsigned ext)
{
	uint16_t cs = n->seg[SEG_CS], ss = n->seg[SEG_SS];
	struct desc code, stack;

	bool code_valid = !sel_is_null(cs) && desc_read(cpu, cs, &code) && desc_is_code(&code);
	if (code_valid && !code_privilege_ok(&code, cs))
		sel_fault(cpu, EXC_TS, cs, ext);
	if (sel_is_null(ss) || !desc_read(cpu, ss, &stack) || !desc_is_writable(&stack))
		sel_fault(cpu, EXC_TS, ss, ext);
	if (!desc_present(&stack))
		sel_fault(cpu, EXC_SS, ss, ext);
	if (desc_dpl(&stack) != cpu->cpl)
		sel_fault(cpu, EXC_TS, ss, ext);
	if (!code_valid)
		sel_fault(cpu, EXC_TS, cs, ext);
	if (!desc_present(&code))
		sel_fault(cpu, EXC_NP, cs, ext);
	if (sel_rpl(ss) != cpu->cpl)
		sel_fault(cpu, EXC_TS, ss, ext);
	load_segment(cpu, SEG_CS, cs, &code);
	load_segment(cpu, SEG_SS, ss, &stack);
}

static void load_data(struct cpu *cpu, int s, uint16_t sel, unsigned ext)
{
	struct desc d;

	if (sel_is_null(sel))
		return;
	desc_fetch(cpu, sel, &d, EXC_TS, ext);
	if (!desc_is_readable(&d))
		sel_fault(cpu, EXC_TS, sel, ext);
	if (!desc_present(&d))
		sel_fault(cpu, EXC_NP, sel, ext);
	if (!desc_data_privilege_ok(cpu, &d, sel))
		sel_fault(cpu, EXC_TS, sel, ext);
	load_segment(cpu, s, sel, &d);
}

static void load_segments(struct cpu *cpu, const struct tss_image *n, unsigned ext)
{
	static const uint8_t data_segments[] = { SEG_DS, SEG_ES, SEG_FS, SEG_GS };

	load_ldt(cpu, n->ldt, ext);
	if (n->eflags & FL_VM) {
		for (int i = 0; i < NSEG; i++)
			seg_set_v86(&cpu->seg[i], n->seg[i]);
	} else {
		load_code_and_stack(cpu, n, ext);
		for (unsigned i = 0; i < sizeof(data_segments); i++)
			load_data(cpu, data_segments[i], n->seg[data_segments[i]], ext);
	}
	cpu_update_mode(cpu);
	if (n->eip > cpu->seg[SEG_CS].limit)
		cpu_raise_err(cpu, EXC_GP, ext);
}

void task_need_available(struct cpu *cpu, uint16_t sel, const struct desc *d, unsigned ext)
{
	bool available = desc_type(d) == SYS_TSS16 || desc_type(d) == SYS_TSS32;

	if (sel_is_local(sel) || desc_is_segment(d) || !available)
		sel_fault(cpu, EXC_GP, sel, ext);
	if (!desc_present(d))
		sel_fault(cpu, EXC_NP, sel, ext);
}

uint16_t task_from_gate(struct cpu *cpu, const struct desc *gate, struct desc *tss, unsigned ext)
{
	uint16_t sel = gate_sel(gate);

	if (sel_is_null(sel) || sel_is_local(sel))
		sel_fault(cpu, EXC_GP, sel, ext);
	desc_fetch(cpu, sel, tss, EXC_GP, ext);
	task_need_available(cpu, sel, tss, ext);
	return sel;
}

/* Faults now if any memory that the switch reads or writes before the new address space is in force cannot be accessed. */
static void probe_switch(struct cpu *cpu, const struct desc *d, enum task_cause cause, uint64_t old_desc)
{
	const struct seg *tr = &cpu->seg[SEG_TR];
	const struct tss_layout *new = layout_of(desc_type(d)), *old = layout_of(tr->attr);
	unsigned old_end = old->seg + (old->nseg - 1) * old->seg_stride + 2;

	mem_probe(cpu, tr->base + old->eip, old_end - old->eip, ACC_WRITE | ACC_IMPLICIT);
	mem_probe(cpu, sx32(desc_base(d)), new->size, ACC_READ | ACC_IMPLICIT);
	if (cause != TASK_CALL)
		mem_probe(cpu, old_desc + 5, 1, ACC_WRITE | ACC_IMPLICIT);
	if (cause != TASK_IRET)
		mem_probe(cpu, d->lin + 5, 1, ACC_WRITE | ACC_IMPLICIT);
	if (cause == TASK_CALL)
		mem_probe(cpu, sx32(desc_base(d)), 2, ACC_WRITE | ACC_IMPLICIT);
}

bool task_switch(struct cpu *cpu, uint16_t sel, const struct desc *d, enum task_cause cause, uint64_t eip, uint32_t eflags,
		 unsigned ext)
{
	struct seg *tr = &cpu->seg[SEG_TR];
	const struct tss_layout *new = layout_of(desc_type(d)), *old = layout_of(tr->attr);
	uint64_t base = sx32(desc_base(d)), old_desc = sx32(cpu->gdtr.base + (tr->sel & 0xfff8));
	struct tss_image image;
	struct desc busy = *d;

	if (desc_limit(d) < new->size - 1u)
		sel_fault(cpu, EXC_TS, sel, ext);
	if (tr->limit < old->size - 1u)
		sel_fault(cpu, EXC_TS, tr->sel, ext);
	probe_switch(cpu, d, cause, old_desc);

	if (cause != TASK_CALL)
		desc_set_busy(cpu, old_desc, false);
	if (cause == TASK_IRET)
		eflags &= ~FL_NT;
	write_tss(cpu, tr->base, old, eip, eflags);
	if (cause == TASK_CALL)
		mem_write16(cpu, base, tr->sel, ACC_IMPLICIT);
	if (cause != TASK_IRET)
		desc_set_busy(cpu, d->lin, true);

	read_tss(cpu, base, new, &image);
	if (cause == TASK_CALL)
		image.eflags |= FL_NT;
	busy.hi |= SYS_TSS_BUSY_BIT << 8;
	seg_from_desc(tr, sel, &busy);
	bool valid = new != &layout32 || load_page_tables(cpu, image.cr3);
	load_registers(cpu, &image);
	load_segments(cpu, &image, ext);
	/* only now, so that the new task's handler has a stack */
	if (!valid)
		cpu_raise_err(cpu, EXC_GP, ext);
	return image.trap;
}

void task_debug_trap(struct cpu *cpu)
{
	cpu->dr[6] |= DR6_BT;
	cpu_raise(cpu, EXC_DB);
}

void task_return(struct cpu *cpu, uint64_t next)
{
	uint16_t sel = mem_read16(cpu, cpu->seg[SEG_TR].base, ACC_IMPLICIT);
	struct desc d;

	if (sel_is_null(sel) || sel_is_local(sel))
		sel_fault(cpu, EXC_TS, sel, 0);
	desc_fetch(cpu, sel, &d, EXC_TS, 0);
	if (desc_is_segment(&d) || (desc_type(&d) != SYS_TSS16_BUSY && desc_type(&d) != SYS_TSS32_BUSY))
		sel_fault(cpu, EXC_TS, sel, 0);
	if (!desc_present(&d))
		sel_fault(cpu, EXC_NP, sel, 0);
	if (task_switch(cpu, sel, &d, TASK_IRET, next, cpu_get_eflags(cpu), 0))
		task_debug_trap(cpu);
}

/* Reads SS:ESP for level dpl out of the current TSS; returns SS. */
static uint16_t read_inner_stack(struct cpu *cpu, unsigned dpl, unsigned ext, uint32_t *esp)
{
	const struct seg *tr = &cpu->seg[SEG_TR];
	unsigned word = layout_of(tr->attr)->word, off = dpl * 2 * word + word;

	if (off + word + 1 > tr->limit)
		sel_fault(cpu, EXC_TS, tr->sel, ext);
	*esp = read_word(cpu, tr->base + off, word);
	return mem_read16(cpu, tr->base + off + word, ACC_IMPLICIT);
}

void task_inner_stack(struct cpu *cpu, unsigned dpl, unsigned ext, struct stack *st, struct desc *ss)
{
	uint32_t esp;
	uint16_t sel = read_inner_stack(cpu, dpl, ext, &esp);
	struct seg seg;

	if (sel_is_null(sel))
		cpu_raise_err(cpu, EXC_TS, ext);
	desc_fetch(cpu, sel, ss, EXC_TS, ext);
	if (sel_rpl(sel) != dpl || desc_dpl(ss) != dpl || !desc_is_writable(ss))
		sel_fault(cpu, EXC_TS, sel, ext);
	if (!desc_present(ss))
		sel_fault(cpu, EXC_SS, sel, ext);
	seg_from_desc(&seg, sel, ss);
	seg.attr |= SEG_ATTR_A;
	stack_init(cpu, st, &seg, esp, (sel & 0xfffcu) | ext);
}

uint64_t task_long_stack(struct cpu *cpu, unsigned cpl, unsigned ist, unsigned ext)
{
	const struct seg *tr = &cpu->seg[SEG_TR];
	unsigned at = ist ? 28 + 8 * ist : 4 + 8 * cpl; /* SDM 3A, figure 8-11 */

	if (at + 7 > tr->limit)
		sel_fault(cpu, EXC_TS, tr->sel, ext);
	return mem_read64(cpu, tr->base + at, ACC_IMPLICIT);
}
