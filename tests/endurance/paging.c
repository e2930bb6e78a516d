#include "tests/endurance/endurance.h"

#define DIRECTORY 0x00300000u
#define LARGE_PAGE 0x400000u

uint32_t *space_make(uint32_t directory)
{
	uint32_t *entry = (uint32_t *)directory, table = directory + PAGE;

	for (unsigned k = 0; k < 2 * PAGE / 4; k++)
		entry[k] = 0;
	for (uint32_t at = 0; at < MAPPED; at += LARGE_PAGE)
		entry[at / LARGE_PAGE] = at | 0x83;
	entry[WINDOW / LARGE_PAGE] = table | 7;
	return (uint32_t *)table;
}

void space_enter(uint32_t directory)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(directory) : "memory");
}

void paging_on(void)
{
	uint32_t cr;

	space_make(DIRECTORY);
	space_enter(DIRECTORY);
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr | 0x10));
	__asm__ volatile("mov %%cr0, %0" : "=r"(cr));
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr | 0x80000000) : "memory");
}
