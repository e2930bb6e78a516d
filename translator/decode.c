/*
 * The decoder: prefixes, opcode lookup in the tables of decode_tables.c, ModRM, operands.
 */
#include <stdbool.h>
#include <string.h>

#include "translator/cpu.h"
#include "translator/decode_groups.h"
#include "translator/decode_quick.h"
#include "translator/decode_tables.h"
#include "translator/insn.h"

/* What few instructions need stays out of the way of the others, and of their registers. */
#define SELDOM __attribute__((noinline, cold))

/*
 * Bytes are taken from `p`, 1, 2, 4 or 8 at a time, from a copy with zeroes behind it: enough of them for all that may follow prefixes. Whether more have
 * been taken than there are is looked at once, at the end.
 */
#define PADDED_LENGTH 32
struct decoder {
	struct insn *out;
	const uint8_t *p;
	int mode;
	bool opsize_prefix, addrsize_prefix;
	uint8_t mandatory; /* MAP_xxx chosen by 66, F3 and F2 */
};

static uint64_t take(struct decoder *d, unsigned n)
{
	const uint8_t *p = d->p;
	uint64_t v;
	uint32_t v4;
	uint16_t v2;

	d->p += n;
	switch (n) {
	case 1:
		return *p;
	case 2:
		memcpy(&v2, p, 2);
		return v2;
	case 4:
		memcpy(&v4, p, 4);
		return v4;
	default:
		memcpy(&v, p, 8);
		return v;
	}
}

static int64_t take_signed(struct decoder *d, unsigned n)
{
	unsigned shift = 64 - 8 * n;

	return (int64_t)(take(d, n) << shift) >> shift;
}

static void set_segment(struct decoder *d, int seg)
{
	if (d->mode == MODE64 && seg < SEG_FS)
		return;
	d->out->seg = seg;
	d->out->seg_override = 1;
}

/* Bit n of word k: byte 32 * k + n is a prefix in some mode. */
static const uint32_t prefix_bytes[8] = { 0, 1u << 6 | 1u << 14 | 1u << 22 | 1u << 30, 0xffff, 0xf << 4, 0, 0, 0, 1u << 16 | 3u << 18 };

/* Takes one prefix; false when the byte is none. A REX prefix counts only when the opcode follows it. */
static bool legacy_prefix(struct decoder *d, uint8_t byte)
{
	switch (byte) {
	case 0x26:
		set_segment(d, SEG_ES);
		break;
	case 0x2e:
		set_segment(d, SEG_CS);
		break;
	case 0x36:
		set_segment(d, SEG_SS);
		break;
	case 0x3e:
		set_segment(d, SEG_DS);
		break;
	case 0x64:
		set_segment(d, SEG_FS);
		break;
	case 0x65:
		set_segment(d, SEG_GS);
		break;
	case 0x66:
		d->opsize_prefix = true;
		break;
	case 0x67:
		d->addrsize_prefix = true;
		break;
	case 0xf0:
		d->out->lock = 1;
		break;
	case 0xf2:
		d->out->rep = REP_REPNE;
		break;
	case 0xf3:
		d->out->rep = REP_REP;
		break;
	default:
		return false;
	}
	return true;
}

/* Takes the prefixes that begin with this byte; returns the opcode behind them. */
static SELDOM uint8_t take_prefixes(struct decoder *d, uint8_t byte)
{
	for (;; byte = take(d, 1)) {
		if (d->mode == MODE64 && (byte & 0xf0) == 0x40)
			d->out->rex = byte;
		else if (legacy_prefix(d, byte))
			d->out->rex = 0;
		else
			return byte;
	}
}

/* The row of the current opcode in the map that 66, F3 or F2 selects. A prefix that does is no longer a REP. */
static const struct decode_entry *by_prefix(struct decoder *d, const struct decode_entry (*map)[256])
{
	if (d->out->rep != REP_NONE) {
		d->mandatory = d->out->rep == REP_REP ? MAP_F3 : MAP_F2;
		d->out->rep = REP_NONE;
	} else if (d->opsize_prefix) {
		d->mandatory = MAP_66;
	}
	return &map[d->mandatory][d->out->opcode];
}

static const struct decode_entry *lookup_three_byte(struct decoder *d, const struct decode_entry (*map)[256])
{
	d->out->opcode = take(d, 1);
	return by_prefix(d, map);
}

static SELDOM const struct decode_entry *lookup_two_byte(struct decoder *d)
{
	const struct decode_entry *e;

	d->out->opcode = take(d, 1);
	if (d->out->opcode == 0x38)
		return lookup_three_byte(d, decode_0f38);
	if (d->out->opcode == 0x3a)
		return lookup_three_byte(d, decode_0f3a);
	e = &decode_two_byte[MAP_NONE][d->out->opcode];
	return e->flags & DEC_PREFIX ? by_prefix(d, decode_two_byte) : e;
}

static const struct decode_entry *lookup(struct decoder *d)
{
	uint8_t byte = take(d, 1);

	if (prefix_bytes[byte / 32] >> byte % 32 & 1)
		byte = take_prefixes(d, byte);
	if (byte == 0x0f)
		return lookup_two_byte(d);
	d->out->opcode = byte;
	if (byte == 0x63 && d->mode == MODE64)
		return &decode_movsxd;
	return &decode_one_byte[byte];
}

/* ---- ModRM ---- */

static void default_segment(struct insn *out, int seg)
{
	if (!out->seg_override)
		out->seg = seg;
}

static SELDOM void take_memory16(struct decoder *d)
{
	static const struct { uint8_t base, index, seg; } form[8] = {
		{RBX, RSI, SEG_DS}, {RBX, RDI, SEG_DS}, {RBP, RSI, SEG_SS}, {RBP, RDI, SEG_SS},
		{RSI, REG_NONE, SEG_DS}, {RDI, REG_NONE, SEG_DS}, {RBP, REG_NONE, SEG_SS}, {RBX, REG_NONE, SEG_DS},
	};
	struct insn *out = d->out;
	int mod = out->modrm >> 6, rm = out->modrm & 7;

	if (mod == 0 && rm == 6) {
		out->disp = take_signed(d, 2);
		return;
	}
	out->base = form[rm].base;
	out->index = form[rm].index;
	default_segment(out, form[rm].seg);
	if (mod != 0)
		out->disp = take_signed(d, mod == 1 ? 1 : 2);
}

static void take_memory(struct decoder *d)
{
	if (d->out->modrm >= 0xc0)
		return;
	if (d->out->addrsize == 2)
		take_memory16(d);
	else
		d->p = decode_memory32(d->out, d->p, d->mode);
}

/* ---- sizes ---- */

static int operand_size(const struct decoder *d, unsigned flags)
{
	bool toggled = d->opsize_prefix;

	if (flags & DEC_BYTE)
		return 1;
	if (d->mode == MODE64) {
		if (flags & DEC_NEAR64)
			return 8;
		if (d->out->rex & 8) /* whatever 66 says */
			return flags & DEC_SIZE32 ? 4 : 8;
		if (toggled)
			return 2;
		return flags & DEC_STACK64 ? 8 : 4;
	}
	return (d->mode == MODE32) != toggled ? 4 : 2;
}

static int address_size(const struct decoder *d)
{
	if (!d->addrsize_prefix)
		return d->mode;
	return d->mode == MODE32 ? 2 : 4;
}

/* ---- operands ---- */

/* Which part of the encoding an operand stands in. */
enum source {
	FROM_RM, FROM_REG, FROM_OPCODE, FROM_FIXED, FROM_IMM, FROM_IMM_SIGNED, FROM_IMM_SIGNED_BYTE, FROM_ONE, FROM_LEVEL, FROM_REL,
	FROM_FAR, FROM_OFFSET,
};
/* Sizes that depend on the instruction. */
enum { SIZE_V = 0x400, SIZE_Z, SIZE_Y, SIZE_A, SIZE_P, SIZE_S, SIZE_NATURAL };

struct spec {
	uint8_t source;
	uint8_t kind;      /* of the register form */
	uint8_t reg;       /* FROM_FIXED */
	uint16_t size;     /* register form and immediates */
	uint16_t mem_size;
};

static const struct spec specs[SPEC_COUNT] = {
	[Eb] = {FROM_RM, OPD_GPR, 0, 1, 1}, [Ew] = {FROM_RM, OPD_GPR, 0, 2, 2}, [Ed] = {FROM_RM, OPD_GPR, 0, 4, 4},
	[Ev] = {FROM_RM, OPD_GPR, 0, SIZE_V, SIZE_V}, [Ey] = {FROM_RM, OPD_GPR, 0, SIZE_Y, SIZE_Y},
	[EvMw] = {FROM_RM, OPD_GPR, 0, SIZE_V, 2}, [EdMw] = {FROM_RM, OPD_GPR, 0, 4, 2},
	[EdMb] = {FROM_RM, OPD_GPR, 0, 4, 1},
	[Rv] = {FROM_RM, OPD_GPR, 0, SIZE_V, 0}, [Ry] = {FROM_RM, OPD_GPR, 0, SIZE_NATURAL, 0},
	[Gb] = {FROM_REG, OPD_GPR, 0, 1, 0}, [Gw] = {FROM_REG, OPD_GPR, 0, 2, 0}, [Gd] = {FROM_REG, OPD_GPR, 0, 4, 0},
	[Gv] = {FROM_REG, OPD_GPR, 0, SIZE_V, 0}, [Gz] = {FROM_REG, OPD_GPR, 0, SIZE_Z, 0}, [Gy] = {FROM_REG, OPD_GPR, 0, SIZE_Y, 0},
	[Gn] = {FROM_REG, OPD_GPR, 0, SIZE_NATURAL, 0},
	[Zb] = {FROM_OPCODE, OPD_GPR, 0, 1, 0}, [Zv] = {FROM_OPCODE, OPD_GPR, 0, SIZE_V, 0},
	[AL] = {FROM_FIXED, OPD_GPR, RAX, 1, 0}, [AX] = {FROM_FIXED, OPD_GPR, RAX, 2, 0}, [rAX] = {FROM_FIXED, OPD_GPR, RAX, SIZE_V, 0},
	[eAX] = {FROM_FIXED, OPD_GPR, RAX, SIZE_Z, 0}, [CL] = {FROM_FIXED, OPD_GPR, RCX, 1, 0}, [DX] = {FROM_FIXED, OPD_GPR, RDX, 2, 0},
	[Ib] = {FROM_IMM, OPD_IMM, 0, 1, 0}, [Is] = {FROM_IMM_SIGNED_BYTE, OPD_IMM, 0, SIZE_V, 0}, [Iw] = {FROM_IMM, OPD_IMM, 0, 2, 0},
	[Iz] = {FROM_IMM_SIGNED, OPD_IMM, 0, SIZE_Z, 0}, [Iv] = {FROM_IMM_SIGNED, OPD_IMM, 0, SIZE_V, 0}, [I1] = {FROM_ONE, OPD_IMM, 0, 1, 0},
	[Il] = {FROM_LEVEL, OPD_NONE, 0, 1, 0},
	[Jb] = {FROM_REL, OPD_REL, 0, 1, 0}, [Jz] = {FROM_REL, OPD_REL, 0, SIZE_Z, 0}, [Ap] = {FROM_FAR, OPD_FAR, 0, SIZE_P, 0},
	[Ob] = {FROM_OFFSET, OPD_MEM, 0, 1, 0}, [Ov] = {FROM_OFFSET, OPD_MEM, 0, SIZE_V, 0},
	[M0] = {FROM_RM, OPD_GPR, 0, SIZE_V, 0}, [Mb] = {FROM_RM, OPD_GPR, 0, 1, 1}, [Mw] = {FROM_RM, OPD_GPR, 0, 2, 2},
	[Md] = {FROM_RM, OPD_GPR, 0, 4, 4}, [Mq] = {FROM_RM, OPD_GPR, 0, 8, 8}, [Mx] = {FROM_RM, OPD_GPR, 0, 16, 16},
	[My] = {FROM_RM, OPD_GPR, 0, SIZE_Y, SIZE_Y}, [Ma] = {FROM_RM, OPD_GPR, 0, SIZE_V, SIZE_A},
	[Mp] = {FROM_RM, OPD_GPR, 0, SIZE_V, SIZE_P}, [Ms] = {FROM_RM, OPD_GPR, 0, SIZE_V, SIZE_S}, [M512] = {FROM_RM, OPD_GPR, 0, 4, 512},
	[M576] = {FROM_RM, OPD_GPR, 0, 4, 576},
	[Sw] = {FROM_REG, OPD_SEG, 0, 2, 0}, [fES] = {FROM_FIXED, OPD_SEG, SEG_ES, 2, 0}, [fCS] = {FROM_FIXED, OPD_SEG, SEG_CS, 2, 0},
	[fSS] = {FROM_FIXED, OPD_SEG, SEG_SS, 2, 0}, [fDS] = {FROM_FIXED, OPD_SEG, SEG_DS, 2, 0}, [fFS] = {FROM_FIXED, OPD_SEG, SEG_FS, 2, 0},
	[fGS] = {FROM_FIXED, OPD_SEG, SEG_GS, 2, 0},
	[Cr] = {FROM_REG, OPD_CR, 0, SIZE_NATURAL, 0}, [Dr] = {FROM_REG, OPD_DR, 0, SIZE_NATURAL, 0},
	[Pq] = {FROM_REG, OPD_MMX, 0, 8, 0}, [Qd] = {FROM_RM, OPD_MMX, 0, 8, 4}, [Qq] = {FROM_RM, OPD_MMX, 0, 8, 8},
	[Vx] = {FROM_REG, OPD_XMM, 0, 16, 0}, [Ww] = {FROM_RM, OPD_XMM, 0, 16, 2}, [Wd] = {FROM_RM, OPD_XMM, 0, 16, 4},
	[Wq] = {FROM_RM, OPD_XMM, 0, 16, 8}, [Wx] = {FROM_RM, OPD_XMM, 0, 16, 16},
};

/* One of the sizes that depend on the instruction, but for SIZE_V. */
static SELDOM int depending_size(const struct decoder *d, int size)
{
	const struct insn *out = d->out;

	switch (size) {
	case SIZE_Z:
		return out->opsize == 8 ? 4 : out->opsize;
	case SIZE_Y:
		return out->rex & 8 ? 8 : 4;
	case SIZE_A:
		return 2 * out->opsize;
	case SIZE_P:
		return 2 + out->opsize;
	case SIZE_S:
		return d->mode == MODE64 ? 10 : 6;
	default: /* SIZE_NATURAL */
		return d->mode == MODE64 ? 8 : 4;
	}
}

static int resolve_size(const struct decoder *d, int size)
{
	if (size < SIZE_V)
		return size;
	return size == SIZE_V ? d->out->opsize : depending_size(d, size);
}

/* A register number from three bits and the REX bit that extends it, where the kind of register has such an extension. */
static int extend_reg(int low, int extension, int kind)
{
	return kind == OPD_MMX || kind == OPD_SEG ? low : low | extension << 3;
}

static void take_rm(struct decoder *d, struct operand *o, const struct spec *s)
{
	struct insn *out = d->out;

	if (out->modrm < 0xc0) {
		o->kind = OPD_MEM;
		o->size = resolve_size(d, s->mem_size);
	} else {
		o->reg = extend_reg(out->modrm & 7, out->rex & 1, s->kind);
	}
}

static void take_operand(struct decoder *d, int number, int spec)
{
	const struct spec *s = &specs[spec];
	struct insn *out = d->out;
	struct operand *o = &out->opd[number];

	o->kind = s->kind;
	o->size = resolve_size(d, s->size);
	switch (s->source) {
	case FROM_RM:
		take_rm(d, o, s);
		break;
	case FROM_REG:
		o->reg = extend_reg(out->modrm >> 3 & 7, out->rex >> 2 & 1, s->kind);
		break;
	case FROM_OPCODE:
		o->reg = extend_reg(out->opcode & 7, out->rex & 1, s->kind);
		break;
	case FROM_FIXED:
		o->reg = s->reg;
		break;
	case FROM_IMM:
		out->imm = take(d, o->size);
		break;
	case FROM_IMM_SIGNED:
	case FROM_REL:
		out->imm = take_signed(d, o->size);
		break;
	case FROM_IMM_SIGNED_BYTE:
		out->imm = take_signed(d, 1);
		break;
	case FROM_ONE:
		out->imm = 1;
		break;
	case FROM_LEVEL:
		out->imm2 = take(d, 1);
		return;
	case FROM_FAR:
		out->imm = take(d, o->size - 2);
		out->far_sel = take(d, 2);
		break;
	case FROM_OFFSET:
		out->imm = out->addrsize == 8 ? (int64_t)take(d, 8) : take_signed(d, out->addrsize);
		out->disp = out->imm;
		break;
	}
	out->nopd = number + 1;
}

static void take_operands(struct decoder *d, const struct decode_entry *e)
{
	for (int n = 0; n < 3 && e->opd[n] != NO; n++)
		take_operand(d, n, e->opd[n]);
}

/* ---- what the tables cannot say; each returns false when the encoding is undefined ---- */

static bool special_nop(struct decoder *d)
{
	struct insn *out = d->out;

	if (out->rex & 1) {
		out->op = OP_XCHG;
		out->nopd = 2;
		out->opd[0] = (struct operand){OPD_GPR, R8, out->opsize};
		out->opd[1] = (struct operand){OPD_GPR, RAX, out->opsize};
	} else if (out->rep == REP_REP) {
		out->op = OP_PAUSE;
	}
	return true;
}

static bool special_x87(struct decoder *d)
{
	struct insn *out = d->out;
	int escape = out->opcode - 0xd8, reg = out->modrm >> 3 & 7;
	int size;

	if (out->modrm >= 0xc0)
		return decode_x87_reg[escape][reg] >> (out->modrm & 7) & 1;
	size = decode_x87_mem[escape][reg];
	if (size == X87_BAD)
		return false;
	if (size == X87_ENV)
		size = out->opsize == 2 ? 14 : 28;
	else if (size == X87_STATE)
		size = out->opsize == 2 ? 94 : 108;
	out->opd[0] = (struct operand){OPD_MEM, 0, size};
	out->nopd = 1;
	return true;
}

static bool special_control_register(const struct insn *out)
{
	int cr = out->op == OP_MOV_CR ? out->opd[0].reg : out->opd[1].reg;

	return cr == 0 || cr == 2 || cr == 3 || cr == 4 || cr == 8;
}

/* 0F 01 D0 and D1 of group 7: no prefix may stand before them. */
static bool special_xcr(struct decoder *d)
{
	struct insn *out = d->out;
	int rm = out->modrm & 7;

	if (rm == 1)
		out->op = OP_XSETBV;
	return rm <= 1 && !d->opsize_prefix && out->rep == REP_NONE;
}

/* 0F 01 F8 and F9 */
static bool special_swapgs(struct decoder *d)
{
	int rm = d->out->modrm & 7;

	if (rm == 1)
		d->out->op = OP_RDTSCP;
	return rm == 1 || (rm == 0 && d->mode == MODE64);
}

static SELDOM bool decode_special(struct decoder *d)
{
	struct insn *out = d->out;

	switch (out->op) {
	case OP_NOP:
		return special_nop(d);
	case OP_X87:
		return special_x87(d);
	case OP_MOV: /* to a segment register */
		return out->opd[0].reg != SEG_CS;
	case OP_MOV_CR:
	case OP_MOV_FROM_CR:
		return special_control_register(out);
	case OP_SWAPGS:
		return special_swapgs(d);
	case OP_XGETBV:
		return special_xcr(d);
	case OP_CMPXCHG8B:
		if (out->rex & 8) {
			out->op = OP_CMPXCHG16B;
			out->opd[0].size = 16;
		}
		return true;
	default:
		return true;
	}
}

/* Forms that exist on this kind of encoding and in this mode. */
static bool form_allowed(const struct decoder *d, unsigned flags)
{
	if (flags & (d->mode == MODE64 ? DEC_NOT64 : DEC_ONLY64))
		return false;
	if ((flags & DEC_MEM) && d->out->modrm >= 0xc0)
		return false;
	return !(flags & DEC_REG) || d->out->modrm >= 0xc0;
}

static bool lock_allowed(const struct insn *out)
{
	return (insn_info[out->op].attr & INSN_LOCKABLE) && out->opd[0].kind == OPD_MEM;
}

/* Debug registers above DR7 and segment registers above GS do not exist. */
static bool registers_exist(const struct insn *out)
{
	for (int n = 0; n < out->nopd; n++) {
		if (out->opd[n].kind == OPD_SEG && out->opd[n].reg > SEG_GS)
			return false;
		if (out->opd[n].kind == OPD_DR && out->opd[n].reg > 7)
			return false;
	}
	return true;
}

/* Control and debug register moves have no memory form: mod is ignored. */
static void force_register_form(struct insn *out, const struct decode_entry *e)
{
	if (e->opd[0] == Ry || e->opd[1] == Ry)
		out->modrm |= 0xc0;
}

static bool decode_opcode(struct decoder *d)
{
	struct insn *out = d->out;
	const struct decode_entry *e = lookup(d);
	unsigned lookup_flags = e->flags;

	out->addrsize = address_size(d);
	if (lookup_flags & (DEC_MODRM | DEC_GROUP))
		out->modrm = take(d, 1);
	if (lookup_flags & DEC_GROUP) {
		const struct decode_group *g = &decode_groups[e->op];

		e = (out->modrm < 0xc0 ? g->mem : g->reg) + (out->modrm >> 3 & 7);
	}
	if (e->op == OP_INVALID || !form_allowed(d, e->flags | (lookup_flags & DEC_NOT64)))
		return false;
	out->op = e->op;
	out->opsize = operand_size(d, e->flags);
	out->cond = out->opcode & 15;
	if (e->flags & DEC_MODRM) {
		force_register_form(out, e);
		take_memory(d);
	}
	take_operands(d, e);
	if ((e->flags & DEC_SPECIAL) && !decode_special(d))
		return false;
	return registers_exist(out) && (!out->lock || lock_allowed(out));
}

int decode_any(struct insn *out, const uint8_t *bytes, size_t avail, int mode)
{
	uint8_t padded[PADDED_LENGTH] = { 0 };
	struct decoder d = {.out = out, .p = padded, .mode = mode};
	size_t there = avail < DECODE_MAX_LENGTH ? avail : DECODE_MAX_LENGTH;
	bool defined;

	if (avail < DECODE_MAX_LENGTH)
		memcpy(padded, bytes, avail);
	else
		memcpy(padded, bytes, DECODE_MAX_LENGTH); /* in line */
	*out = (struct insn){.seg = SEG_DS, .base = REG_NONE, .index = REG_NONE};
	defined = decode_opcode(&d);
	out->len = d.p - padded;
	if (out->len > there)
		return avail < DECODE_MAX_LENGTH ? INSN_ETRUNC : INSN_ELONG;
	if (!defined) {
		out->op = OP_UD;
		out->nopd = 0;
	}
	insn_note(out);
	return out->len;
}
