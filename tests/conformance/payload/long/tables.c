#include "tests/conformance/payload/payload.h"

static uint32_t next_table;

static volatile uint64_t *entry_of(uint32_t table, uint32_t index)
{
	return (volatile uint64_t *)physical(table) + index;
}

static uint32_t make_table(void)
{
	uint32_t table = next_table;

	next_table += 4096;
	for (uint32_t k = 0; k < 512; k++)
		*entry_of(table, k) = 0;
	return table;
}

/* The table that an entry of the level above points to. */
static uint32_t table_below(volatile uint64_t *entry)
{
	if (!(*entry & PTE_P))
		*entry = make_table() | USER_RW;
	return (uint32_t)*entry & ~0xfffu;
}

static volatile uint64_t *page_entry(uint32_t at)
{
	uint32_t directory = table_below(entry_of(LONG_PDPT, at >> 30));

	return entry_of(table_below(entry_of(directory, at >> 21 & 511)), at >> 12 & 511);
}

void table_init(void)
{
	next_table = LONG_TABLES;
	*entry_of(LONG_PDPT, 0) = 0; /* go_long.S saw itself there */
	__asm__ volatile("mov %0, %%cr3" : : "r"((uint64_t)LONG_PML4) : "memory");
}

void table_set(uint32_t at, uint64_t entry)
{
	*page_entry(at) = entry;
	__asm__ volatile("invlpg (%0)" : : "r"((uint64_t)at) : "memory");
}

uint64_t table_get(uint32_t at)
{
	return *page_entry(at);
}
