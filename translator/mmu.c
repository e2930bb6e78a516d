/*
 * Control of the guest MMU: initialisation, flushes, and the translation that everything else builds on.
 */
#include <errno.h>

#include "arch/loongarch/host.h"
#include "translator/mmu_internal.h"

#define CR3_PCID 0xfffull
#define CR3_NO_FLUSH (1ull << 63)

/* Types of INVPCID (SDM 2A). */
enum { INVPCID_ADDRESS, INVPCID_CONTEXT, INVPCID_ALL, INVPCID_ALL_LOCAL };

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

static unsigned pcid_of(const struct cpu *cpu, uint64_t cr3)
{
	return cpu->cr4 & CR4_PCIDE ? cr3 & CR3_PCID : 0;
}

static void flush_lookups(struct cpu *cpu)
{
	if (cpu->cache)
		cache_flush_lookups(cpu);
}

static void flush_local_lookups(struct cpu *cpu)
{
	if (cpu->cache)
		cache_flush_lookups_local(cpu);
}

static bool pae_paging(const struct cpu *cpu)
{
	return (cpu->cr0 & CR0_PG) && (cpu->cr4 & CR4_PAE) && !(cpu->efer & EFER_LMA);
}

void mmu_flush(struct cpu *cpu, bool keep_global)
{
	if (pae_paging(cpu))
		mmu_load_pdptes(cpu, cpu->cr3);
	softtlb_set_rules(cpu->mmu);
	softtlb_flush(cpu->mmu, pcid_of(cpu, cpu->cr3), keep_global);
	if (keep_global)
		flush_local_lookups(cpu);
	else
		flush_lookups(cpu);
}

int mmu_set_cr3(struct cpu *cpu, uint64_t value)
{
	bool keep = (cpu->cr4 & CR4_PCIDE) && (value & CR3_NO_FLUSH);

	if (keep)
		value &= ~CR3_NO_FLUSH;
	if ((cpu->efer & EFER_LMA) && value >> MMU_PHYS_BITS)
		return -1;
	if (pae_paging(cpu) && mmu_load_pdptes(cpu, value))
		return -1;
	cpu->cr3 = value;
	if (!(cpu->cr4 & (CR4_PGE | CR4_PCIDE))) {
		softtlb_flush(cpu->mmu, 0, false);
		flush_local_lookups(cpu); /* no page is global */
		return 0;
	}
	softtlb_switch(cpu->mmu, pcid_of(cpu, value), keep);
	flush_local_lookups(cpu);
	return 0;
}

bool mmu_invlpg(struct cpu *cpu, uint64_t lin)
{
	lin = mmu_lin(cpu, lin);
	if (!mmu_canonical(lin))
		return false;
	unsigned shift = softtlb_drop_page(cpu->mmu, lin & ~(uint64_t)PAGE_MASK);
	if (cpu->cache)
		cache_flush_lookups_page(cpu, lin, shift);
	return shift > PAGE_SHIFT;
}

int mmu_invpcid(struct cpu *cpu, uint64_t type, uint64_t pcid, uint64_t lin)
{
	if (type > INVPCID_ALL_LOCAL || pcid > CR3_PCID)
		return -1;
	if (type <= INVPCID_CONTEXT && pcid && !(cpu->cr4 & CR4_PCIDE))
		return -1;
	if (type == INVPCID_ADDRESS && (cpu->efer & EFER_LMA) && !mmu_canonical(lin))
		return -1;
	switch (type) {
	case INVPCID_ADDRESS:
		softtlb_drop_pcid_page(cpu->mmu, pcid, mmu_lin(cpu, lin) & ~(uint64_t)PAGE_MASK);
		break;
	case INVPCID_CONTEXT:
		softtlb_flush_pcid(cpu->mmu, pcid);
		break;
	default:
		softtlb_flush(cpu->mmu, pcid_of(cpu, cpu->cr3), type == INVPCID_ALL_LOCAL);
	}
	if (type == INVPCID_ALL)
		flush_lookups(cpu);
	else
		flush_local_lookups(cpu);
	return 0;
}

void mmu_phys_map_changed(void)
{
	phys_forget();
	for (unsigned i = 0; i < mmu_count; i++) {
		if (phys_map.generation == 1)
			softtlb_empty(mmu_all[i]); /* it has begun anew: rules come again that pairs were made by before */
		softtlb_set_rules(mmu_all[i]);
		softtlb_flush(mmu_all[i], pcid_of(mmu_all[i]->cpu, mmu_all[i]->cpu->cr3), false);
		flush_lookups(mmu_all[i]->cpu);
		cpu_request(mmu_all[i]->cpu, PEND_FLUSH);
	}
}

struct soft_page *mmu_walk(struct cpu *cpu, uint64_t lin, int acc, bool user, uint32_t *error)
{
	struct walk w;

	cpu->stats[STAT_WALK]++;
	if (!page_walk(cpu, lin, acc, user, &w, error))
		return NULL;
	return softtlb_fill(cpu->mmu, lin, &w, acc == ACC_WRITE && !user);
}

struct soft_page *mmu_translate(struct cpu *cpu, uint64_t lin, int acc, bool user, uint32_t *error)
{
	struct mmu *m = cpu->mmu;
	struct soft_page *p = softtlb_find(m, lin);

	if (!p)
		p = softtlb_rescue(m, lin);
	if (!p && softtlb_refill(cpu, lin))
		p = softtlb_find(m, lin);
	return p && (p->rights & RIGHT(acc, user)) ? p : mmu_walk(cpu, lin, acc, user, error);
}

/* The page of the code at `at`, or NULL and the error code. */
static const struct soft_page *code_page(struct cpu *cpu, uint64_t at, uint32_t *error)
{
	const struct soft_page *p = softtlb_find(cpu->mmu, at);
	bool user = cpu->cpl == 3;

	return p && p->rights & RIGHT(ACC_EXEC, user) ? p : mmu_translate(cpu, at, ACC_EXEC, user, error);
}

bool mmu_find_code(struct cpu *cpu, uint64_t lin, uint64_t *gpa)
{
	uint64_t at = mmu_lin(cpu, lin);
	uint32_t error;
	const struct soft_page *p = mmu_canonical(at) ? code_page(cpu, at, &error) : NULL;

	if (!p)
		return false;
	*gpa = (uint64_t)p->gpn << 12 | (at & PAGE_MASK);
	return true;
}

uint64_t mmu_fetch(struct cpu *cpu, uint64_t lin, const uint8_t **host)
{
	uint64_t at = mmu_lin(cpu, lin);
	uint32_t error;

	if (!mmu_canonical(at))
		cpu_raise_err(cpu, EXC_GP, 0);
	const struct soft_page *p = code_page(cpu, at, &error);
	if (!p)
		cpu_raise_pf(cpu, at, error);
	*host = p->kind <= PAGE_ROM ? (const uint8_t *)host_ptr(p->host_pa) + (at & PAGE_MASK) : NULL;
	return (uint64_t)p->gpn << 12 | (at & PAGE_MASK);
}

bool mmu_is_code_at(struct cpu *cpu, uint64_t lin, uint64_t gpa)
{
	struct soft_page page, *p = softtlb_find(cpu->mmu, lin);
	struct near near;

	if (!p) {
		if (!mmu_canonical(lin) || !page_walk_near(cpu, lin, &near))
			return false;
		page.word = page_walk_seen(cpu, &near, lin, near_entry(&near, lin));
		p = &page;
	}
	return p->rights & RIGHT(ACC_EXEC, cpu->cpl == 3) && p->gpn == gpa >> 12;
}

bool mmu_is_global(struct cpu *cpu, uint64_t lin)
{
	uint64_t at = mmu_lin(cpu, lin);
	const struct soft_page *p = mmu_canonical(at) ? softtlb_find(cpu->mmu, at) : NULL;

	return p && p->rights && p->global;
}

int mmu_peek(struct cpu *cpu, uint64_t lin, uint64_t *gpa)
{
	uint64_t at = mmu_lin(cpu, lin);

	if (!mmu_canonical(at) || !page_walk_peek(cpu, at, gpa))
		return -1;
	*gpa |= at & PAGE_MASK;
	return 0;
}
