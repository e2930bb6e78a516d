/* Page faults, address spaces and TLB misses. */
#include "bench/bench.h"
#include "bench/x86/cpu.h"
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"

#define PAGE 4096
#define PRESENT 1u
#define PAGES 16
#define MANY (ARENA_SIZE / PAGE)

static uint32_t faults;

static volatile uint32_t *entry_of(uintptr_t at)
{
	return (volatile uint32_t *)PAGE_TABLE + at / PAGE * (sizeof(long) / 4);
}

static uint32_t touch(uintptr_t at)
{
	return *(volatile uint32_t *)at;
}

static void make_present(uintptr_t at)
{
	*entry_of(at) |= PRESENT;
}

static void make_absent(uintptr_t at)
{
	*entry_of(at) &= ~PRESENT;
	invalidate(at);
}

static uint32_t fault(uint32_t n)
{
	uint32_t sum = 0;

	page_fault_handler = make_present;
	while (n--) {
		make_absent(TOUCHED);
		sum += touch(TOUCHED) + 1;
	}
	page_fault_handler = NULL;
	return sum;
}

/* Of two pages only one is there. */
static void make_other_present(uintptr_t at)
{
	make_absent((at & ~(uintptr_t)(PAGE - 1)) ^ PAGE);
	make_present(at);
	faults++;
}

static void user_touch(uint32_t n)
{
	while (n--)
		touch(TOUCHED + (n & 1) * PAGE);
}

static uint32_t user_fault(uint32_t n)
{
	faults = 0;
	make_absent(TOUCHED + ((n - 1) & 1) * PAGE);
	page_fault_handler = make_other_present;
	run_user(user_touch, n);
	page_fault_handler = NULL;
	make_present(TOUCHED);
	make_present(TOUCHED + PAGE);
	return faults;
}

static uint32_t load(uint32_t n)
{
	for (uint32_t k = n; k; k--)
		load_cr3(PAGE_TOP);
	return n;
}

static uint32_t touch_pages(uint32_t n, uintptr_t second)
{
	uint32_t sum = 0;

	while (n--) {
		load_cr3(n & 1 ? second : PAGE_TOP);
		for (uintptr_t k = 0; k < PAGES; k++)
			sum += touch(TOUCHED + k * PAGE) + 1;
	}
	return sum;
}

static uint32_t load_and_touch(uint32_t n)
{
	return touch_pages(n, PAGE_TOP);
}

static void copy_top(void)
{
	for (uint32_t k = 0; k < PAGE; k += 4)
		*(volatile uint32_t *)(PAGE_TOP_2 + (uintptr_t)k) = *(volatile uint32_t *)(PAGE_TOP + (uintptr_t)k);
}

static uint32_t switch_and_touch(uint32_t n)
{
	n &= ~1u;
	return touch_pages(n, PAGE_TOP_2);
}

static uint32_t miss(uint32_t n)
{
	uint32_t sum = 0;

	while (n--)
		for (uint32_t k = 0; k < MANY; k += 2)
			sum += touch((uintptr_t)arena + (uintptr_t)k * PAGE) + 1;
	return sum;
}

static void clear_arena(void)
{
	for (uint32_t k = 0; k < MANY; k++)
		*(volatile uint32_t *)(arena + (size_t)k * PAGE) = 0;
}

KERNEL(fault, .name = "page-fault", .group = "system", .unit = "fault", .run = fault, .n = 300, .units = 1);
KERNEL(user_fault, .name = "page-fault-ring3", .group = "system", .unit = "fault", .run = user_fault, .n = 300, .units = 1);
KERNEL(cr3_load, .name = "cr3-load", .group = "system", .unit = "load", .run = load, .n = 300, .units = 1);
KERNEL(cr3_touch, .name = "cr3-touch", .group = "system", .unit = "page", .run = load_and_touch, .n = 100, .units = PAGES);
KERNEL(cr3_switch, .name = "cr3-switch", .group = "system", .unit = "page", .setup = copy_top, .run = switch_and_touch, .n = 100, .units = PAGES);
KERNEL(tlb_miss, .name = "tlb-miss", .group = "system", .unit = "miss", .setup = clear_arena, .run = miss, .n = 1, .units = MANY / 2);
