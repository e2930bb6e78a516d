/* Code that changes, and code that is new. */
#include "bench/bench.h"
#include "bench/x86/code.h"
#include "bench/x86/layout.h"

#define MOV_EAX 0xb8
#define ADD_EAX 0x05
#define RET 0xc3
#define WRITTEN 256
#define FRESH_STEP 128

typedef uint32_t function(void);

static uint8_t templates[2][WRITTEN];
static uint32_t next_fresh;

static uint32_t call(void *code)
{
	return ((function *)code)();
}

static void put_imm(uint8_t *code, uint32_t v)
{
	*(volatile uint32_t *)(code + 1) = v;
}

static void write_small(void)
{
	uint8_t *code = (uint8_t *)CODE;

	code[0] = MOV_EAX;
	code[5] = RET;
}

static uint32_t patch(uint32_t n)
{
	uint8_t *code = (uint8_t *)CODE;
	uint32_t sum = 0;

	while (n--) {
		put_imm(code, n);
		sum = mix(sum, call(code));
	}
	return sum;
}

static void make_templates(void)
{
	for (uint32_t t = 0; t < 2; t++) {
		uint8_t *code = templates[t];

		*code = MOV_EAX;
		put_imm(code, t);
		for (code += 5; code + 5 < templates[t] + WRITTEN; code += 5) {
			*code = ADD_EAX;
			put_imm(code, (uint32_t)(code - templates[t]) * (t + 5));
		}
		*code = RET;
	}
}

static uint32_t write_and_run(uint32_t n)
{
	uint8_t *code = (uint8_t *)CODE;
	uint32_t sum = 0;

	while (n--) {
		const volatile uint32_t *from = (const volatile uint32_t *)templates[n & 1];

		for (uint32_t k = 0; k < WRITTEN / 4; k++)
			((volatile uint32_t *)code)[k] = from[k];
		sum = mix(sum, call(code));
	}
	return sum;
}

/* Copies of fresh_code that differ in one constant, throughout the arena. */
static void make_fresh(void)
{
	next_fresh = 0;
	for (uint32_t at = 0; at + FRESH_STEP <= ARENA_SIZE / 16; at += FRESH_STEP) {
		for (uint32_t k = 0; k < (uint32_t)(fresh_end - fresh_code); k++)
			arena[at + k] = fresh_code[k];
		put_imm(arena + at, at);
	}
}

static uint32_t run_fresh(uint32_t n)
{
	uint32_t sum = 0;

	while (n--) {
		sum = mix(sum, call(arena + next_fresh));
		next_fresh += FRESH_STEP;
	}
	return sum;
}

KERNEL(smc_call, .name = "smc-call", .group = "code", .unit = "patch", .setup = write_small, .run = patch, .n = 100, .units = 1);
KERNEL(smc_256, .name = "smc-256", .group = "code", .unit = "write", .setup = make_templates, .run = write_and_run, .n = 50, .units = 1);
KERNEL(fresh, .name = "fresh", .group = "code", .unit = "block", .setup = make_fresh, .run = run_fresh, .n = 200, .units = 1);
