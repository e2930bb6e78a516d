#include "tests/conformance/payload/payload.h"

#define DATA_RO (USER_RO | PTE_NX)
#define DATA_RW (USER_RW | PTE_NX)

static uint32_t code_phys, code_pages;

static void map_data(void)
{
	for (uint32_t k = 0; k < VECTOR_DATA_PAGES; k++)
		table_set(VECTOR_DATA + k * 4096, (DATA_PAGES + k * 4096) | (k == 2 ? DATA_RO : DATA_RW));
	table_set(VECTOR_STACK, STACK_PAGE | DATA_RW);
}

static void clear(uint32_t at, uint32_t end)
{
	for (; at < end; at += 4)
		*(volatile uint32_t *)physical(at) = 0;
}

void paging_init(uint32_t code, uint32_t pages)
{
	code_phys = code;
	code_pages = pages;
	table_init();
	clear(DATA_PAGES, STACK_PAGE + 4096);
	for (uint32_t k = 0; k < pages; k++)
		table_set(VECTOR_CODE + k * 4096, (code + k * 4096) | USER_RO);
	map_data();
}

void paging_code_writable(uint32_t at, uint32_t length, int yes)
{
	for (uint32_t page = at >> 12; page <= (at + length + 1) >> 12 && page < code_pages; page++)
		table_set(VECTOR_CODE + page * 4096, (code_phys + page * 4096) | (yes ? USER_RW : USER_RO));
}

void paging_demand(int absent)
{
	if (!absent) {
		map_data();
		return;
	}
	for (uint32_t k = 0; k < VECTOR_DATA_PAGES; k++)
		table_set(VECTOR_DATA + k * 4096, 0);
	table_set(VECTOR_STACK, 0);
}

int paging_demand_fault(uint64_t at, uint32_t error)
{
	uint32_t page = (uint32_t)at & ~0xfffu, stack = page == VECTOR_STACK, k = (page - VECTOR_DATA) >> 12;

	if (at >> 32 || (!stack && (page < VECTOR_DATA || k >= VECTOR_DATA_PAGES)))
		return 0;
	uint64_t entry = table_get(page), wanted = (stack ? STACK_PAGE : DATA_PAGES + k * 4096) | (error & PTE_W ? DATA_RW : DATA_RO);
	if (!stack && k == 2)
		wanted &= ~(uint64_t)PTE_W;
	/* the error code must tell what is there, and there must be something to give */
	if (!(entry & PTE_P) != !(error & PTE_P) || !(error & PTE_U) || (entry & PTE_P && (entry & PTE_W || !(wanted & PTE_W))))
		return 0;
	table_set(page, wanted);
	return 1;
}
