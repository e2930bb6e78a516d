/* Control transfers beyond the code segment: far JMP, CALL and RET, IRET, INT, INTO, BOUND, SYSENTER, SYSEXIT, HLT; and ENTER. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/mmu.h"
#include "translator/quick.h"
#include "translator/region.h"
#include "translator/seg.h"

/* ---- far JMP, CALL, RET ---- */

/* Behind an instruction of `len` bytes at cpu->eip. */
static uint64_t next_of(const struct cpu *cpu, uint64_t len)
{
	return (cpu->eip + len) & plan_eip_mask(cpu->mode);
}

/* how: operand size in bits 0-7, length of the instruction above. */
static uint64_t helper_jmpf(struct cpu *cpu, uint64_t sel, uint64_t off, uint64_t how)
{
	far_jmp(cpu, (uint16_t)sel, off, (int)(how & 0xff), next_of(cpu, how >> 8));
	return quick_continue(cpu);
}

static uint64_t helper_callf(struct cpu *cpu, uint64_t sel, uint64_t off, uint64_t how)
{
	far_call(cpu, (uint16_t)sel, off, (int)(how & 0xff), next_of(cpu, how >> 8));
	return quick_continue(cpu);
}

static void far_transfer(struct tr *t, const struct insn *i, const void *helper)
{
	if (i->opd[0].kind == OPD_MEM) {
		struct maddr m = gen_address(t, i, i->opd[0].size, MEM_LOAD, T0);
		gen_load(t, T2, m, i->opsize, false);
		m.disp += i->opsize;
		gen_load(t, T1, m, 2, false);
	} else {
		gen_li(t, T1, i->far_sel);
		gen_li(t, T2, i->imm);
	}
	gen_li(t, T3, i->opsize | i->len << 8);
	gen_transfer(t, helper);
}

static void emit_jmpf(struct tr *t, const struct insn *i) { far_transfer(t, i, (const void *)helper_jmpf); }
static void emit_callf(struct tr *t, const struct insn *i) { far_transfer(t, i, (const void *)helper_callf); }

static uint64_t helper_retf(struct cpu *cpu, uint64_t opsize, uint64_t pop_bytes)
{
	far_ret(cpu, (int)opsize, (unsigned)pop_bytes);
	return quick_continue(cpu);
}

static void emit_retf(struct tr *t, const struct insn *i)
{
	gen_li(t, T1, i->opsize);
	gen_li(t, T2, i->nopd ? i->imm & 0xffff : 0);
	gen_transfer(t, (const void *)helper_retf);
}

static uint64_t helper_iret(struct cpu *cpu, uint64_t opsize, uint64_t next)
{
	if (!quick_iret(cpu, (int)opsize))
		iret(cpu, (int)opsize, next);
	return quick_continue(cpu);
}

static bool in_ring(const struct tr *t, unsigned ring)
{
	return (t->mode & MODE_CPL) == ring << MODE_CPL_SHIFT;
}

static void emit_iret(struct tr *t, const struct insn *i)
{
	bool own_size = i->opsize == (t->mode & MODE_LONG ? 8 : 4);
	gen_li(t, T1, i->opsize);
	gen_li(t, T2, (int64_t)t->next_eip);
	gen_transfer_by(t, (const void *)helper_iret, mode_in_assembly(t->mode) && in_ring(t, 0) && own_size ? t->stubs->iret[t->plv] : NULL);
}

/* ---- interrupts ---- */

static uint64_t helper_int(struct cpu *cpu, uint64_t vector, uint64_t kind, uint64_t next)
{
	struct event ev = { .vector = (int)vector, .check_dpl = true, .eflags = cpu_get_eflags(cpu), .eip = next };

	if (kind == INT_ICEBP || !quick_interrupt(cpu, &ev))
		int_soft(cpu, (int)vector, (int)kind, next);
	return quick_continue(cpu);
}

static void interrupt(struct tr *t, int vector, int kind)
{
	gen_li(t, T1, vector);
	gen_li(t, T2, kind);
	gen_li(t, T3, (int64_t)t->next_eip);
	bool common = kind != INT_ICEBP && mode_in_assembly(t->mode) && (in_ring(t, 0) || in_ring(t, 3));
	gen_transfer_by(t, (const void *)helper_int, common ? t->stubs->interrupt[t->plv] : NULL);
}

static void emit_int(struct tr *t, const struct insn *i) { interrupt(t, (int)(i->imm & 0xff), INT_SOFT); }

static void emit_int3(struct tr *t, const struct insn *i)
{
	(void)i;
	interrupt(t, EXC_BP, INT_3_O);
}

static void emit_int1(struct tr *t, const struct insn *i)
{
	(void)i;
	interrupt(t, EXC_DB, INT_ICEBP);
}

static void emit_into(struct tr *t, const struct insn *i)
{
	(void)i;
	uint32_t *no_overflow = gen_branch_if(t, 1);
	int cc_static = t->cc_static;
	bool cc_in_mem = t->cc_in_mem;

	interrupt(t, EXC_OF, INT_3_O);
	emit_fix_branch(no_overflow, t->e.p);
	t->cc_static = cc_static;
	t->cc_in_mem = cc_in_mem;
}

static void emit_bound(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int size = i->opsize;
	struct maddr m = gen_address(t, i, i->opd[1].size, MEM_LOAD, T0);
	int index;

	gen_load(t, T1, m, size, true);
	m.disp += size;
	gen_load(t, T2, m, size, true);
	index = gen_gpr_read(t, i->opd[0].reg, size, true, T3);
	uint32_t *below = e->p;
	la_blt(e, index, T1, 0);
	gen_raise_at(t, below, EXC_BR);
	uint32_t *above = e->p;
	la_blt(e, T2, index, 0);
	gen_raise_at(t, above, EXC_BR);
}

/* ---- system calls, halt ---- */

static uint64_t helper_sysenter(struct cpu *cpu)
{
	sysenter(cpu);
	return quick_continue(cpu);
}

static uint64_t helper_sysexit(struct cpu *cpu, uint64_t opsize)
{
	sysexit(cpu, (int)opsize);
	return quick_continue(cpu);
}

static void emit_sysenter(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_transfer_by(t, (const void *)helper_sysenter, mode_is_flat_32(t->mode) ? t->stubs->sysenter[t->plv] : NULL);
}

static void emit_sysexit(struct tr *t, const struct insn *i)
{
	gen_li(t, T1, i->rex & 8 ? 8 : 4);
	bool common = mode_is_flat_32(t->mode) && in_ring(t, 0) && !(i->rex & 8);
	gen_transfer_by(t, (const void *)helper_sysexit, common ? t->stubs->sysexit : NULL);
}

static uint64_t helper_syscall(struct cpu *cpu, uint64_t next)
{
	syscall64(cpu, next);
	return quick_continue(cpu);
}

static void emit_syscall(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_li(t, T1, (int64_t)t->next_eip);
	gen_transfer_by(t, (const void *)helper_syscall, t->stubs->syscall[t->plv]);
}

static uint64_t helper_sysret(struct cpu *cpu, uint64_t opsize)
{
	sysret(cpu, (int)opsize);
	return quick_continue(cpu);
}

static void emit_sysret(struct tr *t, const struct insn *i)
{
	bool common = i->rex & 8 && t->mode & MODE_LONG && in_ring(t, 0);

	gen_li(t, T1, i->rex & 8 ? 8 : 4);
	gen_transfer_by(t, (const void *)helper_sysret, common ? t->stubs->sysret : NULL);
}

static void emit_hlt(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_li(t, T1, (int64_t)t->next_eip);
	gen_helper_end(t, (const void *)do_hlt);
}

static void emit_ud(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_raise(t, EXC_UD, false, 0);
}

/* ---- ENTER (SDM 2A) ---- */

struct frame {
	struct cpu *cpu;
	int size;       /* of an element: the operand size */
	int sp_size;    /* of the stack pointer */
	uint64_t mask;  /* ... as a mask */
	uint64_t sp;
};

static uint64_t frame_lin(struct frame *f, uint64_t off, int write)
{
	return seg_lin(f->cpu, SEG_SS, off & f->mask, (unsigned)f->size, write);
}

static void frame_push(struct frame *f, uint64_t v)
{
	f->sp -= (uint64_t)f->size;
	if (f->size == 8)
		mem_write64(f->cpu, frame_lin(f, f->sp, 1), v, 0);
	else if (f->size == 2)
		mem_write16(f->cpu, frame_lin(f, f->sp, 1), (uint16_t)v, 0);
	else
		mem_write32(f->cpu, frame_lin(f, f->sp, 1), (uint32_t)v, 0);
}

static uint64_t frame_read(struct frame *f, uint64_t off)
{
	if (f->size == 8)
		return mem_read64(f->cpu, frame_lin(f, off, 0), 0);
	return f->size == 2 ? mem_read16(f->cpu, frame_lin(f, off, 0), 0) : mem_read32(f->cpu, frame_lin(f, off, 0), 0);
}

/* Faults now if any of the n values, or the byte at the final stack pointer, cannot be written. */
static void frame_probe(struct frame *f, unsigned n, uint64_t bytes)
{
	uint64_t at = f->sp;

	for (unsigned k = 0; k < n; k++) {
		at -= (uint64_t)f->size;
		mem_probe_aligned(f->cpu, frame_lin(f, at, 1), (unsigned)f->size, ACC_WRITE);
	}
	mem_probe(f->cpu, frame_lin(f, at - bytes, 1), (unsigned)f->size, ACC_WRITE);
}

static void helper_enter(struct cpu *cpu, uint64_t opsize, uint64_t bytes, uint64_t level)
{
	int sp_size = cpu->mode & MODE_LONG ? 8 : cpu->mode & MODE_SS32 ? 4 : 2;
	struct frame f = { cpu, (int)opsize, sp_size, UINT64_MAX >> (64 - 8 * sp_size), cpu->gpr[RSP] };
	uint64_t frame = f.sp - opsize, outer = cpu->gpr[RBP];

	frame_probe(&f, (unsigned)level + 1, bytes);
	for (unsigned k = 1; k < level; k++)
		mem_probe_aligned(cpu, frame_lin(&f, outer - k * opsize, 0), (unsigned)opsize, ACC_READ);
	frame_push(&f, outer);
	for (unsigned k = 1; k < level; k++)
		frame_push(&f, frame_read(&f, outer - k * opsize));
	if (level)
		frame_push(&f, frame);
	cpu_set_gpr(cpu, RBP, (int)opsize, frame);
	cpu_set_gpr(cpu, RSP, f.sp_size, f.sp - bytes);
}

static void emit_enter(struct tr *t, const struct insn *i)
{
	gen_li(t, T1, i->opsize);
	gen_li(t, T2, i->imm & 0xffff);
	gen_li(t, T3, i->imm2 & 31);
	gen_helper(t, (const void *)helper_enter);
}

int gen_control(struct tr *t, const struct insn *i)
{
	static void (*const emitters[OP_COUNT])(struct tr *, const struct insn *) = {
		[OP_JMPF] = emit_jmpf, [OP_CALLF] = emit_callf, [OP_RETF] = emit_retf, [OP_IRET] = emit_iret,
		[OP_INT] = emit_int, [OP_INT3] = emit_int3, [OP_INT1] = emit_int1, [OP_INTO] = emit_into, [OP_BOUND] = emit_bound,
		[OP_SYSENTER] = emit_sysenter, [OP_SYSEXIT] = emit_sysexit, [OP_HLT] = emit_hlt, [OP_ENTER] = emit_enter,
		[OP_SYSCALL] = emit_syscall, [OP_SYSRET] = emit_sysret, [OP_RSM] = emit_ud, [OP_UD] = emit_ud,
		[OP_INVALID] = emit_ud,
	};

	if (!emitters[i->op])
		return -1;
	emitters[i->op](t, i);
	return 0;
}
