#include "translator/fp_trap.h"

#include "arch/loongarch/host.h"
#include "translator/cache.h"
#include "translator/mmu.h"
#include "translator/region.h"
#include "translator/vregs.h"
#include "translator/x87.h"

void fp_trap_x87(struct cpu *cpu, const struct trap_frame *frame, const struct x87_point *p)
{
	uint64_t lin = p->base < 0 ? 0 : frame->r[p->base] + (uint64_t)(int64_t)p->disp;

	x87_exec(cpu, p->info, lin);
	cpu->eip = (cpu->eip + p->len) & plan_eip_mask(cpu->mode);
}

int fp_trap(struct cpu *cpu, struct trap_frame *frame)
{
	const struct x87_point *point = cache_x87_point(cpu, frame->era);

	if (point && cache_recover(cpu, frame) >= 0) {
		fp_trap_x87(cpu, frame, point);
		cpu_exit(cpu);
	}
	const uint32_t *slow = cache_fp_slow(cpu, frame->era);

	if (slow) {
		frame->era = (uintptr_t)slow;
		return 0;
	}
	fp_execute(*(const uint32_t *)(uintptr_t)frame->era);
	frame->era += 4;
	return 0;
}
