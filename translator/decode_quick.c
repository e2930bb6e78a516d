/*
 * The decoder's short ways, for what most code consists of: 32- and 64-bit code, no prefix but REX and those of some segments, general registers, memory and
 * immediates. decode_row() takes the rows of the same tables as decode.c and says the same of them; but it is one function that calls nothing, and
 * holds all in registers. What it says of an instruction depends on the bytes before displacement and immediate only: it is
 * remembered as the *form* of these bytes, so that insn_decode() need only copy it the next time. So is what decode.c says of instructions with one prefix
 * and no immediate.
 */
#include "translator/decode_quick.h"

#include <string.h>

#include "translator/cpu.h"
#include "translator/decode_tables.h"

#define INLINE static inline __attribute__((always_inline))

INLINE int32_t get32(const uint8_t *p)
{
	int32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

INLINE const uint8_t *take_memory(struct insn *out, const uint8_t *p, int mode)
{
	unsigned mod = out->modrm >> 6, rm = out->modrm & 7, base = rm;

	if (rm == 4) {
		unsigned sib = *p++, index = (sib >> 3 & 7) | (out->rex & 2u) << 2;

		if (index != RSP) {
			out->index = (uint8_t)index;
			out->scale = (uint8_t)(sib >> 6);
		}
		base = sib & 7;
	}
	if (base == 5 && mod == 0) {
		/* no base but a displacement; without SIB byte, in 64-bit code, from the next instruction on */
		out->rip_rel = rm == 5 && mode == MODE64;
		out->disp = get32(p);
		return p + 4;
	}
	base |= (out->rex & 1u) << 3;
	out->base = (uint8_t)base;
	if ((base == RSP || base == RBP) && !out->seg_override)
		out->seg = SEG_SS;
	if (mod == 0)
		return p;
	if (mod == 1) {
		out->disp = (int8_t)*p;
		return p + 1;
	}
	out->disp = get32(p);
	return p + 4;
}

const uint8_t *decode_memory32(struct insn *out, const uint8_t *p, int mode)
{
	return take_memory(out, p, mode);
}

/* The operands of a row, an immediate by its name in enum operand_spec; those from HAS_RM on have one that ModRM.rm tells of. */
enum shape {
	OTHER, NONE,
	LOW, LOW_Is, LOW_Iv, /* the register in the opcode's low bits */
	ACCUMULATOR_Ib, ACCUMULATOR_Is, ACCUMULATOR_Iz,
	IMM_Is, IMM_Iz, REL_Jb, REL_Jz,
	RM, RM_REG, REG_RM, RM_Ib, RM_Is, RM_Iz, RM_I1, RM_CL, HAS_RM = RM,
};

static const uint8_t shapes[SPEC_COUNT][SPEC_COUNT] = {
	[NO] = { [NO] = NONE },
	[Eb] = { [NO] = RM, [Gb] = RM_REG, [Ib] = RM_Ib, [Is] = RM_Is, [I1] = RM_I1, [CL] = RM_CL },
	[Ev] = { [NO] = RM, [Gv] = RM_REG, [Ib] = RM_Ib, [Is] = RM_Is, [Iz] = RM_Iz, [I1] = RM_I1, [CL] = RM_CL },
	[Gb] = { [Eb] = REG_RM },
	[Gv] = { [Eb] = REG_RM, [Ew] = REG_RM, [Ev] = REG_RM, [M0] = REG_RM },
	[Zv] = { [NO] = LOW, [Iv] = LOW_Iv },
	[Zb] = { [Is] = LOW_Is },
	[AL] = { [Ib] = ACCUMULATOR_Ib, [Is] = ACCUMULATOR_Is },
	[rAX] = { [Ib] = ACCUMULATOR_Ib, [Iz] = ACCUMULATOR_Iz },
	[Is] = { [NO] = IMM_Is }, [Iz] = { [NO] = IMM_Iz },
	[Jb] = { [NO] = REL_Jb }, [Jz] = { [NO] = REL_Jz },
};

INLINE struct operand gpr(unsigned reg, unsigned size)
{
	return (struct operand){ OPD_GPR, (uint8_t)reg, (uint16_t)size };
}

INLINE struct operand rm_operand(unsigned modrm, unsigned rex, unsigned size)
{
	return modrm >= 0xc0 ? gpr((modrm & 7) | (rex & 1) << 3, size) : (struct operand){ OPD_MEM, 0, (uint16_t)size };
}

/* Size of a source operand that ModRM.rm tells of. */
INLINE unsigned source_size(unsigned spec, unsigned opsize)
{
	return spec == Ev ? opsize : spec == Eb ? 1 : spec == Ew ? 2 : 0;
}

/* Operand `number`, an immediate: spec is a constant. */
INLINE const uint8_t *take_imm(struct insn *out, int number, int kind, enum operand_spec spec, unsigned opsize, const uint8_t *p)
{
	unsigned size = spec == Iv && opsize == 8 ? 8 : spec == Iv || spec == Iz || spec == Jz ? 4 : 1, taken = spec == I1 ? 0 : size;

	if (size == 8)
		memcpy(&out->imm, p, 8);
	else if (size == 4)
		out->imm = get32(p);
	else
		out->imm = spec == I1 ? 1 : spec == Ib ? *p : (int8_t)*p;
	out->opd[number] = (struct operand){ (uint8_t)kind, 0, (uint16_t)(spec == Is ? opsize : size) };
	return p + taken;
}

INLINE unsigned operand_size(unsigned flags, unsigned rex, int mode)
{
	if (flags & DEC_BYTE)
		return 1;
	if (mode == MODE64 && (flags & (DEC_NEAR64 | DEC_STACK64) || rex & 8))
		return 8;
	return 4;
}

/* Whether the row's flags ask for nothing that only the long way sees to, and allow this kind of operand and mode. */
INLINE bool is_plain(unsigned flags, unsigned modrm, int mode)
{
	unsigned never = DEC_ONLY64 | DEC_REG | DEC_SPECIAL | DEC_SIZE32;

	if (!(flags & (never | DEC_NOT64 | DEC_MEM)))
		return true;
	return !(flags & never) && !(flags & DEC_NOT64 && mode == MODE64) && !(flags & DEC_MEM && modrm >= 0xc0);
}

/* The segment that a prefix selects; -1: it is no such prefix. */
static int segment_prefix(uint8_t byte, int mode)
{
	switch (byte) {
	case 0x64:
		return SEG_FS;
	case 0x65:
		return SEG_GS;
	case 0x3e: /* also found where code has room to fill */
		return mode == MODE64 ? -1 : SEG_DS;
	default:
		return -1;
	}
}

/* ---- forms ---- */

#define FORMS_BITS 12
#define FORM_BYTES 20 /* so many may be read, from the instruction's first on */

struct form {
	uint64_t key;                /* struct front's; 0: none */
	uint8_t disp_at, imm_at;     /* where displacement and immediate are, from the first byte on; 0: nowhere */
	uint8_t disp_shift, imm_shift; /* what a value has less than 64 bits */
	bool counts;                 /* the immediate is an unsigned byte, on which flags may depend */
	uint8_t insn[offsetof(struct insn, disp)];
	int64_t imm;                 /* without imm_at */
};
static struct form forms[1 << FORMS_BITS];

/* What an instruction begins with, up to ModRM, or with what goes on behind that before a displacement. */
struct front {
	unsigned rex, opcode, modrm;
	unsigned flags;                 /* of its row, or of both */
	const struct decode_entry *row; /* not of a group yet */
	const uint8_t *end;
	uint64_t key;                   /* all bytes, and the mode; not 0 */
	struct form *form;              /* where its form is, if anywhere */
};

static struct form *form_at(uint64_t hash)
{
	return &forms[hash * 0x9e5 >> 8 & ((1 << FORMS_BITS) - 1)];
}

INLINE struct front take_front(const uint8_t *p, int mode)
{
	struct front f = { .opcode = *p++ };
	unsigned two = 0;

	if (mode == MODE64 && (f.opcode & 0xf0) == 0x40) {
		f.rex = f.opcode;
		f.opcode = *p++;
	}
	f.row = &decode_one_byte[f.opcode];
	if (f.opcode == 0x0f) {
		two = 1;
		f.opcode = *p++;
		f.row = &decode_two_byte[MAP_NONE][f.opcode];
	}
	f.flags = f.row->flags;
	if (f.flags & (DEC_MODRM | DEC_GROUP))
		f.modrm = *p++;
	f.end = p;
	f.key = f.opcode | f.modrm << 8 | f.rex << 16 | two << 24 | (unsigned)mode << 25;
	f.form = form_at(f.key);
	return f;
}

static bool is_prefix(uint8_t byte)
{
	return (byte & 0xe7) == 0x26 || (byte >= 0x64 && byte <= 0x66) || byte == 0xf0 || byte == 0xf2 || byte == 0xf3;
}

static bool has_memory(const struct front *f)
{
	return f->flags & (DEC_MODRM | DEC_GROUP) && f->modrm < 0xc0;
}

/* With one prefix in front of it, and the SIB byte. */
static struct front take_long_front(const uint8_t *p, int mode)
{
	const unsigned prefix = is_prefix(*p) ? *p++ : 0;
	struct front f = take_front(p, mode);
	unsigned more = prefix << 16;

	if (has_memory(&f) && (f.modrm & 7) == RSP)
		more |= 0x100 | *f.end++;
	f.key |= (uint64_t)more << 32;
	if (more)
		f.form = form_at(f.key ^ more * 0x6b5);
	return f;
}

/* Remembers what out has been decoded to, of the bytes from `first` on: displacement and immediate begin at disp and imm. */
static void remember(const struct insn *out, const struct front *front, const uint8_t *first, const uint8_t *disp, const uint8_t *imm, bool counts)
{
	const unsigned disp_bytes = (unsigned)(imm - disp), imm_bytes = (unsigned)(first + out->len - imm);
	struct form *f = front->form;

	f->key = front->key;
	f->disp_at = disp_bytes ? (uint8_t)(disp - first) : 0;
	f->disp_shift = (uint8_t)(64 - 8 * disp_bytes);
	f->imm_at = imm_bytes ? (uint8_t)(imm - first) : 0;
	f->imm_shift = (uint8_t)(64 - 8 * imm_bytes);
	memcpy(f->insn, out, sizeof f->insn);
	f->imm = out->imm;
	f->counts = counts;
}

INLINE int64_t value_at(const uint8_t *p, unsigned shift)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return (int64_t)(v << shift) >> shift;
}

static __attribute__((noinline)) void set_count(struct insn *out)
{
	out->imm &= 0xff;
	insn_note(out);
}

INLINE int decode_form(struct insn *out, const uint8_t *bytes, const struct form *f)
{
	memcpy(out, f->insn, sizeof f->insn);
	out->disp = f->disp_at ? (int32_t)value_at(bytes + f->disp_at, f->disp_shift) : 0;
	if (f->imm_at) {
		out->imm = value_at(bytes + f->imm_at, f->imm_shift);
		if (f->counts)
			set_count(out);
	} else {
		out->imm = f->imm;
	}
	return out->len;
}

/* ---- rows ---- */

/* What has no row here, of which so many bytes follow as an instruction may have: behind a segment prefix it may have one nevertheless. */
static int decode_other(struct insn *out, const uint8_t *bytes, size_t avail, int mode)
{
	int seg = segment_prefix(*bytes, mode);
	int len = seg < 0 ? -1 : insn_decode(out, bytes + 1, avail - 1, mode);

	if (len < 0 || len == DECODE_MAX_LENGTH)
		return decode_any(out, bytes, avail, mode);
	if (!out->seg_override) {
		out->seg = (uint8_t)seg;
		out->seg_override = 1;
	}
	return out->len = (uint8_t)(len + 1);
}

/* Bytes of the displacement that a memory operand has by ModRM and the byte behind it. */
static unsigned displacement(unsigned modrm, uint8_t sib)
{
	unsigned base = (modrm & 7) == RSP ? sib & 7u : modrm & 7;

	return modrm >> 6 == 1 ? 1 : modrm >> 6 == 2 || base == RBP ? 4 : 0;
}

/* The same; what has a displacement behind its front and nothing else, is remembered. */
static int decode_prefixed(struct insn *out, const uint8_t *bytes, size_t avail, int mode, const struct front *f)
{
	int len = decode_other(out, bytes, avail, mode);
	unsigned disp = has_memory(f) ? displacement(f->modrm, f->end[-1]) : 0;

	if (len == f->end - bytes + (int)disp && out->op != OP_UD && (!disp || out->attr & INSN_MEMORY))
		remember(out, f, bytes, f->end, f->end + disp, false);
	return len;
}

/* What has no form yet, of which FORM_BYTES follow. */
static __attribute__((noinline)) int decode_row(struct insn *out, const uint8_t *bytes, size_t avail, int mode, const struct front *f)
{
	const unsigned rex = f->rex, modrm = f->modrm, opcode = f->opcode;
	const struct decode_entry *e = f->row;
	unsigned flags = f->flags;

	if (flags & DEC_GROUP) {
		const struct decode_group *g = &decode_groups[e->op];

		e = (modrm < 0xc0 ? g->mem : g->reg) + (modrm >> 3 & 7);
		flags |= e->flags;
	}
	unsigned first = e->opd[0], second = e->opd[1], shape = shapes[first][second];
	if (is_prefix(*bytes) || shape == OTHER || e->opd[2] != NO || (shape == NONE && e->op == OP_INVALID) || !is_plain(flags, modrm, mode))
		return decode_prefixed(out, bytes, avail, mode, f);

	unsigned opsize = operand_size(flags, rex, mode), reg = (modrm >> 3 & 7) | (rex & 4) << 1, low = (opcode & 7) | (rex & 1) << 3;
	*out = (struct insn){
		.op = e->op, .opsize = (uint8_t)opsize, .addrsize = (uint8_t)mode, .cond = opcode & 15, .seg = SEG_DS,
		.base = REG_NONE, .index = REG_NONE, .rex = (uint8_t)rex, .modrm = (uint8_t)modrm, .opcode = (uint8_t)opcode,
		.nopd = (first != NO) + (second != NO),
	};
	const bool sib = has_memory(f) && (modrm & 7) == RSP;
	const uint8_t *imm = shape >= HAS_RM && modrm < 0xc0 ? take_memory(out, f->end - sib, mode) : f->end, *p = imm;
	switch (shape) {
#define REGISTER_IMM(operand, shape, spec) \
	case shape##_##spec: \
		out->opd[0] = operand; \
		p = take_imm(out, 1, OPD_IMM, spec, opsize, p); \
		break
	case RM:
		out->opd[0] = rm_operand(modrm, rex, opsize);
		break;
	case RM_REG:
		out->opd[0] = rm_operand(modrm, rex, opsize);
		out->opd[1] = gpr(reg, opsize);
		break;
	case REG_RM:
		out->opd[0] = gpr(reg, opsize);
		out->opd[1] = rm_operand(modrm, rex, source_size(second, opsize));
		break;
	case RM_CL:
		out->opd[0] = rm_operand(modrm, rex, opsize);
		out->opd[1] = gpr(RCX, 1);
		break;
	case LOW:
		out->opd[0] = gpr(low, opsize);
		break;
	REGISTER_IMM(gpr(low, opsize), LOW, Is);
	REGISTER_IMM(gpr(low, opsize), LOW, Iv);
	REGISTER_IMM(gpr(RAX, opsize), ACCUMULATOR, Ib);
	REGISTER_IMM(gpr(RAX, opsize), ACCUMULATOR, Is);
	REGISTER_IMM(gpr(RAX, opsize), ACCUMULATOR, Iz);
	REGISTER_IMM(rm_operand(modrm, rex, opsize), RM, Ib);
	REGISTER_IMM(rm_operand(modrm, rex, opsize), RM, Is);
	REGISTER_IMM(rm_operand(modrm, rex, opsize), RM, Iz);
	REGISTER_IMM(rm_operand(modrm, rex, opsize), RM, I1);
#undef REGISTER_IMM
	case IMM_Is:
		p = take_imm(out, 0, OPD_IMM, Is, opsize, p);
		break;
	case IMM_Iz:
		p = take_imm(out, 0, OPD_IMM, Iz, opsize, p);
		break;
	case REL_Jb:
		p = take_imm(out, 0, OPD_REL, Jb, opsize, p);
		break;
	case REL_Jz:
		p = take_imm(out, 0, OPD_REL, Jz, opsize, p);
		break;
	}
	out->len = (uint8_t)(p - bytes);
	insn_note(out);
	remember(out, f, bytes, f->end, imm, shape == RM_Ib || shape == ACCUMULATOR_Ib);
	return out->len;
}

static __attribute__((noinline)) int decode_more(struct insn *out, const uint8_t *bytes, size_t avail, int mode)
{
	const struct front front = take_long_front(bytes, mode);

	return front.form->key == front.key ? decode_form(out, bytes, front.form) : decode_row(out, bytes, avail, mode, &front);
}

int insn_decode(struct insn *out, const uint8_t *bytes, size_t avail, int mode)
{
	if (mode == MODE16 || avail < FORM_BYTES)
		return decode_any(out, bytes, avail, mode);
	const struct front front = take_front(bytes, mode);
	return front.form->key == front.key ? decode_form(out, bytes, front.form) : decode_more(out, bytes, avail, mode);
}
