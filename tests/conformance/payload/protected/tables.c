#include "tests/conformance/payload/payload.h"

static uint32_t next_table;

static volatile uint32_t *directory_entry(uint32_t at)
{
	return (volatile uint32_t *)physical(PAGE_DIRECTORY) + (at >> 22);
}

static volatile uint32_t *page_entry(uint32_t at)
{
	return (volatile uint32_t *)physical(*directory_entry(at) & ~0xfffu) + (at >> 12 & 1023);
}

void table_init(void)
{
	next_table = TABLES;
	*directory_entry(0) = 0; /* boot.S saw itself there */
	__asm__ volatile("mov %0, %%cr3" : : "r"(PAGE_DIRECTORY) : "memory");
}

static void make_table(volatile uint32_t *entry)
{
	uint32_t table = next_table;

	next_table += 4096;
	for (uint32_t k = 0; k < 1024; k++)
		((volatile uint32_t *)physical(table))[k] = 0;
	*entry = table | USER_RW;
}

void table_set(uint32_t at, uint64_t entry)
{
	if (!(*directory_entry(at) & PTE_P))
		make_table(directory_entry(at));
	*page_entry(at) = (uint32_t)entry;
	__asm__ volatile("invlpg (%0)" : : "r"(at) : "memory");
}

uint64_t table_get(uint32_t at)
{
	return *page_entry(at);
}
