#include "tests/conformance/generate_insn.h"

#include <string.h>

#include "tests/conformance/generate_address.h"
#include "tests/conformance/state.h"
#include "translator/decode_tables.h"
#include "translator/insn.h"

static void put(struct draft *d, uint64_t v, int bytes)
{
	for (int k = 0; k < bytes; k++)
		d->bytes[d->n++] = (uint8_t)(v >> 8 * k);
}

/* ---- prefixes ---- */

struct prefixes {
	int opsize, addrsize, rep, lock, segment;
	uint8_t rex; /* 0, or 40 and what of it */
};

static int is_byte_form(const struct cell *c)
{
	return !c->map && (decode_one_byte[c->opcode].flags & DEC_BYTE);
}

static int opsize_matters(const struct plan *p, const struct cell *c)
{
	if (c->op == OP_CRC32 || c->op == OP_POPCNT)
		return 1;
	if (opcode_takes_prefix(c->map, c->opcode) || is_byte_form(c) || c->op == OP_BSWAP || c->op == OP_NOP || c->op == OP_MOVSXD || c->op == OP_PAUSE)
		return 0;
	if (c->class == CLASS_JUMP && p->size != MODE16)
		return 0;
	return c->op != OP_FWAIT && c->op != OP_UD;
}

static int fixed_rep(const struct cell *c)
{
	return c->map || c->op == OP_NOP || c->op == OP_PAUSE || c->class == CLASS_JUMP;
}

static void choose_prefixes(struct plan *p, const struct cell *c, struct prefixes *x)
{
	struct rng *r = p->rng;

	memset(x, 0, sizeof *x);
	x->opsize = opsize_matters(p, c) && rng_chance(r, p->style.registers ? p->style.resized : 30);
	x->addrsize = rng_chance(r, p->size == MODE32 ? (p->simple ? 0 : 2) : 15);
	if (c->class == CLASS_JUMP && c->op != OP_JCXZ && c->op != OP_LOOP && c->op != OP_LOOPE && c->op != OP_LOOPNE)
		x->addrsize = 0;
	if (c->class == CLASS_STRING || c->op == OP_INS || c->op == OP_OUTS)
		x->rep = rng_chance(r, 65) ? (rng_chance(r, 50) ? 0xf3 : 0xf2) : 0;
	else if (!p->simple && !fixed_rep(c) && rng_chance(r, 2))
		x->rep = rng_chance(r, 50) ? 0xf3 : 0xf2;
	if (c->form == FORM_MEM && (insn_info[c->op].attr & INSN_LOCKABLE))
		x->lock = p->lock || rng_chance(r, 15);
	else if (!p->simple)
		x->lock = rng_chance(r, 1);
	if (!p->simple && rng_chance(r, 4)) {
		static const uint8_t segments[] = { 0x26, 0x3e, 0x65, 0x64, 0x2e, 0x36 };
		x->segment = segments[rng_below(r, 6)];
		if (p->size == MODE16 && x->segment == 0x36)
			x->segment = 0x3e;
	}
	if (p->size == MODE64 && rng_chance(r, 60))
		x->rex = (uint8_t)(0x40 | (rng_chance(r, 60) ? 8 : 0));
	if (c->class == CLASS_STACK || c->class == CLASS_JUMP || c->class == CLASS_SYSTEM)
		x->rex &= ~8;
}

static void put_prefixes(struct plan *p, struct draft *d, const struct cell *c, const struct prefixes *x)
{
	uint8_t list[6];
	int n = 0;

	if (x->opsize)
		list[n++] = 0x66;
	if (x->addrsize)
		list[n++] = 0x67;
	if (x->rep)
		list[n++] = (uint8_t)x->rep;
	if (x->lock)
		list[n++] = 0xf0;
	if (x->segment)
		list[n++] = (uint8_t)x->segment;
	if (c->prefix)
		list[n++] = c->prefix;
	while (n > 0) {
		int k = rng_below(p->rng, n);
		d->bytes[d->n++] = list[k];
		list[k] = list[--n];
	}
	if (x->rex)
		d->bytes[d->n++] = x->rex;
}

/* ---- immediates ---- */

static int immediate_bytes(const struct plan *p, const struct cell *c, const struct prefixes *x)
{
	uint8_t bytes[20] = { 0 };
	struct insn i;
	int n = 0, fixed;

	if (x->opsize)
		bytes[n++] = 0x66;
	if (x->addrsize)
		bytes[n++] = 0x67;
	if (c->prefix)
		bytes[n++] = c->prefix;
	if (x->rex)
		bytes[n++] = x->rex;
	n += map_bytes(bytes + n, c->map);
	bytes[n++] = c->opcode;
	bytes[n] = (uint8_t)(0xc0 | (c->reg > 0 ? c->reg : 0) << 3 | (c->rm >= 0 ? c->rm : 1));
	fixed = n + opcode_has_modrm(c->map, c->opcode);
	if (c->form == FORM_MEM) /* a plain base register: no displacement */
		bytes[fixed - 1] &= 0x3f;
	if (insn_decode(&i, bytes, 15, p->size) < 0)
		return -1;
	return i.len - fixed;
}

/* ---- the whole instruction ---- */

static uint32_t implicit_pointers(const struct cell *c)
{
	switch (c->op) {
	case OP_MOVS: case OP_CMPS:
		return BIT(RSI) | BIT(RDI);
	case OP_STOS: case OP_SCAS: case OP_INS: case OP_MASKMOVQ: case OP_MASKMOVDQU:
		return BIT(RDI);
	case OP_LODS: case OP_OUTS:
		return BIT(RSI);
	case OP_XLAT:
		return BIT(RBX);
	default:
		return 0;
	}
}

/* Dense code wants second bytes, too: 4 is AH as well. What that makes of wider operands is not one of its registers, so that it is dropped. */
static int any_operand(struct plan *p)
{
	int r = plan_any_register(p);

	return p->style.registers && rng_chance(p->rng, 20) ? r ^ 4 : r;
}

static int put_modrm(struct plan *p, struct draft *d, const struct cell *c, const struct prefixes *x, int rex_at)
{
	int reg = c->reg >= 0 ? c->reg : any_operand(p), rm, segment = !c->map && (c->opcode == 0x8c || c->opcode == 0x8e);
	int bit_offset = c->form == FORM_MEM && c->reg < 0 && (c->op == OP_BT || c->op == OP_BTS || c->op == OP_BTR || c->op == OP_BTC);
	struct address a = { 0 };
	int address16_form = (p->size == MODE16) != x->addrsize && p->size != MODE64;

	if (c->map == 0x0f && (c->opcode & 0xfc) == 0x20 && c->form == FORM_MEM) { /* MOV with CR and DR: mod is not looked at */
		d->bytes[d->n++] = (uint8_t)(rng_below(p->rng, 3) << 6 | (reg & 7) << 3 | rng_below(p->rng, 8));
		return 0;
	}
	if (segment) /* Bochs takes REX.R for a part of the number, CPUs do not */
		reg &= 7;
	if (c->form == FORM_REG) {
		rm = c->rm >= 0 ? c->rm : any_operand(p);
		if (!x->rex)
			rm &= 7, reg &= 7;
		if (x->rex)
			d->bytes[rex_at] |= (uint8_t)((c->reg >= 0 ? 0 : reg >> 3 << 2) | (c->rm >= 0 ? 0 : rm >> 3));
		d->bytes[d->n++] = (uint8_t)(0xc0 | (reg & 7) << 3 | (rm & 7));
		return 0;
	}
	if (address16_form ? address16(p, d, &a) : address_flat(p, d, &a, !x->rex))
		return -1;
	if (bit_offset && rng_chance(p->rng, 85)) {
		int index = draft_role(p, d, (x->rex ? 0xffff : 0xff) & ~BIT(RSP), 1);
		reg = index < 0 ? reg : index;
	}
	if (x->rex)
		d->bytes[rex_at] |= (uint8_t)((c->reg >= 0 ? 0 : reg >> 3 << 2) | a.rex);
	d->bytes[d->n++] = (uint8_t)(a.modrm | (reg & 7) << 3);
	if (a.has_sib && !address16_form)
		d->bytes[d->n++] = a.sib;
	if (a.rip) {
		d->rip_disp = d->n;
		d->rip_target = (uint32_t)a.disp;
	}
	put(d, (uint64_t)a.disp, a.disp_bytes);
	return 0;
}

static int is_moffs(const struct cell *c)
{
	return !c->map && c->opcode >= 0xa0 && c->opcode <= 0xa3;
}

static void put_immediate(struct plan *p, struct draft *d, const struct cell *c, int bytes)
{
	if (is_moffs(c))
		put(d, plan_window_address(p), bytes);
	else if (c->op == OP_ENTER)
		put(d, (uint64_t)(4 * rng_below(p->rng, 8)) | (uint64_t)rng_below(p->rng, 4) << 16, bytes);
	else if (c->op == OP_RET && bytes)
		put(d, (uint64_t)(4 * rng_below(p->rng, 8)), bytes);
	else if (bytes > 8)
		put(d, rng_next(p->rng), 8), put(d, 0, bytes - 8);
	else
		put(d, plan_immediate(p, bytes), bytes);
}

static int draft_insn(struct plan *p, struct draft *d, const struct cell *c)
{
	struct prefixes x;
	int bytes, rex_at;
	uint32_t implicit = implicit_pointers(c);

	memset(d, 0, sizeof *d);
	d->computes = p->style.registers && c->op == OP_LEA;
	if (p->open) {
		if (implicit & (p->indices | BIT(RSP)))
			return -1;
		d->pointers |= implicit;
	} else if (implicit & ~p->pointers) {
		return -1;
	}
	choose_prefixes(p, c, &x);
	bytes = immediate_bytes(p, c, &x);
	if (bytes < 0)
		return -1;
	put_prefixes(p, d, c, &x);
	rex_at = d->n - 1;
	d->n += map_bytes(d->bytes + d->n, c->map);
	d->bytes[d->n++] = c->opcode;
	if (c->form != FORM_NONE && put_modrm(p, d, c, &x, rex_at))
		return -1;
	if (c->form == FORM_NONE && x.rex && rng_chance(p->rng, 50))
		d->bytes[rex_at] |= 1;
	put_immediate(p, d, c, bytes);
	if (d->rip_disp) {
		uint32_t next = VECTOR_CODE + p->origin + (uint32_t)(p->length + d->n);
		int at = d->n;
		d->n = d->rip_disp;
		put(d, d->rip_target - next, 4);
		d->n = at;
	}
	return 0;
}

/* ---- what must hold for it to be a fair case ---- */

static uint32_t gpr_bit(const struct insn *i, const struct operand *o)
{
	return BIT(o->size == 1 && !i->rex ? o->reg & 3 : o->reg);
}

/* General registers an instruction names as its destination; implicit ones as well as they matter to roles. */
static uint32_t writes(const struct insn *i)
{
	uint32_t w = 0;

	if (i->nopd && i->opd[0].kind == OPD_GPR && i->op != OP_CMP && i->op != OP_TEST && i->op != OP_PUSH && i->op != OP_BT)
		w |= gpr_bit(i, &i->opd[0]);
	if ((i->op == OP_XCHG || i->op == OP_XADD) && i->opd[1].kind == OPD_GPR)
		w |= gpr_bit(i, &i->opd[1]);
	if (i->op == OP_LEAVE || i->op == OP_ENTER)
		w |= BIT(RBP) | BIT(RSP);
	if (i->op == OP_LOOP || i->op == OP_LOOPE || i->op == OP_LOOPNE || i->rep)
		w |= BIT(RCX);
	return w;
}

/* General registers that operands are made of. */
static uint32_t names(const struct insn *i)
{
	uint32_t n = 0;

	for (int k = 0; k < i->nopd; k++) {
		if (i->opd[k].kind == OPD_GPR)
			n |= gpr_bit(i, &i->opd[k]);
		if (i->opd[k].kind == OPD_MEM)
			n |= (i->base == REG_NONE ? 0 : BIT(i->base)) | (i->index == REG_NONE ? 0 : BIT(i->index));
	}
	return n;
}

static int acceptable(struct plan *p, const struct draft *d, const struct cell *c)
{
	struct insn i;
	int len = insn_decode(&i, d->bytes, (size_t)d->n, p->size);
	uint32_t keep = p->keep | d->pointers | d->indices | p->pointers | p->indices | BIT(RSP);

	if (i.op == OP_UD && c->op != OP_UD) /* an illegal LOCK */
		return len > 0 && i.lock && p->open && !p->lock && rng_chance(p->rng, 10);
	if (len != d->n || i.op == OP_INVALID)
		return 0;
	if (i.op != c->op && !(c->op == OP_CMPXCHG8B && i.op == OP_CMPXCHG16B) && !(c->op == OP_NOP && i.op == OP_XCHG))
		return 0;
	if ((i.op == OP_SHLD || i.op == OP_SHRD) && i.opsize == 2 && i.opd[2].kind == OPD_IMM && (i.imm & 31) > 16)
		return 0; /* undefined result */
	if (p->size == MODE16 && i.seg_override && i.seg == 1 && (insn_info[i.op].attr & INSN_STORE))
		return 0; /* would write to the code's segment */
	if (p->style.registers && names(&i) & ~(p->style.registers | keep))
		return 0;
	if ((writes(&i) & keep) && !(p->open && rng_chance(p->rng, 30)) && i.op != OP_LEAVE && i.op != OP_ENTER)
		return 0;
	return (!(i.op == OP_LEAVE || i.op == OP_ENTER) || p->open);
}

/* ---- company: what some instructions need around them ---- */

static void before(struct plan *p, const struct draft *d)
{
	struct insn i;

	insn_decode(&i, d->bytes, (size_t)d->n, p->size);
	if (i.op == OP_POPF) { /* no trap flag, no alignment check from the stack */
		static const uint8_t and16[] = { 0x55, 0x89, 0xe5, 0x81, 0x66, 0x02, 0xff, 0x0e, 0x5d }; /* push bp; mov bp,sp; and word [bp+2]; pop bp */
		static const uint8_t and32[] = { 0x81, 0x24, 0x24, 0xff, 0x8e, 0xfb, 0xff };
		if (p->size == MODE16) {
			plan_bytes(p, and16, sizeof and16);
			if (i.opsize == 4)
				plan_bytes(p, (const uint8_t[]){ 0x55, 0x89, 0xe5, 0x81, 0x66, 0x04, 0x00, 0x00, 0x5d }, 9);
		} else {
			plan_bytes(p, and32, sizeof and32);
		}
	}
	if ((i.op == OP_SHLD || i.op == OP_SHRD) && i.opsize == 2 && i.opd[2].kind == OPD_GPR)
		plan_bytes(p, (const uint8_t[]){ 0x80, 0xe1, 0x0f }, 3); /* and cl, 15 */
	if (i.rep && (i.op == OP_MOVS || i.op == OP_STOS) && rng_chance(p->rng, 90)) {
		uint8_t count = (uint8_t)rng_below(p->rng, 56 / i.opsize + 1);
		plan_bytes(p, (const uint8_t[]){ 0xb1, count }, 2);
		if (p->size == MODE16)
			plan_bytes(p, (const uint8_t[]){ 0x66 }, 1);
		plan_bytes(p, (const uint8_t[]){ 0x0f, 0xb6, 0xc9 }, 3); /* mov cl, count; movzx ecx, cl */
	}
}

/* Whether it stores the x87's last-instruction pointers, which are the CPU model's own. */
static int stores_environment(const struct cell *c)
{
	return c->op == OP_X87 && c->form == FORM_MEM && c->reg == 6 && (c->opcode == 0xd9 || c->opcode == 0xdd);
}

/* ModRM and displacement of [base + disp], with the widest displacement. */
static void put_based(struct plan *p, int reg, int base, int disp)
{
	static const uint8_t rm16[8] = { [RBX] = 7, [RSI] = 4, [RDI] = 5 };
	int rm = p->size == MODE16 ? rm16[base] : base;

	plan_bytes(p, (const uint8_t[]){ (uint8_t)(0x80 | reg << 3 | rm) }, 1);
	plan_bytes(p, &disp, p->size == MODE16 ? 2 : 4);
}

/* FNSTENV or FNSAVE, and stores of zeroes over the pointers in what it wrote (Intel SDM 1, figures 8-9 to 8-12). */
static int append_environment(struct plan *p, const struct cell *c)
{
	struct draft d = { .n = 0 };
	int prefix = rng_chance(p->rng, 40), disp = -56 + rng_below(p->rng, 8);
	int wide = (p->size == MODE16) == prefix;
	int base = draft_role(p, &d, p->size == MODE16 ? BIT(RBX) | BIT(RSI) | BIT(RDI) : 0xef, 0);

	if (base < 0)
		return -1;
	if (prefix)
		plan_bytes(p, (const uint8_t[]){ 0x66 }, 1);
	plan_bytes(p, &c->opcode, 1);
	put_based(p, 6, base, disp);
	for (int k = 0; k < 4; k++) {
		if (prefix)
			plan_bytes(p, (const uint8_t[]){ 0x66 }, 1);
		plan_bytes(p, (const uint8_t[]){ 0xc7 }, 1);
		put_based(p, 0, base, disp + (wide ? 12 + 4 * k : 6 + 2 * k));
		plan_bytes(p, (const uint8_t[4]){ 0 }, wide ? 4 : 2);
	}
	p->pointers |= d.pointers;
	p->options |= GROUP_FPU;
	return 0;
}

static void append_draft(struct plan *p, const struct draft *d)
{
	plan_bytes(p, d->bytes, d->n);
	p->pointers |= d->pointers;
	p->indices |= d->indices & ~d->pointers;
}

static uint32_t options_for(const struct cell *c)
{
	uint32_t o = 0;

	if (c->class == CLASS_X87 || c->class == CLASS_MMX || c->class == CLASS_SSE)
		o |= GROUP_FPU;
	if (c->class == CLASS_STRING)
		o |= GROUP_DIRECTION | GROUP_COUNT;
	if (c->op == OP_LOOP || c->op == OP_LOOPE || c->op == OP_LOOPNE || c->op == OP_JCXZ)
		o |= GROUP_COUNT;
	if (c->op == OP_DIV || c->op == OP_IDIV)
		o |= GROUP_DIVIDE;
	if (c->op == OP_CMPXCHG || c->op == OP_CMPXCHG8B || c->op == OP_SCAS)
		o |= GROUP_EQUAL;
	return o;
}

int plan_append(struct plan *p, const struct cell *c)
{
	struct draft d;
	struct insn i;

	if (stores_environment(c))
		return append_environment(p, c);
	for (int tries = 0; tries < 24; tries++) {
		if (draft_insn(p, &d, c) || !acceptable(p, &d, c))
			continue;
		insn_decode(&i, d.bytes, (size_t)d.n, p->size);
		if (d.rip_disp && i.opsize == 2 && (i.op == OP_SHLD || i.op == OP_SHRD))
			continue;
		if (!d.rip_disp)
			before(p, &d);
		append_draft(p, &d);
		p->native &= cell_native(c, p->mode);
		p->options |= options_for(c);
		return 0;
	}
	return -1;
}
