/* The guest's page walk: formats, rights, reserved bits, accessed and dirty bits, error codes. */
#include "tests/unit/mmu_model.h"

#include "translator/physmap.c"
#include "translator/walk.c"
#include "translator/softtlb.c"
#include "translator/codepage.c"
#include "translator/mem.c"
#include "translator/mmu.c"

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

static bool go(uint32_t lin, int acc, bool user)
{
	error = 0xdead;
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
	CHECK(go(0xc0123456, ACC_READ, false) && out.page.gpa == 0x00923000 && out.large && out.page.global, "4M read");
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
	CHECK(go(0xc0563123, ACC_WRITE, false) && out.page.gpa == 0x763000 && out.large, "2M: %llx", (unsigned long long)out.page.gpa);
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
	test_off_and_a20();
	test_tables_elsewhere();
	return report();
}
