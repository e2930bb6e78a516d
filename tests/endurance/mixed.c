/* Code that is written over again and again, until its page counts as mixed, and then no more. */
#include "tests/endurance/endurance.h"

#define PATCHES 100
#define CALLS 20000
#define LONG_ENOUGH 1100000000u /* ticks: a second, and some more */
#define STEPS 10

/* A function for call() with a constant that patch() changes: mov eax, imm32; ret */
static void write_constant(uint8_t *at)
{
	at[0] = 0xb8;
	at[5] = 0xc3;
}

static uint32_t patch(uint8_t *at, void *lin)
{
	uint32_t sum = 0;

	for (uint32_t k = 0; k < PATCHES; k++) {
		*(uint32_t *)(at + 1) = k;
		sum = sum * 3 + call(lin, 0);
	}
	return sum;
}

static void calls(const char *name, void *at)
{
	uint64_t since = ticks();
	uint32_t sum = 0;

	for (unsigned k = 0; k < CALLS; k++)
		sum = call(at, sum);
	report(name, sum, since);
}

static void wait(void)
{
	uint64_t since = ticks();

	while (ticks() - since < LONG_ENOUGH)
		__asm__ volatile("sti; hlt; cli");
}

/* An instruction that crosses from a mixed page into one that does not lie behind it in memory. */
static void crossing(uint32_t *table, uint8_t *first, uint8_t *second)
{
	uint64_t since = ticks();

	table[1] = (uint32_t)second | 7;
	__asm__ volatile("invlpg (%0)" : : "r"(WINDOW + PAGE) : "memory");
	first[PAGE - 2] = 0x35; /* xor eax, imm32 */
	first[PAGE - 1] = 0x78;
	second[0] = 0x56;
	second[1] = 0x34;
	second[2] = 0x12;
	second[3] = 0xc3;
	report("crossing", call((void *)(WINDOW + PAGE - 2), 0) ^ call((void *)(WINDOW + PAGE - 2), 1), since);
	since = ticks();
	patch(second + 0x800, (void *)(WINDOW + PAGE + 0x800));
	report("crossing", call((void *)(WINDOW + PAGE - 2), 0) ^ call((void *)(WINDOW + PAGE - 2), 1), since);
}

void mixed(void)
{
	uint32_t directory = CODE, *table = space_make(directory);
	uint8_t *first = (uint8_t *)POOL, *second = first + 5 * PAGE, *code = first + 0x100, *constant = first + 0x800;

	space_enter(directory);
	table[0] = (uint32_t)first | 7;
	function_write(code, 1, STEPS);
	write_constant(constant);
	write_constant(second + 0x800);
	calls("plain", (void *)(WINDOW + 0x100));
	report("patched", patch(constant, (void *)(WINDOW + 0x800)), ticks());
	crossing(table, first, second);
	calls("mixed", (void *)(WINDOW + 0x100));
	wait();
	calls("settled", (void *)(WINDOW + 0x100));
}
