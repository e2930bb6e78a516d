/* Runs under qemu-loongarch64: translates programs, executes the code from each state, and writes the states it leaves. */
#include <setjmp.h>
#include <string.h>

#include "tests/storm/storm.h"
#include "tests/storm/stream.h"
#include "arch/loongarch/host.h"
#include "translator/board.h"
#include "translator/cache.h"
#include "translator/fp_trap.h"
#include "translator/mmu.h"
#include "translator/mxcsr.h"
#include "translator/translate.h"
#include "translator/vregs.h"
#include "translator/x87.h"

#define MODE_FLAT (MODE_PE | MODE_CS_FLAT | MODE_SS_FLAT | MODE_DS_FLAT | MODE_ES_FLAT | MODE_PG | MODE_IOPL_OK)
#define MODE_FLAT64 (MODE_FLAT | MODE_LONG | MODE_LMA)
#define MODE_FLAT32 (MODE_FLAT | MODE_CS32 | MODE_SS32)
#define CODE_WORDS 65536
#define CODE_ROOM 16384 /* words that a program's region may take */
#define REGIONS 64
#define ENTRIES_MAX 100 /* of one run */
#define BATCH 64

enum { SYS_READ = 63, SYS_WRITE = 64, SYS_EXIT = 93, SYS_SIGACTION = 134, SYS_MMAP = 222 };
enum { SIGTRAP = 5, SIGFPE = 8, SA_SIGINFO = 4, SA_NODEFER = 0x40000000 };

/* tests/sse/machine_entry.S */
long system_call(long number, long a, long b, long c, long d, long e, long f);
void enter(struct cpu *cpu, const void *code);
extern uint32_t stub_exit[], stub_helper[], stub_helper_end[], stub_slow[];

#define ALL(stub) { stub, stub, stub, stub }
#define DECLARE_X87(name) extern uint32_t x87_##name[];
X87_STUB_LIST(DECLARE_X87)
#define X87_STUB(name) x87_##name,
static struct stubs stubs = {
	.helper = ALL(stub_helper), .helper_end = ALL(stub_helper_end), .exit = ALL(stub_exit), .link = ALL(stub_exit), .jump = ALL(stub_exit),
	.jump_out = ALL(stub_exit), .jump_checked = ALL(stub_exit), .jump_near = ALL(stub_exit), .check = ALL(stub_exit), .cc_get = stub_exit,
	.slow = ALL(stub_slow), .dead = ALL(stub_exit), .x87 = { X87_STUB_LIST(X87_STUB) },
};
static struct cpu cpu;
static jmp_buf out_of_code, trapped;

/* A region with where traps go on. */
struct made {
	struct region region;
	const uint32_t *start;
	struct fault_point traps[64];
	struct x87_point x87_points[STORM_INSNS];
	unsigned ntraps;
};
static struct made made[REGIONS], *running;
static unsigned nmade;
static uint32_t *code, *code_at;

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

_Noreturn void cpu_exit(struct cpu *c)
{
	cpu_raise(c, STORM_END);
}

void board_ferr(struct cpu *c, bool level)
{
	(void)c, (void)level;
}

void mem_read(struct cpu *c, uint64_t lin, void *buf, unsigned len, int flags)
{
	(void)c, (void)flags;
	memcpy(buf, (void *)lin, len);
}

void mem_write(struct cpu *c, uint64_t lin, const void *buf, unsigned len, int flags)
{
	(void)c, (void)flags;
	memcpy((void *)lin, buf, len);
}

void mem_probe(struct cpu *c, uint64_t lin, unsigned len, int acc)
{
	(void)c, (void)lin, (void)len, (void)acc;
}

#define MEM_ACCESS(bits) \
	uint##bits##_t mem_read##bits(struct cpu *c, uint64_t lin, int flags) \
	{ \
		uint##bits##_t v; \
		mem_read(c, lin, &v, sizeof v, flags); \
		return v; \
	} \
	void mem_write##bits(struct cpu *c, uint64_t lin, uint##bits##_t v, int flags) \
	{ \
		mem_write(c, lin, &v, sizeof v, flags); \
	}
MEM_ACCESS(8)
MEM_ACCESS(16)
MEM_ACCESS(32)
MEM_ACCESS(64)

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

#define BREAK 0x002a0000u
static uint32_t *break_at, broken_word;

static void put_word(uint32_t *at, uint32_t word)
{
	*at = word;
	__asm__ volatile("ibar 0" ::: "memory");
}

/* The floating-point registers are still those of the code. */
static _Noreturn void on_x87_trap(const struct signal_context *s, const struct fault_point *p)
{
	struct trap_frame frame = { .era = s->pc };

	memcpy(frame.r, s->r, sizeof frame.r);
	fault_point_recover(&cpu, &frame, &running->region, p);
	fp_trap_x87(&cpu, &frame, &running->x87_points[p->x87 - 1]);
	longjmp(trapped, 1);
}

/* Where there is no way out of line, the instruction is done with traps off; a break behind it turns them on again. */
static void on_trap(int number, void *info, struct signal_context *s)
{
	uint32_t *pc = (uint32_t *)s->pc, host = (uint32_t)(pc - running->start);

	(void)number, (void)info;
	for (unsigned k = 0; k < running->ntraps; k++)
		if (running->traps[k].host == host) {
			if (running->traps[k].x87)
				on_x87_trap(s, &running->traps[k]);
			s->pc = (uint64_t)(running->start + running->traps[k].slow);
			return;
		}
	break_at = pc + 1;
	broken_word = *break_at;
	put_word(break_at, BREAK);
	*fcsr_of(s) &= ~(uint32_t)FCSR_TRAP_INVALID;
}

static void on_break(int number, void *info, struct signal_context *s)
{
	(void)number, (void)info;
	put_word(break_at, broken_word);
	*fcsr_of(s) |= FCSR_TRAP_INVALID;
}

static void catch(int number, void (*handler)(int, void *, struct signal_context *))
{
	struct { void *handler; unsigned long flags, mask; } action = { (void *)handler, SA_SIGINFO | SA_NODEFER, 0 };

	system_call(SYS_SIGACTION, number, (long)&action, 0, sizeof action.mask, 0, 0);
}

/* ---- states ---- */

static void set_mode(const struct program *p)
{
	cpu.mode = (p->wide ? MODE_FLAT64 : MODE_FLAT32) | (cpu.mode & (MODE_SSE_SLOW | MODE_SSE_TRAP | MODE_FPU_TRAP));
	cpu.stop = 0;
}

static void load(const struct program *p, const struct storm_state *s)
{
	memset(&cpu, 0, sizeof cpu);
	cpu.cr0 = CR0_PE | CR0_NE;
	cpu.cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
	cpu.eflags = FL_1;
	cpu.cc_dst = s->eflags;
	if (p->wide) { /* for what works out the mode anew */
		cpu.efer = EFER_LMA;
		cpu.seg[SEG_CS].attr = SEG_ATTR_L;
	}
	mxcsr_set(&cpu, s->mxcsr); /* changes the mode, and with it registers */
	set_mode(p);
	for (unsigned k = 0; k < 4; k++)
		vreg_load(k, s->xmm[k]);
	cpu.gpr[RAX] = p->wide ? s->gpr[0] : sx32(s->gpr[0]);
	cpu.gpr[RCX] = p->wide ? s->gpr[1] : sx32(s->gpr[1]);
	cpu.gpr[RDX] = STORM_MEM;
	for (unsigned k = 0; k < 8; k++) {
		cpu.x87.st[k].mant = s->st[k].mant;
		cpu.x87.st[k].sexp = s->st[k].sexp;
	}
	x87_set_sw(&cpu, s->sw);
	x87_set_cw(&cpu, s->cw);
	cpu.x87.tag_empty = s->empty;
	x87_refill(&cpu);
	memcpy((void *)(uintptr_t)STORM_MEM, s->mem, STORM_MEM_SIZE);
}

static void store(const struct program *p, struct storm_state *s)
{
	x87_spill(&cpu);
	for (unsigned k = 0; k < 4; k++)
		vreg_store(k, s->xmm[k]);
	for (unsigned k = 0; k < 2; k++)
		s->gpr[k] = p->wide ? cpu.gpr[k] : (uint32_t)cpu.gpr[k];
	for (unsigned k = 0; k < 8; k++) {
		s->st[k].mant = cpu.x87.st[k].mant;
		s->st[k].sexp = cpu.x87.st[k].sexp;
	}
	s->cw = cpu.x87.cw;
	s->sw = x87_sw(&cpu);
	s->empty = cpu.x87.tag_empty;
	s->mxcsr = mxcsr_get(&cpu);
	s->eflags = cpu_get_eflags(&cpu) & FL_ARITH;
	memcpy(s->mem, (void *)(uintptr_t)STORM_MEM, STORM_MEM_SIZE);
}

/* ---- translation ---- */

static struct made *translate_here(const struct program *p)
{
	static uint8_t page[4096];
	static struct plan plan;
	static struct tr t;
	struct source src = { .page = page, .page_eip = STORM_EIP, .eip_last = plan_eip_mask(cpu.mode), .eip_mask = plan_eip_mask(cpu.mode) };
	struct made *m = &made[nmade];
	int dsize = plan_dsize(cpu.mode);

	m->region = (struct region){ .eip = cpu.eip, .mode = cpu.mode, .cs_limit = 0xffffffff };
	memset(page, 0xf4, sizeof page);
	memcpy(page, p->code, p->len);
	memcpy(page + p->len, "\x0f\x0b", 2); /* UD2 */
	if (plan_collect(&plan, &src, cpu.eip, dsize, REGION_MAX_INSNS) < 0)
		return NULL;
	plan_analyse(&plan, &src, dsize);
	if (translate(&t, &cpu, &plan, &m->region, code_at, code_at + CODE_ROOM) < 0)
		return NULL;
	code_at = m->region.code_end;
	m->start = t.e.start;
	m->ntraps = 0;
	for (unsigned k = 0; k < t.npoints && m->ntraps < sizeof m->traps / sizeof m->traps[0]; k++)
		if (t.points[k].slow || t.points[k].x87)
			m->traps[m->ntraps++] = t.points[k];
	memcpy(m->x87_points, t.x87_points, t.nx87_points * sizeof t.x87_points[0]);
	m->region.x87_points = m->x87_points;
	nmade++;
	__asm__ volatile("ibar 0" ::: "memory");
	return m;
}

/* As cache_lookup(). */
static struct made *region_here(const struct program *p)
{
	for (unsigned k = 0; k < nmade; k++) {
		struct region *r = &made[k].region;
		if (r->eip == cpu.eip && r->mode == cpu.mode && (x87_word(&cpu.x87) & r->x87_mask) == r->x87)
			return &made[k];
	}
	if (nmade == REGIONS || code_at + CODE_ROOM > code + CODE_WORDS) {
		nmade = 0;
		code_at = code;
	}
	return translate_here(p);
}

/* ---- one run ---- */

static void run(const struct program *p, struct storm_state *s)
{
	volatile unsigned entries = 0;

	load(p, s);
	cpu.eip = STORM_EIP;
	cpu.exc.vector = STORM_END;
	if (!setjmp(out_of_code)) {
		while (entries++ < ENTRIES_MAX) {
			running = region_here(p);
			if (!running)
				system_call(SYS_EXIT, 3, 0, 0, 0, 0, 0);
			if (!setjmp(trapped))
				enter(&cpu, running->region.host);
			set_mode(p);
		}
	}
	store(p, s);
	s->vector = cpu.exc.vector;
	for (s->done = 0; s->done < p->n && STORM_EIP + p->at[s->done] != cpu.eip; s->done++)
		;
	if (s->vector == EXC_UD && cpu.eip == STORM_EIP + p->len)
		s->vector = STORM_END;
}

static void *map(uint64_t at, uint64_t size, int protection)
{
	enum { PRIVATE = 2, FIXED = 0x10, ANONYMOUS = 0x20 };

	return (void *)system_call(SYS_MMAP, (long)at, (long)size, protection, PRIVATE | FIXED | ANONYMOUS, -1, 0);
}

static void transfer(long number, int fd, void *at, uint64_t size)
{
	for (uint64_t n = 0; n < size;) {
		long done = system_call(number, fd, (long)at + (long)n, (long)(size - n), 0, 0, 0);
		if (done <= 0)
			system_call(SYS_EXIT, 1, 0, 0, 0, 0, 0);
		n += (uint64_t)done;
	}
}

int run_cases(void)
{
	static struct storm_state states[BATCH];
	static struct program p;
	struct storm_order order;
	unsigned batched = 0;

	code = map(((uint64_t)stub_exit & ~0xffffful) + 0x1000000, CODE_WORDS * 4, 7);
	map(STORM_MEM, 4096, 3);
	catch(SIGFPE, on_trap);
	catch(SIGTRAP, on_break);
	transfer(SYS_READ, 0, &order, sizeof order);
	for (uint64_t n = order.first; n < order.first + order.programs; n++) {
		program_make(&p, (enum storm_set)order.set, order.seed, n);
		nmade = 0;
		code_at = code;
		for (unsigned k = 0; k < order.states; k++) {
			state_make(&states[batched], &p, order.seed, n, k);
			run(&p, &states[batched]);
			if (++batched == BATCH) {
				transfer(SYS_WRITE, 1, states, sizeof states);
				batched = 0;
			}
		}
	}
	transfer(SYS_WRITE, 1, states, batched * sizeof states[0]);
	return 0;
}
