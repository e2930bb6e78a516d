/* Delivery of interrupts and exceptions through the IDT or the real-mode vector table (Intel SDM 3A, chapters 6 and 20; 2A, INT n). */
#include "translator/debug.h"
#include "translator/far.h"
#include "translator/mmu.h"
#include "translator/quick.h"
#include "translator/seg.h"
#include "translator/task.h"
#include "translator/vme.h"

/* Flags that entry through a gate clears; interrupt gates clear IF as well. */
#define GATE_CLEARS (FL_TF | FL_NT | FL_RF | FL_VM)

#define IDT_ENTRY 8
#define LONG_IDT_ENTRY 16
#define IVT_ENTRY 4

/* Error code for a fault at an IDT entry: index, IDT bit, EXT. */
static uint32_t idt_error(const struct event *ev)
{
	return (uint32_t)ev->vector << 3 | 2 | ev->ext;
}

/* Vector table of 8086 programs at `table`, flags image as given; clears `cleared` in EFLAGS. */
static void enter_8086(struct cpu *cpu, uint64_t table, const struct event *ev, uint16_t image, uint32_t cleared)
{
	uint32_t entry = mem_read32(cpu, table + ev->vector * IVT_ENTRY, ACC_IMPLICIT);
	struct stack st;

	stack_current(cpu, &st, 0);
	stack_need_room(cpu, &st, 3, 2);
	far_need_eip_real(cpu, entry & 0xffff);
	stack_probe(cpu, &st, 3, 2);
	stack_push(cpu, &st, 2, image);
	stack_push(cpu, &st, 2, cpu->seg[SEG_CS].sel);
	stack_push(cpu, &st, 2, ev->eip);
	stack_commit(cpu, &st);
	cpu->eflags &= ~cleared;
	far_commit_real(cpu, entry >> 16, entry & 0xffff);
}

static void deliver_real(struct cpu *cpu, const struct event *ev)
{
	if (ev->vector * IVT_ENTRY + 3u > cpu->idtr.limit)
		cpu_raise_err(cpu, EXC_GP, idt_error(ev));
	enter_8086(cpu, cpu->idtr.base, ev, ev->eflags, FL_IF | FL_TF | FL_AC | FL_RF);
}

static void through_task_gate(struct cpu *cpu, const struct event *ev, const struct desc *gate)
{
	struct desc tss;
	struct stack st;

	uint16_t sel = task_from_gate(cpu, gate, &tss, ev->ext);
	bool trap = task_switch(cpu, sel, &tss, TASK_CALL, ev->eip, ev->eflags, ev->ext);
	if (ev->has_error) {
		unsigned size = desc_type(&tss) & SYS_32BIT_BIT ? 4 : 2;
		stack_current(cpu, &st, ev->ext);
		stack_need_room(cpu, &st, 1, size);
		stack_push(cpu, &st, size, ev->error);
		stack_commit(cpu, &st);
	}
	if (trap) {
		cpu->delivering = 0;
		debug_event_delivered(cpu, ev->vector);
		task_debug_trap(cpu);
	}
}

/* Reads and checks the handler's code segment; returns whether it runs at a more privileged level on its own stack. */
static bool check_handler(struct cpu *cpu, const struct event *ev, uint16_t sel, struct desc *code)
{
	if (sel_is_null(sel))
		cpu_raise_err(cpu, EXC_GP, ev->ext);
	desc_fetch(cpu, sel, code, EXC_GP, ev->ext);
	if (!desc_is_code(code) || desc_dpl(code) > cpu->cpl)
		sel_fault(cpu, EXC_GP, sel, ev->ext);
	if (!desc_present(code))
		sel_fault(cpu, EXC_NP, sel, ev->ext);
	bool inner = !desc_is_conforming(code) && desc_dpl(code) < cpu->cpl;
	if ((cpu->mode & MODE_VM) && (!inner || desc_dpl(code) != 0))
		sel_fault(cpu, EXC_GP, sel, ev->ext);
	return inner;
}

/* The stack frame, oldest value first. Returns how many values it has. */
static unsigned build_frame(const struct cpu *cpu, const struct event *ev, bool inner, uint32_t frame[static 10])
{
	static const uint8_t v86_segments[] = { SEG_GS, SEG_FS, SEG_DS, SEG_ES };
	unsigned n = 0;

	if (cpu->mode & MODE_VM) {
		for (unsigned i = 0; i < sizeof(v86_segments); i++)
			frame[n++] = cpu->seg[v86_segments[i]].sel;
	}
	if (inner) {
		frame[n++] = cpu->seg[SEG_SS].sel;
		frame[n++] = cpu->gpr[RSP];
	}
	frame[n++] = ev->eflags;
	frame[n++] = cpu->seg[SEG_CS].sel;
	frame[n++] = ev->eip;
	if (ev->has_error)
		frame[n++] = ev->error;
	return n;
}

static void leave_v86(struct cpu *cpu)
{
	static const uint8_t data_segments[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS };

	for (unsigned i = 0; i < sizeof(data_segments); i++)
		seg_set_null(&cpu->seg[data_segments[i]], 0);
}

static void through_gate(struct cpu *cpu, const struct event *ev, const struct desc *gate)
{
	uint16_t sel = gate_sel(gate);
	unsigned size = gate_is_32(gate) ? 4 : 2;
	bool is_interrupt = desc_type(gate) == SYS_INT16 || desc_type(gate) == SYS_INT32;
	struct desc code, ss;
	struct stack st;
	uint32_t frame[10];

	bool inner = check_handler(cpu, ev, sel, &code);
	if (inner)
		task_inner_stack(cpu, desc_dpl(&code), ev->ext, &st, &ss);
	else
		stack_current(cpu, &st, ev->ext);
	unsigned n = build_frame(cpu, ev, inner, frame);
	stack_need_room(cpu, &st, n, size);
	far_need_eip(cpu, &code, gate_offset(gate), ev->ext);
	stack_probe(cpu, &st, n, size);
	if (inner)
		desc_mark_accessed(cpu, &ss);
	desc_mark_accessed(cpu, &code);

	for (unsigned i = 0; i < n; i++)
		stack_push(cpu, &st, size, frame[i]);
	stack_commit(cpu, &st);
	if (cpu->mode & MODE_VM)
		leave_v86(cpu);
	cpu->eflags &= ~(GATE_CLEARS | (is_interrupt ? FL_IF : 0));
	far_commit(cpu, sel, &code, inner ? desc_dpl(&code) : cpu->cpl, gate_offset(gate));
}

/* The 16-byte gate of the vector; returns the handler's RIP. */
static uint64_t read_long_gate(struct cpu *cpu, const struct event *ev, struct desc *gate)
{
	uint64_t lin = cpu->idtr.base + ev->vector * LONG_IDT_ENTRY;

	if (ev->vector * LONG_IDT_ENTRY + 15u > cpu->idtr.limit)
		cpu_raise_err(cpu, EXC_GP, idt_error(ev));
	uint64_t raw = mem_read64(cpu, lin, ACC_IMPLICIT), high = mem_read64(cpu, lin + 8, ACC_IMPLICIT);
	gate->lo = (uint32_t)raw;
	gate->hi = raw >> 32;
	bool is_gate = desc_type(gate) == SYS_INT32 || desc_type(gate) == SYS_TRAP32;
	if (desc_is_segment(gate) || !is_gate || (ev->check_dpl && desc_dpl(gate) < cpu->cpl))
		cpu_raise_err(cpu, EXC_GP, idt_error(ev));
	if (!desc_present(gate))
		cpu_raise_err(cpu, EXC_NP, idt_error(ev));
	return gate_offset(gate) | high << 32;
}

/* SDM 3A, 6.14 "Exception and Interrupt Handling in 64-bit Mode". */
static void deliver_long(struct cpu *cpu, const struct event *ev)
{
	struct desc gate, code;
	uint64_t rip = read_long_gate(cpu, ev, &gate);
	uint64_t rsp = cpu->mode & MODE_LONG ? cpu->gpr[RSP] : (uint32_t)cpu->gpr[RSP];
	uint64_t frame[6] = { ev->error, ev->eip, cpu->seg[SEG_CS].sel, ev->eflags, rsp, cpu->seg[SEG_SS].sel };
	bool inner = check_handler(cpu, ev, gate_sel(&gate), &code);
	unsigned cpl = inner ? desc_dpl(&code) : cpu->cpl, ist = gate.hi & 7, skip = !ev->has_error;

	if (!desc_is_long(cpu, &code) || desc_is_contradictory(cpu, &code))
		sel_fault(cpu, EXC_GP, gate_sel(&gate), ev->ext);
	if (!mmu_canonical(rip))
		cpu_raise_err(cpu, EXC_GP, ev->ext);
	if (ist || inner)
		rsp = task_long_stack(cpu, cpl, ist, ev->ext);
	rsp = far_push_long(cpu, rsp & ~15ull, frame + skip, 6 - skip, cpl, ev->ext);
	desc_mark_accessed(cpu, &code);
	if (inner)
		seg_set_null(&cpu->seg[SEG_SS], cpl);
	cpu->eflags &= ~(GATE_CLEARS | (desc_type(&gate) == SYS_INT32 ? FL_IF : 0));
	far_commit(cpu, gate_sel(&gate), &code, cpl, rip);
	cpu->gpr[RSP] = rsp;
}

static void deliver_protected(struct cpu *cpu, const struct event *ev)
{
	struct desc gate;

	if (cpu->efer & EFER_LMA) {
		deliver_long(cpu, ev);
		return;
	}
	if (ev->vector * IDT_ENTRY + 7u > cpu->idtr.limit)
		cpu_raise_err(cpu, EXC_GP, idt_error(ev));
	uint64_t raw = mem_read64(cpu, cpu->idtr.base + ev->vector * IDT_ENTRY, ACC_IMPLICIT);
	gate.lo = (uint32_t)raw;
	gate.hi = raw >> 32;

	unsigned type = desc_type(&gate);
	bool is_gate = type == SYS_TASK || (type & ~(SYS_32BIT_BIT | 1)) == SYS_INT16;
	if (desc_is_segment(&gate) || !is_gate || (ev->check_dpl && desc_dpl(&gate) < cpu->cpl))
		cpu_raise_err(cpu, EXC_GP, idt_error(ev));
	if (!desc_present(&gate))
		cpu_raise_err(cpu, EXC_NP, idt_error(ev));
	if (type == SYS_TASK)
		through_task_gate(cpu, ev, &gate);
	else
		through_gate(cpu, ev, &gate);
}

static void deliver(struct cpu *cpu, const struct event *ev)
{
	if (quick_interrupt(cpu, ev))
		return;
	if (cpu->cr0 & CR0_PE)
		deliver_protected(cpu, ev);
	else
		deliver_real(cpu, ev);
	debug_event_delivered(cpu, ev->vector);
}

/* INT n of a virtual-8086 program to its own handler (SDM 3B, 21.3.3: methods 5 and 6). */
static void deliver_redirected(struct cpu *cpu, const struct event *ev)
{
	bool virtual_if = vme_virtual_if(cpu);
	uint16_t image = virtual_if ? vme_flags_image(cpu) : ev->eflags;

	enter_8086(cpu, 0, ev, image, FL_TF | FL_RF | (virtual_if ? FL_VIF : FL_IF));
	debug_event_delivered(cpu, ev->vector);
}

void int_soft(struct cpu *cpu, int vector, int kind, uint64_t next)
{
	struct event ev = {
		.vector = vector, .check_dpl = kind != INT_ICEBP, .ext = kind == INT_ICEBP,
		.eflags = cpu_get_eflags(cpu), .eip = next,
	};

	if ((cpu->mode & MODE_VM) && kind == INT_SOFT) {
		if (vme_redirects(cpu, vector)) {
			deliver_redirected(cpu, &ev);
			return;
		}
		if (!(cpu->mode & MODE_IOPL_OK))
			cpu_raise_err(cpu, EXC_GP, 0);
	}
	deliver(cpu, &ev);
}

/* ---- exceptions during delivery: SDM 3A, table 6-5 ---- */

enum event_class { BENIGN, CONTRIBUTORY, PAGE_FAULT, DOUBLE_FAULT };

static enum event_class classify(int vector)
{
	const uint32_t contributory = 1u << EXC_DE | 1u << EXC_TS | 1u << EXC_NP | 1u << EXC_SS | 1u << EXC_GP;

	if (vector == EXC_PF)
		return PAGE_FAULT;
	if (vector == EXC_DF)
		return DOUBLE_FAULT;
	return vector < 32 && (contributory >> vector & 1) ? CONTRIBUTORY : BENIGN;
}

/* Whether `second`, raised while `first` was being delivered, takes the place of both as a double fault. */
static bool makes_double_fault(enum event_class first, enum event_class second)
{
	return (first == CONTRIBUTORY && second == CONTRIBUTORY) || (first == PAGE_FAULT && second != BENIGN);
}

/* Faults, but not traps and aborts, push RF so that returning to the instruction does not meet its breakpoint again. */
static bool pushes_rf(const struct cpu *cpu, int vector)
{
	const uint32_t faults = 1u << EXC_DE | 1u << EXC_BR | 1u << EXC_UD | 1u << EXC_NM | 1u << EXC_TS | 1u << EXC_NP |
				1u << EXC_SS | 1u << EXC_GP | 1u << EXC_PF | 1u << EXC_MF | 1u << EXC_AC | 1u << EXC_XM;

	return vector == EXC_DB ? cpu->debug.set_rf : vector < 32 && (faults >> vector & 1);
}

void deliver_event(struct cpu *cpu, int vector, bool has_error, uint32_t error, bool external)
{
	enum event_class second = external ? BENIGN : classify(vector);
	enum event_class first = cpu->delivering ? classify(cpu->delivering - 1) : BENIGN;

	if (first == DOUBLE_FAULT && second != BENIGN) {
		cpu->delivering = 0;
		cpu_request(cpu, PEND_RESET);
		cpu_exit(cpu);
	}
	if (makes_double_fault(first, second)) {
		vector = EXC_DF;
		has_error = true;
		error = 0;
	}
	/* Interrupts count as benign whatever their vector, so they leave no trace for the events they cause. */
	cpu->delivering = external ? 0 : vector + 1;
	if (external && vector == EXC_NMI)
		cpu->nmi_masked = true;

	struct event ev = {
		.vector = vector, .has_error = has_error, .error = error, .ext = 1,
		.eflags = cpu_get_eflags(cpu) | (!external && pushes_rf(cpu, vector) ? FL_RF : 0), .eip = cpu->eip,
	};
	deliver(cpu, &ev);
	cpu->delivering = 0;
}
