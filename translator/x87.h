/*
 * The x87 FPU: register stack, exceptions, and the operations by opcode (Intel SDM volume 1, chapter 8).
 *
 * All functions work on cpu->x87 and guest memory, from helpers only. Where one raises #PF nothing has changed yet.
 */
#ifndef TRANSLATOR_X87_H
#define TRANSLATOR_X87_H

#include "translator/cpu.h"
#include "translator/softfloat.h"
#include "translator/x87_double.h"

/* Status word */
#define SW_SF 0x0040u /* stack fault */
#define SW_ES 0x0080u /* an unmasked exception is pending */
#define SW_C0 0x0100u
#define SW_C1 0x0200u
#define SW_C2 0x0400u
#define SW_C3 0x4000u
#define SW_CC (SW_C0 | SW_C1 | SW_C2 | SW_C3)
#define SW_TOP_SHIFT 11
#define SW_TOP 0x3800u
#define SW_B 0x8000u  /* mirrors ES */

/*
 * What x87.ctl keeps of the control word: RC and PC as they are there, moved down by 8, and whether FPE_P is masked; and whether registers may be held
 * as doubles (x87_double.h).
 */
#define X87_CTL_PC 0x03u
#define X87_CTL_PC64 0x03u
#define X87_CTL_PC53 0x02u
#define X87_CTL_RC 0x0cu
#define X87_CTL_RC_SHIFT 2
#define X87_CTL_DOUBLES 0x40u
#define X87_CTL_PM 0x80u

#define CW_INIT 0x037f
#define CW_MASK 0x1f7fu /* bits that can be written; bit 6 reads as one */
#define CW_ONE 0x0040u

/* What a translated instruction tells its helper. */
#define X87_INFO_MODRM(info) ((info) & 0xffu)
#define X87_INFO_ESC(info) ((info) >> 8 & 7u)     /* opcode - D8 */
#define X87_INFO_FOP(info) ((info) & 0x7ffu)
#define X87_INFO_SEG(info) ((info) >> 16 & 7u)    /* segment of the memory operand */
#define X87_INFO_OPSIZE(info) ((info) >> 24 & 15u) /* 2 or 4 */
#define X87_INFO(insn_, esc) \
	((uint32_t)(insn_)->modrm | (uint32_t)(esc) << 8 | (uint32_t)(insn_)->seg << 16 | (uint32_t)(insn_)->opsize << 24)

/*
 * Executes the instruction that info names on the memory operand at linear address lin (none for register forms). Pending
 * exceptions are taken first by the instructions that wait. Returns EFLAGS' arithmetic flags as they are after FCOMI and its
 * kind, else nothing of use.
 */
uint64_t x87_exec(struct cpu *cpu, uint64_t info, uint64_t lin);
/* FWAIT, and what every waiting instruction does first: #MF or FERR# when an unmasked exception is pending. */
uint64_t x87_wait(struct cpu *cpu);
/* FWAIT with CR0.EM or CR0.TS set: #NM when CR0.TS and CR0.MP are, else as x87_wait(). */
uint64_t x87_wait_or_trap(struct cpu *cpu);

/* FNINIT's state. */
void x87_init(struct cpu *cpu);
/* Control and status words with all that depends on them. */
void x87_set_cw(struct cpu *cpu, uint16_t cw);
void x87_set_sw(struct cpu *cpu, uint16_t sw);
/* Whether an instruction by escape (opcode - D8) and ModRM leaves FIP, FOP and their kind alone. */
bool x87_is_control(unsigned esc, unsigned modrm);
/* Whether it takes no pending exception. */
bool x87_no_wait(unsigned esc, unsigned modrm);
/* tag_empty, top, ctl, es and doubles in one, as they are in memory. */
static inline uint64_t x87_word(const struct x87 *f)
{
	return f->tag_empty | (uint32_t)f->top << 8 | (uint32_t)f->ctl << 16 | (uint32_t)f->es << 24 | (uint64_t)f->doubles << 32;
}
/* The status word. */
static inline uint16_t x87_sw(const struct cpu *cpu)
{
	return (uint16_t)(cpu->x87.sw | cpu->x87.top << SW_TOP_SHIFT | (x87_double_c1(cpu) ? SW_C1 : 0));
}
/* The 16-bit tag word made from tags and contents, and back. */
uint16_t x87_tag_word(const struct cpu *cpu);
void x87_set_tag_word(struct cpu *cpu, uint16_t tags);

/* ---- the stack ---- */
static inline unsigned x87_top(const struct cpu *cpu) { return cpu->x87.top; }
static inline unsigned x87_phys(const struct cpu *cpu, unsigned i) { return (x87_top(cpu) + i) & 7; }
static inline void x87_set_top(struct cpu *cpu, unsigned top) { cpu->x87.top = top & 7; }
static inline bool x87_empty(const struct cpu *cpu, unsigned i) { return cpu->x87.tag_empty >> x87_phys(cpu, i) & 1; }
static inline struct f80 x87_get(const struct cpu *cpu, unsigned i)
{
	unsigned p = x87_phys(cpu, i);

	return (struct f80){ cpu->x87.st[p].mant, cpu->x87.st[p].sexp };
}
/* Writes ST(i) and makes it valid. */
void x87_put(struct cpu *cpu, unsigned i, struct f80 v);
/* Decrements TOP and writes ST(0). */
void x87_push(struct cpu *cpu, struct f80 v);
/* Frees ST(0) and increments TOP. */
void x87_pop(struct cpu *cpu);

/* ---- exceptions ---- */
#define FPE_BEFORE (FPE_I | FPE_D | FPE_Z) /* found before computing: when unmasked there is no result */
/* Rounding, precision and masks of the control word; no flags. */
struct fp_env x87_env(const struct cpu *cpu);
/* Sets exception flags in the status word. Returns whether one of them is unmasked. */
bool x87_raise(struct cpu *cpu, unsigned flags);
/* Condition codes: clears those in SW_CC that are not in cc. */
static inline void x87_set_c1(struct cpu *cpu, bool c1) { cpu->x87.c1 = c1; }
static inline void x87_set_cc(struct cpu *cpu, unsigned cc)
{
	cpu->x87.sw = (uint16_t)((cpu->x87.sw & ~SW_CC) | (cc & ~SW_C1));
	x87_set_c1(cpu, cc & SW_C1);
}
static inline void x87_set_c2(struct cpu *cpu, bool c2) { cpu->x87.sw = (uint16_t)((cpu->x87.sw & ~SW_C2) | (c2 ? SW_C2 : 0)); }
/* Stack underflow or overflow. Returns true when masked: the instruction goes on with the default NaN. */
bool x87_stack_underflow(struct cpu *cpu);
bool x87_stack_overflow(struct cpu *cpu);
/*
 * What computing v under env means for ST(i): flags of env and of rounding raised, C1 set. Returns false when the instruction has
 * no effect (unmasked invalid, denormal or division by zero).
 */
bool x87_result(struct cpu *cpu, unsigned i, struct fp_env *env, struct fp v);

/* ---- groups of operations; each is called with pending exceptions taken and pointers stored ---- */
typedef uint64_t x87_mem_fn(struct cpu *cpu, uint32_t info, uint64_t lin);
typedef uint64_t x87_reg_fn(struct cpu *cpu, unsigned rm, uint32_t info);
/* x87_mem.c */
x87_mem_fn x87_arith_m32, x87_arith_m64, x87_arith_mi16, x87_arith_mi32;
x87_mem_fn x87_fld_m32, x87_fld_m64, x87_fld_m80, x87_fild_m16, x87_fild_m32, x87_fild_m64, x87_fbld;
x87_mem_fn x87_fst_m32, x87_fst_m64, x87_fstp_m80, x87_fist_m16, x87_fist_m32, x87_fistp_m64, x87_fbstp;
x87_mem_fn x87_fisttp_m16, x87_fisttp_m32, x87_fisttp_m64;
/* x87_state.c */
x87_mem_fn x87_fldcw, x87_fnstcw, x87_fnstsw, x87_fldenv, x87_fnstenv, x87_frstor, x87_fnsave;
/* x87_arith.c */
x87_reg_fn x87_arith_st0, x87_arith_sti, x87_arith_sti_pop, x87_compare_pop2, x87_fucom, x87_fcomi;
x87_reg_fn x87_fcmov, x87_fld_st, x87_fst_st, x87_fstp_quiet, x87_fxch, x87_ffree, x87_constant, x87_unary, x87_stack_unary;
/* x87_rem.c, x87_trans.c: operations of D9 F0-FF; no operand but the stack */
void x87_fprem(struct cpu *cpu);
void x87_fprem1(struct cpu *cpu);
void x87_fscale(struct cpu *cpu);
void x87_fxtract(struct cpu *cpu);
void x87_f2xm1(struct cpu *cpu);
void x87_fyl2x(struct cpu *cpu);
void x87_fyl2xp1(struct cpu *cpu);
void x87_fptan(struct cpu *cpu);
void x87_fpatan(struct cpu *cpu);
void x87_fsin(struct cpu *cpu);
void x87_fcos(struct cpu *cpu);
void x87_fsincos(struct cpu *cpu);

/* ST(0) = ST(0) and another operand, combined by ModRM.reg `op` (FADD FMUL FCOM FCOMP FSUB FSUBR FDIV FDIVR). */
void x87_binary(struct cpu *cpu, unsigned op, struct fp other);

#endif
