/* What a kernel of the benchmark is, and what it may use. The same kernels run as the BIOS of x86 machines and bare on LoongArch. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

struct kernel {
	const char *name;
	const char *group;         /* "integer", "memory", "sse", "x87", "system" */
	const char *unit;          /* what `units` counts: "turn", "byte", "access", ... */
	void (*setup)(void);       /* before it is measured; may be null */
	uint32_t (*run)(uint32_t); /* does its work n times and returns a checksum, the same on every machine */
	uint32_t n;
	uint32_t units;            /* in one of n */
};

/* Makes a kernel known; the name is that of the variable, with - for _. */
#define KERNEL(id, ...) \
	const struct kernel kernel_##id __attribute__((section("kernels"), used, aligned(sizeof(void *)))) = { __VA_ARGS__ }

/* 64 MiB and 256 MiB of memory, aligned to 4 KiB; what they hold at first is not defined. */
#define ARENA_SIZE (64u << 20)
#define BIG_SIZE (256u << 20)
extern uint8_t *const arena, *const big;

/* Takes x into a checksum. */
static inline uint32_t mix(uint32_t sum, uint32_t x)
{
	sum = (sum ^ x) * 0x9e3779b1u;
	return sum ^ sum >> 15;
}

/* The next of a sequence of pseudo-random numbers. */
static inline uint32_t next_random(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

/* What the machine gives main.c and the kernels: to write to the console, and to tell the counting plugin that a stretch begins or ends. */
void put(char c);
void mark(void);

#endif
