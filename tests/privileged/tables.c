#include "tests/privileged/case.h"

static void descriptor(uint32_t at, uint32_t base, uint32_t limit, uint32_t attr)
{
	put32(at, base << 16 | (limit & 0xffff));
	put32(at + 4, (base & 0xff000000) | (attr & 0xf0ff) << 8 | (limit & 0xf0000) | (base >> 16 & 0xff));
}

static void gate(uint32_t at, uint32_t selector, uint32_t offset, uint32_t attr, uint32_t count)
{
	put32(at, selector << 16 | (offset & 0xffff));
	put32(at + 4, (offset & 0xffff0000) | attr << 8 | count);
}

/* P and DPL: mostly present. */
static uint32_t privilege(void)
{
	return (one_of(8) ? 0x80 : 0) | one_of(4) << 5;
}

/* Code has base 0, so that LAND is where it should be; small limits leave CODE out, or do not. */
static void random_segment(uint32_t at)
{
	static const uint32_t limits[] = { 0, 0xfff, 0x4fff, 0x8fff, 0xffff, 0xfffff };
	static const uint32_t bases[] = { 0, 0, 0x1000, 0xfffff000 };
	uint32_t type = one_of(16), limit = limits[one_of(6)], flags = one_of(2) << 14 | one_of(2) << 15;

	descriptor(at, type & 8 ? 0 : bases[one_of(4)], limit, flags | privilege() | 0x10 | type);
}

static void random_system(uint32_t at)
{
	uint32_t type = one_of(16), tss = TSS_CASE + one_of(TSS_CASES) * 0x100;

	switch (type) {
	case 1: case 3: case 9: case 11:
		descriptor(at, tss, one_of(8) ? 0x67 : 0x2b + one_of(0x40), one_of(2) << 15 | privilege() | type);
		break;
	case 2:
		descriptor(at, LDT, one_of(4) ? LDT_SLOTS * 8 - 1 : 7, privilege() | type);
		break;
	default:
		gate(at, any_selector(), LAND, privilege() | type, one_of(4));
		break;
	}
}

static void random_slot(uint32_t at)
{
	if (one_of(5) < 3)
		random_segment(at);
	else
		random_system(at);
}

uint32_t any_selector(void)
{
	uint32_t kind = one_of(16), rpl = one_of(4);

	if (kind == 0)
		return rpl;
	if (kind == 1)
		return GDT_SLOTS * 8 + one_of(4) * 8 + rpl;
	if (kind < 6) {
		uint32_t ring = one_of(4);
		return (one_of(2) ? CODE0 : DATA0) + ring * 16 + (one_of(4) ? ring : rpl);
	}
	if (kind < 9)
		return one_of(LDT_SLOTS + 1) * 8 + 4 + rpl;
	return SEL_RANDOM + one_of(GDT_SLOTS - SEL_RANDOM / 8) * 8 + rpl;
}

static void make_gdt(void)
{
	put32(GDT, 0);
	put32(GDT + 4, 0);
	for (uint32_t ring = 0; ring < 4; ring++) {
		descriptor(GDT + CODE0 + ring * 16, 0, 0xfffff, 0xc09b | ring << 5);
		descriptor(GDT + DATA0 + ring * 16, 0, 0xfffff, 0xc093 | ring << 5);
	}
	descriptor(GDT + SEL_MAIN, TSS_MAIN, TSS_MAIN_LIMIT, 0x89);
	descriptor(GDT + SEL_FAULT, TSS_FAULT, 0x67, 0x89);
	descriptor(GDT + SEL_LDT, LDT, LDT_SLOTS * 8 - 1, 0x82);
	for (uint32_t n = SEL_RANDOM / 8; n < GDT_SLOTS; n++)
		random_slot(GDT + n * 8);
	for (uint32_t n = 0; n < LDT_SLOTS; n++)
		random_slot(LDT + n * 8);
}

static void make_idt(void)
{
	for (uint32_t n = 0; n < 32; n++)
		gate(IDT + n * 8, CODE0, (uint32_t)vectors + n * 16, 0x8e, 0);
	gate(IDT + 8 * 8, SEL_FAULT, 0, 0x85, 0);
	for (uint32_t n = 32; n < 256; n++) {
		static const uint8_t types[] = { 5, 6, 7, 14, 15, 14, 15, 15 };
		gate(IDT + n * 8, any_selector(), LAND, privilege() | (one_of(16) ? types[one_of(8)] : one_of(16)), 0);
	}
	gate(IDT + 0x40 * 8, CODE0, (uint32_t)vectors + 32 * 16, 0xee, 0);
}

/* A task that lands in a ring of its own, mostly; else with any selectors. */
static void make_task(uint32_t at, int wild)
{
	uint32_t ring = one_of(4), ss = DATA0 + ring * 16 + ring;

	for (uint32_t n = 0; n < 0x100; n += 4)
		put32(at + n, 0);
	put32(at, any_selector());
	for (uint32_t r = 0; r < 3; r++) {
		put32(at + 4 + r * 8, STACK_ENTRY - 0x100 * (r + 1));
		put32(at + 8 + r * 8, wild && !one_of(8) ? any_selector() : DATA0 + r * 17);
	}
	put32(at + 0x20, LAND);
	put32(at + TSS_EFLAGS, 2 | one_of(4) << 12 | (one_of(8) ? 0 : 0x4000));
	for (uint32_t n = 0; n < 8; n++)
		put32(at + 0x28 + n * 4, random32());
	put32(at + 0x38, STACKS + (ring + 1) * STACK_SIZE - 64);
	put32(at + 0x48, one_of(2) ? ss : any_selector());
	put32(at + 0x4c, one_of(6) ? CODE0 + ring * 16 + ring : any_selector());
	put32(at + 0x50, one_of(8) ? ss : any_selector());
	for (uint32_t n = 0; n < 3; n++)
		put32(at + 0x54 + n * 4, one_of(2) ? ss : any_selector());
	put32(at + 0x60, one_of(2) ? 0 : one_of(4) ? SEL_LDT : any_selector());
	put32(at + 0x64, 0x680000 | (one_of(8) ? 0 : 1));
}

/* The 286's form, with the same choices (SDM 3A, 8.6). */
static void make_task16(uint32_t at)
{
	volatile uint16_t *w = (volatile uint16_t *)at;
	uint32_t ring = one_of(4), ss = DATA0 + ring * 16 + ring;

	make_task(at, 0);
	w[0] = (uint16_t)any_selector();
	for (uint32_t r = 0; r < 3; r++) {
		w[1 + r * 2] = (uint16_t)(STACK_ENTRY - 0x100 * (r + 1));
		w[2 + r * 2] = (uint16_t)(DATA0 + r * 17);
	}
	w[7] = LAND;
	w[8] = 2;
	for (uint32_t n = 0; n < 8; n++)
		w[9 + n] = (uint16_t)random32();
	w[13] = (uint16_t)(STACKS + (ring + 1) * STACK_SIZE - 64);
	w[17] = (uint16_t)ss;
	w[18] = (uint16_t)(CODE0 + ring * 16 + ring);
	w[19] = (uint16_t)ss;
	w[20] = (uint16_t)(one_of(2) ? ss : any_selector());
	w[21] = (uint16_t)(one_of(4) ? 0 : SEL_LDT);
}

static void make_tasks(void)
{
	for (uint32_t n = 0; n < TSS_CASES; n++) {
		if (n == 3)
			make_task16(TSS_CASE + n * 0x100);
		else
			make_task(TSS_CASE + n * 0x100, n == 2);
	}
	make_task(TSS_MAIN, 0);
	for (uint32_t r = 0; r < 3; r++) {
		put32(TSS_MAIN + 4 + r * 8, STACK_ENTRY - 0x100 * r);
		put32(TSS_MAIN + 8 + r * 8, DATA0 + r * 17);
	}
	put32(TSS_MAIN + 0x60, 0);
	put32(TSS_MAIN + 0x64, 0x680000);
	for (uint32_t n = 0x68; n < 0x7c; n += 4)
		put32(TSS_MAIN + n, random32());
	put32(TSS_MAIN + 0x7c, 0xff000000);
	make_task(TSS_FAULT, 0);
	put32(TSS_FAULT + 0x20, (uint32_t)double_fault);
	put32(TSS_FAULT + TSS_EFLAGS, 2);
	put32(TSS_FAULT + 0x38, STACK_FAULT);
	put32(TSS_FAULT + 0x4c, CODE0);
	put32(TSS_FAULT + 0x48, DATA0);
	for (uint32_t n = 0x50; n < 0x60; n += 4)
		put32(TSS_FAULT + n, DATA0);
	put32(TSS_FAULT + 0x60, 0);
	put32(TSS_FAULT + 0x64, 0x680000);
}

void tables_make(void)
{
	make_gdt();
	make_idt();
	make_tasks();
}
