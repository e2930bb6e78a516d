/*
 * Instructions that access emulated devices again and again: trapping costs some 300 host instructions each time, so their code is made anew as a
 * call of C. They are known by where they lie in guest physical memory, and forgotten when they meet plain memory too often.
 */
#ifndef TRANSLATOR_DEVICE_SITE_H
#define TRANSLATOR_DEVICE_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/cpu.h"

#define DEVICE_SITES 2048 /* no region is as long: two of its instructions do not take each other's place */
#define DEVICE_TRAPS 64
#define DEVICE_PAGES 1024
struct device_sites {
	struct { uint64_t gpa; unsigned misses; } site[DEVICE_SITES];  /* by the low bits of the address; gpa 0: none */
	struct { uint64_t pc; unsigned traps; } trapped[DEVICE_TRAPS]; /* by the low bits of the host instruction's number */
	uint64_t pages[DEVICE_PAGES / 64];                             /* a bit for each page that has or had sites, by the low bits of its number */
};

/* The host instruction at pc, in a region, has trapped for an emulated device. The guest's state is not needed. */
void device_site_trap(struct cpu *cpu, uint64_t pc);
/* Whether the guest instruction at that guest physical address is one of them. */
bool device_site_known(const struct cpu *cpu, uint64_t gpa);
/* Whether there may be some in its page. */
bool device_site_near(const struct cpu *cpu, uint64_t gpa);

/*
 * Helpers of translated code: what an instruction does with memory at host address va, which means a linear address as in all translated code. size: 1, 2, 4 or 8 bytes.
 * Fault as the instruction at cpu->eip. The value is zero-extended, also the one to be stored.
 */
uint64_t device_site_load(struct cpu *cpu, uint64_t va, uint64_t size);
void device_site_store(struct cpu *cpu, uint64_t va, uint64_t value, uint64_t size);

#endif
