/*
 * Write protection of guest physical pages that hold translated code: the mark in the physical map, and all mappings of
 * the page.
 */
#include "translator/mmu_internal.h"

void mmu_protect_code_page(uint64_t gpa)
{
	uint64_t before = phys_change(gpa, PHYS_CODE, PHYS_LOST);

	if (before & PHYS_CODE)
		return;
	for (unsigned i = 0; i < mmu_count; i++)
		softtlb_write_protect(mmu_all[i], gpa >> 12);
	if (before & PHYS_LOST)
		hosttlb_flush_all();
}

void mmu_unprotect_code_page(uint64_t gpa)
{
	phys_change(gpa, 0, PHYS_CODE);
}
