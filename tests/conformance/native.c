#define _GNU_SOURCE
#include "tests/conformance/native.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <asm/prctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/conformance/rewrite.h"

#define PAGE 4096u
#define FL_TF 0x100u
#define FL_ALLOWED 0xcd5u /* arithmetic flags and DF */
#define FL_AC 0x40000u
#define TRAP_UD 6
#define TRAP_PF 14
#define PF_FETCH 0x10u
#define SCRATCH_STACK 0x1000 /* bytes, in the oracle's own memory */

/* Everything of the process that runs cases; one of them at a time, used by its signal handlers. */
static struct oracle {
	uint8_t *data, *stack, *code; /* our own writable views of the guest's memory */
	const uint8_t *image;
	uint32_t pages;
	int protection;               /* of the code image as the guest sees it */
	uint8_t *native;              /* executable memory for re-encoded code */
	struct rewrite rewrite;
	int rewritten;
	const struct vector_group *g;
	unsigned k, last;             /* the running case; the last one of the group */
	uint64_t *digests;            /* of the group */
	struct state initial, final;
	int unfair;
	int running, starting;
	uint64_t host_fs;             /* of this process; FS and GS are the case's while it runs and in the signal handlers, which must not use the
	                                 thread's variables */
	uint32_t ticked_k;
	uint64_t serial, ticked;      /* cases run; at the last tick */
	sigjmp_buf done;
	uint8_t scratch[SCRATCH_STACK] __attribute__((aligned(16)));
} o;

static const uint8_t zeroes[PAGE];

/* ---- memory ---- */

static uint8_t *shared_view(uint64_t at, uint32_t bytes, int protection)
{
	int fd = memfd_create("conformance", 0);
	uint8_t *view;

	if (fd < 0 || ftruncate(fd, bytes) < 0)
		return MAP_FAILED;
	view = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (view == MAP_FAILED ||
		mmap((void *)at, bytes, protection, MAP_SHARED | MAP_POPULATE | MAP_FIXED_NOREPLACE, fd, 0) != (void *)at)
		view = MAP_FAILED;
	close(fd);
	return view;
}

static int map_memory(void)
{
	uint32_t bytes = o.pages * PAGE;

	o.data = shared_view(VECTOR_DATA, VECTOR_DATA_PAGES * PAGE, PROT_READ | PROT_WRITE);
	o.stack = shared_view(VECTOR_STACK, PAGE, PROT_READ | PROT_WRITE);
	o.code = shared_view(VECTOR_CODE, bytes, PROT_READ);
	o.native = mmap(NULL, REWRITE_MAX, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (o.data == MAP_FAILED || o.stack == MAP_FAILED || o.code == MAP_FAILED || o.native == MAP_FAILED)
		return -ENOMEM;
	o.protection = PROT_READ;
	memcpy(o.code, o.image, bytes);
	for (uint64_t at = VECTOR_DATA; at < VECTOR_DATA + 3 * PAGE; at += PAGE)
		*(volatile uint8_t *)at = 0;
	*(volatile uint8_t *)(uint64_t)VECTOR_STACK = 0;
	return mprotect((void *)(VECTOR_DATA + 2ul * PAGE), PAGE, PROT_READ) ? -errno : 0;
}

static void protect_code(int protection)
{
	if (o.protection == protection)
		return;
	mprotect((void *)(uint64_t)VECTOR_CODE, o.pages * PAGE, protection);
	o.protection = protection;
}

static void write_windows(const struct state *s)
{
	memcpy(o.data + WINDOW_AT(0), s->data[0], 2 * WINDOW);
	memcpy(o.data + WINDOW_AT(1), s->data[1], 2 * WINDOW);
	memcpy(o.data + WINDOW_AT(2), s->data[2], WINDOW);
	memcpy(o.stack + STACK_WINDOW_AT, s->stack, STACK_WINDOW);
}

static void read_windows(struct state *s)
{
	memcpy(s->data[0], o.data + WINDOW_AT(0), 2 * WINDOW);
	memcpy(s->data[1], o.data + WINDOW_AT(1), 2 * WINDOW);
	memcpy(s->data[2], o.data + WINDOW_AT(2), WINDOW);
	memset(s->data[2] + WINDOW, 0, WINDOW);
	memcpy(s->stack, o.stack + STACK_WINDOW_AT, STACK_WINDOW);
}

static int dirty(uint8_t *from, uint8_t *to)
{
	if (!memcmp(from, zeroes, (size_t)(to - from)))
		return 0;
	memset(from, 0, (size_t)(to - from));
	return 1;
}

/* Whether a case wrote outside the windows; what it wrote is taken back. */
static int wrote_outside(void)
{
	int bad = dirty(o.data, o.data + WINDOW_AT(0));

	for (int w = 0; w < 2; w++)
		bad |= dirty(o.data + WINDOW_AT(w) + 2 * WINDOW, o.data + WINDOW_AT(w + 1));
	bad |= dirty(o.stack, o.stack + STACK_WINDOW_AT);
	bad |= dirty(o.stack + STACK_WINDOW_AT + STACK_WINDOW, o.stack + PAGE);
	return bad;
}

/* Self-modifying cases: the code as it was, 64 KiB around the group being all they may reach. */
static void restore_code(void)
{
	uint32_t from = o.g->code & ~(PAGE - 1), to = (o.g->code + o.g->length + 2 + PAGE - 1) & ~(PAGE - 1);

	from = from > 4 * PAGE ? from - 4 * PAGE : 0;
	to = to + 4 * PAGE < o.pages * PAGE ? to + 4 * PAGE : o.pages * PAGE;
	memcpy(o.code + from, o.image + from, to - from);
}

/* ---- from state to context and back ---- */

static const int reg_of[16] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static int is_64bit(void)
{
	return o.g->mode == VECTOR_LONG64;
}

/* arch_prctl() without the C library: ARCH_SET_xxx. */
static void set_base(int code, uint64_t v)
{
	uint64_t result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(SYS_arch_prctl), "D"((uint64_t)code), "S"(v) : "rcx", "r11", "memory");
}

/* ARCH_GET_xxx */
static uint64_t get_base(int code)
{
	uint64_t result, v = 0;

	__asm__ volatile("syscall" : "=a"(result) : "a"(SYS_arch_prctl), "D"((uint64_t)code), "S"(&v) : "rcx", "r11", "memory");
	return v;
}

static void load_context(ucontext_t *uc)
{
	greg_t *r = uc->uc_mcontext.gregs;
	uint8_t *fx = (uint8_t *)uc->uc_mcontext.fpregs;

	state_make(&o.initial, o.g, o.k);
	write_windows(&o.initial);
	for (int k = 0; k < (is_64bit() ? 16 : 8); k++)
		r[reg_of[k]] = (greg_t)o.initial.gpr[k];
	set_base(ARCH_SET_FS, o.initial.fs_base);
	set_base(ARCH_SET_GS, o.initial.gs_base);
	r[REG_EFL] = (greg_t)(o.initial.rflags | 0x200);
	r[REG_RIP] = o.rewritten ? (greg_t)o.native : (greg_t)(VECTOR_CODE + (uint64_t)o.g->code);
	if (o.g->options & GROUP_FPU) {
		memcpy(fx, o.initial.fx, 416);
		*(uint64_t *)(fx + FX_SIZE) |= 3; /* XSTATE_BV: x87 and SSE are here */
	}
	if (o.g->options & GROUP_CODE_WRITABLE)
		restore_code();
}

/* Guest offset of where the case stopped; -1 when that is not in its code. */
static int guest_offset(uint64_t rip)
{
	uint64_t at = rip - (o.rewritten ? (uint64_t)o.native : VECTOR_CODE + (uint64_t)o.g->code);

	if (o.rewritten)
		return at < REWRITE_MAX ? o.rewrite.guest[at] : -1;
	return at <= o.g->length ? (int)at : -1;
}

static void store_state(ucontext_t *uc, struct state *s)
{
	const greg_t *r = uc->uc_mcontext.gregs;

	memset(s, 0, sizeof *s);
	for (int k = 0; k < (is_64bit() ? 16 : 8); k++)
		s->gpr[k] = (uint64_t)r[reg_of[k]];
	s->fs_base = is_64bit() ? get_base(ARCH_GET_FS) : 0;
	s->gs_base = is_64bit() ? get_base(ARCH_GET_GS) : 0;
	s->rflags = (uint64_t)r[REG_EFL] & (FL_ALLOWED | FL_AC | 2);
	s->vector = (uint32_t)r[REG_TRAPNO];
	s->error = (uint32_t)r[REG_ERR];
	if (s->vector == TRAP_PF)
		s->cr2 = (uint64_t)r[REG_CR2];
	if (o.g->options & GROUP_FPU)
		memcpy(s->fx, uc->uc_mcontext.fpregs, FX_SIZE);
	read_windows(s);
}

/* A fault on memory that the payload has for itself or that only this machine knows. */
static int unfair_address(const struct state *s)
{
	uint64_t a = s->cr2;

	if (s->vector != TRAP_PF)
		return 0;
	return a >= 1ull << 47 || (a + 64 >= VECTOR_KERNEL && a < (uint64_t)VECTOR_KERNEL + VECTOR_KERNEL_SIZE + 64) || (s->error & PF_FETCH);
}

/* MXCSR has a bit that only AMD's CPUs know: MM (APM volume 1, 4.2.2). */
static int unfair_mxcsr(const struct state *s)
{
	enum { MXCSR_AT = 24, MM = 1 << 17 };
	uint32_t mxcsr;

	memcpy(&mxcsr, s->fx + MXCSR_AT, sizeof mxcsr);
	return mxcsr & MM;
}

/* ---- the run ---- */

static void finish_case(ucontext_t *uc, int valid)
{
	int at = guest_offset((uint64_t)uc->uc_mcontext.gregs[REG_RIP]);
	uint64_t digest = DIGEST_NONE;

	o.serial++;
	store_state(uc, &o.final);
	if (valid && at >= 0 && !unfair_address(&o.final) && !unfair_mxcsr(&o.final)) {
		o.final.rip = (uint64_t)at;
		state_mask(&o.final, o.g);
		digest = state_digest(&o.final, o.g);
	}
	if (wrote_outside())
		o.unfair = 1, digest = DIGEST_NONE;
	o.digests[o.k] = digest;
}

static void next_case(ucontext_t *uc)
{
	if (o.k == o.last) {
		o.running = 0;
		set_base(ARCH_SET_FS, o.host_fs);
		siglongjmp(o.done, 1);
	}
	o.k++;
	load_context(uc);
}

/* A return or an indirect jump of re-encoded code went to a guest address: on to the code made of it. */
static int follow_guest_jump(ucontext_t *uc)
{
	greg_t *r = uc->uc_mcontext.gregs;
	uint64_t at = (uint64_t)r[REG_RIP] - VECTOR_CODE - o.g->code;

	if (!o.rewritten || r[REG_TRAPNO] != TRAP_PF || r[REG_CR2] != r[REG_RIP] || at > (uint64_t)o.rewrite.guest_length || o.rewrite.native[at] < 0)
		return 0;
	r[REG_RIP] = (greg_t)(o.native + o.rewrite.native[at]);
	return 1;
}

/* The case may have left AC set. */
static void clear_ac(void)
{
	__asm__ volatile("pushfq\n\tandq $~0x40000, (%%rsp)\n\tpopfq" ::: "cc", "memory");
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)info;
	clear_ac();
	if (!o.running)
		_exit(128 + signal);
	if (o.starting) {
		o.starting = 0;
		load_context(uc);
		return;
	}
	if (follow_guest_jump(uc))
		return;
	finish_case(uc, 1);
	next_case(uc);
}

/* A case that still runs a whole tick later does not end. */
static void on_tick(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	clear_ac();
	if (o.running && !o.starting && o.ticked == o.serial && o.ticked_k == o.k) {
		finish_case(context, 0);
		next_case(context);
	}
	o.ticked = o.serial;
	o.ticked_k = o.k;
}

static void catch_signals(void)
{
	static const int faults[] = { SIGSEGV, SIGILL, SIGFPE, SIGBUS, SIGTRAP };
	static uint8_t stack[65536];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };
	struct sigaction a = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	struct itimerval tick = { { 0, 50000 }, { 0, 50000 } };

	sigaltstack(&alternate, NULL);
	sigfillset(&a.sa_mask);
	o.host_fs = get_base(ARCH_GET_FS);
	a.sa_sigaction = on_fault;
	for (unsigned k = 0; k < sizeof faults / sizeof faults[0]; k++)
		sigaction(faults[k], &a, NULL);
	a.sa_sigaction = on_tick;
	sigaction(SIGVTALRM, &a, NULL);
	setitimer(ITIMER_VIRTUAL, &tick, NULL);
}

static int prepare_code(const struct vector_group *g)
{
	int flat32 = g->mode == VECTOR_PM32 || g->mode == VECTOR_COMPAT32, direct = g->mode == VECTOR_LONG64;

	if (flat32 && g->options & GROUP_CODE_WRITABLE)
		direct = rewrite_needless(o.image + g->code, g->length);
	o.rewritten = flat32 && !direct;
	if (o.rewritten) {
		protect_code(PROT_READ);
		if (g->options & GROUP_CODE_WRITABLE)
			return -1;
		if (rewrite_code(&o.rewrite, o.image + g->code, g->length, VECTOR_CODE + g->code, (uint64_t)(o.scratch + SCRATCH_STACK)))
			return -1;
		memcpy(o.native, o.rewrite.code, (size_t)o.rewrite.length);
		return 0;
	}
	if (!direct)
		return -1;
	protect_code(PROT_READ | PROT_EXEC | (g->options & GROUP_CODE_WRITABLE ? PROT_WRITE : 0));
	return 0;
}

/* Runs cases first..last of a group. */
static int run_cases(const struct vector_group *g, unsigned first, unsigned last, uint64_t *digests)
{
	o.g = g;
	if (prepare_code(g))
		return NATIVE_UNFIT;
	o.unfair = 0;
	o.k = first;
	o.last = last;
	o.digests = digests;
	if (!sigsetjmp(o.done, 1)) {
		o.running = o.starting = 1;
		/* Into the handler, whose context becomes the first case's. */
		__asm__ volatile("ud2" ::: "memory");
	}
	return o.unfair ? NATIVE_UNFAIR : NATIVE_OK;
}

/* ---- the process that runs them ---- */

struct shared {
	int next; /* the group to run next, or the one that killed the process */
	int failed;
	struct state final;
	int valid;
};

static void *share(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void set_up(const uint8_t *image, uint32_t pages, struct shared *shared)
{
	o.image = image;
	o.pages = pages;
	shared->failed = map_memory();
	if (shared->failed)
		_exit(1);
	catch_signals();
}

static void run_groups(const struct vector_group *groups, int ngroups, uint64_t *digests, uint8_t *verdicts, struct shared *shared)
{
	for (; shared->next < ngroups; shared->next++) {
		const struct vector_group *g = &groups[shared->next];

		if (g->oracle == ORACLE_CPU && g->states)
			verdicts[shared->next] = (uint8_t)run_cases(g, 0, g->states - 1u, digests + g->digest);
	}
}

int native_run(const struct vector_group *groups, int ngroups, const uint8_t *image, uint32_t pages, uint64_t *digests, uint8_t *verdicts)
{
	struct shared *shared = share(sizeof *shared);
	size_t ndigests = 1;
	uint64_t *d;
	uint8_t *v = share((size_t)ngroups + 1);

	for (int k = 0; k < ngroups; k++)
		ndigests += groups[k].states;
	d = share(ndigests * sizeof *d);
	if (!shared || !d || !v)
		return -ENOMEM;
	while (shared->next < ngroups && !shared->failed) {
		pid_t child = fork();
		int status;

		if (child < 0)
			return -errno;
		if (!child) {
			set_up(image, pages, shared);
			run_groups(groups, ngroups, d, v, shared);
			_exit(0);
		}
		if (waitpid(child, &status, 0) < 0)
			return -errno;
		if (shared->next < ngroups) {
			fprintf(stderr, "vectors: group %d killed the oracle (status %x)\n", shared->next, status);
			v[shared->next++] = NATIVE_UNFAIR;
		}
	}
	memcpy(digests, d, (ndigests - 1) * sizeof *d);
	memcpy(verdicts, v, (size_t)ngroups);
	munmap(d, ndigests * sizeof *d);
	munmap(v, (size_t)ngroups + 1);
	return shared->failed;
}

int native_case(const struct vector_group *g, const uint8_t *image, uint32_t pages, unsigned k, struct state *s)
{
	struct shared *shared = share(sizeof *shared);
	pid_t child;

	if (!shared)
		return -1;
	child = fork();
	if (!child) {
		static uint64_t digests[65536];
		set_up(image, pages, shared);
		if (run_cases(g, k, k, digests) == NATIVE_OK && digests[k] != DIGEST_NONE) {
			shared->final = o.final;
			shared->valid = 1;
		}
		_exit(0);
	}
	if (child < 0 || waitpid(child, NULL, 0) < 0 || !shared->valid)
		return -1;
	*s = shared->final;
	munmap(shared, sizeof *shared);
	return 0;
}
