/*
 * Flags that nobody was to read are not kept by translated code (region.c). When an instruction faults before they are overwritten, its event shows
 * them to the guest, and what a store changes may read them. The source that the region keeps and the registers, which mostly have the operands or the
 * result still, then tell what they are. All of it is done when it is needed: translated code and its tables know no more than where to begin.
 */
#include <string.h>

#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"
#include "translator/host_word.h"
#include "translator/mmu_internal.h"

#define PATH_MAX 24 /* the last so many instructions before the fault are looked at */
#define RESULT_FLAGS (FL_ZF | FL_SF | FL_PF)

/* The way to the instruction that has faulted. */
struct path {
	const struct region *region;
	const struct fault_point *point;
	struct insn insn[PATH_MAX];
	int16_t delta[PATH_MAX]; /* EIP less the region's */
	unsigned n;
	int64_t skipped;         /* branches before these lead here at most: EIP less the region's */
	bool repeats;            /* the one that has faulted may have done part of its work */
	/* since the instruction that is looked at: */
	uint16_t read;           /* flags that have been read */
	uint16_t lost;           /* registers (a bit each) that have been written ... */
	uint16_t moved_low;      /* ... those that only a constant has been added to, to 32 bits ... */
	int64_t by[16];          /* ... and which constant */
};

/* Where a branch within the path leads, as EIP less the region's; else no further than it is. */
static int64_t target_of(const struct path *path, unsigned k)
{
	const struct insn *i = &path->insn[k];

	return i->nopd && i->opd[0].kind == OPD_REL ? path->delta[k] + i->len + i->imm : path->delta[k];
}

/* Makes room for one more. */
static void drop_first_half(struct path *path)
{
	const unsigned half = PATH_MAX / 2;

	for (unsigned k = 0; k < half; k++)
		if (target_of(path, k) > path->skipped)
			path->skipped = target_of(path, k);
	memcpy(path->insn, path->insn + half, half * sizeof path->insn[0]);
	memcpy(path->delta, path->delta + half, half * sizeof path->delta[0]);
	path->n = half;
}

#define REP_REGISTERS (1u << RCX | 1u << RSI | 1u << RDI)

/* Decodes up to the instruction that has faulted. */
static bool decode_path(struct path *path)
{
	const struct region *r = path->region;
	int delta = path->point->start, dsize = plan_dsize(r->mode);
	uint32_t at = (uint32_t)(r->entry_gpa - r->gpa) + (uint32_t)delta;

	path->n = 0;
	path->skipped = delta;
	while (delta < path->point->eip_delta) {
		if (path->n == PATH_MAX)
			drop_first_half(path);
		int len = at < r->len ? insn_decode(&path->insn[path->n], r->copy + at, r->len - at, dsize) : 0;
		if (len <= 0)
			return false;
		path->delta[path->n++] = (int16_t)delta;
		delta += len;
		at += (uint32_t)len;
	}
	struct insn faulted;
	if (delta != path->point->eip_delta || at >= r->len || insn_decode(&faulted, r->copy + at, r->len - at, dsize) < 0)
		return false;
	path->repeats = faulted.rep != REP_NONE || faulted.lock;
	path->lost = faulted.rep != REP_NONE ? REP_REGISTERS : 0;
	return true;
}

/* A register as the instruction that is looked at has left it. */
static bool find_register(const struct path *path, const struct insn *i, const struct operand *o, struct flag_value *v)
{
	bool high = insn_is_high_byte(i, o);
	unsigned reg = high ? o->reg - 4 : o->reg;

	*v = (struct flag_value){ .where = VALUE_GUEST, .reg = (uint8_t)reg, .shift = high ? 8 : 0, .add = -path->by[reg] };
	return !(path->lost >> reg & 1) && !(path->moved_low >> reg & 1 && o->size > 4);
}

/* Whether host register reg has kept what the load at `word` got into it. */
static bool is_kept(const struct path *path, uint32_t word, unsigned reg)
{
	const uint32_t *code = path->region->code;

	for (uint32_t k = word + 1; k < path->point->host; k++)
		if (host_word_is_call(code[k]) || host_word_writes(code[k], reg))
			return false;
	return true;
}

/* Flags that the instruction may write, though not for all operands. */
static uint16_t may_write(const struct insn *i)
{
	uint16_t attr = insn_info[i->op].attr;

	return attr & INSN_VARIES && !(attr & INSN_EVALUATES) ? FL_ARITH : i->flags_written & FL_ARITH;
}

/* Whether a load of instruction k of the path into cc_src may be there still: code out of line puts the flags of later ones there. */
static bool is_last_writer(const struct path *path, unsigned k)
{
	while (++k < path->n)
		if (may_write(&path->insn[k]))
			return false;
	return true;
}

/* What instruction k of the path has loaded: most often the temporary register still has it. */
static bool find_loaded(const struct path *path, unsigned k, struct flag_value *v)
{
	const struct fault_point *p = path->point;
	struct host_insn host;
	struct trap_frame none = { 0 };

	if (path->repeats)
		return false;
	while (p-- > path->region->points && p->eip_delta >= path->delta[k]) {
		if (p->eip_delta != path->delta[k] || p->flags & POINT_WORD || host_insn_decode(path->region->code[p->host], &none, &host) || host.op != HOST_LOAD)
			continue;
		*v = (struct flag_value){ .where = VALUE_HOST, .reg = (uint8_t)host.reg };
		bool may_stay = (host.reg >= T1 && host.reg <= T5) || (host.reg == H_CC_SRC && is_last_writer(path, k));
		return host.file <= HOST_GPR_SIGNED && may_stay && is_kept(path, p->host, host.reg);
	}
	return false;
}

static bool find_operand(const struct path *path, unsigned k, const struct operand *o, struct flag_value *v)
{
	const struct insn *i = &path->insn[k];

	switch (o->kind) {
	case OPD_GPR:
		return find_register(path, i, o, v);
	case OPD_MEM:
		return find_loaded(path, k, v);
	case OPD_IMM:
		*v = (struct flag_value){ .where = VALUE_CONSTANT, .add = i->imm };
		return true;
	default:
		return false;
	}
}

static bool same_register(const struct operand *a, const struct operand *b)
{
	return a->kind == OPD_GPR && b->kind == OPD_GPR && a->reg == b->reg && a->size == b->size;
}

/* Both are registers, and the first has part of the second in it. */
static bool overlaps(const struct insn *i, const struct operand *a, const struct operand *b)
{
	int ra = insn_is_high_byte(i, a) ? a->reg - 4 : a->reg, rb = insn_is_high_byte(i, b) ? b->reg - 4 : b->reg;

	return a->kind == OPD_GPR && b->kind == OPD_GPR && ra == rb && (a->reg == b->reg || a->size > 1);
}

/* Operations whose flags follow from the operands, and mostly from the result and the second of them. */
static const struct { uint8_t kind; enum flag_operation op; bool compares; } rules[OP_COUNT] = {
	[OP_ADD] = { CC_ADD, FLAGS_OF_SUM, false }, [OP_SUB] = { CC_SUB, FLAGS_OF_DIFFERENCE, false }, [OP_CMP] = { CC_SUB, FLAGS_OF_DIFFERENCE, true },
	[OP_AND] = { CC_LOGIC, FLAGS_OF_AND, false }, [OP_TEST] = { CC_LOGIC, FLAGS_OF_AND, true }, [OP_OR] = { CC_LOGIC, FLAGS_OF_OR, false },
	[OP_XOR] = { CC_LOGIC, FLAGS_OF_XOR, false }, [OP_INC] = { CC_INC, FLAGS_OF_SUM, false }, [OP_DEC] = { CC_DEC, FLAGS_OF_DIFFERENCE, false },
	[OP_NEG] = { CC_SUB, FLAGS_OF_NEGATION, false },
};

/* ADD EAX, EAX and the like have overwritten both operands. */
static uint16_t of_same(const struct path *path, const struct insn *i, struct flag_piece *f)
{
	f->result = true;
	if (!find_register(path, i, &i->opd[0], &f->a))
		return 0;
	switch (i->op) {
	case OP_SBB: /* 0 - CF */
		f->cc = CC_SUB;
		f->op = FLAGS_OF_NEGATION;
		return FL_ARITH;
	case OP_SUB:
		f->cc = CC_SUB;
		f->b = (struct flag_value){ .where = VALUE_CONSTANT };
		return FL_ARITH;
	default:
		f->cc = CC_LOGIC;
		return i->op == OP_ADD ? RESULT_FLAGS : i->op == OP_ADC ? 0 : FL_ARITH;
	}
}

/* MUL of 4 or 8 bytes: CF and OF tell whether the upper half is 0. */
static uint16_t of_product(const struct path *path, const struct insn *i, struct flag_piece *f)
{
	const struct operand low = { .kind = OPD_GPR, .reg = RAX, .size = i->opd[0].size }, high = { .kind = OPD_GPR, .reg = RDX, .size = i->opd[0].size };

	f->cc = CC_MUL;
	f->result = true;
	return low.size >= 4 && find_register(path, i, &low, &f->a) && find_register(path, i, &high, &f->b) ? FL_ARITH : 0;
}

/* The flags that the result tells of operations which overwrite their operand. */
static uint16_t of_result(const struct path *path, const struct insn *i, struct flag_piece *f)
{
	f->cc = CC_LOGIC;
	f->result = true;
	return i->opd[0].kind == OPD_GPR && find_register(path, i, &i->opd[0], &f->a) ? RESULT_FLAGS : 0;
}

/* The flags of instruction k of the path that can be told, and from what. */
static uint16_t describe(const struct path *path, unsigned k, struct flag_piece *f)
{
	const struct insn *i = &path->insn[k];
	const struct operand *d = &i->opd[0], *s = &i->opd[1];
	uint16_t told = i->op == OP_INC || i->op == OP_DEC ? FL_ARITH & ~FL_CF : FL_ARITH;

	*f = (struct flag_piece){ .cc = rules[i->op].kind, .op = rules[i->op].op };
	if (i->lock || !i->nopd)
		return 0;
	if (i->op == OP_MUL)
		return of_product(path, i, f);
	if (i->op == OP_SHL || i->op == OP_SHR || i->op == OP_SAR || (i->op == OP_IMUL && i->nopd > 1))
		return of_result(path, i, f);
	bool compares = rules[i->op].compares;
	if (i->nopd > 1 && !compares && same_register(d, s) && (f->cc || i->op == OP_SBB))
		return of_same(path, i, f);
	if (!f->cc || (i->nopd > 1 && !compares && overlaps(i, d, s)))
		return 0;
	f->result = d->kind == OPD_GPR && !compares;
	if (!find_operand(path, k, d, &f->a))
		return 0;
	if (f->result && f->cc == CC_LOGIC)
		return told;
	if (i->nopd < 2)
		f->b = (struct flag_value){ .where = VALUE_CONSTANT, .add = 1 };
	else if (!find_operand(path, k, s, &f->b))
		return f->result ? of_result(path, i, f) : 0;
	return told;
}

/* Whether the instruction adds a constant to the register that it writes, or to the stack pointer. */
static bool adds(const struct path *path, const struct insn *i, int64_t *by)
{
	const struct operand *d = &i->opd[0];
	uint32_t flat = MODE_SS32 | MODE_LONG;

	switch (i->op) {
	case OP_PUSH:
		*by = -(int64_t)i->opsize;
		return path->region->mode & flat;
	case OP_POP:
		*by = i->opsize;
		return path->region->mode & flat && d->kind == OPD_GPR && d->reg != RSP;
	case OP_INC:
	case OP_DEC:
		*by = i->op == OP_INC ? 1 : -1;
		return d->size >= 4;
	case OP_ADD:
	case OP_SUB:
		*by = i->op == OP_ADD ? i->imm : -i->imm;
		return d->size >= 4 && i->opd[1].kind == OPD_IMM;
	case OP_LEA:
		*by = i->disp;
		return d->size >= 4 && i->addrsize == d->size && i->base == d->reg && i->index == REG_NONE;
	default:
		return false;
	}
}

/* Whether a branch of the path passes instruction k by. */
static bool may_be_skipped(const struct path *path, unsigned k)
{
	if (path->skipped > path->delta[k])
		return true;
	for (unsigned b = 0; b < k; b++)
		if (target_of(path, b) > path->delta[k])
			return true;
	return false;
}

/* What is looked at next lies before instruction k. Returns false when that may have written any register. */
static bool pass(struct path *path, unsigned k)
{
	const struct insn *i = &path->insn[k];
	enum insn_writes kind = insn_writes(i);
	uint16_t written = insn_written(i), moved = kind == INSN_WRITES_STACK ? 1u << RSP : written;
	int64_t by;

	path->read |= i->flags_read;
	if (kind == INSN_WRITES_MORE)
		return false;
	if (!written)
		return true;
	if (!adds(path, i, &by) || may_be_skipped(path, k)) {
		path->lost |= written;
		return true;
	}
	path->lost |= written & (uint16_t)~moved;
	path->by[__builtin_ctz(moved)] += by;
	if (kind == INSN_WRITES_FIRST && i->opd[0].size == 4)
		path->moved_low |= moved;
	return true;
}

/* From the last instruction back to the first. */
static void find(struct dead_flags *f, struct path *path)
{
	uint16_t open = FL_ARITH;

	for (unsigned k = path->n; k-- > 0 && open && f->n < DEAD_FLAGS_PIECES;) {
		const struct insn *i = &path->insn[k];
		uint16_t may = may_write(i) & open;
		struct flag_piece *piece = &f->piece[f->n];

		if (may & ~i->flags_written || (may && may_be_skipped(path, k)))
			return;
		if (may) {
			piece->flags = describe(path, k, piece) & may;
			piece->cc += (uint8_t)__builtin_ctz(i->opd[0].size | 1u << 3);
			f->told |= piece->flags;
			f->lost |= may & (uint16_t)~(piece->flags | path->read);
			f->n += piece->flags != 0;
			open &= (uint16_t)~may;
		}
		if (!pass(path, k))
			return;
	}
}

static void look(struct dead_flags *f, const struct region *r, const struct fault_point *p)
{
	struct path path;

	path.region = r;
	path.point = p;
	path.read = path.moved_low = 0;
	memset(path.by, 0, sizeof path.by);
	f->n = 0;
	f->told = f->lost = 0;
	if (decode_path(&path))
		find(f, &path);
	f->whole = f->n == 1 && (f->told == FL_ARITH || (!(p->flags & POINT_KEEPS) && (f->told | f->lost) == FL_ARITH));
}

static inline uint64_t value_of(const struct flag_value *v, const struct trap_frame *frame, const uint64_t *low, const uint64_t *high)
{
	if (v->where == VALUE_CONSTANT)
		return (uint64_t)v->add;
	if (v->where == VALUE_HOST)
		return frame->r[v->reg];
	return ((v->reg < 8 ? low[v->reg] : high[v->reg - 8]) + (uint64_t)v->add) >> v->shift;
}

static inline uint64_t operate(enum flag_operation op, uint64_t a, uint64_t b)
{
	switch (op) {
	case FLAGS_OF_SUM: return a + b;
	case FLAGS_OF_DIFFERENCE: return a - b;
	case FLAGS_OF_NEGATION: return -a;
	case FLAGS_OF_AND: return a & b;
	case FLAGS_OF_OR: return a | b;
	default: return a ^ b;
	}
}

static inline void evaluate(const struct flag_piece *p, const struct trap_frame *frame, const uint64_t *low, const uint64_t *high, uint64_t *cc_dst, uint64_t *cc_src)
{
	unsigned unused = 64 - (8u << (p->cc & 3));
	uint64_t dst = value_of(&p->a, frame, low, high), src = value_of(&p->b, frame, low, high);

	if (!p->result)
		dst = operate(p->op, dst, src);
	if (p->op == FLAGS_OF_NEGATION)
		src = -dst;
	*cc_dst = (uint64_t)((int64_t)(dst << unused) >> unused);
	*cc_src = (uint64_t)((int64_t)(src << unused) >> unused);
}

/* From several pieces, or one and what has been kept. */
static __attribute__((noinline)) void merge(const struct dead_flags *f, struct cpu *cpu, const struct trap_frame *frame, const uint64_t *low, const uint64_t *high,
	uint64_t *cc_dst, uint64_t *cc_src)
{
	uint32_t flags = f->told == FL_ARITH ? 0 : cc_compute(cpu->cc_op, *cc_dst, *cc_src) & ~(uint32_t)f->told;

	for (unsigned k = 0; k < f->n; k++) {
		const struct flag_piece *p = &f->piece[k];
		uint64_t dst, src;

		evaluate(p, frame, low, high, &dst, &src);
		flags |= cc_compute(p->cc, dst, src) & p->flags;
	}
	cpu->cc_op = CC_EFLAGS;
	*cc_dst = flags;
}

static struct dead_flags *slot_of(struct code_cache *c, const struct region *r, const struct fault_point *p)
{
	return &c->dead_flags[(uintptr_t)(r->code + p->host) / sizeof *r->code % DEAD_FLAGS_SIZE];
}

static __attribute__((noinline)) void recover_new(struct cpu *cpu, const struct trap_frame *frame, const struct region *r, const struct fault_point *p, const uint64_t *low,
	const uint64_t *high, uint64_t *cc_dst, uint64_t *cc_src)
{
	struct dead_flags *f = slot_of(cpu->cache, r, p);

	f->point = p;
	f->emptied = cpu->cache->emptied;
	look(f, r, p);
	dead_flags_recover(cpu, frame, r, p, low, high, cc_dst, cc_src);
}

/* The rare cases are functions of their own, called last: so nothing is saved here. */
void dead_flags_recover(struct cpu *cpu, const struct trap_frame *frame, const struct region *r, const struct fault_point *p, const uint64_t *low, const uint64_t *high,
	uint64_t *cc_dst, uint64_t *cc_src)
{
	const struct dead_flags *f = slot_of(cpu->cache, r, p);

	if (f->point != p || f->emptied != cpu->cache->emptied) {
		recover_new(cpu, frame, r, p, low, high, cc_dst, cc_src);
	} else if (!f->whole) {
		if (f->n)
			merge(f, cpu, frame, low, high, cc_dst, cc_src);
	} else {
		cpu->cc_op = f->piece[0].cc;
		evaluate(&f->piece[0], frame, low, high, cc_dst, cc_src);
	}
}
