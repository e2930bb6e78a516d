/* x87 instructions: calls to x87_exec() but for what is trivial or done by gen_x87_fast(). */
#include "translator/gen_x87.h"

struct x87_known gen_x87_state(uint64_t word)
{
	return (struct x87_known){
		.pending = word >> 24 & 0xff, .ctl = (uint8_t)(word >> 16), .top = (uint8_t)(word >> 8), .empty = (uint8_t)word,
		.doubles = (uint8_t)(word >> 32),
	};
}

/* C1 goes into the status word in rd. */
static void load_c1(struct tr *t, int rd, int tmp)
{
	struct emit *e = &t->e;

	if (t->live.active) {
		if (!t->live.c1)
			return;
		gen_x87_store_c1(t);
	}
	la_ld_bu(e, tmp, H_CPU, X87_FIELD(c1));
	if (!t->x87.sure || t->x87.ctl & X87_CTL_DOUBLES) {
		la_srli_d(e, T4, tmp, 1);
		uint32_t *site = e->p;
		la_bnez(e, T4, 0);
		gen_slow_call(t, site, (const void *)x87_settle_c1, 0, 0, 0, tmp);
	}
	la_bstrins_d(e, rd, tmp, 9, 9);
}

/* The status word. Clobbers T4. */
static void load_sw(struct tr *t, int rd, int tmp)
{
	struct emit *e = &t->e;

	la_ld_hu(e, rd, H_CPU, X87_FIELD(sw));
	if (t->live.active)
		la_ori(e, tmp, H_ZERO, t->x87.top);
	else
		la_ld_bu(e, tmp, H_CPU, X87_FIELD(top));
	la_bstrins_d(e, rd, tmp, SW_TOP_SHIFT + 2, SW_TOP_SHIFT);
	load_c1(t, rd, tmp);
}

static void fnstsw_ax(struct tr *t)
{
	load_sw(t, T0, T1);
	gen_gpr_write(t, RAX, 2, T0, false);
}

static void fnstsw(struct tr *t, const struct insn *i)
{
	struct maddr a = gen_address(t, i, 2, MEM_STORE, T5);

	load_sw(t, T0, T1);
	gen_store(t, T0, a, 2);
}

static void fnstcw(struct tr *t, const struct insn *i)
{
	struct maddr a = gen_address(t, i, 2, MEM_STORE, T5);

	la_ld_hu(&t->e, T0, H_CPU, X87_FIELD(cw));
	gen_store(t, T0, a, 2);
}

/* FCOMI, FUCOMI (DB), FCOMIP, FUCOMIP (DF): not always, so flags_written does not tell. */
static bool writes_eflags(const struct insn *i)
{
	int reg = i->modrm >> 3 & 7;

	return i->modrm >= 0xc0 && (i->opcode == 0xdb || i->opcode == 0xdf) && (reg == 5 || reg == 6);
}

bool gen_x87_stores(const struct insn *i)
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

/* Takes a pending exception. */
static void gen_pending(struct tr *t)
{
	struct emit *e = &t->e;
	uint32_t *site;

	gen_cc_sync(t);
	la_ld_bu(e, T0, H_CPU, X87_FIELD(es));
	site = emit_here(e);
	la_beqz(e, T0, 0);
	call(t, (const void *)x87_wait);
	emit_fix_branch(site, emit_here(e));
}

static void gen_fwait(struct tr *t)
{
	if (t->live.active)
		return;
	if (t->mode & MODE_FPU_TRAP)
		call(t, (const void *)x87_wait_or_trap);
	else if (!t->x87.sure) /* the state that has been compared has no pending exception */
		gen_pending(t);
}

static void gen_exec(struct tr *t, const struct insn *i)
{
	if (i->modrm < 0xc0) {
		/* it comes before what the address may raise; x87_exec() takes it before the access itself */
		if (!x87_no_wait(i->opcode - 0xd8u, i->modrm) && (t->mode & MODE_AC || (!(t->mode & MODE_LONG) && !gen_seg_is_flat(t, i->seg))))
			gen_pending(t);
		struct maddr a = gen_address(t, i, i->opd[0].size, gen_x87_stores(i) ? MEM_STORE : MEM_LOAD, T2);

		la_addi_d(&t->e, T2, a.reg, a.disp);
	}
	gen_li(t, T1, (int64_t)X87_INFO(i, i->opcode - 0xd8u));
	call(t, (const void *)x87_exec);
	if (writes_eflags(i))
		gen_cc_put(t, T0);
	x87_effect(&t->x87, i);
	t->x87.sure = t->x87.pending = false;
}

static bool is_memory(const struct insn *i, int opcode, int reg)
{
	return i->modrm < 0xc0 && i->opcode == opcode && (i->modrm >> 3 & 7) == reg;
}

static void by_significand(struct tr *t, const struct insn *i)
{
	gen_x87_settle(t);
	if (!gen_x87_fast(t, i))
		gen_exec(t, i);
}

int gen_x87(struct tr *t, const struct insn *i)
{
	if (i->op == OP_FWAIT) {
		gen_fwait(t);
		return 0;
	}
	if (i->op != OP_X87)
		return -1;
	t->mmx_ready = false;
	if (t->mode & MODE_FPU_TRAP)
		gen_raise(t, EXC_NM, false, 0);
	else if (i->opcode == 0xdf && i->modrm == 0xe0)
		fnstsw_ax(t);
	else if (is_memory(i, 0xd9, 7))
		fnstcw(t, i);
	else if (is_memory(i, 0xdd, 7))
		fnstsw(t, i);
	else if (!gen_x87_double(t, i))
		by_significand(t, i);
	return 0;
}
