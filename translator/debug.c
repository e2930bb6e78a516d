#include "translator/debug.h"

#include "translator/descriptor.h"
#include "translator/seg.h"

/* DR7.R/Wn */
enum { WATCH_EXEC = 0, WATCH_WRITE = 1, WATCH_IO = 2, WATCH_ACCESS = 3 };

static bool is_enabled(const struct cpu *cpu, int n)
{
	return cpu->dr[7] >> (2 * n) & 3;
}

static int watch_kind(const struct cpu *cpu, int n)
{
	return cpu->dr[7] >> (16 + 4 * n) & 3;
}

static unsigned watch_len(const struct cpu *cpu, int n)
{
	static const uint8_t len[] = { 1, 2, 8, 4 };
	return len[cpu->dr[7] >> (18 + 4 * n) & 3];
}

/* Whether [addr, addr + len) meets breakpoint n's aligned range. 32-bit linear addresses come in either extension. */
static bool meets(const struct cpu *cpu, int n, uint64_t addr, unsigned len)
{
	uint64_t mask = cpu->mode & MODE_LONG ? UINT64_MAX : 0xffffffff;
	uint64_t size = watch_len(cpu, n), first = cpu->dr[n] & mask & ~(size - 1);

	addr &= mask;
	return addr < first + size && first < addr + len;
}

void debug_check_data(struct cpu *cpu, uint64_t lin, unsigned len, bool write)
{
	if (!(cpu->mode & MODE_DBG))
		return;
	for (int n = 0; n < 4; n++) {
		int kind = watch_kind(cpu, n);
		bool watched = kind == WATCH_ACCESS || (kind == WATCH_WRITE && write);
		if (watched && is_enabled(cpu, n) && meets(cpu, n, lin, len))
			cpu->debug.hits |= 1u << n;
	}
}

void debug_check_io(struct cpu *cpu, uint16_t port, unsigned size)
{
	if (!(cpu->mode & MODE_DBG) || !(cpu->cr4 & CR4_DE))
		return;
	for (int n = 0; n < 4; n++) {
		if (watch_kind(cpu, n) == WATCH_IO && is_enabled(cpu, n) && meets(cpu, n, port, size))
			cpu->debug.hits |= 1u << n;
	}
}

static uint64_t instruction_hits(const struct cpu *cpu)
{
	uint64_t lin = seg_linear(cpu, &cpu->seg[SEG_CS], cpu->eip);
	uint64_t hits = 0;

	for (int n = 0; n < 4; n++) {
		if (watch_kind(cpu, n) == WATCH_EXEC && is_enabled(cpu, n) && meets(cpu, n, lin, 1))
			hits |= 1u << n;
	}
	return hits;
}

/* Whether the instruction that set cpu->inhibit was MOV SS or POP SS, after which debug exceptions wait too. */
static bool held_back(const struct cpu *cpu)
{
	return cpu->inhibit && !cpu->debug.sti_shadow;
}

static _Noreturn void raise_db(struct cpu *cpu, uint64_t dr6_bits)
{
	cpu->dr[6] = (cpu->dr[6] & ~(uint64_t)DR6_B) | dr6_bits;
	cpu_raise(cpu, EXC_DB);
}

void debug_before_insn(struct cpu *cpu)
{
	uint64_t hits = cpu->mode & MODE_DBG && !(cpu->eflags & FL_RF) && !held_back(cpu) ? instruction_hits(cpu) : 0;

	if (hits)
		raise_db(cpu, hits);
	/* Breakpoints that MOV SS held back are still to be reported after this instruction. */
	if (!held_back(cpu))
		cpu->debug.hits = 0;
	cpu->debug.sti_shadow = false;
	cpu->debug.step = cpu->eflags & FL_TF;
	cpu->eflags &= ~FL_RF;
}

void debug_after_insn(struct cpu *cpu)
{
	uint64_t due = cpu->debug.hits | (cpu->debug.step ? DR6_BS : 0);

	if (!due || held_back(cpu))
		return;
	cpu->debug.hits = 0;
	cpu->debug.step = false;
	raise_db(cpu, due);
}

void debug_check_register_access(struct cpu *cpu)
{
	if (!(cpu->dr[7] & DR7_GD))
		return;
	cpu->debug.set_rf = true;
	cpu->dr[6] |= DR6_BD;
	cpu_raise(cpu, EXC_DB);
}

void debug_event_delivered(struct cpu *cpu, int vector)
{
	cpu->debug.step = false;
	cpu->debug.set_rf = false;
	if (vector == EXC_DB)
		cpu->dr[7] &= ~(uint64_t)DR7_GD;
}
