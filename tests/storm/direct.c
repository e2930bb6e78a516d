#include "tests/storm/direct.h"

#include <setjmp.h>
#include <string.h>

#include "tests/lib/doubles.h"
#include "translator/board.h"
#include "translator/mxcsr.h"
#include "translator/sse_exec.h"
#include "translator/vregs.h"
#include "translator/x87.h"

#define SOURCE 16 /* vector registers for operands that are not in XMM registers */
#define RESULT 17

static struct cpu cpu;
static uint8_t vregs[32][16];
static uint8_t memory[STORM_MEM_SIZE];
static jmp_buf out_of_insn;

/* ---- what the arithmetic asks of the rest ---- */

void vreg_store(unsigned n, void *buf) { memcpy(buf, vregs[n], 16); }
void vreg_load(unsigned n, const void *buf) { memcpy(vregs[n], buf, 16); }

static uint8_t *at(uint64_t lin) { return memory + (lin - STORM_MEM); }

void mem_read(struct cpu *c, uint64_t lin, void *buf, unsigned len, int flags)
{
	(void)c, (void)flags;
	memcpy(buf, at(lin), len);
}

void mem_write(struct cpu *c, uint64_t lin, const void *buf, unsigned len, int flags)
{
	(void)c, (void)flags;
	memcpy(at(lin), buf, len);
}

void mem_probe(struct cpu *c, uint64_t lin, unsigned len, int acc)
{
	(void)c, (void)lin, (void)len, (void)acc;
}

#include "tests/lib/mem_access.h"

_Noreturn void cpu_raise(struct cpu *c, int vector)
{
	c->exc.vector = (uint8_t)vector;
	longjmp(out_of_insn, 1);
}

_Noreturn void cpu_raise_err(struct cpu *c, int vector, uint32_t error)
{
	(void)error;
	cpu_raise(c, vector);
}

_Noreturn void cpu_exit(struct cpu *c)
{
	cpu_raise(c, STORM_END);
}

void board_ferr(struct cpu *c, bool level)
{
	(void)c, (void)level;
}

uint32_t cpu_get_eflags(const struct cpu *c)
{
	return c->eflags | (uint32_t)c->cc_dst;
}

/* ---- states ---- */

static void load(const struct program *p, const struct storm_state *s)
{
	memset(&cpu, 0, sizeof cpu);
	cpu.cr0 = CR0_PE | CR0_NE;
	cpu.cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
	cpu.mode = MODE_PE | (p->wide ? MODE_LONG | MODE_LMA : MODE_CS32);
	cpu.eflags = FL_1;
	cpu.step = 1;
	cpu.cc_dst = s->eflags;
	cpu.mxcsr = s->mxcsr;
	for (unsigned k = 0; k < 8; k++) {
		cpu.x87.st[k].mant = s->st[k].mant;
		cpu.x87.st[k].sexp = s->st[k].sexp;
	}
	x87_set_sw(&cpu, s->sw);
	x87_set_cw(&cpu, s->cw);
	cpu.x87.tag_empty = s->empty;
	x87_refill(&cpu);
	cpu.gpr[RAX] = s->gpr[0];
	cpu.gpr[RCX] = s->gpr[1];
	memcpy(vregs, s->xmm, sizeof s->xmm);
	memcpy(memory, s->mem, STORM_MEM_SIZE);
}

static void store(struct storm_state *s)
{
	x87_spill(&cpu);
	for (unsigned k = 0; k < 8; k++) {
		s->st[k].mant = cpu.x87.st[k].mant;
		s->st[k].sexp = cpu.x87.st[k].sexp;
	}
	s->sw = x87_sw(&cpu);
	s->cw = cpu.x87.cw;
	s->empty = cpu.x87.tag_empty;
	s->gpr[0] = cpu.gpr[RAX];
	s->gpr[1] = cpu.gpr[RCX];
	s->mxcsr = cpu.mxcsr;
	s->eflags = (uint32_t)cpu.cc_dst;
	memcpy(s->xmm, vregs, sizeof s->xmm);
	memcpy(s->mem, memory, STORM_MEM_SIZE);
}

/* ---- instructions ---- */

static bool returns_flags(const struct insn *i)
{
	unsigned reg = i->modrm >> 3 & 7;

	return i->modrm >= 0xc0 && (i->opcode == 0xdb || i->opcode == 0xdf) && (reg == 5 || reg == 6);
}

static void do_x87(const struct insn *i)
{
	uint64_t result;

	if (i->opcode == 0xdf && i->modrm == 0xe0) { /* FNSTSW AX */
		cpu.gpr[RAX] = (cpu.gpr[RAX] & ~0xffffull) | x87_sw(&cpu);
		return;
	}
	result = x87_exec(&cpu, X87_INFO(i, i->opcode - 0xd8u), i->modrm < 0xc0 ? STORM_MEM + (uint64_t)i->disp : 0);
	if (returns_flags(i))
		cpu.cc_dst = result;
}

/* The vector register with the second operand. */
static unsigned source_of(const struct insn *i)
{
	const struct operand *o = &i->opd[1];
	int64_t v;

	if (o->kind == OPD_XMM)
		return o->reg;
	if (o->kind == OPD_MEM) {
		memcpy(vregs[SOURCE], memory + i->disp, 16);
		return SOURCE;
	}
	v = o->size == 8 ? (int64_t)cpu.gpr[o->reg] : (int32_t)cpu.gpr[o->reg];
	memcpy(vregs[SOURCE], &v, 8);
	return SOURCE;
}

static bool compares_flags(const struct insn *i)
{
	return i->op == OP_UCOMISS || i->op == OP_UCOMISD || i->op == OP_COMISS || i->op == OP_COMISD;
}

static void do_sse(const struct insn *i)
{
	unsigned s = source_of(i), d = i->opd[0].reg, size = i->opd[0].kind == OPD_GPR ? i->opd[0].size : i->opd[1].size;
	bool sized = i->opd[0].kind == OPD_GPR || i->op == OP_CVTSI2SS || i->op == OP_CVTSI2SD;
	uint64_t imm = sized ? size : (uint64_t)i->imm & 0xff, r;

	if (i->opd[0].kind == OPD_GPR) {
		r = sse_exec(&cpu, i->op, SSE_REGS(RESULT, s, s), imm);
		cpu.gpr[d] = size == 8 ? r : (uint32_t)r;
		return;
	}
	r = sse_exec(&cpu, i->op, SSE_REGS(d, d, s), imm);
	if (compares_flags(i))
		cpu.cc_dst = r;
}

void direct_run(const struct program *p, const struct storm_state *in, struct storm_state *out)
{
	volatile unsigned k = 0;

	*out = *in;
	load(p, in);
	cpu.exc.vector = STORM_END;
	if (!setjmp(out_of_insn)) {
		for (; k < p->n; k++) {
			const struct insn *i = &p->insn[k];
			cpu.eip = STORM_EIP + p->at[k];
			if (i->op == OP_FWAIT)
				x87_wait(&cpu);
			else if (i->op == OP_X87)
				do_x87(i);
			else
				do_sse(i);
		}
	}
	store(out);
	out->done = (uint8_t)k;
	out->vector = cpu.exc.vector;
}
