/* x87 instructions in emitted code: what its files share. */
#ifndef TRANSLATOR_GEN_X87_H
#define TRANSLATOR_GEN_X87_H

#include "translator/tr.h"
#include "translator/x87.h"

#define X87_FIELD(f) ((int)(offsetof(struct cpu, x87) + offsetof(struct x87, f)))

/* An instruction being made in emitted code. */
struct x87_op {
	const struct insn *i;
	struct maddr a;          /* its operand in memory; reg -1: none */
	struct x87_known before, after;
	uint32_t *sites[4];      /* branches to x87_exec() */
	unsigned nsites;
	bool returns_flags;      /* in T0, as EFLAGS */
};
/* Instructions and their groups; operands are in the state that gen_x87_fast.c asks for. */
typedef void x87_emit_fn(struct tr *t, struct x87_op *o);
x87_emit_fn gen_x87_fld, gen_x87_fild, gen_x87_fld80, gen_x87_fld_constant, gen_x87_fld_st, gen_x87_fst_st, gen_x87_fxch, gen_x87_sign;
x87_emit_fn gen_x87_only_stack, gen_x87_fst, gen_x87_fstp80, gen_x87_fist, gen_x87_fsqrt, gen_x87_arith_float, gen_x87_arith_int;
x87_emit_fn gen_x87_arith_st0, gen_x87_arith_sti, gen_x87_compare_sti, gen_x87_fcomi, gen_x87_ftst;

/* Whether a memory form stores: odd escapes, ModRM.reg 2, 3, 6 and 7 (FST, FIST, FNSTENV, FNSTCW, FNSAVE, FNSTSW, FBSTP), and 1 (FISTTP). */
bool gen_x87_stores(const struct insn *i);
/*
 * Code for the instruction without a call of C while the operands are ordinary numbers, made for the x87's state t->x87. Returns false, with
 * nothing emitted, when there is none for this instruction or state.
 */
bool gen_x87_fast(struct tr *t, const struct insn *i);
/* What the instruction does to TOP, tags and control word, as far as that is known beforehand (x87_effect.c). */
void x87_effect(struct x87_known *k, const struct insn *i);

#endif
