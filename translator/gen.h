/*
 * The generators (gen_*.c) of the instruction groups, and what they call of each other.
 *
 * A generator turns one decoded x86 instruction into LoongArch code. It may be called for any encoding its operation has. Rules:
 *   - A store, and any access that may fault, comes before the first write to a guest register or to the lazy flags.
 *   - Guest 32-bit values live sign-extended in host registers.
 *   - Only the registers T0-T9 (tr.h) are free; they die between guest instructions.
 */
#ifndef TRANSLATOR_GEN_H
#define TRANSLATOR_GEN_H

#include "translator/tr.h"

/* ---- memory operands (gen_address.c, gen_index.c, gen_access.c) ---- */
/*
 * An address ready for a host load or store: register plus a displacement that leaves room for +15; or the sum of two registers, where the index is not H_ZERO: such a
 * one is only made by gen_operand(). `lin` is in host form.
 */
struct maddr {
	int reg;
	int disp;
	int index;
};
enum { MEM_LOAD = 0, MEM_STORE = 1 };
/*
 * Code that computes the linear address of the memory operand and checks the segment for an access of `size` bytes. Uses tmp and one
 * more register (T6 and T7 are reserved for it; tmp must be neither). The result stays valid until tmp changes (or, when the operand
 * is a plain base register, until that guest register changes).
 */
struct maddr gen_address(struct tr *t, const struct insn *i, unsigned size, int write, int tmp);
/* As gen_address, which may be the sum of two registers: for what gets to its operand by gen_load() and the like, or looks at the index itself (gen_index.c). */
struct maddr gen_operand(struct tr *t, const struct insn *i, unsigned size, int write, int tmp);
/* As gen_address for an offset that was computed into register reg (T0-T5, any extension), where the linear address then is. */
struct maddr gen_address_of(struct tr *t, int seg, int addrsize, unsigned size, int write, int reg);
/* As gen_address, only the offset within the segment (LEA), wrapped to the address size, into rd (sign-extended 32 bits). */
void gen_effective(struct tr *t, const struct insn *i, int rd);
/* As gen_effective, of which only the low 32 bits are wanted, sign-extended; not for 16-bit addresses. */
void gen_effective_low(struct tr *t, const struct insn *i, int rd);
/* Loads/stores with the fault point recorded. size 1, 2, 4, 8. Loads of 1, 2 zero-extend, or sign-extend with `sign`; 4 always sign-extends,
 * but for gen_load_zext(). */
void gen_load(struct tr *t, int rd, struct maddr a, int size, bool sign);
void gen_load_zext(struct tr *t, int rd, struct maddr a);
/* As gen_load for an operand that will be stored to: where that is not allowed the load already faults as a store. */
void gen_load_modify(struct tr *t, int rd, struct maddr a, int size, bool sign);
void gen_store(struct tr *t, int rs, struct maddr a, int size);
void gen_vload(struct tr *t, int vd, struct maddr a);   /* 16 bytes, any alignment */
void gen_vstore(struct tr *t, int vs, struct maddr a);
/* Whether that address is known to be a multiple of 16; and that it is, from here on, as code that begins at `from` has made sure. */
bool gen_known_aligned16(const struct tr *t, struct maddr a);
void gen_note_aligned16(struct tr *t, struct maddr a, const uint32_t *from);
/* The sums, a bit each, that the instruction may have its address in; 0: it wants none. */
unsigned gen_reuse_sums(const struct tr *t, const struct insn *i);
/*
 * The sum of the operand's base and index (one may be missing) and `high`, in a register that may have it already, among those allowed; low: what is left of
 * the displacement.
 */
struct maddr gen_reuse_sum(struct tr *t, const struct insn *i, unsigned allowed, int64_t high, int low);
/* That guest register reg has been made 0, all of it; and whether it still is. */
void gen_note_zero(struct tr *t, int reg);
bool gen_known_zero(const struct tr *t, int reg);
/* Whether guest register reg, all of it, is known to be a zero-extended byte. */
bool gen_holds_byte(const struct tr *t, int reg);
/* Nothing is known: a region begins. */
void gen_reuse_begin(struct tr *t);
/* At the head of a loop: finds what is to be aligned in it; and the code that looks, for who enters it. Clobbers T7. */
void gen_sse_loop(struct tr *t, const struct rinsn *head);
void gen_sse_loop_entry(struct tr *t, const struct rinsn *head);
/* Raises #GP(0) unless the address is 16-byte aligned (clobbers T7). Call before the access. */
void gen_check_aligned16(struct tr *t, struct maddr a);

/*
 * To be called before an access through a host register that holds a 64-bit sum: in 64-bit program code of ring 3 raises #GP(0) or #SS(0)
 * when it lies in or near a direct-mapped window. Keeps all registers. gen_address() and the like have done it (gen_check.c).
 */
void gen_check_base(struct tr *t, int reg);
/* Whether that is such code. */
bool gen_checks_bases(const struct tr *t);
/* Whether the register is known to be so near to 0 that the sum of it, scaled, and a checked base needs no check. */
bool gen_is_small(struct tr *t, int reg);

/* Whether the instruction is known for access to emulated devices, so that its code may call C. */
bool gen_is_device_site(const struct tr *t, const struct rinsn *r);
/* Generates a MOV or MOVZX that is known for access to emulated devices; false when it is none. */
bool gen_device_mov(struct tr *t, const struct insn *i);
/* If the current instruction is one of them that only reads its operand in memory: T0 = the operand, zero-extended, by a call. */
bool gen_device_operand(struct tr *t, const struct insn *i);

/* ---- values that loops hold in registers (gen_constant.c) ---- */
/* Before code is emitted, but after all that changes the plan: finds the loops and the values. */
void gen_constants(struct tr *t);
/* The loop that holds values with instruction number `index`, or NULL. */
struct held *gen_held_at(struct tr *t, int index);
/* Loads what it holds, if it is not NULL. */
void gen_held_load(struct tr *t, const struct held *h);
/* The register with the value at the current instruction, to be read only; H_ZERO: none has it. */
int gen_held_value(const struct tr *t, struct held_value v);
static inline int gen_held(const struct tr *t, int64_t value)
{
	return t->held ? gen_held_value(t, (struct held_value){ .value = value, .reg = REG_NONE }) : H_ZERO;
}
/* A register with the value, or cpu->step, to be read only: tmp, if none has it. */
void gen_li(struct tr *t, int rd, int64_t value);
static inline int gen_constant(struct tr *t, int64_t value, int tmp)
{
	int reg = gen_held(t, value);

	if (reg)
		return reg;
	gen_li(t, tmp, value);
	return tmp;
}
int gen_step(struct tr *t, int tmp);
/* When the region has been emitted: where branch n of t->fixups, which enters a loop, is to go. */
const uint32_t *gen_way_in(struct tr *t, unsigned n);
/* The part of a 32-bit displacement that no access can have: 0 or what takes a register. */
int64_t gen_high_part(int32_t disp);

/* ---- constants, registers ---- */
/* The immediate of an operand of so many bytes, sign-extended. */
static inline int64_t gen_immediate(const struct insn *i, int size)
{
	int shift = 64 - 8 * size;

	return (int64_t)((uint64_t)i->imm << shift) >> shift;
}
static inline bool gen_is_long(const struct tr *t)
{
	return t->mode & MODE_LONG;
}
/* Whether a segment needs neither a limit check nor its base added. */
static inline bool gen_seg_is_flat(const struct tr *t, int seg)
{
	static const uint32_t flat[6] = { MODE_ES_FLAT, 0, MODE_SS_FLAT, MODE_DS_FLAT, 0, 0 };

	if (gen_is_long(t))
		return seg != SEG_FS && seg != SEG_GS;
	return t->mode & flat[seg];
}
/* Compatibility mode: linear addresses are zero-extended, though registers are kept sign-extended. */
static inline bool gen_is_compat(const struct tr *t)
{
	return (t->mode & (MODE_LMA | MODE_LONG)) == MODE_LMA;
}
/* Whether HGPR(reg) is known to be the sign-extended value of its low half: always but in 64-bit code. */
static inline bool gen_is_sext(const struct tr *t, int reg)
{
	return !gen_is_long(t) || t->sext >> reg & 1;
}
/* Whether it is known to be the zero-extended one, in 64-bit code; before the current instruction writes it. */
static inline bool gen_is_zext(const struct tr *t, int reg)
{
	return (t->upper_zero & ~t->narrow) >> reg & 1;
}
/* Whether it is AH, CH, DH or BH. */
static inline bool gen_is_high_byte(const struct tr *t, int reg, int size)
{
	return size == 1 && reg >= 4 && !t->rex;
}
/*
 * Host register holding guest register `reg` read as `size` bytes. For 8 bytes the register itself. For 4 bytes too, with an upper half that
 * in 64-bit code may be anything, unless `sign` asks for the sign-extended value, which then may be in tmp. (Other code always keeps
 * registers sign-extended.) Less is extracted into tmp, zero- or sign-extended.
 */
int gen_gpr_extract(struct tr *t, int reg, int size, bool sign, int tmp); /* where that takes code */
static inline int gen_gpr_read(struct tr *t, int reg, int size, bool sign, int tmp)
{
	return size == 8 || (size == 4 && (!sign || gen_is_sext(t, reg))) ? HGPR(reg) : gen_gpr_extract(t, reg, size, sign, tmp);
}
/* rd = the low `size` bytes (1, 2, 4 or 8) of rs, sign-extended. */
void gen_sign_extend(struct tr *t, int rd, int rs, int size);
/* Writes the low `size` bytes of rs to guest register reg (size 4: rs must be sign-extended already when `sexted`, else it is here). 64-bit code:
 * the upper half is cleared by a write of 4 bytes, if that matters. */
void gen_gpr_write(struct tr *t, int reg, int size, int rs, bool sexted);
/* Guest register reg = the constant, or the operand in memory, of `size` bytes. Clobbers T1 for 1 and 2 bytes. */
void gen_gpr_li(struct tr *t, int reg, int size, int64_t value);
void gen_gpr_load(struct tr *t, int reg, struct maddr m, int size);
/* To be called behind code that has put a result of 4 or 8 bytes right into HGPR(reg): ext says how 4 bytes are extended there, EXT_xxx or 0. Clears
 * the upper half where it must be. Calls for other than 64-bit code do nothing. */
enum { EXT_SIGN = 1, EXT_ZERO = 2 };
void gen_wrote_long(struct tr *t, int reg, int size, int ext); /* in 64-bit code */
static inline void gen_wrote(struct tr *t, int reg, int size, int ext)
{
	if (gen_is_long(t) && size >= 4)
		gen_wrote_long(t, reg, size, ext);
}
/* Whether the upper half of the register must be cleared when the current instruction writes 32 bits (64-bit code). */
static inline bool gen_upper_matters(const struct tr *t, int reg)
{
	return gen_is_long(t) && t->upper_live >> reg & 1;
}
/* Whether 32 bits for the register that can be had as well zero- as sign-extended are to be zero-extended. */
static inline bool gen_wants_zero(const struct tr *t, int reg)
{
	return gen_is_long(t) && (t->upper_live >> reg & 1 || upper_prefers_zero(t->plan, (unsigned)t->index, reg));
}
/* Those of these registers (a bit each) that are narrow get the upper half that they are to have. */
void gen_widen(struct tr *t, unsigned registers); /* which all are */
static inline void gen_settle_upper(struct tr *t, unsigned registers)
{
	if (t->narrow & registers)
		gen_widen(t, t->narrow & registers);
}
/* Registers that may be narrow when control comes to r, a leader. */
uint16_t gen_may_be_narrow(const struct rinsn *r);
/* ... but for those whose upper half is right where branches have come to r from, within a loop, and that are wanted so soon: a later way to r does not spoil that, as most of the time
 * control comes by the first ones. */
uint16_t gen_stays_narrow(const struct tr *t, const struct rinsn *r);
/* For exits and calls: the upper halves of these registers (a bit each) are cleared, or their low halves sign-extended again. */
void gen_clear_upper(struct tr *t, unsigned registers);
void gen_restore_sext(struct tr *t, unsigned registers);

/* ---- copies that are not made (gen_copy.c) ---- */
/*
 * Finds the copies between registers that need not be made, as an instruction soon behind can take the value from where it is: `unmade` of the ones, `first` of the others; and
 * writes that can be put off. Outside 64-bit code some instructions change places with the next, where nobody can see. The plan has been analysed, and has more
 * than one instruction.
 */
void gen_copies(struct tr *t);
/* Whether control goes from the instruction to the next one, and comes there from nowhere else. */
static inline bool gen_copy_goes_on(const struct rinsn *r)
{
	return r->falls && !r[1].leader && !r[1].stops;
}
/* Whether the register, or part of it, is an operand of the instruction, or of its address. */
bool gen_copy_touches(const struct insn *i, int reg);
/* Whether the instruction, of which gen_copy_is_plain() or gen_late_in_line() says that it can be, writes the register, or part of it. */
bool gen_copy_writes(const struct insn *i, int reg);
/* Whether it is of registers and constants: it changes nothing but its first operand, if that, and flags, and cannot fault. */
bool gen_copy_is_plain(const struct rinsn *r);
/* Whether it makes all of the register, of that size, from what that was and a constant or something else, and takes the former from where gen_copied() says. */
bool gen_copy_changes(const struct rinsn *r, int reg, int size);
/* Whether it gives the register another value, whatever it was. */
bool gen_copy_overwrites(const struct rinsn *r, int reg);
/*
 * For the current instruction, a SETcc of register reg's low byte: whether the next one extends that to all of the register, which can as well be set: then that
 * one emits nothing.
 */
bool gen_copy_extends(struct tr *t, int reg);
/* The register that has the value of reg, the current instruction's first operand. */
static inline int gen_copied(const struct tr *t, int reg)
{
	int first = t->plan->insn[t->index].first;

	return first < 0 ? reg : first;
}

/* ---- writes that are put off (gen_late.c) ---- */
/* Whether the operands in memory that the instruction may have are accessed in line, and nowhere else. */
bool gen_accesses_in_line(const struct tr *t, const struct rinsn *r);
/*
 * Before code is emitted: put off or leave out what a MOV between registers, SETcc of one, CMOVcc of memory (instruction k of the plan) allow. r: behind the MOV, the first
 * instruction that may fault or writes what it copies from, when none before has to do with what it copies to.
 */
void gen_late_copy(struct tr *t, struct rinsn *copy, struct rinsn *r);
void gen_late_set(struct tr *t, unsigned k);
void gen_late_select(struct tr *t, unsigned k);
/* Before the code of r: which writes are put off there. */
void gen_late_begin(struct tr *t, const struct rinsn *r);

/* ---- parts of registers (gen_partial.c) ---- */
/* AND, OR and XOR: done, if that is the plain case. */
bool gen_logic_part(struct tr *t, const struct insn *i);
/* Whether the bits that are set follow each other: from *lo to *hi. */
bool gen_bit_run(uint64_t bits, int *lo, int *hi);

/* ---- flags (gen_flags.c) and conditions (gen_cond.c) ---- */
/* The current instruction sets the lazy flags to (op, dst, src); emits nothing for flags that are dead. */
void gen_cc_set(struct tr *t, int op, int size, int dst, int src);
/* As gen_cc_set() where host register reg is not 0; else the flags, behind gen_cc_sync(), stay what they are. Clobbers T4. */
void gen_cc_set_if(struct tr *t, int reg, int op, int size, int dst, int src);
/* All arithmetic flags as EFLAGS bits into rd, and into H_CC_DST, which may be rd. Clobbers all T registers: call before computing operands. */
void gen_cc_get(struct tr *t, int rd);
/* rd holds EFLAGS bits (FL_ARITH): becomes the current flags. */
void gen_cc_put(struct tr *t, int rs);
/* rd = 1 if condition cond (0-15) holds, else 0. Clobbers all T registers. */
void gen_cond(struct tr *t, int cond, int rd);
/* rd = CF. Clobbers all T registers. */
void gen_carry(struct tr *t, int rd);
/*
 * Whether the condition of a comparison with this constant is whether bits above some place are set, where that costs less: then bits above the operand's size do not matter. `extends`: that the
 * operand would have to be extended for anything else.
 */
bool gen_tests_above(int cond, int size, int64_t value, bool extends);
/* Whether what it is evaluated of is not in T registers, and evaluating it calls nothing and clobbers no more than T2, T6 and T7. */
bool gen_cond_lasts(const struct tr *t, int cond);
/* A host branch taken when cond holds: returns its site for emit_fix_branch(). Clobbers all T registers. Flags that live on are stored before; by
 * gen_branch_early() not: that is left to the ways behind it. */
uint32_t *gen_branch_if(struct tr *t, int cond);
uint32_t *gen_branch_early(struct tr *t, int cond);
/* Whether the condition can be evaluated from the operands of an operation of kind CC_op (struct recent_flags) and size. */
bool gen_can_fuse(int op, int size, int cond);
/* Makes cpu->cc_op agree with what is known statically, if it does not yet. */
void gen_cc_sync(struct tr *t); /* clobbers T4 */
/*
 * The number of conditions that are all that reads the current instruction's flags, and directly follow: 1 or 2; 0: there are others. What the k-th says can then
 * be put into a host register (struct truth) that the code of branches leaves alone, T1 or T2, instead of the flags.
 */
int gen_truths(const struct tr *t);
/* The k-th of them; and its register, which is not 0 when its even form holds. */
int gen_truth_cond(const struct tr *t, int k);
void gen_truth_set(struct tr *t, int k, int reg);
/*
 * Compares two floating-point registers for those conditions, as COMISD (signals) or UCOMISD of doubles or floats; false if that is not all that is
 * wanted. Clobbers T1, T2.
 */
bool gen_compare_truths(struct tr *t, int a, int b, bool signals, bool is_double);
/* As gen_cc_set for an operation whose operands a, b and result stay untouched until the next instruction's condition has been evaluated. */
void gen_cc_set_live(struct tr *t, int op, int size, int a, int b, int res); /* where some live */
static inline void gen_cc_set_recent(struct tr *t, int op, int size, int a, int b, int res)
{
	if (t->flags_live)
		gen_cc_set_live(t, op, size, a, b, res);
}
void gen_cc_set_from(struct tr *t, const struct recent_flags *r);
/* Whether the condition behind instruction k, which evaluates one of these operands itself, can be evaluated of them too. */
bool gen_recent_goes_on(const struct tr *t, const struct recent_flags *r, int k);
/* For INC and DEC before a branch (fuse_sinks): the flags of before stay, and on ways that read others than CF they become those of the operation. */
void gen_cc_set_around(struct tr *t, int op, int size, int res);
/* On one of the ways from a conditional branch: stores the flags of the comparison before, if that has not (fuse_sinks). */
void gen_cc_sunk(struct tr *t);

/* ---- CF by itself (gen_carry.c) ---- */
/* Whether the current instruction, an addition or subtraction with its result in host register res and the second operand in b, had better leave CF in H_CC_DST, which it may then. */
bool gen_carry_waits(const struct tr *t, int res, int b);
/* It has done so, and its flags are pending. */
void gen_carry_keep(struct tr *t);
/* The register that has CF, 0 or 1: H_CC_DST if it has been kept there, else tmp, as by gen_carry(). */
int gen_carry_of(struct tr *t, int tmp);

/* ---- pending flags (gen_pend.c) ---- */
/* The guest register in host register r, as a bit, or 0. */
static inline uint16_t gen_guest_bit(const struct tr *t, int r)
{
	if (r >= HGPR(0) && r <= HGPR(7))
		return (uint16_t)(1u << (r - HGPR(0)));
	if (t->mode & MODE_LONG && r >= HGPR(8) && r <= HGPR(15))
		return (uint16_t)(1u << (r - HGPR(8) + 8));
	return 0;
}
/* The flags of the operation become pending; false when its operands do not last. */
bool gen_pend(struct tr *t, const struct recent_flags *r);
/* The same where a result or second operand that does not last is copied. */
bool gen_pend_part(struct tr *t, const struct recent_flags *r);
/* Before the instruction's code: stores pending flags, of which there are some, if it does not leave them as they are, or a copy of what it overwrites. */
void gen_pend_begin(struct tr *t, const struct rinsn *r);
/* ESP has changed by delta. */
void gen_pend_stack(struct tr *t, int delta);
/* Stores them in the flag registers, if there are any. */
void gen_pend_store(struct tr *t);
/* The code for that. Clobbers no T registers. */
void gen_pend_emit(struct tr *t, const struct cc_recipe *p);
/* Behind that code, where control goes back to code to which they still are pending: what it has overwritten of them. */
void gen_pend_undo(struct tr *t, const struct cc_recipe *p);
/* Those pending as operands in registers; false when these are not as conditions want them. */
bool gen_pend_recent(const struct tr *t, struct recent_flags *r);

/* ---- leaving ---- */
/* A branch, and a call, to code in the cache. */
static inline void gen_b(struct tr *t, const uint32_t *target)
{
	la_b(&t->e, (int)((target - t->e.p) * 4));
}
static inline void gen_bl(struct tr *t, const uint32_t *target)
{
	la_bl(&t->e, (int)((target - t->e.p) * 4));
}
/* What is known or expected of the x87's state by x87_word(). */
struct x87_known gen_x87_state(uint64_t word);
/* Calls a stub of x87_stubs.S. */
void gen_x87_stub(struct tr *t, unsigned stub);
/*
 * From each of the n sites (b or a conditional branch) the current x87 instruction is done by x87_exec() on the operand at a (reg -1: none), then
 * goes on here if x87_word() is `after`. returns_flags: T0 are EFLAGS to be put behind here.
 */
struct x87_slow {
	uint32_t info;
	uint64_t after;
	bool returns_flags;
};
void gen_slow_x87(struct tr *t, uint32_t *const *sites, unsigned n, struct maddr a, struct x87_slow x);
/* The same for one on doubles, from the state t->live; then the region is left. */
void gen_slow_x87_double(struct tr *t, uint32_t *const *sites, unsigned n, struct maddr a, uint32_t info);

/* ---- x87 registers as doubles (gen_x87_double.c, gen_x87_flow.c) ---- */
/* Before code is emitted: where it works on doubles when control comes to a leader. false: at none. */
bool gen_x87_flow(const struct tr *t, struct plan *p);
/* The state at a leader; what must be done at the beginning of an instruction; and before control goes to a leader of the region. */
void gen_x87_leader(struct tr *t, const struct rinsn *r);
void gen_x87_begin(struct tr *t, const struct rinsn *r);
void gen_x87_edge(struct tr *t, const struct rinsn *to);
/*
 * The region's entry, for a leader r whose code works on doubles already: code that prepares that. Returns its place; it ends in the branch *to_body, to
 * the instruction's code.
 */
uint32_t *gen_x87_enter(struct tr *t, const struct rinsn *r, uint32_t **to_body);
/* The current instruction's x87_point, for a fault point of code that works on doubles: its number, from 1. */
unsigned gen_x87_point(struct tr *t);
/* Code that brings all to its place, for a way that is left from state l; and that for all that follows. Clobber T4. */
void gen_x87_leave(struct tr *t, const struct x87_live *l);
void gen_x87_settle(struct tr *t);
/*
 * Calls helper(cpu, a1, a2, a3) with the guest state synced to *cpu, cpu->eip and cc_op included; afterwards all guest registers are reloaded (the helper may have
 * changed any). Put arguments in T1-T3 (a1-a3) first: T0 is the cpu. The result is in T0. All T registers die.
 * XMM registers are not synced: gen_xmm_sync()/gen_xmm_reload() before/after where the helper wants cpu->xmm.
 */
void gen_helper(struct tr *t, const void *fn);
/* As gen_helper through a stub of the same interface, which may do without fn. It is the one of this ring and mode. */
void gen_helper_by(struct tr *t, const void *fn, const uint32_t *stub);
/* As gen_helper, then goes to the dispatcher at cpu->eip: for helpers that transfer control or change modes. The helper sets cpu->eip. */
void gen_helper_end(struct tr *t, const void *fn);
/*
 * As gen_helper_end for helpers that return where to go on (quick_continue()): there at once. Where each instruction is executed from the dispatcher,
 * control goes there. `stub`, if not NULL, is code that does it without the helper where it can.
 */
void gen_transfer(struct tr *t, const void *fn);
void gen_transfer_by(struct tr *t, const void *fn, const uint32_t *stub);
/*
 * Out of line: fn(cpu, arg[0], arg[1], arg[2]), reached by the branch at `site`, which comes back to the code emitted next. All registers
 * keep their values but T7, T8 and `result` (a host register, or -1), which receives what fn returns; fn must leave guest registers
 * and flags alone, and may raise.
 */
void gen_slow_call(struct tr *t, uint32_t *site, const void *fn, uint64_t a1, uint64_t a2, uint64_t a3, int result);
/* As gen_slow_call without a result, reached by a trap of the host instruction whose fault point is number `point` of the region. */
void gen_trap_call(struct tr *t, unsigned point, const void *fn, uint64_t a1, uint64_t a2, uint64_t a3);
void gen_xmm_sync(struct tr *t);
void gen_xmm_reload(struct tr *t);
/* Raises an exception at the current instruction, when control gets here. */
void gen_raise(struct tr *t, int vector, bool has_error, uint32_t error);
/* Raises an exception at the current instruction when the branch at `site`, just emitted, is taken; #GP and #AC with error code 0. */
void gen_raise_at(struct tr *t, uint32_t *site, int vector);
/* Leaves to the dispatcher at a constant EIP (linked when within the page), or at the EIP in register rs (32 bits, sign-extended, or 16 bits; 64 bits
 * in 64-bit code; a register of the guest's, T0 or T5). pushed: what is to be added to RSP to get that of before the instruction. */
void gen_goto(struct tr *t, uint64_t eip);
void gen_goto_reg(struct tr *t, int rs, int pushed);
/*
 * Looks for EIP rs, sign-extended, in the probe table of the mode, and calls what is found: a thunk returns to what is emitted next, with T5 where it goes on. Returns
 * the branch for what the table does not know. rs is none of T1-T3, which are clobbered.
 */
uint32_t *gen_look_up(struct emit *e, int rs);
/* Behind the region's code: its entry for exits with unsettled flags (gen_exit.c). */
void gen_thunk(struct tr *t);

/* Records that the host instruction emitted next may fault. */
void gen_fault_point(struct tr *t);
/* As above for one that loads what will be stored to; and for those on the aligned word around an operand whose address is in T0. */
void gen_fault_point_modify(struct tr *t);
void gen_fault_point_word(struct tr *t);
/* Branch to the region's instruction at index (now or fixed up later). */
void gen_fix_to(struct tr *t, uint32_t *site, int index);
/* Code out of line, which begins in the state that translation has come to (what gen_add_slow() sets of s). */
void gen_add_slow(struct tr *t, struct slow_path s);
/* The out-of-line code of the region so far. */
void gen_slow_paths(struct tr *t);
/* Code that notes data breakpoints on `size` bytes at a, where some are enabled. Clobbers T7 and T8. */
void gen_watch(struct tr *t, struct maddr a, unsigned size, bool write);
/* Leaves to the dispatcher when host register reg is not 0, to continue at eip. */
void gen_leave_if(struct tr *t, int reg, uint64_t eip);
/* Leaves when host register reg is not 0; the instruction at eip, which is where control is, is then executed alone. */
void gen_alone_if(struct tr *t, int reg, uint64_t eip);
/* Leaves when the stop register is set, to continue at eip (which is where control is). */
void gen_poll(struct tr *t, uint64_t eip);
/* The entry of the region, to the instruction at eip, which is where the code is: it polls out of line. */
void gen_polled_entry(struct tr *t, uint64_t eip);
/* The host instruction that comes next is the first at the head of a loop, where the code can be made to leave (stop.c), to continue at eip. */
void gen_loop_head(struct tr *t, uint64_t eip);
/* Leaves to the dispatcher, to continue at eip: after changes that make lookups wrong. */
void gen_dispatch(struct tr *t, uint64_t eip);
/*
 * STI, MOV SS, POP SS: whether the instruction after the current one is executed from the dispatcher, so that its interrupt shadow needs
 * cpu->inhibit. Within a region nobody looks for interrupts before it.
 */
bool gen_shadow_leaves(const struct tr *t);
/* For instructions of the operating system's: true at CPL 0; else raises #GP(0), and nothing more is to be emitted. */
bool gen_need_cpl0(struct tr *t);
/* For SGDT and the like: umip_check() where the CPL asks for it. */
void gen_check_umip(struct tr *t);

/* ---- profiler (gen_profile.c) ---- */
/* Adds n to the counter. Clobbers T4, T5. */
void gen_count(struct tr *t, uint64_t *counter, unsigned n);
/* Where the current instruction begins a piece of code without branches in or out: counts its instructions. With t->profile. */
void gen_count_piece(struct tr *t);

/* ---- stack ---- */
/* Address of [SS:ESP+delta] for an access of `size` bytes, wrapped and checked as the stack segment wants; tmp as for gen_address. */
struct maddr gen_stack(struct tr *t, int delta, unsigned size, int write, int tmp);
/* ESP (or SP) += delta, maybe later. Clobbers T7. */
void gen_esp_add(struct tr *t, int delta);
/* Pushes rs (size 2 or 4): store, then ESP. Clobbers tmp, T6, T7. */
void gen_push(struct tr *t, int rs, int size, int tmp);
/* For PUSH, POP, ADD and SUB: whether the instruction may leave the stack pointer late; and generates it if it is one that adds a constant to it. */
bool gen_sp_defers(const struct tr *t, const struct rinsn *r);
bool gen_sp_insn(struct tr *t, const struct rinsn *r);
/* Whether a stack pointer that is late may stay so behind the instruction. */
bool gen_sp_carried(const struct tr *t, const struct rinsn *r);
/* The host's register gets the guest's stack pointer; it changes by delta. */
void gen_sp_settle(struct tr *t);
void gen_sp_adjust(struct tr *t, int delta);

/* ---- the order of things (translate.c) ---- */
/* In the place of a jump to a loop's head that plan_turns(): repeats the head, whose branch goes on behind the one there. */
void gen_turn(struct tr *t, const struct rinsn *head);

/* ---- one generator a group; each returns 0, or -1 when the operation is not of its group ---- */
int gen_alu(struct tr *t, const struct insn *i);
int gen_move(struct tr *t, const struct insn *i);
int gen_shift(struct tr *t, const struct insn *i);
int gen_bits(struct tr *t, const struct insn *i);    /* BT*, BSF, BSR, BSWAP, decimal adjustments */
int gen_muldiv(struct tr *t, const struct insn *i);
int gen_atomic(struct tr *t, const struct insn *i);  /* XCHG with memory, XADD, CMPXCHG*, locked arithmetic */
int gen_branch(struct tr *t, const struct insn *i);
int gen_string(struct tr *t, const struct insn *i);
int gen_segment(struct tr *t, const struct insn *i); /* segment registers; before gen_move */
int gen_eflags(struct tr *t, const struct insn *i);
int gen_control(struct tr *t, const struct insn *i); /* far transfers, interrupts, HLT, ENTER */
int gen_system(struct tr *t, const struct insn *i);
int gen_x87(struct tr *t, const struct insn *i);     /* x87 (gen_x87.h) */
int gen_sse(struct tr *t, const struct insn *i);     /* SSE to SSE4.2, AES */
int gen_mmx(struct tr *t, const struct insn *i);
int gen_word(struct tr *t, const struct insn *i);    /* POPCNT, CRC32, MOVBE */
int gen_fpstate(struct tr *t, const struct insn *i); /* FXSAVE, XSAVE and their kind */

#endif
