#include "translator/far.h"

#include "translator/mmu.h"
#include "translator/seg.h"
#include "translator/task.h"

void far_need_eip(struct cpu *cpu, const struct desc *d, uint64_t eip, unsigned ext)
{
	if (desc_is_long(cpu, d) ? !mmu_canonical(eip) : eip > desc_limit(d))
		cpu_raise_err(cpu, EXC_GP, ext);
}

void far_need_eip_real(struct cpu *cpu, uint64_t eip)
{
	if (eip > cpu->seg[SEG_CS].limit)
		cpu_raise_err(cpu, EXC_GP, 0);
}

void far_commit(struct cpu *cpu, uint16_t sel, const struct desc *d, unsigned cpl, uint64_t eip)
{
	if (desc_is_long(cpu, d))
		cpu_widen_rsp(cpu);
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
	return off & UINT64_MAX >> (64 - 8 * opsize);
}

uint64_t far_push_long(struct cpu *cpu, uint64_t rsp, const uint64_t *frame, unsigned n, unsigned cpl, unsigned ext)
{
	int acc = ACC_STACK | (cpl == 3 ? 0 : ACC_IMPLICIT);

	if (!mmu_canonical(rsp - 1) || !mmu_canonical(rsp - 8 * n))
		cpu_raise_err(cpu, EXC_SS, ext);
	mem_probe(cpu, rsp - 8, 8, ACC_WRITE | acc); /* where the first push would fault */
	mem_probe(cpu, rsp - 8 * n, 8 * n, ACC_WRITE | acc);
	for (unsigned i = 0; i < n; i++)
		mem_write64(cpu, rsp - 8 * (n - i), frame[i], acc);
	return rsp - 8 * n;
}

/* ---- JMP and CALL ---- */

/* The rules for a code segment named by the instruction itself (SDM 2A, CALL, CONFORMING- and NONCONFORMING-CODE-SEGMENT). */
static void check_direct_code(struct cpu *cpu, uint16_t sel, const struct desc *d)
{
	bool allowed = desc_is_conforming(d) ? desc_dpl(d) <= cpu->cpl
					     : sel_rpl(sel) <= cpu->cpl && desc_dpl(d) == cpu->cpl;

	if (!desc_is_code(d) || !allowed || desc_is_contradictory(cpu, d))
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

/* Through a call gate of long mode, which has 16 bytes and no parameters; other system descriptors lead nowhere there. */
static void through_long_gate(struct cpu *cpu, uint16_t sel, const struct desc *gate, bool call, uint64_t next)
{
	struct desc code;
	uint64_t high;

	if (desc_type(gate) != SYS_CALL32 || !desc_read_high(cpu, sel, gate, &high))
		sel_fault(cpu, EXC_GP, sel, 0);
	check_gate(cpu, sel, gate);
	uint64_t eip = gate_offset(gate) | high;
	uint64_t rsp = cpu->mode & MODE_LONG ? cpu->gpr[RSP] : (uint32_t)cpu->gpr[RSP];
	uint64_t frame[4] = { next, cpu->seg[SEG_CS].sel, rsp, cpu->seg[SEG_SS].sel };
	if (sel_is_null(gate_sel(gate)))
		cpu_raise_err(cpu, EXC_GP, 0);
	desc_fetch(cpu, gate_sel(gate), &code, EXC_GP, 0);
	bool inner = !desc_is_conforming(&code) && desc_dpl(&code) < cpu->cpl;
	if (!desc_is_code(&code) || desc_dpl(&code) > cpu->cpl || (inner && !call) || !desc_is_long(cpu, &code) || desc_is_contradictory(cpu, &code))
		sel_fault(cpu, EXC_GP, gate_sel(gate), 0);
	if (!desc_present(&code))
		sel_fault(cpu, EXC_NP, gate_sel(gate), 0);
	far_need_eip(cpu, &code, eip, 0);
	unsigned cpl = inner ? desc_dpl(&code) : cpu->cpl;
	if (inner)
		rsp = task_long_stack(cpu, cpl, 0, 0);
	if (call)
		rsp = far_push_long(cpu, rsp, frame, inner ? 4 : 2, cpl, 0);
	desc_mark_accessed(cpu, &code);
	if (inner)
		seg_set_null(&cpu->seg[SEG_SS], cpl);
	far_commit(cpu, gate_sel(gate), &code, cpl, eip);
	cpu->gpr[RSP] = rsp;
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

	if (cpu->efer & EFER_LMA) {
		through_long_gate(cpu, sel, d, call, next);
		return;
	}
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
	bool allowed = rpl >= cpu->cpl && (desc_is_conforming(d) ? desc_dpl(d) <= rpl : desc_dpl(d) == rpl);
	if (!desc_is_code(d) || !allowed || desc_is_contradictory(cpu, d))
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

void far_return_segment(struct cpu *cpu, uint16_t sel, unsigned rpl, const struct desc *code, struct desc *ss, struct seg *seg)
{
	*seg = cpu->seg[SEG_SS];
	if (sel_is_null(sel) && rpl != 3 && desc_is_long(cpu, code)) {
		seg_set_null(seg, sel);
		return;
	}
	far_return_stack(cpu, sel, rpl, ss);
	desc_mark_accessed(cpu, ss);
	seg_from_desc(seg, sel, ss);
}

void far_drop_segments(struct cpu *cpu)
{
	static const uint8_t data_segments[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS };
	const uint16_t conforming = SEG_ATTR_CODE | SEG_ATTR_E;

	for (unsigned i = 0; i < sizeof(data_segments); i++) {
		struct seg *s = &cpu->seg[data_segments[i]];
		if (!(s->attr & SEG_ATTR_P))
			s->sel = 0; /* a null selector loses its RPL on Intel's CPUs, but FS and GS keep their bases */
		else if ((s->attr & conforming) != conforming && SEG_DPL(s) < cpu->cpl)
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
	far_return_segment(cpu, ss_sel, rpl, code, &ss, &seg);
	far_need_eip(cpu, code, eip, 0);
	desc_mark_accessed(cpu, code);
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
