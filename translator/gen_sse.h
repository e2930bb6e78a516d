/*
 * What the generators of SSE and MMX instructions share.
 *
 * Registers: T0 holds addresses, T1 is free for the operation, T2-T5 behind its access to memory (they may hold sums of addresses, gen_reuse.c; T6 and
 * T7: see gen_address()). VT0 and VT1 hold operands that are not XMM registers, VT2 and up what is computed.
 */
#ifndef TRANSLATOR_GEN_SSE_H
#define TRANSLATOR_GEN_SSE_H

#include "translator/gen.h"

enum { VT1 = VT0 + 1, VT2, VT3, VT4 };

/* Parts of gen_sse(), by concept; like a generator each returns 0, or -1 when the operation is not its own. Traps have been seen to. */
int gen_sse_move(struct tr *t, const struct insn *i);
int gen_sse_shuffle(struct tr *t, const struct insn *i);
int gen_sse_fp(struct tr *t, const struct insn *i);
int gen_sse_convert(struct tr *t, const struct insn *i);
int gen_packed_xmm(struct tr *t, const struct insn *i);
int gen_sse4_packed(struct tr *t, const struct insn *i);
int gen_sse4_fp(struct tr *t, const struct insn *i);
int gen_sse_helpers(struct tr *t, const struct insn *i);

/* ---- operands (gen_sse.c) ---- */
/* Whether it is one of the operations whose 16-byte operands may lie anywhere. */
bool gen_sse_takes_unaligned(int op);
/* Address of the instruction's memory operand, as by gen_operand(); 16-byte operands are checked for alignment where they must be aligned. */
struct maddr gen_sse_address(struct tr *t, const struct insn *i, const struct operand *o, int write);
/*
 * Vector register with operand number n, XMM register or memory. Memory of less than 16 bytes comes into the low end of VT0, with
 * anything above it.
 */
int gen_sse_source(struct tr *t, const struct insn *i, int n);
/* Stores the lowest 4 or 8 bytes of vs, at an address by gen_operand(). */
void gen_store_element(struct tr *t, int vs, struct maddr a, unsigned size);
/* Loads 4 or 8 bytes into all elements of vd; not at a sum of two registers. */
void gen_load_all(struct tr *t, int vd, struct maddr a, unsigned size);
/* General register reg = element 0 of vs, of 4 or 8 bytes. */
void gen_vector_to_gpr(struct tr *t, int reg, int vs, unsigned size);
/* Loads the instruction's memory operand of 4 or 8 bytes and clears the rest of vd. */
void gen_load_scalar(struct tr *t, int vd, const struct insn *i, unsigned size);
/* vd = vs, or nothing when they are the same. */
void gen_vmove(struct tr *t, int vd, int vs);
/* MASKMOVQ, MASKMOVDQU: those of the `size` bytes of `data` whose mask byte is negative, to [EDI]. Both are vector registers. */
void gen_store_masked(struct tr *t, const struct insn *i, int data, int mask, unsigned size);
/* Whether an operand is an MMX register. */
bool gen_has_mmx(const struct insn *i);

/* Whether the operand has been found to be aligned where the loop around the instruction was entered (gen_sse_loop.c). */
bool gen_sse_loop_aligned(const struct tr *t, const struct insn *i);

enum sse_shape { PS, PD, SS, SD }; /* packed or scalar, single or double */

/* ---- values that the next instruction takes from where they are (gen_sse_forward.c) ---- */
/* Whether the next instruction overwrites the XMM register with a packed operation on it and another register. */
bool gen_sse_forwards(const struct tr *t, int xmm);
/* The same for arithmetic on floating point of this shape. */
bool gen_sse_forwards_fp(const struct tr *t, enum sse_shape shape, int xmm);
/* Whether the next instruction copies the low half of the XMM register, or the lowest element when size is 4, to its other ones. */
bool gen_sse_repeats(const struct tr *t, int xmm, unsigned size);
/* It takes the value from this vector register, which keeps it until then; twice: it finds its work done. */
void gen_sse_forward(struct tr *t, int xmm, int from, bool twice);
/* The vector register that has the XMM register's value for the current instruction. */
int gen_sse_value(const struct tr *t, int xmm);
/* Whether the current instruction's work was done by the one before. */
bool gen_sse_done(const struct tr *t);

/* ---- floating point (gen_sse_fp.c) ---- */
/* The shape of an operation of arithmetic with two operands, ADDPD and its kind; -1 of others. */
int gen_sse_binary_shape(int op);
/* Calls sse_exec() for the instruction: registers of result, destination and source. What it returns is in T0. All T registers die. */
void gen_sse_exec(struct tr *t, const struct insn *i, int d, int a, int b);
/* As above for a conversion from or to a general register of `size` bytes. */
void gen_sse_exec_sized(struct tr *t, const struct insn *i, int d, int a, int b, int size);
/* d = v, or its lowest element when the shape is scalar. */
void gen_merge(struct tr *t, enum sse_shape shape, int d, int v);
/* As gen_merge, unless an element of v is a NaN: then sse_exec() does the instruction again, with source b. Clobbers VT3. */
void gen_merge_checked(struct tr *t, const struct insn *i, enum sse_shape shape, int d, int v, int b);

/* ---- packed integers and logic (gen_packed.c) ---- */
bool gen_is_packed(int op);
/*
 * vd = the packed operation `op` of a (the x86 destination) and b (source), of which the caller knows that it is one. vd may be a or b.
 * mmx: 64-bit operands in the low halves, and so is the result.
 */
void gen_packed(struct tr *t, int op, bool mmx, int vd, int a, int b);
/* vd = a, its elements shifted by an immediate count. */
void gen_packed_shift_imm(struct tr *t, int op, int vd, int a, unsigned count);

/* What the table's rows may consist of; `fn`, a host instruction, is of the row. The rest as gen_packed(). */
struct packed_op;
typedef void vvv_fn(struct emit *e, int vd, int vj, int vk);
vvv_fn *packed_op_fn(const struct packed_op *p);
typedef void packed_gen(struct tr *t, const struct packed_op *p, bool mmx, int vd, int a, int b);
packed_gen gen_pshufb, gen_horizontal_words, gen_horizontal_doublewords, gen_pmaddubsw, gen_pmulhrsw, gen_pabs; /* gen_ssse3.c */
/* PALIGNR; registers as gen_packed(). */
void gen_palignr(struct tr *t, bool mmx, int vd, int a, int b, unsigned count);

/* ---- MMX (gen_mmx.c) ---- */
/* Whether MMX is disabled (CR0.EM, CR0.TS): then the code that raises has been emitted. */
bool gen_mmx_traps(struct tr *t);
/* Takes a pending x87 exception. Call before anything else of the instruction. */
void gen_mmx_wait(struct tr *t);
/* TOP = 0 and all registers valid; after all that may fault. Clobbers T1. */
void gen_mmx_enter(struct tr *t);
/* The low half of vs to MMn; and MMn to the low half of vd, with anything above it. Stores clobber T1. */
void gen_mmx_store(struct tr *t, int n, int vs);
void gen_mmx_load(struct tr *t, int vd, int n);

#endif
