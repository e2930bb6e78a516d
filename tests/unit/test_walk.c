// SOURCES: translator/decode.c translator/decode_quick.c translator/decode_0f.c translator/decode_0f38.c translator/decode_groups.c translator/decode_tables.c translator/insn_info.c
/* The guest's page walk: formats, rights, reserved bits, accessed and dirty bits, error codes. */
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

#define PD 0x10000u
#define PT 0x11000u
#define P 1u
#define W 2u
#define U 4u
#define A 0x20u
#define D 0x40u
#define PS 0x80u
#define G 0x100u

static struct walk out;
static uint32_t error;

static bool go(uint64_t lin, int acc, bool user)
{
	error = 0xdead;
	page_walk_forget(the_cpu.mmu); /* the cases change tables as they like */
	return page_walk(&the_cpu, lin, acc, user, &out, &error);
}

static void set_32(void)
{
	the_cpu.cr0 = CR0_PE | CR0_PG | CR0_WP;
	the_cpu.cr4 = CR4_PSE | CR4_PGE;
	the_cpu.cr3 = PD;
	memset(memory + PD, 0, 0x2000);
}

/* Every combination of P, W, U in both levels, WP, user, access. */
static void test_32_rights(void)
{
	for (unsigned i = 0; i < 64 * 2 * 2 * 3; i++) {
		unsigned pde = i & 7, pte = i >> 3 & 7, wp = i >> 6 & 1, user = i >> 7 & 1, acc = (i >> 8) % 3;
		bool present = (pde & P) && (pte & P), w = pde & pte & W, u = pde & pte & U;
		bool ok = present && (!user || u) && (acc != ACC_WRITE || w || (!user && !wp));
		uint32_t want = (present ? PF_P : 0) | (acc == ACC_WRITE ? PF_W : 0) | (user ? PF_U : 0);

		set_32();
		the_cpu.cr0 = CR0_PE | CR0_PG | (wp ? CR0_WP : 0);
		poke32(PD + 4 * 3, PT | pde);
		poke32(PT + 4 * 5, 0x234000 | pte);
		CHECK(go(0x00c05678, acc, user) == ok, "case %x", i);
		if (!ok) {
			CHECK(error == want, "case %x: error %x, not %x", i, error, want);
			CHECK(peek32(PD + 12) == (PT | pde) && peek32(PT + 20) == (0x234000 | pte), "case %x: A or D set on fault", i);
		} else {
			CHECK(out.page.gpa == 0x234000, "case %x: gpa %llx", i, (unsigned long long)out.page.gpa);
			CHECK(peek32(PD + 12) == (PT | pde | A), "case %x: pde %x", i, peek32(PD + 12));
			CHECK(peek32(PT + 20) == (0x234000 | pte | A | (acc == ACC_WRITE ? D : 0)), "case %x: pte", i);
			CHECK(acc == ACC_WRITE || !(out.page.rights & RIGHTS_WRITE), "case %x: writable before dirty", i);
		}
	}
}

static void test_32_large(void)
{
	set_32();
	poke32(PD + 4 * 0x300, 0x00800000 | PS | P | W | G);
	CHECK(go(0xc0123456, ACC_READ, false) && out.page.gpa == 0x00923000 && out.shift > 12 && out.page.global, "4M read");
	CHECK(!(out.page.rights & RIGHTS_WRITE), "clean 4M page writable");
	CHECK(go(0xc0123456, ACC_WRITE, false) && (out.page.rights & RIGHTS_WRITE), "4M write");
	CHECK(peek32(PD + 0xc00) == (0x00800000 | PS | P | W | G | A | D), "4M A, D");
	poke32(PD + 0xc00, 0x00800000 | PS | P | W | 0x5 << 13);
	CHECK(go(0xc0123456, ACC_READ, false) && out.page.gpa == 0x500923000, "PSE-36 gave %llx", (unsigned long long)out.page.gpa);
	poke32(PD + 0xc00, 0x00800000 | PS | P | W | 1 << 21);
	CHECK(!go(0xc0123456, ACC_READ, true) && error == (PF_P | PF_RSVD | PF_U), "reserved bit 21: %x", error);
	the_cpu.cr4 = 0;
	poke32(PD + 0xc00, PT | PS | P | W);
	poke32(PT + 4 * 0x123, 0x77000 | P | G);
	CHECK(go(0xc0123456, ACC_READ, false) && out.page.gpa == 0x77000 && !out.page.global, "PS without CR4.PSE, G without PGE");
}

static void test_pae(void)
{
	uint64_t pdpt = 0x12020, nx = 1ull << 63;

	set_32();
	the_cpu.cr4 = CR4_PAE | CR4_PGE;
	the_cpu.cr3 = pdpt;
	poke64(pdpt, 0);
	poke64(pdpt + 8, 0);
	poke64(pdpt + 16, 0);
	poke64(pdpt + 24, PD | P);
	CHECK(mmu_load_pdptes(&the_cpu, pdpt) == 0, "PDPTEs refused");
	poke64(PD + 8 * 2, PT | P | W | U);
	poke64(PT + 8 * 3, nx | 0x345000 | P | W | U);
	the_cpu.efer = EFER_NXE;
	CHECK(go(0xc0403123, ACC_READ, true) && out.page.gpa == 0x345000, "PAE read");
	CHECK(!go(0xc0403123, ACC_EXEC, true) && error == (PF_P | PF_U | PF_I), "NX: %x", error);
	CHECK(!(out.page.rights & (RIGHT(ACC_EXEC, 0) | RIGHT(ACC_EXEC, 1))), "NX page with execute right");
	the_cpu.efer = 0;
	CHECK(!go(0xc0403123, ACC_READ, false) && error == (PF_P | PF_RSVD), "NX without NXE: %x", error);
	poke64(PT + 8 * 3, 1ull << 40 | 0x345000 | P);
	CHECK(!go(0xc0403123, ACC_EXEC, false) && error == (PF_P | PF_RSVD), "address too wide: %x", error);
	poke64(PT + 8 * 3, 0xff00345000 | P);
	CHECK(go(0xc0403123, ACC_EXEC, false) && out.page.gpa == 0xff00345000, "40-bit address");
	poke64(PD + 8 * 2, 0x600000 | PS | P | W);
	CHECK(go(0xc0563123, ACC_WRITE, false) && out.page.gpa == 0x763000 && out.shift > 12, "2M: %llx", (unsigned long long)out.page.gpa);
	poke64(PD + 8 * 2, 0x602000 | PS | P | W);
	CHECK(!go(0xc0563123, ACC_WRITE, false) && error == (PF_P | PF_RSVD | PF_W), "2M reserved: %x", error);
	CHECK(!go(0x00563123, ACC_WRITE, false) && error == PF_W, "absent PDPTE: %x", error);
	poke64(pdpt, 0x2 | P);
	CHECK(mmu_load_pdptes(&the_cpu, pdpt) == -1, "reserved bit in PDPTE accepted");
	CHECK(!go(0x00563123, ACC_READ, false), "failed load changed the PDPTEs");
	poke64(pdpt, 1ull << 41 | P);
	CHECK(mmu_load_pdptes(&the_cpu, pdpt) == -1, "wide PDPTE accepted");
	poke64(pdpt + 8, 0xfff001);
	mmu_flush(&the_cpu, true);
	CHECK(the_cpu.mmu->pdpte[3] == (PD | P) && the_cpu.mmu->pdpte[1] == 0, "flush loaded bad PDPTEs");
	poke64(pdpt, 0xfe6);
	poke64(pdpt + 8, 0x40001);
	mmu_flush(&the_cpu, true);
	CHECK(the_cpu.mmu->pdpte[1] == 0x40001, "flush did not load the PDPTEs");
	CHECK(mmu_load_pdptes(&the_cpu, pdpt) == 0, "reserved bits of an absent PDPTE count");
}

/* ---- 4-level paging ---- */
#define NX (1ull << 63)
enum { PML4_AT = 0x20000, PDPT_AT = 0x21000, PD_AT = 0x22000, PT_AT = 0x23000 };
#define HIGH 0xffffffff80000000ull

static void set_long(void)
{
	the_cpu.cr0 = CR0_PE | CR0_PG | CR0_WP;
	the_cpu.cr4 = CR4_PAE | CR4_PGE;
	the_cpu.efer = EFER_LME | EFER_LMA | EFER_NXE;
	the_cpu.cr3 = PML4_AT;
	memset(memory + PML4_AT, 0, 0x4000);
	poke64(PML4_AT + 8 * 511, PDPT_AT | P | W | U);
	poke64(PDPT_AT + 8 * 510, PD_AT | P | W | U);
	poke64(PD_AT, PT_AT | P | W | U);
	poke64(PT_AT + 8 * 5, 0x234000 | P | W | U);
}

/* Every combination of W, U, NX in two of the four levels, WP, NXE, SMEP, user, access. */
static void test_long_rights(void)
{
	static const unsigned table[4] = { PML4_AT + 8 * 511, PDPT_AT + 8 * 510, PD_AT, PT_AT + 8 * 5 };
	static const unsigned next[4] = { PDPT_AT, PD_AT, PT_AT, 0x234000 };

	for (unsigned i = 0; i < 1u << 12; i++) {
		unsigned first = i & 3, second = 3 - (i >> 2 & 1), wu = i >> 3 & 15, user = i >> 7 & 1, wp = i >> 8 & 1, smep = i >> 9 & 1;
		bool nx[2] = { i >> 10 & 1, i >> 11 & 1 };
		for (int acc = 0; acc < 3; acc++) {
			uint64_t one = (wu & 1 ? W : 0) | (wu & 2 ? U : 0) | (nx[0] ? NX : 0);
			uint64_t two = (wu & 4 ? W : 0) | (wu & 8 ? U : 0) | (nx[1] ? NX : 0);
			uint64_t all = first == second ? two : (one & two & (W | U)) | ((one | two) & NX);
			bool ok = (!user || (all & U)) && (acc != ACC_WRITE || (all & W) || (!user && !wp)) &&
				(acc != ACC_EXEC || (!(all & NX) && (user || !smep || !(all & U))));
			uint32_t want = PF_P | (acc == ACC_WRITE ? PF_W : 0) | (user ? PF_U : 0) | (acc == ACC_EXEC ? PF_I : 0);

			set_long();
			the_cpu.cr0 = CR0_PE | CR0_PG | (wp ? CR0_WP : 0);
			the_cpu.cr4 |= smep ? CR4_SMEP : 0;
			poke64(table[first], next[first] | P | one);
			poke64(table[second], next[second] | P | two);
			CHECK(go(HIGH + 0x5678, acc, user) == ok, "case %x acc %d", i, acc);
			CHECK(ok || error == want, "case %x acc %d: error %x, not %x", i, acc, error, want);
			CHECK(!ok || out.page.gpa == 0x234000, "case %x: gpa %llx", i, (unsigned long long)out.page.gpa);
			for (unsigned level = 0; level < 4; level++)
				CHECK((peek64(table[level]) & (A | D)) == (ok ? A | (acc == ACC_WRITE && level == 3 ? D : 0) : 0),
					"case %x acc %d: A, D of level %u", i, acc, level);
		}
	}
}

static void test_long_formats(void)
{
	uint64_t gpa;

	set_long();
	CHECK(go(HIGH + 0x5678, ACC_READ, true) && out.shift == 12 && !out.page.global, "4 KiB page");
	CHECK(!go(HIGH + 0x6678, ACC_READ, true) && error == PF_U, "absent: %x", error);
	CHECK(!go(0x5678, ACC_WRITE, false) && error == PF_W, "absent PML4 entry: %x", error);
	poke64(PT_AT + 8 * 5, 0xfffff34000 | P | G);
	CHECK(go(HIGH + 0x5000, ACC_READ, false) && out.page.gpa == 0xfffff34000 && out.page.global, "40-bit address");
	for (int bit = 40; bit < 52; bit++) {
		poke64(PT_AT + 8 * 5, 1ull << bit | 0x34000 | P);
		CHECK(!go(HIGH + 0x5000, ACC_READ, false) && error == (PF_P | PF_RSVD), "reserved bit %d", bit);
	}
	for (int bit = 52; bit < 63; bit++) {
		poke64(PT_AT + 8 * 5, 1ull << bit | 0x34000 | P);
		CHECK(go(HIGH + 0x5000, ACC_READ, false), "ignored bit %d", bit);
	}
	/* 2 MiB */
	for (int bit = 12; bit < 21; bit++) {
		poke64(PD_AT, 1ull << bit | 0x600000 | P | W | PS);
		CHECK(go(HIGH + 0x123456, ACC_WRITE, false) == (bit == 12), "2 MiB, bit %d", bit);
		CHECK(bit == 12 || error == (PF_P | PF_W | PF_RSVD), "2 MiB, bit %d: %x", bit, error);
		CHECK(bit != 12 || (out.page.gpa == 0x723000 && out.shift == 21 && out.sibling.gpa == 0x722000), "2 MiB, PAT");
	}
	poke64(PD_AT, 0x600000 | P | W | PS);
	CHECK(go(HIGH + 0x1ff000, ACC_WRITE, false) && peek64(PD_AT) == (0x600000 | P | W | PS | A | D), "2 MiB, A and D");
	/* 1 GiB */
	for (int bit = 12; bit < 30; bit++) {
		poke64(PDPT_AT + 8 * 510, 1ull << bit | 0x140000000 | P | W | PS);
		CHECK(go(HIGH + 0x3f123456, ACC_READ, false) == (bit == 12), "1 GiB, bit %d", bit);
	}
	poke64(PDPT_AT + 8 * 510, 0x140000000 | P | W | PS | NX);
	CHECK(go(HIGH + 0x3f123456, ACC_READ, false) && out.page.gpa == 0x17f123000 && out.shift == 30, "1 GiB: %llx",
		(unsigned long long)out.page.gpa);
	CHECK(!go(HIGH + 0x3f123456, ACC_EXEC, false) && error == (PF_P | PF_I), "1 GiB, NX: %x", error);
	CHECK(mmu_peek(&the_cpu, HIGH + 0x3f123456, &gpa) == 0 && gpa == 0x17f123456, "1 GiB, peek");
	/* a large page of 512 GiB does not exist */
	poke64(PML4_AT + 8 * 511, PDPT_AT | P | W | PS);
	CHECK(!go(HIGH, ACC_READ, false) && error == (PF_P | PF_RSVD), "PS in a PML4 entry: %x", error);
	/* NX without NXE */
	set_long();
	the_cpu.efer &= ~(uint64_t)EFER_NXE;
	poke64(PML4_AT + 8 * 511, PDPT_AT | P | W | NX);
	CHECK(!go(HIGH + 0x5000, ACC_EXEC, false) && error == (PF_P | PF_RSVD), "NX without NXE: %x", error);
	the_cpu.cr4 |= CR4_SMEP;
	CHECK(!go(HIGH + 0x5000, ACC_EXEC, false) && error == (PF_P | PF_RSVD | PF_I), "with SMEP: %x", error);
	/* tables above 4 GiB are no memory of this machine: read through the board */
	set_long();
	the_cpu.cr3 = 0x123456000;
	unsigned before = mmio_reads;
	go(HIGH, ACC_READ, false);
	CHECK(mmio_reads > before, "CR3 above 4 GiB");
	the_cpu.efer = 0;
}

static void test_off_and_a20(void)
{
	the_cpu.cr0 = CR0_PE;
	the_cpu.cr4 = 0;
	CHECK(go(0x00345678, ACC_WRITE, true) && out.page.gpa == 0x345000 && out.page.rights == RIGHTS_ALL, "paging off");
	the_cpu.a20 = false;
	CHECK(go(0x00345678, ACC_WRITE, true) && out.page.gpa == 0x245000, "A20 off: %llx", (unsigned long long)out.page.gpa);
	set_32();
	poke32(PD, PT | 1u << 20 | P);
	poke32(PT, 0x00300000 | P);
	CHECK(go(0x123, ACC_READ, false) && out.page.gpa == 0x200000, "A20 off with paging: %llx", (unsigned long long)out.page.gpa);
	the_cpu.a20 = true;
}

static void test_tables_elsewhere(void)
{
	uint64_t gpa;
	unsigned before;

	set_32();
	poke32(PD, 0xe1000000 | P | W | U);
	before = mmio_reads;
	go(0x123, ACC_READ, false);
	CHECK(mmio_reads == before + 1, "table in MMIO not read through the board");
	poke32(PD, PT | P | W | U);
	poke32(PT + 4, 0x42000 | P);
	CHECK(mmu_peek(&the_cpu, 0x1abc, &gpa) == 0 && gpa == 0x42abc, "peek");
	CHECK(peek32(PD) == (PT | P | W | U) && peek32(PT + 4) == (0x42000 | P), "peek set A");
	CHECK(mmu_peek(&the_cpu, 0x2abc, &gpa) == -1, "peek of an absent page");
	mmu_protect_code_page(PT);
	before = code_writes;
	CHECK(go(0x1abc, ACC_READ, false) && code_writes == before + 1, "accessed bit set in a code page unnoticed");
	mmu_unprotect_code_page(PT);
}

int main(void)
{
	model_start();
	test_32_rights();
	test_32_large();
	test_pae();
	test_long_rights();
	test_long_formats();
	test_off_and_a20();
	test_tables_elsewhere();
	return report();
}
