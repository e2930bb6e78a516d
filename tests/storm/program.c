/* Programs. Encodings come from the decoder's tables of the x87 and from the list of tests/sse. */
#include "tests/storm/storm.h"

#include <string.h>

#include "tests/sse/insns.h"
#include "translator/decode_tables.h"
#include "translator/gen_x87.h"

#define COUNT(a) ((unsigned)(sizeof(a) / sizeof((a)[0])))

struct rng rng_of(uint64_t seed, uint64_t n)
{
	struct rng r = { (seed + 1) * 0x9e3779b97f4a7c15 ^ (n + 1) * 0xd1b54a32d192ed03 };

	r.s += !r.s;
	rnd(&r);
	rnd(&r);
	return r;
}

uint64_t rnd(struct rng *r)
{
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return r->s * 0x2545f4914f6cdd1d;
}

unsigned below(struct rng *r, unsigned n)
{
	return (unsigned)((rnd(r) >> 32) * n >> 32);
}

/* ---- x87 ---- */

/* F2XM1, FYL2X, FPTAN, FPATAN, FYL2XP1, FSINCOS, FSIN, FCOS: D9 F0-F3, F9, FB, FE, FF */
static bool is_transcendental(const struct insn *i)
{
	return i->opcode == 0xd9 && i->modrm >= 0xf0 && (0xca0fu >> (i->modrm & 15) & 1);
}

static bool is_fcomi(const struct insn *i)
{
	unsigned reg = i->modrm >> 3 & 7;

	return i->modrm >= 0xc0 && (i->opcode == 0xdb || i->opcode == 0xdf) && (reg == 5 || reg == 6);
}

static bool is_comparison(const struct insn *i)
{
	unsigned reg = i->modrm >> 3 & 7, esc = i->opcode - 0xd8u;

	if (i->modrm < 0xc0)
		return !(esc & 1) && (reg == 2 || reg == 3);
	if (esc == 1)
		return i->modrm == 0xe4;
	if (esc & 1)
		return esc == 5 ? reg == 4 || reg == 5 : reg == 5 || reg == 6;
	return reg == 2 || reg == 3 || i->modrm == 0xe9;
}

static bool sets_cw(const struct insn *i)
{
	unsigned reg = i->modrm >> 3 & 7;

	return i->modrm < 0xc0 && ((i->opcode == 0xd9 && (reg == 4 || reg == 5)) || (i->opcode == 0xdd && reg == 4));
}

/* FNSTSW, FNSTENV, FNSAVE */
static bool stores_sw(const struct insn *i)
{
	unsigned reg = i->modrm >> 3 & 7;

	if (i->modrm >= 0xc0)
		return i->opcode == 0xdf && i->modrm == 0xe0;
	return (i->opcode == 0xd9 && reg == 6) || (i->opcode == 0xdd && reg >= 6);
}

/* FNSTENV, FNSAVE */
static bool stores_image(const struct insn *i)
{
	return i->modrm < 0xc0 && (i->opcode == 0xd9 || i->opcode == 0xdd) && (i->modrm >> 3 & 7) == 6;
}

/* The state of the FPU is changed or stored as a whole. */
static bool is_rare(const struct insn *i)
{
	unsigned reg = i->modrm >> 3 & 7;

	return sets_cw(i) || (i->modrm < 0xc0 && stores_sw(i) && !(i->opcode == 0xdd && reg == 7)) || (i->opcode == 0xdb && reg == 4 && i->modrm >= 0xc0);
}

static uint8_t x87_slot(const struct insn *i)
{
	static const uint8_t kinds[8] = { SLOT_F32, SLOT_F32, SLOT_INT, SLOT_INT, SLOT_F64, SLOT_F64, SLOT_INT, SLOT_INT };
	unsigned reg = i->modrm >> 3 & 7;

	if (i->opcode == 0xdb && reg == 5)
		return SLOT_F80;
	return i->opcode == 0xdf && reg == 4 ? SLOT_BCD : kinds[i->opcode - 0xd8u];
}

/* Bytes of an x87 instruction; returns their number or 0 for none. */
static unsigned x87_bytes(struct rng *r, uint8_t *b)
{
	unsigned esc = below(r, 8), reg = below(r, 8), slot = below(r, STORM_SLOTS), prefixes = 0;
	bool memory = below(r, 2);

	if (!below(r, 40)) {
		b[0] = 0x9b; /* FWAIT */
		return 1;
	}
	if (below(r, 2)) { /* arithmetic */
		esc = (unsigned)(uint8_t[]){ 0, 0, 2, 4, 4, 6 }[below(r, 6)];
	} else if (below(r, 2)) { /* loads and stores */
		esc |= 1;
		memory = true;
	}
	if (!memory) {
		b[0] = (uint8_t)(0xd8 + esc);
		b[1] = (uint8_t)(0xc0 | reg << 3 | below(r, below(r, 2) ? 3 : 8));
		return decode_x87_reg[esc][reg] >> (b[1] & 7) & 1 ? 2 : 0;
	}
	if (decode_x87_mem[esc][reg] == X87_BAD)
		return 0;
	if (decode_x87_mem[esc][reg] == X87_ENV || decode_x87_mem[esc][reg] == X87_STATE) {
		prefixes = below(r, 2);
		slot = STORM_IMAGE / 16;
		b[0] = 0x66;
	}
	b[prefixes] = (uint8_t)(0xd8 + esc);
	b[prefixes + 1] = (uint8_t)(0x42 | reg << 3); /* [edx + disp8] */
	b[prefixes + 2] = (uint8_t)(slot * 16);
	return prefixes + 3;
}

/* Whether an x87 instruction fits behind the others; those that find the stack full or empty are taken now and then. */
static bool x87_fits(struct rng *r, struct program *p, const struct insn *i, const struct x87_known *before)
{
	struct x87_known after = *before;
	bool masked = (p->cw & (FPE_I | FPE_D)) == (FPE_I | FPE_D) && !p->sets_cw, pushes;

	if (i->op != OP_X87)
		return true;
	if (is_transcendental(i) && (p->n || below(r, 8)))
		return false;
	if (is_rare(i) && below(r, 16))
		return false;
	if (stores_image(i) && p->image)
		return false;
	if (stores_sw(i) && (p->fcomi || (p->compares && !masked))) /* what CPUs of other makers store there differs */
		return false;
	x87_effect(&after, i);
	pushes = after.top == ((before->top + 7) & 7);
	if (pushes ? !(before->empty >> after.top & 1) : before->empty >> before->top & 1)
		return !below(r, 16);
	return true;
}

/* ---- SSE and MMX ---- */

/* Not here: RCP and RSQRT, MXCSR itself, MASKMOVQ with its address in EDI. */
static bool is_usable(const struct insn_row *row)
{
	return !(row->form & APPROX) && row->opcode != 0xae && row->opcode != 0xf7;
}

static bool has_mmx(const struct insn *i)
{
	return i->opd[0].kind == OPD_MMX || i->opd[1].kind == OPD_MMX;
}

static unsigned sse_bytes(struct rng *r, const struct insn_row *row, bool wide, uint8_t *b)
{
	/* what is not arithmetic may name general registers: only EAX and ECX */
	unsigned registers = row->form & ARITH && (row->opcode & 0xfe) != 0x2c && row->opcode != 0x2a ? 4 : 2;
	unsigned reg = row->form & DIGIT ? row->digit : below(r, registers), rm = below(r, registers), n = 0;
	bool memory = row->form & MEM_ONLY || (!(row->form & REG_ONLY) && !below(r, 3));

	if (row->prefix)
		b[n++] = row->prefix;
	if (wide && row->form & W && below(r, 2))
		b[n++] = 0x48;
	b[n++] = 0x0f;
	if (row->form & (M38 | M3A))
		b[n++] = row->form & M38 ? 0x38 : 0x3a;
	b[n++] = row->opcode;
	if (row->form & NO_MODRM)
		return n;
	if (memory) {
		b[n++] = (uint8_t)(0x42 | reg << 3);
		b[n++] = (uint8_t)(below(r, STORM_SLOTS) * 16);
	} else {
		b[n++] = (uint8_t)(0xc0 | reg << 3 | rm);
	}
	if (row->form & IMM)
		b[n++] = (uint8_t)(row->form & SMALL_IMM ? below(r, 8) : row->form & IMM16 && below(r, 4) ? below(r, 16) : below(r, 256));
	return n;
}

static const struct insn_row *sse_row(struct rng *r, enum storm_set set)
{
	bool arithmetic = set == STORM_ARITHMETIC || below(r, 5);
	const struct insn_row *row;

	do
		row = &insn_rows[below(r, COUNT(insn_rows))];
	while (!is_usable(row) || (arithmetic && !(row->form & ARITH)));
	return row;
}

/* ---- the whole ---- */

static void append(struct program *p, const uint8_t *b, unsigned len, const struct insn *i)
{
	memcpy(p->code + p->len, b, len);
	p->insn[p->n++] = *i;
	p->len = (uint8_t)(p->len + len);
	p->at[p->n] = p->len;
	if (i->op == OP_X87) {
		p->compares |= is_comparison(i);
		p->fcomi |= is_fcomi(i);
		p->transcendental |= is_transcendental(i);
		p->sets_cw |= sets_cw(i);
		if (stores_image(i))
			p->image = i->opsize == 2 ? 2 : 4;
	}
}

static void set_slot(struct program *p, const struct insn *i, uint8_t kind)
{
	for (unsigned k = 0; k < i->nopd; k++)
		if (i->opd[k].kind == OPD_MEM && i->disp < STORM_SLOTS * 16)
			p->slot[i->disp / 16] = kind;
}

static void add_x87(struct rng *r, struct program *p, struct x87_known *k)
{
	uint8_t b[16] = { 0 };
	struct insn i;
	unsigned len = x87_bytes(r, b);

	if (!len || insn_decode(&i, b, sizeof b, p->wide ? MODE64 : MODE32) < 0 || !x87_fits(r, p, &i, k))
		return;
	append(p, b, len, &i);
	if (i.op == OP_X87) {
		x87_effect(k, &i);
		set_slot(p, &i, x87_slot(&i));
	}
}

static void add_sse(struct rng *r, struct program *p, enum storm_set set, struct x87_known *k)
{
	uint8_t b[16] = { 0 };
	struct insn i;
	const struct insn_row *row = sse_row(r, set);
	unsigned len = sse_bytes(r, row, p->wide, b);

	if (insn_decode(&i, b, sizeof b, p->wide ? MODE64 : MODE32) < 0 || i.op == OP_UD || i.op == OP_INVALID)
		return;
	if (set == STORM_ARITHMETIC && (has_mmx(&i) || i.op == OP_CVTDQ2PD || i.op == OP_CVTPI2PD)) /* these two are exact */
		return;
	append(p, b, len, &i);
	set_slot(p, &i, row->prefix == 0x66 || row->prefix == 0xf2 ? SLOT_F64 : SLOT_F32);
	p->doubles = row->prefix == 0x66 || row->prefix == 0xf2;
	if (has_mmx(&i))
		k->empty = k->top = 0;
}

/* Rounding, precision, masks and the register stack. */
static void set_control(struct rng *r, struct program *p)
{
	unsigned valid = 1 + below(r, 6); /* registers */

	p->cw = (uint16_t)(0x40 | below(r, 4) << 8 | below(r, 4) << 10 | (below(r, 4) ? FPE_ALL : below(r, 64)));
	if (below(r, 3) == 0)
		p->cw = below(r, 2) ? 0x37f : 0x27f;
	p->top = (uint8_t)below(r, 8);
	p->empty = 0xff;
	for (unsigned k = 0; k < valid; k++)
		p->empty &= (uint8_t)~(1u << ((p->top + k) & 7));
	p->mxcsr = below(r, 4) << 13 | 0x1f80;
	if (!below(r, 4))
		p->mxcsr = (p->mxcsr & ~0x1f80u) | (((uint32_t)rnd(r) | (below(r, 2) ? 0x1f80 : 0)) & 0x9fc0);
}

static void add_integer(struct program *p, const uint8_t *b, unsigned len)
{
	uint8_t text[16] = { 0 };
	struct insn i;

	memcpy(text, b, len);
	insn_decode(&i, text, sizeof text, p->wide ? MODE64 : MODE32);
	append(p, b, len, &i);
}

static void add_instruction(struct rng *r, struct program *p, enum storm_set set, unsigned kind, struct x87_known *k)
{
	if (kind < 4 || (kind == 8 && below(r, 2)))
		add_x87(r, p, k);
	else
		add_sse(r, p, set, k);
}

/* The instructions, two or three times, one of them only in some rounds. EBX counts. */
static void add_loop(struct rng *r, struct program *p, unsigned length, unsigned kind, struct x87_known *k)
{
	uint8_t start[] = { 0xbb, (uint8_t)(2 + below(r, 2)), 0, 0, 0 };        /* mov ebx, n */
	static const uint8_t test[] = { 0xf6, 0xc3, 1 }, count[] = { 0x83, 0xeb, 1 }; /* test bl, 1; sub ebx, 1 */
	unsigned skipped = below(r, length);

	add_integer(p, start, sizeof start);
	uint8_t begin = p->len;
	for (unsigned n = 0; n < length;) {
		unsigned before = p->n;
		if (n == skipped) {
			add_integer(p, test, sizeof test);
			add_integer(p, (uint8_t[]){ 0x74, 0 }, 2); /* jz */
		}
		uint8_t over = p->len;
		while (p->n == before + (n == skipped ? 2 : 0))
			add_instruction(r, p, STORM_ALL, kind, k);
		if (n++ == skipped)
			p->code[over - 1] = (uint8_t)(p->len - over);
	}
	add_integer(p, count, sizeof count);
	add_integer(p, (uint8_t[]){ 0x75, (uint8_t)(begin - p->len - 2) }, 2); /* jnz */
}

void program_make(struct program *p, enum storm_set set, uint64_t seed, uint64_t n)
{
	struct rng r = rng_of(seed, n * 2 + 1);
	unsigned kind = below(&r, 9), length; /* x87 only, SSE only, both */
	struct x87_known k = { 0 };

	memset(p, 0, sizeof *p);
	p->wide = below(&r, 2);
	length = 1 + below(&r, STORM_INSNS);
	set_control(&r, p);
	k.top = p->top;
	k.empty = p->empty;
	for (unsigned s = 0; s < STORM_SLOTS; s++)
		p->slot[s] = (uint8_t)below(&r, SLOT_KINDS);
	if (set == STORM_ALL && !below(&r, 3)) {
		add_loop(&r, p, length, kind, &k);
		return;
	}
	while (p->n < length && !p->transcendental)
		add_instruction(&r, p, set, kind, &k);
}
