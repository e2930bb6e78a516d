/* Processes that come and go: each has an address space, pages of code of its own and ends after it has run. Physical pages are used again. */
#include "tests/endurance/endurance.h"

#define PAGES 8           /* of a process */
#define POOL_PAGES 256
#define PROCESSES 60     /* a block */
#define BLOCKS 4
#define STEPS 12
#define FUNCTIONS 4       /* a page */
#define SPACES 32         /* directories, used in turn */
#define DIRECTORIES (POOL + POOL_PAGES * PAGE)

static uint32_t next_page;

static uint32_t take_page(void)
{
	next_page = (next_page * 5 + 1) % POOL_PAGES;
	return POOL + next_page * PAGE;
}

static void fill(uint32_t page, uint32_t seed)
{
	for (unsigned k = 0; k < FUNCTIONS; k++)
		function_write((uint8_t *)page + k * (PAGE / FUNCTIONS), seed + k, STEPS);
}

static uint32_t run_page(uint32_t lin, uint32_t sum)
{
	for (unsigned k = 0; k < FUNCTIONS; k++)
		sum = call((void *)(lin + k * (PAGE / FUNCTIONS)), sum);
	return sum;
}

static uint32_t process(uint32_t number, uint32_t sum, uint32_t *wanted)
{
	uint32_t directory = DIRECTORIES + number % SPACES * 2 * PAGE, *table = space_make(directory);

	space_enter(directory);
	for (unsigned k = 0; k < PAGES; k++) {
		uint32_t page = take_page(), seed = number * PAGES + k, lin = WINDOW + k * PAGE;

		fill(page, seed);
		table[k] = page | 7;
		sum = run_page(lin, sum);
		for (unsigned f = 0; f < FUNCTIONS; f++)
			*wanted = function_result(seed + f, STEPS, *wanted);
		if (k & 1) {
			table[k] = 0;
			__asm__ volatile("invlpg (%0)" : : "r"(lin) : "memory");
		}
	}
	return sum;
}

void spaces(void)
{
	uint32_t sum = 0, wanted = 0;

	for (unsigned block = 0; block < BLOCKS; block++) {
		uint64_t since = ticks();

		for (unsigned k = 0; k < PROCESSES; k++)
			sum = process(block * PROCESSES + k, sum, &wanted);
		report("spaces", sum, since);
		report("spaces wanted", wanted, ticks());
	}
}
