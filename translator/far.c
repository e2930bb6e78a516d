#include "translator/far.h"

#include "translator/mmu.h"
#include "translator/seg.h"
#include "translator/task.h"

void far_need_eip(struct cpu *cpu, const struct desc *d, uint64_t eip, unsigned ext)
{
	if (eip > desc_limit(d))
		cpu_raise_err(cpu, EXC_GP, ext);
}

void far_need_eip_real(struct cpu *cpu, uint64_t eip)
{
	if (eip > cpu->seg[SEG_CS].limit)
		cpu_raise_err(cpu, EXC_GP, 0);
}

void far_commit(struct cpu *cpu, uint16_t sel, const struct desc *d, unsigned cpl, uint64_t eip)
{
	seg_from_desc(&cpu->seg[SEG_CS], (sel & 0xfffc) | cpl, d);
	cpu->cpl = cpl;
	cpu->eip = eip;
	cpu_update_mode(cpu);
}

void far_commit_real(struct cpu *cpu, uint16_t sel, uint64_t eip)
{
	cpu->eip = eip;
	seg_load_real(cpu, SEG_CS, sel);
}

static uint64_t truncate_eip(uint64_t off, int opsize)
{
	return opsize == 2 ? off & 0xffff : (uint32_t)off;
}

/* ---- JMP and CALL ---- */

/* The rules for a code segment named by the instruction itself (SDM 2A, CALL, CONFORMING- and NONCONFORMING-CODE-SEGMENT). */
static void check_direct_code(struct cpu *cpu, uint16_t sel, const struct desc *d)
{
	bool allowed = desc_is_conforming(d) ? desc_dpl(d) <= cpu->cpl
					     : sel_rpl(sel) <= cpu->cpl && desc_dpl(d) == cpu->cpl;

	if (!desc_is_code(d) || !allowed)
		sel_fault(cpu, EXC_GP, sel, 0);
	if (!desc_present(d))
		sel_fault(cpu, EXC_NP, sel, 0);
}

/* Pushes CS and the return address on the current stack, all of it or nothing; d: the target's code segment. */
static void push_return(struct cpu *cpu, int size, uint64_t next, struct desc *d, uint64_t eip)
{
	struct stack st;

	stack_current(cpu, &st, 0);
	stack_need_room(cpu, &st, 2, size);
	far_need_eip(cpu, d, eip, 0);
	stack_probe(cpu, &st, 2, size);
	desc_mark_accessed(cpu, d);
	stack_push(cpu, &st, size, cpu->seg[SEG_CS].sel);
	stack_push(cpu, &st, size, next);
	stack_commit(cpu, &st);
}

/* Through a call gate to a more privileged level: a new stack, with the parameters copied. `next` is the return address. */
static void call_gate_inner(struct cpu *cpu, const struct desc *gate, struct desc *code, uint64_t next)
{
	unsigned count = gate->hi & 31, size = gate_is_32(gate) ? 4 : 2;
	uint64_t eip = gate_offset(gate), param[31];
	struct stack old, st;
	struct desc ss;

	task_inner_stack(cpu, desc_dpl(code), 0, &st, &ss);
	stack_need_room(cpu, &st, count + 4, size);
	far_need_eip(cpu, code, eip, 0);
	stack_current(cpu, &old, 0);
	for (unsigned i = 0; i < count; i++)
		param[i] = stack_pop(cpu, &old, size);
	stack_probe(cpu, &st, count + 4, size);
	desc_mark_accessed(cpu, &ss);
	desc_mark_accessed(cpu, code);

	stack_push(cpu, &st, size, cpu->seg[SEG_SS].sel);
	stack_push(cpu, &st, size, cpu->gpr[RSP]);
	while (count > 0)
		stack_push(cpu, &st, size, param[--count]);
	stack_push(cpu, &st, size, cpu->seg[SEG_CS].sel);
	stack_push(cpu, &st, size, next);
	stack_commit(cpu, &st);
	far_commit(cpu, gate_sel(gate), code, desc_dpl(code), eip);
}

static void check_gate(struct cpu *cpu, uint16_t sel, const struct desc *gate)
{
	if (desc_dpl(gate) < cpu->cpl || sel_rpl(sel) > desc_dpl(gate))
		sel_fault(cpu, EXC_GP, sel, 0);
	if (!desc_present(gate))
		sel_fault(cpu, EXC_NP, sel, 0);
}

static void through_call_gate(struct cpu *cpu, const struct desc *gate, bool call, uint64_t next)
{
	uint16_t sel = gate_sel(gate);
	uint64_t eip = gate_offset(gate);
	struct desc code;

	if (sel_is_null(sel))
		cpu_raise_err(cpu, EXC_GP, 0);
	desc_fetch(cpu, sel, &code, EXC_GP, 0);
	bool inner = !desc_is_conforming(&code) && desc_dpl(&code) < cpu->cpl;
	if (!desc_is_code(&code) || desc_dpl(&code) > cpu->cpl || (inner && !call))
		sel_fault(cpu, EXC_GP, sel, 0);
	if (!desc_present(&code))
		sel_fault(cpu, EXC_NP, sel, 0);

	if (inner) {
		call_gate_inner(cpu, gate, &code, next);
		return;
	}
	if (call) {
		push_return(cpu, gate_is_32(gate) ? 4 : 2, next, &code, eip);
	} else {
		far_need_eip(cpu, &code, eip, 0);
		desc_mark_accessed(cpu, &code);
	}
	far_commit(cpu, sel, &code, cpu->cpl, eip);
}

static void to_task(struct cpu *cpu, uint16_t sel, const struct desc *tss, bool call, uint64_t next)
{
	if (task_switch(cpu, sel, tss, call ? TASK_CALL : TASK_JMP, next, cpu_get_eflags(cpu), 0))
		task_debug_trap(cpu);
}

/* A far JMP or CALL whose selector names a system descriptor. */
static void through_system(struct cpu *cpu, uint16_t sel, const struct desc *d, bool call, uint64_t next)
{
	struct desc tss;

	switch (desc_type(d)) {
	case SYS_CALL16:
	case SYS_CALL32:
		check_gate(cpu, sel, d);
		through_call_gate(cpu, d, call, next);
		break;
	case SYS_TASK:
		check_gate(cpu, sel, d);
		sel = task_from_gate(cpu, d, &tss, 0);
		to_task(cpu, sel, &tss, call, next);
		break;
	default:
		if (desc_dpl(d) < cpu->cpl || sel_rpl(sel) > desc_dpl(d))
			sel_fault(cpu, EXC_GP, sel, 0);
		task_need_available(cpu, sel, d, 0);
		to_task(cpu, sel, d, call, next);
		break;
	}
}

static void call_real(struct cpu *cpu, uint16_t sel, uint64_t eip, int opsize, uint64_t next)
{
	struct stack st;

	stack_current(cpu, &st, 0);
	stack_need_room(cpu, &st, 2, opsize);
	far_need_eip_real(cpu, eip);
	stack_probe(cpu, &st, 2, opsize);
	stack_push(cpu, &st, opsize, cpu->seg[SEG_CS].sel);
	stack_push(cpu, &st, opsize, next);
	stack_commit(cpu, &st);
	far_commit_real(cpu, sel, eip);
}

void far_jmp(struct cpu *cpu, uint16_t sel, uint64_t off, int opsize, uint64_t next)
{
	uint64_t eip = truncate_eip(off, opsize);
	struct desc d;

	if (!(cpu->mode & MODE_PE)) {
		far_need_eip_real(cpu, eip);
		far_commit_real(cpu, sel, eip);
		return;
	}
	if (sel_is_null(sel))
		cpu_raise_err(cpu, EXC_GP, 0);
	desc_fetch(cpu, sel, &d, EXC_GP, 0);
	if (!desc_is_segment(&d)) {
		through_system(cpu, sel, &d, false, next);
		return;
	}
	check_direct_code(cpu, sel, &d);
	far_need_eip(cpu, &d, eip, 0);
	desc_mark_accessed(cpu, &d);
	far_commit(cpu, sel, &d, cpu->cpl, eip);
}

void far_call(struct cpu *cpu, uint16_t sel, uint64_t off, int opsize, uint64_t next)
{
	uint64_t eip = truncate_eip(off, opsize);
	struct desc d;

	if (!(cpu->mode & MODE_PE)) {
		call_real(cpu, sel, eip, opsize, next);
		return;
	}
	if (sel_is_null(sel))
		cpu_raise_err(cpu, EXC_GP, 0);
	desc_fetch(cpu, sel, &d, EXC_GP, 0);
	if (!desc_is_segment(&d)) {
		through_system(cpu, sel, &d, true, next);
		return;
	}
	check_direct_code(cpu, sel, &d);
	push_return(cpu, opsize, next, &d, eip);
	far_commit(cpu, sel, &d, cpu->cpl, eip);
}

/* ---- RET ---- */

void far_return_code(struct cpu *cpu, uint16_t sel, struct desc *d)
{
	unsigned rpl = sel_rpl(sel);

	if (sel_is_null(sel))
		cpu_raise_err(cpu, EXC_GP, 0);
	desc_fetch(cpu, sel, d, EXC_GP, 0);
	if (!desc_is_code(d) || rpl < cpu->cpl || (desc_is_conforming(d) ? desc_dpl(d) > rpl : desc_dpl(d) != rpl))
		sel_fault(cpu, EXC_GP, sel, 0);
	if (!desc_present(d))
		sel_fault(cpu, EXC_NP, sel, 0);
}

void far_return_stack(struct cpu *cpu, uint16_t sel, unsigned rpl, struct desc *d)
{
	if (sel_is_null(sel))
		cpu_raise_err(cpu, EXC_GP, 0);
	desc_fetch(cpu, sel, d, EXC_GP, 0);
	if (sel_rpl(sel) != rpl || !desc_is_writable(d) || desc_dpl(d) != rpl)
		sel_fault(cpu, EXC_GP, sel, 0);
	if (!desc_present(d))
		sel_fault(cpu, EXC_SS, sel, 0);
}

void far_drop_segments(struct cpu *cpu)
{
	static const uint8_t data_segments[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS };
	const uint16_t conforming = SEG_ATTR_CODE | SEG_ATTR_E;

	for (unsigned i = 0; i < sizeof(data_segments); i++) {
		struct seg *s = &cpu->seg[data_segments[i]];
		/* a null selector loses its RPL, too, on Intel's CPUs */
		if (!(s->attr & SEG_ATTR_P) || ((s->attr & conforming) != conforming && SEG_DPL(s) < cpu->cpl))
			seg_set_null(s, 0);
	}
}

static void ret_real(struct cpu *cpu, int opsize, unsigned pop_bytes)
{
	struct stack st;

	stack_current(cpu, &st, 0);
	stack_need_data(cpu, &st, 0, 2, opsize);
	uint64_t eip = stack_pop(cpu, &st, opsize);
	uint16_t sel = stack_pop(cpu, &st, opsize);
	far_need_eip_real(cpu, eip);
	stack_skip(&st, pop_bytes);
	stack_commit(cpu, &st);
	far_commit_real(cpu, sel, eip);
}

/* The second half of a return to a less privileged level: SS:ESP follow the parameters on the stack *st. */
static void ret_outer(struct cpu *cpu, struct stack *st, int opsize, unsigned pop_bytes, uint16_t sel, struct desc *code,
		      uint64_t eip)
{
	unsigned rpl = sel_rpl(sel);
	struct stack outer;
	struct desc ss;
	struct seg seg;

	stack_skip(st, pop_bytes);
	stack_need_data(cpu, st, 0, 2, opsize);
	uint64_t sp = stack_pop(cpu, st, opsize);
	uint16_t ss_sel = stack_pop(cpu, st, opsize);
	far_return_stack(cpu, ss_sel, rpl, &ss);
	far_need_eip(cpu, code, eip, 0);
	desc_mark_accessed(cpu, &ss);
	desc_mark_accessed(cpu, code);

	seg_from_desc(&seg, ss_sel, &ss);
	stack_init(cpu, &outer, &seg, sp, 0);
	stack_skip(&outer, pop_bytes);
	stack_commit(cpu, &outer);
	far_commit(cpu, sel, code, rpl, eip);
	far_drop_segments(cpu);
	cpu_update_mode(cpu);
}

void far_ret(struct cpu *cpu, int opsize, unsigned pop_bytes)
{
	struct stack st;
	struct desc code;

	if (!(cpu->mode & MODE_PE)) {
		ret_real(cpu, opsize, pop_bytes);
		return;
	}
	stack_current(cpu, &st, 0);
	stack_need_data(cpu, &st, 0, 2, opsize);
	uint64_t eip = stack_pop(cpu, &st, opsize);
	uint16_t sel = stack_pop(cpu, &st, opsize);
	far_return_code(cpu, sel, &code);
	if (sel_rpl(sel) > cpu->cpl) {
		ret_outer(cpu, &st, opsize, pop_bytes, sel, &code, eip);
		return;
	}
	far_need_eip(cpu, &code, eip, 0);
	desc_mark_accessed(cpu, &code);
	stack_skip(&st, pop_bytes);
	stack_commit(cpu, &st);
	far_commit(cpu, sel, &code, cpu->cpl, eip);
}
