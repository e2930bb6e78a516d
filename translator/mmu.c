/*
 * Control of the guest MMU: initialisation, flushes, and the translation that everything else builds on.
 */
#include <errno.h>

#include "arch/loongarch/host.h"
#include "translator/mmu_internal.h"

struct mmu *mmu_all[MMU_MAX_CPUS];
unsigned mmu_count;

int mmu_init(struct cpu *cpu)
{
	struct mmu *m;
	uint64_t pa;

	if (mmu_count == MMU_MAX_CPUS || phys_init())
		return -ENOMEM;
	pa = host_alloc(sizeof(*m), PAGE_SIZE);
	if (!pa)
		return -ENOMEM;
	m = host_ptr(pa);
	m->cpu = cpu;
	if (softtlb_init(m))
		return -ENOMEM;
	cpu->mmu = m;
	mmu_all[mmu_count++] = m;
	return 0;
}

static void flush_lookups(struct cpu *cpu)
{
	if (cpu->cache)
		cache_flush_lookups(cpu);
}

void mmu_flush(struct cpu *cpu, bool keep_global)
{
	if ((cpu->cr0 & CR0_PG) && (cpu->cr4 & CR4_PAE))
		mmu_load_pdptes(cpu, cpu->cr3);
	softtlb_flush(cpu->mmu, keep_global);
	if (!keep_global)
		flush_lookups(cpu);
	else if (cpu->cache)
		cache_flush_lookups_local(cpu);
}

void mmu_invlpg(struct cpu *cpu, uint64_t lin)
{
	softtlb_drop_page(cpu->mmu, lin);
	if (cpu->cache)
		cache_flush_lookups_page(cpu, (uint32_t)lin);
}

void mmu_phys_map_changed(void)
{
	phys_forget();
	for (unsigned i = 0; i < mmu_count; i++) {
		softtlb_flush(mmu_all[i], false);
		flush_lookups(mmu_all[i]->cpu);
		cpu_request(mmu_all[i]->cpu, PEND_FLUSH);
	}
}

struct soft_page *mmu_translate(struct cpu *cpu, uint32_t lin, int acc, bool user, uint32_t *error)
{
	struct mmu *m = cpu->mmu;
	struct soft_page *p = softtlb_find(m, lin);
	struct walk w;

	if (!p)
		p = softtlb_rescue(m, lin);
	if (p && (p->rights & RIGHT(acc, user)))
		return p;
	if (!page_walk(cpu, lin, acc, user, &w, error))
		return NULL;
	return softtlb_fill(m, lin, &w, acc == ACC_WRITE && !user);
}

uint64_t mmu_fetch(struct cpu *cpu, uint64_t lin, const uint8_t **host)
{
	uint32_t error, at = lin;
	struct soft_page *p = mmu_translate(cpu, at, ACC_EXEC, cpu->cpl == 3, &error);

	if (!p)
		cpu_raise_pf(cpu, at, error);
	*host = p->kind <= PAGE_ROM ? (const uint8_t *)host_ptr(p->host_pa) + (at & PAGE_MASK) : NULL;
	return (uint64_t)p->gpn << 12 | (at & PAGE_MASK);
}

bool mmu_is_global(struct cpu *cpu, uint64_t lin)
{
	const struct soft_page *p = softtlb_find(cpu->mmu, (uint32_t)lin);

	return p && p->rights && p->global;
}

int mmu_peek(struct cpu *cpu, uint64_t lin, uint64_t *gpa)
{
	if (!page_walk_peek(cpu, lin, gpa))
		return -1;
	*gpa |= lin & PAGE_MASK;
	return 0;
}
