/* The guest's state at a host instruction of translated code that has trapped. */
#include <string.h>

#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"
#include "translator/vregs.h"
#include "translator/x87.h"

uint64_t fault_point_eip(const struct region *r, const struct fault_point *p)
{
	return (r->eip + (uint64_t)(int64_t)p->eip_delta) & plan_eip_mask(r->mode);
}

void fault_point_clear_upper(struct cpu *cpu, const struct fault_point *p)
{
	for (unsigned registers = p->narrow; registers; registers &= registers - 1) {
		int k = __builtin_ctz(registers);
		cpu->gpr[k] = (uint32_t)cpu->gpr[k];
	}
}

/* What has been put off; from: the host's registers. */
static void write_late(uint64_t *low, uint64_t *high, const struct region *r, const struct fault_point *p, const uint64_t *from)
{
	for (unsigned numbers = p->late; numbers; numbers >>= LATE_BITS) {
		const struct late_write *w = &r->late[(numbers & LATE_MASK) - 1].write;
		uint64_t value = from[w->from] + (uint64_t)(int64_t)w->disp;
		uint64_t *to = w->to < 8 ? &low[w->to] : &high[w->to - 8];

		*to = w->size == 8 ? value : r->mode & MODE_LONG ? (uint32_t)value : sx32(value);
	}
}

/* What pending flags are as operands of the lazy ones. */
static void cook(uint64_t *cc_dst, uint64_t *cc_src, const struct trap_frame *frame, const struct cc_recipe *p)
{
	int shift = (p->op & 3) == 3 ? 0 : 32;
	uint64_t src = p->constant ? (uint64_t)p->value : frame->r[p->b];
	uint64_t dst = p->res ? frame->r[p->res] - (uint64_t)p->adjust : frame->r[p->a] - src;

	*cc_src = (uint64_t)((int64_t)(src << shift) >> shift);
	*cc_dst = (uint64_t)((int64_t)(dst << shift) >> shift);
}

void x87_recover(struct cpu *cpu, const struct x87_live *l, const uint64_t *r)
{
	struct x87 *f = &cpu->x87;
	uint64_t v[32][2] __attribute__((aligned(16))), d[8];

	for (unsigned n = 16; n < 32; n++)
		vreg_store(n, v[n]);
	for (unsigned p = 0; p < 8; p++)
		d[p] = v[l->reg[p]][0];
	doubles_load(d);
	f->tag_empty = (uint8_t)l->word;
	f->top = (uint8_t)(l->word >> 8);
	f->doubles = (uint8_t)(l->word >> 32);
	if (l->c1 != X87_C1_STORED)
		f->c1 = l->c1;
	for (unsigned k = 0; k < 2 && l->c1 >= X87_C1_ADD; k++)
		f->c1_of[k] = v[l->of[k]][0];
	if (l->pointers) {
		f->fip = l->fip;
		f->fop = l->fop;
	}
	if (l->fdp_base) {
		f->fdp = r[l->fdp_base] + (uint64_t)(int64_t)l->fdp_disp;
		if (!(cpu->mode & MODE_LONG))
			f->fdp = (uint32_t)f->fdp;
		f->fds = cpu->seg[l->fdp_seg].sel;
	}
	if (l->done)
		f->fcs = cpu->seg[SEG_CS].sel;
	fcsr_write(f->fcsr);
}

/* What is neither in a general register nor flags that are pending. */
static inline void recover_rest(struct cpu *cpu, const struct trap_frame *frame, const struct region *r, const struct fault_point *p)
{
	if (p->cc >= 0)
		cpu->cc_op = (uint32_t)p->cc;
	cpu->eip = fault_point_eip(r, p);
	if (p->x87)
		x87_recover(cpu, &r->x87_points[p->x87 - 1].live, frame->r);
}

/* The stack pointer before the instruction. */
static inline uint64_t stack_before(const struct region *r, const struct fault_point *p, uint64_t rsp)
{
	rsp += (uint64_t)(int64_t)p->stack;
	return r->mode & MODE_LONG ? rsp : sx32(rsp);
}

int fault_point_settle(struct cpu *cpu, struct trap_frame *frame, const struct region *r, const struct fault_point *p)
{
	if (p->pend.op)
		cook(&frame->r[H_CC_DST], &frame->r[H_CC_SRC], frame, &p->pend);
	for (unsigned registers = p->narrow; registers; registers &= registers - 1) {
		int k = HGPR(__builtin_ctz(registers));
		frame->r[k] = (uint32_t)frame->r[k];
	}
	write_late(&frame->r[HGPR(0)], &frame->r[HGPR(8)], r, p, frame->r);
	if (p->stack)
		frame->r[HGPR(RSP)] = stack_before(r, p, frame->r[HGPR(RSP)]);
	recover_rest(cpu, frame, r, p);
	if (p->start < p->eip_delta)
		dead_flags_recover(cpu, frame, r, p, &frame->r[HGPR(0)], &frame->r[HGPR(8)], &frame->r[H_CC_DST], &frame->r[H_CC_SRC]);
	return p->flags;
}

void fault_point_recover(struct cpu *cpu, const struct trap_frame *frame, const struct region *r, const struct fault_point *p)
{
	memcpy(cpu->gpr, &frame->r[HGPR(0)], 8 * sizeof cpu->gpr[0]);
	if (r->mode & MODE_LONG)
		memcpy(cpu->gpr + 8, &frame->r[HGPR(8)], 8 * sizeof cpu->gpr[0]);
	fault_point_clear_upper(cpu, p);
	write_late(cpu->gpr, cpu->gpr + 8, r, p, frame->r);
	if (p->stack)
		cpu->gpr[RSP] = stack_before(r, p, cpu->gpr[RSP]);
	cpu->cc_dst = frame->r[H_CC_DST];
	cpu->cc_src = frame->r[H_CC_SRC];
	if (p->pend.op)
		cook(&cpu->cc_dst, &cpu->cc_src, frame, &p->pend);
	recover_rest(cpu, frame, r, p);
	if (p->start < p->eip_delta)
		dead_flags_recover(cpu, frame, r, p, cpu->gpr, cpu->gpr + 8, &cpu->cc_dst, &cpu->cc_src);
}
