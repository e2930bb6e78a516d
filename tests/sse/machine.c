/*
 * Runs under qemu-loongarch64: reads test cases, translates each instruction, executes the code, and writes the state it leaves.
 */
#include <string.h>

#include "tests/process/process.h"
#include "tests/sse/case.h"
#include "translator/mxcsr.h"
#include "translator/translate.h"
#include "translator/vregs.h"
#include "translator/x87.h"

#define EIP 0x1000
#define MODE_FLAT64 (MODE_LONG | MODE_LMA | MODE_PE | MODE_CS_FLAT | MODE_SS_FLAT | MODE_DS_FLAT | MODE_ES_FLAT | MODE_PG | MODE_IOPL_OK)
#define MODE_FLAT32 (MODE_CS32 | MODE_SS32 | MODE_PE | MODE_CS_FLAT | MODE_SS_FLAT | MODE_DS_FLAT | MODE_ES_FLAT | MODE_PG | MODE_IOPL_OK)
#define CODE_WORDS 16384

static struct tr t;
static struct plan plan;
static struct cpu cpu;

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
	*signal_fcsr(s) &= ~(uint32_t)FCSR_TRAP_INVALID;
}

/* ---- one case ---- */

static void load(const struct test_case *c)
{
	const struct state *s = &c->in;

	memset(&cpu, 0, sizeof cpu);
	cpu.cr0 = c->cr0;
	cpu.cr4 = c->cr4;
	cpu.eflags = FL_1;
	cpu.step = 1;
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
	cpu.keeps_upper = c->wide; /* as on QEMU; and as if not, so that either way is tested */
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

int run_cases(void)
{
	static struct test_case c;
	static struct state out;
	uint32_t *code = process_map_code(CODE_WORDS);

	process_map(CASE_MEM, 4096, PROCESS_RW);
	process_catch(SIGFPE, on_trap);
	while (process_read(&c, sizeof c)) {
		run_case(&c, code, &out);
		process_write(&out, sizeof out);
	}
	return 0;
}
