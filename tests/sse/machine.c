/*
 * Runs under qemu-loongarch64: reads test cases, translates each instruction, executes the code, and writes the state it leaves.
 */
#include <setjmp.h>
#include <string.h>

#include "tests/sse/case.h"
#include "translator/mmu.h"
#include "translator/mxcsr.h"
#include "translator/translate.h"
#include "translator/vregs.h"
#include "translator/x87.h"

#define EIP 0x1000
#define MODE_FLAT64 (MODE_LONG | MODE_LMA | MODE_PE | MODE_CS_FLAT | MODE_SS_FLAT | MODE_DS_FLAT | MODE_ES_FLAT | MODE_PG | MODE_IOPL_OK)
#define MODE_FLAT32 (MODE_CS32 | MODE_SS32 | MODE_PE | MODE_CS_FLAT | MODE_SS_FLAT | MODE_DS_FLAT | MODE_ES_FLAT | MODE_PG | MODE_IOPL_OK)
#define CODE_WORDS 16384

enum { SYS_READ = 63, SYS_WRITE = 64, SYS_SIGACTION = 134, SYS_MMAP = 222 };
enum { SIGFPE = 8, SA_SIGINFO = 4 };

long system_call(long number, long a, long b, long c, long d, long e, long f);
void enter(struct cpu *cpu, const void *code);
extern uint32_t stub_exit[], stub_helper[], stub_helper_end[], stub_slow[];

#define ALL(stub) { stub, stub, stub, stub }
static struct stubs stubs = {
	.helper = ALL(stub_helper), .helper_end = ALL(stub_helper_end), .exit = ALL(stub_exit), .link = ALL(stub_exit), .jump = ALL(stub_exit),
	.jump_out = ALL(stub_exit), .jump_checked = ALL(stub_exit), .jump_near = ALL(stub_exit), .check = ALL(stub_exit), .cc_get = stub_exit,
	.slow = ALL(stub_slow), .dead = ALL(stub_exit),
};
static struct tr t;
static struct plan plan;
static struct cpu cpu;
static jmp_buf out_of_code;

/* ---- what the translator wants from the rest of it ---- */

const struct stubs *cache_stubs(struct cpu *c)
{
	(void)c;
	return &stubs;
}

_Noreturn void cpu_raise(struct cpu *c, int vector)
{
	c->exc.vector = (uint8_t)vector;
	longjmp(out_of_code, 1);
}

_Noreturn void cpu_raise_err(struct cpu *c, int vector, uint32_t error)
{
	(void)error;
	cpu_raise(c, vector);
}

void mem_probe(struct cpu *c, uint64_t lin, unsigned len, int acc)
{
	(void)c, (void)lin, (void)len, (void)acc;
}

void mem_write8(struct cpu *c, uint64_t lin, uint8_t v, int flags)
{
	(void)c, (void)flags;
	*(volatile uint8_t *)lin = v;
}

/* No x87 instruction has been, so that there are neither doubles nor a C1 to be found. */
void x87_spill(struct cpu *c)
{
	(void)c;
}

bool x87_double_c1(const struct cpu *c)
{
	return c->x87.c1;
}

uint64_t x87_wait(struct cpu *c)
{
	cpu_raise(c, EXC_MF);
}

/* ---- floating-point traps, as fp_trap.c ---- */

/* The kernel's words on a signal's frame: registers, then records of the others, each with a head of 16 bytes. */
struct signal_context {
	uint64_t before[22];
	uint64_t pc, r[32];
	uint32_t flags;
	uint8_t records[] __attribute__((aligned(16)));
};
struct record {
	uint32_t magic, size;
	uint64_t none;
};
enum { RECORD_FPU = 0x46505501, RECORD_LSX = 0x53580001 };

/* FCSR as the program gets it back: behind 32 registers and the condition flags. */
static uint32_t *fcsr_of(struct signal_context *s)
{
	for (uint8_t *p = s->records;;) {
		struct record *r = (struct record *)p;
		if (r->magic == RECORD_FPU)
			return (uint32_t *)(p + sizeof *r + 32 * 8 + 8);
		if (r->magic == RECORD_LSX)
			return (uint32_t *)(p + sizeof *r + 32 * 16 + 8);
		p += r->size;
	}
}

/* Code has one instruction to test: without a way out of line it goes on without traps. */
static void on_trap(int number, void *info, struct signal_context *s)
{
	uint32_t host = (uint32_t)((uint32_t *)s->pc - t.e.start);

	(void)number, (void)info;
	for (unsigned k = 0; k < t.npoints; k++)
		if (t.points[k].host == host && t.points[k].slow) {
			s->pc = (uint64_t)(t.e.start + t.points[k].slow);
			return;
		}
	*fcsr_of(s) &= ~(uint32_t)FCSR_TRAP_INVALID;
}

static void catch_traps(void)
{
	struct { void *handler; unsigned long flags, mask; } action = { (void *)on_trap, SA_SIGINFO, 0 };

	system_call(SYS_SIGACTION, SIGFPE, (long)&action, 0, sizeof action.mask, 0, 0);
}

/* ---- one case ---- */

static void load(const struct test_case *c)
{
	const struct state *s = &c->in;

	memset(&cpu, 0, sizeof cpu);
	cpu.cr0 = c->cr0;
	cpu.cr4 = c->cr4;
	cpu.eflags = FL_1;
	if (c->wide) { /* for what works out the mode anew */
		cpu.efer = EFER_LMA;
		cpu.seg[SEG_CS].attr = SEG_ATTR_L;
	}
	mxcsr_set(&cpu, s->mxcsr); /* changes the mode, and with it registers */
	for (int k = 0; k < 16; k++) {
		cpu.gpr[k] = c->wide ? s->gpr[k] : sx32(s->gpr[k]);
		vreg_load((unsigned)k, s->xmm[k]);
	}
	for (int k = 0; k < 8; k++) {
		cpu.x87.st[k].mant = s->st[k].mant;
		cpu.x87.st[k].sexp = s->st[k].sexp;
	}
	cpu.x87.sw = s->fsw & (uint16_t)~(SW_TOP | SW_C1);
	cpu.x87.es = s->fsw & SW_ES ? 1 : 0;
	x87_set_top(&cpu, s->fsw >> SW_TOP_SHIFT);
	x87_set_c1(&cpu, s->fsw & SW_C1);
	cpu.x87.tag_empty = s->empty;
	memcpy((void *)(uintptr_t)CASE_MEM, s->mem, CASE_MEM_SIZE);
	cpu.mode = (c->wide ? MODE_FLAT64 : MODE_FLAT32) | (cpu.mode & (MODE_SSE_SLOW | MODE_SSE_TRAP | MODE_FPU_TRAP));
	cpu.stop = 0;
}

static void store(struct state *s)
{
	for (int k = 0; k < 16; k++) {
		s->gpr[k] = cpu.gpr[k];
		vreg_store((unsigned)k, s->xmm[k]);
	}
	for (int k = 0; k < 8; k++) {
		s->st[k].mant = cpu.x87.st[k].mant;
		s->st[k].sexp = cpu.x87.st[k].sexp;
	}
	s->fsw = x87_sw(&cpu);
	s->empty = cpu.x87.tag_empty;
	s->mxcsr = mxcsr_get(&cpu);
	s->eflags = cpu_get_eflags(&cpu) & FL_ARITH;
	memcpy(s->mem, (void *)(uintptr_t)CASE_MEM, CASE_MEM_SIZE);
}

/* The instruction and UD2 behind it. Returns the code, or NULL. */
static const void *make_code(const struct test_case *c, uint32_t *code)
{
	static uint8_t page[4096];
	static struct region region;
	struct source src = { .page = page, .page_eip = EIP, .eip_last = plan_eip_mask(cpu.mode), .eip_mask = plan_eip_mask(cpu.mode) };
	int dsize = plan_dsize(cpu.mode);

	region = (struct region){ .eip = EIP, .mode = cpu.mode, .cs_limit = 0xffffffff };
	memset(page, 0xf4, sizeof page);
	memcpy(page, c->insn, c->len);
	memcpy(page + c->len, "\x0f\x0b", 2);
	if (plan_collect(&plan, &src, EIP, dsize, REGION_MAX_INSNS) < 0)
		return NULL;
	plan_analyse(&plan, &src, dsize);
	for (unsigned k = 0; k < plan.n; k++)
		plan.insn[k].flags_live = FL_ARITH;
	if (translate(&t, &cpu, &plan, &region, code, code + CODE_WORDS) < 0)
		return NULL;
	__asm__ volatile("ibar 0" ::: "memory");
	return region.host;
}

static void run_case(const struct test_case *c, uint32_t *code, struct state *out)
{
	static const void *entry;
	static struct test_case last;
	static uint32_t last_mode;

	load(c);
	bool again = last.len == c->len && !memcmp(last.insn, c->insn, c->len) && last_mode == cpu.mode;
	*out = c->in;
	if (!again)
		entry = make_code(c, code);
	last = *c;
	last_mode = cpu.mode;
	out->vector = -2;
	if (!entry)
		return;
	cpu.exc.vector = EXC_UD;
	cpu.eip = EIP;
	if (setjmp(out_of_code) == 0)
		enter(&cpu, entry);
	out->vector = cpu.exc.vector == EXC_UD && cpu.eip == (uint64_t)(EIP + c->len) ? CASE_DONE : cpu.exc.vector;
	store(out);
}

static bool read_case(struct test_case *c)
{
	for (size_t n = 0; n < sizeof *c;) {
		long got = system_call(SYS_READ, 0, (long)((char *)c + n), (long)(sizeof *c - n), 0, 0, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
	return true;
}

static void *map(uintptr_t at, size_t size, int prot)
{
	enum { PRIVATE = 2, FIXED = 0x10, ANONYMOUS = 0x20 };

	return (void *)system_call(SYS_MMAP, (long)at, (long)size, prot, PRIVATE | FIXED | ANONYMOUS, -1, 0);
}

int run_cases(void)
{
	static struct test_case c;
	static struct state out;
	uint32_t *code = map(((uintptr_t)stub_exit & ~0xffffful) + 0x1000000, CODE_WORDS * 4, 7);

	map(CASE_MEM, 4096, 3);
	catch_traps();
	while (read_case(&c)) {
		run_case(&c, code, &out);
		if (system_call(SYS_WRITE, 1, (long)&out, sizeof out, 0, 0, 0) != sizeof out)
			return 1;
	}
	return 0;
}
