/* x87 instructions in emitted code: what its files share. */
#ifndef TRANSLATOR_GEN_X87_H
#define TRANSLATOR_GEN_X87_H

#include "translator/tr.h"
#include "translator/x87.h"

#define X87_FIELD(f) ((int)(offsetof(struct cpu, x87) + offsetof(struct x87, f)))

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
