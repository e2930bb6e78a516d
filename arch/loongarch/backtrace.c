#include "arch/loongarch/backtrace.h"

#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"

#define MAX_DEPTH 48

extern const char _head[], __code_end[];
extern const char symbols_start[] __attribute__((weak)), symbols_end[] __attribute__((weak));

static bool in_code(uint64_t a)
{
	return a >= (uint64_t)_head && a < (uint64_t)__code_end;
}

const char *symbol_of(uint64_t address, uint64_t *offset)
{
	const char *best = NULL;
	uint32_t best_offset = 0;

	if (!in_code(address))
		return NULL;
	for (const char *p = symbols_start; p < symbols_end; p += sizeof best_offset + strlen(p + sizeof best_offset) + 1) {
		uint32_t o;

		memcpy(&o, p, sizeof o);
		if (o > address - (uint64_t)_head)
			break;
		best = p + sizeof o;
		best_offset = o;
	}
	*offset = address - (uint64_t)_head - best_offset;
	return best;
}

/*
 * A frame pointer points just above its function's frame, with the return address at -8 and the caller's frame pointer at -16
 * (LoongArch psABI). Frames grow upwards and stay within the image, which holds all stacks.
 */
static bool frame_ok(uint64_t fp, uint64_t above)
{
	return !(fp & 7) && fp > above && fp >= host.image.base + DMW_CACHED + 16 &&
	       fp <= host.image.base + DMW_CACHED + host.image.size;
}

void backtrace(uint64_t pc, uint64_t ra, uint64_t fp, void (*fn)(uint64_t address))
{
	uint64_t above = 0;

	fn(pc);
	/* A function that makes no calls has no frame of its own: its return address is still in ra. */
	if (frame_ok(fp, above) && in_code(ra) && ((uint64_t *)fp)[-1] != ra)
		fn(ra - 4);
	for (int i = 0; i < MAX_DEPTH && frame_ok(fp, above); i++) {
		uint64_t *p = (uint64_t *)fp;

		if (!in_code(p[-1]))
			return;
		fn(p[-1] - 4);
		above = fp;
		fp = p[-2];
	}
}
