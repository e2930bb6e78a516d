/*
 * The inside of the code cache, shared by cache.c and smc.c.
 */
#ifndef TRANSLATOR_CACHE_INTERNAL_H
#define TRANSLATOR_CACHE_INTERNAL_H

#include "translator/cache.h"
#include "translator/region.h"
#include "translator/tr.h"

#define HASH_SIZE 65536
#define FILTER_SIZE 65536
#define LOCAL_MAX 512
#define PAGE_HASH 4096
#define CONTEXT_MAX 64
#define FOUND_SIZE 64

/* A guest physical page that translated code came from. */
struct code_page {
	uint64_t gpa;
	struct region *regions;   /* that begin in it, through page_next */
	struct region *regions2;  /* that run over into it, through page2_next */
	struct code_page *next;   /* in the hash bucket */
	uint64_t covered[64];     /* a bit for every byte that some region covers */
	uint32_t hits;            /* stores into covered bytes */
	bool mixed;               /* code and data too close: regions check themselves, the page is not protected */
	bool watched;
};

struct code_cache {
	struct stubs stubs;
	uint32_t *code, *code_end; /* all of the code memory */
	uint32_t *first;           /* behind the stubs */
	uint32_t *next;            /* where the next region goes */
	uint8_t *meta;
	uint64_t meta_size, meta_used;
	struct region **regions;   /* by rising code address */
	unsigned nregions, max_regions;
	struct jc_entry *jc;
	struct { uint32_t mode; uint16_t number; } contexts[CONTEXT_MAX]; /* what jump cache entries of the modes are tagged with */
	unsigned ncontexts;
	uint16_t last_context;
	uint32_t generation;
	bool redo;                 /* the instruction at cpu->eip overwrites its own region: run it alone */
	struct probe_entry *probes;        /* PROBE_TABLES tables and the empty one */
	struct probe_entry **probes_used;  /* entries that are not empty, up to cpu->probe_used */
	uint32_t probe_modes[PROBE_TABLES];
	unsigned nprobe_modes;
	struct tr *tr;
	struct cache_stats stats;
	struct { uint64_t pc; struct region *region; const struct fault_point *point; } found[FOUND_SIZE]; /* fault points looked for, by pc */
	/* linear pages that the jump cache may hold something of, by their low bits; FILTER_SEVERAL: any page with these */
	struct { uint32_t generation, page; } page_filter[FILTER_SIZE];
	uint16_t local[LOCAL_MAX]; /* jump cache slots that may depend on pages which are not global */
	unsigned nlocal;           /* LOCAL_MAX: there are more */
	struct region *hash[HASH_SIZE];
	struct code_page *pages[PAGE_HASH];
	struct plan plan;
};

/* Memory for tables, until the next reset; NULL when used up. */
void *cache_meta(struct code_cache *c, size_t size);
/* The region whose code contains host address pc, or NULL. */
struct region *cache_find_host(struct code_cache *c, uint64_t pc);

/* Neither the jump cache nor a probe table leads to the region any more. */
void cache_forget_region(struct cpu *cpu, const struct region *r);

/* probe.c */
#define PROBE_SIZE (1u << PROBE_BITS)
/* Once per CPU: takes memory for the probe tables. 0 or -ENOMEM. */
int probe_init(struct cpu *cpu);
/* The table of the CPU's mode; probe_none where exits do not probe. */
struct probe_entry *probe_table(struct cpu *cpu);
/* Empties all probe tables. */
void probe_forget(struct cpu *cpu);
/* No probe table leads to the region any more. */
void probe_forget_region(struct cpu *cpu, const struct region *r);

/* smc.c */
/* The page(s) of the region are to be protected; the region is to die when they are written. */
void smc_watch(struct cpu *cpu, struct region *r);
/* The region must not be entered again: its entry leads to the dispatcher. */
void smc_kill(struct cpu *cpu, struct region *r);
bool smc_page_is_mixed(struct cpu *cpu, uint64_t gpa);
void smc_forget_pages(struct cpu *cpu);

#endif
