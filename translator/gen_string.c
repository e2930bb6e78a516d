/* MOVS CMPS STOS LODS SCAS INS OUTS: single ones inline, INS, OUTS and all with REP through string.c. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/string.h"

/* An access at seg:SI or ES:DI, with registers of the address size. */
static struct maddr element(struct tr *t, const struct insn *i, int reg, int write)
{
	struct insn at = { .base = (uint8_t)reg, .index = REG_NONE, .addrsize = i->addrsize, .seg = reg == RSI ? i->seg : SEG_ES };

	return gen_address(t, &at, i->opsize, write, T0);
}

/* What (E)SI and (E)DI are to be increased by for each byte, see advance(): T4, or where a loop holds it. */
static int step(struct tr *t)
{
	return gen_step(t, T4);
}

/* rd = rs moved by an element */
static void add_step(struct tr *t, const struct insn *i, int rd, int rs, int by)
{
	struct emit *e = &t->e;
	int log2_size = __builtin_ctz(i->opsize);
	bool low = i->addrsize == 4;

	if (log2_size)
		(low ? la_alsl_w : la_alsl_d)(e, rd, by, rs, log2_size);
	else
		(low ? la_add_w : la_add_d)(e, rd, rs, by);
}

static void advance(struct tr *t, const struct insn *i, int reg, int by)
{
	if (i->addrsize >= 4) {
		add_step(t, i, HGPR(reg), HGPR(reg), by);
		gen_wrote(t, reg, i->addrsize, EXT_SIGN);
		return;
	}
	add_step(t, i, T5, HGPR(reg), by);
	gen_gpr_write(t, reg, i->addrsize, T5, true);
}

static void emit_movs(struct tr *t, const struct insn *i)
{
	gen_load(t, T1, element(t, i, RSI, MEM_LOAD), i->opsize, false);
	gen_store(t, T1, element(t, i, RDI, MEM_STORE), i->opsize);
	int by = step(t);
	advance(t, i, RSI, by);
	advance(t, i, RDI, by);
}

static void emit_stos(struct tr *t, const struct insn *i)
{
	gen_store(t, HGPR(RAX), element(t, i, RDI, MEM_STORE), i->opsize);
	advance(t, i, RDI, step(t));
}

static void emit_lods(struct tr *t, const struct insn *i)
{
	gen_gpr_load(t, RAX, element(t, i, RSI, MEM_LOAD), i->opsize);
	advance(t, i, RSI, step(t));
}

static void emit_cmps(struct tr *t, const struct insn *i)
{
	gen_load(t, T1, element(t, i, RSI, MEM_LOAD), i->opsize, true);
	gen_load(t, T2, element(t, i, RDI, MEM_LOAD), i->opsize, true);
	int by = step(t);
	advance(t, i, RSI, by);
	advance(t, i, RDI, by);
	gen_cc_set_recent(t, CC_SUB, i->opsize, T1, T2, -1);
}

static void emit_scas(struct tr *t, const struct insn *i)
{
	gen_load(t, T2, element(t, i, RDI, MEM_LOAD), i->opsize, true);
	advance(t, i, RDI, step(t));
	gen_cc_set_recent(t, CC_SUB, i->opsize, gen_gpr_read(t, RAX, i->opsize, true, T1), T2, -1);
}

/* Up to so many elements a repetition is cheaper here, element by element, than by a stub. */
#define REP_INLINE 12

static bool has_source(const struct insn *i)
{
	return i->op == OP_MOVS || i->op == OP_CMPS;
}

static bool searches(const struct insn *i)
{
	return i->op == OP_CMPS || i->op == OP_SCAS;
}

/* In memory and in flat segments nothing is to be checked, and the registers hold the progress when an element faults. */
static bool is_flat(const struct tr *t, const struct insn *i)
{
	uint32_t flat = MODE_ES_FLAT | (!has_source(i) ? 0 : i->seg == SEG_SS ? MODE_SS_FLAT : MODE_DS_FLAT);

	if (has_source(i) && i->seg != SEG_DS && i->seg != SEG_SS)
		return false;
	return (has_source(i) || i->op == OP_STOS || i->op == OP_SCAS) && i->addrsize == (t->mode & MODE_LONG ? 8 : 4) && (t->mode & flat) == flat;
}

/* A few elements. Returns the branch behind the instruction; control comes to what is emitted next when there are more. */
static uint32_t *repeat(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	int size = i->opsize;

	gen_li(t, T2, REP_INLINE);
	uint32_t *many = e->p;
	la_bltu(e, T2, HGPR(RCX), 0);
	int by = step(t);
	uint32_t *again = e->p;
	if (i->op == OP_MOVS)
		gen_load(t, T1, element(t, i, RSI, MEM_LOAD), size, false);
	gen_store(t, i->op == OP_MOVS ? T1 : HGPR(RAX), element(t, i, RDI, MEM_STORE), size);
	if (i->op == OP_MOVS)
		advance(t, i, RSI, by);
	advance(t, i, RDI, by);
	(i->addrsize == 8 ? la_addi_d : la_addi_w)(e, HGPR(RCX), HGPR(RCX), -1);
	uint32_t *more = e->p;
	la_bnez(e, HGPR(RCX), 0);
	emit_fix_branch(more, again);
	uint32_t *done = e->p;
	la_b(e, 0);
	emit_fix_branch(many, e->p);
	return done;
}

/* Whether a stub can do it, MOVS and STOS by 16 bytes at once: alignment does not matter, and 32-bit registers are addresses as they are. */
static bool has_stub(const struct tr *t)
{
	return !(t->mode & MODE_AC) && !gen_is_compat(t);
}

/* As much as the stub can. Returns the branch taken when it has done it all, or something is pending; else what comes next is for C. */
static uint32_t *by_stub(struct tr *t, const struct insn *i)
{
	static void (*const replicate[4])(struct emit *, int, int) = { la_vreplgr2vr_b, la_vreplgr2vr_h, la_vreplgr2vr_w, la_vreplgr2vr_d };
	const struct stubs *s = t->stubs;
	uint32_t *const *stub = i->op == OP_MOVS ? s->movs : i->op == OP_STOS ? s->stos : i->op == OP_CMPS ? s->cmps : s->scas;
	struct emit *e = &t->e;
	int log2_size = __builtin_ctz(i->opsize);

	gen_check_base(t, HGPR(RDI));
	if (has_source(i))
		gen_check_base(t, HGPR(RSI));
	if (i->op == OP_STOS)
		replicate[log2_size](e, VT0, HGPR(RAX));
	if (searches(i))
		gen_li(t, T7, i->rep == REP_REPNE);
	gen_li(t, T1, log2_size);
	la_bl(e, (int)((stub[t->plv] - e->p) * 4));
	uint32_t *over = e->p;
	la_beqz(e, T0, 0);
	return over;
}

/* MOVS and STOS. */
static void repeated(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;
	bool stub = has_stub(t);

	uint32_t *none = e->p;
	la_beqz(e, HGPR(RCX), 0);
	uint32_t *few = repeat(t, i);
	uint32_t *again = e->p;
	uint32_t *over = stub ? by_stub(t, i) : NULL;
	gen_li(t, T1, (int64_t)(string_pack(i) | (stub ? STRING_BRIEF : 0)));
	gen_helper(t, (const void *)string_exec);
	if (over)
		emit_fix_branch(over, e->p);
	uint32_t *done = e->p;
	la_beqz(e, HGPR(RCX), 0);
	gen_poll(t, t->eip);
	uint32_t *more = e->p;
	la_b(e, 0);
	emit_fix_branch(more, again);
	emit_fix_branch(none, e->p);
	emit_fix_branch(few, e->p);
	emit_fix_branch(done, e->p);
}

/* A long one comes back now and then, for interrupts. CMPS and SCAS mostly end within a few elements, which a stub looks at. */
static void by_helper(struct tr *t, const struct insn *i)
{
	struct emit *e = &t->e;

	if (t->mode & (MODE_TF | MODE_DBG)) {
		gen_li(t, T1, (int64_t)string_pack(i));
		gen_li(t, T2, (int64_t)t->next_eip);
		gen_helper_end(t, (const void *)string_step);
		return;
	}
	gen_cc_sync(t);
	if (is_flat(t, i) && !searches(i)) {
		repeated(t, i);
		return;
	}
	uint32_t *none = e->p, *over = NULL;
	if (is_flat(t, i) && has_stub(t)) {
		la_beqz(e, HGPR(RCX), 0);
		over = by_stub(t, i);
	}
	uint32_t *again = e->p;
	gen_li(t, T1, (int64_t)string_pack(i));
	gen_helper(t, (const void *)string_exec);
	uint32_t *done = e->p;
	la_beqz(e, T0, 0);
	gen_poll(t, t->eip);
	uint32_t *more = e->p;
	la_b(e, 0);
	emit_fix_branch(more, again);
	emit_fix_branch(done, e->p);
	if (over) {
		emit_fix_branch(none, e->p);
		emit_fix_branch(over, e->p);
	}
}

static void (*single(const struct insn *i))(struct tr *, const struct insn *)
{
	switch (i->op) {
	case OP_MOVS: return emit_movs;
	case OP_STOS: return emit_stos;
	case OP_LODS: return emit_lods;
	case OP_CMPS: return emit_cmps;
	case OP_SCAS: return emit_scas;
	case OP_INS:
	case OP_OUTS: return by_helper;
	}
	return NULL;
}

int gen_string(struct tr *t, const struct insn *i)
{
	void (*emit)(struct tr *, const struct insn *) = single(i);

	if (!emit)
		return -1;
	(i->rep == REP_NONE ? emit : by_helper)(t, i);
	return 0;
}
