#include "translator/fp_trap.h"

#include "arch/loongarch/host.h"
#include "translator/cache.h"
#include "translator/vregs.h"

int fp_trap(struct cpu *cpu, struct trap_frame *frame)
{
	const uint32_t *slow = cache_fp_slow(cpu, frame->era);

	if (slow) {
		frame->era = (uintptr_t)slow;
		return 0;
	}
	fp_execute(*(const uint32_t *)(uintptr_t)frame->era);
	frame->era += 4;
	return 0;
}
