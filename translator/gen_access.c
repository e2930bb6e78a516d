/* Accesses to memory operands, and the fault points of what may fault. */
#include "translator/cpu.h"
#include "translator/gen.h"
#include "translator/region.h"

static __attribute__((noinline)) void note_x87(struct tr *t, struct fault_point *p)
{
	p->x87 = (uint16_t)gen_x87_point(t);
}

/* The word `at` may fault. To be the last that a function does: then what few need is a jump, and the others save no registers for a call. */
static inline __attribute__((always_inline)) void fault_point(struct tr *t, const uint32_t *at, unsigned flags)
{
	const struct rinsn *r = &t->plan->insn[t->index];
	struct fault_point *p = &t->points[t->npoints];

	if (t->npoints == TR_MAX_POINTS) {
		t->full = true;
		return;
	}
	t->npoints++;
	p->host = (uint16_t)(at - t->e.start);
	p->eip_delta = (int16_t)(t->eip - t->region->eip);
	p->cc = (int8_t)t->cc_static;
	p->flags = (uint8_t)(r->flags_in ? flags | POINT_KEEPS : flags);
	p->narrow = t->narrow;
	p->start = r->flags_in == FL_ARITH ? NO_START : t->start_delta;
	p->slow = p->x87 = 0;
	p->stack = (int16_t)t->sp_late;
	p->pend = t->pend;
	p->late = t->late;
	if (t->live.active)
		note_x87(t, p);
}

void gen_fault_point(struct tr *t)
{
	fault_point(t, t->e.p, 0);
}

void gen_fault_point_modify(struct tr *t)
{
	fault_point(t, t->e.p, POINT_MODIFIES);
}

void gen_fault_point_word(struct tr *t)
{
	fault_point(t, t->e.p, POINT_MODIFIES | POINT_WORD);
}

/* At the sum of two registers. */
static __attribute__((noinline)) void load_indexed(struct emit *e, int rd, struct maddr a, int size, bool sign)
{
	if (size == 4)
		la_ldx_w(e, rd, a.reg, a.index);
	else if (size == 8)
		la_ldx_d(e, rd, a.reg, a.index);
	else if (size == 2)
		(sign ? la_ldx_h : la_ldx_hu)(e, rd, a.reg, a.index);
	else
		(sign ? la_ldx_b : la_ldx_bu)(e, rd, a.reg, a.index);
}

static __attribute__((noinline)) void store_indexed(struct emit *e, int rs, struct maddr a, int size)
{
	if (size == 4)
		la_stx_w(e, rs, a.reg, a.index);
	else if (size == 8)
		la_stx_d(e, rs, a.reg, a.index);
	else if (size == 2)
		la_stx_h(e, rs, a.reg, a.index);
	else
		la_stx_b(e, rs, a.reg, a.index);
}

static inline __attribute__((always_inline)) void load(struct tr *t, int rd, struct maddr a, int size, bool sign)
{
	struct emit *e = &t->e;

	if (a.index)
		load_indexed(e, rd, a, size, sign);
	else if (size == 4)
		la_ld_w(e, rd, a.reg, a.disp);
	else if (size == 8)
		la_ld_d(e, rd, a.reg, a.disp);
	else if (size == 2 && sign)
		la_ld_h(e, rd, a.reg, a.disp);
	else if (size == 2)
		la_ld_hu(e, rd, a.reg, a.disp);
	else if (sign)
		la_ld_b(e, rd, a.reg, a.disp);
	else
		la_ld_bu(e, rd, a.reg, a.disp);
}

void gen_load(struct tr *t, int rd, struct maddr a, int size, bool sign)
{
	const uint32_t *at = t->e.p;

	load(t, rd, a, size, sign);
	fault_point(t, at, 0);
}

void gen_load_zext(struct tr *t, int rd, struct maddr a)
{
	gen_fault_point(t);
	if (a.index)
		la_ldx_wu(&t->e, rd, a.reg, a.index);
	else
		la_ld_wu(&t->e, rd, a.reg, a.disp);
}

void gen_load_modify(struct tr *t, int rd, struct maddr a, int size, bool sign)
{
	const uint32_t *at = t->e.p;

	load(t, rd, a, size, sign);
	fault_point(t, at, POINT_MODIFIES);
}

void gen_store(struct tr *t, int rs, struct maddr a, int size)
{
	struct emit *e = &t->e;
	const uint32_t *at = e->p;

	if (a.index)
		store_indexed(e, rs, a, size);
	else if (size == 4)
		la_st_w(e, rs, a.reg, a.disp);
	else if (size == 8)
		la_st_d(e, rs, a.reg, a.disp);
	else if (size == 2)
		la_st_h(e, rs, a.reg, a.disp);
	else
		la_st_b(e, rs, a.reg, a.disp);
	fault_point(t, at, 0);
}

void gen_vload(struct tr *t, int vd, struct maddr a)
{
	gen_fault_point(t);
	if (a.index)
		la_vldx(&t->e, vd, a.reg, a.index);
	else
		la_vld(&t->e, vd, a.reg, a.disp);
}

void gen_vstore(struct tr *t, int vs, struct maddr a)
{
	gen_fault_point(t);
	if (a.index)
		la_vstx(&t->e, vs, a.reg, a.index);
	else
		la_vst(&t->e, vs, a.reg, a.disp);
}

static _Noreturn uint64_t unaligned(struct cpu *cpu)
{
	cpu_raise_err(cpu, EXC_GP, 0);
}

void gen_check_aligned16(struct tr *t, struct maddr a)
{
	struct emit *e = &t->e;
	int address = a.reg;

	const uint32_t *from = e->p;
	if (gen_known_aligned16(t, a))
		return;
	if (a.disp & 15) {
		la_addi_d(e, T7, a.reg, a.disp);
		address = T7;
	}
	la_andi(e, T7, address, 15);
	uint32_t *site = e->p;
	la_bnez(e, T7, 0);
	gen_slow_call(t, site, (const void *)unaligned, 0, 0, 0, -1);
	gen_note_aligned16(t, a, from);
}
