/* x87 instructions: calls to x87_exec() but for what is trivial. */
#include "translator/tr.h"
#include "translator/x87.h"

#define X87_FIELD(f) ((int)(offsetof(struct cpu, x87) + offsetof(struct x87, f)))

/* FNSTSW AX */
static void gen_fnstsw_ax(struct tr *t)
{
	la_ld_hu(&t->e, T0, H_CPU, X87_FIELD(sw));
	gen_gpr_write(t, RAX, 2, T0, false);
}

/* FCOMI, FUCOMI (DB), FCOMIP, FUCOMIP (DF): not always, so insn_flags_written() does not tell. */
static bool writes_eflags(const struct insn *i)
{
	int reg = i->modrm >> 3 & 7;

	return i->modrm >= 0xc0 && (i->opcode == 0xdb || i->opcode == 0xdf) && (reg == 5 || reg == 6);
}

/* FST, FIST, FNSTENV, FNSTCW, FNSAVE, FNSTSW, FBSTP: odd escapes, ModRM.reg 2, 3, 6 and 7; FISTTP: 1. */
static bool writes_memory(const struct insn *i)
{
	return i->opcode & 1 && (i->modrm >> 3 & 2 || (i->modrm >> 3 & 7) == 1);
}

/* A helper that leaves the lazy flags alone, so that what is known of them stays known. */
static void call(struct tr *t, const void *fn)
{
	int cc_static = t->cc_static;

	gen_helper(t, fn);
	t->cc_static = cc_static;
}

/* FNSTENV, FNSTCW (D9), FNSAVE, FNSTSW (DD): take no pending exception. */
static bool waits(const struct insn *i)
{
	return (i->modrm >> 3 & 7) < 6 || !(i->opcode == 0xd9 || i->opcode == 0xdd);
}

/* Takes a pending exception. */
static void gen_pending(struct tr *t)
{
	struct emit *e = &t->e;
	uint32_t *site;

	gen_cc_sync(t);
	la_ld_hu(e, T0, H_CPU, X87_FIELD(sw));
	la_andi(e, T0, T0, SW_ES);
	site = emit_here(e);
	la_beqz(e, T0, 0);
	call(t, (const void *)x87_wait);
	emit_fix_branch(site, emit_here(e));
}

static void gen_fwait(struct tr *t)
{
	if (t->mode & MODE_FPU_TRAP)
		call(t, (const void *)x87_wait_or_trap);
	else
		gen_pending(t);
}

static void gen_exec(struct tr *t, const struct insn *i)
{
	if (i->modrm < 0xc0) {
		/* it comes before what the address may raise; x87_exec() takes it before the access itself */
		if (t->mode & MODE_AC && waits(i))
			gen_pending(t);
		struct maddr a = gen_address(t, i, i->opd[0].size, writes_memory(i) ? MEM_STORE : MEM_LOAD, T2);

		la_addi_d(&t->e, T2, a.reg, a.disp);
	}
	gen_li(t, T1, (int64_t)X87_INFO(i, i->opcode - 0xd8u));
	call(t, (const void *)x87_exec);
	if (writes_eflags(i))
		gen_cc_put(t, T0);
}

int gen_x87(struct tr *t, const struct insn *i)
{
	if (i->op == OP_FWAIT) {
		gen_fwait(t);
		return 0;
	}
	if (i->op != OP_X87)
		return -1;
	if (t->mode & MODE_FPU_TRAP)
		gen_raise(t, EXC_NM, false, 0);
	else if (i->opcode == 0xdf && i->modrm == 0xe0)
		gen_fnstsw_ax(t);
	else
		gen_exec(t, i);
	return 0;
}
