// SOURCES: translator/decode.c translator/decode_quick.c translator/decode_0f.c translator/decode_0f38.c translator/decode_groups.c translator/decode_tables.c translator/insn_info.c
/*
 * The guest MMU in long mode against a model, as test_mmu_random does it for 32 bits: more address spaces than the software TLB keeps, with a
 * PCID each and the no-flush bit; global pages common to all; large pages; accesses at both ends of the canonical halves and beyond.
 */
#define MODEL_TLB 1024 /* much is left of contexts that are not current */
#include "tests/unit/mmu_model.h"

#include "translator/physmap.c"
#include "translator/walk.c"
#include "translator/softtlb.c"
#include "translator/spaces.c"
#include "translator/refill.c"
#include "translator/codepage.c"
#include "translator/mem.c"
#include "translator/mmu.c"
#include "translator/canonical.c"
#include "translator/hostinsn.c"
#include "translator/fault.c"

#include "tests/unit/mmu_host_model.h"

#define STEPS 400000
#define SPACES 20u
#define FRAMES 10u
#define FRAME_BASE 0x100000u
#define LARGE_BASE 0x800000u /* two pages of 2 MiB */
#define TABLES 0x200000u
#define ADDRESS_REG 5
#define VALUE_REG 6
#define NO_FLUSH (1ull << 63)

enum { P = 1, W = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100 };

/* Regions of 2 MiB in which pages are used: those of the low half belong to each space, those of the high half to all. */
#define REGIONS 7u
static const uint64_t region[REGIONS] = {
	0x0, 0x7f1234400000, 0x7fffffe00000, 0xe00000, 0xffff800000000000, 0xffffffff80000000, 0xffffffffffe00000,
};
#define FIRST_SHARED 4u
#define LARGE_REGION 3u /* may be a page of 2 MiB */
static const uint16_t page_index[] = { 0, 1, 2, 255, 510, 511 };
#define PAGES (sizeof(page_index) / sizeof(page_index[0]))

static uint64_t seed = 88172645463325252ull;
static uint64_t next_table = TABLES;
static uint64_t top[SPACES], pde_at[SPACES][REGIONS], pt_at[SPACES][REGIONS];
static unsigned current;
static bool stale[SPACES]; /* must be flushed when it becomes current */
static bool is_code[FRAMES];

static uint32_t rnd(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 11) % n;
}

static uint64_t random_pte(bool shared)
{
	uint64_t frame = rnd(FRAMES + 1), at = frame < FRAMES ? FRAME_BASE + frame * 0x1000 : 0xfec00000;

	return at | (rnd(8) ? P : 0) | (rnd(4) ? W : 0) | (rnd(3) ? U : 0) | (rnd(2) ? A : 0) | (rnd(2) ? D : 0) | (shared && rnd(2) ? G : 0);
}

static uint64_t pte_address(unsigned space, unsigned r, unsigned page)
{
	return pt_at[space][r] + 8 * page_index[page];
}

/* The table that the entry at gpa leads to, made if need be. */
static uint64_t descend_to(uint64_t gpa)
{
	if (!(peek64(gpa) & P)) {
		poke64(gpa, next_table | P | W | U);
		next_table += 0x1000;
	}
	return peek64(gpa) & 0xfffff000;
}

static void make_space(unsigned s)
{
	top[s] = next_table;
	next_table += 0x1000;
	if (s)
		memcpy(memory + top[s] + 0x800, memory + top[0] + 0x800, 0x800);
	for (unsigned r = 0; r < REGIONS; r++) {
		uint64_t pdpt = descend_to(top[s] + 8 * (region[r] >> 39 & 511));
		uint64_t pd = descend_to(pdpt + 8 * (region[r] >> 30 & 511));
		pde_at[s][r] = pd + 8 * (region[r] >> 21 & 511);
		pt_at[s][r] = descend_to(pde_at[s][r]);
		for (unsigned i = 0; i < PAGES && (s == 0 || r < FIRST_SHARED); i++)
			poke64(pte_address(s, r, i), random_pte(r >= FIRST_SHARED));
	}
}

static void switch_to(unsigned s)
{
	bool keep = !stale[s] && rnd(4);

	CHECK(mmu_set_cr3(&the_cpu, top[s] | (s + 1) | (keep ? NO_FLUSH : 0)) == 0, "CR3 refused");
	CHECK(the_cpu.cr3 == (top[s] | (s + 1)), "CR3 is %llx", (unsigned long long)the_cpu.cr3);
	stale[s] = false;
	current = s;
}

/* The entry that maps lin in the current space, its address in *at, or 0 when there is none. */
static uint64_t entry_of(uint64_t lin, uint64_t *at)
{
	for (unsigned r = 0; r < REGIONS; r++) {
		uint64_t pde = peek64(pde_at[current][r]);
		if ((lin ^ region[r]) >> 21)
			continue;
		*at = pde_at[current][r];
		if (pde & PS)
			return pde;
		*at = pt_at[current][r] + 8 * (lin >> 12 & 511);
		return peek64(*at);
	}
	*at = 0;
	return 0;
}

static uint64_t gpa_of(uint64_t lin)
{
	uint64_t at, e = entry_of(lin, &at);

	return e & PS ? (e & 0xffe00000) | (lin & 0x1fffff) : (e & 0xfffff000) | (lin & 0xfff);
}

enum { ALLOWED = -1, NOT_CANONICAL = -2 };

static int expect(uint64_t lin, bool write, bool user)
{
	uint64_t at, e = entry_of(lin, &at);
	int code = (write ? PF_W : 0) | (user ? PF_U : 0);

	if (!mmu_canonical(lin))
		return NOT_CANONICAL;
	if (!(e & P))
		return code;
	if ((user && !(e & U)) || (write && !(e & W) && (user || (the_cpu.cr0 & CR0_WP))))
		return code | PF_P;
	return ALLOWED;
}

static uint8_t byte_at(uint64_t lin)
{
	uint64_t gpa = gpa_of(lin);

	return gpa < GUEST_SIZE ? memory[gpa] : mmio_byte(gpa);
}

static uint64_t random_address(void)
{
	uint64_t off = rnd(3) ? rnd(4096) : 4096 - rnd(8) - 1;

	switch (rnd(16)) {
	case 0:
		return (uint64_t)rnd(~0u) << 40 | (FRAME_BASE + off);
	case 1:
		return 0x800000000000 - 8 + rnd(16);
	case 2:
		return 0xffff800000000000 - 8 + rnd(16);
	case 3:
		return (uint64_t)rnd(16) << 60 | (FRAME_BASE + off);
	default:
		return region[rnd(REGIONS)] + ((uint64_t)page_index[rnd(PAGES)] << 12) + off;
	}
}

static void access_memory(void)
{
	static const uint32_t loads[4] = { 0x2a000000, 0x2a400000, 0x2a800000, 0x28c00000 };
	static const uint32_t stores[4] = { 0x29000000, 0x29400000, 0x29800000, 0x29c00000 };
	unsigned log2 = rnd(4), size = 1u << log2;
	bool write = rnd(2), user = rnd(2), from_c = !rnd(4), hits_code = false, in_window, by_hand;
	unsigned notices = code_writes;
	uint64_t lin = random_address(), next = (lin | 0xfff) + 1, cr2 = lin;
	bool crosses = (lin & 0xfff) + size > 4096;
	int fault = expect(lin, write, user), how;
	uint64_t value = (uint64_t)rnd(~0u) << 32 | rnd(~0u), got = 0;

	if (crosses && !mmu_canonical(next)) {
		fault = NOT_CANONICAL;
	} else if (crosses && fault == ALLOWED) {
		fault = expect(next, write, user);
		cr2 = next;
	}
	for (unsigned i = 0; fault == ALLOWED && write && i < size; i++)
		hits_code |= gpa_of(lin + i) - FRAME_BASE < FRAMES << 12 && is_code[(gpa_of(lin + i) - FRAME_BASE) >> 12];
	in_window = lin >> 60 == 8 || lin >> 60 == 9;
	by_hand = lin >> 12 == ~0ull >> 12;
	the_cpu.cpl = user ? 3 : 0;
	model_badv_bias = rnd(2);
	model_hole = rnd(2);
	raised_vector = 0;
	if (from_c || in_window) {
		bool bad = write ? FAULTS(mem_write(&the_cpu, lin, &value, size, 0)) : FAULTS(mem_read(&the_cpu, lin, &got, size, 0));
		how = bad ? RAISED : RAN;
	} else {
		model_frame.r[ADDRESS_REG] = lin;
		model_frame.r[VALUE_REG] = value;
		how = model_run((write ? stores : loads)[log2] | ADDRESS_REG << 5 | VALUE_REG, user);
		got = model_frame.r[VALUE_REG];
	}
	if (fault == NOT_CANONICAL) {
		CHECK(how == RAISED && raised_vector == EXC_GP && !raised_error, "lin %llx size %u c %d: outcome %d, vector %d",
			(unsigned long long)lin, size, from_c, how, raised_vector);
		return;
	}
	if (fault >= 0) {
		CHECK(how == RAISED && !raised_vector && raised_cr2 == cr2 && raised_error == (uint32_t)fault,
			"space %u lin %llx size %u write %d user %d c %d: outcome %d, cr2 %llx error %x, not %llx %x", current,
			(unsigned long long)lin, size, write, user, from_c, how, (unsigned long long)raised_cr2, raised_error,
			(unsigned long long)cr2, fault);
		return;
	}
	CHECK(how == RAN, "space %u lin %llx size %u write %d user %d c %d: outcome %d", current, (unsigned long long)lin, size, write, user,
		from_c, how);
	if (how != RAN)
		return;
	CHECK(!write || hits_code == (code_writes != notices), "lin %llx size %u c %d: code %d, notices %u", (unsigned long long)lin, size,
		from_c, hits_code, code_writes - notices);
	CHECK(!by_hand || model_find(model_asid, lin) == NULL || !(model_find(model_asid, lin)->elo[1] & TLBELO_V), "last page is mapped");
	for (unsigned i = 0; i < size; i++) {
		uint8_t want = write ? (uint8_t)(value >> 8 * i) : byte_at(lin + i);
		uint8_t is = write ? byte_at(lin + i) : (uint8_t)(got >> 8 * i);
		uint64_t at;
		CHECK(entry_of(lin + i, &at) & A, "lin %llx: A", (unsigned long long)lin + i);
		CHECK(!write || (entry_of(lin + i, &at) & D), "lin %llx: D", (unsigned long long)lin + i);
		if (write && (gpa_of(lin + i) >= GUEST_SIZE || (crosses && gpa_of(lin) >> 12 == gpa_of(lin + size - 1) >> 12)))
			continue;
		CHECK(is == want, "space %u lin %llx size %u write %d byte %u: %x, not %x", current, (unsigned long long)lin, size, write, i, is,
			want);
	}
}

/* A page of a space of its own changes; then it is invalidated in one of the ways there are. */
static void change_own(unsigned s)
{
	unsigned r = rnd(FIRST_SHARED), page = rnd(PAGES), ways = 4;
	uint64_t lin = region[r] + ((uint64_t)page_index[page] << 12);

	if (r == LARGE_REGION && !rnd(3)) {
		ways = peek64(pde_at[s][r]) & PS ? 4 : 2; /* small pages are invalidated one by one, or by PCID */
		poke64(pde_at[s][r], peek64(pde_at[s][r]) & PS ? pt_at[s][r] | P | W | U :
			(LARGE_BASE + rnd(2) * 0x200000) | PS | P | W | (rnd(2) ? U : 0));
	} else {
		poke64(pte_address(s, r, page), random_pte(false));
	}
	switch (rnd(ways)) {
	case 0:
		CHECK(mmu_invpcid(&the_cpu, 1, s + 1, 0) == 0, "INVPCID 1");
		break;
	case 1:
		stale[s] = true;
		if (s == current)
			switch_to(s);
		break;
	case 2:
		CHECK(mmu_invpcid(&the_cpu, 0, s + 1, lin + rnd(4096)) == 0, "INVPCID 0");
		break;
	default:
		if (s == current)
			mmu_invlpg(&the_cpu, lin + rnd(4096));
		else
			stale[s] = true;
	}
}

static void change_shared(void)
{
	unsigned r = FIRST_SHARED + rnd(REGIONS - FIRST_SHARED), page = rnd(PAGES);
	uint64_t at = pte_address(0, r, page), old = peek64(at);

	poke64(at, random_pte(true));
	if (!rnd(4)) {
		CHECK(mmu_invpcid(&the_cpu, 2, 0, 0) == 0, "INVPCID 2");
		return;
	}
	mmu_invlpg(&the_cpu, region[r] + ((uint64_t)page_index[page] << 12));
	/* what was not global may be left in other PCIDs */
	for (unsigned s = 0; s < SPACES && !(old & G); s++)
		if (s != current)
			stale[s] = true;
}

static void change(void)
{
	unsigned f = rnd(FRAMES);

	switch (rnd(10)) {
	case 0:
	case 1:
		change_own(current);
		break;
	case 2:
		change_own(rnd(4) ? rnd(4) : rnd(SPACES));
		break;
	case 3:
		change_shared();
		break;
	case 4:
		if (!rnd(4))
			CHECK(mmu_invpcid(&the_cpu, 3, 0, 0) == 0, "INVPCID 3");
		else if (!rnd(16))
			the_cpu.mmu->serial = SERIAL_LAST - rnd(3);
		break;
	case 5:
		if (!rnd(8)) {
			the_cpu.cr0 ^= CR0_WP;
			mmu_flush(&the_cpu, false);
		}
		break;
	case 6:
		is_code[f] = true;
		mmu_protect_code_page(FRAME_BASE + f * 0x1000);
		break;
	case 7:
		is_code[f] = false;
		mmu_unprotect_code_page(FRAME_BASE + f * 0x1000);
		break;
	default:
		switch_to(rnd(8) ? rnd(4) : rnd(SPACES));
	}
	the_cpu.pending = the_cpu.stop = 0;
}

static void test_refusals(void)
{
	CHECK(mmu_invpcid(&the_cpu, 4, 0, 0) == -1, "type 4");
	CHECK(mmu_invpcid(&the_cpu, 0, 0x1000, 0) == -1, "PCID too large");
	CHECK(mmu_invpcid(&the_cpu, 0, 1, 0x800000000000) == -1, "not canonical");
	CHECK(mmu_set_cr3(&the_cpu, 1ull << MMU_PHYS_BITS | top[0]) == -1, "reserved bit in CR3");
	CHECK(mmu_set_cr3(&the_cpu, 1ull << 62 | top[0]) == -1, "bit 62 in CR3");
	the_cpu.cr4 &= ~(uint64_t)CR4_PCIDE;
	CHECK(mmu_set_cr3(&the_cpu, NO_FLUSH | top[0]) == -1, "no-flush bit without PCIDE");
	CHECK(mmu_invpcid(&the_cpu, 1, 1, 0) == -1, "PCID without PCIDE");
	CHECK(mmu_invpcid(&the_cpu, 1, 0, 0) == 0, "PCID 0 without PCIDE");
	the_cpu.cr4 |= CR4_PCIDE;
}

static uint32_t load(uint64_t lin)
{
	model_frame.r[ADDRESS_REG] = lin;
	CHECK(model_run(0x2a800000 | ADDRESS_REG << 5 | VALUE_REG, false) == RAN, "load from %llx", (unsigned long long)lin);
	return (uint32_t)model_frame.r[VALUE_REG];
}

static void go_back_to(unsigned s)
{
	CHECK(mmu_set_cr3(&the_cpu, NO_FLUSH | top[s] | (s + 1)) == 0, "CR3 refused");
}

/* A pair that is the same in two spaces goes to the one that misses it; INVLPG in the other must find what the host TLB still has of it. */
static void test_taken_pair(void)
{
	uint64_t lin = region[1] + ((uint64_t)page_index[2] << 12);

	for (unsigned s = 0; s < 2; s++) {
		poke64(pte_address(s, 1, 2), FRAME_BASE | P | W | A | D);
		CHECK(mmu_set_cr3(&the_cpu, top[s] | (s + 1)) == 0, "CR3 refused");
		load(lin); /* sets accessed bits */
	}
	for (unsigned s = 0; s < 2; s++)
		CHECK(mmu_set_cr3(&the_cpu, top[s] | (s + 1)) == 0, "CR3 refused");
	poke32(FRAME_BASE, 1);
	poke32(FRAME_BASE + 0x1000, 2);
	for (unsigned s = 0; s < 2; s++) {
		go_back_to(s);
		CHECK(load(lin) == 1, "page of space %u", s);
	}
	go_back_to(0);
	poke64(pte_address(0, 1, 2), (FRAME_BASE + 0x1000) | P | W | A | D);
	mmu_invlpg(&the_cpu, lin);
	CHECK(load(lin) == 2, "page that INVLPG should have dropped from the host TLB");
	go_back_to(1);
	CHECK(load(lin) == 1, "page of the space that has taken the pair");
}

static void store(uint64_t lin, uint32_t value)
{
	model_frame.r[ADDRESS_REG] = lin;
	model_frame.r[VALUE_REG] = value;
	CHECK(model_run(0x29800000 | ADDRESS_REG << 5 | VALUE_REG, false) == RAN, "store to %llx", (unsigned long long)lin);
}

/* A page fault beside a global page: other spaces still have that in the host TLB, and may not store to it when it becomes code. */
static void test_fault_beside_global(void)
{
	uint64_t lin = region[4] + ((uint64_t)page_index[2] << 12);
	uint32_t frame = FRAME_BASE + 0x5000;
	unsigned before;

	poke64(pte_address(0, 4, 2), frame | P | W | A | D | G);
	CHECK(mmu_invpcid(&the_cpu, 2, 0, 0) == 0, "INVPCID 2");
	for (unsigned n = 0; n < 3; n++) {
		go_back_to(n & 1);
		store(lin, n);
	}
	model_frame.r[ADDRESS_REG] = lin + 0x1000;
	CHECK(model_run(0x2a800000 | ADDRESS_REG << 5 | VALUE_REG, false) == RAISED, "absent page beside a global one");
	mmu_protect_code_page(frame);
	go_back_to(1);
	before = code_writes;
	store(lin, 3);
	CHECK(code_writes == before + 1, "store to a code page that another space has mapped");
	mmu_unprotect_code_page(frame);
}

/* A table in device memory, above others: the refill handler leaves it alone, and what lies at the offset of its entry in memory. */
static void test_table_in_device(void)
{
	uint64_t lin = region[1] + ((uint64_t)page_index[2] << 12), entry = top[0] + 8 * (lin >> 39 & 511), old = peek64(entry);
	unsigned reads = mmio_reads;

	poke64(pte_address(0, 1, 2), FRAME_BASE | P | W | A | D);
	poke64(8 * (lin >> 30 & 511), (pde_at[0][1] & ~0xfffull) | P | W | A);
	poke64(entry, 0xfec00000 | P | W | A);
	CHECK(mmu_set_cr3(&the_cpu, top[0] | 1) == 0, "CR3 refused");
	CHECK(!softtlb_refill(&the_cpu, lin) && mmio_reads == reads, "a table in device memory was read");
	poke64(8 * (lin >> 30 & 511), 0);
	poke64(entry, old);
	CHECK(mmu_invpcid(&the_cpu, 2, 0, 0) == 0, "INVPCID 2");
}

/* The numbers of contexts run out, and begin anew, as do those of the generations of global pages: none of the latter comes again that some pair still has. */
static void test_numbers_run_out(void)
{
	struct mmu *m = the_cpu.mmu;
	uint64_t lin = region[4] + ((uint64_t)page_index[2] << 12);
	unsigned generation;

	for (unsigned n = 0; n < 3; n++)
		CHECK(mmu_invpcid(&the_cpu, 2, 0, 0) == 0, "INVPCID 2");
	generation = m->global_gen;
	poke64(pte_address(0, 4, 2), FRAME_BASE | P | W | A | D | G);
	poke64(pte_address(0, 4, 3), 0);
	poke32(FRAME_BASE, 1);
	poke32(FRAME_BASE + 0x1000, 2);
	m->serial = SERIAL_LAST;
	CHECK(mmu_set_cr3(&the_cpu, top[0] | 1) == 0, "CR3 refused");
	CHECK(m->serial < SERIAL_LAST, "contexts begin anew");
	CHECK(load(lin) == 1, "a global page after that");
	poke64(pte_address(0, 4, 2), (FRAME_BASE + 0x1000) | P | W | A | D | G);
	for (unsigned n = 0; n < generation; n++)
		CHECK(mmu_invpcid(&the_cpu, 2, 0, 0) == 0, "INVPCID 2");
	CHECK(load(lin) == 2, "a global page that was dropped %u times", generation);
}

int main(void)
{
	model_start();
	for (unsigned s = 0; s < SPACES; s++)
		make_space(s);
	the_cpu.cr0 = CR0_PE | CR0_PG | CR0_WP;
	the_cpu.cr4 = CR4_PAE | CR4_PGE | CR4_PCIDE;
	the_cpu.efer = EFER_LME | EFER_LMA;
	the_cpu.mode = MODE_LMA | MODE_LONG;
	mmu_flush(&the_cpu, false);
	test_refusals();
	test_taken_pair();
	test_fault_beside_global();
	test_table_in_device();
	test_numbers_run_out();
	switch_to(0);
	for (unsigned n = 0; n < STEPS && failed < 20; n++) {
		if (!rnd(6))
			change();
		access_memory();
	}
	return report();
}
