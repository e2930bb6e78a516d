/*
 * Runs the kernels whose names are selected, or all, one after the other, in stretches between marks: n turns from cold, WARM * n turns,
 * n turns, 2n turns. Then says on the console "kernel NAME GROUP UNIT UNITS CHECKSUM", and at the end "done".
 */
#include "bench/bench.h"

extern const struct kernel __start_kernels[], __stop_kernels[];

/* Interrupts that come while a loop runs have the firmware translate it anew from there: some of that is done before the count begins. */
#define WARM 4

/* bench/run writes names, separated by blanks, behind the mark in the image. */
#define SELECTION_SIZE 1024
#define MARK "SELECT:"
volatile char selection[SELECTION_SIZE] __attribute__((section(".data"))) = MARK;

static void print(const char *text)
{
	while (*text)
		put(*text++);
}

static void print_hex(uint32_t v)
{
	for (int shift = 28; shift >= 0; shift -= 4)
		put("0123456789abcdef"[v >> shift & 15]);
}

static void print_number(uint32_t v)
{
	if (v >= 10)
		print_number(v / 10);
	put((char)('0' + v % 10));
}

/* Whether the word at `at` in the selection is `name`. */
static int is_word(uint32_t at, const char *name)
{
	while (*name && selection[at] == *name)
		at++, name++;
	return !*name && (selection[at] == ' ' || !selection[at]);
}

static int selected(const char *name)
{
	uint32_t at = sizeof MARK - 1;

	if (!selection[at])
		return 1;
	while (selection[at]) {
		if (is_word(at, name))
			return 1;
		while (selection[at] && selection[at++] != ' ')
			;
	}
	return 0;
}

static void measure(const struct kernel *k)
{
	uint32_t sum;

	if (k->setup)
		k->setup();
	mark();
	sum = k->run(k->n);
	mark();
	sum = mix(sum, k->run(WARM * k->n));
	mark();
	sum = mix(sum, k->run(k->n));
	mark();
	sum = mix(sum, k->run(2 * k->n));
	mark();
	print("kernel ");
	print(k->name);
	print(" ");
	print(k->group);
	print(" ");
	print(k->unit);
	print(" ");
	print_number(k->n * k->units);
	print(" ");
	print_hex(sum);
	print("\n");
}

void bench_main(void);
void bench_main(void)
{
	/* mark() itself is translated here */
	mark();
	print("bench\n");
	for (const struct kernel *k = __start_kernels; k < __stop_kernels; k++)
		if (selected(k->name))
			measure(k);
	print("done\n");
}
