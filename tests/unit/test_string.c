// SOURCES: translator/cpu.c translator/descriptor.c translator/stack.c translator/seg.c translator/msr.c translator/fastcall.c translator/cpuid.c translator/string.c translator/elements.c translator/ioperm.c translator/debug.c
/* REP string operations against the CPU this runs on, faults and their progress included; segments, address sizes and ports by hand. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/unit/arch_model.h"
#include "translator/block.h"
#include "translator/string.h"

#define ARENA 0x40000u /* in guest memory; native memory has it at NATIVE + ARENA */
#define ARENA_SIZE 0x8000u
#define NATIVE 0x40000000ul
#define COUNT 10000
enum { PAGE_IO = 8, PAGE_DEV = 16 }; /* beside arch_model.h's: no plain memory; a device's */

static unsigned spans;

void *mem_span(struct cpu *cpu, uint64_t lin, unsigned len, int acc)
{
	access_check(cpu, lin, len, acc & ACC_WRITE, acc);
	spans++;
	return page_rights[(uint32_t)lin >> 12] & PAGE_IO ? NULL : memory + (uint32_t)lin;
}

volatile void *mem_device(struct cpu *cpu, uint64_t lin, int acc)
{
	access_check(cpu, lin, 1, acc & ACC_WRITE, acc);
	return page_rights[(uint32_t)lin >> 12] & PAGE_DEV ? memory + (uint32_t)lin : NULL;
}

void block_copy(void *to, const void *from, size_t len) { CHECK(len % BLOCK_SIZE == 0); memcpy(to, from, len); }
void block_fill(void *to, uint64_t pattern, size_t len)
{
	CHECK(len % BLOCK_SIZE == 0);
	for (size_t k = 0; k < len; k += 8)
		memcpy((char *)to + k, &pattern, 8);
}

static uint64_t seed = 88172645463325252;
static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed >> 11;
}

/* ---- the real thing ---- */

struct native {
	uint64_t ax, cx, si, di, flags;
	uint64_t cr2;
	bool faulted;
};
void run_native(struct native *n, const void *at);
__asm__("run_native:\n\t"
	"push %rbx\n\tpush %r12\n\tpush %r13\n\t"
	"mov %rdi, %rbx\n\tmov %rsi, %r12\n\t"
	"mov 0(%rbx), %rax\n\tmov 8(%rbx), %rcx\n\tmov 16(%rbx), %rsi\n\tmov 24(%rbx), %rdi\n\t"
	"pushq 32(%rbx)\n\tpopfq\n\tcall *%r12\n\tpushfq\n\tpopq 32(%rbx)\n\tcld\n\t"
	"mov %rax, 0(%rbx)\n\tmov %rcx, 8(%rbx)\n\tmov %rsi, 16(%rbx)\n\tmov %rdi, 24(%rbx)\n\t"
	"pop %r13\n\tpop %r12\n\tpop %rbx\n\tret");

static sigjmp_buf back;
static struct native at_fault;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	const greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)sig;
	at_fault = (struct native){
		.ax = (uint64_t)r[REG_RAX], .cx = (uint64_t)r[REG_RCX], .si = (uint64_t)r[REG_RSI], .di = (uint64_t)r[REG_RDI],
		.flags = (uint64_t)r[REG_EFL], .cr2 = (uint64_t)info->si_addr, .faulted = true,
	};
	siglongjmp(back, 1);
}

static void native(struct native *n, uint8_t *code, const struct insn *i)
{
	static const uint8_t opcode[] = { [OP_MOVS] = 0xa4, [OP_CMPS] = 0xa6, [OP_STOS] = 0xaa, [OP_LODS] = 0xac, [OP_SCAS] = 0xae };
	uint8_t *p = code;

	if (i->rep)
		*p++ = i->rep == REP_REP ? 0xf3 : 0xf2;
	if (i->opsize == 2)
		*p++ = 0x66;
	*p++ = opcode[i->op] | (i->opsize > 1);
	*p = 0xc3;
	if (sigsetjmp(back, 1))
		*n = at_fault;
	else
		run_native(n, code);
}

/* ---- random operations ---- */

static const int operations[] = { OP_MOVS, OP_CMPS, OP_STOS, OP_LODS, OP_SCAS };

static uint32_t random_place(void)
{
	uint32_t at = (uint32_t)(random64() % ARENA_SIZE);

	return ARENA + (random64() & 1 ? at : ((at & ~0xfffu) + random64() % 16 - 8) % ARENA_SIZE);
}

static void random_memory(void)
{
	uint64_t kind = random64() % 4;

	for (unsigned k = 0; k < ARENA_SIZE; k++)
		memory[ARENA + k] = (uint8_t)(kind == 0 ? random64() : kind == 1 ? 7 : random64() % 512 ? 7 : 8);
	for (unsigned k = 0; k < ARENA_SIZE >> 12; k++)
		page_rights[(ARENA >> 12) + k] = random64() % 12 ? 0 : (uint8_t[]){ PAGE_GONE, PAGE_READ_ONLY, PAGE_IO, PAGE_IO | PAGE_DEV }[random64() % 4];
	mprotect((void *)(NATIVE + ARENA), ARENA_SIZE, PROT_READ | PROT_WRITE);
	memcpy((void *)(NATIVE + ARENA), memory + ARENA, ARENA_SIZE);
	for (unsigned k = 0; k < ARENA_SIZE >> 12; k++) {
		unsigned rights = page_rights[(ARENA >> 12) + k];
		mprotect((void *)(NATIVE + ARENA + k * 4096), 4096,
			 rights & PAGE_GONE ? PROT_NONE : rights & PAGE_READ_ONLY ? PROT_READ : PROT_READ | PROT_WRITE);
	}
}

static bool same_memory(void)
{
	mprotect((void *)(NATIVE + ARENA), ARENA_SIZE, PROT_READ | PROT_WRITE);
	return !memcmp(memory + ARENA, (void *)(NATIVE + ARENA), ARENA_SIZE);
}

/* Until complete or a fault; the part calls must make progress. */
static void execute(const struct insn *i)
{
	uint64_t before;

	do
		before = c->gpr[RCX];
	while (string_exec(c, string_pack(i)) && c->gpr[RCX] != before);
}

/* Whether the access of `size` bytes at `at` meets the page fault at cr2. */
static bool meets(uint64_t cr2, uint64_t at, unsigned size)
{
	return cr2 >= at && cr2 < at + size;
}

/* Page faults at the same place. Where neither operand of CMPS may be read, Intel's CPUs name one, AMD's the other. */
static bool same_fault(const struct insn *i, const struct native *n)
{
	uint64_t cr2 = n->cr2 - NATIVE, si = c->gpr[RSI], di = c->gpr[RDI];

	return c->cr2 == cr2 || (i->op == OP_CMPS && meets(c->cr2, si, i->opsize) && meets(cr2, di, i->opsize) && page_rights[c->cr2 >> 12] & PAGE_GONE);
}

static void random_operation(uint8_t *code)
{
	struct insn i = { .op = (uint16_t)operations[random64() % 5], .opsize = 1 << random64() % 3, .addrsize = 4, .seg = SEG_DS };
	struct native n;

	i.rep = random64() % 8 ? 1 + random64() % 2 : REP_NONE;
	if (i.rep == REP_REPNE && i.op != OP_CMPS && i.op != OP_SCAS)
		i.rep = REP_REP;
	random_memory();
	c->gpr[RSI] = random_place();
	c->gpr[RDI] = random64() % 3 ? random_place() : c->gpr[RSI] + random64() % 41 - 20;
	c->gpr[RCX] = random64() % 3 ? random64() % 64 : random64() % 9000;
	c->gpr[RAX] = sx32(random64() & 1 ? 0x07070707 : random64());
	c->cc_op = CC_EFLAGS;
	c->cc_dst = random64() & FL_ARITH;
	c->eflags = FL_1 | FL_IF | (random64() & 1 ? FL_DF : 0);
	n = (struct native){ .ax = (uint32_t)c->gpr[RAX], .cx = c->gpr[RCX], .si = c->gpr[RSI] + NATIVE, .di = c->gpr[RDI] + NATIVE,
			     .flags = cpu_get_eflags(c) };
	struct cpu start = *c;
	native(&n, code, &i);
	RUN(execute(&i));
	bool faulted = raised_vector == EXC_PF, same = same_memory() && faulted == n.faulted && (faulted || raised_vector == NOTHING);
	same &= (uint32_t)c->gpr[RAX] == (uint32_t)n.ax && c->gpr[RCX] == n.cx && c->gpr[RSI] == n.si - NATIVE && c->gpr[RDI] == n.di - NATIVE;
	same &= faulted ? same_fault(&i, &n) : !((cpu_get_eflags(c) ^ n.flags) & FL_ARITH);
	if (same) {
		passed++;
		return;
	}
	failed++;
	printf("op %d size %d rep %d DF %d, CX %#llx SI %#llx DI %#llx:\n CX %#llx SI %#llx DI %#llx AX %#llx flags %#x vector %d CR2 %#llx\n"
	       " CX %#llx SI %#llx DI %#llx AX %#llx flags %#llx fault %d CR2 %#llx natively\n", i.op, i.opsize, i.rep,
	       !!(start.eflags & FL_DF), (unsigned long long)start.gpr[RCX], (unsigned long long)start.gpr[RSI],
	       (unsigned long long)start.gpr[RDI], (unsigned long long)c->gpr[RCX], (unsigned long long)c->gpr[RSI],
	       (unsigned long long)c->gpr[RDI], (unsigned long long)c->gpr[RAX], cpu_get_eflags(c), raised_vector,
	       (unsigned long long)c->cr2, (unsigned long long)n.cx, (unsigned long long)(n.si - NATIVE), (unsigned long long)(n.di - NATIVE),
	       (unsigned long long)n.ax, (unsigned long long)n.flags, n.faulted, (unsigned long long)(n.cr2 - NATIVE));
}

static void test_random(void)
{
	uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	if (mmap((void *)(NATIVE + ARENA - 4096), ARENA_SIZE + 8192, PROT_NONE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		exit(2);
	sigaction(SIGSEGV, &action, NULL);
	protected_mode(0);
	page_rights[(ARENA >> 12) - 1] = page_rights[(ARENA + ARENA_SIZE) >> 12] = PAGE_GONE;
	for (int k = 0; k < COUNT && failed < 10; k++)
		random_operation(code);
}

/* ---- by hand ---- */

static struct insn insn(int op, int size, int rep)
{
	return (struct insn){ .op = (uint16_t)op, .opsize = (uint8_t)size, .addrsize = 4, .seg = SEG_DS, .rep = (uint8_t)rep };
}

static void set(uint64_t cx, uint64_t si, uint64_t di)
{
	c->gpr[RCX] = cx;
	c->gpr[RSI] = si;
	c->gpr[RDI] = di;
}

/* One call, which does not fault; more: whether it is to be called again. */
static void once(const struct insn *i, uint64_t more)
{
	uint64_t volatile got = 2;

	OK(got = string_exec(c, string_pack(i)));
	CHECK_EQ(got, more);
}

/* 16-bit addresses wrap, and leave the upper halves of the registers alone. */
static void test_wrap(void)
{
	struct insn i = insn(OP_MOVS, 1, REP_REP);

	real_mode();
	c->seg[SEG_DS].base = c->seg[SEG_ES].base = 0;
	i.addrsize = 2;
	for (unsigned k = 0; k < 16; k++)
		poke((0xfff8 + k) & 0xffff, 1, k + 1);
	set(0xaaaa0010, 0xbbbbfff8, 0xcccc4000);
	once(&i, 0);
	CHECK_EQ(c->gpr[RCX], 0xaaaa0000);
	CHECK_EQ(c->gpr[RSI], 0xbbbb0008);
	CHECK_EQ(c->gpr[RDI], 0xcccc4010);
	for (unsigned k = 0; k < 16; k++)
		CHECK_EQ(peek(0x4000 + k, 1), k + 1);
	/* a word at offset FFFF is beyond the limit; what came before it is done */
	i = insn(OP_STOS, 2, REP_REP);
	i.addrsize = 2;
	set(8, 0, 0xfffb);
	c->gpr[RAX] = 0x1234;
	RUN(string_exec(c, string_pack(&i)));
	CHECK_EQ(raised_vector, EXC_GP);
	CHECK_EQ(c->gpr[RDI], 0xffff);
	CHECK_EQ(c->gpr[RCX], 6);
	CHECK_EQ(peek(0xfffd, 2), 0x1234);
}

static void test_segments(void)
{
	struct insn i = insn(OP_MOVS, 4, REP_REP);

	protected_mode(0);
	load_seg(SEG_FS, S_RODATA); /* base 1000, limit FFF */
	i.seg = SEG_FS;
	poke(0x1ff8, 8, 0x1122334455667788);
	set(3, 0xff8, 0x8000);
	RUN(string_exec(c, string_pack(&i)));
	CHECK_EQ(raised_vector, EXC_GP);
	CHECK_EQ(c->gpr[RCX], 1);
	CHECK_EQ(c->gpr[RSI], 0x1000);
	CHECK_EQ(peek(0x8000, 8), 0x1122334455667788);
	load_seg(SEG_ES, S_RODATA);
	set(1, 0, 0);
	i.seg = SEG_DS;
	FAULT(string_exec(c, string_pack(&i)), EXC_GP, 0);
	set(0, 0, 0);
	once(&i, 0);
	load_seg(SEG_ES, S_DOWN); /* offsets above FFF */
	set(2, 0x1ff8, 0x1000);
	once(&i, 0);
	CHECK_EQ(peek(0x1000, 8), 0x1122334455667788);
}

static void test_ports(void)
{
	struct insn i = insn(OP_INS, 2, REP_REP);

	protected_mode(0);
	c->gpr[RDX] = 0x1f0;
	set(300, 0, 0x8ffe - 0x100);
	do
		RUN(execute(&i));
	while (raised_vector == NOTHING && c->gpr[RCX]);
	CHECK_EQ(raised_vector, NOTHING);
	CHECK_EQ(c->gpr[RDI], 0x8ffe - 0x100 + 600);
	for (unsigned k = 0; k < 600; k += 2)
		CHECK_EQ(peek(0x8ffe - 0x100 + k, 2), 0xf002);
	i = insn(OP_OUTS, 1, REP_REP);
	poke(0x8000, 4, 0x44332211);
	last_out.count = 0;
	set(4, 0x8000, 0);
	once(&i, 0);
	CHECK_EQ(last_out.count, 4);
	CHECK_EQ(last_out.value, 0x44);
	/* no right to the port: nothing happens, whatever the count; a destination that is not there: the port is not read */
	protected_mode(3);
	i = insn(OP_INS, 1, REP_REP);
	c->gpr[RDX] = 8;
	poke(TSS_A + 104, 4, 0xffffffff);
	set(1, 0, 0x8000);
	FAULT(string_exec(c, string_pack(&i)), EXC_GP, 0);
	set(0, 0, 0x8000);
	FAULT(string_exec(c, string_pack(&i)), EXC_GP, 0);
}

/* A stop ends the call between elements; single steps do one iteration. */
static void test_parts(void)
{
	struct insn i = insn(OP_STOS, 1, REP_REP);

	protected_mode(0);
	set(1u << 19, 0, 0x40000);
	memset(page_rights, 0, sizeof page_rights);
	once(&i, 1);
	CHECK(c->gpr[RCX] < 1u << 19);
	c->stop = 1;
	uint64_t left = c->gpr[RCX];
	once(&i, 1);
	CHECK_EQ(c->gpr[RCX], left);
	c->stop = 0;
	set(2, 0, 0x40000);
	c->eip = 0x100;
	OK(string_step(c, string_pack(&i), 0x102));
	CHECK_EQ(c->eip, 0x100);
	CHECK_EQ(c->gpr[RCX], 1);
	OK(string_step(c, string_pack(&i), 0x102));
	CHECK_EQ(c->eip, 0x102);
	set(0, 0, 0);
	c->eip = 0x100;
	OK(string_step(c, string_pack(&i), 0x102));
	CHECK_EQ(c->eip, 0x102);
}

int main(void)
{
	test_wrap();
	test_segments();
	test_ports();
	test_parts();
	test_random();
	CHECK(spans > 1000);
	return report();
}
