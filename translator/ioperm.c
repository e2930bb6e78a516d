/* The I/O permission bitmap of the task-state segment (Intel SDM 1, 18.5 "Protected-Mode I/O"). */
#include "translator/descriptor.h"
#include "translator/mmu.h"
#include "translator/seg.h"

#define TSS32_MIN_LIMIT 103
#define TSS32_MAP_BASE 102

static bool bitmap_allows(struct cpu *cpu, uint16_t port, int size)
{
	const struct seg *tr = &cpu->seg[SEG_TR];
	unsigned wanted = ((1u << size) - 1) << (port & 7);

	if (!(tr->attr & SEG_ATTR_P) || !(tr->attr & SYS_32BIT_BIT) || tr->limit < TSS32_MIN_LIMIT)
		return false;
	/* The processor always reads two bytes of the map, and both must lie within the TSS. */
	uint32_t off = mem_read16(cpu, tr->base + TSS32_MAP_BASE, ACC_IMPLICIT) + port / 8u;
	if (off + 1 > tr->limit)
		return false;
	return !(mem_read16(cpu, tr->base + off, ACC_IMPLICIT) & wanted);
}

void io_check(struct cpu *cpu, uint16_t port, int size)
{
	bool look = cpu->mode & MODE_VM || !(cpu->mode & MODE_IOPL_OK);

	if (look && !bitmap_allows(cpu, port, size))
		cpu_raise_err(cpu, EXC_GP, 0);
}
