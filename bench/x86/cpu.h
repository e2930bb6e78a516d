/* Instructions that C does not have. */
#ifndef BENCH_X86_CPU_H
#define BENCH_X86_CPU_H

#include <stdint.h>

static inline void write_msr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

static inline uint64_t read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void load_cr3(uintptr_t v)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(v) : "memory");
}

static inline void invalidate(uintptr_t at)
{
	__asm__ volatile("invlpg (%0)" : : "r"(at) : "memory");
}

#endif
