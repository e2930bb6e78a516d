/*
 * The opcode maps. The two-byte map is in decode_0f.c, the three-byte maps are in decode_0f38.c.
 */
#include "translator/decode_tables.h"
#include "translator/decode_groups.h"
#include "translator/opcodes.h"

enum {
	M = DEC_MODRM, B = DEC_BYTE, G = DEC_GROUP, MEM = DEC_MODRM | DEC_MEM, I64 = DEC_NOT64, D64 = DEC_STACK64, F64 = DEC_NEAR64,
	SP = DEC_SPECIAL, S32 = DEC_SIZE32,
};

/* The six forms of an arithmetic operation. */
#define ARITH(base, op) \
	[base] = {op, {Eb, Gb}, M | B}, [base + 1] = {op, {Ev, Gv}, M}, \
	[base + 2] = {op, {Gb, Eb}, M | B}, [base + 3] = {op, {Gv, Ev}, M}, \
	[base + 4] = {op, {AL, Is}, B}, [base + 5] = {op, {rAX, Iz}, 0}

const struct decode_entry decode_one_byte[256] = {
	ARITH(0x00, OP_ADD), [0x06] = {OP_PUSH, {fES}, I64}, [0x07] = {OP_POP, {fES}, I64},
	ARITH(0x08, OP_OR), [0x0e] = {OP_PUSH, {fCS}, I64},
	ARITH(0x10, OP_ADC), [0x16] = {OP_PUSH, {fSS}, I64}, [0x17] = {OP_POP, {fSS}, I64},
	ARITH(0x18, OP_SBB), [0x1e] = {OP_PUSH, {fDS}, I64}, [0x1f] = {OP_POP, {fDS}, I64},
	ARITH(0x20, OP_AND), [0x27] = {OP_DAA, {NO}, I64},
	ARITH(0x28, OP_SUB), [0x2f] = {OP_DAS, {NO}, I64},
	ARITH(0x30, OP_XOR), [0x37] = {OP_AAA, {NO}, I64},
	ARITH(0x38, OP_CMP), [0x3f] = {OP_AAS, {NO}, I64},
	[0x40 ... 0x47] = {OP_INC, {Zv}, I64},
	[0x48 ... 0x4f] = {OP_DEC, {Zv}, I64},
	[0x50 ... 0x57] = {OP_PUSH, {Zv}, D64},
	[0x58 ... 0x5f] = {OP_POP, {Zv}, D64},
	[0x60] = {OP_PUSHA, {NO}, I64},
	[0x61] = {OP_POPA, {NO}, I64},
	[0x62] = {OP_BOUND, {Gv, Ma}, MEM | I64},
	[0x63] = {OP_ARPL, {Ew, Gw}, M | I64},
	[0x68] = {OP_PUSH, {Iz}, D64},
	[0x69] = {OP_IMUL, {Gv, Ev, Iz}, M},
	[0x6a] = {OP_PUSH, {Is}, D64},
	[0x6b] = {OP_IMUL, {Gv, Ev, Is}, M},
	[0x6c] = {OP_INS, {NO}, B}, [0x6d] = {OP_INS, {NO}, S32},
	[0x6e] = {OP_OUTS, {NO}, B}, [0x6f] = {OP_OUTS, {NO}, S32},
	[0x70 ... 0x7f] = {OP_JCC, {Jb}, F64},
	[0x80] = {GRP_1_Eb_Ib, {NO}, G}, [0x81] = {GRP_1_Ev_Iz, {NO}, G},
	[0x82] = {GRP_1_Eb_Ib, {NO}, G | I64}, [0x83] = {GRP_1_Ev_Is, {NO}, G},
	[0x84] = {OP_TEST, {Eb, Gb}, M | B}, [0x85] = {OP_TEST, {Ev, Gv}, M},
	[0x86] = {OP_XCHG, {Eb, Gb}, M | B}, [0x87] = {OP_XCHG, {Ev, Gv}, M},
	[0x88] = {OP_MOV, {Eb, Gb}, M | B}, [0x89] = {OP_MOV, {Ev, Gv}, M},
	[0x8a] = {OP_MOV, {Gb, Eb}, M | B}, [0x8b] = {OP_MOV, {Gv, Ev}, M},
	[0x8c] = {OP_MOV, {EvMw, Sw}, M},
	[0x8d] = {OP_LEA, {Gv, M0}, MEM},
	[0x8e] = {OP_MOV, {Sw, Ew}, M | SP},
	[0x8f] = {GRP_1A, {NO}, G},
	[0x90] = {OP_NOP, {NO}, SP},
	[0x91 ... 0x97] = {OP_XCHG, {Zv, rAX}, 0},
	[0x98] = {OP_CBW, {NO}, 0},
	[0x99] = {OP_CWD, {NO}, 0},
	[0x9a] = {OP_CALLF, {Ap}, I64},
	[0x9b] = {OP_FWAIT, {NO}, 0},
	[0x9c] = {OP_PUSHF, {NO}, D64},
	[0x9d] = {OP_POPF, {NO}, D64},
	[0x9e] = {OP_SAHF, {NO}, 0},
	[0x9f] = {OP_LAHF, {NO}, 0},
	[0xa0] = {OP_MOV, {AL, Ob}, B}, [0xa1] = {OP_MOV, {rAX, Ov}, 0},
	[0xa2] = {OP_MOV, {Ob, AL}, B}, [0xa3] = {OP_MOV, {Ov, rAX}, 0},
	[0xa4] = {OP_MOVS, {NO}, B}, [0xa5] = {OP_MOVS, {NO}, 0},
	[0xa6] = {OP_CMPS, {NO}, B}, [0xa7] = {OP_CMPS, {NO}, 0},
	[0xa8] = {OP_TEST, {AL, Is}, B}, [0xa9] = {OP_TEST, {rAX, Iz}, 0},
	[0xaa] = {OP_STOS, {NO}, B}, [0xab] = {OP_STOS, {NO}, 0},
	[0xac] = {OP_LODS, {NO}, B}, [0xad] = {OP_LODS, {NO}, 0},
	[0xae] = {OP_SCAS, {NO}, B}, [0xaf] = {OP_SCAS, {NO}, 0},
	[0xb0 ... 0xb7] = {OP_MOV, {Zb, Is}, B},
	[0xb8 ... 0xbf] = {OP_MOV, {Zv, Iv}, 0},
	[0xc0] = {GRP_2_Eb_Ib, {NO}, G}, [0xc1] = {GRP_2_Ev_Ib, {NO}, G},
	[0xc2] = {OP_RET, {Iw}, F64}, [0xc3] = {OP_RET, {NO}, F64},
	[0xc4] = {OP_LES, {Gv, Mp}, MEM | I64}, [0xc5] = {OP_LDS, {Gv, Mp}, MEM | I64},
	[0xc6] = {GRP_11_Eb_Ib, {NO}, G}, [0xc7] = {GRP_11_Ev_Iz, {NO}, G},
	[0xc8] = {OP_ENTER, {Iw, Il}, D64},
	[0xc9] = {OP_LEAVE, {NO}, D64},
	[0xca] = {OP_RETF, {Iw}, 0}, [0xcb] = {OP_RETF, {NO}, 0},
	[0xcc] = {OP_INT3, {NO}, 0},
	[0xcd] = {OP_INT, {Ib}, 0},
	[0xce] = {OP_INTO, {NO}, I64},
	[0xcf] = {OP_IRET, {NO}, 0},
	[0xd0] = {GRP_2_Eb_1, {NO}, G}, [0xd1] = {GRP_2_Ev_1, {NO}, G},
	[0xd2] = {GRP_2_Eb_CL, {NO}, G}, [0xd3] = {GRP_2_Ev_CL, {NO}, G},
	[0xd4] = {OP_AAM, {Ib}, B | I64},
	[0xd5] = {OP_AAD, {Ib}, B | I64},
	[0xd6] = {OP_SALC, {NO}, B | I64},
	[0xd7] = {OP_XLAT, {NO}, B},
	[0xd8 ... 0xdf] = {OP_X87, {NO}, M | SP},
	[0xe0] = {OP_LOOPNE, {Jb}, F64}, [0xe1] = {OP_LOOPE, {Jb}, F64},
	[0xe2] = {OP_LOOP, {Jb}, F64}, [0xe3] = {OP_JCXZ, {Jb}, F64},
	[0xe4] = {OP_IN, {AL, Ib}, B}, [0xe5] = {OP_IN, {eAX, Ib}, S32},
	[0xe6] = {OP_OUT, {Ib, AL}, B}, [0xe7] = {OP_OUT, {Ib, eAX}, S32},
	[0xe8] = {OP_CALL, {Jz}, F64},
	[0xe9] = {OP_JMP, {Jz}, F64},
	[0xea] = {OP_JMPF, {Ap}, I64},
	[0xeb] = {OP_JMP, {Jb}, F64},
	[0xec] = {OP_IN, {AL, DX}, B}, [0xed] = {OP_IN, {eAX, DX}, S32},
	[0xee] = {OP_OUT, {DX, AL}, B}, [0xef] = {OP_OUT, {DX, eAX}, S32},
	[0xf1] = {OP_INT1, {NO}, 0},
	[0xf4] = {OP_HLT, {NO}, 0},
	[0xf5] = {OP_CMC, {NO}, 0},
	[0xf6] = {GRP_3_Eb, {NO}, G}, [0xf7] = {GRP_3_Ev, {NO}, G},
	[0xf8] = {OP_CLC, {NO}, 0}, [0xf9] = {OP_STC, {NO}, 0},
	[0xfa] = {OP_CLI, {NO}, 0}, [0xfb] = {OP_STI, {NO}, 0},
	[0xfc] = {OP_CLD, {NO}, 0}, [0xfd] = {OP_STD, {NO}, 0},
	[0xfe] = {GRP_4, {NO}, G},
	[0xff] = {GRP_5, {NO}, G},
};

const struct decode_entry decode_movsxd = {OP_MOVSXD, {Gv, Ed}, M};

const uint8_t decode_x87_mem[8][8] = {
	/* D8 */ {4, 4, 4, 4, 4, 4, 4, 4},
	/* D9 */ {4, X87_BAD, 4, 4, X87_ENV, 2, X87_ENV, 2},
	/* DA */ {4, 4, 4, 4, 4, 4, 4, 4},
	/* DB */ {4, 4, 4, 4, X87_BAD, 10, X87_BAD, 10},
	/* DC */ {8, 8, 8, 8, 8, 8, 8, 8},
	/* DD */ {8, 8, 8, 8, X87_STATE, X87_BAD, X87_STATE, 2},
	/* DE */ {2, 2, 2, 2, 2, 2, 2, 2},
	/* DF */ {2, 2, 2, 2, 10, 8, 10, 8},
};

/* The undocumented aliases that every CPU since the 387 has (DC D0, DC D8, DD C8, DE D0, DF C8, DF D0, DF D8, D9 D8; FFREEP) are in. */
const uint8_t decode_x87_reg[8][8] = {
	/* D8 */ {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	/* D9 */ {0xff, 0xff, 0x01, 0xff, 0x33, 0x7f, 0xff, 0xff},
	/* DA */ {0xff, 0xff, 0xff, 0xff, 0x00, 0x02, 0x00, 0x00},
	/* DB */ {0xff, 0xff, 0xff, 0xff, 0x1f, 0xff, 0xff, 0x00},
	/* DC */ {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	/* DD */ {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00},
	/* DE */ {0xff, 0xff, 0xff, 0x02, 0xff, 0xff, 0xff, 0xff},
	/* DF */ {0xff, 0xff, 0xff, 0xff, 0x01, 0xff, 0xff, 0x00},
};
