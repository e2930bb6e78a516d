/*
 * Addresses that are not canonical (Intel SDM 1, 3.3.7.1; 3A, 6.15, interrupts 12 and 13): #SS(0) when the stack segment is what the
 * instruction refers to, by PUSH and the like or by an operand based on RSP or RBP, else #GP(0). No record is kept of which it was: the
 * instruction is decoded again.
 */
#include "translator/insn.h"
#include "translator/mmu_internal.h"

#define INSN_MAX 15
#define NEAR_STACK 4096 /* bytes from RSP within which an address is taken for that of a push or pop */

/* The instruction's bytes as far as they are mapped: nothing is raised here. */
static unsigned fetch(struct cpu *cpu, uint8_t *buf)
{
	unsigned n = 0;

	while (n < INSN_MAX) {
		uint64_t lin = mmu_lin(cpu, cpu->seg[SEG_CS].base + cpu->eip + n);
		unsigned room = PAGE_SIZE - (lin & PAGE_MASK);
		uint32_t error;
		const struct soft_page *p = mmu_canonical(lin) ? mmu_translate(cpu, lin, ACC_EXEC, cpu->cpl == 3, &error) : NULL;

		if (!p || p->kind > PAGE_ROM)
			break;
		if (room > INSN_MAX - n)
			room = INSN_MAX - n;
		__builtin_memcpy(buf + n, (const uint8_t *)host_ptr(p->host_pa) + (lin & PAGE_MASK), room);
		n += room;
	}
	return n;
}

static bool uses_stack(const struct insn *i)
{
	switch (i->op) {
	case OP_PUSH:
	case OP_POP:
	case OP_PUSHF:
	case OP_POPF:
	case OP_CALL:
	case OP_CALLF:
	case OP_RET:
	case OP_RETF:
	case OP_IRET:
	case OP_ENTER:
	case OP_LEAVE:
		return true;
	}
	return false;
}

static bool has_memory_operand(const struct insn *i)
{
	for (unsigned k = 0; k < i->nopd; k++)
		if (i->opd[k].kind == OPD_MEM)
			return true;
	return false;
}

static bool operand_in_stack_segment(const struct insn *i)
{
	return (i->base == RSP || i->base == RBP) && i->seg != SEG_FS && i->seg != SEG_GS;
}

static bool refers_to_stack(struct cpu *cpu, uint64_t lin)
{
	uint8_t bytes[INSN_MAX];
	struct insn insn;

	if (!(cpu->mode & MODE_LONG) || insn_decode(&insn, bytes, fetch(cpu, bytes), MODE64) < 0)
		return false;
	if (!has_memory_operand(&insn))
		return uses_stack(&insn);
	if (uses_stack(&insn) && lin - cpu->gpr[RSP] + NEAR_STACK < 2 * NEAR_STACK)
		return true;
	return operand_in_stack_segment(&insn);
}

_Noreturn void mmu_raise_noncanonical(struct cpu *cpu, uint64_t lin, int flags)
{
	bool stack = flags & ACC_STACK || (!(flags & ACC_IMPLICIT) && refers_to_stack(cpu, lin));

	cpu_raise_err(cpu, stack ? EXC_SS : EXC_GP, 0);
}
