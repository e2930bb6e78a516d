/* Segment registers and descriptors: MOV PUSH POP with segment registers, LDS..LGS, LLDT LTR SLDT STR, LAR LSL VERR VERW ARPL. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/mmu.h"
#include "translator/quick.h"
#include "translator/region.h"
#include "translator/seg.h"

#define SEG_FIELD(s, f) ((int)(offsetof(struct cpu, seg) + (size_t)(s) * sizeof(struct seg) + offsetof(struct seg, f)))

/* ---- reading ---- */

/* Stores a selector to the operand: a register of 4 bytes is zero-extended, memory gets 2. */
static void store_selector(struct tr *t, const struct insn *i, int seg)
{
	const struct operand *d = &i->opd[0];
	struct maddr m = { 0 };

	if (d->kind == OPD_MEM)
		m = gen_address(t, i, 2, MEM_STORE, T0);
	la_ld_hu(&t->e, T1, H_CPU, SEG_FIELD(seg, sel));
	if (d->kind == OPD_MEM)
		gen_store(t, T1, m, 2);
	else
		gen_gpr_write(t, d->reg, d->size, T1, true);
}

/* Of a slot of 4 bytes only the selector's 2 are written, as Intel's CPUs do; one of 8 is written whole (SDM 2B, PUSH). */
static void emit_push(struct tr *t, const struct insn *i)
{
	la_ld_hu(&t->e, T1, H_CPU, SEG_FIELD(i->opd[0].reg, sel));
	gen_store(t, T1, gen_stack(t, -i->opsize, i->opsize, MEM_STORE, T0), i->opsize == 8 ? 8 : 2);
	gen_esp_add(t, -i->opsize);
}

/* ---- loading ---- */

/* Bits of the second argument of load_segment(). */
#define LOAD_SHADOW 0x100 /* interrupts and debug traps wait for the next instruction */
#define LOAD_LEAVES 0x200 /* ... which is executed from the dispatcher */

/* Returns whether the region must be left: the code means something else now, or the interrupt shadow asks for it. */
static uint64_t load_segment(struct cpu *cpu, uint64_t sel, uint64_t how)
{
	uint32_t mode = cpu->mode;

	if (!quick_segment(cpu, (int)(how & 0xff), (uint16_t)sel))
		seg_load(cpu, (int)(how & 0xff), (uint16_t)sel);
	bool leaves = cpu->mode != mode || how & LOAD_LEAVES;
	if (leaves && how & LOAD_SHADOW) {
		cpu->inhibit = 1;
		cpu->debug.sti_shadow = false;
	}
	return leaves;
}

/* Called out of line: the selector in T1 has been saved to cpu->tmp[0]. */
static uint64_t load_segment_slow(struct cpu *cpu, uint64_t how)
{
	return load_segment(cpu, cpu->tmp[0], how);
}

/* Real and virtual-8086 mode: a writable segment of 64 KiB stays one, only its selector and base are new. Selector in T1, result in T0; T2 is
 * kept. */
static void load_8086(struct tr *t, int how)
{
	struct emit *e = &t->e;
	int seg = how & 0xff;

	la_bstrpick_d(e, T1, T1, 15, 0);
	la_move(e, T0, H_ZERO);
	la_ld_d(e, T3, H_CPU, SEG_FIELD(seg, wr_end));
	gen_li(t, T4, 0x10000);
	uint32_t *other = e->p;
	la_bne(e, T3, T4, 0);
	la_st_h(e, T1, H_CPU, SEG_FIELD(seg, sel));
	la_slli_d(e, T1, T1, 4);
	la_st_d(e, T1, H_CPU, SEG_FIELD(seg, base));
	gen_slow_call(t, other, (const void *)load_segment_slow, (uint64_t)how, 0, 0, T0);
}

/* Loads segment register seg with the selector in T1 by MOV or POP; T0 says whether to leave. */
static void load(struct tr *t, int seg)
{
	int how = seg;

	if (seg == SEG_SS)
		how |= LOAD_SHADOW | (gen_shadow_leaves(t) ? LOAD_LEAVES : 0);
	if (!(t->mode & MODE_PE) && !(how & LOAD_LEAVES)) {
		load_8086(t, how);
		return;
	}
	gen_li(t, T2, how);
	if (seg != SEG_SS && mode_in_assembly(t->mode) && !(t->mode & MODE_CPL)) {
		la_addi_d(&t->e, T3, H_CPU, SEG_FIELD(seg, sel));
		gen_helper_by(t, (const void *)load_segment, t->stubs->segment[t->plv]);
	} else {
		gen_helper(t, (const void *)load_segment);
	}
	t->called = false; /* what looks like a store to MOV and POP must not bring a poll into the shadow */
}

static void emit_mov_to(struct tr *t, const struct insn *i)
{
	const struct operand *s = &i->opd[1];

	if (s->kind == OPD_MEM)
		gen_load(t, T1, gen_address(t, i, 2, MEM_LOAD, T0), 2, false);
	else
		la_move(&t->e, T1, HGPR(s->reg));
	load(t, i->opd[0].reg);
	gen_leave_if(t, T0, t->next_eip);
}

static void emit_pop(struct tr *t, const struct insn *i)
{
	gen_load(t, T1, gen_stack(t, 0, i->opsize, MEM_LOAD, T0), i->opsize, false);
	load(t, i->opd[0].reg);
	gen_esp_add(t, i->opsize);
	gen_leave_if(t, T0, t->next_eip);
}

/* dest: segment register in bits 0-7, general register in bits 8-15, its size above. */
static uint64_t load_pointer(struct cpu *cpu, uint64_t sel, uint64_t offset, uint64_t dest)
{
	uint64_t leaves = load_segment(cpu, sel, dest & 0xff);

	cpu_set_gpr(cpu, dest >> 8 & 0xff, (int)(dest >> 16), offset);
	return leaves;
}

static void emit_load_pointer(struct tr *t, const struct insn *i, int seg)
{
	const struct operand *d = &i->opd[0];
	struct maddr m = gen_address(t, i, i->opd[1].size, MEM_LOAD, T0);

	gen_load(t, T2, m, d->size, false);
	m.disp += d->size;
	gen_load(t, T1, m, 2, false);
	if (t->mode & MODE_PE) {
		gen_li(t, T3, seg | d->reg << 8 | (int64_t)d->size << 16);
		gen_helper(t, (const void *)load_pointer);
	} else {
		load_8086(t, seg);
		gen_gpr_write(t, d->reg, d->size, T2, true);
	}
	gen_leave_if(t, T0, t->next_eip);
}

static void emit_lds(struct tr *t, const struct insn *i) { emit_load_pointer(t, i, SEG_DS); }
static void emit_les(struct tr *t, const struct insn *i) { emit_load_pointer(t, i, SEG_ES); }
static void emit_lss(struct tr *t, const struct insn *i) { emit_load_pointer(t, i, SEG_SS); }
static void emit_lfs(struct tr *t, const struct insn *i) { emit_load_pointer(t, i, SEG_FS); }
static void emit_lgs(struct tr *t, const struct insn *i) { emit_load_pointer(t, i, SEG_GS); }

/* ---- system segments ---- */

/* These instructions exist in protected mode only: raises #UD elsewhere and returns false. */
static bool in_protected_mode(struct tr *t)
{
	if (t->mode & MODE_PE)
		return true;
	gen_raise(t, EXC_UD, false, 0);
	return false;
}

/* The 16-bit operand n into T1. */
static void read_selector(struct tr *t, const struct insn *i, int n)
{
	if (i->opd[n].kind == OPD_MEM)
		gen_load(t, T1, gen_address(t, i, 2, MEM_LOAD, T0), 2, false);
	else
		la_move(&t->e, T1, HGPR(i->opd[n].reg));
}

static void helper_lldt(struct cpu *cpu, uint64_t sel)
{
	seg_load_ldtr(cpu, (uint16_t)sel);
}

static void helper_ltr(struct cpu *cpu, uint64_t sel)
{
	seg_load_tr(cpu, (uint16_t)sel);
}

static void load_system(struct tr *t, const struct insn *i, const void *helper)
{
	if (!in_protected_mode(t) || !gen_need_cpl0(t))
		return;
	read_selector(t, i, 0);
	gen_helper(t, helper);
}

static void emit_lldt(struct tr *t, const struct insn *i) { load_system(t, i, (const void *)helper_lldt); }
static void emit_ltr(struct tr *t, const struct insn *i) { load_system(t, i, (const void *)helper_ltr); }

static void emit_sldt(struct tr *t, const struct insn *i)
{
	if (!in_protected_mode(t))
		return;
	gen_check_umip(t);
	store_selector(t, i, SEG_LDTR);
}

static void emit_str(struct tr *t, const struct insn *i)
{
	if (!in_protected_mode(t))
		return;
	gen_check_umip(t);
	store_selector(t, i, SEG_TR);
}

/* ---- looking at descriptors ---- */

static void set_zf(struct cpu *cpu, bool zf)
{
	cpu_set_eflags(cpu, zf ? FL_ZF : 0, FL_ZF);
}

/* dest: register in bits 0-7, its size above. */
static void helper_lar(struct cpu *cpu, uint64_t sel, uint64_t dest)
{
	uint32_t rights;
	bool found = seg_lar(cpu, (uint16_t)sel, &rights);

	if (found)
		cpu_set_gpr(cpu, dest & 0xff, (int)(dest >> 8), rights);
	set_zf(cpu, found);
}

static void helper_lsl(struct cpu *cpu, uint64_t sel, uint64_t dest)
{
	uint32_t limit;
	bool found = seg_lsl(cpu, (uint16_t)sel, &limit);

	if (found)
		cpu_set_gpr(cpu, dest & 0xff, (int)(dest >> 8), limit);
	set_zf(cpu, found);
}

static void helper_verify(struct cpu *cpu, uint64_t sel, uint64_t write)
{
	set_zf(cpu, seg_ver(cpu, (uint16_t)sel, write));
}

static void inspect(struct tr *t, const struct insn *i, const void *helper)
{
	const struct operand *d = &i->opd[0];

	if (!in_protected_mode(t))
		return;
	read_selector(t, i, 1);
	gen_li(t, T2, d->reg | d->size << 8);
	gen_helper(t, helper);
}

static void verify(struct tr *t, const struct insn *i, int write)
{
	if (!in_protected_mode(t))
		return;
	read_selector(t, i, 0);
	gen_li(t, T2, write);
	gen_helper(t, (const void *)helper_verify);
}

static void emit_lar(struct tr *t, const struct insn *i) { inspect(t, i, (const void *)helper_lar); }
static void emit_lsl(struct tr *t, const struct insn *i) { inspect(t, i, (const void *)helper_lsl); }
static void emit_verr(struct tr *t, const struct insn *i) { verify(t, i, 0); }
static void emit_verw(struct tr *t, const struct insn *i) { verify(t, i, 1); }

/* Whether the selector's RPL must be raised to that of `by`; then *raised is the new selector. */
static bool rpl_raised(uint16_t sel, uint64_t by, uint16_t *raised)
{
	*raised = (uint16_t)((sel & ~3u) | (by & 3));
	return (sel & 3) < (by & 3);
}

static void arpl_register(struct cpu *cpu, uint64_t reg, uint64_t by)
{
	uint16_t sel;
	bool raise = rpl_raised((uint16_t)cpu->gpr[reg], by, &sel);

	if (raise)
		cpu_set_gpr(cpu, (int)reg, 2, sel);
	set_zf(cpu, raise);
}

static void arpl_memory(struct cpu *cpu, uint64_t lin, uint64_t by)
{
	uint16_t sel;
	bool raise;

	mem_probe_aligned(cpu, lin, 2, ACC_WRITE); /* a read for writing, whether it is written or not */
	raise = rpl_raised(mem_read16(cpu, lin, 0), by, &sel);

	if (raise)
		mem_write16(cpu, lin, sel, 0);
	set_zf(cpu, raise);
}

static void emit_arpl(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];
	struct emit *e = &t->e;

	if (!in_protected_mode(t))
		return;
	if (d->kind == OPD_MEM) {
		struct maddr m = gen_address(t, i, 2, MEM_STORE, T0);
		la_addi_w(e, T1, m.reg, m.disp);
	} else {
		gen_li(t, T1, d->reg);
	}
	la_move(e, T2, HGPR(i->opd[1].reg));
	gen_helper(t, d->kind == OPD_MEM ? (const void *)arpl_memory : (const void *)arpl_register);
}

int gen_segment(struct tr *t, const struct insn *i)
{
	static void (*const emitters[OP_COUNT])(struct tr *, const struct insn *) = {
		[OP_LDS] = emit_lds, [OP_LES] = emit_les, [OP_LSS] = emit_lss, [OP_LFS] = emit_lfs, [OP_LGS] = emit_lgs,
		[OP_LLDT] = emit_lldt, [OP_LTR] = emit_ltr, [OP_SLDT] = emit_sldt, [OP_STR] = emit_str,
		[OP_LAR] = emit_lar, [OP_LSL] = emit_lsl, [OP_VERR] = emit_verr, [OP_VERW] = emit_verw, [OP_ARPL] = emit_arpl,
	};

	if (i->op == OP_MOV && i->opd[0].kind == OPD_SEG)
		emit_mov_to(t, i);
	else if (i->op == OP_MOV && i->opd[1].kind == OPD_SEG)
		store_selector(t, i, i->opd[1].reg);
	else if (i->op == OP_PUSH && i->opd[0].kind == OPD_SEG)
		emit_push(t, i);
	else if (i->op == OP_POP && i->opd[0].kind == OPD_SEG)
		emit_pop(t, i);
	else if (emitters[i->op])
		emitters[i->op](t, i);
	else
		return -1;
	return 0;
}
