/* IRET in real, virtual-8086 and protected mode (Intel SDM 2A, IRET). */
#include "translator/far.h"
#include "translator/mmu.h"
#include "translator/seg.h"
#include "translator/task.h"
#include "translator/vme.h"

/* Flags that IRET loads: always, with 32-bit operands, and only for the privileged. */
#define IRET_FLAGS16 (FL_ARITH | FL_TF | FL_DF | FL_NT)
#define IRET_FLAGS32 (FL_RF | FL_AC | FL_ID)

struct frame {
	uint64_t eip;
	uint32_t eflags;
	uint16_t cs;
};

static void pop_frame(struct cpu *cpu, struct stack *st, int opsize, struct frame *f)
{
	stack_current(cpu, st, 0);
	stack_need_data(cpu, st, 0, 3, opsize);
	f->eip = stack_pop(cpu, st, opsize);
	f->cs = stack_pop(cpu, st, opsize);
	f->eflags = stack_pop(cpu, st, opsize);
}

/* Real mode, and virtual-8086 mode as far as IOPL allows: `mask` are the flags loaded. */
static void iret_8086(struct cpu *cpu, int opsize, uint32_t mask)
{
	struct stack st;
	struct frame f;

	pop_frame(cpu, &st, opsize, &f);
	far_need_eip_real(cpu, f.eip);
	stack_commit(cpu, &st);
	cpu_set_eflags(cpu, f.eflags, mask | (opsize == 4 ? IRET_FLAGS32 : 0));
	far_commit_real(cpu, f.cs, f.eip);
}

static void iret_virtual_if(struct cpu *cpu)
{
	struct stack st;
	struct frame f;

	pop_frame(cpu, &st, 2, &f);
	far_need_eip_real(cpu, f.eip);
	vme_check_flags(cpu, f.eflags);
	stack_commit(cpu, &st);
	vme_load_flags(cpu, f.eflags);
	far_commit_real(cpu, f.cs, f.eip);
}

static void iret_v86(struct cpu *cpu, int opsize)
{
	if (cpu->mode & MODE_IOPL_OK)
		iret_8086(cpu, opsize, IRET_FLAGS16 | FL_IF);
	else if (vme_virtual_if(cpu) && opsize == 2)
		iret_virtual_if(cpu);
	else
		cpu_raise_err(cpu, EXC_GP, 0);
}

/* From CPL 0 to a virtual-8086 program: the rest of the frame is ESP, SS, ES, DS, FS, GS. */
static void iret_to_v86(struct cpu *cpu, struct stack *st, const struct frame *f)
{
	static const uint8_t order[] = { SEG_SS, SEG_ES, SEG_DS, SEG_FS, SEG_GS };
	uint16_t sel[sizeof(order)];

	stack_need_data(cpu, st, 0, 6, 4);
	if (f->eip > 0xffff)
		cpu_raise_err(cpu, EXC_GP, 0);
	uint32_t esp = stack_pop(cpu, st, 4);
	for (unsigned i = 0; i < sizeof(order); i++)
		sel[i] = stack_pop(cpu, st, 4);

	cpu_set_eflags(cpu, f->eflags, IRET_FLAGS16 | IRET_FLAGS32 | FL_IF | FL_IOPL | FL_VM | FL_VIF | FL_VIP);
	for (unsigned i = 0; i < sizeof(order); i++)
		seg_set_v86(&cpu->seg[order[i]], sel[i]);
	cpu->gpr[RSP] = sx32(esp);
	cpu->cpl = 3;
	far_commit_real(cpu, f->cs, f->eip);
}

/* Flags that a protected-mode IRET executed at the current CPL may load. */
static uint32_t protected_mask(const struct cpu *cpu, int opsize)
{
	uint32_t mask = IRET_FLAGS16 | (opsize == 2 ? 0 : IRET_FLAGS32);

	if (cpu->mode & MODE_IOPL_OK)
		mask |= FL_IF;
	if (cpu->cpl == 0)
		mask |= FL_IOPL | (opsize == 2 ? 0 : FL_VIF | FL_VIP);
	return mask;
}

static void iret_outer(struct cpu *cpu, struct stack *st, int opsize, const struct frame *f, struct desc *code)
{
	unsigned rpl = sel_rpl(f->cs);
	uint32_t mask = protected_mask(cpu, opsize);
	struct stack outer;
	struct desc ss;
	struct seg seg;

	stack_need_data(cpu, st, 0, 2, opsize);
	uint64_t sp = stack_pop(cpu, st, opsize);
	uint16_t ss_sel = stack_pop(cpu, st, opsize);
	far_return_stack(cpu, ss_sel, rpl, &ss);
	far_need_eip(cpu, code, f->eip, 0);
	desc_mark_accessed(cpu, &ss);
	desc_mark_accessed(cpu, code);

	seg_from_desc(&seg, ss_sel, &ss);
	stack_init(cpu, &outer, &seg, sp, 0);
	stack_commit(cpu, &outer);
	cpu_set_eflags(cpu, f->eflags, mask);
	far_commit(cpu, f->cs, code, rpl, f->eip);
	far_drop_segments(cpu);
	cpu_update_mode(cpu);
}

static uint64_t pop_long(struct cpu *cpu, uint64_t *rsp, int size)
{
	uint64_t at = *rsp;

	*rsp += (uint64_t)size;
	return size == 8 ? mem_read64(cpu, at, ACC_STACK) : size == 4 ? mem_read32(cpu, at, ACC_STACK) : mem_read16(cpu, at, ACC_STACK);
}

/* In long mode. 64-bit code always finds SS:RSP on the stack. */
static void iret_long(struct cpu *cpu, int opsize)
{
	bool wide = cpu->mode & MODE_LONG;
	uint64_t rsp = wide ? cpu->gpr[RSP] : (uint32_t)cpu->gpr[RSP];
	uint32_t mask = protected_mask(cpu, opsize == 2 ? 2 : 4);
	struct desc code, ss;
	struct seg seg = cpu->seg[SEG_SS];

	if (cpu->eflags & FL_NT)
		cpu_raise_err(cpu, EXC_GP, 0);
	uint64_t eip = pop_long(cpu, &rsp, opsize);
	uint16_t cs = pop_long(cpu, &rsp, opsize);
	uint32_t flags = pop_long(cpu, &rsp, opsize);
	unsigned rpl = sel_rpl(cs);
	bool outer = rpl > cpu->cpl;
	far_return_code(cpu, cs, &code);
	if (wide || outer) {
		uint64_t new_rsp = pop_long(cpu, &rsp, opsize);
		uint16_t sel = pop_long(cpu, &rsp, opsize);
		far_return_segment(cpu, sel, rpl, &code, &ss, &seg);
		rsp = new_rsp;
	}
	far_need_eip(cpu, &code, eip, 0);
	desc_mark_accessed(cpu, &code);
	cpu->seg[SEG_SS] = seg;
	cpu_set_eflags(cpu, flags, mask);
	far_commit(cpu, cs, &code, rpl, eip);
	cpu->gpr[RSP] = cpu->mode & MODE_LONG ? rsp : sx32(rsp);
	if (outer)
		far_drop_segments(cpu);
	cpu_update_mode(cpu);
}

static void iret_protected(struct cpu *cpu, int opsize, uint64_t next)
{
	struct stack st;
	struct frame f;
	struct desc code;

	if (cpu->efer & EFER_LMA) {
		iret_long(cpu, opsize);
		return;
	}
	if (cpu->eflags & FL_NT) {
		task_return(cpu, next);
		return;
	}
	pop_frame(cpu, &st, opsize, &f);
	if (opsize == 4 && (f.eflags & FL_VM) && cpu->cpl == 0) {
		iret_to_v86(cpu, &st, &f);
		return;
	}
	far_return_code(cpu, f.cs, &code);
	if (sel_rpl(f.cs) > cpu->cpl) {
		iret_outer(cpu, &st, opsize, &f, &code);
		return;
	}
	far_need_eip(cpu, &code, f.eip, 0);
	desc_mark_accessed(cpu, &code);
	uint32_t mask = protected_mask(cpu, opsize);
	stack_commit(cpu, &st);
	cpu_set_eflags(cpu, f.eflags, mask);
	far_commit(cpu, f.cs, &code, cpu->cpl, f.eip);
}

void iret(struct cpu *cpu, int opsize, uint64_t next)
{
	/* NMIs are let in again even if the instruction faults (SDM 3C, 28.2.3). */
	cpu->nmi_masked = false;
	if (cpu->mode & MODE_VM)
		iret_v86(cpu, opsize);
	else if (cpu->mode & MODE_PE)
		iret_protected(cpu, opsize, next);
	else
		iret_8086(cpu, opsize, IRET_FLAGS16 | FL_IF | FL_IOPL);
}
