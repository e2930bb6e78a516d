/*
 * The opcode maps (Intel SDM volume 2, appendix A) as tables. Private to the decoder.
 */
#ifndef TRANSLATOR_DECODE_TABLES_H
#define TRANSLATOR_DECODE_TABLES_H

#include <stdint.h>

/*
 * Where an operand comes from and how large it is, in the manual's letters: E = ModRM.rm general register or memory, G = ModRM.reg
 * general register, Z = register in the opcode's low bits, I = immediate, J = relative target, O = absolute offset, M = memory,
 * P/Q/N = MMX (reg, rm, rm without memory), V/W = XMM (reg, rm), S/C/D = segment, control, debug register.
 * Sizes: b 1, w 2, d 4, q 8, x 16, v = operand size, z = v but at most 4, y = 4, or 8 with REX.W.
 */
enum operand_spec {
	NO,
	Eb, Ew, Ed, Ev, Ey,
	EvMw,                   /* register of operand size, or a word in memory */
	EdMw, EdMb,             /* doubleword register, or a word or a byte in memory */
	Rv, Ry,                 /* rm is a register whatever mod says: v; the natural size of control registers */
	Gb, Gw, Gd, Gv, Gz, Gy, Gn, /* Gn: the natural size of control registers */
	Zb, Zv,
	AL, AX, rAX, eAX, CL, DX, /* rAX: v; eAX: z */
	Ib, Is, Iw, Iz, Iv, I1, Il, /* Ib zero-extended byte; Is sign-extended byte; Il: second immediate (imm2) */
	Jb, Jz, Ap,
	Ob, Ov,
	M0, Mb, Mw, Md, Mq, Mx, My, Ma, Mp, Ms, M512, M576, /* Ma: BOUND's pair; Mp: far pointer; Ms: pseudo-descriptor */
	Sw, fES, fCS, fSS, fDS, fFS, fGS,
	Cr, Dr,
	Pq, Qd, Qq,
	Vx, Ww, Wd, Wq, Wx,
	SPEC_COUNT
};

enum {
	DEC_MODRM = 0x0001,
	DEC_BYTE = 0x0002,   /* operand size 1 */
	DEC_GROUP = 0x0004,  /* op is an index into decode_groups: ModRM.reg decides */
	DEC_PREFIX = 0x0008, /* two-byte map: 66, F3 and F2 select the operation */
	DEC_NOT64 = 0x0010,  /* invalid in 64-bit mode */
	DEC_ONLY64 = 0x0020, /* invalid outside 64-bit mode */
	DEC_STACK64 = 0x0040, /* 64-bit mode: the operand size is 8, or 2 with 66 */
	DEC_NEAR64 = 0x0080, /* 64-bit mode: the operand size is 8 */
	DEC_MEM = 0x0100,    /* the register form is invalid */
	DEC_REG = 0x0200,    /* the memory form is invalid */
	DEC_SPECIAL = 0x0400, /* decode_special() finishes the job */
	DEC_SIZE32 = 0x0800, /* operand size 4 when it would be 8 */
};

struct decode_entry {
	uint16_t op; /* enum opcode; OP_INVALID for undefined encodings */
	uint8_t opd[3];
	uint16_t flags;
};

/* The entries for ModRM.reg with memory (mod 0-2) and with register operands. */
struct decode_group {
	const struct decode_entry *mem, *reg;
};

enum { MAP_NONE, MAP_66, MAP_F3, MAP_F2, MAP_COUNT };

extern const struct decode_entry decode_one_byte[256];
/* Two-byte opcodes 0F xx; the maps other than MAP_NONE hold only the rows that DEC_PREFIX leads to. */
extern const struct decode_entry decode_two_byte[MAP_COUNT][256];
/* Three-byte opcodes 0F 38 xx and 0F 3A xx: the prefix always selects. */
extern const struct decode_entry decode_0f38[MAP_COUNT][256];
extern const struct decode_entry decode_0f3a[MAP_COUNT][256];
extern const struct decode_group decode_groups[];
/* 63 in 64-bit mode. */
extern const struct decode_entry decode_movsxd;

/* x87 operations with a memory operand: bytes accessed, by escape opcode D8-DF and ModRM.reg; or one of the X87_xxx, for what
 * depends on the operand size and for undefined ones. */
#define X87_ENV 1
#define X87_STATE 3
#define X87_BAD 255
extern const uint8_t decode_x87_mem[8][8];
/* Register forms: bit n of entry [opcode - D8][ModRM.reg] is set when ModRM.rm = n is defined. */
extern const uint8_t decode_x87_reg[8][8];

#endif
