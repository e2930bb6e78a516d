/* mem_read8() to mem_write64() by the mem_read() and mem_write() of a test's own memory: include it once, behind them. */
#ifndef TESTS_LIB_MEM_ACCESS_H
#define TESTS_LIB_MEM_ACCESS_H

#include "translator/mmu.h"

#define MEM_ACCESS(bits) \
	uint##bits##_t mem_read##bits(struct cpu *cpu, uint64_t lin, int flags) \
	{ \
		uint##bits##_t v; \
		mem_read(cpu, lin, &v, sizeof(v), flags); \
		return v; \
	} \
	void mem_write##bits(struct cpu *cpu, uint64_t lin, uint##bits##_t v, int flags) \
	{ \
		mem_write(cpu, lin, &v, sizeof(v), flags); \
	}
MEM_ACCESS(8)
MEM_ACCESS(16)
MEM_ACCESS(32)
MEM_ACCESS(64)
#undef MEM_ACCESS

#endif
