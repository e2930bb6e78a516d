#include "tests/process/process.h"

#include <string.h>

#include "translator/mmu.h"
#include "translator/translate.h"

enum { SYS_READ = 63, SYS_WRITE = 64, SYS_EXIT = 93, SYS_SIGACTION = 134, SYS_MMAP = 222 };

/* entry.S */
long system_call(long number, long a, long b, long c, long d, long e, long f);
extern uint32_t stub_exit[], stub_link[], stub_helper[], stub_helper_end[], stub_slow[];

jmp_buf out_of_code;

/* ---- what the translator wants of the code cache ---- */

#define ALL(stub) { stub, stub, stub, stub }
#define DECLARE_X87(name) extern uint32_t x87_##name[];
X87_STUB_LIST(DECLARE_X87)
#define X87_STUB(name) x87_##name,
static const struct stubs stubs = {
	.helper = ALL(stub_helper), .helper_end = ALL(stub_helper_end), .exit = ALL(stub_exit), .link = ALL(stub_link), .jump = ALL(stub_exit),
	.jump_out = ALL(stub_exit), .jump_checked = ALL(stub_exit), .jump_near = ALL(stub_exit), .check = ALL(stub_exit), .cc_get = stub_exit,
	.cc_carry = stub_exit, .cc_kinds = { [0 ... CC_COUNT - 1] = stub_exit },
	.slow = ALL(stub_slow), .dead = ALL(stub_exit), .x87 = { X87_STUB_LIST(X87_STUB) },
};

const struct stubs *cache_stubs(struct cpu *cpu)
{
	(void)cpu;
	return &stubs;
}

/* ---- what helpers want of the firmware ---- */

_Noreturn void cpu_raise(struct cpu *cpu, int vector)
{
	cpu->exc.vector = (uint8_t)vector;
	longjmp(out_of_code, 1);
}

_Noreturn void cpu_raise_err(struct cpu *cpu, int vector, uint32_t error)
{
	(void)error;
	cpu_raise(cpu, vector);
}

void mem_probe(struct cpu *cpu, uint64_t lin, unsigned len, int acc)
{
	(void)cpu, (void)lin, (void)len, (void)acc;
}

void mem_read(struct cpu *cpu, uint64_t lin, void *buf, unsigned len, int flags)
{
	(void)cpu, (void)flags;
	memcpy(buf, (void *)lin, len);
}

void mem_write(struct cpu *cpu, uint64_t lin, const void *buf, unsigned len, int flags)
{
	(void)cpu, (void)flags;
	memcpy((void *)lin, buf, len);
}

#include "tests/lib/mem_access.h"

/* ---- the process ---- */

_Noreturn void process_exit(int status)
{
	for (;;)
		system_call(SYS_EXIT, status, 0, 0, 0, 0, 0);
}

void *process_map(uint64_t at, uint64_t size, int protection)
{
	enum { PRIVATE = 2, FIXED = 0x10, ANONYMOUS = 0x20 };

	return (void *)system_call(SYS_MMAP, (long)at, (long)size, protection, PRIVATE | FIXED | ANONYMOUS, -1, 0);
}

uint32_t *process_map_code(unsigned words)
{
	return process_map(((uint64_t)stub_exit & ~0xffffful) + 0x1000000, words * 4ul, PROCESS_RWX);
}

static bool transfer(long number, int fd, uint64_t at, size_t size)
{
	while (size) {
		long done = system_call(number, fd, (long)at, (long)size, 0, 0, 0);
		if (done <= 0)
			return false;
		at += (uint64_t)done;
		size -= (size_t)done;
	}
	return true;
}

bool process_read(void *at, size_t size)
{
	return transfer(SYS_READ, 0, (uint64_t)at, size);
}

void process_write(const void *at, size_t size)
{
	if (!transfer(SYS_WRITE, 1, (uint64_t)at, size))
		process_exit(1);
}

void process_catch(int signal, void (*handler)(int, void *, struct signal_context *))
{
	enum { SIGINFO = 4, NODEFER = 0x40000000 };
	struct { void *handler; unsigned long flags, mask; } action = { (void *)handler, SIGINFO | NODEFER, 0 };

	system_call(SYS_SIGACTION, signal, (long)&action, 0, sizeof action.mask, 0, 0);
}

/* The context ends in records of the other registers; FCSR stands behind 32 of them and the condition flags. */
uint32_t *signal_fcsr(struct signal_context *context)
{
	enum { FPU = 0x46505501, LSX = 0x53580001 };
	struct record {
		uint32_t magic, size;
		uint64_t none;
	};

	for (uint8_t *p = context->records;;) {
		struct record *r = (struct record *)p;
		if (r->magic == FPU)
			return (uint32_t *)(p + sizeof *r + 32 * 8 + 8);
		if (r->magic == LSX)
			return (uint32_t *)(p + sizeof *r + 32 * 16 + 8);
		p += r->size;
	}
}
