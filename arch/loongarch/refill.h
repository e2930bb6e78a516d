/*
 * The software TLB that the refill handler (refill.S) looks in, and that the MMU fills. Usable from C and from assembly.
 *
 * A table of REFILL_ENTRIES entries, direct-mapped, naturally aligned (REFILL_ALIGN): the handler inserts the index into the
 * table's physical address (CSR_SAVE4) instead of adding it. One entry serves an even/odd pair of 4 KiB pages:
 *
 *   offset 0   tag    bit 63 set, context in bits 36..62, linear address bits 48..13 in bits 0..35
 *   offset 8   elo0   TLBELO of the even page, as the hardware wants it (csr.h, TLBELO_xxx)
 *   offset 16  elo1   TLBELO of the odd page
 *   offset 24  global  like the tag, with the generation of global pages for a context: the pair is right in every context; 0: it is not
 *
 * The index is the low REFILL_ENTRIES_LOG2 bits of the pair number (address bits 27..13). CSR_SAVE5 holds refill_context(n) of the
 * context now running; an entry of another context does not match, so changing SAVE5 empties the table at once. Bit 63 is set
 * in every valid tag, so that a zeroed entry matches nothing. CSR_PGDL, which nothing else uses, holds refill_context(n) of global pages.
 *
 * There are two handlers, and for each one that also counts. refill_entry is for 32-bit guests: only address bits 31..13 count there; an
 * overflow of base + displacement leads to an alias in the upper address bits, which the handler maps like the original. A TLB entry is made for the address as it was used; INVLPG
 * must drop all aliases. refill_entry_long is for long mode: address bits 48..13 count, bit 48 being the sign of a canonical address, so
 * that addresses of the hole above 2^47, should the hardware send them here, match nothing.
 *
 * A miss calls softtlb_refill() (translator/mmu_internal.h) in direct addressing mode. Where that has no answer, the trap handler is called as for
 * an exception with ECODE_TLBR, with the miss's ERA, PRMD and BADV; nothing is installed. An entry's elo with V = 0 leads to PIL, PIS or PIF: then the
 * trap handler must invalidate or overwrite (tlbsrch, tlbwr) the pair when it has a translation.
 */
#ifndef ARCH_REFILL_H
#define ARCH_REFILL_H

#define REFILL_ENTRIES_LOG2 15
#define REFILL_ENTRIES (1 << REFILL_ENTRIES_LOG2)
#define REFILL_ENTRY_LOG2 5
#define REFILL_ENTRY_SIZE (1 << REFILL_ENTRY_LOG2)
#define REFILL_TABLE_SIZE (REFILL_ENTRIES * REFILL_ENTRY_SIZE)
#define REFILL_ALIGN REFILL_TABLE_SIZE

#define REFILL_TAG 0
#define REFILL_ELO0 8
#define REFILL_ELO1 16
#define REFILL_GLOBAL 24
#define REFILL_COUNT REFILL_TABLE_SIZE /* behind the table: how often the handlers that count were called, 64 bits */
#define REFILL_PAIR_BITS 36

#ifndef __ASSEMBLER__
#include <stdint.h>

struct refill_entry {
	uint64_t tag, elo0, elo1, global;
};

#define REFILL_CONTEXTS (1u << 27)

extern char refill_entry[], refill_entry_long[], refill_entry_counting[], refill_entry_long_counting[];

/* What CSR_SAVE5 holds for context n (n < REFILL_CONTEXTS). */
static inline uint64_t refill_context(uint32_t n) { return 1ull << 63 | (uint64_t)n << REFILL_PAIR_BITS; }
/* The context of a tag or of a SAVE5 value. */
static inline uint32_t refill_context_of(uint64_t tag) { return (uint32_t)(tag >> REFILL_PAIR_BITS) & (REFILL_CONTEXTS - 1); }
/* Number of the pair holding a linear address: 32 bits wide, or canonical. */
static inline uint64_t refill_pair(uint64_t lin) { return lin >> 13 & ((1ull << REFILL_PAIR_BITS) - 1); }
/* The pair number of a tag, and the linear address of its first byte. */
static inline uint64_t refill_pair_of(uint64_t tag) { return tag & ((1ull << REFILL_PAIR_BITS) - 1); }
static inline uint64_t refill_lin_of(uint64_t tag) { return (uint64_t)((int64_t)(tag << 28) >> 15) & ~0x1fffull; }
/* Tag of the pair holding a linear address in the context whose SAVE5 value is given. */
static inline uint64_t refill_tag(uint64_t context, uint64_t lin) { return context | refill_pair(lin); }
/* Index of that pair's entry. */
static inline unsigned refill_index(uint64_t lin) { return (lin >> 13) & (REFILL_ENTRIES - 1); }
#endif

#endif
