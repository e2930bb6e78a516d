/*
 * The host's MMU as the guest MMU uses it: the few operations on the host TLB, and how host physical memory is reached.
 * Unit tests replace this header by a model.
 */
#ifndef TRANSLATOR_HOSTTLB_H
#define TRANSLATOR_HOSTTLB_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/refill.h"

#define HOSTTLB_ASID_MASK 0x3ffu
#define HOSTTLB_PS_4K 12ull
#define HOSTTLB_PS_SHIFT 24 /* of TLBIDX.PS */
#define HOSTTLB_NE (1ull << 31)

/* Memory at a host physical address, cached. */
static inline void *host_ptr(uint64_t pa)
{
	return phys_cached(pa);
}

/* Device registers at a host physical address, strongly ordered uncached. */
static inline volatile void *host_device_ptr(uint64_t pa)
{
	return phys_uncached(pa);
}

/* Drops everything. */
static inline void hosttlb_flush_all(void)
{
	invtlb(0, 0, 0);
}

/* Drops the pair that maps va in address space asid. */
static inline void hosttlb_flush_page(uint64_t asid, uint64_t va)
{
	invtlb(5, asid, va);
}

/* The address space and the context tag that the refill handler looks for. */
static inline void hosttlb_set_context(uint64_t asid, uint64_t tag)
{
	csr_write(CSR_SAVE5, tag);
	csr_write(CSR_ASID, asid);
}

/* The tag of global pairs that the refill handler looks for, without a pair number. */
static inline void hosttlb_set_global(uint64_t tag)
{
	csr_write(CSR_PGDL, tag);
}

/* Which address bits count from now on: those of long mode, or the low 32; and whether refills are counted. */
static inline void hosttlb_set_handler(bool wide, bool counting)
{
	char *const handlers[2][2] = { { refill_entry, refill_entry_counting }, { refill_entry_long, refill_entry_long_counting } };

	csr_write(CSR_TLBRENTRY, virt_to_phys(handlers[wide][counting]));
}

/* Once per CPU: 4 KiB pages only, table at table_pa, nothing left of what ran before. */
static inline void hosttlb_init(uint64_t table_pa)
{
	csr_write(CSR_SAVE4, table_pa);
	csr_write(CSR_STLBPS, HOSTTLB_PS_4K);
	csr_write(CSR_TLBREHI, HOSTTLB_PS_4K);
	hosttlb_flush_all();
}

/* Replaces the pair that maps va in the current address space. Nothing when there is none: the refill handler will find it. */
static inline void hosttlb_replace(uint64_t va, uint64_t elo0, uint64_t elo1)
{
	csr_write(CSR_TLBIDX, HOSTTLB_PS_4K << HOSTTLB_PS_SHIFT);
	csr_write(CSR_TLBEHI, va & ~0x1fffull);
	__asm__ volatile("tlbsrch" ::: "memory");
	if (csr_read(CSR_TLBIDX) & HOSTTLB_NE)
		return;
	csr_write(CSR_TLBELO0, elo0);
	csr_write(CSR_TLBELO1, elo1);
	__asm__ volatile("tlbwr" ::: "memory");
}

#endif
