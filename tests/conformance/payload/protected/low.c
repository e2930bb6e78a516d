#include "tests/conformance/payload/protected/protected.h"

/* Real mode's code is seen at its own address. */
static void map_low_code(void)
{
	table_set(LOW, LOW | PTE_P | PTE_W | PTE_AD);
	table_set(LOW + 4096, (LOW + 4096) | PTE_P | PTE_W | PTE_AD);
}

void paging_low(uint32_t code, int yes)
{
	uint32_t first = code >> 16 << 4, code_phys = VECTOR_PHYS + file->code;

	for (uint32_t k = 0; k < VECTOR_DATA_PAGES; k++)
		table_set(VECTOR_DATA_LOW + k * 4096, yes ? (DATA_PAGES + k * 4096) | (k == 2 ? USER_RO : USER_RW) : 0);
	table_set(VECTOR_STACK_LOW, yes ? STACK_PAGE | USER_RW : 0);
	for (uint32_t k = 0; k < 16; k++)
		table_set(VECTOR_CODE_LOW + k * 4096, yes && first + k < file->code_pages ? (code_phys + (first + k) * 4096) | USER_RO : 0);
	if (yes) {
		map_low_code();
	} else {
		table_set(LOW, 0);
		table_set(LOW + 4096, 0);
	}
}
