/*
 * Runs translated code: reads code and machine states from standard input, runs each, writes the states behind it to standard output.
 * A LoongArch program without a C library.
 */
#include <stddef.h>

#include "tests/oracle/oracle.h"
#include "asm-offsets.h"

extern char stub_cc_get[], stub_cc_carry[], stub_cc_kinds[], finish[];
void run(char *cpu, const uint32_t *code);

static long call(long n, long a, long b, long c, long d, long e, long f)
{
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;
	register long a7 __asm__("a7") = n;

	__asm__ volatile("syscall 0" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
			 : "memory", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8");
	return a0;
}

enum { SYS_READ = 63, SYS_WRITE = 64, SYS_EXIT = 93, SYS_SIGACTION = 134, SYS_MMAP = 222 };

void *memcpy(void *to, const void *from, size_t n)
{
	for (size_t k = 0; k < n; k++)
		((char *)to)[k] = ((const char *)from)[k];
	return to;
}

static void transfer(long n, int fd, void *at, size_t len)
{
	while (len) {
		long done = call(n, fd, (long)at, (long)len, 0, 0, 0);
		if (done <= 0)
			call(SYS_EXIT, 1, 0, 0, 0, 0, 0);
		at = (char *)at + done;
		len -= (size_t)done;
	}
}

static void *map(unsigned long at, size_t len)
{
	/* PROT_READ | WRITE | EXEC, MAP_PRIVATE | FIXED | ANONYMOUS */
	if (call(SYS_MMAP, (long)at, (long)len, 7, 0x32, -1, 0) != (long)at)
		call(SYS_EXIT, 2, 0, 0, 0, 0, 0);
	return (void *)at;
}

/* A jump through r11: lu12i.w, ori, lu32i.d, lu52i.d, jr. */
static void put_jump(uint32_t *at, const char *to)
{
	uint64_t a = (uint64_t)to;

	at[0] = 0x14000000 | (a >> 12 & 0xfffff) << 5 | 11;
	at[1] = 0x03800000 | (a & 0xfff) << 10 | 11 << 5 | 11;
	at[2] = 0x16000000 | (a >> 32 & 0xfffff) << 5 | 11;
	at[3] = 0x03000000 | (a >> 52) << 10 | 11 << 5 | 11;
	at[4] = 0x4c000000 | 11 << 5;
}

/* Base and ends of a segment register: struct seg has 32 bytes, the base is followed by the two ends. */
static void set_segment(char *cpu, int s, uint64_t base)
{
	uint64_t *seg = (uint64_t *)(cpu + CPU_CS_BASE + (s - 1) * 32);

	seg[0] = base;
	seg[1] = seg[2] = DATA_SIZE;
}

/* Faults: the kernel's struct sigaction and the part of its ucontext with the registers (asm/sigcontext.h). */
enum { SIGBUS = 7, SIGSEGV = 11, SA_SIGINFO = 4, EXC_PF = 14 };
struct action {
	void (*handler)(int, void *, char *);
	uint64_t flags, mask;
};
struct registers {
	uint64_t pc, r[32];
};
#define UCONTEXT_REGISTERS 176

static uint64_t fault_pc;

/* Goes on at finish, which saves the guest's registers as they are. */
static void on_fault(int sig, void *info, char *context)
{
	struct registers *at = (struct registers *)(context + UCONTEXT_REGISTERS);

	(void)sig, (void)info;
	fault_pc = at->pc;
	at->pc = (uint64_t)finish;
	at->r[5] = EXC_PF;
}

static void catch_faults(void)
{
	static const struct action action = { on_fault, SA_SIGINFO, 0 };

	call(SYS_SIGACTION, SIGSEGV, (long)&action, 0, 8, 0, 0);
	call(SYS_SIGACTION, SIGBUS, (long)&action, 0, 8, 0, 0);
}

static void one(struct machine *m, char *cpu, uint32_t *code)
{
	memcpy((void *)DATA_BASE, m->data, DATA_SIZE);
	memcpy(cpu + CPU_GPR, m->gpr, sizeof m->gpr);
	*(uint64_t *)(cpu + CPU_CC_DST) = m->cc_dst;
	*(uint64_t *)(cpu + CPU_CC_SRC) = m->cc_src;
	*(uint32_t *)(cpu + CPU_CC_OP) = m->cc_op;
	*(uint32_t *)(cpu + CPU_CC_OP + 4) = 2 | (m->direction ? 0x400 : 0);
	*(int32_t *)(cpu + CPU_STEP) = m->direction ? -1 : 1;
	set_segment(cpu, 0, m->base);
	set_segment(cpu, 3, m->base);
	fault_pc = 0;
	run(cpu, code + m->entry);
	m->fault = fault_pc ? (uint32_t)((fault_pc - CODE_BASE) / 4) : 0;
	memcpy(m->data, (void *)DATA_BASE, DATA_SIZE);
	memcpy(m->gpr, cpu + CPU_GPR, sizeof m->gpr);
	m->cc_dst = *(uint64_t *)(cpu + CPU_CC_DST);
	m->cc_src = *(uint64_t *)(cpu + CPU_CC_SRC);
	m->cc_op = *(uint32_t *)(cpu + CPU_CC_OP);
	m->vector = *(uint32_t *)(cpu + CPU_TMP);
}

void _start(void)
{
	struct blob_head h;
	struct machine m;
	uint32_t *code = map(CODE_BASE, CODE_WORDS * 4);
	char *cpu = map(CPU_BASE, CPU_SIZE);

	catch_faults();
	map(DATA_BASE, 4096);
	transfer(SYS_READ, 0, &h, sizeof h);
	transfer(SYS_READ, 0, code, h.words * 4ul);
	put_jump(code + h.stub_cc_get * STUB_WORDS, stub_cc_get);
	put_jump(code + h.stub_cc_carry * STUB_WORDS, stub_cc_carry);
	for (unsigned k = 0; k < CC_COUNT; k++)
		put_jump(code + (h.stub_cc_kinds + k) * STUB_WORDS, stub_cc_kinds + 4 * k);
	put_jump(code + h.stub_helper_end * STUB_WORDS, finish);
	put_jump(code + h.stub_helper_end_long * STUB_WORDS, finish);
	__asm__ volatile("ibar 0" ::: "memory");
	for (uint32_t k = 0; k < h.cases; k++) {
		transfer(SYS_READ, 0, &m, sizeof m);
		one(&m, cpu, code);
		transfer(SYS_WRITE, 1, &m, sizeof m);
	}
	call(SYS_EXIT, 0, 0, 0, 0, 0, 0);
}
