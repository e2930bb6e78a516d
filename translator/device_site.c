/* Which instructions are device sites, and what their code calls: device_site.h. */
#include "translator/device_site.h"

#include "translator/board.h"
#include "translator/cache_internal.h"
#include "translator/descriptor.h"
#include "translator/mmu_internal.h"

#define TRAPS_MAX 8   /* traps until an instruction becomes a site */
#define MISSES_MAX 64 /* accesses of plain memory until it is none any more */

_Static_assert(REGION_MAX_INSNS * REGION_SPAN <= DEVICE_SITES, "as device_site.h says");

bool device_site_known(const struct cpu *cpu, uint64_t gpa)
{
	return cpu->cache->sites.site[gpa % DEVICE_SITES].gpa == gpa;
}

bool device_site_near(const struct cpu *cpu, uint64_t gpa)
{
	unsigned page = gpa / PAGE_SIZE % DEVICE_PAGES;

	return cpu->cache->sites.pages[page / 64] >> page % 64 & 1;
}

/* Returns false when it has been one already: it is of a kind that goes on trapping. */
static bool make_site(struct device_sites *d, const struct region *r, const struct fault_point *p)
{
	uint64_t gpa = r->entry_gpa + (uint64_t)(int64_t)p->eip_delta;
	unsigned page = gpa / PAGE_SIZE % DEVICE_PAGES;

	if (d->site[gpa % DEVICE_SITES].gpa == gpa)
		return false;
	d->site[gpa % DEVICE_SITES].gpa = gpa;
	d->site[gpa % DEVICE_SITES].misses = 0;
	d->pages[page / 64] |= 1ull << page % 64;
	return true;
}

/* The region is made anew, as soon as it is left; other instructions of it that have trapped as often, nearly, become sites as well. */
static void make_sites(struct cpu *cpu, uint64_t pc)
{
	struct device_sites *d = &cpu->cache->sites;
	struct region *r, *other;
	const struct fault_point *p = cache_find_point(cpu->cache, pc, &r);
	bool some = false;

	if (!p || r->gpa2 || r->flags & (REGION_DEAD | REGION_TRANSIENT))
		return;
	for (unsigned k = 0; k < DEVICE_TRAPS; k++) {
		if (d->trapped[k].traps < TRAPS_MAX - 1)
			continue;
		p = cache_find_point(cpu->cache, d->trapped[k].pc, &other);
		if (p && other == r)
			some |= make_site(d, r, p);
	}
	if (!some)
		return;
	smc_kill(cpu, r);
	cpu_request(cpu, PEND_FLUSH);
}

void device_site_trap(struct cpu *cpu, uint64_t pc)
{
	unsigned k = pc / 4 % DEVICE_TRAPS;
	struct device_sites *d = &cpu->cache->sites;

	if (d->trapped[k].pc != pc) {
		d->trapped[k].pc = pc;
		d->trapped[k].traps = 0;
	}
	if (++d->trapped[k].traps == TRAPS_MAX)
		make_sites(cpu, pc);
}

/* Whether lin, where p lies, is a device's register within a naturally aligned unit, which may be accessed so. */
static bool is_register(const struct cpu *cpu, const struct soft_page *p, uint64_t lin, uint64_t size, int acc)
{
	return p && p->kind == PAGE_MMIO && p->rights & RIGHT(acc, cpu->cpl == 3) && !(lin & (size - 1)) && mmu_canonical(lin);
}

/* The instruction has met something else. */
static void missed(struct cpu *cpu)
{
	struct device_sites *d = &cpu->cache->sites;
	uint64_t gpa;

	if (mmu_peek(cpu, seg_linear(cpu, &cpu->seg[SEG_CS], cpu->eip), &gpa) < 0 || !device_site_known(cpu, gpa))
		return;
	if (++d->site[gpa % DEVICE_SITES].misses < MISSES_MAX)
		return;
	d->site[gpa % DEVICE_SITES].gpa = 0;
	smc_kill_page(cpu, gpa);
}

/* Apart, so that the functions that call them last save nothing. */
static __attribute__((noinline)) uint64_t other_load(struct cpu *cpu, uint64_t lin, uint64_t size)
{
	uint64_t v = 0;

	mem_read(cpu, lin, &v, (unsigned)size, 0);
	missed(cpu);
	return v;
}

static __attribute__((noinline)) void other_store(struct cpu *cpu, uint64_t lin, uint64_t value, uint64_t size)
{
	mem_write(cpu, lin, &value, (unsigned)size, 0);
	missed(cpu);
}

uint64_t device_site_load(struct cpu *cpu, uint64_t va, uint64_t size)
{
	uint64_t lin = mmu_program_lin(cpu, va);
	const struct soft_page *p = softtlb_find(cpu->mmu, lin);

	if (!is_register(cpu, p, lin, size, ACC_READ))
		return other_load(cpu, lin, size);
	return board_mmio_read(cpu, (uint64_t)p->gpn << 12 | (lin & PAGE_MASK), (int)size);
}

void device_site_store(struct cpu *cpu, uint64_t va, uint64_t value, uint64_t size)
{
	uint64_t lin = mmu_program_lin(cpu, va);
	const struct soft_page *p = softtlb_find(cpu->mmu, lin);

	if (is_register(cpu, p, lin, size, ACC_WRITE))
		board_mmio_write(cpu, (uint64_t)p->gpn << 12 | (lin & PAGE_MASK), (int)size, value);
	else
		other_store(cpu, lin, value, size);
}
