/* x87 instructions in emitted code: what its files share. */
#ifndef TRANSLATOR_GEN_X87_H
#define TRANSLATOR_GEN_X87_H

#include "translator/gen.h"
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
/* Leaves unless the state is the one that the code is made for. Clobbers T0, T1. */
void gen_x87_guard(struct tr *t);
/* x87_word() of the state. */
uint64_t gen_x87_word(const struct x87_known *k);
/* FDP and FDS of the operand at o->a, unless the next instruction sets them anyway. Clobbers T0, T1. */
void gen_x87_operand_pointer(struct tr *t, const struct x87_op *o);

/* ---- on doubles (gen_x87_double.c) ---- */
/* The code for an instruction in state k when all it works on are doubles; NULL when there is none. */
x87_emit_fn *gen_x87_double_fn(const struct tr *t, const struct x87_known *k, const struct insn *i);
/* The instruction on doubles; false, with nothing emitted, when that cannot be. */
bool gen_x87_double(struct tr *t, const struct insn *i);
/* Whether code that works on doubles may go on doing so at the instruction, one of the x87's that leaves its registers alone or another one. */
bool gen_x87_keeps_doubles(const struct tr *t, const struct insn *i);
/* FIP, FOP, FDP and FDS: the current instruction's are noted; the next one comes; they are stored on a way that is left from state l (clobbers T4). */
void gen_x87_note_pointers(struct tr *t, const struct x87_op *o);
void gen_x87_follow_operand(struct tr *t, const struct insn *i);
void gen_x87_store_pointers(struct tr *t, const struct x87_live *l);
/* Says where loops are stopped that are not at their heads. */
void gen_x87_place_stops(const struct tr *t, struct plan *p);
/* C1 is in cpu->x87.c1 from here on. Clobbers T4. */
void gen_x87_store_c1(struct tr *t);
/* What goes on in the host's registers: f16 and f17 hold operands from memory, f18 what nobody keeps. */
enum { F_OPERAND = 16, F_SCRATCH = 18, F_TINY = 21, F_HOME = 24 };
/*
 * What F_TINY holds is 2^-52 as a double, or little more, and the low half of its bits 2^-23 in single precision: a denormal operand times it underflows,
 * which traps. Other numbers do so when they are nearly as small.
 */
#define TINY_SINGLE 0x34000000
#define TINY_DOUBLE_HIGH 0x3cb
/* The instructions (gen_x87_double_ops.c). */
x87_emit_fn gen_double_fld, gen_double_fild, gen_double_constant, gen_double_fld_st, gen_double_fst_st, gen_double_fxch, gen_double_sign, gen_double_only_stack;
x87_emit_fn gen_double_fst, gen_double_fist, gen_double_arith_mem, gen_double_arith_st0, gen_double_arith_sti, gen_double_unary, gen_double_compare, gen_double_fcomi;
x87_emit_fn gen_double_ftst;

/* What the instruction does to TOP, tags and control word, as far as that is known beforehand (x87_effect.c). */
void x87_effect(struct x87_known *k, const struct insn *i);

#endif
