/* Interrupts, system calls, and what an operating system does about flags and segments. */
#include "bench/bench.h"
#include "bench/x86/cpu.h"
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"

#define MSR_FS_BASE 0xc0000100
#define MSR_SYSENTER_ESP 0x175

static uint32_t ring0(uint32_t n)
{
	for (uint32_t k = n; k; k--)
		__asm__ volatile("int %0" : : "i"(VECTOR_NOTHING) : "memory");
	return n;
}

static void user_int(uint32_t n)
{
	while (n--)
		__asm__ volatile("int %0" : : "i"(VECTOR_NOTHING) : "memory");
}

static void user_saving(uint32_t n)
{
	while (n--)
		__asm__ volatile("int %0" : : "i"(VECTOR_SAVING) : "memory");
}

static void user_system(uint32_t n)
{
	while (n--) {
#ifdef LONG
		__asm__ volatile("syscall" : : : "rcx", "r11", "memory");
#else
		__asm__ volatile("mov %%esp, %%ecx\n\tmov $1f, %%edx\n\tsysenter\n1:" : : : "ecx", "edx", "memory", "cc");
#endif
	}
}

static uint32_t ring3(uint32_t n)
{
	run_user(user_int, n);
	return n;
}

static uint32_t int80(uint32_t n)
{
	run_user(user_saving, n);
	return n;
}

static uint32_t system_call(uint32_t n)
{
	traps_set_system(entry_system);
	run_user(user_system, n);
	return n;
}

static uint32_t system_call_saving(uint32_t n)
{
	traps_set_system(entry_system_saving);
	run_user(user_system, n);
	return n;
}

static uint32_t flags(uint32_t n)
{
	uint32_t sum = 0;

	while (n--) {
		uintptr_t f;

		__asm__ volatile("pushf\n\tpop %0\n\tcli\n\tpush %0\n\tpopf" : "=r"(f) : : "memory", "cc");
		sum += (uint32_t)f & 0x200;
	}
	return sum;
}

static uint32_t sti(uint32_t n)
{
	for (uint32_t k = n; k; k--)
		__asm__ volatile("sti\n\tnop\n\tcli" : : : "memory");
	return n;
}

static uint32_t segment(uint32_t n)
{
	for (uint32_t k = n; k; k--)
		__asm__ volatile("movl %0, %%es" : : "r"(SEL_USER_DATA));
	return n;
}

static uint32_t msr(uint32_t n)
{
	const uint32_t number = sizeof(long) == 8 ? MSR_FS_BASE : MSR_SYSENTER_ESP;
	uint32_t sum = 0;

	while (n--) {
		write_msr(number, TRAP_STACK);
		sum = mix(sum, (uint32_t)read_msr(number));
	}
	return sum;
}

static uint32_t tsc(uint32_t n)
{
	for (uint32_t k = n; k; k--) {
		uint32_t low, high;

		__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	}
	return n;
}

KERNEL(int_ring0, .name = "int-ring0", .group = "system", .unit = "call", .run = ring0, .n = 500, .units = 1);
KERNEL(int_ring3, .name = "int-ring3", .group = "system", .unit = "call", .run = ring3, .n = 500, .units = 1);
KERNEL(int_80, .name = "int-80", .group = "system", .unit = "call", .run = int80, .n = 500, .units = 1);
KERNEL(system, .name = "syscall", .group = "system", .unit = "call", .run = system_call, .n = 500, .units = 1);
KERNEL(system_saving, .name = "syscall-frame", .group = "system", .unit = "call", .run = system_call_saving, .n = 500, .units = 1);
KERNEL(flags, .name = "pushf-popf", .group = "system", .unit = "pair", .run = flags, .n = 1000, .units = 1);
KERNEL(sti, .name = "sti-cli", .group = "system", .unit = "pair", .run = sti, .n = 1000, .units = 1);
KERNEL(segment, .name = "mov-es", .group = "system", .unit = "load", .run = segment, .n = 1000, .units = 1);
KERNEL(msr, .name = "wrmsr-rdmsr", .group = "system", .unit = "pair", .run = msr, .n = 500, .units = 1);
KERNEL(tsc, .name = "rdtsc", .group = "system", .unit = "read", .run = tsc, .n = 500, .units = 1);
