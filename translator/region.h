/*
 * A region while it is being made: the guest instructions reachable from an entry by direct branches within one page, in
 * address order, with the flow and flag facts that the generators use.
 */
#ifndef TRANSLATOR_REGION_H
#define TRANSLATOR_REGION_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/cpu.h"
#include "translator/insn.h"
#include "translator/late.h"
#include "translator/upper.h"

#define REGION_MAX_INSNS 192
#define REGION_INSNS 64  /* as many as a region gets at first: most code behind branches is never executed */
#define REGION_SPAN 10   /* bytes between the first and the last, at most, for each instruction that it may have */

/* Whether code works on doubles already when control comes to a leader, and the x87's state then or as expected (gen_x87_flow.c). */
struct x87_reached {
	bool reached, active;
	uint8_t empty, top, ctl, doubles;
};

struct rinsn {
	struct insn i;
	uint64_t eip;
	/* Three words, which are set at once when the instruction is put into the plan, two to 0, the third to -1. */
	uint16_t flags_in;   /* arithmetic flags that may be read before it */
	uint16_t narrow_in;  /* leader of 64-bit code: of zero_in, those that need not be so in the host's register */
	bool exit_known[2];
	bool loop_head;      /* a backward branch of the region comes here */
	bool leader;         /* some branch of the region comes here, or it is the entry */
	struct x87_reached x87_in;
	bool stops_late;     /* loop head: the region can be stopped elsewhere in the loop (gen_x87_loop.c) ... */
	bool stops;          /* ... here, before the instruction */
	int16_t target;      /* index of the instruction that it branches to, or -1 */
	uint16_t zero_in;    /* 64-bit code, a bit a register: its upper half is 0 to the guest whenever control comes here */
	uint16_t sext_in;    /* leader of 64-bit code: registers that all branches emitted so far bring along sign-extended (tr.h) */
	uint8_t first_from;  /* leader: the first instruction that branches to it, of those emitted so far; else UINT8_MAX */
	int8_t first;        /* the register that has the value of its first operand, where that is not the operand itself, or -1 (gen_copy.c) */
	bool unmade;         /* it is a copy that nobody needs (gen_copy.c, gen_late.c) */
	uint8_t late;        /* LATE_xxx */
	int8_t cc_in;        /* leader: cc_op that all branches emitted so far bring along, -1: unknown, -2: none yet */
	bool falls;          /* control may go on to the next in the array */
	uint16_t exit_live[2]; /* flags alive behind its exits: branch, fall-through; once exit_known */
	uint16_t flags_live; /* arithmetic flags that may be read after it */
	struct upper upper;  /* 64-bit code: what it does with upper halves */
	uint32_t *host;      /* its code, once emitted, or NULL */
	uint32_t *body;      /* ... behind the poll, where there is one; once emitted */
};

struct plan {
	unsigned n;
	unsigned max;        /* instructions that it may have at most */
	unsigned entry;      /* index of the entry instruction */
	uint64_t lo, hi;     /* EIP range covered: [lo, hi) */
	bool loops;          /* some instruction is a loop head */
	bool cut;            /* more would have followed than was wanted */
	bool alone;          /* nothing around the region is looked at: one instruction was asked for, or nobody watches the source */
	uint8_t back[REGION_MAX_INSNS]; /* instructions that branch to loop heads */
	unsigned nback;
	uint64_t copies[REGION_MAX_INSNS / 64]; /* a bit an instruction: it is a MOV between general registers, SETcc of one, or CMOVcc of memory */
	unsigned nlate;      /* what gen_copies() puts off */
	struct late_window late[LATE_WINDOWS];
	uint64_t eip_mask;   /* for branches inside the region the target's own mask does not matter: targets outside simply are not found */
	struct rinsn insn[REGION_MAX_INSNS];
};

/* Where the source bytes are. */
struct source {
	const uint8_t *page; /* host address of the page of the entry; NULL: it is in no memory */
	uint64_t gpa;        /* guest physical address of that page */
	uint64_t page_eip;   /* EIP of that page's first byte (may be "negative" when CS is not page-aligned: arithmetic wraps) */
	uint8_t bytes[32];   /* the entry instruction, when it crosses into the next page, and what lies behind it there; or it alone, when it is in no memory */
	unsigned nbytes;     /* 0: take bytes from the page */
	uint64_t bytes_eip;  /* EIP of the first of them */
	uint64_t eip_mask;   /* plan_eip_mask() */
	uint64_t eip_last;   /* last EIP that may be executed (CS limit) */
	bool unwatched;      /* the bytes may change with every store, and nobody tells */
	/* NULL, or tells whether a region for `context` begins at eip in the page: what branches back to it from behind it stays apart */
	bool (*begins)(const struct source *src, uint64_t eip);
	void *context;
};

/* The code segment's default size, MODE16, MODE32 or MODE64, and the bits that an EIP has, by the MODE_xxx of cpu.h. */
int plan_dsize(uint32_t mode);
static inline uint64_t plan_eip_mask(uint32_t mode)
{
	return mode & MODE_LONG ? UINT64_MAX : mode & MODE_CS32 ? 0xffffffff : 0xffff;
}

/*
 * Collects up to max instructions from `eip`, one if the source has `bytes`. When there are more, none before it: a loop that does not fit is one region from its head, and
 * others for the rest. What seems to be such a loop may have REGION_MAX_INSNS where max is REGION_INSNS: p->max tells. Nor does any begin before `eip` when it is within a
 * loop that begins with an x87 instruction. From unwatched source only those behind one another, up to the first that may store. Returns 0, or a negative
 * INSN_E... code when the entry instruction cannot be decoded.
 */
int plan_collect(struct plan *p, const struct source *src, uint64_t eip, int dsize, unsigned max);
/* Marks leaders and computes flag liveness; looks a few instructions ahead behind exits, which widens [lo, hi) to what was looked at. */
void plan_analyse(struct plan *p, const struct source *src, int dsize);
/* Index of the instruction at eip, or -1. */
int plan_find(const struct plan *p, uint64_t eip);
/*
 * Outside 64-bit code: whether r is a jump back to the head of a loop that is arithmetic on registers and a branch out of it, behind which no flags of the head are read. The
 * jump may repeat the head instead, and go on behind the branch, which plan_analyse() has made the head of a loop, too.
 */
bool plan_turns(const struct plan *p, const struct rinsn *r);
/* True when the instruction is a direct branch; *target receives its EIP. */
bool plan_branch_target(const struct rinsn *r, uint64_t eip_mask, uint64_t *target);

#endif
