/* Programs of many functions: one whose translation does not fit into a cache of 2 MiB, and one whose does. */
#include "tests/endurance/endurance.h"

#define STEPS 20
#define LARGE 5500
#define SMALL 2500
#define ROUNDS 3

static uint8_t *at[LARGE];

static void make(unsigned count)
{
	uint8_t *p = (uint8_t *)CODE;

	for (unsigned k = 0; k < count; k++) {
		at[k] = p;
		p = function_write(p, k, STEPS);
	}
}

static void rounds(const char *name, unsigned count)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t since = ticks();
		uint32_t sum = round;

		for (unsigned k = 0; k < count; k++)
			sum = call(at[k], sum);
		report(name, sum, since);
	}
}

static void expect(const char *name, unsigned count)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t sum = round;

		for (unsigned k = 0; k < count; k++)
			sum = function_result(k, STEPS, sum);
		report(name, sum, ticks());
	}
}

void big(void)
{
	make(LARGE);
	rounds("large", LARGE);
	expect("large wanted", LARGE);
	rounds("small", SMALL);
	expect("small wanted", SMALL);
}
