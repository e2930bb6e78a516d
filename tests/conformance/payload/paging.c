#include "tests/conformance/payload/payload.h"

#define PTE_P 1u
#define PTE_W 2u
#define PTE_U 4u
#define PTE_AD 0x60u /* accessed, dirty: nothing is to be written by walks */
#define USER_RO (PTE_P | PTE_U | PTE_AD)
#define USER_RW (USER_RO | PTE_W)

static uint32_t code_phys, code_pages;

static void invalidate(uint32_t at)
{
	__asm__ volatile("invlpg (%0)" : : "r"(at) : "memory");
}

static void set(uint32_t table, uint32_t at, uint32_t entry)
{
	((volatile uint32_t *)physical(table))[at >> 12 & 1023] = entry;
	invalidate(at);
}

static void clear(uint32_t at, uint32_t end)
{
	for (; at < end; at += 4)
		*(volatile uint32_t *)physical(at) = 0;
}

static void set_directory(uint32_t at, uint32_t table)
{
	((volatile uint32_t *)physical(PAGE_DIRECTORY))[at >> 22] = table | USER_RW;
}

static void map_data(void)
{
	for (uint32_t k = 0; k < VECTOR_DATA_PAGES; k++)
		set(TABLE_DATA, VECTOR_DATA + k * 4096, (DATA_PAGES + k * 4096) | (k == 2 ? USER_RO : USER_RW));
	set(TABLE_STACK, VECTOR_STACK, STACK_PAGE | USER_RW);
}

/* Real mode's code is seen at its own address. */
static void map_low_code(void)
{
	set(TABLE_LOW, LOW, LOW | PTE_P | PTE_W | PTE_AD);
	set(TABLE_LOW, LOW + 4096, (LOW + 4096) | PTE_P | PTE_W | PTE_AD);
}

void paging_init(uint32_t code, uint32_t pages)
{
	code_phys = code;
	code_pages = pages;
	clear(TABLE_DATA, TABLE_LOW + 4096);
	clear(DATA_PAGES, STACK_PAGE + 4096);
	clear(TABLES_CODE, TABLES_CODE + (pages + 1023) / 1024 * 4096);
	for (uint32_t k = 0; k < pages; k++)
		((volatile uint32_t *)physical(TABLES_CODE))[k] = (code + k * 4096) | USER_RO;
	for (uint32_t k = 0; k < pages; k += 1024)
		set_directory(VECTOR_CODE + k * 4096, TABLES_CODE + k * 4);
	set_directory(VECTOR_DATA, TABLE_DATA);
	set_directory(VECTOR_STACK, TABLE_STACK);
	set_directory(0, TABLE_LOW);
	__asm__ volatile("mov %0, %%cr3" : : "r"(PAGE_DIRECTORY) : "memory");
	map_data();
}

void paging_code_writable(uint32_t at, uint32_t length, int yes)
{
	for (uint32_t page = at >> 12; page <= (at + length + 1) >> 12 && page < code_pages; page++)
		set(TABLES_CODE + (page >> 10) * 4096, VECTOR_CODE + page * 4096, (code_phys + page * 4096) | (yes ? USER_RW : USER_RO));
}

void paging_low(uint32_t code, int yes)
{
	uint32_t first = code >> 16 << 4;

	for (uint32_t k = 0; k < VECTOR_DATA_PAGES; k++)
		set(TABLE_LOW, VECTOR_DATA_LOW + k * 4096, yes ? (DATA_PAGES + k * 4096) | (k == 2 ? USER_RO : USER_RW) : 0);
	set(TABLE_LOW, VECTOR_STACK_LOW, yes ? STACK_PAGE | USER_RW : 0);
	for (uint32_t k = 0; k < 16; k++)
		set(TABLE_LOW, VECTOR_CODE_LOW + k * 4096, yes && first + k < code_pages ? (code_phys + (first + k) * 4096) | USER_RO : 0);
	if (yes)
		map_low_code();
	else {
		set(TABLE_LOW, LOW, 0);
		set(TABLE_LOW, LOW + 4096, 0);
	}
}

void paging_demand(int absent)
{
	if (!absent) {
		map_data();
		return;
	}
	for (uint32_t k = 0; k < VECTOR_DATA_PAGES; k++)
		set(TABLE_DATA, VECTOR_DATA + k * 4096, 0);
	set(TABLE_STACK, VECTOR_STACK, 0);
}

int paging_demand_fault(uint32_t at, uint32_t error)
{
	uint32_t page = at & ~0xfffu, stack = page == VECTOR_STACK, k = (page - VECTOR_DATA) >> 12;
	uint32_t table = stack ? TABLE_STACK : TABLE_DATA;

	if (!stack && (page < VECTOR_DATA || k >= VECTOR_DATA_PAGES))
		return 0;
	uint32_t entry = ((volatile uint32_t *)physical(table))[page >> 12 & 1023];
	uint32_t wanted = (stack ? STACK_PAGE : DATA_PAGES + k * 4096) | (error & PTE_W ? USER_RW : USER_RO);
	if (!stack && k == 2)
		wanted &= ~PTE_W;
	/* the error code must tell what is there, and there must be something to give */
	if (!(entry & PTE_P) != !(error & PTE_P) || !(error & PTE_U) || (entry & PTE_P && (entry & PTE_W || !(wanted & PTE_W))))
		return 0;
	set(table, page, wanted);
	return 1;
}
