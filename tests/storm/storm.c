/*
 * x87, SSE and MMX against the CPU that this runs on. Usage: storm direct|translated COUNT SEED [STATES [FIRST [EMULATOR MACHINE]]]: COUNT
 * instructions, done by the firmware's arithmetic in C compiled for this CPU, or by translated code under an emulator; programs from number
 * FIRST on, each from STATES states.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/child.h"
#include "tests/storm/direct.h"
#include "tests/storm/judge.h"
#include "tests/storm/native.h"
#include "tests/storm/stream.h"

#define INSNS_AVERAGE 3 /* of a program, at least */
#define REPORTS_MAX 8
#define TRIES 4

/* ---- the translated side ---- */

static struct child machine;

static void translated_run(struct storm_state *out)
{
	if (fread(out, sizeof *out, 1, machine.from) == 1)
		return;
	printf("the translated side has ended early\n0 passed, 1 failed\n");
	exit(1);
}

/* ---- comparison ---- */

static uint64_t passed, failed, reported;

/* Again, for AMD's CPUs lose the x87's pointers when the process is preempted. */
static bool agrees(const struct program *p, const struct storm_state *in, struct storm_state *want, struct storm_state *got, bool exact)
{
	for (int k = 0; k < TRIES; k++) {
		native_run(p, in, want);
		judge_forgive(p, in, want, got, exact);
		if (judge_same(want, got))
			return true;
	}
	return false;
}

static void compare(const struct program *p, uint64_t n, unsigned k, const struct storm_state *in, struct storm_state *got, bool exact)
{
	static uint64_t last = UINT64_MAX;
	struct storm_state want;

	if (agrees(p, in, &want, got, exact)) {
		passed += want.done;
		return;
	}
	failed++;
	if (last == n || reported++ >= REPORTS_MAX)
		return;
	last = n;
	printf("program %llu, state %u, ", (unsigned long long)n, k);
	judge_print(p, in, &want, got);
}

int main(int argc, char **argv)
{
	bool direct = argc > 1 && !strcmp(argv[1], "direct");
	struct storm_order order = { .set = direct ? STORM_ARITHMETIC : STORM_ALL };
	struct program p;

	if (argc < 4 || (!direct && argc < 8))
		return 2;
	uint64_t count = strtoull(argv[2], NULL, 0);
	order.seed = strtoull(argv[3], NULL, 0);
	order.states = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 0) : 256;
	order.first = argc > 5 ? strtoull(argv[5], NULL, 0) : 0;
	order.programs = count / order.states / INSNS_AVERAGE + 1;
	if (!direct) {
		machine = child_start(argv + 6);
		fwrite(&order, sizeof order, 1, machine.to);
		fclose(machine.to);
	}
	native_init();
	for (uint64_t n = order.first; n < order.first + order.programs; n++) {
		program_make(&p, (enum storm_set)order.set, order.seed, n);
		native_program(&p);
		for (unsigned k = 0; k < order.states; k++) {
			struct storm_state in, got;
			state_make(&in, &p, order.seed, n, k);
			if (direct)
				direct_run(&p, &in, &got);
			else
				translated_run(&got);
			if (judge_defined(&p, &in))
				compare(&p, n, k, &in, &got, direct);
		}
	}
	printf("%s: %llu programs, %llu instructions agree, %llu runs differ\n", argv[1], (unsigned long long)order.programs, (unsigned long long)passed,
	       (unsigned long long)failed);
	return failed != 0;
}
