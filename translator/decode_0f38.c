/*
 * The three-byte opcode maps, 0F 38 xx and 0F 3A xx.
 */
#include "translator/decode_tables.h"
#include "translator/opcodes.h"

enum { M = DEC_MODRM, B = DEC_BYTE, MEM = DEC_MODRM | DEC_MEM };

/* An operation on MMX registers, and the same on XMM registers. */
#define MMX(op) {op, {Pq, Qq}, M}
#define XMM(op) {op, {Vx, Wx}, M}
/* Packed operations without a prefix and with 66. */
#define SSSE3_ROWS(ROW) \
	[0x00] = ROW(OP_PSHUFB), [0x01] = ROW(OP_PHADDW), [0x02] = ROW(OP_PHADDD), [0x03] = ROW(OP_PHADDSW), [0x04] = ROW(OP_PMADDUBSW), \
	[0x05] = ROW(OP_PHSUBW), [0x06] = ROW(OP_PHSUBD), [0x07] = ROW(OP_PHSUBSW), [0x08] = ROW(OP_PSIGNB), [0x09] = ROW(OP_PSIGNW), \
	[0x0a] = ROW(OP_PSIGND), [0x0b] = ROW(OP_PMULHRSW), [0x1c] = ROW(OP_PABSB), [0x1d] = ROW(OP_PABSW), [0x1e] = ROW(OP_PABSD)
#define MOVBE_ROWS [0xf0] = {OP_MOVBE, {Gv, Ev}, MEM}, [0xf1] = {OP_MOVBE, {Ev, Gv}, MEM}

const struct decode_entry decode_0f38[MAP_COUNT][256] = {
	[MAP_NONE] = {SSSE3_ROWS(MMX), MOVBE_ROWS},
	[MAP_66] = {
		SSSE3_ROWS(XMM),
		[0x10] = XMM(OP_PBLENDVB), [0x14] = XMM(OP_BLENDVPS), [0x15] = XMM(OP_BLENDVPD),
		[0x17] = XMM(OP_PTEST),
		[0x20] = {OP_PMOVSXBW, {Vx, Wq}, M}, [0x21] = {OP_PMOVSXBD, {Vx, Wd}, M}, [0x22] = {OP_PMOVSXBQ, {Vx, Ww}, M},
		[0x23] = {OP_PMOVSXWD, {Vx, Wq}, M}, [0x24] = {OP_PMOVSXWQ, {Vx, Wd}, M}, [0x25] = {OP_PMOVSXDQ, {Vx, Wq}, M},
		[0x28] = XMM(OP_PMULDQ), [0x29] = XMM(OP_PCMPEQQ),
		[0x2a] = {OP_MOVNTDQA, {Vx, Wx}, MEM},
		[0x2b] = XMM(OP_PACKUSDW),
		[0x30] = {OP_PMOVZXBW, {Vx, Wq}, M}, [0x31] = {OP_PMOVZXBD, {Vx, Wd}, M}, [0x32] = {OP_PMOVZXBQ, {Vx, Ww}, M},
		[0x33] = {OP_PMOVZXWD, {Vx, Wq}, M}, [0x34] = {OP_PMOVZXWQ, {Vx, Wd}, M}, [0x35] = {OP_PMOVZXDQ, {Vx, Wq}, M},
		[0x37] = XMM(OP_PCMPGTQ),
		[0x38] = XMM(OP_PMINSB), [0x39] = XMM(OP_PMINSD), [0x3a] = XMM(OP_PMINUW), [0x3b] = XMM(OP_PMINUD),
		[0x3c] = XMM(OP_PMAXSB), [0x3d] = XMM(OP_PMAXSD), [0x3e] = XMM(OP_PMAXUW), [0x3f] = XMM(OP_PMAXUD),
		[0x40] = XMM(OP_PMULLD), [0x41] = XMM(OP_PHMINPOSUW),
		[0x82] = {OP_INVPCID, {Gn, Mx}, MEM},
		[0xdb] = XMM(OP_AESIMC), [0xdc] = XMM(OP_AESENC), [0xdd] = XMM(OP_AESENCLAST),
		[0xde] = XMM(OP_AESDEC), [0xdf] = XMM(OP_AESDECLAST),
		MOVBE_ROWS,
	},
	[MAP_F2] = {[0xf0] = {OP_CRC32, {Gy, Eb}, M | B}, [0xf1] = {OP_CRC32, {Gy, Ev}, M}},
};

const struct decode_entry decode_0f3a[MAP_COUNT][256] = {
	[MAP_NONE] = {[0x0f] = {OP_PALIGNR, {Pq, Qq, Ib}, M}},
	[MAP_66] = {
		[0x08] = {OP_ROUNDPS, {Vx, Wx, Ib}, M}, [0x09] = {OP_ROUNDPD, {Vx, Wx, Ib}, M},
		[0x0a] = {OP_ROUNDSS, {Vx, Wd, Ib}, M}, [0x0b] = {OP_ROUNDSD, {Vx, Wq, Ib}, M},
		[0x0c] = {OP_BLENDPS, {Vx, Wx, Ib}, M}, [0x0d] = {OP_BLENDPD, {Vx, Wx, Ib}, M}, [0x0e] = {OP_PBLENDW, {Vx, Wx, Ib}, M},
		[0x0f] = {OP_PALIGNR, {Vx, Wx, Ib}, M},
		[0x14] = {OP_PEXTRB, {EdMb, Vx, Ib}, M}, [0x15] = {OP_PEXTRW, {EdMw, Vx, Ib}, M}, [0x16] = {OP_PEXTRD, {Ey, Vx, Ib}, M},
		[0x17] = {OP_EXTRACTPS, {Ed, Vx, Ib}, M},
		[0x20] = {OP_PINSRB, {Vx, EdMb, Ib}, M}, [0x21] = {OP_INSERTPS, {Vx, Wd, Ib}, M}, [0x22] = {OP_PINSRD, {Vx, Ey, Ib}, M},
		[0x40] = {OP_DPPS, {Vx, Wx, Ib}, M}, [0x41] = {OP_DPPD, {Vx, Wx, Ib}, M}, [0x42] = {OP_MPSADBW, {Vx, Wx, Ib}, M},
		[0x44] = {OP_PCLMULQDQ, {Vx, Wx, Ib}, M},
		[0x60] = {OP_PCMPESTRM, {Vx, Wx, Ib}, M}, [0x61] = {OP_PCMPESTRI, {Vx, Wx, Ib}, M},
		[0x62] = {OP_PCMPISTRM, {Vx, Wx, Ib}, M}, [0x63] = {OP_PCMPISTRI, {Vx, Wx, Ib}, M},
		[0xdf] = {OP_AESKEYGENASSIST, {Vx, Wx, Ib}, M},
	},
};
