/*
 * Runs of pushes, pops and moves beside the stack pointer, across a page that is not there: after the fault, wherever in the run it comes, all must
 * go on as if the page had been there.
 */
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/stores/stores.h"

#define PAGE 4096
#define FIRST TOUCHED
#define SECOND (TOUCHED + PAGE)
#define AROUND 24 /* words: the run moves the stack pointer by fewer */
#define REGISTERS 8

/* run.S */
uintptr_t run_results[REGISTERS], run_stack, run_saved;
void run_on_stack(uint32_t unused);

static uint32_t faults;

static void on_fault(uintptr_t at)
{
	faults++;
	map_page(at & ~(uintptr_t)(PAGE - 1), at & ~(uintptr_t)(PAGE - 1), true);
}

/* What the run leaves in registers and in the two pages. */
struct outcome {
	uintptr_t registers[REGISTERS];
	uintptr_t memory[2 * AROUND];
};

static void run(struct outcome *o, int words, bool first_there, bool second_there)
{
	uintptr_t *around = (uintptr_t *)SECOND - AROUND;

	for (unsigned k = 0; k < 2 * AROUND; k++)
		around[k] = 0x1000193 * k;
	run_stack = SECOND + (uintptr_t)words * sizeof(uintptr_t);
	map_page(FIRST, FIRST, first_there);
	map_page(SECOND, SECOND, second_there);
	run_user(run_on_stack, 0);
	map_page(FIRST, FIRST, true);
	map_page(SECOND, SECOND, true);
	copy(o->registers, run_results, sizeof o->registers);
	copy(o->memory, around, sizeof o->memory);
}

void stack_checks(void)
{
	static struct outcome plain, got;

	page_fault_handler = on_fault;
	for (int words = -4; words < AROUND; words++) {
		faults = 0;
		run(&plain, words, true, true);
		check(!faults && plain.registers[6] == run_stack, "stack, undisturbed", (uint32_t)words, faults, (uint32_t)plain.registers[6]);
		for (unsigned there = 0; there < 3; there++) {
			run(&got, words, there & 1, there & 2);
			for (unsigned k = 0; k < REGISTERS; k++)
				check(got.registers[k] == plain.registers[k], "stack, registers", (uint32_t)words, there, k);
			for (unsigned k = 0; k < 2 * AROUND; k++)
				check(got.memory[k] == plain.memory[k], "stack, memory", (uint32_t)words, there, k);
		}
		check(faults >= 2 && faults <= 4, "stack, page faults", (uint32_t)words, faults, 0);
	}
}
