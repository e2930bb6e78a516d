/*
 * What the parts of the guest MMU share:
 *   physmap.c   what lies at each guest physical page, and whether code was translated from it
 *   walk.c      the guest's page tables
 *   softtlb.c, spaces.c, refill.c   the software TLB behind the host's refill handler (softtlb_internal.h)
 *   codepage.c  write protection of pages that hold translated code
 *   mem.c       accesses from C
 *   fault.c     host exceptions in translated code; hostinsn.c decodes the instruction that caused them
 *   mmu.c       control: initialisation, flushes, instruction fetch
 *   canonical.c what an address that is not canonical raises
 * Linear addresses here are those that mmu_lin() makes: 32 bits wide with EFER.LMA clear, where what a host address says beyond its low
 * half is only which alias was used; else canonical ones, but where a function says that it checks.
 */
#ifndef TRANSLATOR_MMU_INTERNAL_H
#define TRANSLATOR_MMU_INTERNAL_H

#include "arch/loongarch/refill.h"
#include "translator/hosttlb.h"
#include "translator/mmu.h"
#include "translator/vregs.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096u
#define PAGE_MASK 4095u
#define MMU_MAX_CPUS 64

/* ---- physmap.c ---- */

/*
 * The state of a guest physical page, in one word: host physical page in bits 12-47, generation of the physical map in
 * bits 48-63 (what board_resolve() said is out of date when it differs), and the flags below. CODE and LOST outlive
 * generations.
 */
#define PHYS_KIND 0x3ull  /* enum page_kind */
#define PHYS_CODE 0x4ull  /* holds translated code: stores must be seen */
#define PHYS_LOST 0x8ull  /* some host TLB may map it writable though no software TLB entry says so any more */
#define PHYS_HOST 0x0000fffffffff000ull

/* Returns 0 or -ENOMEM. May be called once per CPU. */
int phys_init(void);
/* The state of the page of a guest physical address (A20 applied). */
uint64_t phys_lookup(uint64_t gpa);
/* Sets and clears PHYS_CODE, PHYS_LOST; no effect on pages that are not RAM or ROM. Returns the flags before. */
uint64_t phys_change(uint64_t gpa, uint64_t set, uint64_t clear);
/* What board_resolve() said is out of date. */
void phys_forget(void);

#define PHYS_LEAF_BITS 14 /* pages in a leaf of the table, which is two-level */
#define PHYS_GEN_SHIFT 48
struct phys_map {
	uint64_t **root;
	uint64_t generation;
};
extern struct phys_map phys_map;

/* As phys_lookup(); in line where the answer is known. */
static inline uint64_t phys_word(uint64_t gpa)
{
	const uint64_t *leaf = gpa >> MMU_PHYS_BITS ? NULL : phys_map.root[gpa >> (12 + PHYS_LEAF_BITS)];

	if (leaf) {
		uint64_t word = leaf[gpa >> 12 & ((1u << PHYS_LEAF_BITS) - 1)];
		if (word >> PHYS_GEN_SHIFT == phys_map.generation)
			return word;
	}
	return phys_lookup(gpa);
}

static inline uint64_t phys_a20(const struct cpu *cpu, uint64_t gpa)
{
	return cpu->a20 ? gpa : gpa & ~(1ull << 20);
}

/* The linear address that lin, a host address or a sum without wrap, stands for. */
static inline uint64_t mmu_lin(const struct cpu *cpu, uint64_t lin)
{
	return cpu->efer & EFER_LMA ? lin : (uint32_t)lin;
}

/* The one that host address va of translated code means: 32 bits wide outside 64-bit code. */
static inline uint64_t mmu_program_lin(const struct cpu *cpu, uint64_t va)
{
	return cpu->mode & MODE_LONG ? va : (uint32_t)va;
}

/* ---- rights: one bit for each of read, write, execute (ACC_xxx), by the supervisor and by the user ---- */
#define RIGHT(acc, user) (1u << ((acc) + ((user) ? 3 : 0)))
#define RIGHTS_WRITE (RIGHT(ACC_WRITE, 0) | RIGHT(ACC_WRITE, 1))
#define RIGHTS_ALL 0x3fu

/* ---- walk.c ---- */
/* Bits of the entries of the guest's tables */
#define PTE_P 0x001ull
#define PTE_W 0x002ull
#define PTE_U 0x004ull
#define PTE_A 0x020ull
#define PTE_D 0x040ull
#define PTE_PS 0x080ull
#define PTE_G 0x100ull
#define PTE_NX (1ull << 63)

struct translation {
	uint64_t gpa;   /* of the 4 KiB page, A20 applied */
	uint8_t rights; /* what may be done without another walk: no write while the guest's dirty bit is clear */
	bool global;
};
struct walk {
	struct translation page;
	struct translation sibling; /* the other page of the pair; no rights unless it was plain to see without setting bits */
	uint8_t shift;              /* log2 of the guest's page size: 12, 21, 22, 30 */
};
/*
 * Translates lin by the guest's page tables, or identically when paging is off. acc: ACC_READ, ACC_WRITE, ACC_EXEC.
 * Sets accessed and dirty bits when the access is allowed. Returns true and *out, or false and the #PF error code.
 */
bool page_walk(struct cpu *cpu, uint64_t lin, int acc, bool user, struct walk *out, uint32_t *error);
/* The entries of the aligned block of WALK_NEAR pages around one: in a row, or for a large page all the same. */
#define WALK_NEAR 8u
struct near {
	const uint8_t *first; /* the first one, in memory */
	unsigned step;        /* bytes from one to the next */
	int entry_log2;
	int shift;            /* log2 of the page's size */
	uint64_t above;       /* what the entries that lead there allow, as bits of an entry */
};
static inline uint64_t walk_near_first(uint64_t lin) { return lin & ~(uint64_t)(WALK_NEAR * PAGE_SIZE - 1); }
static inline uint64_t page_table_entry(const void *at, int log2)
{
	return log2 == 2 ? *(const uint32_t *)at : *(const uint64_t *)at;
}
/* The entry of lin's page, which is in the block. */
static inline uint64_t near_entry(const struct near *near, uint64_t lin)
{
	return page_table_entry(near->first + (lin >> 12 & (WALK_NEAR - 1)) * near->step, near->entry_log2);
}
/*
 * The block around lin, without side effects. Returns false where an accessed bit is clear on the way to lin's page, a table cannot be read so,
 * paging is off, or there is no translation.
 */
bool page_walk_near(struct cpu *cpu, uint64_t lin, struct near *out);
/*
 * Whether it is plain to see, without side effects, that an access is not allowed: PF_P then, or 0 when there is no page. Returns false also where only
 * page_walk() can tell.
 */
bool page_walk_denies(struct cpu *cpu, uint64_t lin, int acc, bool user, uint32_t *error);
/* What this entry says of the page of lin, which is in the block, as SEEN in struct soft_page; 0 when its accessed bit is clear. */
uint64_t page_walk_seen(const struct cpu *cpu, const struct near *near, uint64_t lin, uint64_t entry);
/* After changes of control registers or EFER: what the two above go by. */
void page_walk_set_rules(struct mmu *m);
/* Only where the page lies, without side effects and whatever its rights. */
bool page_walk_peek(struct cpu *cpu, uint64_t lin, uint64_t *gpa);

/* ---- softtlb.c ---- */
#define SOFT_PAIRS ((unsigned)REFILL_ENTRIES)
#define SOFT_NIL UINT32_MAX
#define SOFT_BUCKETS 4096u

/* struct refill_entry (refill.h), with the even and the odd page as an array. */
struct soft_pair {
	uint64_t tag;
	uint64_t elo[2];
	uint64_t global;     /* the tag in which global_gen stands for the context when all that is mapped here is global, else 0 */
};

/* What C knows about one page of a pair. */
struct soft_page {
	uint64_t host_pa;
	union {
		struct {
			uint32_t gpn;   /* guest physical page number */
			uint8_t rights; /* RIGHT(); 0: no translation */
			bool global;
			uint8_t fast;   /* rights that C may use by a plain access to host memory; a subset of `rights` */
			uint8_t kind;   /* enum page_kind */
		};
		uint64_t word;          /* all of these; what the guest's tables say of it is in SEEN */
	};
	uint32_t next, prev; /* pages with some write right in `fast`, by hash of gpn; SOFT_NIL ends */
};
#define SEEN ((1ull << 48) - 1)
#define SEEN_RIGHTS_SHIFT 32
#define SEEN_GLOBAL (1ull << 40)

struct soft_meta {
	struct soft_page page[2];
	uint32_t global_gen; /* struct mmu.global_gen when the global pages in here were filled */
} __attribute__((aligned(64)));

/* The entries of the guest's tables that the pages of a pair were made from, by the refill handler. */
struct soft_origin {
	uint64_t entry[2];
	uint64_t how[2]; /* what else decided what they became: never 0; 0: unknown, or the page was changed otherwise */
};

/*
 * A context of the software TLB that is current or may become so again, by MOV CR3 with the no-flush bit. The context number holds the index of
 * its space in the low bits, so that a tag leads back here; a pair whose context is not that of its space any more is dead.
 */
#define SOFT_SPACES_LOG2 4
#define SOFT_SPACES (1u << SOFT_SPACES_LOG2)
struct soft_space {
	uint32_t context; /* 0: none */
	uint16_t asid;    /* of its translations in the host TLB */
	uint16_t pcid;
	bool lost;        /* the host TLB may hold translations of it that the software TLB has forgotten */
} __attribute__((aligned(16)));

/* A set of linear addresses, by hash: may say yes wrongly. */
struct soft_set {
	uint64_t low[64], high[64]; /* by the half of the address space */
};

/*
 * Where the page table lies that maps a part of the address space, as paging-structure caches know it: the accessed bits of all entries that lead
 * there are set. Whatever makes a CPU forget such entries makes the notes void.
 */
#define TABLE_NOTES 16u
#define TABLE_NUMBER_BITS 28
struct table_note {
	uint64_t key;         /* generation, and number of the part: linear address bits from 21 or 22 on */
	uint64_t gpa, above;  /* of the table; what the entries that lead there allow */
	const uint8_t *host;  /* the table itself */
};

struct mmu {
	struct soft_pair *table;
	struct soft_meta *meta;
	struct soft_origin *origin;
	uint64_t tag;          /* of the current context, as in CSR.SAVE5 */
	struct soft_space space[SOFT_SPACES];
	unsigned current;      /* index of the current space */
	unsigned next_space;   /* the next to be taken for another PCID */
	uint32_t serial;       /* of the last context made */
	uint16_t last_asid;
	bool wide, counting;   /* long mode, refills are counted: which refill handler is in use */
	uint32_t global_gen;
	uint64_t global_tag;   /* refill_context() of it, as in CSR.PGDL */
	uint64_t rules;        /* all that decides what an entry of the guest's tables means, and the generation of the physical map */
	uint64_t reserved, global_bit; /* what follows from that: bits that must be clear in a page table's entry; PTE_G where it counts; ... */
	uint8_t rights[8];     /* ... RIGHT()s of a page that is dirty, by whether it may be written, is the user's, and must not be executed */
	uint64_t pdpte[4];
	uint64_t walk_gen;     /* of notes in use */
	uint64_t absent;       /* the page that the last page_walk_near() found a page table for, but no page there; 1: none */
	struct table_note tables[TABLE_NOTES];
	bool sets_used;        /* one of these holds something: */
	struct soft_set large; /* by 4 MiB, where pages larger than 4 KiB lay since the last full flush; ... */
	struct soft_set huge;  /* by 1 GiB, where such of 1 GiB did; ... */
	struct soft_set global; /* by 4 MiB, where global pages did */
	struct cpu *cpu;
	uint32_t bucket[SOFT_BUCKETS]; /* heads of the lists through struct soft_page: page number = 2 * pair + odd */
};

/* Notes of page tables are void from now on. */
static inline void page_walk_forget(struct mmu *m)
{
	m->walk_gen++;
}

/* Whether page_walk_near() was called last for the page of lin, and has found that the guest's page table does not map it. */
static inline bool softtlb_is_absent(const struct mmu *m, uint64_t lin)
{
	return m->absent == (lin & ~(uint64_t)PAGE_MASK);
}

/* All of them, for what concerns every CPU. */
extern struct mmu *mmu_all[MMU_MAX_CPUS];
extern unsigned mmu_count;

static inline struct soft_pair *softtlb_pair(struct mmu *m, uint64_t lin)
{
	return &m->table[refill_index(lin)];
}

/* The page of lin as known in the current context, or NULL; it may have no rights. */
static inline struct soft_page *softtlb_find(struct mmu *m, uint64_t lin)
{
	unsigned i = refill_index(lin);

	if (m->table[i].tag != refill_tag(m->tag, lin))
		return NULL;
	return &m->meta[i].page[lin >> 12 & 1];
}

int softtlb_init(struct mmu *m);
/* Enters a translation. sup_write: for a supervisor's write, which decides how user pages are mapped while CR0.WP is clear. */
struct soft_page *softtlb_fill(struct mmu *m, uint64_t lin, const struct walk *w, bool sup_write);
/* The guest gets a page fault for lin: the page that it will put there is to be missed, and so found by softtlb_refill(). */
void softtlb_await_page(struct mmu *m, uint64_t lin);
/* Makes what the host and C may do directly agree again with the page's rights and state. */
void softtlb_refresh(struct mmu *m, uint64_t lin, bool sup_write);
/* A global page left by another context, brought into the current one; NULL when there is none. */
struct soft_page *softtlb_rescue(struct mmu *m, uint64_t lin);
/* A new context for pcid becomes current: nothing is known but, with keep_global, global pages. All other PCIDs are forgotten. */
void softtlb_flush(struct mmu *m, unsigned pcid, bool keep_global);
/* Every page unlinked and without rights, every tag invalid; before a flush. */
void softtlb_empty(struct mmu *m);
/* The context of pcid becomes current. Nothing is known of it but global pages, or with `keep` what was known when it was current last. */
void softtlb_switch(struct mmu *m, unsigned pcid, bool keep);
/* Nothing is known of pcid any more but global pages. */
void softtlb_flush_pcid(struct mmu *m, unsigned pcid);
/* Drops the page of lin, global or not, from the current context, and global ones from all. Returns PAGE_SHIFT, or the shift of the larger
 * block around lin that the page may be part of, where everything had to be dropped. */
unsigned softtlb_drop_page(struct mmu *m, uint64_t lin);
/* Drops it from that of pcid, unless global. */
void softtlb_drop_pcid_page(struct mmu *m, unsigned pcid, uint64_t lin);
/* No page maps guest physical page gpn writable any more, but for what PHYS_LOST tells. */
void softtlb_write_protect(struct mmu *m, uint32_t gpn);

/* ---- refill.c ---- */
/* After changes of control registers, EFER or the physical map: before a flush. */
void softtlb_set_rules(struct mmu *m);
/*
 * The pair of host address va, which the current context does not have, by the guest's tables, with some of its neighbours where nothing that lives is
 * in the way; NULL when that is not plain to see (page_walk_near()). The refill handler calls it in direct addressing mode, where it
 * must not touch devices.
 */
const struct soft_pair *softtlb_refill(struct cpu *cpu, uint64_t va);

/* ---- mmu.c ---- */
/* The page of lin, canonical, with the right to access it so, or NULL and the #PF error code. Valid until the next call that may fill or
 * flush. */
struct soft_page *mmu_translate(struct cpu *cpu, uint64_t lin, int acc, bool user, uint32_t *error);
/* As above where the software TLB is known not to have it, by the guest's tables. */
struct soft_page *mmu_walk(struct cpu *cpu, uint64_t lin, int acc, bool user, uint32_t *error);

/* ---- canonical.c ---- */
/*
 * #GP(0) or #SS(0) for an access near lin, which is not canonical. flags: ACC_IMPLICIT, ACC_STACK; with neither, the operands of the
 * instruction at cpu->eip decide. Registers are in *cpu.
 */
_Noreturn void mmu_raise_noncanonical(struct cpu *cpu, uint64_t lin, int flags);

/* ---- mem.c: accesses without debug breakpoints, by the current privilege level; flags as in mmu.h ---- */
void mem_load_bytes(struct cpu *cpu, uint64_t lin, void *buf, unsigned len, int flags);
/* Faults like mem_probe(). */
void mem_check(struct cpu *cpu, uint64_t lin, unsigned len, int acc, int flags);
/* host_pc as for code_page_written(). Returns false when the storing instruction must be redone: nothing has been stored then. */
bool mem_store_bytes(struct cpu *cpu, uint64_t lin, const void *buf, unsigned len, int flags, uint64_t host_pc);

/* ---- hostinsn.c ---- */
enum host_op { HOST_LOAD, HOST_STORE, HOST_SC, HOST_SWAP, HOST_ADD, HOST_AND, HOST_OR, HOST_XOR };
enum host_file {
	HOST_GPR,        /* loads zero-extend */
	HOST_GPR_SIGNED, /* loads sign-extend */
	HOST_VREG,       /* loads leave the rest of the register alone */
	HOST_VREG_ALL,   /* loads fill the register with copies */
};
struct host_insn {
	enum host_op op;
	enum host_file file; /* of reg: destination of loads and of old values, source of stores */
	uint8_t size;        /* bytes in memory: 1, 2, 4, 8, 16 */
	uint8_t reg;
	uint8_t value_reg;   /* HOST_SWAP..HOST_XOR: general register with the operand */
	uint8_t element;     /* HOST_VREG stores: byte offset of the element within the register */
	uint64_t address;
};
static inline bool host_insn_writes(const struct host_insn *i)
{
	return i->op != HOST_LOAD;
}
struct trap_frame;
/* Decodes a host instruction that accesses memory, with its address from the registers in frame. Returns 0 or -1. */
int host_insn_decode(uint32_t word, const struct trap_frame *frame, struct host_insn *out);
/* The bytes that a store writes; buf holds 16. */
void host_insn_source(const struct host_insn *i, const struct trap_frame *frame, void *buf);
/* Puts loaded bytes into the destination. */
void host_insn_result(const struct host_insn *i, struct trap_frame *frame, const void *buf);

/* A value as a load puts it into a general register, or as a store takes it out of one: 1 to 8 bytes. */
static inline uint64_t host_insn_extend(const struct host_insn *i, uint64_t v)
{
	unsigned unused = 64 - 8 * i->size;

	return i->file == HOST_GPR_SIGNED ? (uint64_t)((int64_t)(v << unused) >> unused) : v << unused >> unused;
}
/* What a read-modify-write instruction stores. */
uint64_t host_insn_modify(const struct host_insn *i, uint64_t old, uint64_t operand);

#endif
