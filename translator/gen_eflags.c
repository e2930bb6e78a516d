/* Instructions on EFLAGS itself: CLC STC CMC CLD STD CLI STI LAHF SAHF SALC PUSHF POPF. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"
#include "translator/seg.h"

#define EFLAGS ((int)offsetof(struct cpu, eflags))
#define AH_FLAGS (FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF)

enum { BIT_CF = 0, BIT_IF = 9, BIT_DF = 10, BIT_VM = 17 };

/* ---- arithmetic flags ---- */

/* Whether the others are read too behind the current instruction, which keeps them: then H_CC_DST has them all now. */
static bool keeps_others(struct tr *t)
{
	if (!(t->flags_live & ~FL_CF))
		return false;
	gen_cc_get(t, H_CC_DST);
	return true;
}

static void emit_clc(struct tr *t, const struct insn *i)
{
	(void)i;
	if (keeps_others(t))
		la_bstrins_d(&t->e, H_CC_DST, H_ZERO, BIT_CF, BIT_CF);
	else
		gen_cc_put(t, H_ZERO);
}

static void emit_stc(struct tr *t, const struct insn *i)
{
	(void)i;
	if (keeps_others(t)) {
		la_ori(&t->e, H_CC_DST, H_CC_DST, FL_CF);
		return;
	}
	gen_li(t, T1, FL_CF);
	gen_cc_put(t, T1);
}

static void emit_cmc(struct tr *t, const struct insn *i)
{
	(void)i;
	if (keeps_others(t)) {
		la_xori(&t->e, H_CC_DST, H_CC_DST, FL_CF);
		return;
	}
	gen_carry(t, T1);
	la_xori(&t->e, T1, T1, FL_CF);
	gen_cc_put(t, T1);
}

static void emit_lahf(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	(void)i;
	gen_cc_get(t, H_CC_DST);
	la_andi(e, T1, H_CC_DST, AH_FLAGS);
	la_ori(e, T1, T1, FL_1);
	la_bstrins_d(e, HGPR(RAX), T1, 15, 8);
}

static void emit_sahf(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	bool keep_of = t->flags_live & FL_OF;

	(void)i;
	if (keep_of)
		gen_cc_get(t, T1);
	la_bstrpick_d(e, T2, HGPR(RAX), 15, 8);
	la_andi(e, T2, T2, AH_FLAGS);
	if (keep_of) {
		gen_li(t, T3, FL_OF);
		la_and(e, T1, T1, T3);
		la_or(e, T2, T2, T1);
	}
	gen_cc_put(t, T2);
}

static void emit_salc(struct tr *t, const struct insn *i)
{
	(void)i;
	gen_cond(t, 2, T1);
	la_sub_d(&t->e, T1, H_ZERO, T1);
	gen_gpr_write(t, RAX, 1, T1, true);
}

/* ---- DF ---- */

static void emit_cld(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	(void)i;
	la_ld_w(e, T1, H_CPU, EFLAGS);
	gen_li(t, T2, 1);
	la_bstrins_d(e, T1, H_ZERO, BIT_DF, BIT_DF);
	la_st_w(e, T2, H_CPU, offsetof(struct cpu, step));
	la_st_w(e, T1, H_CPU, EFLAGS);
}

static void emit_std(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	(void)i;
	la_ld_w(e, T1, H_CPU, EFLAGS);
	gen_li(t, T2, -1);
	la_ori(e, T1, T1, FL_DF);
	la_st_w(e, T2, H_CPU, offsetof(struct cpu, step));
	la_st_w(e, T1, H_CPU, EFLAGS);
}

/* ---- IF ---- */

static void helper_cli(struct cpu *cpu)
{
	do_cli(cpu);
}

static void emit_cli(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	(void)i;
	if (!(t->mode & MODE_IOPL_OK)) {
		gen_helper(t, (const void *)helper_cli);
		return;
	}
	la_ld_w(e, T1, H_CPU, EFLAGS);
	la_bstrins_d(e, T1, H_ZERO, BIT_IF, BIT_IF);
	la_st_w(e, T1, H_CPU, EFLAGS);
}

/* Returns whether the region must be left, see gen_shadow_leaves(). */
static uint64_t helper_sti(struct cpu *cpu, uint64_t leaves)
{
	do_sti(cpu);
	if (!leaves && !cpu->pending)
		cpu->inhibit = 0;
	return cpu->inhibit;
}

/* Whether the next instruction and one more are in the region, and the former just does its work: then the region may be left between them. */
static bool shadow_stays(const struct tr *t)
{
	const struct rinsn *r = &t->plan->insn[t->index], *next = r + 1;
	const struct insn *i = &next->i;

	if (t->single || !r->falls || !next->falls || next->leader)
		return false;
	return i->op == OP_NOP || i->op == OP_CLI || (i->op == OP_MOV && i->opd[0].kind == OPD_GPR && (i->opd[1].kind == OPD_MEM || i->opd[1].kind == OPD_IMM));
}

/*
 * Nobody looks for interrupts before the next instruction of the region, so that the interrupt shadow needs nothing. Where that is
 * executed from the dispatcher, or an interrupt waits already and is not to be looked for behind that instruction, cpu->inhibit makes the shadow.
 */
static void emit_sti(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	bool leaves = gen_shadow_leaves(t);

	(void)i;
	if (!(t->mode & MODE_IOPL_OK) || t->mode & (MODE_TF | MODE_DBG)) {
		gen_li(t, T1, leaves);
		gen_helper(t, (const void *)helper_sti);
		gen_leave_if(t, T0, t->next_eip);
		return;
	}
	la_ld_w(e, T1, H_CPU, EFLAGS);
	la_andi(e, T2, T1, FL_IF);
	uint32_t *set_already = e->p;
	la_bnez(e, T2, 0);
	la_ori(e, T1, T1, FL_IF);
	la_st_w(e, T1, H_CPU, EFLAGS);
	if (shadow_stays(t)) {
		t->shadow = t->index + 1;
		emit_fix_branch(set_already, e->p);
		return;
	}
	if (leaves)
		gen_li(t, T3, 1);
	else
		la_ld_wu(e, T3, H_CPU, offsetof(struct cpu, pending));
	la_st_w(e, T3, H_CPU, offsetof(struct cpu, inhibit));
	gen_leave_if(t, T3, t->next_eip);
	emit_fix_branch(set_already, e->p);
}

/* ---- PUSHF, POPF ---- */

static uint64_t helper_pushf(struct cpu *cpu, uint64_t opsize)
{
	uint32_t image;

	do_pushf(cpu, (int)opsize, &image);
	return image;
}

/* Virtual-8086 mode where IOPL does not let the program have the flags. */
static bool flags_are_virtual(const struct tr *t)
{
	return t->mode & MODE_VM && !(t->mode & MODE_IOPL_OK);
}

static void emit_pushf(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	if (flags_are_virtual(t)) {
		gen_li(t, T1, i->opsize);
		gen_helper(t, (const void *)helper_pushf);
		la_move(e, T1, T0);
	} else {
		gen_cc_get(t, H_CC_DST);
		la_ld_w(e, T2, H_CPU, EFLAGS);
		la_or(e, T1, H_CC_DST, T2);
		if (t->mode & MODE_VM)
			la_bstrins_d(e, T1, H_ZERO, BIT_VM, BIT_VM);
	}
	gen_push(t, T1, i->opsize, T0);
}

/* Returns whether the region must be left: the code means something else now, or an interrupt that waited may come. */
static uint64_t helper_popf(struct cpu *cpu, uint64_t opsize, uint64_t value)
{
	uint32_t mode = cpu->mode;

	do_popf(cpu, (int)opsize, (uint32_t)value);
	return cpu->mode != mode || (cpu->pending && cpu->eflags & FL_IF);
}

/* T1: the image. Result in T0 as helper_popf()'s. */
static void popf_by_helper(struct tr *t, const struct insn *i)
{
	la_move(&t->e, T2, T1);
	gen_li(t, T1, i->opsize);
	gen_helper(t, (const void *)helper_popf);
}

/* Flags outside FL_ARITH that POPF may change. */
static uint32_t popf_mask(const struct tr *t, int opsize)
{
	uint32_t mask = FL_TF | FL_DF | FL_NT;

	if (t->mode & MODE_IOPL_OK)
		mask |= FL_IF;
	if (!(t->mode & MODE_CPL))
		mask |= FL_IOPL;
	return opsize == 2 ? mask : mask | FL_AC | FL_ID;
}

/* Flags outside FL_ARITH that differ between image T1 and T2 (in T3) are changed, T0 is set. Not those that are left to the helper. Keeps T1, T4. */
static void popf_change(struct tr *t, uint32_t mask)
{
	struct emit *e = &t->e;

	gen_li(t, T5, mask);
	la_and(e, T3, T3, T5);
	la_xor(e, T2, T2, T3);
	la_st_w(e, T2, H_CPU, EFLAGS);
	if (mask & FL_IF) {
		la_andi(e, T5, T1, FL_IF);
		la_ld_wu(e, T0, H_CPU, offsetof(struct cpu, pending));
		la_maskeqz(e, T0, T0, T5);
	}
}

/*
 * T1: the image, result in T0 as helper_popf()'s: a change of flags that cpu->mode or cpu->step depends on is left to the helper. Mostly nothing changes but arithmetic
 * flags, and what waits then has waited before.
 */
static void popf_inline(struct tr *t, const struct insn *i)
{
	const uint32_t by_helper = FL_TF | FL_IOPL | FL_AC | FL_DF;
	uint32_t mask = popf_mask(t, i->opsize);
	struct emit *e = &t->e;

	la_ld_w(e, T2, H_CPU, EFLAGS);
	la_xor(e, T3, T1, T2);
	gen_li(t, T4, FL_ARITH);
	la_move(e, T0, H_ZERO);
	la_andn(e, T5, T3, T4);
	uint32_t *same = e->p;
	la_beqz(e, T5, 0);
	gen_li(t, T5, mask & by_helper);
	la_and(e, T5, T3, T5);
	uint32_t *changes = e->p;
	la_beqz(e, T5, 0);
	popf_by_helper(t, i);
	uint32_t *done = e->p;
	la_b(e, 0);
	emit_fix_branch(changes, e->p);
	popf_change(t, mask & ~by_helper);
	emit_fix_branch(same, e->p);
	la_and(e, H_CC_DST, T1, T4);
	emit_fix_branch(done, e->p);
	t->cc_static = CC_EFLAGS;
	t->cc_in_mem = false;
}

static void emit_popf(struct tr *t, const struct insn *i)
{
	gen_load(t, T1, gen_stack(t, 0, i->opsize, MEM_LOAD, T0), i->opsize, false);
	if (flags_are_virtual(t) || t->mode & (MODE_TF | MODE_DBG))
		popf_by_helper(t, i);
	else
		popf_inline(t, i);
	gen_esp_add(t, i->opsize);
	gen_leave_if(t, T0, t->next_eip);
}

int gen_eflags(struct tr *t, const struct insn *i)
{
	static void (*const emitters[OP_COUNT])(struct tr *, const struct insn *) = {
		[OP_CLC] = emit_clc, [OP_STC] = emit_stc, [OP_CMC] = emit_cmc, [OP_CLD] = emit_cld, [OP_STD] = emit_std,
		[OP_CLI] = emit_cli, [OP_STI] = emit_sti, [OP_LAHF] = emit_lahf, [OP_SAHF] = emit_sahf, [OP_SALC] = emit_salc,
		[OP_PUSHF] = emit_pushf, [OP_POPF] = emit_popf,
	};

	if (!emitters[i->op])
		return -1;
	emitters[i->op](t, i);
	return 0;
}
