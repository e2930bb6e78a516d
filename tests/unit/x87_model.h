/*
 * A bench for the x87: the same instruction on this CPU and in x87_exec(), from the same state and operand, and what differs afterwards.
 *
 * The native side is code made at run time below 4 GiB: FRSTOR, the instruction, FNSAVE. FNSAVE does not wait, so unmasked
 * exceptions leave their state and no signal comes.
 */
#ifndef TESTS_X87_MODEL_H
#define TESTS_X87_MODEL_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/lib/doubles.h"
#include "translator/board.h"
#include "translator/mmu.h"
#include "translator/x87.h"
#include "tests/unit/check.h"

static struct cpu the_cpu;
static struct cpu *const c = &the_cpu;

/* ---- random numbers: xorshift64*, fixed seed ---- */

static uint64_t seed = 0x9e3779b97f4a7c15;
static uint64_t rnd(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1d;
}
static __attribute__((unused)) unsigned below(unsigned n) { return (unsigned)(rnd() >> 33) % n; }

/* ---- memory: one page, the operand at its start; and what x87_exec() needs from elsewhere ---- */

#define OPERAND_MAX 128
static uint8_t *native_memory; /* below 4 GiB */
static uint8_t model_memory[4096];
static bool page_gone;
static int raised;
static uint64_t fault_address;

static void touch(struct cpu *cpu, uint64_t lin)
{
	if (!page_gone)
		return;
	fault_address = lin;
	raised = EXC_PF;
	longjmp(cpu->unwind, 1);
}

static uint8_t *model_at(uint64_t lin) { return model_memory + (lin - (uintptr_t)native_memory) % sizeof(model_memory); }

void mem_read(struct cpu *cpu, uint64_t lin, void *buf, unsigned len, int flags)
{
	(void)flags;
	touch(cpu, lin);
	memcpy(buf, model_at(lin), len);
}
void mem_write(struct cpu *cpu, uint64_t lin, const void *buf, unsigned len, int flags)
{
	(void)flags;
	touch(cpu, lin);
	memcpy(model_at(lin), buf, len);
}
void mem_probe(struct cpu *cpu, uint64_t lin, unsigned len, int acc)
{
	(void)len, (void)acc;
	touch(cpu, lin);
}
#include "tests/lib/mem_access.h"

static bool ferr, irq13_deliverable;
void board_ferr(struct cpu *cpu, bool level)
{
	ferr = level;
	if (level && irq13_deliverable)
		cpu->pending |= PEND_INTR;
}
void cpu_raise(struct cpu *cpu, int vector)
{
	raised = vector;
	longjmp(cpu->unwind, 1);
}
void cpu_raise_err(struct cpu *cpu, int vector, uint32_t error)
{
	(void)error;
	cpu_raise(cpu, vector);
}
enum { NOTHING = -2, EXITED = -1 };
void cpu_exit(struct cpu *cpu) { cpu_raise(cpu, EXITED); }
uint32_t cpu_get_eflags(const struct cpu *cpu) { return cpu->eflags | (uint32_t)cpu->cc_dst; }

/* ---- the state, as FNSAVE stores it outside real mode ---- */

struct image {
	uint32_t cw, sw, tags, fip;
	uint16_t fcs, fop;
	uint32_t fdp, fds;
	struct {
		uint64_t mant;
		uint16_t sexp;
	} __attribute__((packed)) st[8];
} __attribute__((packed));
_Static_assert(sizeof(struct image) == 108, "FNSAVE image");

/* A test case before or after. */
struct state {
	struct image x87;
	uint32_t flags;
	uint8_t memory[OPERAND_MAX];
};

static __attribute__((unused)) struct f80 st_of(const struct state *s, unsigned i)
{
	return (struct f80){ s->x87.st[i].mant, s->x87.st[i].sexp };
}

/* ---- this CPU ---- */

static uint8_t *native_code;
static uint32_t native_insn; /* address of the instruction under test */

static void native_init(void)
{
	uint8_t *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	native_code = p;
	native_memory = p + 4096;
}

/* Code for f(in, out, memory operand, flags): POPF, FRSTOR [rdi], the instruction, FNSAVE [rsi], PUSHF. */
static __attribute__((unused)) void native_compile(const uint8_t *insn, unsigned len)
{
	static const uint8_t before[] = { 0x51, 0x9d, 0xdd, 0x27 }, after[] = { 0xdd, 0x36, 0x9c, 0x58, 0xc3 };
	uint8_t *p = native_code;

	memcpy(p, before, sizeof(before));
	native_insn = (uint32_t)(uintptr_t)(p + sizeof(before));
	memcpy(p + sizeof(before), insn, len);
	memcpy(p + sizeof(before) + len, after, sizeof(after));
	__builtin___clear_cache((char *)p, (char *)p + 64);
}

static __attribute__((unused)) void native_run(const struct state *in, struct state *out)
{
	typedef uint64_t code_fn(const struct image *in, struct image *out, void *memory, uint64_t flags);

	memcpy(native_memory, in->memory, OPERAND_MAX);
	out->flags = (uint32_t)((code_fn *)(uintptr_t)native_code)(&in->x87, &out->x87, native_memory, in->flags | 0x202) & FL_ARITH;
	memcpy(out->memory, native_memory, OPERAND_MAX);
}

/* ---- the model ---- */

static void model_set(const struct state *in)
{
	struct x87 *f = &c->x87;

	f->doubles = 0;
	f->cw = (uint16_t)in->x87.cw;
	x87_set_sw(c, (uint16_t)in->x87.sw);
	x87_set_tag_word(c, (uint16_t)in->x87.tags);
	for (unsigned i = 0; i < 8; i++) {
		unsigned p = x87_phys(c, i);
		f->st[p].mant = in->x87.st[i].mant;
		f->st[p].sexp = in->x87.st[i].sexp;
	}
	x87_refill(c);
	f->fop = f->fcs = f->fds = 0;
	f->fip = f->fdp = 0;
	c->cc_dst = in->flags;
	c->eip = native_insn;
	memcpy(model_memory, in->memory, OPERAND_MAX);
}

static void model_get(struct state *out)
{
	const struct x87 *f = &c->x87;

	x87_spill(c);
	memset(&out->x87, 0, sizeof(out->x87));
	out->x87.cw = 0xffff0000 | f->cw;
	out->x87.sw = 0xffff0000 | x87_sw(c);
	out->x87.tags = 0xffff0000 | x87_tag_word(c);
	out->x87.fip = (uint32_t)f->fip;
	out->x87.fop = f->fop;
	out->x87.fdp = (uint32_t)f->fdp;
	for (unsigned i = 0; i < 8; i++) {
		struct f80 v = x87_get(c, i);
		out->x87.st[i].mant = v.mant;
		out->x87.st[i].sexp = v.sexp;
	}
	memcpy(out->memory, model_memory, OPERAND_MAX);
}

static bool sets_eflags(unsigned esc, unsigned modrm)
{
	unsigned reg = modrm >> 3 & 7;

	return modrm >= 0xc0 && (esc == 3 || esc == 7) && (reg == 5 || reg == 6);
}

/* Runs D8+esc modrm with operand size 2 or 4; returns what it raised or NOTHING. */
static __attribute__((unused)) int model_run(unsigned esc, unsigned modrm, unsigned opsize, const struct state *in, struct state *out)
{
	uint64_t info = modrm | esc << 8 | SEG_DS << 16 | opsize << 24, result = 0;

	model_set(in);
	raised = NOTHING;
	if (!setjmp(c->unwind))
		result = x87_exec(c, info, modrm < 0xc0 ? (uintptr_t)native_memory : 0);
	model_get(out);
	out->flags = sets_eflags(esc, modrm) && raised == NOTHING ? (uint32_t)result : in->flags;
	return raised;
}

#endif
