/*
 * Translated code against the CPU this runs on: the same instructions, from the same random states, run natively here and translated under
 * a LoongArch user-mode emulator (runner.c); registers, flags, memory and divide errors are compared.
 * Usage: oracle sequences.txt emulator runner
 */
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

#include "tests/oracle/oracle.h"
#include "translator/translate.h"

#define EIP 0x1000
#define CASES 400
#define MAX_SEQUENCES 256

static struct stubs stubs;
static struct tr t;
static struct cpu cpu;
static struct plan plan;

/* Groups that are not linked in: their operations become #UD. */
#define GROUP(name) __attribute__((weak)) int name(struct tr *tr, const struct insn *i) { (void)tr, (void)i; return -1; }
GROUP(gen_system) GROUP(gen_sse) GROUP(gen_mmx) GROUP(gen_x87)

const struct stubs *cache_stubs(struct cpu *c)
{
	(void)c;
	return &stubs;
}

struct sequence {
	char name[32], options[16];
	uint8_t bytes[32];
	size_t n;
	uint32_t entry;
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
	uint32_t **p = (uint32_t **)&stubs;

	if (mmap(code, CODE_WORDS * 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) != code)
		exit(2);
	for (unsigned k = 0; k < sizeof stubs / sizeof *p; k++)
		p[k] = code + STUB_WORDS * k;
}

static void translate_sequence(struct sequence *s)
{
	static uint8_t page[4096];
	struct region region = { .eip = EIP, .cs_limit = 0xffffffff };
	struct source src = { .page = page, .page_eip = EIP, .eip_mask = 0xffffffff, .eip_last = 0xffffffff };

	region.mode = MODE_CS32 | MODE_SS32 | MODE_PE | MODE_CS_FLAT | MODE_SS_FLAT | MODE_DS_FLAT | MODE_ES_FLAT | MODE_PG;
	if (has(s, 'g'))
		region.mode &= ~(MODE_DS_FLAT | MODE_ES_FLAT);
	memset(page, 0, sizeof page);
	memcpy(page, s->bytes, s->n);
	memcpy(page + s->n, "\x0f\x0b", 2); /* UD2 ends it */
	if (plan_collect(&plan, &src, EIP, MODE32, REGION_MAX_INSNS) < 0)
		exit(2);
	plan_analyse(&plan, &src, MODE32);
	if (translate(&t, &cpu, &plan, &region, code + used, code + CODE_WORDS) < 0)
		exit(2);
	s->entry = (uint32_t)(region.host - code);
	used = (uint32_t)(region.code_end - code);
}

/* ---- native execution ---- */

struct native {
	uint64_t gpr[8], flags;
};
void run_native(struct native *n, const void *at);
__asm__("run_native:\n\t"
	"push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\t"
	"mov %rdi, %r12\n\tmov %rsi, %r13\n\t"
	"mov 0(%r12), %rax\n\tmov 8(%r12), %rcx\n\tmov 16(%r12), %rdx\n\tmov 24(%r12), %rbx\n\t"
	"mov 40(%r12), %rbp\n\tmov 48(%r12), %rsi\n\tmov 56(%r12), %rdi\n\t"
	"pushq 64(%r12)\n\tpopfq\n\tcall *%r13\n\tpushfq\n\tpopq 64(%r12)\n\tcld\n\t"
	"mov %rax, 0(%r12)\n\tmov %rcx, 8(%r12)\n\tmov %rdx, 16(%r12)\n\tmov %rbx, 24(%r12)\n\t"
	"mov %rbp, 40(%r12)\n\tmov %rsi, 48(%r12)\n\tmov %rdi, 56(%r12)\n\t"
	"pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\tret");

static sigjmp_buf divide_error;

static void on_signal(int sig)
{
	(void)sig;
	siglongjmp(divide_error, 1);
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

/* What the machine looks like after the sequence; after a divide error, as before. */
static void execute(const struct sequence *s, const uint8_t *page, struct machine *m)
{
	struct native n;

	add_base(s, m, m->base);
	memcpy(n.gpr, m->gpr, sizeof n.gpr);
	for (int k = 0; k < 8; k++)
		n.gpr[k] = (uint32_t)n.gpr[k];
	n.flags = m->cc_dst | FL_1 | FL_IF | (m->direction ? FL_DF : 0);
	memcpy((void *)DATA_BASE, m->data, DATA_SIZE);
	m->vector = EXC_UD;
	if (sigsetjmp(divide_error, 1)) {
		add_base(s, m, -m->base);
		m->vector = EXC_DE;
		return;
	}
	run_native(&n, page);
	memcpy(m->gpr, n.gpr, sizeof n.gpr);
	add_base(s, m, -m->base);
	m->cc_op = CC_EFLAGS;
	m->cc_dst = n.flags & FL_ARITH;
	memcpy(m->data, (void *)DATA_BASE, DATA_SIZE);
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

static void random_state(const struct sequence *s, struct machine *m)
{
	uint32_t align = has(s, 'w') ? 4 : has(s, 'q') ? 8 : 1, at = DATA_SIZE / 2 - 16 + random32() % 32 / align * align;

	memset(m, 0, sizeof *m);
	m->entry = s->entry;
	for (int k = 0; k < 8; k++)
		m->gpr[k] = sx32(operand());
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

	for (int k = 0; k < 8; k++) {
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
	for (int k = 0; k < 8; k++)
		printf(" %llx", (unsigned long long)m->gpr[k]);
	printf(" flags %x vector %u\n", cc_compute(m->cc_op, m->cc_dst, m->cc_src), m->vector);
}

static void judge(const struct sequence *s, const struct machine *start, const struct machine *want, const struct machine *got)
{
	if (agree(s, want, got)) {
		passed++;
		return;
	}
	if (failed++ > 20)
		return;
	printf("%s:\n", s->name);
	print("from", start);
	print("native", want);
	print("here", got);
	for (unsigned k = 0; k < DATA_SIZE; k++)
		if (want->data[k] != got->data[k])
			printf("  data[%u]: %02x, native %02x\n", k, got->data[k], want->data[k]);
}

/* ---- the other program ---- */

static FILE *to_runner, *from_runner;

static void start_runner(char **command)
{
	int in[2], out[2];

	if (pipe(in) || pipe(out))
		exit(2);
	if (!fork()) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execvp(command[0], command);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to_runner = fdopen(in[1], "w");
	from_runner = fdopen(out[0], "r");
}

static void run_sequence(const struct sequence *s, uint8_t *page)
{
	static struct machine start[CASES], want[CASES], got;

	memcpy(page, s->bytes, s->n);
	page[s->n] = 0xc3;
	for (int k = 0; k < CASES; k++) {
		random_state(s, &start[k]);
		want[k] = start[k];
		execute(s, page, &want[k]);
	}
	for (int k = 0; k < CASES; k++) {
		fwrite(&start[k], sizeof start[k], 1, to_runner);
		fflush(to_runner);
		if (fread(&got, sizeof got, 1, from_runner) != 1) {
			printf("%s: the runner has died\n", s->name);
			printf("%u passed, 1 failed\n", passed);
			exit(1);
		}
		judge(s, &start[k], &want[k], &got);
	}
}

static void read_sequences(const char *file)
{
	char line[256];
	FILE *f = fopen(file, "r");

	while (f && fgets(line, sizeof line, f) && nsequences < MAX_SEQUENCES) {
		struct sequence *s = &sequences[nsequences];
		int pos;
		if (line[0] == '#' || sscanf(line, "%31s %15[^:]: %n", s->name, s->options, &pos) != 2)
			continue;
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
	uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (argc < 4 || page == MAP_FAILED ||
	    mmap((void *)DATA_BASE, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		return 2;
	signal(SIGFPE, on_signal);
	init_code();
	read_sequences(argv[1]);
	start_runner(argv + 2);
	struct blob_head h = { used, nsequences * CASES, slot(&stubs.cc_get), slot(&stubs.helper_end[0]) };
	fwrite(&h, sizeof h, 1, to_runner);
	fwrite(code, 4, used, to_runner);
	for (unsigned k = 0; k < nsequences; k++)
		run_sequence(&sequences[k], page);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
