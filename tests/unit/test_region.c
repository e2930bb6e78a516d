// SOURCES: translator/region.c translator/upper.c translator/insn_info.c translator/decode.c translator/decode_quick.c translator/decode_0f.c translator/decode_0f38.c translator/decode_groups.c translator/decode_tables.c
/* What of a loop becomes one region, when there is room for all of it and when there is not. */
#include "translator/region.h"

#include <string.h>

#include "tests/unit/check.h"

#define PAGE 0x401000
#define HEAD 0x100 /* of the loop, within the page */
#define MAX_ENTRIES 100

static uint8_t page[4096];
static struct plan plan;
static uint64_t entries[MAX_ENTRIES];
static unsigned nentries;

static bool begins(const struct source *src, uint64_t eip)
{
	(void)src;
	for (unsigned k = 0; k < nentries; k++)
		if (entries[k] == eip)
			return true;
	return false;
}

static struct source source = { .page = page, .page_eip = PAGE, .gpa = PAGE, .eip_mask = 0xffffffff, .eip_last = 0xffffffff, .begins = begins };

/* A loop of so many instructions: INC EAX, and JNE to its head. RET follows. Returns the EIP of the JNE. */
static uint64_t make_loop(unsigned length)
{
	uint8_t *p = page + HEAD;

	memset(page, 0x90, sizeof page);
	for (unsigned k = 0; k < length - 1; k++)
		*p++ = 0x40;
	*p++ = 0x0f;
	*p++ = 0x85;
	int32_t back = (int32_t)(page + HEAD - (p + 4));
	memcpy(p, &back, sizeof back);
	p[4] = 0xc3;
	nentries = 0;
	return PAGE + HEAD + length - 1;
}

static void collect(uint64_t eip, unsigned max)
{
	CHECK_EQ((uint64_t)plan_collect(&plan, &source, eip, MODE32, max), 0);
	CHECK_EQ(plan.insn[plan.entry].eip, eip);
	plan_analyse(&plan, &source, MODE32);
}

/* Where control leaves the region when the loop goes on: 0 when it stays. */
static uint64_t left_at(uint64_t branch)
{
	uint64_t eip = plan.insn[plan.entry].eip;

	for (unsigned turns = 0; turns < 1000; turns++) {
		if (plan_find(&plan, eip) < 0)
			return eip;
		eip = eip == branch ? PAGE + HEAD : eip + 1;
	}
	return 0;
}

/* Regions that are made for the loop, entered at eip, until control stays in what there is. */
static unsigned regions_for(uint64_t eip, uint64_t branch)
{
	while (eip && !begins(NULL, eip) && nentries < MAX_ENTRIES) {
		collect(eip, REGION_INSNS);
		entries[nentries++] = eip;
		eip = left_at(branch);
	}
	return nentries;
}

static void test_small_loop(void)
{
	uint64_t branch = make_loop(20);

	CHECK_EQ(regions_for(PAGE + HEAD, branch), 1);
	CHECK(!plan.cut);
	CHECK_EQ(plan.n, 21);
	/* entered in its middle, while nothing begins at its head: the same in one piece */
	branch = make_loop(20);
	CHECK_EQ(regions_for(PAGE + HEAD + 7, branch), 1);
	CHECK_EQ(plan.n, 21);
	CHECK_EQ(plan.entry, 7);
}

static void test_known_head(void)
{
	make_loop(20);
	entries[nentries++] = PAGE + HEAD;
	collect(PAGE + HEAD + 7, REGION_INSNS);
	CHECK_EQ(plan.n, 14);
	CHECK_EQ(plan.entry, 0);
	CHECK(!plan.cut);
}

/* Entered in its middle, a loop that begins with an x87 instruction is left to a region of its head. */
static void test_x87_loop(void)
{
	make_loop(20);
	page[HEAD] = 0xd8; /* FADD [EAX] */
	page[HEAD + 1] = 0;
	collect(PAGE + HEAD + 7, REGION_INSNS);
	CHECK_EQ(plan.n, 14);
	CHECK_EQ(plan.entry, 0);
	collect(PAGE + HEAD, REGION_INSNS);
	CHECK_EQ(plan.n, 20);
}

/* Each region ends where the loop leaves it, so if the next went on at the head there would be one for each instruction. */
static void test_large_loops(void)
{
	for (unsigned length = REGION_INSNS - 3; length <= REGION_MAX_INSNS; length++) {
		unsigned pieces = (length + REGION_INSNS - 1) / REGION_INSNS;
		uint64_t branch = make_loop(length);
		CHECK(regions_for(PAGE + HEAD, branch) <= pieces, "%u regions for %u instructions", nentries, length);
		for (unsigned from = 0; from < length; from += 9) {
			branch = make_loop(length);
			CHECK(regions_for(PAGE + HEAD + from, branch) <= 2 * pieces, "%u regions for %u from %u on", nentries, length, from);
		}
	}
}

/* What begins a loop that does not fit is wide at once; other code, and what is to be made smaller, is not. */
static void test_wide(void)
{
	uint64_t branch = make_loop(REGION_MAX_INSNS);

	collect(PAGE + HEAD, REGION_INSNS);
	CHECK(plan.cut); /* by the RET */
	CHECK_EQ(plan.max, REGION_MAX_INSNS);
	CHECK_EQ(plan.n, REGION_MAX_INSNS);
	CHECK_EQ(left_at(branch), 0);
	CHECK(plan.insn[plan.entry].loop_head);
	collect(PAGE + HEAD + 1, REGION_INSNS);
	CHECK(plan.cut);
	CHECK_EQ(plan.n, REGION_INSNS);
	collect(PAGE + HEAD, REGION_INSNS / 2);
	CHECK(plan.cut);
	CHECK_EQ(plan.n, REGION_INSNS / 2);
	page[branch - PAGE + 1] = 0xaf; /* IMUL: no jump */
	collect(PAGE + HEAD, REGION_INSNS);
	CHECK_EQ(plan.n, REGION_INSNS);
}

/* A displacement that ends with the page is looked at, what lies behind the page is not. */
static void test_page_end(void)
{
	uint8_t *jump = page + sizeof page - 5;
	int32_t back = -900;

	memset(page, 0x90, sizeof page);
	jump[0] = 0xe9;
	memcpy(jump + 1, &back, sizeof back);
	nentries = 0;
	collect(PAGE + sizeof page - 900, REGION_INSNS);
	CHECK_EQ(plan.n, REGION_MAX_INSNS);
	jump[0] = 0x90;
	collect(PAGE + sizeof page - 900, REGION_INSNS);
	CHECK_EQ(plan.n, REGION_INSNS);
	collect(PAGE + sizeof page - REGION_INSNS - 8, REGION_INSNS);
	CHECK_EQ(plan.n, REGION_INSNS);
}

/* Runs that are found in another order than that of their addresses; the second ends where the first begins. */
static void test_order(void)
{
	static const uint8_t code[] = {
		0x74, 0x05,       /* 100: je 107 */
		0x74, 0x02,       /* 102: je 106 */
		0xc3,             /* 104: ret */
		0xc3,             /* 105: ret, which nobody goes to */
		0x40,             /* 106: inc eax */
		0x48, 0xeb, 0xf2, /* 107: dec eax; 108: jmp 0fc */
	};
	static const uint16_t at[] = { 0xfc, 0xfd, 0xfe, 0xff, 0x100, 0x102, 0x104, 0x106, 0x107, 0x108 };

	memset(page, 0x90, sizeof page);
	memcpy(page + HEAD, code, sizeof code);
	nentries = 0;
	collect(PAGE + HEAD, REGION_INSNS);
	CHECK_EQ(plan.n, sizeof at / sizeof at[0]);
	for (unsigned k = 0; k < plan.n && k < sizeof at / sizeof at[0]; k++)
		CHECK_EQ(plan.insn[k].eip, PAGE + at[k]);
	CHECK_EQ(plan.lo, PAGE + 0xfc);
	CHECK_EQ(plan.hi, PAGE + 0x10a);
	CHECK_EQ(plan.entry, 4);
	CHECK(plan.insn[3].falls && plan.insn[7].falls && !plan.insn[6].falls && !plan.insn[9].falls);
	CHECK(plan.insn[0].leader && plan.insn[4].leader && plan.insn[7].leader && plan.insn[8].leader && !plan.insn[6].leader);
	CHECK_EQ(plan.insn[9].target, 0);
	CHECK_EQ(plan.insn[4].target, 8);
	CHECK_EQ(plan.insn[5].target, 7);
}

/* What has as many instructions as are wanted is not cut, when it ends there. */
static void test_full(void)
{
	memset(page, 0x90, sizeof page);
	nentries = 0;
	page[HEAD + REGION_INSNS - 1] = 0xc3;
	collect(PAGE + HEAD, REGION_INSNS);
	CHECK_EQ(plan.n, REGION_INSNS);
	CHECK(!plan.cut && !plan.insn[plan.n - 1].falls);
	page[HEAD + REGION_INSNS - 1] = 0x90;
	page[HEAD + REGION_INSNS] = 0xc3;
	collect(PAGE + HEAD, REGION_INSNS);
	CHECK_EQ(plan.n, REGION_INSNS);
	CHECK(plan.cut && !plan.insn[plan.n - 1].falls);
}

/* MOVs between general registers are noted, others are not. */
static void test_copies(void)
{
	static const uint8_t code[] = {
		0x89, 0xd8, /* mov eax, ebx */
		0x8b, 0x03, /* mov eax, [ebx] */
		0x8e, 0xd8, /* mov ds, eax */
		0x88, 0xd8, /* mov al, bl */
		0xb0, 0x00, /* mov al, 0 */
		0xc3,
	};

	memset(page, 0x90, sizeof page);
	memcpy(page + HEAD, code, sizeof code);
	collect(PAGE + HEAD, REGION_INSNS);
	CHECK_EQ(plan.copies[0], 1 | 1 << 3);
	CHECK_EQ(plan.copies[1] | plan.copies[2], 0);
	collect(PAGE + HEAD + 6, REGION_INSNS);
	CHECK_EQ(plan.copies[0], 1);
}

int main(void)
{
	test_small_loop();
	test_known_head();
	test_x87_loop();
	test_large_loops();
	test_wide();
	test_page_end();
	test_order();
	test_full();
	test_copies();
	return report();
}
