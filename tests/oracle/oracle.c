/*
 * Translated code against the CPU this runs on: the same instructions, from the same random states, run natively here and translated under
 * a LoongArch user-mode emulator (runner.c); registers, flags, memory and divide errors are compared.
 * Usage: oracle sequences.txt emulator runner
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/lib/child.h"
#include "tests/lib/stand_in.h"
#include "tests/oracle/oracle.h"

#define EIP 0x40000000ul /* where the native code is: 64-bit code reads addresses relative to it */
#define CASES 400
#define MAX_SEQUENCES 1024
#define MAX_POINTS 64

static struct tr t;
static struct cpu cpu = { .keeps_upper = true }; /* as on QEMU */
static struct plan plan;

/* Groups that are not linked in: their operations become #UD. */
#define GROUP(name) __attribute__((weak)) int name(struct tr *tr, const struct insn *i) { (void)tr, (void)i; return -1; }
GROUP(gen_system) GROUP(gen_sse) GROUP(gen_mmx) GROUP(gen_x87)

struct sequence {
	char name[32], options[16];
	uint8_t bytes[256];
	size_t n;
	uint32_t entry, code; /* word offsets in the code */
	struct fault_point points[MAX_POINTS];
	unsigned npoints;
} sequences[MAX_SEQUENCES];
static unsigned nsequences;

static bool has(const struct sequence *s, char option)
{
	return strchr(s->options, option);
}

static uint32_t compared_flags(const struct sequence *s)
{
	return (has(s, 'c') ? FL_CF : 0) | (has(s, 'p') ? FL_PF : 0) | (has(s, 'a') ? FL_AF : 0) | (has(s, 'z') ? FL_ZF : 0) |
	       (has(s, 's') ? FL_SF : 0) | (has(s, 'o') ? FL_OF : 0);
}

/* ---- translation ---- */

static uint32_t *code = (uint32_t *)CODE_BASE, used = 4096;

static unsigned slot(uint32_t *const *member)
{
	return (unsigned)(member - (uint32_t **)&stubs);
}

static void init_code(void)
{
	if (mmap(code, CODE_WORDS * 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) != code)
		exit(2);
	init_stubs(code, STUB_WORDS);
}

static bool is_long(const struct sequence *s)
{
	return has(s, 'l');
}

static uint32_t mode_of(const struct sequence *s)
{
	uint32_t mode = MODE_CS32 | MODE_SS32 | MODE_PE | MODE_CS_FLAT | MODE_SS_FLAT | MODE_DS_FLAT | MODE_ES_FLAT | MODE_PG;

	if (is_long(s))
		return (mode & ~(MODE_CS32 | MODE_SS32)) | MODE_LONG | MODE_LMA;
	return has(s, 'g') ? mode & ~(MODE_DS_FLAT | MODE_ES_FLAT) : mode;
}

static void translate_sequence(struct sequence *s)
{
	static uint8_t page[4096];
	struct region region = { .eip = EIP, .cs_limit = 0xffffffff, .mode = mode_of(s) };
	struct source src = { .page = page, .page_eip = EIP, .eip_mask = plan_eip_mask(region.mode), .eip_last = 0xffffffff };
	int dsize = plan_dsize(region.mode);

	memset(page, 0, sizeof page);
	memcpy(page, s->bytes, s->n);
	memcpy(page + s->n, "\x0f\x0b", 2); /* UD2 ends it */
	if (plan_collect(&plan, &src, EIP, dsize, REGION_MAX_INSNS) < 0)
		exit(2);
	plan_analyse(&plan, &src, dsize);
	if (translate(&t, &cpu, &plan, &region, code + used, code + CODE_WORDS) < 0 || t.npoints > MAX_POINTS)
		exit(2);
	s->code = used;
	s->entry = (uint32_t)(region.host - code);
	s->npoints = t.npoints;
	memcpy(s->points, t.points, t.npoints * sizeof t.points[0]);
	used = (uint32_t)(region.code_end - code);
}

/* ---- native execution ---- */

struct native {
	uint64_t gpr[16], flags;
};
void run_native(struct native *n, const void *at);
extern char native_end[];
/* Code comes back by a jump to native_end, since the stack pointer is its own. */
__asm__(".local own_rsp, own_context\n\t.comm own_rsp, 8\n\t.comm own_context, 8\n"
	"run_native:\n\t"
	"push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\t"
	"push %rsi\n\tmov %rdi, own_context(%rip)\n\tmov %rsp, own_rsp(%rip)\n\t"
	"pushq 128(%rdi)\n\tpopfq\n\t"
	"mov 0(%rdi), %rax\n\tmov 8(%rdi), %rcx\n\tmov 16(%rdi), %rdx\n\tmov 24(%rdi), %rbx\n\tmov 32(%rdi), %rsp\n\t"
	"mov 40(%rdi), %rbp\n\tmov 48(%rdi), %rsi\n\t"
	"mov 64(%rdi), %r8\n\tmov 72(%rdi), %r9\n\tmov 80(%rdi), %r10\n\tmov 88(%rdi), %r11\n\t"
	"mov 96(%rdi), %r12\n\tmov 104(%rdi), %r13\n\tmov 112(%rdi), %r14\n\tmov 120(%rdi), %r15\n\t"
	"mov 56(%rdi), %rdi\n\tjmp *native_start(%rip)\n"
	"native_end:\n\t"
	"xchg %rdi, own_context(%rip)\n\t"
	"mov %rax, 0(%rdi)\n\tmov %rcx, 8(%rdi)\n\tmov %rdx, 16(%rdi)\n\tmov %rbx, 24(%rdi)\n\tmov %rsp, 32(%rdi)\n\t"
	"mov %rbp, 40(%rdi)\n\tmov %rsi, 48(%rdi)\n\t"
	"mov %r8, 64(%rdi)\n\tmov %r9, 72(%rdi)\n\tmov %r10, 80(%rdi)\n\tmov %r11, 88(%rdi)\n\t"
	"mov %r12, 96(%rdi)\n\tmov %r13, 104(%rdi)\n\tmov %r14, 112(%rdi)\n\tmov %r15, 120(%rdi)\n\t"
	"mov own_context(%rip), %rax\n\tmov %rax, 56(%rdi)\n\t"
	"mov own_rsp(%rip), %rsp\n\tpushfq\n\tpopq 128(%rdi)\n\tcld\n\t"
	"pop %rsi\n\tpop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\tret\n\t"
	".data\nnative_start: .quad 0x40000000\n\t.text");

static sigjmp_buf fault;
static struct native at_fault;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	static const int regs[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
				      REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };
	ucontext_t *u = context;

	(void)info;
	for (int k = 0; k < 16; k++)
		at_fault.gpr[k] = (uint64_t)u->uc_mcontext.gregs[regs[k]];
	siglongjmp(fault, 1 + (sig == SIGFPE ? EXC_DE : EXC_PF));
}

static void catch_signals(void)
{
	static uint8_t stack[65536];
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t own = { .ss_sp = stack, .ss_size = sizeof stack };

	sigaltstack(&own, NULL);
	sigaction(SIGFPE, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

static bool has_pointer(const struct sequence *s)
{
	return has(s, 'm') || has(s, 'w') || has(s, 'q');
}

/* Offsets in a segment become addresses, or back. */
static void add_base(const struct sequence *s, struct machine *m, uint64_t base)
{
	if (has_pointer(s))
		m->gpr[RBX] += base;
	if (has(s, 'i')) {
		m->gpr[RSI] += base;
		m->gpr[RDI] += base;
	}
}

/* What the machine looks like after the sequence; after a divide error of 32-bit code, as before. */
static void execute(const struct sequence *s, const uint8_t *page, struct machine *m)
{
	struct native n;

	add_base(s, m, m->base);
	memcpy(n.gpr, m->gpr, sizeof n.gpr);
	for (int k = 0; k < 8 && !is_long(s); k++)
		n.gpr[k] = (uint32_t)n.gpr[k];
	n.flags = m->cc_dst | FL_1 | FL_IF | (m->direction ? FL_DF : 0);
	memcpy((void *)DATA_BASE, m->data, DATA_SIZE);
	int faulted = sigsetjmp(fault, 1);
	m->vector = (uint32_t)(faulted ? faulted - 1 : EXC_UD);
	if (!faulted)
		run_native(&n, page);
	else if (is_long(s))
		n = at_fault;
	if (!faulted || is_long(s)) {
		memcpy(m->gpr, n.gpr, sizeof n.gpr);
		memcpy(m->data, (void *)DATA_BASE, DATA_SIZE);
		m->cc_op = CC_EFLAGS;
		m->cc_dst = n.flags & FL_ARITH;
	}
	add_base(s, m, -m->base);
}

/* ---- states ---- */

static uint64_t seed = 88172645463325252;
static uint32_t random32(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

static uint32_t operand(void)
{
	static const uint32_t special[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe };

	switch (random32() % 4) {
	case 0: return special[random32() % 13];
	case 1: return random32() >> random32() % 32;
	default: return random32();
	}
}

static uint64_t any64(void)
{
	static const uint64_t special[] = { 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff };

	switch (random32() % 8) {
	case 0: return special[random32() % 6];
	case 1: return operand();
	case 2: return sx32(operand());
	case 3: return (uint64_t)random32() << 32 | operand();
	default: return (uint64_t)operand() << 32 | random32();
	}
}

/* Never an address where this program may be mapped: there is nothing in the other machine. */
static uint64_t operand64(void)
{
	uint64_t v = any64(), top = v >> 40;

	return top == 0x55 || top == 0x56 || top == 0x7e || top == 0x7f ? v | 1ull << 62 : v;
}

static void random_state(const struct sequence *s, struct machine *m)
{
	uint32_t align = has(s, 'w') ? 4 : has(s, 'q') ? 8 : 1, at = DATA_SIZE / 2 - 16 + random32() % 32 / align * align;

	memset(m, 0, sizeof *m);
	m->entry = s->entry;
	for (int k = 0; k < 16; k++)
		m->gpr[k] = is_long(s) ? operand64() : sx32(operand());
	for (unsigned k = 0; k < DATA_SIZE; k++)
		m->data[k] = (uint8_t)(random32() % 3 ? random32() : random32() & 1 ? 0 : 0xff);
	m->base = has(s, 'g') ? DATA_BASE : 0;
	if (has_pointer(s))
		m->gpr[RBX] = DATA_BASE - m->base + at;
	if (has(s, 'k'))
		m->gpr[RCX] = sx32(random32() % 256 - 128);
	if (has(s, 'i')) {
		m->gpr[RSI] = DATA_BASE - m->base + at;
		m->gpr[RDI] = DATA_BASE - m->base + DATA_SIZE / 2 - 16 + random32() % 32;
		m->direction = random32() & 1;
	}
	if (has(s, 'x'))
		m->gpr[RSP] = DATA_BASE + DATA_SIZE / 2;
	if (has(s, 'd') && random32() & 1) {
		m->gpr[RDX] = random32() & 1 ? 0 : sx32(random32() % 16 - 8);
		m->gpr[RAX] = sx32(operand() & (random32() & 1 ? 0xffff : 0xffffffff));
	}
	if (has(s, 'e') && random32() & 1) {
		uint32_t low, high;
		uint32_t shift = strstr(s->name, "lock") && align == 4 ? 4 : 0;
		memcpy(&low, m->data + at + shift, 4);
		memcpy(&high, m->data + at + 4, 4);
		m->gpr[RAX] = has_pointer(s) ? sx32(low) : m->gpr[RDX];
		if (align == 8 || strstr(s->name, "8b"))
			m->gpr[RDX] = sx32(high);
	}
	m->cc_dst = random32() & FL_ARITH;
}

/* ---- comparison ---- */

static unsigned passed, failed;

static bool agree(const struct sequence *s, const struct machine *want, const struct machine *got)
{
	uint32_t flags = cc_compute(got->cc_op, got->cc_dst, got->cc_src);
	bool same = want->vector == got->vector && !memcmp(want->data, got->data, DATA_SIZE);

	for (int k = 0; k < 16 && is_long(s); k++)
		if (want->gpr[k] != got->gpr[k])
			same = false;
	for (int k = 0; k < 8 && !is_long(s); k++) {
		if (k != RSP && (uint32_t)want->gpr[k] != (uint32_t)got->gpr[k])
			same = false;
		if (got->gpr[k] != sx32(got->gpr[k]))
			same = false;
	}
	return same && (want->vector != EXC_UD || !((flags ^ want->cc_dst) & compared_flags(s)));
}

static void print(const char *what, const struct machine *m)
{
	printf("  %-6s", what);
	for (int k = 0; k < 16; k++)
		printf(" %llx", (unsigned long long)m->gpr[k]);
	printf(" flags %x vector %u\n", cc_compute(m->cc_op, m->cc_dst, m->cc_src), m->vector);
}

static void judge(const struct sequence *s, const struct machine *start, const struct machine *want, const struct machine *got)
{
	if (agree(s, want, got)) {
		passed++;
		return;
	}
	static const struct sequence *shown;
	failed++;
	if (shown == s)
		return;
	shown = s;
	printf("%s:\n", s->name);
	print("from", start);
	print("native", want);
	print("here", got);
	for (unsigned k = 0; k < DATA_SIZE; k++)
		if (want->data[k] != got->data[k])
			printf("  data[%u]: %02x, native %02x\n", k, got->data[k], want->data[k]);
}

/* ---- the other program ---- */

static struct child runner;

/* What the fault handler makes of a fault in translated code. */
static void recover(const struct sequence *s, struct machine *m)
{
	uint32_t host = m->fault - s->code;

	for (unsigned k = 0; m->fault && k < s->npoints; k++)
		for (int r = 0; s->points[k].host == host && r < 16; r++)
			if (s->points[k].narrow >> r & 1)
				m->gpr[r] = (uint32_t)m->gpr[r];
}

static void run_sequence(const struct sequence *s, uint8_t *page)
{
	static struct machine start[CASES], want[CASES], got;

	memcpy(page, s->bytes, s->n);
	memcpy(page + s->n, "\xff\x25\0\0\0", 6);
	*(uint64_t *)(page + s->n + 6) = (uint64_t)native_end;
	for (int k = 0; k < CASES; k++) {
		random_state(s, &start[k]);
		want[k] = start[k];
		execute(s, page, &want[k]);
	}
	for (int k = 0; k < CASES; k++) {
		fwrite(&start[k], sizeof start[k], 1, runner.to);
		fflush(runner.to);
		if (fread(&got, sizeof got, 1, runner.from) != 1) {
			printf("%s: the runner has died\n", s->name);
			printf("%u passed, 1 failed\n", passed);
			exit(1);
		}
		recover(s, &got);
		judge(s, &start[k], &want[k], &got);
	}
}

static void read_sequences(const char *file)
{
	char line[1024];
	FILE *f = fopen(file, "r");

	while (f && fgets(line, sizeof line, f)) {
		struct sequence *s = &sequences[nsequences];
		int pos;
		if (line[0] == '#')
			continue;
		if (nsequences == MAX_SEQUENCES || sscanf(line, "%31s %15[^:]: %n", s->name, s->options, &pos) != 2) {
			printf("%s: too many sequences, or not one: %s0 passed, 1 failed\n", file, line);
			exit(1);
		}
		for (char *p = line + pos, *end; s->n < sizeof s->bytes - 2; p = end) {
			unsigned long v = strtoul(p, &end, 16);
			if (end == p)
				break;
			s->bytes[s->n++] = (uint8_t)v;
		}
		translate_sequence(s);
		nsequences++;
	}
}

int main(int argc, char **argv)
{
	uint8_t *page = mmap((void *)EIP, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0);

	if (argc < 4 || page == MAP_FAILED ||
	    mmap((void *)DATA_BASE, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		return 2;
	catch_signals();
	init_code();
	read_sequences(argv[1]);
	runner = child_start(argv + 2);
	struct blob_head h = {
		used, nsequences * CASES, slot(&stubs.cc_get), slot(&stubs.cc_carry), slot(&stubs.cc_kinds[0]), slot(&stubs.helper_end[0]), slot(&stubs.helper_end[2]),
	};
	fwrite(&h, sizeof h, 1, runner.to);
	fwrite(code, 4, used, runner.to);
	for (unsigned k = 0; k < nsequences; k++)
		run_sequence(&sequences[k], page);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
