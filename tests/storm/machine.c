/* Runs under qemu-loongarch64: translates programs, executes the code from each state, and writes the states it leaves. */
#include <string.h>

#include "tests/process/process.h"
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
#define EXITS 16        /* of one region */
#define BATCH 64

static struct cpu cpu;
static jmp_buf trapped;

/* A region with where traps go on, and exits. */
struct made {
	struct region region;
	const uint32_t *start;
	struct fault_point traps[64];
	struct x87_point x87_points[STORM_INSNS];
	struct exit_slot exits[EXITS];
	unsigned ntraps, nexits;
};
static struct made made[REGIONS], *running;
static unsigned nmade;
static uint32_t *code, *code_at;

/* ---- what helpers want of the firmware ---- */

_Noreturn void cpu_exit(struct cpu *c)
{
	cpu_raise(c, STORM_END);
}

void board_ferr(struct cpu *c, bool level)
{
	(void)c, (void)level;
}

/* ---- floating-point traps, as fp_trap.c ---- */

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
	struct fault_point kept = *p;

	memcpy(frame.r, s->r, sizeof frame.r);
	kept.start = NO_START; /* flags that are dead are forgiven (judge.c): there is no code cache that knows the source */
	fault_point_recover(&cpu, &frame, &running->region, &kept);
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
	*signal_fcsr(s) &= ~(uint32_t)FCSR_TRAP_INVALID;
}

static void on_break(int number, void *info, struct signal_context *s)
{
	(void)number, (void)info;
	put_word(break_at, broken_word);
	*signal_fcsr(s) |= FCSR_TRAP_INVALID;
}

/* ---- states ---- */

static void set_mode(const struct program *p)
{
	cpu.mode = (p->wide ? MODE_FLAT64 : MODE_FLAT32) | (cpu.mode & (MODE_SSE_SLOW | MODE_SSE_TRAP | MODE_FPU_TRAP));
	cpu.stop = 0;
	cpu.keeps_upper = true; /* as on QEMU */
}

static void load(const struct program *p, const struct storm_state *s)
{
	memset(&cpu, 0, sizeof cpu);
	cpu.cr0 = CR0_PE | CR0_NE;
	cpu.cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
	cpu.eflags = FL_1;
	cpu.step = 1;
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
	if (translate(&t, &cpu, &plan, &m->region, code_at, code_at + CODE_ROOM) < 0 || t.nexits > EXITS)
		return NULL;
	code_at = m->region.code_end;
	m->start = t.e.start;
	m->nexits = t.nexits;
	memcpy(m->exits, t.exits, t.nexits * sizeof t.exits[0]);
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

/* Where control goes on when the code has come to a link that has not been made: ra is behind its call. */
static uint64_t target_of(const struct made *m, uint64_t ra)
{
	uint32_t site = (uint32_t)((ra - (uintptr_t)m->start) / 4 - 1);

	for (unsigned k = 0; k < m->nexits; k++)
		if (m->exits[k].site == site)
			return m->exits[k].target;
	process_exit(4);
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
				process_exit(3);
			cpu.tmp[6] = 0;
			if (!setjmp(trapped))
				enter(&cpu, running->region.host);
			if (cpu.tmp[6])
				cpu.eip = target_of(running, cpu.tmp[6]);
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

int run_cases(void)
{
	static struct storm_state states[BATCH];
	static struct program p;
	struct storm_order order;
	unsigned batched = 0;

	code = process_map_code(CODE_WORDS);
	process_map(STORM_MEM, 4096, PROCESS_RW);
	process_catch(SIGFPE, on_trap);
	process_catch(SIGTRAP, on_break);
	if (!process_read(&order, sizeof order))
		return 1;
	for (uint64_t n = order.first; n < order.first + order.programs; n++) {
		program_make(&p, (enum storm_set)order.set, order.seed, n);
		nmade = 0;
		code_at = code;
		for (unsigned k = 0; k < order.states; k++) {
			state_make(&states[batched], &p, order.seed, n, k);
			run(&p, &states[batched]);
			if (++batched == BATCH) {
				process_write(states, sizeof states);
				batched = 0;
			}
		}
	}
	process_write(states, batched * sizeof states[0]);
	return 0;
}
