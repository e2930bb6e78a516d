/*
 * Probe tables: what exits of translated code look into in line. stub_jump (stubs/jump.inc) copies entries of the jump cache into them.
 *
 * Since an entry says nothing of modes and mappings, each mode has a table, and what the jump cache loses is lost here too: by itself, or all at once, for which
 * the used ones are kept in a list.
 */
#include <errno.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"

static void make_empty(struct code_cache *c, struct probe_entry *p)
{
	size_t index = (size_t)(p - c->probes) & (PROBE_SIZE - 1);

	p->eip = !index;
	p->host = NULL;
}

int probe_init(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;
	size_t table = PROBE_SIZE * sizeof(struct probe_entry);
	uint64_t probes = host_alloc((PROBE_TABLES + 1) * table, table);
	uint64_t used = host_alloc(PROBE_TABLES * PROBE_SIZE * sizeof *c->probes_used, 4096);

	if (!probes || !used)
		return -ENOMEM;
	c->probes = phys_cached(probes);
	c->probes_used = phys_cached(used);
	for (size_t k = 0; k < (PROBE_TABLES + 1) * PROBE_SIZE; k++)
		make_empty(c, &c->probes[k]);
	cpu->probe = cpu->probe_none = c->probes + PROBE_TABLES * PROBE_SIZE;
	cpu->probe_used = c->probes_used;
	return 0;
}

void probe_forget(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;

	while (cpu->probe_used > c->probes_used)
		make_empty(c, *--cpu->probe_used);
}

/* The number of the mode's table, or nprobe_modes. */
static unsigned find_mode(const struct code_cache *c, uint32_t mode)
{
	unsigned k = 0;

	while (k < c->nprobe_modes && c->probe_modes[k] != mode)
		k++;
	return k;
}

void probe_forget_region(struct cpu *cpu, const struct region *r)
{
	struct code_cache *c = cpu->cache;
	unsigned k = find_mode(c, r->mode);
	uint64_t eip = r->mode & MODE_LONG ? r->eip : (uint64_t)(int32_t)r->eip;
	size_t index = eip & (PROBE_SIZE - 1);

	if (k < c->nprobe_modes && c->probes[k * PROBE_SIZE + index].eip == eip)
		c->probes[k * PROBE_SIZE + index].eip = !index;
}

struct probe_entry *probe_table(struct cpu *cpu)
{
	struct code_cache *c = cpu->cache;
	unsigned k = find_mode(c, cpu->mode);

	if (!mode_probes(cpu->mode))
		return cpu->probe_none;
	if (k == PROBE_TABLES) {
		probe_forget(cpu);
		memset(cpu->recent, 0, sizeof cpu->recent);
		k = c->nprobe_modes = 0;
	}
	if (k == c->nprobe_modes)
		c->probe_modes[c->nprobe_modes++] = cpu->mode;
	return c->probes + k * PROBE_SIZE;
}
