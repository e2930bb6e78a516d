/*
 * Instructions of the operating system's: ports, control and debug registers, MSRs, descriptor tables, caches, CPUID, RDTSC; and XLAT.
 */
#include "translator/board.h"
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/mmu.h"
#include "translator/quick.h"
#include "translator/seg.h"

#define FIELD(f) ((int)offsetof(struct cpu, f))
#define SEG_BASE(s) (FIELD(seg) + (s) * (int)sizeof(struct seg) + (int)offsetof(struct seg, base))
_Static_assert(offsetof(struct cpu, tsc_offset) < 2048, "within reach of translated code");

/* ---- ports ---- */

static void helper_out(struct cpu *cpu, uint64_t port, uint64_t size, uint64_t value)
{
	do_out(cpu, (uint16_t)port, (int)size, (uint32_t)value);
}

/* T1 = the port that operand n names, T2 = the size of the access. */
static void port_and_size(struct tr *t, const struct insn *i, int n)
{
	if (i->opd[n].kind == OPD_IMM)
		gen_li(t, T1, i->imm & 0xff);
	else
		la_bstrpick_d(&t->e, T1, HGPR(RDX), 15, 0);
	gen_li(t, T2, i->opsize);
}

static void emit_in(struct tr *t, const struct insn *i)
{
	port_and_size(t, i, 1);
	gen_helper(t, (const void *)do_in);
	gen_gpr_write(t, RAX, i->opsize, T0, false);
}

/* A port may have changed what comes next: reset, the physical map, an interrupt. */
static void emit_out(struct tr *t, const struct insn *i)
{
	port_and_size(t, i, 0);
	int value = gen_gpr_read(t, RAX, i->opsize, false, T3);
	if (value != T3)
		la_move(&t->e, T3, value);
	gen_helper(t, (const void *)helper_out);
	gen_poll(t, t->next_eip);
}

/* ---- control registers ---- */

/* The linear address of the instruction. */
static uint64_t code_linear(const struct tr *t)
{
	return t->mode & MODE_LONG ? t->eip : (uint32_t)(t->cs_base + t->eip);
}

static uint64_t helper_mov_cr(struct cpu *cpu, uint64_t n, uint64_t value, uint64_t next)
{
	cr_write(cpu, (int)n, value);
	return quick_next(cpu, next);
}

/* Returns whether the code, which lies at `code` in the page of guest physical address gpa, may lie elsewhere now. */
static uint64_t helper_mov_cr3(struct cpu *cpu, uint64_t value, uint64_t code, uint64_t gpa)
{
	cr_write(cpu, 3, value);
	return !mmu_is_code_at(cpu, code, gpa);
}

static void emit_mov_cr3(struct tr *t, const struct insn *i)
{
	la_move(&t->e, T1, HGPR(i->opd[1].reg));
	gen_li(t, T2, (int64_t)code_linear(t));
	gen_li(t, T3, (int64_t)t->region->gpa);
	gen_helper(t, (const void *)helper_mov_cr3);
	gen_leave_if(t, T0, t->next_eip);
	gen_goto(t, t->next_eip);
}

static void emit_mov_cr(struct tr *t, const struct insn *i)
{
	if (!gen_need_cpl0(t))
		return;
	if (i->opd[0].reg == 3 && !t->single && !t->region->gpa2) {
		emit_mov_cr3(t, i);
		return;
	}
	gen_li(t, T1, i->opd[0].reg);
	la_move(&t->e, T2, HGPR(i->opd[1].reg));
	gen_li(t, T3, (int64_t)t->next_eip);
	gen_transfer(t, (const void *)helper_mov_cr);
}

/* Register reg = the field, all of it in 64-bit code. */
static void whole_field(struct tr *t, int reg, int field)
{
	bool wide = t->mode & MODE_LONG;

	(wide ? la_ld_d : la_ld_w)(&t->e, HGPR(reg), H_CPU, field);
	gen_wrote(t, reg, wide ? 8 : 4, EXT_SIGN);
}

static void emit_mov_from_cr(struct tr *t, const struct insn *i)
{
	static const int field[16] = { [0] = FIELD(cr0), [2] = FIELD(cr2), [3] = FIELD(cr3), [4] = FIELD(cr4) };
	int n = i->opd[1].reg;

	if (!gen_need_cpl0(t))
		return;
	if (n == 8) {
		gen_helper(t, (const void *)board_task_priority);
		gen_gpr_write(t, i->opd[0].reg, 8, T0, false);
	} else if (!field[n]) {
		gen_raise(t, EXC_UD, false, 0);
	} else {
		whole_field(t, i->opd[0].reg, field[n]);
	}
}

static void emit_smsw(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];
	struct maddr m = { 0 };

	gen_check_umip(t);
	if (d->kind == OPD_MEM)
		m = gen_address(t, i, 2, MEM_STORE, T0);
	(d->size == 8 ? la_ld_d : la_ld_w)(&t->e, T1, H_CPU, FIELD(cr0));
	if (d->kind == OPD_MEM)
		gen_store(t, T1, m, 2);
	else
		gen_gpr_write(t, d->reg, d->size, T1, true);
}

static uint64_t helper_lmsw(struct cpu *cpu, uint64_t value, uint64_t next)
{
	do_lmsw(cpu, (uint16_t)value);
	return quick_next(cpu, next);
}

static void emit_lmsw(struct tr *t, const struct insn *i)
{
	const struct operand *s = &i->opd[0];

	if (!gen_need_cpl0(t))
		return;
	if (s->kind == OPD_MEM)
		gen_load(t, T1, gen_address(t, i, 2, MEM_LOAD, T0), 2, false);
	else
		la_move(&t->e, T1, HGPR(s->reg));
	gen_li(t, T2, (int64_t)t->next_eip);
	gen_transfer(t, (const void *)helper_lmsw);
}

/* Returns whether code means something else now. */
static uint64_t helper_clts(struct cpu *cpu)
{
	uint32_t mode = cpu->mode;

	do_clts(cpu);
	return cpu->mode != mode;
}

static void emit_clts(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_helper(t, (const void *)helper_clts);
	gen_leave_if(t, T0, t->next_eip);
}

/* ---- debug registers ---- */

static uint64_t helper_mov_from_dr(struct cpu *cpu, uint64_t n)
{
	return dr_read(cpu, (int)n);
}

static uint64_t helper_mov_dr(struct cpu *cpu, uint64_t n, uint64_t value, uint64_t next)
{
	dr_write(cpu, (int)n, value);
	return quick_next(cpu, next);
}

static void emit_mov_from_dr(struct tr *t, const struct insn *i)
{
	gen_li(t, T1, i->opd[1].reg);
	gen_helper(t, (const void *)helper_mov_from_dr);
	gen_gpr_write(t, i->opd[0].reg, t->mode & MODE_LONG ? 8 : 4, T0, false);
}

static void emit_mov_dr(struct tr *t, const struct insn *i)
{
	gen_li(t, T1, i->opd[0].reg);
	la_move(&t->e, T2, HGPR(i->opd[1].reg));
	gen_li(t, T3, (int64_t)t->next_eip);
	gen_transfer(t, (const void *)helper_mov_dr);
}

/* ---- MSRs, CPUID, time ---- */

static void emit_rdmsr(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_helper(t, (const void *)do_rdmsr);
}

static uint64_t helper_wrmsr(struct cpu *cpu, uint64_t next)
{
	do_wrmsr(cpu);
	return quick_next(cpu, next);
}

static void emit_wrmsr(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_li(t, T1, (int64_t)t->next_eip);
	gen_transfer(t, (const void *)helper_wrmsr);
}

/* CR4.TSD is set, outside ring 0. */
static void helper_no_tsc(struct cpu *cpu)
{
	cpu_raise_err(cpu, EXC_GP, 0);
}

/* do_rdtsc() in line, where the host's counter has only to be multiplied. */
static void emit_rdtsc(struct tr *t, const struct insn *i)
{
	uint64_t per_tick = board_tsc_per_tick();
	struct emit *e = &t->e;

	if (!per_tick) {
		gen_helper(t, i->op == OP_RDTSCP ? (const void *)do_rdtscp : (const void *)do_rdtsc);
		return;
	}
	if (t->mode & MODE_CPL) {
		la_ld_w(e, T1, H_CPU, FIELD(cr4));
		la_andi(e, T1, T1, CR4_TSD);
		uint32_t *site = e->p;
		la_bnez(e, T1, 0);
		gen_slow_call(t, site, (const void *)helper_no_tsc, 0, 0, 0, -1);
	}
	la_rdtime_d(e, T0, H_ZERO);
	gen_li(t, T1, (int64_t)per_tick);
	la_mul_d(e, T0, T0, T1);
	la_ld_d(e, T1, H_CPU, FIELD(tsc_offset));
	la_add_d(e, T0, T0, T1);
	la_srli_d(e, T1, T0, 32);
	gen_gpr_write(t, RAX, 4, T0, false);
	gen_gpr_write(t, RDX, 4, T1, false);
	if (i->op == OP_RDTSCP) {
		la_ld_wu(e, T1, H_CPU, FIELD(tsc_aux));
		gen_gpr_write(t, RCX, 4, T1, false);
	}
}

static void emit_rdpmc(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_helper(t, (const void *)do_rdpmc);
}

static void emit_cpuid(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_helper(t, (const void *)do_cpuid);
}

/* ---- descriptor tables ---- */

static void need_canonical(struct cpu *cpu, uint64_t base)
{
	if (cpu->mode & MODE_LONG && !mmu_canonical(base))
		cpu_raise_err(cpu, EXC_GP, 0);
}

static void helper_lgdt(struct cpu *cpu, uint64_t limit, uint64_t base)
{
	need_canonical(cpu, base);
	cpu->gdtr.limit = (uint16_t)limit;
	cpu->gdtr.base = base;
}

static void helper_lidt(struct cpu *cpu, uint64_t limit, uint64_t base)
{
	need_canonical(cpu, base);
	cpu->idtr.limit = (uint16_t)limit;
	cpu->idtr.base = base;
}

/* Bytes of a table's base in memory. */
static int base_size(const struct tr *t)
{
	return t->mode & MODE_LONG ? 8 : 4;
}

/* With 16-bit operands the base has 24 bits; in 64-bit code it always has 64. */
static void load_table(struct tr *t, const struct insn *i, const void *helper)
{
	if (!gen_need_cpl0(t))
		return;
	struct maddr m = gen_address(t, i, 2 + (unsigned)base_size(t), MEM_LOAD, T0);
	gen_load(t, T1, m, 2, false);
	m.disp += 2;
	gen_load(t, T2, m, base_size(t), false);
	if (i->opsize == 2 && !(t->mode & MODE_LONG))
		la_bstrpick_d(&t->e, T2, T2, 23, 0);
	gen_helper(t, helper);
}

/* All 32 bits of the base are stored whatever the operand size. */
static void store_table(struct tr *t, const struct insn *i, int limit, int base)
{
	struct emit *e = &t->e;

	gen_check_umip(t);
	struct maddr m = gen_address(t, i, 2 + (unsigned)base_size(t), MEM_STORE, T0);
	la_ld_w(e, T1, H_CPU, limit);
	gen_store(t, T1, m, 2);
	m.disp += 2;
	la_ld_d(e, T1, H_CPU, base);
	gen_store(t, T1, m, base_size(t));
}

static void emit_lgdt(struct tr *t, const struct insn *i) { load_table(t, i, (const void *)helper_lgdt); }
static void emit_lidt(struct tr *t, const struct insn *i) { load_table(t, i, (const void *)helper_lidt); }
static void emit_sgdt(struct tr *t, const struct insn *i) { store_table(t, i, FIELD(gdtr.limit), FIELD(gdtr.base)); }
static void emit_sidt(struct tr *t, const struct insn *i) { store_table(t, i, FIELD(idtr.limit), FIELD(idtr.base)); }

/* ---- caches ---- */

/* INVD, WBINVD: caches are coherent with devices. */
static void emit_invd(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_need_cpl0(t);
}

/* Returns whether the code, which lies at `code`, may lie elsewhere now. */
static uint64_t helper_invlpg(struct cpu *cpu, uint64_t lin, uint64_t code)
{
	if ((lin ^ code) >> 12)
		return do_invlpg(cpu, lin);
	do_invlpg(cpu, lin);
	return true;
}

/* The limit of the segment is not checked. */
static void emit_invlpg(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	if (!gen_need_cpl0(t))
		return;
	bool wide = t->mode & MODE_LONG;
	gen_effective(t, i, T1);
	if (!wide || i->seg == SEG_FS || i->seg == SEG_GS) {
		la_ld_d(e, T2, H_CPU, SEG_BASE(i->seg));
		(wide ? la_add_d : la_add_w)(e, T1, T1, T2);
	}
	if (!wide)
		la_bstrpick_d(e, T1, T1, 31, 0);
	gen_li(t, T2, (int64_t)code_linear(t));
	gen_helper(t, (const void *)helper_invlpg);
	gen_leave_if(t, T0, t->next_eip);
}

static void helper_clflush(struct cpu *cpu, uint64_t lin)
{
	mem_probe(cpu, lin, 1, ACC_READ);
}

static void emit_clflush(struct tr *t, const struct insn *i)
{
	struct maddr m = gen_address(t, i, 1, MEM_LOAD, T0);

	(t->mode & MODE_LONG ? la_addi_d : la_addi_w)(&t->e, T1, m.reg, m.disp);
	gen_helper(t, (const void *)helper_clflush);
}

static void emit_fence(struct tr *t, const struct insn *i)
{
	(void)i;
	la_dbar(&t->e, 0);
}

static uint64_t helper_invpcid(struct cpu *cpu, uint64_t type, uint64_t lin, uint64_t next)
{
	do_invpcid(cpu, type, lin);
	return quick_next(cpu, next);
}

/* INVPCID: the descriptor's own faults come from its reads. It exists in real mode, and is #GP(0) in virtual-8086 mode (SDM 2A). */
static void emit_invpcid(struct tr *t, const struct insn *i)
{
	if (!gen_need_cpl0(t))
		return;
	struct maddr m = gen_address(t, i, 16, MEM_LOAD, T0);
	la_addi_d(&t->e, T2, m.reg, m.disp);
	la_move(&t->e, T1, HGPR(i->opd[0].reg));
	gen_li(t, T3, (int64_t)t->next_eip);
	gen_transfer(t, (const void *)helper_invpcid);
}

/* ---- bases of FS and GS in 64-bit code ---- */

static void emit_swapgs(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	(void)i;
	if (!gen_need_cpl0(t))
		return;
	la_ld_d(e, T1, H_CPU, SEG_BASE(SEG_GS));
	la_ld_d(e, T2, H_CPU, FIELD(kernel_gs_base));
	la_st_d(e, T2, H_CPU, SEG_BASE(SEG_GS));
	la_st_d(e, T1, H_CPU, FIELD(kernel_gs_base));
}

/* #UD unless CR4.FSGSBASE is set. */
static void need_fsgsbase(struct tr *t)
{
	struct emit *e = &t->e;

	la_ld_d(e, T1, H_CPU, FIELD(cr4));
	la_bstrpick_d(e, T1, T1, 16, 16);
	uint32_t *site = e->p;
	la_beqz(e, T1, 0);
	gen_raise_at(t, site, EXC_UD);
}

static void emit_rdbase(struct tr *t, const struct insn *i)
{
	const struct operand *d = &i->opd[0];

	need_fsgsbase(t);
	la_ld_d(&t->e, T1, H_CPU, SEG_BASE(i->op == OP_RDFSBASE ? SEG_FS : SEG_GS));
	gen_gpr_write(t, d->reg, d->size, T1, false);
}

static void emit_wrbase(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	const struct operand *s = &i->opd[0];

	need_fsgsbase(t);
	if (s->size == 4) {
		la_bstrpick_d(e, T1, HGPR(s->reg), 31, 0);
	} else {
		la_move(e, T1, HGPR(s->reg));
		la_slli_d(e, T2, T1, 16);
		la_srai_d(e, T2, T2, 16);
		uint32_t *site = e->p;
		la_bne(e, T1, T2, 0);
		gen_raise_at(t, site, EXC_GP);
	}
	la_st_d(e, T1, H_CPU, SEG_BASE(i->op == OP_WRFSBASE ? SEG_FS : SEG_GS));
}

/* ---- XLAT ---- */

static void emit_xlat(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	la_andi(e, T0, HGPR(RAX), 0xff);
	la_add_d(e, T0, T0, HGPR(RBX));
	gen_load(t, T1, gen_address_of(t, i->seg, i->addrsize, 1, MEM_LOAD, T0), 1, false);
	gen_gpr_write(t, RAX, 1, T1, true);
}

int gen_system(struct tr *t, const struct insn *i)
{
	static void (*const emitters[OP_COUNT])(struct tr *, const struct insn *) = {
		[OP_IN] = emit_in, [OP_OUT] = emit_out, [OP_MOV_CR] = emit_mov_cr, [OP_MOV_FROM_CR] = emit_mov_from_cr,
		[OP_SMSW] = emit_smsw, [OP_LMSW] = emit_lmsw, [OP_CLTS] = emit_clts, [OP_MOV_DR] = emit_mov_dr,
		[OP_MOV_FROM_DR] = emit_mov_from_dr, [OP_RDMSR] = emit_rdmsr, [OP_WRMSR] = emit_wrmsr, [OP_RDTSC] = emit_rdtsc,
		[OP_RDPMC] = emit_rdpmc, [OP_CPUID] = emit_cpuid, [OP_LGDT] = emit_lgdt, [OP_LIDT] = emit_lidt, [OP_SGDT] = emit_sgdt,
		[OP_SIDT] = emit_sidt, [OP_INVD] = emit_invd, [OP_WBINVD] = emit_invd, [OP_INVLPG] = emit_invlpg,
		[OP_CLFLUSH] = emit_clflush, [OP_LFENCE] = emit_fence, [OP_MFENCE] = emit_fence, [OP_SFENCE] = emit_fence,
		[OP_XLAT] = emit_xlat, [OP_RDTSCP] = emit_rdtsc, [OP_INVPCID] = emit_invpcid, [OP_SWAPGS] = emit_swapgs,
		[OP_RDFSBASE] = emit_rdbase, [OP_RDGSBASE] = emit_rdbase, [OP_WRFSBASE] = emit_wrbase, [OP_WRGSBASE] = emit_wrbase,
	};

	if (!emitters[i->op])
		return -1;
	emitters[i->op](t, i);
	return 0;
}
