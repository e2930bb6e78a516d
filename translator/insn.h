/*
 * One decoded x86 instruction, and the decoder.
 */
#ifndef TRANSLATOR_INSN_H
#define TRANSLATOR_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "translator/opcodes.h" /* enum opcode: OP_INVALID, OP_ADD, ... */

enum operand_kind {
	OPD_NONE,
	OPD_GPR,  /* reg: register number; size 1 without REX: 4-7 are AH CH DH BH */
	OPD_MEM,  /* the insn's base/index/scale/disp/seg */
	OPD_IMM,  /* the insn's imm, sign-extended to 64 bits as the manual says for this form */
	OPD_REL,  /* the insn's imm: displacement from the end of the instruction */
	OPD_FAR,  /* ptr16:16/32: imm = offset, far_sel = selector */
	OPD_SEG,  /* reg: SEG_ES.. */
	OPD_CR, OPD_DR,
	OPD_ST,   /* x87 register ST(reg) */
	OPD_MMX, OPD_XMM,
};

struct operand {
	uint8_t kind;
	uint8_t reg;
	uint16_t size; /* in bytes; for OPD_MEM the size accessed (0: none, as for LEA, INVLPG; FXSAVE 512, far pointers 4, 6, 10) */
};

#define REG_NONE 0xff
enum { REP_NONE, REP_REPNE /* F2 */, REP_REP /* F3 */ };

struct insn {
	uint16_t op;       /* enum opcode */
	uint8_t len;       /* bytes, 1-15 */
	uint8_t opsize;    /* effective operand size: 1 for byte forms, 2, 4, 8 */
	uint8_t addrsize;  /* effective address size: 2, 4, 8 */
	uint8_t rep;       /* REP_xxx as written (not when it selects an SSE opcode) */
	uint8_t lock;      /* LOCK prefix present (legal here; illegal ones decode as OP_UD) */
	uint8_t cond;      /* low 4 bits of Jcc, SETcc, CMOVcc */
	uint8_t seg;       /* segment of the memory operand, default or override (string sources too) */
	uint8_t seg_override; /* 1 when a segment prefix was present */
	uint8_t base, index, scale; /* memory operand: registers or REG_NONE; scale 0-3. RIP-relative: rip_rel = 1, base = REG_NONE */
	uint8_t rip_rel;
	uint8_t rex;       /* REX byte or 0 */
	uint8_t modrm;     /* valid when the form has one */
	uint8_t opcode;    /* last opcode byte */
	uint8_t nopd;
	struct operand opd[3]; /* destination first, Intel order */
	uint16_t far_sel;
	uint16_t imm2;     /* ENTER's level */
	uint16_t attr;     /* its operation's INSN_xxx, and what they are of an instruction: insn_note() */
	uint16_t flags_read, flags_written; /* that this very instruction may look at, and that it always gives a new value */
	/* What is before these two most often follows from the bytes before displacement and immediate (decode_quick.c). */
	int32_t disp;      /* sign-extended; 16-bit addressing: wraps at 16 bits when summed */
	int64_t imm;
};

/* Properties of an operation, whatever its operands. Flags as FL_xxx bits of FL_ARITH plus FL_DF, FL_IF, ... where they apply. */
struct insn_info {
	const char *name;         /* lower-case Intel mnemonic without condition: "add", "j", "set", "cmov" */
	uint16_t attr;            /* INSN_xxx */
	uint16_t flags_read;      /* flags that may be looked at (condition codes: all of cond's; take cond_flags_read() instead) */
	uint16_t flags_written;   /* flags that always get a new value */
	uint16_t flags_undefined; /* ... those of them that the manual leaves undefined */
};
#define INSN_END 0x01    /* always ends a region: jumps, calls, returns, INT, HLT, writes to CRx, ... */
#define INSN_PRIV 0x02   /* CPL 0 only */
#define INSN_COND 0x04   /* conditional jump: falls through or branches (Jcc, LOOP, JCXZ) */
#define INSN_SSE 0x08    /* subject to SSE traps */
#define INSN_FPU 0x10    /* x87 or MMX: subject to #NM */
#define INSN_LOCKABLE 0x20
#define INSN_STORE 0x40  /* may write memory through its OPD_MEM destination or implicitly (PUSH, STOS, ...) */
#define INSN_EVALUATES 0x80 /* evaluates the condition `cond`: Jcc, SETcc, CMOVcc */
#define INSN_VARIES 0x100   /* the operands, condition or prefix decide which flags it reads and writes */
#define INSN_SP 0x200       /* the stack pointer may be late behind it: PUSH, POP, ADD, SUB (gen_stack.c) */
#define INSN_MOVES 0x400    /* MOV, SETcc, CMOVcc; of an instruction: between general registers, of one, from memory */
#define INSN_LATE 0x800     /* the stack pointer may be late before it (gen_stack.c); of an instruction: for all that its operands in registers say */
#define INSN_MEMORY 0x1000  /* of an instruction: it has an operand in memory */
extern const struct insn_info insn_info[];

enum { MODE16 = 2, MODE32 = 4, MODE64 = 8 }; /* the code segment's default size */

/* The longest instruction, bytes (Intel SDM volume 2, 2.3.11). */
#define INSN_LEN_MAX 15

#define INSN_ETRUNC (-1)  /* more bytes are needed: fetch the next page */
#define INSN_ELONG (-2)   /* longer than 15 bytes: #GP(0) */

/*
 * Decodes the instruction at bytes[0..avail). mode: MODE16, MODE32 or MODE64. Returns its length, or INSN_E.... An encoding that raises #UD
 * decodes to op == OP_UD with the length seen so far. Remembers what it has decoded to be quicker with the like; says the same each time.
 */
int insn_decode(struct insn *out, const uint8_t *bytes, size_t avail, int mode);
/* Flags that condition `cond` (0-15) reads. */
uint16_t cond_flags_read(int cond);
/* For insn_note(), of an operation with INSN_VARIES. */
uint16_t insn_varying_flags_read(const struct insn *insn);
uint16_t insn_varying_flags_written(const struct insn *insn);

/* Fills in attr and the flags by op, operands, condition, REP prefix, shift count and x87 operation. */
void insn_note(struct insn *insn);
/* Whether it has an operand in memory, and not only the address of one. */
static inline bool insn_accesses(const struct insn *i)
{
	return i->op != OP_LEA && i->attr & INSN_MEMORY;
}

/* Whether interrupts wait for one more instruction after it. */
bool insn_makes_shadow(const struct insn *insn);
/*
 * Whether the instruction leaves general register reg as it is (*change is 0), or adds a constant to all its `size` bytes (then that). false: something else, or
 * nobody knows.
 */
bool insn_steps(const struct insn *insn, int reg, unsigned size, int64_t *change);
/* Whether this very instruction may write memory: INSN_STORE, with the kind of its first operand considered where nothing else is written. */
bool insn_may_store(const struct insn *insn);
/*
 * The general registers that it writes. Of many operations it is not told: INSN_WRITES_MORE. Of the others, those with operands in general registers and
 * memory, without LOCK, it is the first operand, which INSN_WRITES_STACK (PUSH, POP, CALL, RET) write beside the stack pointer, if at all.
 */
enum insn_writes { INSN_WRITES_MORE = 0, INSN_WRITES_NOTHING, INSN_WRITES_FIRST, INSN_WRITES_STACK };
enum insn_writes insn_writes(const struct insn *insn);
/* They, a bit each, unless INSN_WRITES_MORE. */
uint16_t insn_written(const struct insn *insn);
/* Whether this register operand is AH, CH, DH or BH: 4 less is the register that it is part of. */
static inline bool insn_is_high_byte(const struct insn *insn, const struct operand *o)
{
	return o->size == 1 && o->reg >= 4 && !insn->rex;
}
/* Intel-syntax text, for dumps and tests: "add eax, dword ptr [ebx+ecx*4+0x10]". Returns the length, as snprintf. */
int insn_format(char *buf, size_t size, const struct insn *insn, uint64_t eip);

#endif
