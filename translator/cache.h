/*
 * The code cache: translated regions, how they are found, linked, checked and thrown away.
 *
 * A region is keyed by guest physical address, EIP, CS base and limit, and cpu->mode. It is found by
 *   - a link: a direct branch within one page, patched to jump straight to the target region;
 *   - the jump cache: a table by linear address, tagged with the address context and the mode;
 *   - cache_find(): for stubs, by guest physical address; compares the source bytes again, since a device may have written them;
 *   - cache_lookup(): the dispatcher's, the same, and translates what is not there.
 */
#ifndef TRANSLATOR_CACHE_H
#define TRANSLATOR_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/cpu.h"
#include "translator/late.h"
#include "translator/x87_double.h"
#include "translator/x87_stubs.h"

#define JC_BITS 16

/* A jump cache entry: key = jc_tag | low 48 bits of the linear address, which is canonical. */
struct jc_entry {
	uint64_t key;
	struct region *region;
};

#define PROBE_BITS 12
#define PROBE_TABLES 8

/*
 * Probe tables, one for each mode in use, are what exits of translated code look into in line (gen_exit.c): a copy of what the jump cache
 * knows, without anything to check but the EIP. An entry's place is the low bits of its EIP, and an empty one has an EIP that belongs elsewhere.
 */
struct probe_entry {
	uint64_t eip;         /* sign-extended, as registers are */
	const uint32_t *host; /* region's probe; NULL: never used since the last flush */
};

/* Flags that are nowhere yet (gen_pend.c): cc_src is register b, or the constant `value`; cc_dst is register res less `adjust`, or a - cc_src. */
struct cc_recipe {
	uint8_t op;        /* cc_op; 0: none is pending */
	uint8_t res, a, b; /* numbers of host registers; res 0: none */
	bool constant;
	int16_t adjust;
	int32_t value;
};

/* A host instruction at which the guest may fault, or from which it may call a helper: how to find the guest's state there. */
struct fault_point {
	uint16_t host;     /* word offset from the region's first word */
	int16_t eip_delta; /* guest instruction's EIP minus the region's */
	int8_t cc;         /* cc_op known at translation time, or -1: cpu->cc_op holds it */
	uint8_t flags;     /* POINT_xxx */
	uint16_t narrow;   /* registers (a bit each) of 64-bit code whose upper halves are to be cleared there */
	int16_t start;     /* some flags may be old: EIP, less the region's, of where to begin to look for them (tr.start); else NO_START */
	uint16_t slow;     /* word offset of the code out of line that a floating-point trap goes to; 0: none */
	uint16_t x87;      /* index, from 1, of the x87_point of code that works on doubles there; 0: it does not */
	int16_t stack;     /* what is to be added to RSP to get that of before the instruction */
	uint16_t late;     /* writes that are put off there (late.h) */
	struct cc_recipe pend;
};
#define POINT_MODIFIES 1u /* a load whose operand is stored to afterwards: the guest's page fault is that of a store */
#define POINT_WORD 2u     /* on the aligned word around the guest's operand, whose address is in T0 */
#define POINT_KEEPS 4u    /* some flags are read behind it, and kept */
#define NO_START INT16_MAX

/* A direct exit that may become a link. */
struct exit_slot {
	uint32_t site;   /* word offset of its `bl stub_link` */
	uint8_t early;   /* words before that, where flags are stored: in front of them is a NOP, in whose place is the link to code that wants none; 0: there are none */
	bool far;        /* to another page: such a link holds as long as what is mapped there */
	uint8_t undone;  /* how often a load of CR3 has undone it */
	uint64_t target; /* EIP */
	struct exit_slot *next, **prev; /* linked: in the list `links` of the region that it goes to; prev is NULL while it is not */
	uint32_t *at;    /* its place, once the region is in the cache */
};

/* The head of a loop, whose first host instruction is overwritten when control is to leave there (stop.c). */
struct loop_head {
	uint32_t at;    /* word offset of that */
	uint32_t leave; /* a branch from there to code out of line that leaves at the head's EIP */
	uint32_t word;  /* what it has taken the place of, while it does */
};

/* A region in the list of one of its code pages (smc.c). */
struct region_in_page {
	struct code_page *page;       /* NULL: none */
	struct region *next, **prev;  /* prev is NULL when the region is not in the list (any more) */
};

struct region {
	uint32_t *host;      /* entry point */
	uint32_t *probe;     /* entry point for exits with unsettled flags: host itself where flags are dead there (gen_exit.c) */
	const uint8_t *src;  /* the source bytes in host memory (cached window) */
	const uint8_t *copy; /* what they were when translated */
	uint32_t len;        /* their number; all within one page, but for a single instruction that crosses into the next */
	uint32_t flags;      /* REGION_xxx */
	uint64_t cs_base;
	uint64_t eip;        /* of the entry */
	uint64_t gpa;        /* of src[0] */
	uint64_t entry_gpa;  /* of the entry instruction */
	uint64_t gpa2;       /* of the second page's part, for a crossing instruction; else 0 */
	const uint8_t *src2;
	uint32_t len1;       /* bytes in the first page */
	uint32_t cs_limit;
	uint32_t mode;
	uint64_t x87, x87_mask; /* made for this x87_word(), as far as the mask says */
	uint32_t *code, *code_end;
	struct fault_point *points;
	struct x87_point *x87_points;
	struct late_window *late;
	struct exit_slot *exits;
	struct loop_head *heads;
	uint32_t npoints, nexits, nheads;
	struct exit_slot *links;   /* exits of other regions, and of itself, that are linked to it */
	struct region *far_next, **far_prev; /* in a list of those with links that depend on what is mapped; far_prev is NULL when it is in none */
	struct region *hash_next;
	struct region_in_page in[2]; /* the page that it begins in, and the one that it runs over into */
};
#define REGION_DEAD 1u       /* its source changed; its entry leads back to the dispatcher */
#define REGION_TRANSIENT 2u  /* found by nobody but cache_transient(), its pages not protected: one instruction alone, or a jump for links */
#define REGION_SELFCHECK 4u  /* compares its source at every entry; its page is not write-protected */
#define REGION_CUT 8u        /* more code follows than it may have */
#define REGION_WIDE 16u      /* it may have more instructions than others, because it is a loop that did not fit */

/* Why translated code came back: by itself, from a direct exit to be linked, from an indirect jump of 64-bit code to cpu->eip, from the entry of
 * a region that has died. For the last three cpu->tmp[0] - 4 is the host address. */
enum { EXIT_DISPATCH = 0, EXIT_LINK = 1, EXIT_JUMP = 2, EXIT_DEAD = 3 };

/* Once per CPU: takes memory for the code (bytes, power of two <= 64 MiB). 0 or -ENOMEM. */
int cache_init(struct cpu *cpu, uint64_t code_size);
/* The region for the CPU's current CS:EIP and mode, translated if need be. Raises the guest's #PF, #GP, #UD on fetch. */
struct region *cache_lookup(struct cpu *cpu);
/*
 * The host code of the region at CS:EIP in the CPU's mode, if it has been translated and can be gone to at once, or NULL. For stubs, with guest state in *cpu: raises
 * nothing and changes none of it.
 */
const uint32_t *cache_find(struct cpu *cpu);
/* A region of exactly one instruction at CS:EIP that comes back to the dispatcher and does not protect its page. */
struct region *cache_transient(struct cpu *cpu);
/* The dispatcher will execute the instruction at cpu->eip so. */
void cache_run_alone(struct cpu *cpu);
/*
 * The direct exit at host address `ra - 4` is taken: cpu->eip becomes its target's. Returns that one's region, as cache_lookup() does, and links the exit to it if it can be.
 * NULL when there is no such exit.
 */
struct region *cache_follow(struct cpu *cpu, uint64_t ra);
/* The same for stubs, with `ra` in cpu->tmp[0]: the target's host code; NULL when the dispatcher is wanted, which is to try again then. */
const uint32_t *cache_follow_at_once(struct cpu *cpu);
/* cpu->eip becomes that of the region with host address pc, which has died. */
void cache_dead_entry(struct cpu *cpu, uint64_t pc);
/* Brings the guest's state back to the beginning of its jump at host address pc, for a fault of the jump. Returns 0 or -EFAULT. */
int cache_undo_jump(struct cpu *cpu, uint64_t pc);
/* The x87_point at host address pc, or NULL. */
const struct x87_point *cache_x87_point(struct cpu *cpu, uint64_t pc);
/* The guest's state before the instruction at the region's fault point p, where a trap has led to this frame, into *cpu. */
struct trap_frame;
void fault_point_recover(struct cpu *cpu, const struct trap_frame *frame, const struct region *r, const struct fault_point *p);
/* The same, but general registers and the operands of lazy flags in the frame: for going on in a stub. Returns POINT_xxx. */
int fault_point_settle(struct cpu *cpu, struct trap_frame *frame, const struct region *r, const struct fault_point *p);
/* Where a floating-point trap at host address pc goes on, or NULL. */
const uint32_t *cache_fp_slow(struct cpu *cpu, uint64_t pc);
/*
 * The region whose code contains host address pc, if there is one, is left at the next head of a loop that control comes to, until cache_unstop(). To be called when
 * the stop register of code that goes on at pc is set, by who sets it.
 */
void cache_stop(struct cpu *cpu, uint64_t pc);
void cache_unstop(struct cpu *cpu);
/* A host interrupt has come in translated code or a stub: sets the stop register, and turns interrupts off in the frame. */
void cache_interrupted(struct cpu *cpu, struct trap_frame *frame);
/* Fills cpu->recent for the current mode. */
void cache_find_tag(struct cpu *cpu);

/* Addresses of the common stubs as copied into the code cache (entry.S). */
struct stubs {
	uint32_t *helper[4], *helper_end[4]; /* by cache_stub_set() */
	uint32_t *exit[4], *link[4], *jump[4], *jump_out[4], *jump_checked[4], *jump_near[4], *check[4];
	uint32_t *cc_get, *cc_carry, *cc_kinds[CC_COUNT]; /* stubs/flags.inc */
	uint32_t *slow[4], *dead[4], *transfer[4];
	uint32_t *syscall[4], *sysret; /* of 64-bit code; sysret at PLV0 */
	uint32_t *interrupt[4], *fault[4], *iret[4], *sysenter[4], *sysexit; /* IRET and SYSEXIT at PLV0, SYSENTER and SYSEXIT of 32-bit code */
	uint32_t *segment[4]; /* at PLV0 */
	uint32_t *movs[4], *stos[4], *cmps[4], *scas[4];
	uint32_t *guarded_start, *guarded_end;
	uint32_t *x87[X87_STUBS]; /* x87_stubs.h */
};
/* Which of them code of this mode uses: 0 and 2 at PLV0, 1 and 3 at PLV3, 2 and 3 for 64-bit code. */
static inline unsigned cache_stub_set(uint32_t mode)
{
	return ((mode & MODE_CPL) == MODE_CPL) + (mode & MODE_LONG ? 2 : 0);
}
/* Sets cpu->jc_tag for the current mode, call before entering translated code; returns cache_stub_set() of that. */
static inline unsigned cache_update_tag(struct cpu *cpu)
{
	unsigned set = cache_stub_set(cpu->mode);

	if (cpu->recent[set].mode != cpu->mode)
		cache_find_tag(cpu);
	cpu->jc_tag = cpu->recent[set].tag;
	return set;
}
/* Makes exits look into the probe table of the current mode, until cpu_request() or a host interrupt; call when cpu->stop has become 0. */
static inline void cache_arm_probe(struct cpu *cpu)
{
	unsigned set = cache_update_tag(cpu);

	cpu->probe = cpu->recent[set].probe;
}
const struct stubs *cache_stubs(struct cpu *cpu);

struct cache_stats {
	uint64_t lookups;       /* by the dispatcher, and of exits that are followed */
	uint64_t regions, guest_insns, host_insns; /* translated */
	uint64_t links;
	uint64_t invalidations; /* regions that died: their source changed, or a larger one was to take their place */
	uint64_t evictions, evicted; /* segments emptied to make room, and the living regions in them */
	uint64_t mixed;         /* pages that became mixed */
	unsigned pages, pages_most; /* records of code pages in use, and how many were at most */
};
const struct cache_stats *cache_stats(struct cpu *cpu);

#endif
