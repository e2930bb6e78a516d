/*
 * The two-byte opcode map, 0F xx. What CPUID does not offer raises #UD like everything undefined.
 */
#include "translator/decode_tables.h"
#include "translator/decode_groups.h"
#include "translator/opcodes.h"

enum {
	M = DEC_MODRM, B = DEC_BYTE, G = DEC_GROUP, MEM = DEC_MODRM | DEC_MEM, REG = DEC_MODRM | DEC_REG, D64 = DEC_STACK64,
	F64 = DEC_NEAR64, SP = DEC_SPECIAL, O64 = DEC_ONLY64, P = DEC_PREFIX,
};

/* An MMX operation whose 66 form does the same on XMM registers: the row of one map. */
#define MMX(op) {op, {Pq, Qq}, M | P}
#define XMM(op) {op, {Vx, Wx}, M}
/* Packed operations P (no prefix) and XMM (66). */
#define INTEGER_ROWS(ROW) \
	[0x63] = ROW(OP_PACKSSWB), [0x64] = ROW(OP_PCMPGTB), [0x65] = ROW(OP_PCMPGTW), [0x66] = ROW(OP_PCMPGTD), \
	[0x67] = ROW(OP_PACKUSWB), [0x68] = ROW(OP_PUNPCKHBW), [0x69] = ROW(OP_PUNPCKHWD), [0x6a] = ROW(OP_PUNPCKHDQ), \
	[0x6b] = ROW(OP_PACKSSDW), [0x74] = ROW(OP_PCMPEQB), [0x75] = ROW(OP_PCMPEQW), [0x76] = ROW(OP_PCMPEQD), \
	[0xd1] = ROW(OP_PSRLW), [0xd2] = ROW(OP_PSRLD), [0xd3] = ROW(OP_PSRLQ), [0xd4] = ROW(OP_PADDQ), [0xd5] = ROW(OP_PMULLW), \
	[0xd8] = ROW(OP_PSUBUSB), [0xd9] = ROW(OP_PSUBUSW), [0xda] = ROW(OP_PMINUB), [0xdb] = ROW(OP_PAND), \
	[0xdc] = ROW(OP_PADDUSB), [0xdd] = ROW(OP_PADDUSW), [0xde] = ROW(OP_PMAXUB), [0xdf] = ROW(OP_PANDN), \
	[0xe0] = ROW(OP_PAVGB), [0xe1] = ROW(OP_PSRAW), [0xe2] = ROW(OP_PSRAD), [0xe3] = ROW(OP_PAVGW), \
	[0xe4] = ROW(OP_PMULHUW), [0xe5] = ROW(OP_PMULHW), [0xe8] = ROW(OP_PSUBSB), [0xe9] = ROW(OP_PSUBSW), \
	[0xea] = ROW(OP_PMINSW), [0xeb] = ROW(OP_POR), [0xec] = ROW(OP_PADDSB), [0xed] = ROW(OP_PADDSW), \
	[0xee] = ROW(OP_PMAXSW), [0xef] = ROW(OP_PXOR), [0xf1] = ROW(OP_PSLLW), [0xf2] = ROW(OP_PSLLD), [0xf3] = ROW(OP_PSLLQ), \
	[0xf4] = ROW(OP_PMULUDQ), [0xf5] = ROW(OP_PMADDWD), [0xf6] = ROW(OP_PSADBW), [0xf8] = ROW(OP_PSUBB), \
	[0xf9] = ROW(OP_PSUBW), [0xfa] = ROW(OP_PSUBD), [0xfb] = ROW(OP_PSUBQ), [0xfc] = ROW(OP_PADDB), [0xfd] = ROW(OP_PADDW), \
	[0xfe] = ROW(OP_PADDD)

/* Rows without an operation that lead to the prefix maps. */
#define PREFIXED {OP_INVALID, {NO}, P}

const struct decode_entry decode_two_byte[MAP_COUNT][256] = {
	[MAP_NONE] = {
		[0x00] = {GRP_6, {NO}, G},
		[0x01] = {GRP_7, {NO}, G},
		[0x02] = {OP_LAR, {Gv, Ew}, M},
		[0x03] = {OP_LSL, {Gv, Ew}, M},
		[0x05] = {OP_SYSCALL, {NO}, O64},
		[0x06] = {OP_CLTS, {NO}, 0},
		[0x07] = {OP_SYSRET, {NO}, O64},
		[0x08] = {OP_INVD, {NO}, 0},
		[0x09] = {OP_WBINVD, {NO}, 0},
		[0x0d] = {OP_NOP, {M0}, M},
		[0x10] = {OP_MOVUPS, {Vx, Wx}, M | P}, [0x11] = {OP_MOVUPS, {Wx, Vx}, M | P},
		[0x12] = {GRP_MOVLPS, {NO}, G | P}, [0x13] = {OP_MOVLPS, {Wq, Vx}, MEM | P},
		[0x14] = {OP_UNPCKLPS, {Vx, Wx}, M | P}, [0x15] = {OP_UNPCKHPS, {Vx, Wx}, M | P},
		[0x16] = {GRP_MOVHPS, {NO}, G | P}, [0x17] = {OP_MOVHPS, {Wq, Vx}, MEM | P},
		[0x18 ... 0x1f] = {OP_NOP, {M0}, M},
		[0x20] = {OP_MOV_FROM_CR, {Ry, Cr}, M | SP}, [0x21] = {OP_MOV_FROM_DR, {Ry, Dr}, M},
		[0x22] = {OP_MOV_CR, {Cr, Ry}, M | SP}, [0x23] = {OP_MOV_DR, {Dr, Ry}, M},
		[0x28] = {OP_MOVAPS, {Vx, Wx}, M | P}, [0x29] = {OP_MOVAPS, {Wx, Vx}, M | P},
		[0x2a] = {OP_CVTPI2PS, {Vx, Qq}, M | P},
		[0x2b] = {OP_MOVNTPS, {Wx, Vx}, MEM | P},
		[0x2c] = {OP_CVTTPS2PI, {Pq, Wq}, M | P}, [0x2d] = {OP_CVTPS2PI, {Pq, Wq}, M | P},
		[0x2e] = {OP_UCOMISS, {Vx, Wd}, M | P}, [0x2f] = {OP_COMISS, {Vx, Wd}, M | P},
		[0x30] = {OP_WRMSR, {NO}, 0},
		[0x31] = {OP_RDTSC, {NO}, 0},
		[0x32] = {OP_RDMSR, {NO}, 0},
		[0x33] = {OP_RDPMC, {NO}, 0},
		[0x34] = {OP_SYSENTER, {NO}, 0},
		[0x35] = {OP_SYSEXIT, {NO}, 0},
		[0x40 ... 0x4f] = {OP_CMOVCC, {Gv, Ev}, M},
		[0x50] = {OP_MOVMSKPS, {Gd, Wx}, REG | P},
		[0x51] = {OP_SQRTPS, {Vx, Wx}, M | P},
		[0x52] = {OP_RSQRTPS, {Vx, Wx}, M | P}, [0x53] = {OP_RCPPS, {Vx, Wx}, M | P},
		[0x54] = {OP_ANDPS, {Vx, Wx}, M | P}, [0x55] = {OP_ANDNPS, {Vx, Wx}, M | P},
		[0x56] = {OP_ORPS, {Vx, Wx}, M | P}, [0x57] = {OP_XORPS, {Vx, Wx}, M | P},
		[0x58] = {OP_ADDPS, {Vx, Wx}, M | P}, [0x59] = {OP_MULPS, {Vx, Wx}, M | P},
		[0x5a] = {OP_CVTPS2PD, {Vx, Wq}, M | P}, [0x5b] = {OP_CVTDQ2PS, {Vx, Wx}, M | P},
		[0x5c] = {OP_SUBPS, {Vx, Wx}, M | P}, [0x5d] = {OP_MINPS, {Vx, Wx}, M | P},
		[0x5e] = {OP_DIVPS, {Vx, Wx}, M | P}, [0x5f] = {OP_MAXPS, {Vx, Wx}, M | P},
		[0x60] = {OP_PUNPCKLBW, {Pq, Qd}, M | P}, [0x61] = {OP_PUNPCKLWD, {Pq, Qd}, M | P},
		[0x62] = {OP_PUNPCKLDQ, {Pq, Qd}, M | P},
		[0x6c ... 0x6d] = PREFIXED,
		[0x6e] = {OP_MOVD, {Pq, Ey}, M | P}, [0x6f] = {OP_MOVQ, {Pq, Qq}, M | P},
		[0x70] = {OP_PSHUFW, {Pq, Qq, Ib}, M | P},
		[0x71] = {GRP_12_MMX, {NO}, G | P}, [0x72] = {GRP_13_MMX, {NO}, G | P}, [0x73] = {GRP_14_MMX, {NO}, G | P},
		[0x77] = {OP_EMMS, {NO}, P},
		[0x7c ... 0x7d] = PREFIXED,
		[0x7e] = {OP_MOVD, {Ey, Pq}, M | P}, [0x7f] = {OP_MOVQ, {Qq, Pq}, M | P},
		[0x80 ... 0x8f] = {OP_JCC, {Jz}, F64},
		[0x90 ... 0x9f] = {OP_SETCC, {Eb}, M | B},
		[0xa0] = {OP_PUSH, {fFS}, D64}, [0xa1] = {OP_POP, {fFS}, D64},
		[0xa2] = {OP_CPUID, {NO}, 0},
		[0xa3] = {OP_BT, {Ev, Gv}, M},
		[0xa4] = {OP_SHLD, {Ev, Gv, Ib}, M}, [0xa5] = {OP_SHLD, {Ev, Gv, CL}, M},
		[0xa8] = {OP_PUSH, {fGS}, D64}, [0xa9] = {OP_POP, {fGS}, D64},
		[0xaa] = {OP_RSM, {NO}, 0},
		[0xab] = {OP_BTS, {Ev, Gv}, M},
		[0xac] = {OP_SHRD, {Ev, Gv, Ib}, M}, [0xad] = {OP_SHRD, {Ev, Gv, CL}, M},
		[0xae] = {GRP_15, {NO}, G | P},
		[0xaf] = {OP_IMUL, {Gv, Ev}, M},
		[0xb0] = {OP_CMPXCHG, {Eb, Gb}, M | B}, [0xb1] = {OP_CMPXCHG, {Ev, Gv}, M},
		[0xb2] = {OP_LSS, {Gv, Mp}, MEM},
		[0xb3] = {OP_BTR, {Ev, Gv}, M},
		[0xb4] = {OP_LFS, {Gv, Mp}, MEM}, [0xb5] = {OP_LGS, {Gv, Mp}, MEM},
		[0xb6] = {OP_MOVZX, {Gv, Eb}, M}, [0xb7] = {OP_MOVZX, {Gv, Ew}, M},
		[0xb8] = PREFIXED,
		[0xb9] = {OP_UD, {Gv, Ev}, M},
		[0xba] = {GRP_8, {NO}, G},
		[0xbb] = {OP_BTC, {Ev, Gv}, M},
		[0xbc] = {OP_BSF, {Gv, Ev}, M}, [0xbd] = {OP_BSR, {Gv, Ev}, M},
		[0xbe] = {OP_MOVSX, {Gv, Eb}, M}, [0xbf] = {OP_MOVSX, {Gv, Ew}, M},
		[0xc0] = {OP_XADD, {Eb, Gb}, M | B}, [0xc1] = {OP_XADD, {Ev, Gv}, M},
		[0xc2] = {OP_CMPPS, {Vx, Wx, Ib}, M | P},
		[0xc3] = {OP_MOVNTI, {My, Gy}, MEM | P},
		[0xc4] = {OP_PINSRW, {Pq, EdMw, Ib}, M | P},
		[0xc5] = {OP_PEXTRW, {Gd, Qq, Ib}, REG | P},
		[0xc6] = {OP_SHUFPS, {Vx, Wx, Ib}, M | P},
		[0xc7] = {GRP_9, {NO}, G},
		[0xc8 ... 0xcf] = {OP_BSWAP, {Zv}, 0},
		[0xd0] = PREFIXED,
		[0xd6] = PREFIXED,
		[0xd7] = {OP_PMOVMSKB, {Gd, Qq}, REG | P},
		[0xe6] = PREFIXED,
		[0xe7] = {OP_MOVNTQ, {Qq, Pq}, MEM | P},
		[0xf0] = PREFIXED,
		[0xf7] = {OP_MASKMOVQ, {Pq, Qq}, REG | P},
		INTEGER_ROWS(MMX),
	},
	[MAP_66] = {
		[0x10] = {OP_MOVUPD, {Vx, Wx}, M}, [0x11] = {OP_MOVUPD, {Wx, Vx}, M},
		[0x12] = {OP_MOVLPD, {Vx, Wq}, MEM}, [0x13] = {OP_MOVLPD, {Wq, Vx}, MEM},
		[0x14] = XMM(OP_UNPCKLPD), [0x15] = XMM(OP_UNPCKHPD),
		[0x16] = {OP_MOVHPD, {Vx, Wq}, MEM}, [0x17] = {OP_MOVHPD, {Wq, Vx}, MEM},
		[0x28] = {OP_MOVAPD, {Vx, Wx}, M}, [0x29] = {OP_MOVAPD, {Wx, Vx}, M},
		[0x2a] = {OP_CVTPI2PD, {Vx, Qq}, M},
		[0x2b] = {OP_MOVNTPD, {Wx, Vx}, MEM},
		[0x2c] = {OP_CVTTPD2PI, {Pq, Wx}, M}, [0x2d] = {OP_CVTPD2PI, {Pq, Wx}, M},
		[0x2e] = {OP_UCOMISD, {Vx, Wq}, M}, [0x2f] = {OP_COMISD, {Vx, Wq}, M},
		[0x50] = {OP_MOVMSKPD, {Gd, Wx}, REG},
		[0x51] = XMM(OP_SQRTPD),
		[0x54] = XMM(OP_ANDPD), [0x55] = XMM(OP_ANDNPD), [0x56] = XMM(OP_ORPD), [0x57] = XMM(OP_XORPD),
		[0x58] = XMM(OP_ADDPD), [0x59] = XMM(OP_MULPD), [0x5a] = XMM(OP_CVTPD2PS), [0x5b] = XMM(OP_CVTPS2DQ),
		[0x5c] = XMM(OP_SUBPD), [0x5d] = XMM(OP_MINPD), [0x5e] = XMM(OP_DIVPD), [0x5f] = XMM(OP_MAXPD),
		[0x60] = XMM(OP_PUNPCKLBW), [0x61] = XMM(OP_PUNPCKLWD), [0x62] = XMM(OP_PUNPCKLDQ),
		[0x6c] = XMM(OP_PUNPCKLQDQ), [0x6d] = XMM(OP_PUNPCKHQDQ),
		[0x6e] = {OP_MOVD, {Vx, Ey}, M}, [0x6f] = XMM(OP_MOVDQA),
		[0x70] = {OP_PSHUFD, {Vx, Wx, Ib}, M},
		[0x71] = {GRP_12_XMM, {NO}, G}, [0x72] = {GRP_13_XMM, {NO}, G}, [0x73] = {GRP_14_XMM, {NO}, G},
		[0x7c] = XMM(OP_HADDPD), [0x7d] = XMM(OP_HSUBPD),
		[0x7e] = {OP_MOVD, {Ey, Vx}, M}, [0x7f] = {OP_MOVDQA, {Wx, Vx}, M},
		[0xc2] = {OP_CMPPD, {Vx, Wx, Ib}, M},
		[0xc4] = {OP_PINSRW, {Vx, EdMw, Ib}, M},
		[0xc5] = {OP_PEXTRW, {Gd, Wx, Ib}, REG},
		[0xc6] = {OP_SHUFPD, {Vx, Wx, Ib}, M},
		[0xd0] = XMM(OP_ADDSUBPD),
		[0xd6] = {OP_MOVQ, {Wq, Vx}, M},
		[0xd7] = {OP_PMOVMSKB, {Gd, Wx}, REG},
		[0xe6] = XMM(OP_CVTTPD2DQ),
		[0xe7] = {OP_MOVNTDQ, {Wx, Vx}, MEM},
		[0xf7] = {OP_MASKMOVDQU, {Vx, Wx}, REG},
		INTEGER_ROWS(XMM),
	},
	[MAP_F3] = {
		[0x10] = {OP_MOVSS, {Vx, Wd}, M}, [0x11] = {OP_MOVSS, {Wd, Vx}, M},
		[0x12] = XMM(OP_MOVSLDUP), [0x16] = XMM(OP_MOVSHDUP),
		[0x2a] = {OP_CVTSI2SS, {Vx, Ey}, M},
		[0x2c] = {OP_CVTTSS2SI, {Gy, Wd}, M}, [0x2d] = {OP_CVTSS2SI, {Gy, Wd}, M},
		[0x51] = {OP_SQRTSS, {Vx, Wd}, M}, [0x52] = {OP_RSQRTSS, {Vx, Wd}, M}, [0x53] = {OP_RCPSS, {Vx, Wd}, M},
		[0x58] = {OP_ADDSS, {Vx, Wd}, M}, [0x59] = {OP_MULSS, {Vx, Wd}, M}, [0x5a] = {OP_CVTSS2SD, {Vx, Wd}, M},
		[0x5b] = XMM(OP_CVTTPS2DQ),
		[0x5c] = {OP_SUBSS, {Vx, Wd}, M}, [0x5d] = {OP_MINSS, {Vx, Wd}, M}, [0x5e] = {OP_DIVSS, {Vx, Wd}, M},
		[0x5f] = {OP_MAXSS, {Vx, Wd}, M},
		[0x6f] = XMM(OP_MOVDQU), [0x7f] = {OP_MOVDQU, {Wx, Vx}, M},
		[0x70] = {OP_PSHUFHW, {Vx, Wx, Ib}, M},
		[0x7e] = {OP_MOVQ, {Vx, Wq}, M},
		[0xae] = {GRP_15_F3, {NO}, G},
		[0xb8] = {OP_POPCNT, {Gv, Ev}, M},
		[0xc2] = {OP_CMPSS, {Vx, Wd, Ib}, M},
		[0xd6] = {OP_MOVQ2DQ, {Vx, Qq}, REG},
		[0xe6] = {OP_CVTDQ2PD, {Vx, Wq}, M},
	},
	[MAP_F2] = {
		[0x10] = {OP_MOVSD_X, {Vx, Wq}, M}, [0x11] = {OP_MOVSD_X, {Wq, Vx}, M},
		[0x12] = {OP_MOVDDUP, {Vx, Wq}, M},
		[0x2a] = {OP_CVTSI2SD, {Vx, Ey}, M},
		[0x2c] = {OP_CVTTSD2SI, {Gy, Wq}, M}, [0x2d] = {OP_CVTSD2SI, {Gy, Wq}, M},
		[0x51] = {OP_SQRTSD, {Vx, Wq}, M},
		[0x58] = {OP_ADDSD, {Vx, Wq}, M}, [0x59] = {OP_MULSD, {Vx, Wq}, M}, [0x5a] = {OP_CVTSD2SS, {Vx, Wq}, M},
		[0x5c] = {OP_SUBSD, {Vx, Wq}, M}, [0x5d] = {OP_MINSD, {Vx, Wq}, M}, [0x5e] = {OP_DIVSD, {Vx, Wq}, M},
		[0x5f] = {OP_MAXSD, {Vx, Wq}, M},
		[0x70] = {OP_PSHUFLW, {Vx, Wx, Ib}, M},
		[0x7c] = XMM(OP_HADDPS), [0x7d] = XMM(OP_HSUBPS),
		[0xc2] = {OP_CMPSD_X, {Vx, Wq, Ib}, M},
		[0xd0] = XMM(OP_ADDSUBPS),
		[0xd6] = {OP_MOVDQ2Q, {Pq, Wx}, REG},
		[0xe6] = XMM(OP_CVTPD2DQ),
		[0xf0] = {OP_LDDQU, {Vx, Wx}, MEM},
	},
};
