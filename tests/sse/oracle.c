/*
 * The real x86 CPU as the judge of SSE and MMX: "make" writes test cases with what this CPU does, "check" compares the states that the
 * translated code left with them. Encodings of 32-bit code mean the same in 64-bit mode, where they run here.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/sse/case.h"
#include "tests/sse/insns.h"

enum { CR0_EM = 4, CR0_TS = 8, CR4_OSFXSR = 0x200, CR4_OSXMMEXCPT = 0x400 };
enum { UD = 6, NM = 7, XM = 19 };

#define INPUTS 24 /* for each encoding, and as many again under other MXCSRs for arithmetic */

struct fximage {
	uint16_t fcw, fsw;
	uint8_t ftw, reserved1;
	uint16_t fop;
	uint64_t fip, fdp;
	uint32_t mxcsr, mxcsr_mask;
	struct { uint64_t mant; uint16_t sexp, reserved[3]; } st[8];
	uint8_t xmm[16][16];
	uint8_t unused[96];
} __attribute__((aligned(16)));

void oracle_run(uint64_t *gpr, const void *fxrstor, void *fxsave, const void *code);

static uint64_t seed = 0x1234567f4a7c15;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* ---- inputs ---- */

static const uint32_t floats[] = {
	0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 0xffa00000, 1, 0x80000001, 0x007fffff,
	0x807fffff, 0x00800000, 0x80800000, 0x7f7fffff, 0xff7fffff, 0x4f000000, 0xcf000000, 0x4effffff, 0x3f000000, 0x3fc00000, 0x40200000,
	0xbf000000, 0x33800000, 0x4b000001, 0x40000000, 0x40490fdb, 0xc2c80000, 0x01000000, 0x3eaaaaab, 0x20000000, 0x5f000000,
};
static const uint64_t doubles[] = {
	0, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000,
	0xfff8000000000001, 0x7ff0000000000001, 0xfff4000000000000, 1, 0x8000000000000001, 0x000fffffffffffff, 0x0010000000000000,
	0x7fefffffffffffff, 0xffefffffffffffff, 0x41e0000000000000, 0xc1e0000000000000, 0x41dfffffffe00000, 0x41dfffffffc00000,
	0xc1e0000000100000, 0x3fe0000000000000, 0x3ff8000000000000, 0x4004000000000000, 0x400921fb54442d18, 0x36a0000000000000,
	0x380fffffe0000000, 0x47efffffe0000000, 0x47effffff0000000, 0x3690000000000000, 0x4000000000000000, 0xc059000000000000,
	0x3cb0000000000000, 0x4340000000000001, 0x7fe0000000000000, 0x0020000000000000,
};
#define ANY(table) table[rnd() % (sizeof table / sizeof table[0])]

static void random_vector(uint8_t *v)
{
	uint64_t q[2] = { rnd(), rnd() };

	switch (rnd() % 6) {
	case 0:
		break;
	case 5: /* text, some of it short */
		for (int k = 0; k < 16; k++)
			((uint8_t *)q)[k] = (uint8_t)(rnd() % 16 ? "abcz\x80\xff"[rnd() % 6] : 0);
		break;
	case 1:
	case 2:
		for (int k = 0; k < 2; k++)
			q[k] = ANY(floats) | (uint64_t)ANY(floats) << 32;
		break;
	case 3:
		for (int k = 0; k < 2; k++)
			q[k] = ANY(doubles);
		break;
	case 4: /* ordinary numbers, and shift counts */
		for (int k = 0; k < 2; k++)
			q[k] = rnd() & 1 ? rnd() % 70 : (rnd() & 0x800fffffffffffff) | (0x3f0 + rnd() % 32) << 52;
		break;
	}
	memcpy(v, q, 16);
}

static uint32_t random_mxcsr(bool other)
{
	uint32_t rounding = (uint32_t)(rnd() & 3) << 13;

	if (!other)
		return 0x1f80 | rounding | (rnd() & 1 ? 0 : (uint32_t)rnd() & 0x3f);
	/* some masks clear, DAZ, FTZ */
	return rounding | ((uint32_t)(rnd() | (rnd() & 1 ? 0x1f80 : rnd())) & 0x1f80) | ((uint32_t)rnd() & 0x8040);
}

static uint64_t random_gpr(void)
{
	switch (rnd() % 4) {
	case 0:
		return rnd();
	case 1:
		return rnd() >> rnd() % 64;
	case 2:
		return rnd() % 100;
	default:
		return rnd() % 41 - 20;
	}
}

static void random_state(struct state *s, bool other)
{
	memset(s, 0, sizeof *s);
	for (int k = 0; k < 16; k++) {
		random_vector(s->xmm[k]);
		if (k && rnd() % 6 == 0)
			memcpy(s->xmm[k], s->xmm[k - 1], 16);
		s->gpr[k] = random_gpr();
	}
	for (int k = 0; k < 8; k++) {
		uint8_t v[16];
		random_vector(v);
		memcpy(&s->st[k].mant, v, 8);
		s->st[k].sexp = (uint16_t)rnd();
	}
	for (int k = 0; k < CASE_MEM_SIZE; k += 16)
		random_vector(s->mem + k);
	s->gpr[3] = s->gpr[11] = CASE_MEM + 16;
	s->gpr[7] = CASE_MEM + 5;
	s->mxcsr = random_mxcsr(other);
	s->fsw = (uint16_t)((rnd() & 7) << 11 | (rnd() % 16 ? 0 : 0x8081));
	s->empty = (uint8_t)rnd();
	s->vector = CASE_DONE;
	s->mem[18] &= ~2; /* for LDMXCSR: bit 17 exists only on some CPUs */
	s->mem[24] &= ~2;
	if ((s->mem[0] & 3) == 0) { /* a legal MXCSR for LDMXCSR */
		uint32_t v = random_mxcsr(rnd() & 1);
		memcpy(s->mem + 16, &v, 4);
	}
}

/* ---- running on this CPU ---- */

static sigjmp_buf out_of_code;
static struct fximage before, after;
static int trapped;

static void on_signal(int signo, siginfo_t *info, void *context)
{
	const struct _libc_fpstate *f = ((ucontext_t *)context)->uc_mcontext.fpregs;

	(void)info;
	memcpy(&after, f, sizeof after);
	(void)signo;
	trapped = (int)((ucontext_t *)context)->uc_mcontext.gregs[REG_TRAPNO];
	siglongjmp(out_of_code, 1);
}

static void catch_signals(void)
{
	static const int which[] = { SIGFPE, SIGSEGV, SIGILL, SIGBUS };
	struct sigaction a = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER };

	for (unsigned k = 0; k < sizeof which / sizeof which[0]; k++)
		sigaction(which[k], &a, NULL);
}

/* FXSAVE has the x87 registers relative to TOP, struct state the physical ones. */
static void to_image(const struct state *s, struct fximage *m)
{
	unsigned top = s->fsw >> 11 & 7;

	memset(m, 0, sizeof *m);
	m->fcw = s->fsw & 0x80 ? 0x37e : 0x37f; /* ES: invalid operation is unmasked */
	m->fsw = s->fsw;
	m->ftw = (uint8_t)~s->empty;
	m->mxcsr = s->mxcsr;
	for (unsigned k = 0; k < 8; k++) {
		m->st[k].mant = s->st[(top + k) & 7].mant;
		m->st[k].sexp = s->st[(top + k) & 7].sexp;
	}
	memcpy(m->xmm, s->xmm, sizeof s->xmm);
}

static void from_image(struct state *s, const struct fximage *m)
{
	unsigned top = m->fsw >> 11 & 7;

	s->fsw = m->fsw;
	s->empty = (uint8_t)~m->ftw;
	s->mxcsr = m->mxcsr;
	for (unsigned k = 0; k < 8; k++) {
		s->st[(top + k) & 7].mant = m->st[k].mant;
		s->st[(top + k) & 7].sexp = m->st[k].sexp;
	}
	memcpy(s->xmm, m->xmm, sizeof s->xmm);
}

static void run(struct test_case *c, uint8_t *code)
{
	uint64_t regs[17];

	memcpy(code, c->insn, c->len);
	code[c->len] = 0xc3;
	memcpy((void *)(uintptr_t)CASE_MEM, c->in.mem, CASE_MEM_SIZE);
	memcpy(regs, c->in.gpr, sizeof c->in.gpr);
	regs[16] = 0;
	to_image(&c->in, &before);
	c->out = c->in;
	trapped = CASE_DONE;
	if (sigsetjmp(out_of_code, 1) == 0)
		oracle_run(regs, &before, &after, code);
	c->out.vector = trapped;
	from_image(&c->out, &after);
	memcpy(c->out.gpr, regs, sizeof c->out.gpr);
	if (trapped == CASE_DONE)
		c->out.eflags = regs[16] & 0x8d5;
	memcpy(c->out.mem, (void *)(uintptr_t)CASE_MEM, CASE_MEM_SIZE);
}

/* ---- encodings ---- */

/* One encoding; rex: the REX prefix of 64-bit code, or 0 for 32-bit code. */
static void emit_case(const struct insn_row *r, unsigned rex, unsigned modrm, int disp, int imm, uint8_t *code)
{
	int inputs = rex ? INPUTS / 2 : INPUTS;
	static struct test_case c;

	memset(&c, 0, sizeof c);
	if (r->prefix)
		c.insn[c.len++] = r->prefix;
	if (rex)
		c.insn[c.len++] = (uint8_t)rex;
	c.insn[c.len++] = 0x0f;
	if (r->form & (M38 | M3A))
		c.insn[c.len++] = r->form & M38 ? 0x38 : 0x3a;
	c.insn[c.len++] = r->opcode;
	if (!(r->form & NO_MODRM))
		c.insn[c.len++] = (uint8_t)modrm;
	if ((modrm & 0xc0) == 0x40)
		c.insn[c.len++] = (uint8_t)disp;
	if (r->form & IMM)
		c.insn[c.len++] = (uint8_t)imm;
	c.cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
	c.approximate = r->form & APPROX ? 1 : 0;
	c.wide = rex != 0;
	for (int k = 0; k < (r->form & ARITH ? 2 * inputs : inputs); k++) {
		random_state(&c.in, k >= inputs);
		if (!rex)
			for (int n = 0; n < 16; n++)
				c.in.gpr[n] = (uint32_t)c.in.gpr[n];
		run(&c, code);
		fwrite(&c, sizeof c, 1, stdout);
	}
}

/* The encoding in 32-bit and in 64-bit code, there with registers from 8 on. */
static void both_modes(const struct insn_row *r, unsigned modrm, int disp, int imm, uint8_t *code)
{
	unsigned rex = 0x40 | (rnd() % 3 ? 1 + rnd() % 7 : 0);

	emit_case(r, 0, modrm, disp, imm, code);
	if (!(r->form & W)) {
		rex |= rnd() % 4 ? 0 : 8;
	} else {
		emit_case(r, rex | 8, modrm, disp, imm, code);
	}
	emit_case(r, rex, modrm, disp, imm, code);
}

static void forms(const struct insn_row *r, int imm, uint8_t *code)
{
	unsigned reg = r->form & DIGIT ? r->digit : 1;

	if (!(r->form & MEM_ONLY)) {
		both_modes(r, 0xc2 | reg << 3, 0, imm, code);
		if (!(r->form & (NO_MODRM | DIGIT)))
			both_modes(r, 0xed, 0, imm, code); /* registers 5 and 5 */
	}
	if (!(r->form & (REG_ONLY | NO_MODRM))) {
		both_modes(r, 0x43 | reg << 3, 0, imm, code);
		both_modes(r, 0x43 | reg << 3, 6, imm, code); /* not aligned */
	}
}

static int immediate(const struct insn_row *r, int n)
{
	if (r->form & SMALL_IMM)
		return n + (rnd() & 1 ? 0 : 8);
	if (r->form & IMM16 && n >= 2)
		return (int)(rnd() % 16);
	return n < 2 ? (int)rnd() % 256 : (int)rnd() % 70;
}

/* What control registers forbid; no program can see that, so the manual is the judge. */
static const struct {
	uint8_t insn[4], len;
	uint32_t cr0, cr4;
	int vector;
} traps[] = {
	{ { 0x0f, 0x28, 0xca }, 3, 0, 0, UD }, /* movaps */
	{ { 0x0f, 0x28, 0xca }, 3, CR0_EM, CR4_OSFXSR, UD },
	{ { 0x0f, 0x28, 0xca }, 3, CR0_TS, CR4_OSFXSR, NM },
	{ { 0x0f, 0x28, 0xca }, 3, CR0_TS, 0, UD },
	{ { 0x0f, 0xfc, 0xca }, 3, 0, 0, CASE_DONE }, /* paddb mm */
	{ { 0x0f, 0xfc, 0xca }, 3, CR0_TS, CR4_OSFXSR, NM },
	{ { 0x0f, 0xfc, 0xca }, 3, CR0_TS | CR0_EM, CR4_OSFXSR, UD },
	{ { 0x66, 0x0f, 0xfc, 0xca }, 4, 0, 0, UD }, /* paddb xmm */
	{ { 0x0f, 0x2a, 0xca }, 3, 0, 0, UD }, /* cvtpi2ps */
	{ { 0x0f, 0x77 }, 2, CR0_TS, CR4_OSFXSR, NM }, /* emms */
	{ { 0x0f, 0x5e, 0xca }, 3, 0, CR4_OSFXSR, UD }, /* divps, division by zero */
	{ { 0x0f, 0x5e, 0xca }, 3, 0, CR4_OSFXSR | CR4_OSXMMEXCPT, XM },
};

static void make_traps(void)
{
	static const float one[4] = { 1, 1, 1, 1 };

	for (unsigned k = 0; k < sizeof traps / sizeof traps[0]; k++) {
		struct test_case c = { .len = traps[k].len, .cr0 = traps[k].cr0, .cr4 = traps[k].cr4, .in = { .mxcsr = 0x1d80, .vector = CASE_DONE } };
		memcpy(c.insn, traps[k].insn, c.len);
		memcpy(c.in.xmm[1], one, 16);
		c.out = c.in;
		c.out.vector = traps[k].vector;
		if (traps[k].insn[1] == 0x5e) /* divps */
			c.out.mxcsr |= 4;
		if (c.out.vector == CASE_DONE)
			c.out.st[1].sexp = 0xffff;
		fwrite(&c, sizeof c, 1, stdout);
	}
}

static void make(void)
{
	uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mmap((void *)(uintptr_t)CASE_MEM, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	catch_signals();
	make_traps();
	for (unsigned k = 0; k < sizeof insn_rows / sizeof insn_rows[0]; k++) {
		const struct insn_row *r = &insn_rows[k];
		for (int n = 0; n < (r->form & IMM16 ? 10 : r->form & IMM ? 6 : 1); n++)
			forms(r, immediate(r, n), code);
	}
}

/* ---- checking ---- */

static bool close_enough(const uint8_t *a, const uint8_t *b)
{
	for (int k = 0; k < 16; k += 4) {
		float x, y;
		memcpy(&x, a + k, 4);
		memcpy(&y, b + k, 4);
		if (memcmp(&x, &y, 4) && !(__builtin_fabsf(x - y) <= __builtin_fabsf(x) * 0x1p-10f))
			return false;
	}
	return true;
}

static void show(const char *what, const void *expected, const void *got, int size)
{
	const uint8_t *e = expected, *g = got;

	printf("  %-8s expected ", what);
	for (int k = size - 1; k >= 0; k--)
		printf("%02x%s", e[k], k % 4 || !k ? "" : "_");
	printf("\n  %-8s got      ", "");
	for (int k = size - 1; k >= 0; k--)
		printf("%02x%s", g[k], k % 4 || !k ? "" : "_");
	printf("\n");
}

/* DE is not reported by host arithmetic. */
static uint32_t comparable_mxcsr(const struct test_case *c, uint32_t mxcsr)
{
	bool plain = (c->in.mxcsr & 0x1f80) == 0x1f80 && !(c->in.mxcsr & 0x8040);

	return plain ? mxcsr & ~2u : mxcsr;
}

static bool agrees(const struct test_case *c, const struct state *s)
{
	const struct state *e = &c->out;
	uint32_t want = comparable_mxcsr(c, e->mxcsr), have = comparable_mxcsr(c, s->mxcsr);
	bool ok = e->vector == s->vector && want == have;

	for (int k = 0; k < (c->wide ? 16 : 8); k++) {
		ok = ok && (c->approximate ? close_enough(e->xmm[k], s->xmm[k]) : !memcmp(e->xmm[k], s->xmm[k], 16));
		ok = ok && (c->wide ? e->gpr[k] == s->gpr[k] : (uint32_t)e->gpr[k] == (uint32_t)s->gpr[k]);
	}
	return ok && !memcmp(e->st, s->st, sizeof e->st) && e->eflags == s->eflags &&
	       e->fsw == s->fsw && e->empty == s->empty && !memcmp(e->mem, s->mem, sizeof e->mem);
}

static void explain(const struct test_case *c, const struct state *s)
{
	const struct state *e = &c->out;
	char name[16];

	printf("FAILED:");
	for (int k = 0; k < c->len; k++)
		printf(" %02x", c->insn[k]);
	printf("  %s mxcsr %x vector %d (expected %d)\n", c->wide ? "64-bit" : "32-bit", c->in.mxcsr, s->vector, e->vector);
	for (int k = 0; k < (c->wide ? 16 : 8); k++) {
		sprintf(name, "xmm%d", k);
		if (memcmp(e->xmm[k], s->xmm[k], 16))
			show(name, e->xmm[k], s->xmm[k], 16);
		sprintf(name, "mm%d", k & 7);
		if (memcmp(&e->st[k & 7], &s->st[k & 7], 10))
			show(name, &e->st[k & 7], &s->st[k & 7], 10);
		if (c->wide ? e->gpr[k] != s->gpr[k] : (uint32_t)e->gpr[k] != (uint32_t)s->gpr[k])
			printf("  gpr%d expected %016llx got %016llx\n", k, (unsigned long long)e->gpr[k], (unsigned long long)s->gpr[k]);
	}
	if (e->mxcsr != s->mxcsr || e->eflags != s->eflags || e->fsw != s->fsw || e->empty != s->empty)
		printf("  mxcsr %x/%x eflags %x/%x fsw %x/%x empty %x/%x (expected/got)\n", e->mxcsr, s->mxcsr, e->eflags, s->eflags, e->fsw,
		       s->fsw, e->empty, s->empty);
	if (memcmp(e->mem, s->mem, sizeof e->mem))
		show("memory", e->mem + 16, s->mem + 16, 32);
	show("was xmm1", c->in.xmm[1], c->in.xmm[2], 16);
	show("was xmm5", c->in.xmm[5], c->in.mem + 16, 16);
	show("was mm1", &c->in.st[1], &c->in.st[2], 10);
}

static int check(const char *cases, const char *states)
{
	FILE *fc = fopen(cases, "rb"), *fs = fopen(states, "rb");
	static struct test_case c;
	static struct state s;
	uint8_t last[14] = { 0 };
	unsigned passed = 0, failed = 0, shown = 0;

	while (fc && fread(&c, sizeof c, 1, fc) == 1) {
		bool have = fs && fread(&s, sizeof s, 1, fs) == 1;
		if (have && agrees(&c, &s)) {
			passed++;
			continue;
		}
		failed++;
		/* the first of each encoding */
		if (have && memcmp(last, c.insn, sizeof last) && shown++ < 40)
			explain(&c, &s);
		memcpy(last, c.insn, sizeof last);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0 || !passed;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "check"))
		return check(argv[2], argv[3]);
	make();
	return 0;
}
