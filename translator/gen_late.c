/*
 * Writes of registers that are put off, or left to a later instruction, though something between may fault: MOV ECX, EDX; MOV [EDI], EAX; SHL ECX, 16 shifts EDX into ECX. What
 * faults tells where the value is (struct late_write), and the guest sees it there as if it had been written. All that lies between is in line and calls no C, so
 * that nobody else looks.
 */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

#define AHEAD 5  /* instructions behind a copy that are looked at */
#define ASIDE (H_ASIDE - H_GPR8 + 8) /* the guest register whose host register is free outside 64-bit code */
#define BEFORE 8 /* ... and before what may do the work of others */

bool gen_accesses_in_line(const struct tr *t, const struct rinsn *r)
{
	return !insn_accesses(&r->i) || (gen_seg_is_flat(t, r->i.seg) && !(t->mode & (MODE_AC | MODE_DBG)) && !gen_is_device_site(t, r));
}

/* Whether nothing of the instruction's code lies out of line, or calls C. */
static bool is_in_line(const struct tr *t, const struct rinsn *r)
{
	static const bool known[OP_COUNT] = {
		[OP_MOV] = true, [OP_MOVZX] = true, [OP_MOVSX] = true, [OP_MOVSXD] = true, [OP_LEA] = true, [OP_ADD] = true, [OP_SUB] = true, [OP_AND] = true, [OP_OR] = true,
		[OP_XOR] = true, [OP_ADC] = true, [OP_SBB] = true, [OP_CMP] = true, [OP_TEST] = true, [OP_INC] = true, [OP_DEC] = true, [OP_NEG] = true, [OP_NOT] = true,
		[OP_CMOVCC] = true, [OP_SETCC] = true, [OP_NOP] = true,
	};

	if (gen_copy_is_plain(r))
		return true;
	return known[r->i.op] && insn_writes(&r->i) != INSN_WRITES_MORE && gen_accesses_in_line(t, r);
}

/* Whether the window has a place in common with that from instruction `begin` to `end`. */
static bool meets(const struct plan *p, const struct late_window *w, const struct rinsn *begin, const struct rinsn *end)
{
	return w->begin <= end - p->insn && begin - p->insn <= w->end;
}

/* How many do. */
static unsigned windows_at(const struct plan *p, const struct rinsn *begin, const struct rinsn *end)
{
	unsigned n = 0;

	for (unsigned k = 0; k < p->nlate; k++)
		n += meets(p, &p->late[k], begin, end);
	return n;
}

/* Puts a write off, from instruction `begin` to `end`; false when there are too many. */
static bool put_off(struct plan *p, const struct rinsn *begin, const struct rinsn *end, struct late_write w)
{
	const struct late_window window = { .begin = (uint8_t)(begin - p->insn), .end = (uint8_t)(end - p->insn), .write = w };

	if (windows_at(p, begin, end) >= LATE_WRITES || p->nlate == LATE_WINDOWS)
		return false;
	p->late[p->nlate++] = window;
	p->insn[window.begin].late |= LATE_TURNS;
	if (window.end + 1u < p->n)
		p->insn[window.end + 1].late |= LATE_TURNS;
	return true;
}

/* Nothing is emitted for the instruction. */
static void leave_out(struct rinsn *r)
{
	r->i = (struct insn){ .op = OP_NOP, .len = r->i.len };
}

static struct late_write write_of(const struct operand *to, int from, int32_t disp)
{
	return (struct late_write){ .to = to->reg, .from = (uint8_t)from, .size = (uint8_t)to->size, .disp = disp };
}

/*
 * Whether the instruction, which is in line, changes all of a register of which that is an operand, and takes what that was from where gen_copied() says. So does XOR CL, [EBX]
 * without flags (gen_logic_part()).
 */
static bool changes(const struct tr *t, const struct rinsn *r, const struct operand *to)
{
	const struct operand *o = r->i.opd;
	bool part = (r->i.op == OP_XOR || r->i.op == OP_OR) && !r->flags_live && o[0].kind == OPD_GPR && o[0].size < 4 && !insn_is_high_byte(&r->i, o) && o[1].kind == OPD_MEM;

	if (part && !(t->mode & MODE_LONG))
		return o[0].reg == to->reg && r->i.base != to->reg && r->i.index != to->reg;
	return gen_copy_changes(r, to->reg, to->size);
}

/* Whether the instruction can be moved past others that do not write `to`, its operand: it reads no other register, and nobody its flags. */
static bool can_move(const struct rinsn *r, const struct operand *to)
{
	return gen_copy_is_plain(r) && gen_copy_changes(r, to->reg, to->size) && (r->i.nopd < 2 || r->i.opd[1].kind == OPD_IMM) && !r->i.flags_read && !r->flags_live;
}

/*
 * MOV ESI, EDX; MOV EDX, [EBP]; SHR ESI, 16: the shift is in the place of the copy. If the load faults, EDX has what ESI is to be. last: the load, behind which nothing
 * may fault before the shift.
 */
static void use_early(struct tr *t, struct rinsn *copy, struct rinsn *last)
{
	const struct operand to = copy->i.opd[0];
	const int from = copy->i.opd[1].reg;
	struct rinsn *r = last;

	for (; gen_copy_goes_on(r) && r - copy < BEFORE; r++)
		if (gen_copy_touches(&r[1].i, to.reg) || insn_accesses(&r[1].i) || !is_in_line(t, r + 1))
			break;
	if (!gen_copy_goes_on(r) || !can_move(r + 1, &to) || !put_off(t->plan, copy, last, write_of(&to, HGPR(from), 0)))
		return;
	r++;
	uint8_t len = copy->i.len;
	copy->i = r->i;
	copy->i.len = len;
	copy->i.attr = copy->i.flags_read = copy->i.flags_written = 0;
	copy->first = (int8_t)from;
	copy->late |= LATE_QUIET;
	leave_out(r);
}

/*
 * MOV ESI, EDX; MOV EDX, [EBP]; SHR ESI, 16; ADD EDX, ECX: the load goes to a host register of its own, where the addition takes it from. So EDX is as it was for the shift, whatever lies
 * between.
 */
static bool load_aside(struct tr *t, struct rinsn *copy, struct rinsn *load)
{
	const struct operand *to = &copy->i.opd[0], loaded = load->i.opd[0];
	struct rinsn *r = load, *user = NULL;

	if (t->mode & MODE_LONG || load->i.op != OP_MOV || loaded.size != 4 || load->i.opd[1].kind != OPD_MEM)
		return false;
	for (unsigned n = 0; n < AHEAD && gen_copy_goes_on(r); n++) {
		r++;
		if (!is_in_line(t, r))
			return false;
		if (user && changes(t, r, &loaded))
			break;
		if (gen_copy_touches(&r->i, loaded.reg))
			return false;
		if (!user && changes(t, r, to))
			user = r;
		else if (!user && gen_copy_touches(&r->i, to->reg))
			return false;
	}
	if (!user || r == user || !changes(t, r, &loaded) || windows_at(t->plan, copy, r) || t->plan->nlate + 2 > LATE_WINDOWS)
		return false;
	put_off(t->plan, copy, user, write_of(to, HGPR(loaded.reg), 0));
	put_off(t->plan, load + 1, r, write_of(&loaded, HGPR(ASIDE), 0));
	copy->unmade = true;
	user->first = (int8_t)loaded.reg;
	load->i.opd[0].reg = ASIDE;
	r->first = ASIDE;
	return true;
}

void gen_late_copy(struct tr *t, struct rinsn *copy, struct rinsn *r)
{
	const struct operand *to = &copy->i.opd[0], *from = &copy->i.opd[1];

	for (;; r++) {
		if (!is_in_line(t, r))
			return;
		if (changes(t, r, to)) {
			if (put_off(t->plan, copy, r, write_of(to, HGPR(from->reg), 0))) {
				copy->unmade = true;
				r->first = (int8_t)from->reg;
			}
			return;
		}
		if (gen_copy_touches(&r->i, to->reg))
			return;
		if (gen_copy_writes(&r->i, from->reg)) {
			if (!(t->mode & MODE_LONG) && !load_aside(t, copy, r))
				use_early(t, copy, r);
			return;
		}
		if (r - copy == AHEAD || !gen_copy_goes_on(r))
			return;
	}
}

/* Whether the instruction makes the register 0, all of it, and nobody reads its flags. */
static bool makes_zero(const struct rinsn *r, int reg)
{
	const struct operand *to = &r->i.opd[0], *from = &r->i.opd[1];

	if (to->kind != OPD_GPR || to->reg != reg || to->size != 4)
		return false;
	if (r->i.op == OP_XOR)
		return from->kind == OPD_GPR && from->reg == reg && !r->flags_live;
	return r->i.op == OP_MOV && from->kind == OPD_IMM && !r->i.imm;
}

/* The MOV EDI, EDX soon behind r, which sets EDX; NULL: none. */
static struct rinsn *copy_behind(struct rinsn *r, int from)
{
	for (unsigned n = 0; n < AHEAD && gen_copy_goes_on(r); n++) {
		const struct insn *i = &(++r)->i;
		if (i->op == OP_MOV && i->opd[0].kind == OPD_GPR && i->opd[0].size == 4 && i->opd[1].kind == OPD_GPR && i->opd[1].reg == from)
			return i->opd[0].reg != from && i->opd[0].reg != RSP && !r->unmade ? r : NULL;
		if (!gen_copy_is_plain(r) || gen_copy_touches(i, from))
			return NULL;
	}
	return NULL;
}

/* The instruction behind r that gives `lost` another value, before which nobody looks at it, nor writes `kept`; NULL: there is none. */
static struct rinsn *overwriter_of(const struct tr *t, struct rinsn *r, int lost, int kept)
{
	for (unsigned n = 0; n < AHEAD && gen_copy_goes_on(r); n++) {
		r++;
		if (!is_in_line(t, r))
			return NULL;
		if (r->i.opd[0].kind == OPD_GPR && r->i.nopd > 1 && gen_copy_overwrites(r, lost))
			return r;
		if (gen_copy_touches(&r->i, lost) || gen_copy_writes(&r->i, kept))
			return NULL;
	}
	return NULL;
}

/* SETB DL; MOV EDI, EDX; MOV EDX, [EBP]: EDI is set, and EDX has its value if the load faults. */
static void set_copy(struct tr *t, struct rinsn *set)
{
	const int reg = set->i.opd[0].reg;
	/* code that works on doubles may have a pointer in what is set too early then */
	struct rinsn *copy = set->flags_live || t->x87_flow ? NULL : copy_behind(set, reg), *r = set, *end;

	if (!copy)
		return;
	const struct operand *to = &copy->i.opd[0];
	while (++r < copy)
		if (gen_copy_touches(&r->i, to->reg) || r->first == to->reg)
			return;
	end = overwriter_of(t, copy, reg, to->reg);
	if (!end || !put_off(t->plan, set, end, (struct late_write){ .to = (uint8_t)reg, .from = (uint8_t)HGPR(to->reg), .size = 4 }))
		return;
	set->first = (int8_t)to->reg;
	copy->unmade = true;
}

void gen_late_set(struct tr *t, unsigned k)
{
	struct rinsn *set = &t->plan->insn[k], *r = set;
	const int reg = set->i.opd[0].reg;

	if (t->mode & MODE_LONG || insn_is_high_byte(&set->i, &set->i.opd[0]) || reg == RSP)
		return;
	for (unsigned n = 0; n < BEFORE && r > t->plan->insn && gen_copy_goes_on(r - 1); n++) {
		r--;
		if (makes_zero(r, reg)) {
			if (put_off(t->plan, r, set - 1, (struct late_write){ .to = (uint8_t)reg, .from = H_ZERO, .size = 4 })) {
				leave_out(r);
				set->late |= LATE_WHOLE;
				set_copy(t, set);
			}
			return;
		}
		if (gen_copy_touches(&r->i, reg) || !is_in_line(t, r))
			return;
	}
}

/* Whether the instruction adds a constant to its register, and nobody wants flags. */
static bool adds(const struct rinsn *r)
{
	return (r->i.op == OP_ADD || r->i.op == OP_SUB) && r->i.opd[1].kind == OPD_IMM && !r->flags_live && !(r->late & LATE_QUIET);
}

/* By how much. */
static int32_t added(const struct insn *i)
{
	return (int32_t)(i->op == OP_ADD ? i->imm : -i->imm);
}

/* Whether the value of instruction r, which writes all of register reg, can be told of others: *w is set. */
static bool can_sink(const struct rinsn *r, int reg, struct late_write *w)
{
	const struct insn *i = &r->i;
	const struct operand *to = &i->opd[0], *from = &i->opd[1];

	if (r->unmade || r->late & LATE_QUIET || to->kind != OPD_GPR || to->reg != reg || to->size != 4)
		return false;
	if (adds(r) && r->first >= 0)
		*w = write_of(to, HGPR(r->first), added(i));
	else if (i->op == OP_LEA && i->addrsize == 4 && i->index == REG_NONE && i->base != REG_NONE)
		*w = write_of(to, HGPR(i->base), i->disp);
	else if (i->op == OP_MOV && from->kind == OPD_IMM)
		*w = write_of(to, H_ZERO, (int32_t)i->imm);
	else if (i->op == OP_MOV && from->kind == OPD_GPR)
		*w = write_of(to, HGPR(from->reg), 0);
	else
		return false;
	return w->from != HGPR(reg) && w->from != HGPR(RSP);
}

/* Whether the host's register `from` stays as it is from behind r to `end`: what writes it is put off itself. */
static bool stays(const struct plan *p, const struct rinsn *r, const struct rinsn *end, int from)
{
	int reg = from == HGPR(ASIDE) ? ASIDE : from - HGPR(0);

	for (; ++r < end;) {
		if (from == H_ZERO || !gen_copy_writes(&r->i, reg))
			continue;
		bool later = false;
		for (unsigned k = 0; k < p->nlate && r->unmade; k++)
			later |= p->late[k].begin == r - p->insn && p->late[k].end > end - p->insn;
		if (!later)
			return false;
	}
	return true;
}

/* Whether some window from instruction `begin` to `end` has its value in the register for what is loaded aside. */
static bool has_aside(const struct plan *p, const struct rinsn *begin, const struct rinsn *end)
{
	for (unsigned k = 0; k < p->nlate; k++)
		if (p->late[k].write.from == HGPR(ASIDE) && meets(p, &p->late[k], begin, end))
			return true;
	return false;
}

/* MOV ESI, [EBP]; ADD ESI, 4: the same for the addition, r, where the load can go aside. */
static bool can_load_aside(const struct tr *t, const struct rinsn *r, const struct rinsn *select, struct late_write *w)
{
	const struct operand *to = &select->i.opd[0], *sum = &r->i.opd[0];
	const struct rinsn *load = r - 1;

	if (!adds(r) || r->first >= 0 || sum->kind != OPD_GPR || sum->reg != to->reg || sum->size != 4 || r == t->plan->insn || !gen_copy_goes_on(load))
		return false;
	if (load->i.op != OP_MOV || load->i.opd[0].kind != OPD_GPR || load->i.opd[0].reg != to->reg || load->i.opd[0].size != 4 || load->i.opd[1].kind != OPD_MEM)
		return false;
	*w = write_of(to, HGPR(ASIDE), added(&r->i));
	return is_in_line(t, load) && !has_aside(t->plan, load, select);
}

/*
 * LEA EDI, [ECX + 4]; CMP EDX, EBX; CMOVAE EDI, [EBP]: what LEA does is done on the way where the condition does not hold. The comparison has to be behind it, so
 * that EDI is none of the operands that the condition is evaluated of.
 */
void gen_late_select(struct tr *t, unsigned k)
{
	struct rinsn *select = &t->plan->insn[k], *r = select;
	const struct operand *to = &select->i.opd[0];
	bool compared = false;
	struct late_write w;

	if (t->mode & MODE_LONG || to->size != 4 || to->reg == RSP || select->i.base == to->reg || select->i.index == to->reg || !is_in_line(t, select))
		return;
	for (unsigned n = 0; n < AHEAD && r > t->plan->insn && gen_copy_goes_on(r - 1); n++) {
		r--;
		bool aside = compared && can_load_aside(t, r, select, &w);
		if (aside || (compared && can_sink(r, to->reg, &w))) {
			if (!stays(t->plan, r, select, w.from) || !put_off(t->plan, r, select, w))
				return;
			if (aside)
				r[-1].i.opd[0].reg = ASIDE;
			leave_out(r);
			select->late |= LATE_SINKS;
			return;
		}
		if (gen_copy_touches(&r->i, to->reg) || !is_in_line(t, r))
			return;
		compared |= !(select->i.flags_read & ~r->i.flags_written);
	}
}

void gen_late_begin(struct tr *t, const struct rinsn *r)
{
	const struct late_window *w = t->plan->late;
	unsigned here = 0, shift = 0;

	for (unsigned numbers = t->late; numbers; numbers >>= LATE_BITS) {
		if (w[(numbers & LATE_MASK) - 1].end < t->index)
			continue;
		here |= (numbers & LATE_MASK) << shift;
		shift += LATE_BITS;
	}
	for (unsigned k = 0; k < t->plan->nlate; k++) {
		if (w[k].begin != t->index)
			continue;
		here |= (k + 1) << shift;
		shift += LATE_BITS;
	}
	t->late = (uint16_t)here;
	if (r->late & LATE_QUIET)
		t->flags_live = 0;
}
