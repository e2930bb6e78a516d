// SOURCES: translator/decode.c translator/decode_quick.c translator/decode_0f.c translator/decode_0f38.c translator/decode_groups.c translator/decode_tables.c translator/insn_info.c
/* Accesses from C and host faults: kinds of pages, page crossings, code pages, aliases, invalidation. */
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

#define PD 0x10000u
#define PT 0x11000u
#define LD_W 0x28800000u  /* ld.w  r0, r0, 0 */
#define LD_D 0x28c00000u
#define ST_B 0x29000000u
#define ST_W 0x29800000u
#define ST_D 0x29c00000u
#define VLD 0x2c000000u
#define VST 0x2c400000u
#define AMADD_W 0x38610000u
#define RJ(n) ((n) << 5)
#define RK(n) ((n) << 10)
#define ADDRESS_REG 5
#define VALUE_REG 6

static int host_load(uint32_t insn, uint64_t va, bool user)
{
	model_frame.r[ADDRESS_REG] = va;
	return model_run(insn | RJ(ADDRESS_REG) | VALUE_REG, user);
}

static int host_store(uint32_t insn, uint64_t va, uint64_t value, bool user)
{
	model_frame.r[VALUE_REG] = value;
	return host_load(insn, va, user);
}

/* 4 KiB pages: linear page n -> pte[n] */
static void paging(void)
{
	the_cpu.cr0 = CR0_PE | CR0_PG | CR0_WP;
	the_cpu.cr4 = CR4_PSE | CR4_PGE;
	the_cpu.cr3 = PD;
	memset(memory + PD, 0, 0x3000);
	poke32(PD, PT | 7);
	poke32(PD + 0x800, PT | 7);
	poke32(PD + 0xffc, PT | 7);
	mmu_flush(&the_cpu, false);
}

static void set_pte(unsigned n, uint32_t pte)
{
	poke32(PT + 4 * n, pte);
}

static void test_plain(void)
{
	uint8_t buf[64], want[64];

	mem_write32(&the_cpu, 0x20000, 0x12345678, 0);
	CHECK(peek32(0x20000) == 0x12345678 && mem_read16(&the_cpu, 0x20002, 0) == 0x1234, "read back");
	mem_write64(&the_cpu, 0x20ffc, 0x1122334455667788, 0);
	CHECK(peek32(0x20ffc) == 0x55667788 && peek32(0x21000) == 0x11223344, "crossing write");
	CHECK(mem_read64(&the_cpu, 0x20ffc, 0) == 0x1122334455667788, "crossing read");
	for (unsigned i = 0; i < sizeof(want); i++)
		want[i] = i * 5 + 1;
	mem_write(&the_cpu, 0x22fe0, want, sizeof(want), 0);
	mem_read(&the_cpu, 0x22fe0, buf, sizeof(buf), 0);
	CHECK(!memcmp(buf, want, sizeof(buf)), "block");
	mem_write8(&the_cpu, 0xffffffff00023000, 7, 0);
	CHECK(memory[0x23000] == 7, "alias");
	CHECK(mem_span(&the_cpu, 0x23000, 1, ACC_WRITE) == memory + 0x23000, "pointer");
	mem_write16(&the_cpu, 0xffffffffull, 0xbeef, 0);
	CHECK(memory[0] == 0xbe, "wrap at 4 GiB");
}

static void test_mmio(void)
{
	uint64_t v = 0;

	CHECK(mem_read32(&the_cpu, 0xfec00010, 0) == (mmio_byte(0xfec00010) | mmio_byte(0xfec00011) << 8 | mmio_byte(0xfec00012) << 16 |
		(uint32_t)mmio_byte(0xfec00013) << 24), "MMIO read");
	mem_write16(&the_cpu, 0xfec00020, 0xabcd, 0);
	CHECK(mmio_last_gpa == 0xfec00020 && mmio_last_size == 2 && mmio_last_value == 0xabcd, "MMIO write");
	v = mem_read64(&the_cpu, 0xfec00ffd, 0);
	for (unsigned i = 0; i < 8; i++)
		CHECK((uint8_t)(v >> 8 * i) == mmio_byte(0xfec00ffd + i), "MMIO byte %u", i);
	CHECK(!mem_span(&the_cpu, 0xfec00000, 1, ACC_READ), "pointer to MMIO");
	CHECK(!mem_span(&the_cpu, ROM_BASE, 1, ACC_WRITE) && mem_span(&the_cpu, ROM_BASE, 1, ACC_READ), "pointer to ROM");
	memory[ROM_AT + 5] = 0x77;
	mem_write8(&the_cpu, ROM_BASE + 5, 1, 0);
	CHECK(memory[ROM_AT + 5] == 0x77 && mmio_last_gpa == ROM_BASE + 5, "ROM write");
	CHECK(mem_read8(&the_cpu, ROM_BASE + 5, 0) == 0x77, "ROM read");
	mem_write32(&the_cpu, DEVICE_BASE + 8, 0xfeedf00d, 0);
	CHECK(peek32(DEVICE_AT + 8) == 0xfeedf00d && mem_read32(&the_cpu, DEVICE_BASE + 8, 0) == 0xfeedf00d, "device");

	CHECK(host_load(LD_W, 0xfffffffffec00010, false) == RAN, "host MMIO read");
	CHECK((uint32_t)model_frame.r[VALUE_REG] == mem_read32(&the_cpu, 0xfec00010, 0), "host MMIO value");
	CHECK(host_store(ST_W, 0xfec00030, 0x55aa55aa, false) == RAN && mmio_last_gpa == 0xfec00030 && mmio_last_value == 0x55aa55aa &&
		mmio_last_size == 4, "host MMIO write");
	CHECK(host_load(VLD, 0xfec00008, false) == RAN && vregs[VALUE_REG][15] == mmio_byte(0xfec00017), "host MMIO vector read");
	CHECK(host_store(VST, 0xfec00040, 0, false) == RAN && mmio_last_gpa == 0xfec00048 && mmio_last_size == 8, "vector write");
	CHECK(host_store(ST_W, ROM_BASE, 1, false) == RAN && mmio_last_gpa == ROM_BASE, "host ROM write");
	CHECK(host_store(ST_W, DEVICE_BASE + 12, 0x1234, false) == RAN && peek32(DEVICE_AT + 12) == 0x1234, "host device write");
	the_cpu.stop = 1;
	host_load(LD_W, 0xfec00010, false);
	CHECK(model_frame.r[H_STOP] == 1, "stop register");
	the_cpu.stop = 0;
	model_frame.r[VALUE_REG] = 0;
	model_frame.r[7] = 5;
	poke32(0x24000, 37);
	model_frame.r[ADDRESS_REG] = 0x24002;
	poke32(0x24002, 37);
	fake_code[0] = AMADD_W | RK(7) | RJ(ADDRESS_REG) | VALUE_REG;
	model_frame.era = (uintptr_t)fake_code;
	model_frame.badv = 0x24002;
	model_frame.estat = ECODE_ALE << 16;
	CHECK(mmu_host_fault(&the_cpu, &model_frame) == 0 && peek32(0x24002) == 42 && model_frame.r[VALUE_REG] == 37 &&
		model_frame.era == (uintptr_t)&fake_code[1], "unaligned atomic");
}

static void test_alignment(void)
{
	paging();
	set_pte(0x20, 0x30000 | 7);
	the_cpu.cpl = 3;
	the_cpu.mode = MODE_AC;
	CHECK(FAULTS(mem_read32(&the_cpu, 0x20002, 0)) && raised_vector == EXC_AC && raised_error == 0, "unaligned load");
	raised_vector = 0;
	CHECK(FAULTS(mem_write16(&the_cpu, 0x20003, 1, 0)) && raised_vector == EXC_AC, "unaligned store");
	CHECK(FAULTS(mem_probe_aligned(&the_cpu, 0x20004, 8, ACC_READ)), "unaligned probe");
	CHECK(!FAULTS(mem_read32(&the_cpu, 0x20004, 0)) && !FAULTS(mem_write64(&the_cpu, 0x20008, 1, 0)), "aligned");
	CHECK(!FAULTS(mem_read32(&the_cpu, 0x20002, ACC_IMPLICIT)) && !FAULTS(mem_probe(&the_cpu, 0x20001, 8, ACC_READ)), "not checked");
	the_cpu.mode = 0;
	the_cpu.cpl = 0;
}

static void test_faults(void)
{
	paging();
	set_pte(0x20, 0x30000 | 7);
	set_pte(0x21, 0);
	set_pte(0x22, 0x32000 | 5);
	poke32(0x30ff8, 1);
	poke32(0x30ffc, 2);
	the_cpu.cpl = 3;
	CHECK(FAULTS(mem_write64(&the_cpu, 0x20ffc, 9, 0)) && raised_cr2 == 0x21000 && raised_error == (PF_W | PF_U), "cr2 %llx error %x",
		(unsigned long long)raised_cr2, raised_error);
	CHECK(peek32(0x30ffc) == 2, "partial store");
	CHECK(host_store(ST_D, 0x20ffc, 9, true) == RAISED && raised_cr2 == 0x21000 && raised_error == (PF_W | PF_U), "host cr2 %llx error %x",
		(unsigned long long)raised_cr2, raised_error);
	model_badv_bias = 1;
	CHECK(host_store(ST_D, 0x20ffc, 9, true) == RAISED && raised_cr2 == 0x21000, "BADV of the first byte: cr2 %llx",
		(unsigned long long)raised_cr2);
	model_badv_bias = 0;
	CHECK(FAULTS(mem_write8(&the_cpu, 0x22000, 1, 0)) && raised_error == (PF_P | PF_W | PF_U), "read-only: %x", raised_error);
	CHECK(!FAULTS(mem_read8(&the_cpu, 0x22000, 0)), "read of a read-only page");
	CHECK(host_store(ST_B, 0x22000, 1, true) == RAISED && raised_error == (PF_P | PF_W | PF_U), "host store, read-only");
	set_pte(0x23, 0x33000 | 3);
	CHECK(FAULTS(mem_read8(&the_cpu, 0x23000, 0)) && raised_error == (PF_P | PF_U), "supervisor page");
	CHECK(!FAULTS(mem_read8(&the_cpu, 0x23000, ACC_IMPLICIT)), "implicit access");
	CHECK(host_load(LD_W, 0x23000, true) == RAISED && raised_error == (PF_P | PF_U), "host load of supervisor page: %x", raised_error);
	CHECK(FAULTS(mem_probe(&the_cpu, 0x20ff0, 32, ACC_WRITE)) && raised_cr2 == 0x21000, "probe");
	point_flags = POINT_MODIFIES;
	CHECK(host_load(LD_W, 0x21004, true) == RAISED && raised_cr2 == 0x21004 && raised_error == (PF_W | PF_U), "modify, absent: %x",
		raised_error);
	CHECK(host_load(LD_W, 0x23000, true) == RAISED && raised_error == (PF_P | PF_W | PF_U), "modify, supervisor: %x", raised_error);
	set_pte(0x22, 0x32000 | 5);
	mmu_flush(&the_cpu, true);
	CHECK(host_load(LD_W, 0x22000, true) == RAISED && raised_error == (PF_P | PF_W | PF_U), "modify, read-only: %x", raised_error);
	CHECK(host_load(LD_W, 0x20000, true) == RAN, "modify, writable");
	point_flags = POINT_MODIFIES | POINT_WORD;
	model_frame.r[T0] = 0x21007;
	CHECK(host_load(LD_W, 0x21004, true) == RAISED && raised_cr2 == 0x21007, "word around: cr2 %llx", (unsigned long long)raised_cr2);
	point_flags = 0;
	the_cpu.cpl = 0;
	CHECK(FAULTS(mem_write8(&the_cpu, 0x22000, 1, 0)) && raised_error == (PF_P | PF_W), "WP");
	the_cpu.cr0 &= ~CR0_WP;
	mmu_flush(&the_cpu, true);
	CHECK(host_store(ST_B, 0x22000, 0x5a, false) == RAN && memory[0x32000] == 0x5a, "WP clear");
	CHECK(host_load(LD_W, 0x22000, true) == RAN, "user load after the supervisor's store");
	CHECK(host_store(ST_B, 0x22000, 0x5b, true) == RAISED, "user store after the supervisor's store");
	CHECK(host_store(ST_B, 0x22000, 0x5c, false) == RAN && memory[0x32000] == 0x5c, "WP clear again");
	the_cpu.cr0 |= CR0_WP;
	mmu_flush(&the_cpu, true);
}

static void test_dirty(void)
{
	paging();
	set_pte(0x20, 0x30000 | 7);
	CHECK(host_load(LD_W, 0x20000, false) == RAN && (peek32(PT + 0x80) & 0x60) == 0x20, "load sets A only");
	CHECK(host_store(ST_W, 0x20000, 1, false) == RAN && (peek32(PT + 0x80) & 0x60) == 0x60, "store sets D");
	set_pte(0x21, 0x31000 | 7);
	mem_read8(&the_cpu, 0x21000, 0);
	CHECK((peek32(PT + 0x84) & 0x60) == 0x20, "C read");
	mem_write8(&the_cpu, 0x21000, 0, 0);
	CHECK((peek32(PT + 0x84) & 0x60) == 0x60, "C write");
}

static void test_invlpg(void)
{
	paging();
	set_pte(0, 0x30000 | 0x67);
	poke32(0x30000, 1);
	poke32(0x31000, 2);
	/* page 0x80000000 by all its names */
	CHECK(host_load(LD_W, 0x80000000, false) == RAN && host_load(LD_W, 0xffffffff80000000, false) == RAN, "aliases");
	CHECK(host_load(LD_W, 0x100000000, false) == RAN && host_load(LD_W, 0, false) == RAN, "aliases of 0");
	set_pte(0, 0x31000 | 0x67);
	mmu_invlpg(&the_cpu, 0x80000000);
	mmu_invlpg(&the_cpu, 0);
	host_load(LD_W, 0x80000000, false);
	CHECK(model_frame.r[VALUE_REG] == 2, "low alias survived");
	host_load(LD_W, 0xffffffff80000000, false);
	CHECK(model_frame.r[VALUE_REG] == 2, "high alias survived");
	host_load(LD_W, 0x100000000, false);
	CHECK(model_frame.r[VALUE_REG] == 2, "alias above 4 GiB survived");
	host_load(LD_W, 0, false);
	CHECK(model_frame.r[VALUE_REG] == 2, "page 0 survived");
	/* a page that the software TLB has forgotten for another with the same index */
	poke32(PD + 0x10 * 4, PT | 7);
	CHECK(host_load(LD_W, 0, false) == RAN && host_load(LD_W, 0x04000000, false) == RAN, "conflict");
	set_pte(0, 0x30000 | 0x67);
	mmu_invlpg(&the_cpu, 0);
	host_load(LD_W, 0, false);
	CHECK(model_frame.r[VALUE_REG] == 1, "evicted page survived");
	/* a large page goes as a whole */
	poke32(PD + 4, 0x00400000 | 0xe7);
	poke32(0x401000, 11);
	poke32(0x801000, 12);
	CHECK(host_load(LD_W, 0x401000, false) == RAN && model_frame.r[VALUE_REG] == 11, "large page");
	poke32(PD + 4, 0x00800000 | 0xe7);
	mmu_invlpg(&the_cpu, 0x7ff000);
	host_load(LD_W, 0x401000, false);
	CHECK(model_frame.r[VALUE_REG] == 12, "part of a large page survived");
}

static void test_global(void)
{
	paging();
	set_pte(0x20, 0x30000 | 0x167);
	set_pte(0x21, 0x31000 | 0x67);
	poke32(0x30000, 1);
	poke32(0x31000, 2);
	poke32(0x32000, 3);
	host_load(LD_W, 0x20000, false);
	host_load(LD_W, 0x21000, false);
	set_pte(0x20, 0x32000 | 0x167);
	set_pte(0x21, 0x32000 | 0x67);
	mmu_flush(&the_cpu, true);
	host_load(LD_W, 0x20000, false);
	CHECK(model_frame.r[VALUE_REG] == 1 || model_frame.r[VALUE_REG] == 3, "global page neither kept nor found anew");
	host_load(LD_W, 0x21000, false);
	CHECK(model_frame.r[VALUE_REG] == 3, "neighbour of a global page survived");
	mmu_flush(&the_cpu, true);
	mmu_invlpg(&the_cpu, 0x20000);
	host_load(LD_W, 0x20000, false);
	CHECK(model_frame.r[VALUE_REG] == 3, "INVLPG spared a global page");
	set_pte(0x20, 0x31000 | 0x167);
	mmu_flush(&the_cpu, false);
	host_load(LD_W, 0x20000, false);
	CHECK(model_frame.r[VALUE_REG] == 2, "full flush spared a global page");
}

/* Faults of loads from n pages, one in each 8 KiB, from linear page `first` on. */
static unsigned faults_of_loads(unsigned first, unsigned n)
{
	unsigned before = model_faults;

	for (unsigned k = 0; k < n; k++)
		host_load(LD_W, (first + 2 * k) * 0x1000, false);
	return model_faults - before;
}

/* A pair of global pages is found by the refill handler in every context. */
static void test_shared(void)
{
	paging();
	set_pte(0x20, 0x30000 | 0x167);
	set_pte(0x21, 0x31000 | 0x167);
	poke32(0x30000, 1);
	poke32(0x40000, 2);
	host_load(LD_W, 0x20000, false);
	mmu_flush(&the_cpu, true);
	CHECK(faults_of_loads(0x20, 1) == 0 && model_frame.r[VALUE_REG] == 1, "global page missed after a CR3 load");
	/* with a neighbour that is not global it serves one context only */
	set_pte(0x21, 0x31000 | 0x67);
	mmu_invlpg(&the_cpu, 0x21000);
	host_load(LD_W, 0x21000, false);
	set_pte(0x21, 0x40000 | 0x67);
	mmu_flush(&the_cpu, true);
	host_load(LD_W, 0x21000, false);
	CHECK(model_frame.r[VALUE_REG] == 2, "a page that is not global was shared");
}

/* The refill handler finds what has been accessed by itself; the rest comes to C, which sets accessed bits. */
static void test_refill(void)
{
	paging();
	for (unsigned k = 0; k < 16; k++)
		set_pte(0x20 + k, (0x30000 + 0x1000 * k) | 0x67);
	CHECK(faults_of_loads(0x20, 8) == 1, "a page behind an entry not accessed yet, and those around it");
	mmu_flush(&the_cpu, false);
	CHECK(faults_of_loads(0x20, 8) == 0, "pages accessed before were missed");
	for (unsigned k = 0; k < 16; k++)
		set_pte(0x20 + k, (0x30000 + 0x1000 * k) | 0x47);
	mmu_flush(&the_cpu, false);
	CHECK(faults_of_loads(0x20, 8) == 8, "pages were entered that nobody had accessed");
	CHECK((peek32(PT + 4 * 0x21) & 0x20) == 0, "accessed bit of a page that nobody has accessed");
}

/* A store to a page not dirty yet comes to C, though a load of it has not. */
static void test_refill_clean(void)
{
	unsigned before = model_faults;

	paging();
	set_pte(0x1f, 0x31000 | 0x67);
	host_load(LD_W, 0x1f000, false);
	set_pte(0x20, 0x30000 | 0x27);
	before = model_faults;
	CHECK(host_load(LD_W, 0x20000, false) == RAN && model_faults == before, "load of a clean page");
	CHECK(host_store(ST_W, 0x20000, 1, false) == RAN && model_faults == before + 1, "store to a clean page");
	CHECK(peek32(PT + 4 * 0x20) == (0x30000 | 0x67), "dirty bit: %x", peek32(PT + 4 * 0x20));
}

/* The page that a guest maps because of its fault, or after INVLPG, is found by the refill handler. */
static void test_refill_awaited(void)
{
	unsigned before;

	paging();
	set_pte(0x21, 0x31000 | 0x67);
	poke32(0x30000, 7);
	host_load(LD_W, 0x21000, true);
	CHECK(host_load(LD_W, 0x20000, true) == RAISED && raised_error == PF_U, "absent page");
	set_pte(0x20, 0x30000 | 0x67);
	before = model_faults;
	CHECK(host_load(LD_W, 0x20000, true) == RAN && model_frame.r[VALUE_REG] == 7 && model_faults == before, "page mapped after its fault");
	set_pte(0x20, 0x31000 | 0x65);
	mmu_invlpg(&the_cpu, 0x20000);
	CHECK(host_load(LD_W, 0x20000, true) == RAN && model_frame.r[VALUE_REG] != 7 && model_faults == before, "page changed before INVLPG");
	CHECK(host_load(LD_W, 0x21000, true) == RAN && model_faults == before, "the other page of the pair");
	CHECK(host_store(ST_W, 0x20000, 1, true) == RAISED && raised_error == (PF_P | PF_W | PF_U), "store to a read-only page");
	set_pte(0x20, 0x30000 | 0x67);
	before = model_faults;
	CHECK(host_store(ST_W, 0x20000, 9, true) == RAN && peek32(0x30000) == 9 && model_faults == before, "page copied after its fault");
}

/* What the refill handler must leave to C: reserved bits, and tables that a read may change. */
static void test_refill_left(void)
{
	unsigned reads;

	paging();
	the_cpu.cr4 |= CR4_PSE;
	mmu_flush(&the_cpu, false);
	poke32(PD + 4, 0x00400000 | 0x2000e7 | 1 << 21);
	CHECK(host_load(LD_W, 0x400000, false) == RAISED && raised_error == (PF_P | PF_RSVD), "reserved bit of a large page: %x", raised_error);
	poke32(PD + 4, 0xe0001000 | 0x67);
	reads = mmio_reads;
	CHECK(!softtlb_refill(&the_cpu, 0x400000) && mmio_reads == reads, "a table in device memory was read");
	host_load(LD_W, 0x400000, false);
	CHECK(mmio_reads > reads, "table in device memory");
}

/* Notes of page tables go with INVLPG of any address, and with a CR3 load. */
static void test_table_notes(void)
{
	paging();
	set_pte(0x20, 0x30000 | 0x67);
	set_pte(0x21, 0x30000 | 0x67);
	poke32(0x15000 + 4 * 0x20, 0x31000 | 0x67);
	poke32(0x15000 + 4 * 0x28, 0x31000 | 0x67);
	poke32(0x30000, 1);
	poke32(0x31000, 2);
	host_load(LD_W, 0x20000, false);
	poke32(PD, 0x15000 | 0x67);
	mmu_invlpg(&the_cpu, 0x20000);
	host_load(LD_W, 0x20000, false);
	CHECK(model_frame.r[VALUE_REG] == 2, "table that INVLPG should have made the CPU forget");
	poke32(PD, PT | 0x67);
	mmu_flush(&the_cpu, true);
	host_load(LD_W, 0x20000, false);
	CHECK(model_frame.r[VALUE_REG] == 1, "table that a CR3 load should have made the CPU forget");
}

/* Pages of a large page that are entered around a missed one: A20 holds for them, too. */
static void test_refill_a20(void)
{
	paging();
	the_cpu.a20 = false;
	poke32(PD, 0x87 | 0x60);
	mmu_flush(&the_cpu, false);
	poke32(0x22000, 5);
	poke32(0x122000, 6);
	host_load(LD_W, 0x120000, false);
	host_load(LD_W, 0x122000, false);
	CHECK(model_frame.r[VALUE_REG] == 5, "A20 did not count for a page around a missed one");
	/* ... and for the tables: this one is at PT */
	poke32(PD, (PT | 0x100000) | 0x67);
	poke32(PT | 0x100000 | 4 * 0x22, 0x31000 | 0x67);
	set_pte(0x22, 0x30000 | 0x67);
	poke32(0x30000, 7);
	mmu_flush(&the_cpu, false);
	host_load(LD_W, 0x22000, false);
	CHECK(model_frame.r[VALUE_REG] == 7, "A20 did not count for a table");
	the_cpu.a20 = true;
	mmu_flush(&the_cpu, false);
}

static void test_code_pages(void)
{
	unsigned before;

	paging();
	set_pte(0x20, 0x30000 | 0x67);
	set_pte(0x55, 0x30000 | 0x67);
	set_pte(0x56, 0x31000 | 0x67);
	host_store(ST_W, 0x20000, 1, false);
	host_store(ST_W, 0xffffffff80055000, 1, false);
	before = code_writes;
	mmu_protect_code_page(0x30000);
	CHECK(host_store(ST_W, 0x20004, 0xaa, false) == RAN && code_writes == before + 1 && code_last_gpa == 0x30004 && code_last_len == 4 &&
		code_last_pc == (uintptr_t)fake_code, "store through one mapping");
	CHECK(peek32(0x30004) == 0xaa, "store not done");
	CHECK(host_store(ST_W, 0xffffffff80055008, 0xbb, false) == RAN && code_writes == before + 2 && peek32(0x30008) == 0xbb, "other mapping");
	mem_write16(&the_cpu, 0x2000c, 0xcc, 0);
	CHECK(code_writes == before + 3 && code_last_pc == 0 && code_last_gpa == 0x3000c, "store from C");
	mem_span(&the_cpu, 0x20ff0, 16, ACC_WRITE);
	CHECK(code_writes == before + 4 && code_last_len == 16, "pointer for writing");
	code_redo = true;
	CHECK(host_store(ST_W, 0x20010, 0xdd, false) == EXITED && peek32(0x30010) != 0xdd, "store into its own region");
	CHECK(host_store(ST_D, 0x20ffc, 0xee, false) == RAISED, "next page absent");
	set_pte(0x1f, 0x32000 | 0x67);
	CHECK(host_store(ST_D, 0x1fffc, ~0ull, false) == EXITED && peek32(0x32ffc) == 0 && peek32(0x30000) == 1, "crossing into code: partial");
	code_redo = false;
	mmu_unprotect_code_page(0x30000);
	before = code_writes;
	CHECK(host_store(ST_W, 0x20020, 0xff, false) == RAN && code_writes == before && peek32(0x30020) == 0xff, "unprotected");
	/* a writable mapping that only the host TLB remembers */
	host_store(ST_W, 0x56000, 1, false);
	poke32(PD + 0x10 * 4, PT | 7);
	host_store(ST_W, 0x04056000 - 0x36000, 1, false);
	set_pte(0x57, 0);
	host_store(ST_W, 0x04057000 - 0x1000, 1, false);
	mmu_protect_code_page(0x31000);
	before = code_writes;
	CHECK(host_store(ST_W, 0x56004, 2, false) == RAN && code_writes == before + 1, "evicted mapping still writable");
	mmu_unprotect_code_page(0x31000);
}

static void test_map_change(void)
{
	const uint8_t *host_at;

	the_cpu.cr0 = CR0_PE;
	mmu_flush(&the_cpu, false);
	memory[0xf0010] = 1;
	memory[ROM_AT + 0x30010] = 2;
	CHECK(mem_read8(&the_cpu, 0xf0010, 0) == 1, "RAM below 1 MiB");
	CHECK(mmu_fetch(&the_cpu, 0xf0010, &host_at) == 0xf0010 && host_at == memory + 0xf0010, "fetch");
	low_is_rom = true;
	mmu_phys_map_changed();
	CHECK(mem_read8(&the_cpu, 0xf0010, 0) == 2 && (the_cpu.pending & PEND_FLUSH), "ROM shown");
	host_load(LD_W, 0xf0010, false);
	CHECK((uint8_t)model_frame.r[VALUE_REG] == 2, "host sees ROM");
	CHECK(mmu_fetch(&the_cpu, 0xf0010, &host_at) == 0xf0010 && host_at == memory + ROM_AT + 0x30010, "fetch from ROM");
	CHECK(mmu_fetch(&the_cpu, 0xfec00000, &host_at) == 0xfec00000 && !host_at, "fetch from MMIO");
	for (unsigned i = 0; i < 70000; i++)
		phys_forget();
	low_is_rom = false;
	mmu_phys_map_changed();
	CHECK(mem_read8(&the_cpu, 0xf0010, 0) == 1, "generation wrap");
	the_cpu.a20 = false;
	mmu_phys_map_changed();
	memory[0x23] = 0x99;
	CHECK(mem_read8(&the_cpu, 0x100023, 0) == 0x99, "A20");
	the_cpu.a20 = true;
	mmu_phys_map_changed();
	the_cpu.pending = the_cpu.stop = 0;
	for (unsigned i = 0; i < 3000; i++)
		mmu_flush(&the_cpu, i & 1);
	CHECK(mem_read8(&the_cpu, 0xf0010, 0) == 1, "many contexts");
}

static void test_not_guest(void)
{
	model_frame.era = 0x1234;
	model_frame.estat = ECODE_PIL << 16;
	model_frame.badv = 8;
	CHECK(mmu_host_fault(&the_cpu, &model_frame) < 0, "a null pointer of the firmware taken for the guest's");
	model_frame.era = (uintptr_t)fake_code;
	model_frame.estat = 8 << 16;
	CHECK(mmu_host_fault(&the_cpu, &model_frame) < 0, "address error");
}

/* In the stubs: what is not about an address is not taken for the guest's. */
static void test_guarded(void)
{
	const uint64_t at = 0x5678, on = 0x9abc;

	model_guarded = at;
	for (unsigned ecode = 0; ecode < 64; ecode++) {
		bool access = ecode == ECODE_PIL || ecode == ECODE_PIS || ecode == ECODE_PME || ecode == ECODE_ADE || ecode == ECODE_ALE;

		if (ecode == ECODE_PPI || ecode == ECODE_TLBR) /* these depend on the instruction, of which there is none here */
			continue;
		model_frame.era = at;
		model_frame.estat = ecode << 16;
		model_frame.badv = 0x7ffff000;
		model_frame.r[H_RA] = on;
		int r = mmu_host_fault(&the_cpu, &model_frame);
		CHECK(access ? r == 0 && model_frame.era == on : r < 0 && model_frame.era == at, "exception %u in a stub", ecode);
	}
	model_guarded = UINT64_MAX;
}

int main(void)
{
	model_start();
	test_plain();
	test_mmio();
	test_alignment();
	test_faults();
	test_dirty();
	test_invlpg();
	test_global();
	test_shared();
	test_refill();
	test_refill_clean();
	test_refill_awaited();
	test_refill_left();
	test_table_notes();
	test_refill_a20();
	test_code_pages();
	test_map_change();
	test_not_guest();
	test_guarded();
	return report();
}
