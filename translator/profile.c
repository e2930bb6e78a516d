#include "translator/profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "translator/cache_internal.h"
#include "translator/mmu.h"

#define RECORDS_LOG2 18
#define RECORDS (1u << RECORDS_LOG2)
#define TRIES 64        /* places where a record may be */
#define OTHERS RECORDS  /* the record for regions that found no place */
#define HOTTEST 20

struct profile {
	uint64_t began;     /* host_counter() */
	uint64_t free_then; /* host_free_memory() */
	unsigned used;
	struct profile_record records[RECORDS + 1];
};

static const char *const names[STAT_COUNT] = {
	[STAT_EXIT_DISPATCH] = "exits by themselves: stops, helpers that end a region",
	[STAT_EXIT_LINK] = "exits to be linked",
	[STAT_EXIT_JUMP] = "exits of indirect jumps in 64-bit code",
	[STAT_EXIT_DEAD] = "exits at the entry of dead regions",
	[STAT_EXIT_UNWIND] = "exits by exceptions, and of code that changes itself",
	[STAT_EXCEPTION] = "exceptions of the guest but page faults",
	[STAT_PAGE_FAULT] = "page faults of the guest",
	[STAT_INTERRUPT] = "interrupts delivered",
	[STAT_NMI] = "NMIs delivered",
	[STAT_HALT] = "waits in HLT",
	[STAT_TRAP_INVALID] = "traps: page not in the software TLB, or not by a plain access",
	[STAT_TRAP_PROTECTED] = "traps: store to a read-only or code page",
	[STAT_TRAP_PRIVILEGE] = "traps: page privilege",
	[STAT_TRAP_UNALIGNED] = "traps: unaligned atomic access",
	[STAT_TRAP_FLOAT] = "traps: floating point",
	[STAT_TRAP_OTHER] = "traps: address",
	[STAT_WALK] = "walks of the guest's page tables",
	[STAT_FLUSH] = "changes of the address space, flushes",
	[STAT_PORT] = "port accesses",
	[STAT_MMIO] = "accesses to emulated device memory",
	[STAT_HELPER] = "calls of helpers",
};

int profile_start(struct cpu *cpu)
{
	uint64_t pa = host_alloc(sizeof(struct profile), 4096);

	if (!pa)
		return -ENOMEM;
	cpu->profile = phys_cached(pa);
	cpu->profile->began = host_counter();
	cpu->profile->free_then = host_free_memory();
	mmu_count_refills(cpu);
	return 0;
}

struct profile_record *profile_record(struct cpu *cpu, const struct region *r)
{
	struct profile *p = cpu->profile;
	uint64_t hash = (r->entry_gpa * 0x9e3779b97f4a7c15ull ^ r->mode * 0xc2b2ae3d27d4eb4full) >> (64 - RECORDS_LOG2);

	if (!p)
		return NULL;
	for (unsigned k = 0; k < TRIES; k++) {
		struct profile_record *q = &p->records[(hash + k) & (RECORDS - 1)];

		if (!q->translations) {
			q->gpa = r->entry_gpa;
			q->eip = r->eip;
			q->mode = r->mode;
			p->used++;
			return q;
		}
		if (q->gpa == r->entry_gpa && q->eip == r->eip && q->mode == r->mode)
			return q;
	}
	return &p->records[OTHERS];
}

void profile_translated(struct profile_record *p, const struct region *r, unsigned guest_insns)
{
	p->guest = guest_insns;
	p->host = (uint32_t)(r->code_end - r->code);
	p->translations++;
}

static void print_counter(uint64_t value, const char *name)
{
	if (value)
		printf("profile: %14llu %s\n", (unsigned long long)value, name);
}

static void print_cache(const struct code_cache *c)
{
	const struct cache_stats *s = &c->stats;
	uint64_t code = 0, tables = 0;

	print_counter(s->lookups, "lookups by the dispatcher");
	print_counter(s->regions, "regions translated");
	print_counter(s->guest_insns, "guest instructions translated");
	print_counter(s->host_insns, "host instructions for them");
	print_counter(s->links, "links");
	print_counter(s->invalidations, "regions that died: source changed, or to be larger");
	print_counter(s->mixed, "pages that became mixed");
	print_counter(s->evictions, "evictions");
	print_counter(s->evicted, "regions evicted");
	for (unsigned k = 1; k < c->nsegments; k++) {
		code += (uint64_t)(c->segments[k].next - c->segments[k].start) * 4;
		tables += c->segments[k].meta_used;
	}
	print_counter(code, "bytes of code in the cache");
	print_counter(tables, "bytes of tables in the cache");
	print_counter(s->pages, "code pages in the cache");
	print_counter(s->pages_most, "code pages at most");
}

static void print_memory(const struct profile *p)
{
	uint64_t free = host_free_memory();

	print_counter(free, "bytes of the firmware's memory not in use");
	print_counter(p->free_then - free, "bytes of it taken since the start");
	print_counter(p->used, "records of the profiler");
}

static const char *mode_name(uint32_t mode)
{
	static const char *const bits[4] = { "16", "32", "64", "64" };

	return mode & MODE_VM ? "V86" : !(mode & MODE_PE) ? "real" : bits[(mode & MODE_CS32 ? 1 : 0) + (mode & MODE_LONG ? 2 : 0)];
}

static void print_record(const struct profile_record *r, uint64_t total)
{
	unsigned permille = (unsigned)((r->executed >> 10) * 1000 / ((total >> 10) + 1));

	printf("profile: %3u.%u %% %14llu %016llx %010llx %4s %4u %5u %5u %6u\n", permille / 10, permille % 10, (unsigned long long)r->executed,
	       (unsigned long long)r->eip, (unsigned long long)r->gpa, mode_name(r->mode), (r->mode & MODE_CPL) >> MODE_CPL_SHIFT,
	       r->guest, r->host, r->translations);
}

/* The records with the most instructions executed, the first first. Returns their number. */
static unsigned find_hottest(const struct profile *p, const struct profile_record *hottest[HOTTEST])
{
	unsigned n = 0;

	for (unsigned k = 0; k < OTHERS; k++) {
		const struct profile_record *r = &p->records[k];
		unsigned at = n;

		while (at && hottest[at - 1]->executed < r->executed)
			at--;
		if (!r->executed || at == HOTTEST)
			continue;
		n = n < HOTTEST ? n + 1 : HOTTEST;
		memmove(&hottest[at + 1], &hottest[at], (n - 1 - at) * sizeof *hottest);
		hottest[at] = r;
	}
	return n;
}

void profile_print(struct cpu *cpu)
{
	const struct profile *p = cpu->profile;
	const struct profile_record *hottest[HOTTEST];
	uint64_t total = 0, ms;
	unsigned n;

	if (!p)
		return;
	ms = (host_counter() - p->began) / (host.counter_hz / 1000);
	printf("\nprofile: begin, %llu.%03llu s after the start\n", (unsigned long long)ms / 1000, (unsigned long long)ms % 1000);
	for (unsigned k = 0; k < STAT_COUNT; k++)
		print_counter(cpu->stats[k], names[k]);
	print_counter(mmu_refills(cpu), "refills of the host's TLB");
	print_cache(cpu->cache);
	print_memory(p);
	for (unsigned k = 0; k <= OTHERS; k++)
		total += p->records[k].executed;
	print_counter(total, "guest instructions executed");
	print_counter(p->records[OTHERS].executed, "... of them in regions without a record");
	printf("profile:   share       executed              EIP   physical mode ring guest  host   made\n");
	n = find_hottest(p, hottest);
	for (unsigned k = 0; k < n; k++)
		print_record(hottest[k], total);
	printf("profile: end\n");
}
