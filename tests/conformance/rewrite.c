#include "tests/conformance/rewrite.h"

#include <string.h>

#include "tests/conformance/enumerate.h"
#include "translator/cpu.h"
#include "translator/insn.h"

#define MAX_FIXUPS 128

struct rewriter {
	struct rewrite *r;
	const uint8_t *code;
	int length;
	uint32_t base;
	uint64_t stack;
	struct insn i;
	int at, opcode_at; /* the instruction, and its opcode behind prefixes and 0F */
	int todo[1024], ntodo;
	struct { int at, target; } fixups[MAX_FIXUPS];
	int nfixups;
	int failed;
};

static void emit(struct rewriter *w, const void *bytes, int n)
{
	if (w->r->length + n > REWRITE_MAX - 64) {
		w->failed = 1;
		return;
	}
	memcpy(w->r->code + w->r->length, bytes, (size_t)n);
	w->r->length += n;
}

#define EMIT(w, ...) emit(w, (const uint8_t[]){ __VA_ARGS__ }, (int)sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void emit32(struct rewriter *w, uint32_t v)
{
	emit(w, &v, 4);
}

/* ---- branches ---- */

static void later(struct rewriter *w, int target)
{
	if (w->r->native[target] < 0 && w->ntodo < 1024)
		w->todo[w->ntodo++] = target;
}

/* A rel32 field to a guest offset in the code. */
static void emit_target(struct rewriter *w, int target)
{
	if (w->nfixups == MAX_FIXUPS) {
		w->failed = 1;
		return;
	}
	w->fixups[w->nfixups].at = w->r->length;
	w->fixups[w->nfixups++].target = target;
	emit32(w, 0);
	later(w, target);
}

/* Offset of a direct branch's target; out of the code: -1. */
static int target_of(const struct rewriter *w)
{
	int64_t t = w->at + w->i.len + w->i.imm;

	return t >= 0 && t <= w->length ? (int)t : -1;
}

static void jump_to_guest(struct rewriter *w)
{
	EMIT(w, 0x41, 0xff, 0xe0); /* jmp r8 */
}

static void emit_jump(struct rewriter *w)
{
	int t = target_of(w);

	if (t >= 0) {
		EMIT(w, 0xe9);
		emit_target(w, t);
	} else {
		EMIT(w, 0x41, 0xb8); /* mov r8d, target */
		emit32(w, w->base + (uint32_t)(w->at + w->i.len) + (uint32_t)w->i.imm);
		jump_to_guest(w);
	}
}

/* ---- memory ---- */

/* op reg, [esp + disp8], with 66 for 16-bit operands */
static void stack_access(struct rewriter *w, int opcode, int reg, int disp, int size)
{
	if (size == 2)
		EMIT(w, 0x66);
	EMIT(w, 0x67, (uint8_t)(0x40 | reg >> 3 << 2), (uint8_t)opcode, (uint8_t)(0x44 | (reg & 7) << 3), 0x24, (uint8_t)disp);
}

static void move_esp(struct rewriter *w, int disp)
{
	EMIT(w, 0x67, 0x8d, 0xa4, 0x24); /* lea esp, [esp + disp32] */
	emit32(w, (uint32_t)disp);
}

/* `opcode` with `reg` (0-15) and the instruction's memory operand; `extra` is added to the displacement. */
static void operand_access(struct rewriter *w, int opcode, int reg, int size, int extra)
{
	const struct insn *i = &w->i;

	if (size == 2)
		EMIT(w, 0x66);
	EMIT(w, 0x67, (uint8_t)(0x40 | reg >> 3 << 2), (uint8_t)opcode, (uint8_t)((i->base == REG_NONE ? 0 : 0x80) | (reg & 7) << 3 | 4),
		(uint8_t)(i->scale << 6 | (i->index == REG_NONE ? RSP : i->index) << 3 | (i->base == REG_NONE ? RBP : i->base)));
	emit32(w, (uint32_t)(i->disp + extra));
}

/* ---- instructions of another meaning in 64-bit mode ---- */

static void push_r8(struct rewriter *w)
{
	stack_access(w, 0x89, 8, -w->i.opsize, w->i.opsize);
	move_esp(w, -w->i.opsize);
}

static void pop_r8(struct rewriter *w)
{
	stack_access(w, 0x8b, 8, 0, w->i.opsize);
	move_esp(w, w->i.opsize);
}

static void load_operand(struct rewriter *w)
{
	const struct operand *o = &w->i.opd[0];

	if (o->kind == OPD_MEM) {
		operand_access(w, 0x8b, 8, o->size, 0);
	} else if (o->kind == OPD_GPR) {
		EMIT(w, 0x41, 0x89, (uint8_t)(0xc0 | o->reg << 3)); /* mov r8d, reg */
	} else {
		EMIT(w, 0x41, 0xb8);
		emit32(w, (uint32_t)w->i.imm);
	}
}

static void rewrite_push(struct rewriter *w)
{
	if (w->i.opd[0].kind == OPD_SEG) {
		w->failed = 1;
		return;
	}
	load_operand(w);
	push_r8(w);
}

static void rewrite_pop(struct rewriter *w)
{
	const struct operand *o = &w->i.opd[0];

	if (o->kind == OPD_GPR) {
		pop_r8(w);
		if (w->i.opsize == 2)
			EMIT(w, 0x66);
		EMIT(w, 0x44, 0x89, (uint8_t)(0xc0 | o->reg)); /* mov reg, r8 */
	} else if (o->kind == OPD_MEM) {
		stack_access(w, 0x8b, 8, 0, w->i.opsize);
		operand_access(w, 0x89, 8, w->i.opsize, w->i.base == RSP ? w->i.opsize : 0);
		move_esp(w, w->i.opsize);
	} else {
		w->failed = 1;
	}
}

/* r9 = rsp; rsp = scratch */
static void own_stack(struct rewriter *w)
{
	EMIT(w, 0x49, 0x89, 0xe1, 0x48, 0xbc);
	emit(w, &w->stack, 8);
}

static void rewrite_popf(struct rewriter *w)
{
	if (w->i.opsize == 2) {
		w->failed = 1;
		return;
	}
	pop_r8(w);
	own_stack(w);
	EMIT(w, 0x41, 0x50, 0x9d, 0x4c, 0x89, 0xcc); /* push r8; popfq; mov rsp, r9 */
}

static void rewrite_leave(struct rewriter *w)
{
	int n = w->i.opsize;

	if (n == 2)
		EMIT(w, 0x66);
	EMIT(w, 0x67, 0x44, 0x8b, 0x45, 0x00, 0x67, 0x8d, 0x65, (uint8_t)n); /* mov r8d, [ebp]; lea esp, [ebp + n] */
	if (n == 2)
		EMIT(w, 0x66);
	EMIT(w, 0x44, 0x89, 0xc5); /* mov ebp, r8d */
}

static void rewrite_call(struct rewriter *w)
{
	int direct = w->i.opd[0].kind == OPD_REL;

	if (w->i.opsize != 4) {
		w->failed = 1;
		return;
	}
	if (!direct) {
		load_operand(w);
		EMIT(w, 0x4d, 0x89, 0xc2); /* mov r10, r8 */
	}
	EMIT(w, 0x41, 0xb8);
	emit32(w, w->base + (uint32_t)(w->at + w->i.len));
	push_r8(w);
	if (w->at + w->i.len <= w->length)
		later(w, w->at + w->i.len);
	if (direct)
		emit_jump(w);
	else
		EMIT(w, 0x41, 0xff, 0xe2); /* jmp r10 */
}

static void rewrite_ret(struct rewriter *w)
{
	if (w->i.opsize != 4) {
		w->failed = 1;
		return;
	}
	pop_r8(w);
	if (w->i.imm)
		move_esp(w, (int)(w->i.imm & 0xffff));
	jump_to_guest(w);
}

static void rewrite_jmp(struct rewriter *w)
{
	if (w->i.opsize != 4) {
		w->failed = 1;
	} else if (w->i.opd[0].kind == OPD_REL) {
		emit_jump(w);
	} else {
		load_operand(w);
		jump_to_guest(w);
	}
}

/* The condition's jump over a jump: taken goes to the second one. */
static void rewrite_conditional(struct rewriter *w)
{
	if (w->i.opsize != 4 || w->i.addrsize != 4) {
		w->failed = 1;
		return;
	}
	if (w->i.op == OP_JCC)
		EMIT(w, (uint8_t)(0x70 | w->i.cond), 2);
	else
		EMIT(w, 0x67, w->i.opcode, 2);
	int over = w->r->length;
	EMIT(w, 0xeb, 0);
	emit_jump(w);
	if (w->r->length - over - 2 < 128)
		w->r->code[over + 1] = (uint8_t)(w->r->length - over - 2);
}

static void rewrite_incdec(struct rewriter *w)
{
	if (w->i.opsize == 2)
		EMIT(w, 0x66);
	EMIT(w, 0xff, (uint8_t)((w->i.op == OP_INC ? 0xc0 : 0xc8) | (w->i.opcode & 7)));
}

/* ---- the rest: the same bytes, with 67 ---- */

static void find_opcode(struct rewriter *w)
{
	static const uint8_t prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 };
	int k = w->at;

	while (memchr(prefixes, w->code[k], sizeof prefixes))
		k++;
	w->opcode_at = k;
}

static void rewrite_same(struct rewriter *w)
{
	const uint8_t *code = w->code + w->opcode_at;
	int map = code[0] != 0x0f ? 0 : code[1] == 0x38 || code[1] == 0x3a ? code[1] : 0x0f;
	uint8_t before[2];
	int n_before = map_bytes(before, map), end = w->at + w->i.len, k = w->opcode_at + n_before, opcode = w->code[k];

	EMIT(w, 0x67);
	for (int n = w->at; n < w->opcode_at; n++)
		if (w->code[n] == 0x66 || w->code[n] >= 0xf0)
			EMIT(w, w->code[n]);
	emit(w, before, n_before);
	EMIT(w, (uint8_t)(!map && opcode == 0x82 ? 0x80 : opcode));
	k++;
	if (k < end && opcode_has_modrm(map, opcode) && (w->code[k] & 0xc7) == 0x05) {
		EMIT(w, (uint8_t)((w->code[k] & 0x38) | 4), 0x25); /* disp32 alone would be RIP-relative */
		k++;
	}
	emit(w, w->code + k, end - k);
}

static int cannot(const struct rewriter *w)
{
	static const uint16_t ops[] = {
		OP_PUSHF, OP_PUSHA, OP_POPA, OP_ENTER, OP_DAA, OP_DAS, OP_AAA, OP_AAS, OP_AAM, OP_AAD, OP_SALC, OP_LDS, OP_LES, OP_LSS, OP_LFS,
		OP_LGS, OP_JMPF, OP_CALLF, OP_RETF, OP_IRET, OP_INT, OP_INT1, OP_INTO, OP_BOUND, OP_INS, OP_OUTS, OP_IN, OP_OUT, OP_SGDT, OP_SIDT,
		OP_SLDT, OP_STR, OP_SMSW, OP_ARPL, OP_LAR, OP_LSL, OP_VERR, OP_VERW, OP_RDTSC, OP_RDPMC, OP_CPUID, OP_SYSENTER, OP_SYSCALL, OP_RSM,
		OP_CLI, OP_STI, OP_INVALID,
	};
	const struct insn *i = &w->i;

	for (unsigned k = 0; k < sizeof ops / sizeof ops[0]; k++)
		if (i->op == ops[k])
			return 1;
	for (int n = 0; n < i->nopd; n++)
		if (i->opd[n].kind == OPD_SEG)
			return 1;
	if (i->op == OP_UD && (w->code[w->opcode_at] & 0xf0) == 0x40) /* LOCK INC: a REX prefix */
		return 1;
	for (int n = w->at; n < w->opcode_at; n++)
		if (w->code[n] == 0x67 || w->code[n] == 0x2e) /* 16-bit addresses; the code segment cannot be written */
			return 1;
	return (insn_info[i->op].attr & INSN_PRIV) || i->len == 15;
}

static void rewrite_insn(struct rewriter *w)
{
	if (cannot(w)) {
		w->failed = 1;
		return;
	}
	switch (w->i.op) {
	case OP_PUSH: rewrite_push(w); break;
	case OP_POP: rewrite_pop(w); break;
	case OP_POPF: rewrite_popf(w); break;
	case OP_LEAVE: rewrite_leave(w); break;
	case OP_CALL: rewrite_call(w); break;
	case OP_RET: rewrite_ret(w); break;
	case OP_JMP: rewrite_jmp(w); break;
	case OP_JCC: case OP_LOOP: case OP_LOOPE: case OP_LOOPNE: case OP_JCXZ:
		rewrite_conditional(w);
		break;
	default:
		if ((w->i.opcode & 0xf0) == 0x40 && (w->i.op == OP_INC || w->i.op == OP_DEC))
			rewrite_incdec(w);
		else
			rewrite_same(w);
	}
}

/* ---- walking the code ---- */

static int decode_at(struct rewriter *w, int at)
{
	uint8_t window[15] = { 0 };

	memcpy(window, w->code + at, (size_t)(w->length + 2 - at < 15 ? w->length + 2 - at : 15));
	w->at = at;
	if (insn_decode(&w->i, window, sizeof window, MODE32) < 0)
		return -1;
	find_opcode(w);
	return 0;
}

static int falls_through(const struct insn *i)
{
	return i->op != OP_JMP && i->op != OP_RET && i->op != OP_CALL && i->op != OP_UD;
}

static void mark(struct rewriter *w, int from)
{
	for (int k = from; k < w->r->length; k++)
		w->r->guest[k] = (int16_t)w->at;
}

/* The straight piece of code from an offset on, until it ends or meets code already rewritten. */
static void rewrite_from(struct rewriter *w, int at)
{
	while (!w->failed) {
		int start = w->r->length;

		if (at > w->length || decode_at(w, at)) {
			w->failed = 1;
			return;
		}
		if (w->r->native[at] >= 0) {
			EMIT(w, 0xe9);
			emit_target(w, at);
			mark(w, start);
			return;
		}
		w->r->native[at] = (int16_t)start;
		if (at == w->length)
			EMIT(w, 0x0f, 0x0b);
		else
			rewrite_insn(w);
		mark(w, start);
		if (at == w->length || !falls_through(&w->i))
			return;
		at += w->i.len;
	}
}

int rewrite_code(struct rewrite *r, const uint8_t *code, int length, uint32_t base, uint64_t stack)
{
	static struct rewriter w;

	if (length >= 1000)
		return -1;
	w = (struct rewriter){ .r = r, .code = code, .length = length, .base = base, .stack = stack };
	r->length = 0;
	r->guest_length = length;
	memset(r->native, 0xff, sizeof r->native);
	memset(r->guest, 0xff, sizeof r->guest);
	w.todo[w.ntodo++] = 0;
	while (w.ntodo && !w.failed) {
		int at = w.todo[--w.ntodo];
		if (r->native[at] < 0)
			rewrite_from(&w, at);
	}
	for (int k = 0; k < w.nfixups && !w.failed; k++) {
		int32_t rel = r->native[w.fixups[k].target] - (w.fixups[k].at + 4);
		memcpy(r->code + w.fixups[k].at, &rel, 4);
	}
	return w.failed ? -1 : 0;
}

static int same_operands(const struct insn *a, const struct insn *b)
{
	if (a->nopd != b->nopd || a->imm != b->imm || a->disp != b->disp || a->base != b->base || a->index != b->index)
		return 0;
	for (int k = 0; k < a->nopd; k++)
		if (a->opd[k].kind != b->opd[k].kind || a->opd[k].reg != b->opd[k].reg || (a->opd[k].kind != OPD_REL && a->opd[k].size != b->opd[k].size))
			return 0;
	return 1;
}

static int same_in_64bit(const struct insn *a, const struct insn *b)
{
	int uses_stack = a->op == OP_PUSH || a->op == OP_POP || a->op == OP_CALL || a->op == OP_RET || a->op == OP_LEAVE || a->op == OP_POPF;
	int indirect = a->op == OP_JMP && a->opd[0].kind != OPD_REL;

	if (uses_stack || indirect || a->op != b->op || a->len != b->len || b->rex || b->rip_rel || a->index != REG_NONE || a->seg_override)
		return 0;
	return same_operands(a, b);
}

int rewrite_needless(const uint8_t *code, int length)
{
	static struct rewriter w;
	struct insn b;
	uint8_t window[15];

	w.code = code;
	w.length = length;
	for (int at = 0; at < length; at += w.i.len) {
		if (decode_at(&w, at) || cannot(&w))
			return 0;
		memset(window, 0, sizeof window);
		memcpy(window, code + at, (size_t)(length - at < 15 ? length - at : 15));
		if (insn_decode(&b, window, sizeof window, MODE64) < 0 || !same_in_64bit(&w.i, &b))
			return 0;
	}
	return 1;
}
