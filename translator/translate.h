/*
 * Turning a plan into host code.
 */
#ifndef TRANSLATOR_TRANSLATE_H
#define TRANSLATOR_TRANSLATE_H

#include "translator/cache.h"
#include "translator/region.h"
#include "translator/tr.h"

/* smc_kill() writes as many words over a region's entry. */
#define REGION_MIN_WORDS 1

/*
 * Emits the region's code at [code, end) in t->e. `t` is scratch memory owned by the caller; region has eip, mode, cs_base, flags filled in and
 * gets host, code, code_end; fault points and exits stay in t. Returns 0, or -ENOSPC when code or tables did not suffice.
 */
int translate(struct tr *t, struct cpu *cpu, struct plan *plan, struct region *region, uint32_t *code, uint32_t *end);

#endif
