/*
 * The inside of the code cache, shared by cache.c and smc.c.
 */
#ifndef TRANSLATOR_CACHE_INTERNAL_H
#define TRANSLATOR_CACHE_INTERNAL_H

#include "translator/cache.h"
#include "translator/dead_flags.h"
#include "translator/device_site.h"
#include "translator/region.h"
#include "translator/tr.h"

#define HASH_SIZE 65536
#define FILTER_SIZE 65536
#define BLOCKS 4096
#define BLOCK_SHIFT_1 22
#define BLOCK_SHIFT_2 30
#define LOCAL_MAX 16384
#define PAGE_HASH 4096
#define CONTEXT_MAX 64
#define FOUND_SIZE 64
#define ALONE_MAX 64
#define WIDE_SIZE 64

/*
 * A guest physical page that translated code came from. A record lives as long as some region of the page, dead or alive, has its memory: so there
 * are no more of them than regions.
 */
struct code_page {
	uint64_t gpa;
	struct region *regions[2]; /* living ones that begin in it, through in[0], and that run over into it, through in[1] */
	unsigned count;            /* regions in memory, dead or alive, that belong to it */
	struct code_page *next;    /* in the hash bucket, or free */
	uint64_t covered[64];      /* a bit for every byte that some region covers, and maybe for others */
	uint32_t hits;             /* stores into live code since hits_since, in host_counter() ticks */
	uint32_t beside;           /* stores beside code since the last that counted as one into it */
	uint64_t hits_since;
	bool mixed;                /* code and data too close: regions check themselves, the page is not protected */
	bool watched;
	uint64_t mixed_until;      /* host_counter() when it is tried again without */
	struct code_page *mixed_next;
};

/*
 * The memory of the cache is a ring of segments, filled one after the other and emptied as a whole, the oldest first. Each has its part of the
 * memory for tables. Segment 0 is not in the ring: it holds regions of one instruction that runs alone.
 */
#define SEGMENT_MIN (128u << 10) /* bytes of code: room for two of the longest regions */
#define SEGMENTS 65
struct segment {
	uint32_t *start, *end, *next; /* code */
	uint8_t *meta;
	size_t meta_size, meta_used;
	struct region **regions;      /* by rising code address; the code of each begins where that of the one before ends */
	uint32_t *first;              /* for each block of the code up to `next`, the region that its first word belongs to (segment.c) */
	unsigned nregions, max_regions;
};

struct code_cache {
	struct stubs stubs;
	uint32_t *code, *code_end; /* all of the code memory */
	uint32_t *x87_stubs;       /* among the stubs */
	uint32_t *first;           /* behind the stubs */
	struct segment segments[SEGMENTS];
	unsigned nsegments, open;  /* the open segment is the one that is being filled */
	uint32_t segment_words;
	struct code_page *free_pages, *mixed_pages; /* the latter by rising mixed_until */
	unsigned nfree_pages;
	struct jc_entry *jc;
	struct { uint32_t mode; uint16_t number; } contexts[CONTEXT_MAX]; /* what jump cache entries of the modes are tagged with */
	unsigned ncontexts;
	uint16_t last_context;
	uint32_t generation;
	struct region *far[2];     /* regions with links that depend on what is mapped, in pages that are not global and that are */
	struct region *stopped;    /* the heads of its loops are overwritten: cache_stop() */
	bool redo;                 /* the instruction at cpu->eip is to run alone: it overwrites its own region, or cache_run_alone() */
	struct probe_entry *probes;        /* PROBE_TABLES tables and the empty one */
	struct probe_entry **probes_used;  /* entries that are not empty, up to cpu->probe_used */
	uint32_t probe_modes[PROBE_TABLES];
	unsigned nprobe_modes;
	struct tr *tr;
	struct cache_stats stats;
	uint32_t emptied;          /* how often some segment was */
	struct { uint64_t pc; uint32_t emptied; struct region *region; const struct fault_point *point; } found[FOUND_SIZE]; /* fault points looked for, by pc */
	struct dead_flags dead_flags[DEAD_FLAGS_SIZE]; /* found before, by the low bits of the host address */
	/* linear pages that the jump cache may hold something of, by their low bits; FILTER_SEVERAL: any page with these */
	struct { uint32_t generation, page; } page_filter[FILTER_SIZE];
	/* the generation of the last entry in blocks of 1 << BLOCK_SHIFT_1 and BLOCK_SHIFT_2 bytes, by the low bits of their numbers */
	uint32_t block_filter[2][BLOCKS];
	uint16_t local[LOCAL_MAX]; /* jump cache slots that may depend on pages which are not global */
	unsigned nlocal;           /* LOCAL_MAX: there are more */
	struct { uint64_t gpa, eip; } unfinished; /* where a cut region begins that the one being made branches back to, when there is one */
	uint64_t wide[WIDE_SIZE];  /* entries (guest physical) whose region is to be wide when it is made next; by their low bits */
	struct device_sites sites;
	struct region *alone[ALONE_MAX]; /* made by cache_transient(), in segment 0, by where their source lies */
	struct region *hash[HASH_SIZE];
	struct code_page *pages[PAGE_HASH];
	struct plan plan;
};

/* cache.c */
/* Nobody finds the region any more: not by a lookup, the jump cache, a probe table or a link. */
void cache_forget_region(struct cpu *cpu, struct region *r);

/* jump_cache.c */
/* The entry for linear address lin, the other one that may be for it, and the key that it has if it is one of the CPU's mode. */
static inline struct jc_entry *jump_cache_slot(struct code_cache *c, uint64_t lin)
{
	return &c->jc[(lin ^ lin >> 12) & ((1u << JC_BITS) - 1)];
}
static inline struct jc_entry *jump_cache_other(struct code_cache *c, const struct jc_entry *j)
{
	return &c->jc[(j - c->jc) ^ 1];
}
static inline uint64_t jump_cache_key(const struct cpu *cpu, uint64_t lin)
{
	return cpu->jc_tag | lin << 16 >> 16;
}
/* The entry of the CPU's mode for lin, or NULL. */
static inline struct jc_entry *jump_cache_find(const struct cpu *cpu, uint64_t lin)
{
	struct jc_entry *j = jump_cache_slot(cpu->cache, lin), *other = jump_cache_other(cpu->cache, j);
	uint64_t key = jump_cache_key(cpu, lin);

	return j->key == key ? j : other->key == key ? other : NULL;
}
/* No entry is of the region any more. */
void jump_cache_forget(struct code_cache *c, const struct region *r);
/* The region is found at lin in the CPU's mode from now on, if it is of a kind that may be. */
void jump_cache_add(struct cpu *cpu, struct region *r, uint64_t lin);
/* Something depends on what is mapped in the region's pages: INVLPG of them does all that it must. */
void jump_cache_note_pages(struct code_cache *c, const struct region *r, uint64_t lin);

/* recover.c */
uint64_t fault_point_eip(const struct region *r, const struct fault_point *p);
/* 64-bit code leaves upper halves that nobody reads as they are. */
void fault_point_clear_upper(struct cpu *cpu, const struct fault_point *p);

/* segment.c */
/* Once per CPU: takes memory for code_size bytes of code, and for the stubs, which take the first stub_words of c->code. 0 or -ENOMEM. */
int segments_init(struct code_cache *c, uint64_t code_size, uint32_t stub_words);
/* Makes the next segment of the ring the open one; what is in it is evicted. Not while translated code is active. */
void segment_open_next(struct cpu *cpu);
/* Segment 0, emptied when it has no room for so many words of code, or for the tables that may go with them. */
struct segment *segment_scratch(struct code_cache *c, int words);
/* Memory for tables, for as long as the segment's code stays; NULL when used up. */
void *segment_meta(struct segment *s, size_t size);
/* The code from s->next on is the region's. There must be room in s->regions. */
void segment_add(struct segment *s, struct region *r);
/* The region whose code contains host address pc, or NULL. */
struct region *cache_find_host(struct code_cache *c, uint64_t pc);

/* link.c */
/* The exit at host address `ra - 4` and its region, or NULL. */
struct exit_slot *link_exit(struct cpu *cpu, uint64_t ra, struct region **from);
/* Patches the exit x of region `from`, whose memory must not have been used again since link_exit(), to jump to `to`, if that is allowed. */
void link_make(struct cpu *cpu, const struct region *from, struct exit_slot *x, struct region *to);
/* All exits that are linked to the region lead to the dispatcher again. */
void link_undo_all(struct code_cache *c, struct region *r);
/* The region's own exits are in nobody's list any more. Its code must not run again. */
void link_drop_exits(struct region *r);
/* What is mapped anywhere may have changed; not in global pages; in that linear page, by its number of 36 bits: links that depend on it lead to the dispatcher again. */
void link_undo_far(struct code_cache *c);
void link_undo_far_local(struct code_cache *c);
void link_undo_far_page(struct code_cache *c, uint64_t page);

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
/* Memory for records of `count` pages. 0 or -ENOMEM. */
int smc_init(struct code_cache *c, unsigned count);
/* The region belongs to its page(s): it dies when they are written. They are protected, unless it checks itself. c->nfree_pages must be 2 at least. */
void smc_watch(struct cpu *cpu, struct region *r);
/* The region must not be entered again: its entry leads to the dispatcher. */
void smc_kill(struct cpu *cpu, struct region *r);
/* The region's memory is about to be used again. */
void smc_evict(struct cpu *cpu, struct region *r);
/* All regions with code from that page must not be entered again. */
void smc_kill_page(struct cpu *cpu, uint64_t gpa);
/* The fault point at host address pc of a region's code, and the region; or NULL. */
const struct fault_point *cache_find_point(struct code_cache *c, uint64_t pc, struct region **region);
bool smc_page_is_mixed(struct cpu *cpu, uint64_t gpa);
/* Pages that have been mixed for long enough are treated like others again. */
void smc_retry_mixed(struct cpu *cpu);

#endif
