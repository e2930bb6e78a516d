#define _GNU_SOURCE
#include "tests/storm/native.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "translator/x87.h"

struct fximage {
	uint16_t cw, sw;
	uint8_t valid, none1;
	uint16_t fop;
	uint64_t fip, fdp;
	uint32_t mxcsr, mxcsr_mask;
	struct { uint64_t mant; uint16_t sexp, none[3]; } st[8]; /* from TOP on */
	uint8_t xmm[16][16];
	uint8_t none2[96];
} __attribute__((aligned(16)));

/* What native_enter() loads and stores; its offsets are in native_enter.S. */
struct native_context {
	struct fximage fx;
	uint64_t rax, rcx, flags;
};

void native_enter(struct native_context *c, const void *code, void *memory);
extern char native_leave[];

static struct native_context context;
static int vector;
static uint64_t stopped_at;

static void on_signal(int number, siginfo_t *info, void *at)
{
	greg_t *r = ((ucontext_t *)at)->uc_mcontext.gregs;

	(void)number, (void)info;
	if ((uint64_t)r[REG_RIP] - STORM_EIP >= 4096) {
		fprintf(stderr, "signal %d at %llx\n", number, (unsigned long long)r[REG_RIP]);
		_Exit(2);
	}
	vector = (int)r[REG_TRAPNO];
	stopped_at = (uint64_t)r[REG_RIP];
	r[REG_RIP] = (greg_t)native_leave;
}

static void map(uint64_t at, int protection)
{
	if (mmap((void *)at, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != (void *)at) {
		perror("mmap");
		exit(2);
	}
}

void native_init(void)
{
	static const int signals[] = { SIGFPE, SIGSEGV, SIGILL, SIGBUS };
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	for (unsigned k = 0; k < sizeof signals / sizeof signals[0]; k++)
		sigaction(signals[k], &action, NULL);
	map(STORM_EIP, PROT_READ | PROT_WRITE | PROT_EXEC);
	map(STORM_MEM, PROT_READ | PROT_WRITE);
}

void native_program(const struct program *p)
{
	uint8_t *code = (uint8_t *)(uintptr_t)STORM_EIP;
	uint64_t leave = (uintptr_t)native_leave;

	memcpy(code, p->code, p->len);
	memcpy(code + p->len, "\xff\x25\0\0\0", 6); /* jmp [rip] */
	memcpy(code + p->len + 6, &leave, 8);
}

/* FXSAVE has the registers from TOP on, struct storm_state the physical ones. */
static void to_image(const struct storm_state *s, struct fximage *m)
{
	unsigned top = s->sw >> SW_TOP_SHIFT & 7;

	memset(m, 0, 32);
	m->cw = s->cw;
	m->sw = s->sw;
	m->valid = (uint8_t)~s->empty;
	m->mxcsr = s->mxcsr;
	for (unsigned k = 0; k < 8; k++)
		memcpy(&m->st[k], &s->st[(top + k) & 7], sizeof m->st[k]);
	memcpy(m->xmm, s->xmm, sizeof s->xmm);
}

static void from_image(struct storm_state *s, const struct fximage *m)
{
	unsigned top = m->sw >> SW_TOP_SHIFT & 7;

	s->cw = m->cw;
	s->sw = m->sw;
	s->empty = (uint8_t)~m->valid;
	s->mxcsr = m->mxcsr;
	for (unsigned k = 0; k < 8; k++) {
		s->st[(top + k) & 7].mant = m->st[k].mant;
		s->st[(top + k) & 7].sexp = m->st[k].sexp;
	}
	memcpy(s->xmm, m->xmm, sizeof s->xmm);
}

void native_run(const struct program *p, const struct storm_state *in, struct storm_state *out)
{
	void *memory = (void *)(uintptr_t)STORM_MEM;

	*out = *in;
	to_image(in, &context.fx);
	context.rax = in->gpr[0];
	context.rcx = in->gpr[1];
	context.flags = in->eflags | FL_1 | FL_IF;
	memcpy(memory, in->mem, STORM_MEM_SIZE);
	vector = STORM_END;
	stopped_at = STORM_EIP + p->len;
	native_enter(&context, (void *)(uintptr_t)STORM_EIP, memory);
	from_image(out, &context.fx);
	out->gpr[0] = context.rax;
	out->gpr[1] = context.rcx;
	out->eflags = (uint32_t)context.flags & FL_ARITH;
	memcpy(out->mem, memory, STORM_MEM_SIZE);
	out->vector = (uint8_t)vector;
	for (out->done = 0; p->at[out->done] < stopped_at - STORM_EIP; out->done++)
		;
}
