#include "translator/stack.h"

#include "translator/descriptor.h"
#include "translator/mmu.h"

void stack_init(struct cpu *cpu, struct stack *st, const struct seg *seg, uint64_t sp, uint32_t error)
{
	st->seg = *seg;
	st->mask = cpu->mode & MODE_LONG ? UINT64_MAX : seg->attr & SEG_ATTR_DB ? 0xffffffff : 0xffff;
	st->sp = sp;
	st->rights = ACC_IMPLICIT;
	st->error = error;
}

void stack_current(struct cpu *cpu, struct stack *st, unsigned ext)
{
	stack_init(cpu, st, &cpu->seg[SEG_SS], cpu->gpr[RSP], ext);
	st->rights = ACC_USER_RIGHTS_BY_CPL;
}

static void need(struct cpu *cpu, const struct stack *st, uint64_t off, unsigned size, int write)
{
	if (!(cpu->mode & MODE_LONG) && !seg_allows(cpu, &st->seg, off, size, write))
		cpu_raise_err(cpu, EXC_SS, st->error);
}

void stack_need_room(struct cpu *cpu, const struct stack *st, unsigned n, unsigned size)
{
	for (unsigned i = 1; i <= n; i++)
		need(cpu, st, (st->sp - (uint64_t)i * size) & st->mask, size, 1);
}

void stack_probe(struct cpu *cpu, const struct stack *st, unsigned n, unsigned size)
{
	for (unsigned i = 1; i <= n; i++) {
		uint64_t off = (st->sp - (uint64_t)i * size) & st->mask;
		mem_probe_aligned(cpu, seg_linear(cpu, &st->seg, off), size, ACC_WRITE | st->rights);
	}
}

void stack_push(struct cpu *cpu, struct stack *st, unsigned size, uint64_t v)
{
	uint64_t off = (st->sp - size) & st->mask;
	uint64_t lin = seg_linear(cpu, &st->seg, off);

	if (size == 8)
		mem_write64(cpu, lin, v, st->rights);
	else if (size == 2)
		mem_write16(cpu, lin, v, st->rights);
	else
		mem_write32(cpu, lin, v, st->rights);
	st->sp -= size;
}

void stack_need_data(struct cpu *cpu, const struct stack *st, unsigned skip, unsigned n, unsigned size)
{
	for (unsigned i = 0; i < n; i++)
		need(cpu, st, (st->sp + skip + (uint64_t)i * size) & st->mask, size, 0);
}

uint64_t stack_pop(struct cpu *cpu, struct stack *st, unsigned size)
{
	uint64_t off = st->sp & st->mask;
	uint64_t lin = seg_linear(cpu, &st->seg, off);

	need(cpu, st, off, size, 0);
	st->sp += size;
	if (size == 8)
		return mem_read64(cpu, lin, st->rights);
	return size == 2 ? mem_read16(cpu, lin, st->rights) : mem_read32(cpu, lin, st->rights);
}

void stack_skip(struct stack *st, uint64_t bytes)
{
	st->sp += bytes;
}

void stack_commit(struct cpu *cpu, const struct stack *st)
{
	uint64_t sp = (cpu->gpr[RSP] & ~st->mask) | (st->sp & st->mask);

	cpu->seg[SEG_SS] = st->seg;
	cpu->gpr[RSP] = cpu->mode & MODE_LONG ? sp : sx32(sp);
}
