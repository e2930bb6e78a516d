/*
 * The guest's page tables (Intel SDM 3A, chapter 4): 32-bit paging with 4 MiB pages and PSE-36, PAE paging with 2 MiB pages and
 * execute-disable, and 4-level paging, which adds 1 GiB pages. A format is a row of a table; the walk itself is common to all.
 */
#include "translator/mmu_internal.h"

#define PHYS_MASK ((1ull << MMU_PHYS_BITS) - 1)
#define PAE_ADDR (PHYS_MASK & ~(uint64_t)PAGE_MASK)
#define PAE_RESERVED (~PHYS_MASK & ~PTE_NX)
#define LONG_RESERVED (PAE_RESERVED & ((1ull << 52) - 1)) /* bits 52-62 are ignored in 4-level paging */
#define PAE_LARGE_RESERVED (~0x1fffull) /* below the page's address; 12 is PAT */
#define PSE36_HIGH(pde) (((pde) >> 13 & 0xff) << 32)
#define PSE36_RESERVED 0x00200000ull
#define PDPTE_RESERVED (~PHYS_MASK | 0x1e6ull)

#define MAX_LEVELS 4

struct format {
	int entry_log2;          /* bytes of an entry */
	int index_bits;
	uint64_t address;        /* of the next table or page, in an entry */
	uint64_t reserved;       /* in any entry */
	uint64_t large_reserved; /* in one that maps a large page, of the bits below its size */
};

static const struct format format_32 = { 2, 10, 0xfffff000, 0, PSE36_RESERVED };
static const struct format format_pae = { 3, 9, PAE_ADDR, PAE_RESERVED, PAE_LARGE_RESERVED };
static const struct format format_long = { 3, 9, PAE_ADDR, LONG_RESERVED, PAE_LARGE_RESERVED };

/* Levels, 0 for page tables, at which PTE_PS makes an entry a large page. */
#define LARGE_AT(level) (1u << (level))
#define PML4_LEVEL 3 /* PTE_PS is reserved there */

/* The entries that a walk went through, from the top. */
struct path {
	uint64_t gpa[MAX_LEVELS];
	uint64_t entry[MAX_LEVELS];
	int n;
	const uint8_t *leaf; /* the last of them, where it is in memory */
	int shift;           /* log2 of the page's size */
	uint64_t above; /* PTE_W, PTE_U and PTE_A that all entries but the last have, PTE_NX that some of them has */
};

/* Adds an entry to what those above it allow. */
static uint64_t combine(uint64_t allowed, uint64_t entry)
{
	return (allowed & (entry | PTE_NX)) | (entry & PTE_NX);
}

/* The entry at gpa, whose page has this word. */
static inline uint64_t entry_in(struct cpu *cpu, uint64_t word, uint64_t gpa, int log2)
{
	if ((word & PHYS_KIND) > PAGE_ROM)
		return board_mmio_read(cpu, gpa, 1 << log2);
	return page_table_entry(host_ptr((word & PHYS_HOST) | (gpa & PAGE_MASK)), log2);
}

static inline uint64_t read_entry(struct cpu *cpu, uint64_t gpa, int log2)
{
	return entry_in(cpu, phys_word(gpa), gpa, log2);
}

/* Sets bits of the low half of an entry. */
static void set_entry_bits(struct cpu *cpu, uint64_t gpa, uint32_t bits)
{
	uint64_t word = phys_lookup(gpa);

	if ((word & PHYS_KIND) != PAGE_RAM)
		return;
	if (word & PHYS_CODE)
		code_page_written(cpu, gpa, 4, 0);
	__atomic_fetch_or((uint32_t *)host_ptr((word & PHYS_HOST) | (gpa & PAGE_MASK)), bits, __ATOMIC_RELAXED);
}

static inline const struct format *format_of(const struct cpu *cpu)
{
	return cpu->efer & EFER_LMA ? &format_long : cpu->cr4 & CR4_PAE ? &format_pae : &format_32;
}

static inline uint64_t reserved_bits(const struct cpu *cpu, const struct format *f)
{
	return f->reserved | (cpu->efer & EFER_NXE ? 0 : PTE_NX);
}

/* The note that is of the page table which maps lin, or may become that of it. */
static inline struct table_note *note_of(const struct cpu *cpu, const struct format *f, uint64_t lin, uint64_t *key)
{
	struct mmu *m = cpu->mmu;
	uint64_t n = lin << 16 >> 16 >> (12 + f->index_bits);

	*key = m->walk_gen << TABLE_NUMBER_BITS | n;
	return &m->tables[n & (TABLE_NOTES - 1)];
}

/* Keeps that the page table at gpa, whose page has this word, maps lin: may be done where the accessed bits of all entries above it are set. */
static inline void note_table(const struct cpu *cpu, const struct format *f, uint64_t lin, uint64_t gpa, uint64_t word, uint64_t above)
{
	uint64_t key;
	struct table_note *t = note_of(cpu, f, lin, &key);

	if ((word & PHYS_KIND) <= PAGE_ROM)
		*t = (struct table_note){ .key = key, .gpa = gpa, .host = host_ptr(word & PHYS_HOST), .above = above };
}

/*
 * Goes down from table `base` through `levels` levels. Returns PF_P when a page is found, 0 when an entry is not present, and
 * PF_P | PF_RSVD when one has reserved bits set. With `quiet` it also returns 0 where reading an entry might have side effects.
 */
static inline __attribute__((always_inline)) uint32_t descend(struct cpu *cpu, const struct format *f, uint64_t base, int levels, unsigned large_levels,
	uint64_t lin, bool quiet, struct path *p)
{
	const uint64_t usual = reserved_bits(cpu, f), a20 = phys_a20(cpu, UINT64_MAX);
	uint64_t above = PTE_W | PTE_U | PTE_A;
	int n = 0;

#pragma clang loop unroll(full)
	for (int level = levels - 1; level >= 0; level--) {
		int shift = 12 + level * f->index_bits;
		uint64_t index = lin >> shift & ((1u << f->index_bits) - 1);
		uint64_t gpa = (base + (index << f->entry_log2)) & a20;
		uint64_t word = phys_word(gpa);
		if (level == 0 && (above & PTE_A))
			note_table(cpu, f, lin, base & a20, word, above);
		if (quiet && (word & PHYS_KIND) > PAGE_ROM)
			return 0;
		uint64_t entry = entry_in(cpu, word, gpa, f->entry_log2);
		uint64_t reserved = usual | (level == PML4_LEVEL ? PTE_PS : 0);
		bool large = (large_levels & LARGE_AT(level)) && (entry & PTE_PS);

		if (!(entry & PTE_P))
			return 0;
		if (large)
			reserved |= f->large_reserved & ((1ull << shift) - 1);
		if (entry & reserved)
			return PF_P | PF_RSVD;
		p->gpa[n] = gpa;
		p->entry[n++] = entry;
		if (large || level == 0) {
			p->n = n;
			p->leaf = host_ptr((word & PHYS_HOST) | (gpa & PAGE_MASK));
			p->above = above;
			p->shift = shift;
			return PF_P;
		}
		above = combine(above, entry);
		base = entry & f->address;
	}
	return 0;
}

static void mark(struct cpu *cpu, const struct path *p, bool write)
{
	for (int i = 0; i < p->n; i++) {
		uint64_t want = PTE_A | (write && i == p->n - 1 ? PTE_D : 0);

		if ((p->entry[i] & want) != want)
			set_entry_bits(cpu, p->gpa[i], want);
	}
}

/* What a combination of entries comes to when the dirty bit is no obstacle. */
static unsigned rights_of(const struct cpu *cpu, uint64_t allowed)
{
	unsigned supervisor = 1u << ACC_READ, user = 1u << ACC_READ;

	if (allowed & PTE_W)
		user |= 1u << ACC_WRITE;
	if ((allowed & PTE_W) || !(cpu->cr0 & CR0_WP))
		supervisor |= 1u << ACC_WRITE;
	if (!(allowed & PTE_NX)) {
		user |= 1u << ACC_EXEC;
		if (!(allowed & PTE_U) || !(cpu->cr4 & CR4_SMEP))
			supervisor |= 1u << ACC_EXEC;
	}
	return supervisor | (allowed & PTE_U ? user << 3 : 0);
}

/* What an entry allows, as an index of mmu->rights. */
static inline unsigned rights_index(uint64_t allowed)
{
	return (allowed >> 1 & 3) | (unsigned)(allowed >> 61 & 4);
}

static void identity(const struct cpu *cpu, uint64_t lin, struct walk *out)
{
	*out = (struct walk){
		.page = { .gpa = phys_a20(cpu, lin & ~(uint64_t)PAGE_MASK), .rights = RIGHTS_ALL },
		.sibling = { .gpa = phys_a20(cpu, (lin & ~(uint64_t)PAGE_MASK) ^ PAGE_SIZE), .rights = RIGHTS_ALL },
		.shift = 12,
	};
}

/* By the note of the page table, which is that of lin. */
static inline uint32_t find_by_note(const struct cpu *cpu, const struct format *f, const struct table_note *t, uint64_t lin, struct path *p)
{
	uint64_t offset = (lin >> 12 & ((1u << f->index_bits) - 1)) << f->entry_log2;
	uint64_t entry = page_table_entry(t->host + offset, f->entry_log2);

	if (!(entry & PTE_P))
		return 0;
	if (entry & reserved_bits(cpu, f))
		return PF_P | PF_RSVD;
	p->gpa[0] = t->gpa + offset;
	p->entry[0] = entry;
	p->leaf = t->host + offset;
	p->n = 1;
	p->above = t->above;
	p->shift = 12;
	return PF_P;
}

static __attribute__((noinline)) uint32_t find(struct cpu *cpu, uint64_t lin, bool quiet, struct path *p)
{
	const struct format *f = format_of(cpu);
	uint64_t key;
	const struct table_note *t = note_of(cpu, f, lin, &key);

	p->n = 0;
	if (t->key == key)
		return find_by_note(cpu, f, t, lin, p);
	if (f == &format_long)
		return descend(cpu, &format_long, cpu->cr3 & PAE_ADDR, 4, LARGE_AT(1) | LARGE_AT(2), lin, quiet, p);
	if (f == &format_pae) {
		uint64_t pdpte = cpu->mmu->pdpte[lin >> 30 & 3];

		return pdpte & PTE_P ? descend(cpu, &format_pae, pdpte & PAE_ADDR, 2, LARGE_AT(1), lin, quiet, p) : 0;
	}
	return descend(cpu, &format_32, cpu->cr3 & format_32.address, 2, cpu->cr4 & CR4_PSE ? LARGE_AT(1) : 0, lin, quiet, p);
}

static uint64_t page_address(const struct cpu *cpu, uint64_t lin, uint64_t leaf, int shift)
{
	uint64_t size = 1ull << shift, base;

	if (cpu->cr4 & CR4_PAE)
		base = leaf & PAE_ADDR & ~(size - 1);
	else
		base = (leaf & 0xffffffff & ~(size - 1)) | (shift > 12 ? PSE36_HIGH(leaf) : 0);
	return phys_a20(cpu, base | (lin & (size - 1) & ~(uint64_t)PAGE_MASK));
}

static struct translation translation_of(const struct cpu *cpu, uint64_t lin, uint64_t leaf, int shift, unsigned rights,
	bool dirty)
{
	return (struct translation){
		.gpa = page_address(cpu, lin, leaf, shift),
		.rights = dirty ? rights : rights & ~RIGHTS_WRITE,
		.global = (leaf & PTE_G) && (cpu->cr4 & CR4_PGE),
	};
}

/* A page table's entry whose translation is to be known without that somebody has asked for it: its accessed bit must be set already. */
static inline bool is_plain(uint64_t entry, uint64_t reserved)
{
	return (entry & (PTE_P | PTE_A)) == (PTE_P | PTE_A) && !(entry & reserved);
}

/* The other page of the pair: part of the same large page, or mapped by the entry beside the leaf if that is plain. */
static struct translation sibling_of(struct cpu *cpu, uint64_t lin, const struct path *p, const struct translation *page)
{
	const struct format *f = format_of(cpu);
	uint64_t gpa = p->gpa[p->n - 1] ^ (1ull << f->entry_log2), entry;
	struct translation other = *page;

	if (p->shift > 12) {
		other.gpa ^= PAGE_SIZE;
		return other;
	}
	if ((phys_word(gpa) & PHYS_KIND) > PAGE_ROM)
		return (struct translation){ 0 };
	entry = read_entry(cpu, gpa, f->entry_log2);
	if (!is_plain(entry, reserved_bits(cpu, f)))
		return (struct translation){ 0 };
	return translation_of(cpu, lin, entry, 12, rights_of(cpu, combine(p->above, entry)), entry & PTE_D);
}

bool page_walk(struct cpu *cpu, uint64_t lin, int acc, bool user, struct walk *out, uint32_t *error)
{
	struct path p;
	uint32_t found;
	unsigned rights;
	uint64_t leaf;

	if (!(cpu->cr0 & CR0_PG)) {
		identity(cpu, lin, out);
		return true;
	}
	found = find(cpu, lin, false, &p);
	leaf = p.n ? p.entry[p.n - 1] : 0;
	rights = found == PF_P ? rights_of(cpu, combine(p.above, leaf)) : 0;
	if (!(rights & RIGHT(acc, user))) {
		*error = found | (acc == ACC_WRITE ? PF_W : 0) | (user ? PF_U : 0);
		if (acc == ACC_EXEC && (((cpu->cr4 & CR4_PAE) && (cpu->efer & EFER_NXE)) || (cpu->cr4 & CR4_SMEP)))
			*error |= PF_I;
		return false;
	}
	mark(cpu, &p, acc == ACC_WRITE);
	out->page = translation_of(cpu, lin, leaf, p.shift, rights, acc == ACC_WRITE || (leaf & PTE_D));
	out->shift = p.shift;
	out->sibling = sibling_of(cpu, lin, &p, &out->page);
	return true;
}

static inline bool near_of(const struct format *f, uint64_t lin, const uint8_t *leaf, int shift, uint64_t above, struct near *out)
{
	out->entry_log2 = f->entry_log2;
	out->step = shift > 12 ? 0 : 1u << f->entry_log2;
	out->first = shift > 12 ? leaf : leaf - ((lin >> 12 & (WALK_NEAR - 1)) << f->entry_log2);
	out->shift = shift;
	out->above = above;
	return true;
}

/* What is unusual on the way down: a large page, an entry not accessed yet, reserved bits, A20 off. */
static __attribute__((noinline)) bool near_by_walk(struct cpu *cpu, const struct format *f, uint64_t lin, struct near *out)
{
	struct path p;

	if (find(cpu, lin, true, &p) != PF_P || !(p.entry[p.n - 1] & p.above & PTE_A))
		return false;
	return near_of(f, lin, p.leaf, p.shift, p.above, out);
}

/*
 * Notes the page table of lin where all entries above it, in `levels` levels from the table at base, are of the usual kind. Returns false when they are not.
 */
static inline __attribute__((always_inline)) bool note_usual_table(struct cpu *cpu, const struct format *f, uint64_t base, int levels, uint64_t lin)
{
	const uint64_t usual = PTE_P | PTE_A, looked_at = usual | PTE_PS | cpu->mmu->reserved, mask = (1u << f->index_bits) - 1;
	uint64_t all = PTE_W | PTE_U | PTE_A, any = 0, word;

#pragma clang loop unroll(full)
	for (int level = levels; level > 0; level--) {
		uint64_t gpa = base + ((lin >> (12 + level * f->index_bits) & mask) << f->entry_log2), entry;

		word = phys_word(gpa);
		if ((word & PHYS_KIND) > PAGE_ROM)
			return false;
		entry = page_table_entry(host_ptr((word & PHYS_HOST) | (gpa & PAGE_MASK)), f->entry_log2);
		if ((entry & looked_at) != usual)
			return false;
		all &= entry;
		any |= entry;
		base = entry & f->address;
	}
	word = phys_word(base);
	note_table(cpu, f, lin, base, word, all | (any & PTE_NX));
	return (word & PHYS_KIND) <= PAGE_ROM;
}

/* What has no note yet, a format each. */
static __attribute__((noinline)) bool note_long(struct cpu *cpu, uint64_t lin)
{
	return note_usual_table(cpu, &format_long, cpu->cr3 & PAE_ADDR, 3, lin);
}

static __attribute__((noinline)) bool note_pae(struct cpu *cpu, uint64_t lin)
{
	uint64_t pdpte = cpu->mmu->pdpte[lin >> 30 & 3];

	return pdpte & PTE_P && note_usual_table(cpu, &format_pae, pdpte & PAE_ADDR, 1, lin);
}

static __attribute__((noinline)) bool note_32(struct cpu *cpu, uint64_t lin)
{
	return note_usual_table(cpu, &format_32, cpu->cr3 & format_32.address, 1, lin);
}

static inline __attribute__((always_inline)) bool near_in(struct cpu *cpu, const struct format *f, bool (*note)(struct cpu *, uint64_t), uint64_t lin,
	struct near *out)
{
	uint64_t key, offset = (lin >> 12 & ((1u << f->index_bits) - 1)) << f->entry_log2, entry;
	const struct table_note *t = note_of(cpu, f, lin, &key);

	if (t->key != key && !(cpu->a20 && note(cpu, lin)))
		return near_by_walk(cpu, f, lin, out);
	entry = page_table_entry(t->host + offset, f->entry_log2);
	if (!is_plain(entry, cpu->mmu->reserved)) {
		if (!(entry & PTE_P))
			cpu->mmu->absent = lin & ~(uint64_t)PAGE_MASK;
		return false;
	}
	return near_of(f, lin, t->host + offset, 12, t->above, out);
}

bool page_walk_near(struct cpu *cpu, uint64_t lin, struct near *out)
{
	if (!(cpu->cr0 & CR0_PG))
		return false;
	if (cpu->efer & EFER_LMA)
		return near_in(cpu, &format_long, note_long, lin, out);
	if (cpu->cr4 & CR4_PAE)
		return near_in(cpu, &format_pae, note_pae, lin, out);
	return near_in(cpu, &format_32, note_32, lin, out);
}

uint64_t page_walk_seen(const struct cpu *cpu, const struct near *near, uint64_t lin, uint64_t entry)
{
	const struct mmu *m = cpu->mmu;
	unsigned rights;

	if (!is_plain(entry, m->reserved))
		return 0;
	rights = m->rights[rights_index(combine(near->above, entry))];
	if (!(entry & PTE_D))
		rights &= ~RIGHTS_WRITE;
	return page_address(cpu, lin, entry, near->shift) >> 12 | (uint64_t)rights << SEEN_RIGHTS_SHIFT | (entry & m->global_bit ? SEEN_GLOBAL : 0);
}

void page_walk_set_rules(struct mmu *m)
{
	const struct cpu *cpu = m->cpu;

	m->reserved = reserved_bits(cpu, format_of(cpu));
	m->global_bit = cpu->cr4 & CR4_PGE ? PTE_G : 0;
	for (unsigned k = 0; k < 8; k++)
		m->rights[k] = (uint8_t)rights_of(cpu, (k & 1 ? PTE_W : 0) | (k & 2 ? PTE_U : 0) | (k & 4 ? PTE_NX : 0));
}

bool page_walk_peek(struct cpu *cpu, uint64_t lin, uint64_t *gpa)
{
	struct path p;

	if (!(cpu->cr0 & CR0_PG)) {
		*gpa = phys_a20(cpu, lin & ~(uint64_t)PAGE_MASK);
		return true;
	}
	if (find(cpu, lin, false, &p) != PF_P)
		return false;
	*gpa = page_address(cpu, lin, p.entry[p.n - 1], p.shift);
	return true;
}

int mmu_load_pdptes(struct cpu *cpu, uint64_t cr3)
{
	uint64_t entry[4];

	for (unsigned i = 0; i < 4; i++) {
		entry[i] = read_entry(cpu, phys_a20(cpu, (cr3 & 0xffffffe0) + 8 * i), 3);
		if ((entry[i] & PTE_P) && (entry[i] & PDPTE_RESERVED))
			return -1;
	}
	__builtin_memcpy(cpu->mmu->pdpte, entry, sizeof(entry));
	page_walk_forget(cpu->mmu);
	return 0;
}
