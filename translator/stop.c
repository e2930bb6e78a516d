/*
 * Stopping translated code. It looks at the stop register where control leaves a region or comes to one with loops, but within loops it does not: to stop these
 * the heads of the region's loops are overwritten by branches to code that leaves, and are what they were again before the dispatcher goes on.
 */
#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"

extern uint32_t stubs_start[], x87_stubs_start[];
extern uint32_t stub_segment0[], segment_slow0[], stub_segment_long0[], segment_slow_long0[];
#define DECLARE_KEPT(name) extern uint32_t x87_##name##_away[], x87_##name##_back[];
DECLARE_KEPT(div64) DECLARE_KEPT(div53) DECLARE_KEPT(sqrt64) DECLARE_KEPT(sqrt53)

/* Where stubs keep the address that they return to anywhere but in r1: [from, to) in the firmware's image. */
static const struct kept {
	const uint32_t *base, *from, *to;
	int reg; /* 0: in cpu->tmp[0] */
} kept[] = {
	{ stubs_start, stub_segment0 + 1, segment_slow0 + 1, T6 },
	{ stubs_start, stub_segment_long0 + 1, segment_slow_long0 + 1, T6 },
	{ x87_stubs_start, x87_div64_away, x87_div64_back, 0 },
	{ x87_stubs_start, x87_div53_away, x87_div53_back, 0 },
	{ x87_stubs_start, x87_sqrt64_away, x87_sqrt64_back, 0 },
	{ x87_stubs_start, x87_sqrt53_away, x87_sqrt53_back, 0 },
};

/* The code of a region that control is in or, out of a stub, returns to, if to any. */
static uint64_t running_code(const struct cpu *cpu, const struct trap_frame *frame)
{
	const struct code_cache *c = cpu->cache;

	if (frame->era >= (uintptr_t)c->first)
		return frame->era;
	for (unsigned k = 0; k < sizeof kept / sizeof kept[0]; k++) {
		const uint32_t *copy = kept[k].base == stubs_start ? c->code : c->x87_stubs;
		uint64_t at = (frame->era - (uintptr_t)copy) / sizeof *copy;

		if (at - (uint64_t)(kept[k].from - kept[k].base) < (uint64_t)(kept[k].to - kept[k].from))
			return kept[k].reg ? frame->r[kept[k].reg] : cpu->tmp[0];
	}
	return frame->r[H_RA];
}

void cache_unstop(struct cpu *cpu)
{
	struct region *r = cpu->cache->stopped;

	if (!r)
		return;
	for (uint32_t k = 0; k < r->nheads; k++) {
		const struct loop_head *h = &r->heads[k];
		uint32_t *at = r->code + h->at;

		/* what has been patched meanwhile stays so */
		if (*at == h->leave)
			*at = h->word;
	}
	ibar();
	cpu->cache->stopped = NULL;
}

void cache_stop(struct cpu *cpu, uint64_t pc)
{
	struct code_cache *c = cpu->cache;
	struct region *r = cache_find_host(c, pc);

	if (!r || !r->nheads || r == c->stopped)
		return;
	cache_unstop(cpu);
	for (uint32_t k = 0; k < r->nheads; k++) {
		struct loop_head *h = &r->heads[k];
		uint32_t *at = r->code + h->at;

		h->word = *at;
		*at = h->leave;
	}
	ibar();
	c->stopped = r;
}

void cache_interrupted(struct cpu *cpu, struct trap_frame *frame)
{
	cpu->probe = cpu->probe_none;
	cpu->stop = 1; /* helpers return with interrupts off then, for this one would come again at once */
	frame->r[H_STOP] = 1;
	frame->prmd &= ~(uint64_t)PRMD_PIE;
	cache_stop(cpu, running_code(cpu, frame));
}
