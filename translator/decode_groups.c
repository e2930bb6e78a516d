/*
 * The opcode groups: operations chosen by ModRM.reg.
 */
#include "translator/decode_groups.h"
#include "translator/decode_tables.h"
#include "translator/opcodes.h"

enum {
	M = DEC_MODRM, B = DEC_BYTE, MEM = DEC_MODRM | DEC_MEM, REG = DEC_MODRM | DEC_REG, D64 = DEC_STACK64, F64 = DEC_NEAR64,
	SP = DEC_SPECIAL, O64 = DEC_ONLY64,
};

#define GROUP_1(name, e, i, flags) \
	static const struct decode_entry name[8] = { \
		{OP_ADD, {e, i}, flags}, {OP_OR, {e, i}, flags}, {OP_ADC, {e, i}, flags}, {OP_SBB, {e, i}, flags}, \
		{OP_AND, {e, i}, flags}, {OP_SUB, {e, i}, flags}, {OP_XOR, {e, i}, flags}, {OP_CMP, {e, i}, flags}, \
	}
GROUP_1(grp1_eb_ib, Eb, Is, M | B);
GROUP_1(grp1_ev_iz, Ev, Iz, M);
GROUP_1(grp1_ev_is, Ev, Is, M);

static const struct decode_entry grp1a[8] = {{OP_POP, {Ev}, M | D64}};

#define GROUP_2(name, e, i, flags) \
	static const struct decode_entry name[8] = { \
		{OP_ROL, {e, i}, flags}, {OP_ROR, {e, i}, flags}, {OP_RCL, {e, i}, flags}, {OP_RCR, {e, i}, flags}, \
		{OP_SHL, {e, i}, flags}, {OP_SHR, {e, i}, flags}, {OP_SHL, {e, i}, flags}, {OP_SAR, {e, i}, flags}, \
	}
GROUP_2(grp2_eb_ib, Eb, Ib, M | B);
GROUP_2(grp2_ev_ib, Ev, Ib, M);
GROUP_2(grp2_eb_1, Eb, I1, M | B);
GROUP_2(grp2_ev_1, Ev, I1, M);
GROUP_2(grp2_eb_cl, Eb, CL, M | B);
GROUP_2(grp2_ev_cl, Ev, CL, M);

#define GROUP_3(name, e, i, flags) \
	static const struct decode_entry name[8] = { \
		{OP_TEST, {e, i}, flags}, {OP_TEST, {e, i}, flags}, {OP_NOT, {e}, flags}, {OP_NEG, {e}, flags}, \
		{OP_MUL, {e}, flags}, {OP_IMUL, {e}, flags}, {OP_DIV, {e}, flags}, {OP_IDIV, {e}, flags}, \
	}
GROUP_3(grp3_eb, Eb, Is, M | B);
GROUP_3(grp3_ev, Ev, Iz, M);

static const struct decode_entry grp4[8] = {{OP_INC, {Eb}, M | B}, {OP_DEC, {Eb}, M | B}};

static const struct decode_entry grp5[8] = {
	{OP_INC, {Ev}, M}, {OP_DEC, {Ev}, M}, {OP_CALL, {Ev}, M | F64}, {OP_CALLF, {Mp}, MEM},
	{OP_JMP, {Ev}, M | F64}, {OP_JMPF, {Mp}, MEM}, {OP_PUSH, {Ev}, M | D64},
};

static const struct decode_entry grp6[8] = {
	{OP_SLDT, {EvMw}, M}, {OP_STR, {EvMw}, M}, {OP_LLDT, {Ew}, M}, {OP_LTR, {Ew}, M}, {OP_VERR, {Ew}, M}, {OP_VERW, {Ew}, M},
};

static const struct decode_entry grp7_mem[8] = {
	{OP_SGDT, {Ms}, M}, {OP_SIDT, {Ms}, M}, {OP_LGDT, {Ms}, M}, {OP_LIDT, {Ms}, M},
	{OP_SMSW, {EvMw}, M}, [6] = {OP_LMSW, {Ew}, M}, {OP_INVLPG, {M0}, M},
};
static const struct decode_entry grp7_reg[8] = {
	[2] = {OP_XGETBV, {NO}, M | SP}, [4] = {OP_SMSW, {EvMw}, M}, [6] = {OP_LMSW, {Ew}, M}, {OP_SWAPGS, {NO}, M | SP},
};

static const struct decode_entry grp8[8] = {
	[4] = {OP_BT, {Ev, Ib}, M}, {OP_BTS, {Ev, Ib}, M}, {OP_BTR, {Ev, Ib}, M}, {OP_BTC, {Ev, Ib}, M},
};

static const struct decode_entry grp9[8] = {[1] = {OP_CMPXCHG8B, {Mq}, MEM | SP}};

static const struct decode_entry grp11_eb_ib[8] = {{OP_MOV, {Eb, Is}, M | B}};
static const struct decode_entry grp11_ev_iz[8] = {{OP_MOV, {Ev, Iz}, M}};

static const struct decode_entry grp12_mmx[8] = {
	[2] = {OP_PSRLW, {Qq, Ib}, REG}, [4] = {OP_PSRAW, {Qq, Ib}, REG}, [6] = {OP_PSLLW, {Qq, Ib}, REG},
};
static const struct decode_entry grp12_xmm[8] = {
	[2] = {OP_PSRLW, {Wx, Ib}, REG}, [4] = {OP_PSRAW, {Wx, Ib}, REG}, [6] = {OP_PSLLW, {Wx, Ib}, REG},
};
static const struct decode_entry grp13_mmx[8] = {
	[2] = {OP_PSRLD, {Qq, Ib}, REG}, [4] = {OP_PSRAD, {Qq, Ib}, REG}, [6] = {OP_PSLLD, {Qq, Ib}, REG},
};
static const struct decode_entry grp13_xmm[8] = {
	[2] = {OP_PSRLD, {Wx, Ib}, REG}, [4] = {OP_PSRAD, {Wx, Ib}, REG}, [6] = {OP_PSLLD, {Wx, Ib}, REG},
};
static const struct decode_entry grp14_mmx[8] = {[2] = {OP_PSRLQ, {Qq, Ib}, REG}, [6] = {OP_PSLLQ, {Qq, Ib}, REG}};
static const struct decode_entry grp14_xmm[8] = {
	[2] = {OP_PSRLQ, {Wx, Ib}, REG}, {OP_PSRLDQ, {Wx, Ib}, REG}, [6] = {OP_PSLLQ, {Wx, Ib}, REG}, {OP_PSLLDQ, {Wx, Ib}, REG},
};

static const struct decode_entry grp15_mem[8] = {
	{OP_FXSAVE, {M512}, M}, {OP_FXRSTOR, {M512}, M}, {OP_LDMXCSR, {Md}, M}, {OP_STMXCSR, {Md}, M},
	{OP_XSAVE, {M576}, M}, {OP_XRSTOR, {M576}, M}, {OP_XSAVEOPT, {M576}, M}, {OP_CLFLUSH, {Mb}, M},
};
static const struct decode_entry grp15_reg[8] = {
	[5] = {OP_LFENCE, {NO}, M}, {OP_MFENCE, {NO}, M}, {OP_SFENCE, {NO}, M},
};

static const struct decode_entry grp15_f3_mem[8];
static const struct decode_entry grp15_f3_reg[8] = {
	{OP_RDFSBASE, {Ey}, M | O64}, {OP_RDGSBASE, {Ey}, M | O64}, {OP_WRFSBASE, {Ey}, M | O64}, {OP_WRGSBASE, {Ey}, M | O64},
};

static const struct decode_entry movlps_mem[8] = {[0 ... 7] = {OP_MOVLPS, {Vx, Wq}, M}};
static const struct decode_entry movlps_reg[8] = {[0 ... 7] = {OP_MOVHLPS, {Vx, Wx}, M}};
static const struct decode_entry movhps_mem[8] = {[0 ... 7] = {OP_MOVHPS, {Vx, Wq}, M}};
static const struct decode_entry movhps_reg[8] = {[0 ... 7] = {OP_MOVLHPS, {Vx, Wx}, M}};

const struct decode_group decode_groups[GRP_COUNT] = {
	[GRP_1_Eb_Ib] = {grp1_eb_ib, grp1_eb_ib},
	[GRP_1_Ev_Iz] = {grp1_ev_iz, grp1_ev_iz},
	[GRP_1_Ev_Is] = {grp1_ev_is, grp1_ev_is},
	[GRP_1A] = {grp1a, grp1a},
	[GRP_2_Eb_Ib] = {grp2_eb_ib, grp2_eb_ib},
	[GRP_2_Ev_Ib] = {grp2_ev_ib, grp2_ev_ib},
	[GRP_2_Eb_1] = {grp2_eb_1, grp2_eb_1},
	[GRP_2_Ev_1] = {grp2_ev_1, grp2_ev_1},
	[GRP_2_Eb_CL] = {grp2_eb_cl, grp2_eb_cl},
	[GRP_2_Ev_CL] = {grp2_ev_cl, grp2_ev_cl},
	[GRP_3_Eb] = {grp3_eb, grp3_eb},
	[GRP_3_Ev] = {grp3_ev, grp3_ev},
	[GRP_4] = {grp4, grp4},
	[GRP_5] = {grp5, grp5},
	[GRP_6] = {grp6, grp6},
	[GRP_7] = {grp7_mem, grp7_reg},
	[GRP_8] = {grp8, grp8},
	[GRP_9] = {grp9, grp9},
	[GRP_11_Eb_Ib] = {grp11_eb_ib, grp11_eb_ib},
	[GRP_11_Ev_Iz] = {grp11_ev_iz, grp11_ev_iz},
	[GRP_12_MMX] = {grp12_mmx, grp12_mmx},
	[GRP_12_XMM] = {grp12_xmm, grp12_xmm},
	[GRP_13_MMX] = {grp13_mmx, grp13_mmx},
	[GRP_13_XMM] = {grp13_xmm, grp13_xmm},
	[GRP_14_MMX] = {grp14_mmx, grp14_mmx},
	[GRP_14_XMM] = {grp14_xmm, grp14_xmm},
	[GRP_15] = {grp15_mem, grp15_reg},
	[GRP_15_F3] = {grp15_f3_mem, grp15_f3_reg},
	[GRP_MOVLPS] = {movlps_mem, movlps_reg},
	[GRP_MOVHPS] = {movhps_mem, movhps_reg},
};
