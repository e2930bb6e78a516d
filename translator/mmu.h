/*
 * Guest memory: paging, the software TLB behind the host's refill handler, accesses from C, and the map of physical
 * pages that hold translated code.
 */
#ifndef TRANSLATOR_MMU_H
#define TRANSLATOR_MMU_H

#include "translator/board.h"
#include "translator/cpu.h"

enum { ACC_READ = 0, ACC_WRITE = 1, ACC_EXEC = 2 };
/*
 * Whose rights count: the current CPL's, or the supervisor's (descriptor tables, TSS, ...: "implicit" accesses).
 * ACC_STACK: a push or pop that is no operand of the instruction at cpu->eip (delivery of interrupts, far transfers): a non-canonical address
 * raises #SS(0) in any case. Without it the instruction's operand decides between #SS(0) and #GP(0); ACC_IMPLICIT alone means #GP(0).
 */
enum { ACC_USER_RIGHTS_BY_CPL = 0, ACC_IMPLICIT = 4, ACC_STACK = 8 };

/* Width of guest physical addresses, as CPUID 80000008 reports it; nothing lies beyond. */
#define MMU_PHYS_BITS 40

/* Once per CPU, after struct cpu is allocated. Returns 0 or -ENOMEM. */
int mmu_init(struct cpu *cpu);

/* From now on the refills of the host's TLB are counted; how many there were since. */
void mmu_count_refills(struct cpu *cpu);
uint64_t mmu_refills(struct cpu *cpu);

/* CR3 was loaded, or CR0.PG/WP, CR4.PSE/PAE/PGE, EFER.NXE changed: with PAE paging on, loads the PDPTE registers too.
 * keep_global: G pages may stay. */
void mmu_flush(struct cpu *cpu, bool keep_global);
/*
 * Loads the four PDPTE registers of PAE paging from the table at cr3. Returns 0, or -1 when a present one has a reserved bit set; nothing
 * is loaded then. To be called for its answer (#GP) before CR3 is loaded with PAE paging on, or PAE paging is turned on.
 */
int mmu_load_pdptes(struct cpu *cpu, uint64_t cr3);
/*
 * MOV CR3 (and the CR3 part of a task switch): takes the value over as it was written, with PCID and the no-flush bit (63) where CR4.PCIDE is
 * set, loads the PDPTE registers with PAE paging, and flushes what is to be flushed. Returns 0, or -1 when #GP(0) is due; nothing has
 * changed then. cpu->cr3 never holds bit 63.
 */
int mmu_set_cr3(struct cpu *cpu, uint64_t value);
/* INVLPG; drops every host alias of the page. lin: linear address; a non-canonical one does nothing. Returns whether more pages than that one were
 * dropped. */
bool mmu_invlpg(struct cpu *cpu, uint64_t lin);
/* INVPCID with the descriptor's two quadwords: `pcid` (bits 12-63 reserved) and the linear address. Returns 0, or -1 when #GP(0) is due. */
int mmu_invpcid(struct cpu *cpu, uint64_t type, uint64_t pcid, uint64_t lin);
/* Whether lin is canonical: bits 47-63 all alike. Every linear address is where EFER.LMA is clear. */
static inline bool mmu_canonical(uint64_t lin)
{
	return (uint64_t)((int64_t)(lin << 16) >> 16) == lin;
}
/* The physical map changed (PAM, BAR, A20, ROM): all translations of addresses are dropped, code cache lookups too. All CPUs. */
void mmu_phys_map_changed(void);
/* CPL changed between 0-2 and 3, or CR0.WP/EFLAGS.AC matter: nothing to flush by design; kept for WP emulation. */

/*
 * Linear addresses are 64 bits wide. With EFER.LMA clear only the low 32 bits of what is passed here count; with it set all do: code in
 * compatibility mode passes zero-extended addresses.
 */

/*
 * Linear address accesses from C with exact x86 semantics: paging, A/D bits, MMIO, write to code pages. They raise the guest's
 * #PF by cpu_raise_pf() (never returning) before anything is changed. Unaligned and page-crossing accesses are fine: all pages are checked
 * before the first byte is written. `flags` is 0 or ACC_IMPLICIT. Segmentation is the caller's business (seg_lin()).
 */
uint8_t mem_read8(struct cpu *cpu, uint64_t lin, int flags);
uint16_t mem_read16(struct cpu *cpu, uint64_t lin, int flags);
uint32_t mem_read32(struct cpu *cpu, uint64_t lin, int flags);
uint64_t mem_read64(struct cpu *cpu, uint64_t lin, int flags);
void mem_write8(struct cpu *cpu, uint64_t lin, uint8_t v, int flags);
void mem_write16(struct cpu *cpu, uint64_t lin, uint16_t v, int flags);
void mem_write32(struct cpu *cpu, uint64_t lin, uint32_t v, int flags);
void mem_write64(struct cpu *cpu, uint64_t lin, uint64_t v, int flags);
void mem_read(struct cpu *cpu, uint64_t lin, void *buf, unsigned len, int flags);
void mem_write(struct cpu *cpu, uint64_t lin, const void *buf, unsigned len, int flags);
/* Faults now if [lin, lin+len) cannot be accessed so (acc: ACC_READ or ACC_WRITE, | ACC_IMPLICIT); touches nothing else. */
void mem_probe(struct cpu *cpu, uint64_t lin, unsigned len, int acc);
/* As mem_probe() for an operand of 1, 2, 4 or 8 bytes: also #AC(0) where alignment is checked, as mem_read16() and the like do. */
void mem_probe_aligned(struct cpu *cpu, uint64_t lin, unsigned size, int acc);
/* A host pointer to the len bytes at lin, which must not reach beyond the page, when that page is plain memory (acc as above); NULL for MMIO and
 * devices. Raises #PF like an access. A pointer for writing has already handled code in these bytes. */
void *mem_span(struct cpu *cpu, uint64_t lin, unsigned len, int acc);
/* Registers of a real device (or its memory, such as a frame buffer) at lin, up to the end of the page, to be accessed in naturally aligned units
 * of 1, 2, 4 or 8 bytes; NULL when no real device is there. */
volatile void *mem_device(struct cpu *cpu, uint64_t lin, int acc);

/* Instruction fetch for the translator: guest physical address of the code at lin, or raises #PF (error code with PF_I where NX
 * is on). *host receives a pointer to the byte in host memory (valid to the page's end), or NULL if code cannot be run from there. */
uint64_t mmu_fetch(struct cpu *cpu, uint64_t lin, const uint8_t **host);
/* The same for code that is known to C: *gpa = where it lies. Returns false where mmu_fetch() would raise. */
bool mmu_find_code(struct cpu *cpu, uint64_t lin, uint64_t *gpa);
/* Whether the page of lin, where the CPU executes code that came from the page of gpa, is plainly seen to lead there still. */
bool mmu_is_code_at(struct cpu *cpu, uint64_t lin, uint64_t gpa);
/* Whether a page just fetched from is known to be global: what it leads to stays so over a mmu_flush() that keeps global pages. */
bool mmu_is_global(struct cpu *cpu, uint64_t lin);

/* Walks without side effects; returns 0 and *gpa, or -1. For the debugger and for tests. */
int mmu_peek(struct cpu *cpu, uint64_t lin, uint64_t *gpa);

/*
 * Code pages. The translator registers each 4 KiB page (guest physical page number = gpa >> 12) it has translated code from; from
 * then on stores into it, by whatever means, call code_page_written() with the bytes stored before the store is done. Host
 * mappings of the page are made read-only at once (all aliases).
 */
void mmu_protect_code_page(uint64_t gpa);
/* The page holds no translated code any more: may be mapped writable again (lazily). */
void mmu_unprotect_code_page(uint64_t gpa);

/*
 * Host exception in translated code (TLB, address error). frame: the host's registers. Returns 0 when handled and the host
 * instruction may be restarted or was emulated; raises guest exceptions itself and does not return then.
 * Returns -EFAULT when the fault is not the guest's doing (a bug of the firmware).
 */
struct trap_frame;
int mmu_host_fault(struct cpu *cpu, struct trap_frame *frame);

/* Implemented by the code cache (cache.c): */
/* gpa .. gpa+len-1, within one page, is about to be overwritten. host_pc: the translated instruction that stores, or 0 when the store
 * comes from C. Returns 1 when the region containing host_pc itself lost code, so that its instruction must be redone from its start. */
int code_page_written(struct cpu *cpu, uint64_t gpa, unsigned len, uint64_t host_pc);
/* Whether the page of gpa is known to hold translated code, but none of it in these bytes: a store there changes nothing else. */
bool code_bytes_free(struct cpu *cpu, uint64_t gpa, unsigned len);
/* Takes guest registers, EIP and lazy flags out of a trap frame whose ERA lies in translated code (state before the guest
 * instruction); returns POINT_xxx of the host instruction, or -EFAULT when ERA is not in translated code. */
int cache_recover(struct cpu *cpu, const struct trap_frame *frame);
/* The same, but registers and the operands of lazy flags stay in the frame, as they were before the guest instruction. */
int cache_settle(struct cpu *cpu, struct trap_frame *frame);
/* Whether the host instruction at pc is in a stub whose accesses to guest memory may fail. */
bool cache_is_guarded(struct cpu *cpu, uint64_t pc);
/* POINT_xxx of the translated host instruction at pc; 0 also when it is not one that may fault. */
unsigned cache_point_flags(struct cpu *cpu, uint64_t pc);
/* Linear addresses may now lead elsewhere: virtual lookups made so far must not be used again. */
void cache_flush_lookups(struct cpu *cpu);
/* ... those through pages that are not global. */
void cache_flush_lookups_local(struct cpu *cpu);
/* As above for the page of lin only, where shift is 12; where it is 22 or 30 all, if something is known within the 1 << shift bytes around lin. */
void cache_flush_lookups_page(struct cpu *cpu, uint64_t lin, unsigned shift);

#endif
