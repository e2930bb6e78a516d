/*
 * The stack pointer. Of a run of pushes and pops, with moves and arithmetic between them, only the last changes the host's register: until then the
 * guest's is t->sp_late above it, which accesses and fault points allow for. Instructions that carry this on need no C, and no place where others
 * may come in.
 */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

#define LATE_MAX 512 /* either way: displacements and what pending flags know of the stack pointer stay small */

/* Whether the code's stack pointer is one whole register, whose accesses need no check that would want its value. */
static bool can_be_late(const struct tr *t)
{
	uint32_t flat = MODE_SS_FLAT | MODE_SS32;

	if (t->single || t->mode & MODE_AC)
		return false;
	return gen_is_long(t) || ((t->mode & flat) == flat && !gen_is_compat(t));
}

/* Whether the operand in memory, which may be relative to the stack pointer, is reached without its value. */
static bool memory_allows(const struct tr *t, const struct insn *i)
{
	return gen_seg_is_flat(t, i->seg) && i->addrsize >= 4 && !i->lock && i->disp > INT32_MIN / 2 && i->disp < INT32_MAX / 2;
}

static bool is_addition(const struct insn *i)
{
	return i->op == OP_ADD || i->op == OP_SUB;
}

/* ADD or SUB of a constant to the stack pointer, by how much; its flags are dead, or may stay pending. */
static bool adds(const struct tr *t, const struct rinsn *r, int *delta)
{
	const struct insn *i = &r->i;
	int size = t->mode & MODE_LONG ? 8 : 4;

	if (i->lock || (r->flags_live && !gen_sp_carried(t, r)) || i->opd[0].kind != OPD_GPR || i->opd[0].reg != RSP || i->opd[0].size != size ||
	    i->opd[1].kind != OPD_IMM || i->imm < -LATE_MAX / 2 || i->imm > LATE_MAX / 2)
		return false;
	*delta = (int)(i->op == OP_ADD ? i->imm : -i->imm);
	return true;
}

static bool carries(const struct tr *t, const struct rinsn *r)
{
	const struct insn *i = &r->i;
	int delta;

	if (i->attr & INSN_LATE)
		return !(i->attr & INSN_MEMORY) || memory_allows(t, i);
	return is_addition(i) && adds(t, r, &delta);
}

bool gen_sp_carried(const struct tr *t, const struct rinsn *r)
{
	return r->falls && !r[1].leader && t->sp_late > -LATE_MAX && t->sp_late < LATE_MAX && carries(t, r + 1);
}

bool gen_sp_defers(const struct tr *t, const struct rinsn *r)
{
	int delta;

	return can_be_late(t) && (is_addition(&r->i) ? adds(t, r, &delta) : carries(t, r)) && gen_sp_carried(t, r);
}

bool gen_sp_insn(struct tr *t, const struct rinsn *r)
{
	int delta;

	if (!is_addition(&r->i) || !can_be_late(t) || !adds(t, r, &delta))
		return false;
	gen_esp_add(t, delta);
	if (r->flags_live) {
		gen_pend(t, &(struct recent_flags){
			.op = r->i.op == OP_ADD ? CC_ADD : CC_SUB, .size = r->i.opd[0].size, .a = -1, .b = -1, .res = HGPR(RSP), .imm = true, .value = r->i.imm,
		});
		gen_pend_stack(t, -t->sp_late);
	}
	return true;
}

void gen_sp_settle(struct tr *t)
{
	t->sp_defers = false;
	if (t->sp_late)
		gen_esp_add(t, 0);
}

void gen_sp_adjust(struct tr *t, int delta)
{
	if (delta)
		(t->mode & MODE_LONG ? la_addi_d : la_addi_w)(&t->e, HGPR(RSP), HGPR(RSP), delta);
}

void gen_esp_add(struct tr *t, int delta)
{
	struct emit *e = &t->e;

	delta += t->sp_late;
	t->sp_late = t->sp_defers ? delta : 0;
	if (t->sp_defers || !delta)
		return;
	gen_pend_stack(t, delta);
	if (t->mode & (MODE_LONG | MODE_SS32)) {
		gen_sp_adjust(t, delta);
		return;
	}
	la_addi_d(e, T7, HGPR(RSP), delta);
	la_bstrins_d(e, HGPR(RSP), T7, 15, 0);
}

void gen_push(struct tr *t, int rs, int size, int tmp)
{
	gen_store(t, rs, gen_stack(t, -size, (unsigned)size, MEM_STORE, tmp), size);
	gen_esp_add(t, -size);
}
