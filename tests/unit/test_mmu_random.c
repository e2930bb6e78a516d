// SOURCES: translator/decode.c translator/decode_quick.c translator/decode_0f.c translator/decode_0f38.c translator/decode_groups.c translator/decode_tables.c translator/insn_info.c
/*
 * The guest MMU against a model: random page tables, rights, contexts, code pages and conflicts in the software TLB, with loads and
 * stores by host instructions and from C. Every outcome (value, #PF with CR2 and error code, notice of a store into code) must be
 * the architecture's. Page tables change only together with the invalidation that the architecture asks for.
 */
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
#define PD 0x10000u
#define PT 0x11000u
#define LINEAR 24u     /* linear pages in use */
#define FRAMES 10u     /* physical pages in use, from FRAME_BASE, then two of MMIO */
#define FRAME_BASE 0x100000u
#define ADDRESS_REG 5
#define VALUE_REG 6

/* Adjacent pages, pages that meet at the ends of the address space, and pages that collide in the software TLB. */
static const uint32_t linear[LINEAR] = {
	0x00000, 0x00001, 0x00002, 0x00003, 0x7fffe, 0x7ffff, 0x80000, 0x80001, 0xffffe, 0xfffff, 0x04000, 0x04001,
	0x08000, 0x08002, 0x84000, 0x84001, 0x12345, 0x12346, 0x16345, 0x16346, 0xc0100, 0xc0101, 0xc4100, 0xc4101,
};

static uint64_t seed = 88172645463325252ull;
static bool is_code[FRAMES];

static uint32_t rnd(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 11) % n;
}

static uint32_t *pte_at(uint32_t page)
{
	uint32_t pde;

	memcpy(&pde, memory + PD + 4 * (page >> 10), 4);
	return (uint32_t *)(memory + (pde & ~0xfffu)) + (page & 0x3ff);
}

static uint32_t random_pte(bool global_ok)
{
	uint32_t frame = rnd(FRAMES + 2);
	uint32_t at = frame < FRAMES ? FRAME_BASE + frame * 0x1000 : 0xfec00000 + (frame - FRAMES) * 0x1000;

	return at | (rnd(8) ? 1 : 0) | (rnd(4) ? 2 : 0) | (rnd(3) ? 4 : 0) | (rnd(2) ? 0x20 : 0) | (rnd(2) ? 0x40 : 0) |
		(global_ok && !rnd(3) ? 0x100 : 0);
}

static void random_tables(void)
{
	for (unsigned i = 0; i < LINEAR; i++)
		*pte_at(linear[i]) = random_pte(true);
}

static void setup(void)
{
	uint32_t next = PT;

	the_cpu.cr0 = CR0_PE | CR0_PG | CR0_WP;
	the_cpu.cr4 = CR4_PGE;
	the_cpu.cr3 = PD;
	for (unsigned i = 0; i < LINEAR; i++) {
		uint32_t *pde = (uint32_t *)(memory + PD) + (linear[i] >> 10);
		if (!*pde) {
			*pde = next | 7;
			next += 0x1000;
		}
	}
	random_tables();
	mmu_flush(&the_cpu, false);
}

/* What the architecture says of one byte: -1 for allowed, else the #PF error code. */
static int expect(uint32_t lin, bool write, bool user)
{
	uint32_t pte = *pte_at(lin >> 12);
	uint32_t code = (write ? PF_W : 0) | (user ? PF_U : 0);

	if (!(pte & 1))
		return code;
	if ((user && !(pte & 4)) || (write && !(pte & 2) && (user || (the_cpu.cr0 & CR0_WP))))
		return code | PF_P;
	return -1;
}

static uint64_t gpa_of(uint32_t lin)
{
	return (*pte_at(lin >> 12) & ~0xfffu) | (lin & 0xfff);
}

static uint8_t byte_at(uint32_t lin)
{
	uint64_t gpa = gpa_of(lin);

	return gpa < GUEST_SIZE ? memory[gpa] : mmio_byte(gpa);
}

/* A host address for lin: its sign-extended form or one of the aliases that address arithmetic can produce. */
static uint64_t alias(uint32_t lin)
{
	switch (rnd(4)) {
	case 0:
		return lin;
	case 1:
		return lin < 0x1000 ? lin | 1ull << 32 : lin;
	case 2:
		return lin >= 0x7ffff000 ? lin | 0xffffffff00000000ull : lin;
	default: /* two registers */
		return lin | 0xffffffff00000000ull;
	}
}

static void access_memory(void)
{
	static const uint32_t loads[4] = { 0x2a000000, 0x2a400000, 0x2a800000, 0x28c00000 };
	static const uint32_t stores[4] = { 0x29000000, 0x29400000, 0x29800000, 0x29c00000 };
	unsigned log2 = rnd(4), size = 1u << log2;
	bool write = rnd(2), user = rnd(2), from_c = !rnd(4), hits_code = false;
	uint32_t off = rnd(3) ? rnd(4096) : 4096 - rnd(8) - 1;
	uint32_t lin = linear[rnd(LINEAR)] << 12 | off;
	bool crosses = off + size > 4096;
	int fault = expect(lin, write, user), how;
	uint32_t cr2 = lin;
	uint64_t value = (uint64_t)rnd(~0u) << 32 | rnd(~0u), got = 0;
	unsigned notices = code_writes;

	if (crosses) {
		uint32_t next = (lin | 0xfff) + 1;
		bool known = false;
		for (unsigned i = 0; i < LINEAR; i++)
			known |= linear[i] == next >> 12;
		if (!known)
			return;
		if (fault < 0) {
			fault = expect(next, write, user);
			cr2 = next;
		}
	}
	for (unsigned i = 0; fault < 0 && write && i < size; i++) {
		uint64_t gpa = gpa_of(lin + i);
		if (gpa < GUEST_SIZE)
			hits_code |= is_code[(gpa - FRAME_BASE) >> 12];
	}
	the_cpu.cpl = user ? 3 : 0;
	model_badv_bias = rnd(2);
	if (from_c) {
		bool bad = write ? FAULTS(mem_write(&the_cpu, lin, &value, size, 0)) : FAULTS(mem_read(&the_cpu, lin, &got, size, 0));
		how = bad ? RAISED : RAN;
	} else {
		model_frame.r[ADDRESS_REG] = alias(lin);
		model_frame.r[VALUE_REG] = value;
		how = model_run((write ? stores : loads)[log2] | ADDRESS_REG << 5 | VALUE_REG, user);
		got = model_frame.r[VALUE_REG];
	}
	if (fault >= 0) {
		CHECK(how == RAISED && raised_cr2 == cr2 && raised_error == (uint32_t)fault, "lin %x size %u write %d user %d c %d: outcome %d, "
			"cr2 %llx error %x, not %x %x", lin, size, write, user, from_c, how, (unsigned long long)raised_cr2, raised_error, cr2, fault);
		return;
	}
	CHECK(how == RAN, "lin %x size %u write %d user %d c %d: outcome %d", lin, size, write, user, from_c, how);
	if (how != RAN)
		return;
	CHECK(!write || hits_code == (code_writes != notices), "lin %x size %u c %d: code %d, notices %u", lin, size, from_c, hits_code,
		code_writes - notices);
	CHECK(!write || crosses || (*pte_at(lin >> 12) & 0x60) == 0x60, "lin %x: A, D after a store", lin);
	CHECK(*pte_at(lin >> 12) & 0x20, "lin %x: A", lin);
	for (unsigned i = 0; i < size; i++) {
		uint8_t want = write ? (uint8_t)(value >> 8 * i) : byte_at(lin + i);
		uint8_t is = write ? byte_at(lin + i) : (uint8_t)(got >> 8 * i);
		if (write && gpa_of(lin + i) >= GUEST_SIZE)
			continue;
		if (write && crosses && gpa_of(lin) >> 12 == gpa_of(lin + size - 1) >> 12)
			continue;
		CHECK(is == want, "lin %x size %u write %d byte %u: %x, not %x", lin, size, write, i, is, want);
	}
}

static void change(void)
{
	unsigned f = rnd(FRAMES), i = rnd(LINEAR);

	switch (rnd(8)) {
	case 0:
		*pte_at(linear[i]) = random_pte(true);
		mmu_invlpg(&the_cpu, (uint64_t)linear[i] << 12);
		break;
	case 1: /* a CR3 load: only pages that are not global may have changed */
		for (unsigned n = 0; n < 4; n++) {
			i = rnd(LINEAR);
			if (!(*pte_at(linear[i]) & 0x100))
				*pte_at(linear[i]) = random_pte(false);
		}
		mmu_flush(&the_cpu, true);
		break;
	case 2:
		if (rnd(8))
			break;
		random_tables();
		if (!rnd(4))
			the_cpu.cr0 ^= CR0_WP;
		mmu_flush(&the_cpu, false);
		break;
	case 3: /* rights gained need no invalidation */
		*pte_at(linear[i]) |= rnd(8) & 6;
		break;
	case 4:
	case 5:
		is_code[f] = true;
		mmu_protect_code_page(FRAME_BASE + f * 0x1000);
		break;
	case 6:
		is_code[f] = false;
		mmu_unprotect_code_page(FRAME_BASE + f * 0x1000);
		break;
	default:
		if (!rnd(50))
			mmu_phys_map_changed();
		the_cpu.pending = the_cpu.stop = 0;
	}
}

int main(void)
{
	model_start();
	setup();
	for (unsigned n = 0; n < STEPS && failed < 20; n++) {
		if (!rnd(6))
			change();
		access_memory();
	}
	return report();
}
