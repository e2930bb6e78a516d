/*
 * What the translator wants of the code cache, for test programs that translate without running: include it once, in the file with main().
 */
#ifndef TESTS_LIB_STAND_IN_H
#define TESTS_LIB_STAND_IN_H

#include "translator/translate.h"

static struct stubs stubs;

const struct stubs *cache_stubs(struct cpu *c)
{
	(void)c;
	return &stubs;
}

uint64_t board_tsc_per_tick(void)
{
	return 10;
}

/* Each stub gets an address of its own, `words` apart from `code` on, in reach of what is translated. */
static void init_stubs(uint32_t *code, unsigned words)
{
	uint32_t **p = (uint32_t **)&stubs;

	for (unsigned k = 0; k < sizeof stubs / sizeof *p; k++)
		p[k] = code + words * k;
}

#endif
