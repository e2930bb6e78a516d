/*
 * The translation in progress: its state, which the generators (gen_*.c) share, and the host registers of translated code. What generators may call is in gen.h.
 */
#ifndef TRANSLATOR_TR_H
#define TRANSLATOR_TR_H

#include "translator/cache.h"
#include "translator/cpu.h"
#include "translator/emit.h"
#include "translator/insn.h"
#include "translator/region.h"

/* Host register map while translated code runs. r2 (tp) and r3 (sp) keep the firmware's values; r21 is the CPU. */
enum {
	H_ZERO = 0, H_RA = 1, H_CPU = 21,
	T0 = 4, T1, T2, T3, T4, T5, T6, T7, /* r4-r11 */
	T8 = 1,                             /* ra: free, clobbered by helper calls as all T registers are */
	H_STOP = 31,                        /* not negative: leave at the next poll or loop head; else cpu->base_bound */
	H_CC_DST = 22, H_CC_SRC = 20,
	H_GPR8 = 12,                        /* r12-r19: R8-R15 of 64-bit code */
	H_SUM = 12, LEGACY_SUMS = 4,        /* r12-r15: sums of other code (gen_reuse.c) */
	H_HELD = 16, HELD = 3,              /* r16-r18: values that loops of other code hold there (gen_constant.c) */
	SUMS = 5,                           /* ... of 64-bit code */
	H_ASIDE = 19,                       /* r19: what other code has loaded for a later instruction (gen_late.c) */
};
/*
 * What H_STOP holds while nothing is pending. Program code of ring 3 compares each base register of 64-bit addresses with it: what is not above
 * (asrtgt.d) lies in or near a direct-mapped window, and is not canonical whatever displacement is added. Where the host compares unsigned numbers
 * (host_asserts_unsigned()), asrtle.d lets all pass that is not negative; C looks at the rest.
 */
#define BASE_BOUND 0xc000000000000000ull
#define BASE_BOUND_UNSIGNED 0x8000000000000000ull
/* x86 EAX..EDI are r23-r30: HGPR(RAX) == 23. */
#define HGPR(n) ((n) < 8 ? 23 + (n) : H_GPR8 + (n) - 8)
/* XMM n is LSX register vr n; vr16-vr20 are free scratch (dead between guest instructions but for gen_x87_double.c). */
#define HXMM(n) (n)
#define VT0 16



/* Where the flags of the previous instruction can be found without storing them: host registers that still hold its operands. */
struct recent_flags {
	bool valid;
	bool imm;         /* the second operand is `value`; then b may be -1 nevertheless */
	bool zext;        /* they may be zero-extended, or anything above 32 bits, instead: that is all the same to the next instruction's condition */
	bool branch_only; /* they are wanted nowhere but where the next branch goes to */
	bool keeps_carry; /* CF is that of the flags before, which are still there */
	int8_t op, size;  /* CC_ADD, CC_SUB, CC_LOGIC, CC_INC, CC_DEC */
	int8_t a, b, res; /* host registers, sign-extended values; -1: not kept */
	int64_t value;
};

/* What a condition says whose flags have not been made: the host register is not 0 when its even form holds. */
struct truth {
	int index; /* of the instruction in the plan that evaluates it */
	int reg;
};

/* A place to fill in when the region's end is reached. */
struct fixup {
	uint32_t *site;
	int16_t insn;    /* index in the plan */
	bool enters;     /* a loop that holds values ... */
	uint32_t way_in; /* ... by code that was made for it, which is so many words from the region's start; or 0 */
};

/* What the code is made for: the x87's state at the current instruction. */
struct x87_known {
	bool sure;           /* it has been compared; else it is what is expected */
	bool pending;        /* an exception is */
	uint8_t empty, top, ctl, doubles; /* struct x87's tag_empty, top, ctl and doubles */
};

/* A constant, which may be added to a guest register that is shifted left by `scale`, wrapped to 32 bits, or cpu->step. */
struct held_value {
	int64_t value;
	uint8_t reg; /* REG_NONE: none, HELD_STEP: cpu->step */
	uint8_t scale;
};
#define HELD_STEP 0xfe
/* The instructions of the plan from first to last find these values in H_HELD and up. */
struct held {
	int16_t first, last;
	unsigned n;
	struct held_value value[HELD];
	uint32_t *before; /* code before the first, which loads them, where control falls through to there */
};
#define HELD_LOOPS 8

/* Code out of line, emitted behind the region. */
struct slow_path {
	enum { SLOW_ENTRY, SLOW_SEGMENT, SLOW_STOP, SLOW_HEAD, SLOW_ALONE, SLOW_RAISE, SLOW_CALL, SLOW_WATCH, SLOW_X87, SLOW_X87_DOUBLE } kind;
	uint32_t *site, *resume; /* SLOW_CALL without a site: a floating-point trap at the fault point with index `point` comes here */
	unsigned point;
	uint64_t eip;
	int cc_static;
	uint16_t narrow, sext; /* tr's of the time */
	struct cc_recipe pend;
	int sp_late;
	struct x87_live live;
	int reg;         /* SLOW_SEGMENT: offset in, linear address out; SLOW_RAISE: vector; SLOW_CALL: result, or -1; SLOW_X87: address, or -1 */
	int disp;        /* SLOW_X87: of the address; SLOW_SEGMENT: what reg has more than the offset and the address */
	uint8_t seg, size, write;
	uint8_t held;    /* number of the loop in tr's that holds values, from 1, or 0 */
	const void *fn;  /* SLOW_CALL */
	uint64_t arg[3]; /* SLOW_X87: as gen_slow_x87()'s */
};

/* What is known since some place in the code (gen_reuse.c). */
struct note {
	const uint32_t *at; /* NULL: nothing */
	int index;          /* of the instruction in the plan */
};
/* This host register and disp is a multiple of 16. */
struct aligned_note {
	struct note note;
	int disp;
};
/* In the loop from instruction `first` of the plan to `last` these operands are multiples of 16: (base) + (index << scale) + disp. */
struct aligned_operand {
	uint8_t base, index, scale, disp;
};
#define ALIGNED_MAX 3
struct aligned_loop {
	int first, last;
	unsigned n;
	struct aligned_operand operand[ALIGNED_MAX];
};
/* This guest register is 0. */
struct zero_note {
	struct note note;
	int reg;
};
/* What the next instruction takes for an XMM register: the move there is never made (gen_sse_forward.c). */
struct forward {
	int index; /* of that instruction in the plan; -1: none */
	int xmm;
	int from;  /* vector register */
	bool twice; /* both halves have the value already: it is a move of the low half to the high one */
};
/* H_SUM and up has base + index << scale + high, wrapped to 32 bits; in 64-bit code a temporary has it, not wrapped. */
struct sum_note {
	struct note note;
	uint8_t base, index, scale;
	int32_t high;
	int32_t beyond; /* ... but for this much of high, which was added without */
};

#define TR_MAX_POINTS 1024
#define TR_MAX_EXITS 160
#define TR_MAX_FIXUPS 256
#define TR_MAX_SLOW 512

struct tr {
	struct emit e;
	uint32_t mode;          /* MODE_xxx of the code */
	int dsize;              /* MODE16 / MODE32 / MODE64 */
	int plv;                /* index into struct stubs: cache_stub_set() */
	uint64_t eip;           /* of the current instruction */
	uint64_t next_eip;
	bool rex;               /* the current instruction has a REX prefix: byte registers 4-7 are SPL-DIL */
	/* of the current instruction, all false when it begins: */
	bool called;            /* it has called a helper */
	bool sp_moves;          /* it moves the stack pointer in a way that may be put off ... */
	bool sp_defers;         /* ... and may leave it late (sp_late) */
	bool turns;             /* the current instruction, a branch out of a loop, is repeated at the loop's end: control goes on behind the first */
	bool fuse;              /* the next instruction evaluates a condition of its flags */
	bool fuse_dead;         /* ... and nobody reads them after it */
	bool fuse_pair;         /* ... or the next two do so, branches, and nobody reads them after those */
	bool fuse_sinks;        /* ... or not where it branches to within the region: they are stored on the other ways */
	bool device_operand;    /* T0 has the operand in memory (gen_device_operand()) */
	uint16_t flags_live;    /* arithmetic flags that someone may read after the current instruction */
	/* 64-bit code, a bit a register: */
	uint16_t upper_live;    /* the current instruction is to clear the upper half when it writes 32 bits */
	uint16_t upper_zero;    /* the upper half is 0 for the guest before the current instruction */
	uint16_t narrow;        /* the upper half is 0 for the guest, but not in the host's register */
	uint16_t sext;          /* the host's register has the sign-extended value of its low half */
	int cc_static;          /* what cc_op is known to be here, or -1: only memory knows */
	bool cc_in_mem;         /* cpu->cc_op agrees with cc_static */
	bool fell;              /* control may come from the instruction before in the plan */
	struct x87_known x87;
	struct x87_live live;
	bool x87_flow;          /* at some leader the code may work on doubles already */
	unsigned nx87_points;
	int x87_point_insn;     /* instruction of the plan that the last of them is of */
	unsigned nloops;        /* loops that hold values ... */
	struct held *held;      /* ... and the one that the current instruction is in, or NULL */
	int shadow;             /* index of the instruction in an interrupt shadow behind which interrupts are looked for, or -1 */
	uint64_t x87_entry;     /* x87_word() when translation began ... */
	uint64_t x87_mask;      /* ... and the part of it that the code is made for */
	bool mmx_ready;         /* no x87 exception is pending, TOP is 0 and all tags are valid: MMX code has run just before */
	bool single;            /* one instruction only: all exits lead to the dispatcher */
	int sp_late;            /* by how much the guest's stack pointer is above its host register (gen_stack.c) */
	struct truth truth[2];
	struct cc_recipe pend;  /* what gives the flags, when they are not yet in the host's flag registers: cc_static is their kind then */
	struct recent_flags recent;
	struct recent_flags served; /* what the current instruction's condition was evaluated of */
	struct recent_flags sunk; /* from the comparison to its conditional branch: what is to be stored on ways that need it */
	struct cpu *cpu;
	const struct stubs *stubs;
	bool device_sites;      /* there may be instructions known for access to emulated devices */
	struct profile_record *profile; /* where executed instructions are counted, or NULL (profile.h) */
	struct plan *plan;
	int index;              /* of the current instruction in the plan */
	uint32_t *entry;        /* where control enters the region */
	struct region *region;
	uint64_t cs_base;
	uint64_t eip_mask;
	unsigned npoints, nexits, nfixups, nslow, nheads;
	uint64_t checked;       /* host registers known to be above BASE_BOUND (gen_check.c) ... */
	uint32_t *checked_at;   /* ... when the code up to here has been executed; NULL: nothing is known */
	int checked_index;      /* instruction of the plan to which that belongs */
	struct forward forward;
	int extended;           /* that instruction of the plan, a MOVZX of what SETcc writes, has been done (-1: none; gen_copy.c) */
	struct aligned_note aligned[32];
	struct aligned_loop loop;
	struct sum_note sums[SUMS];
	struct zero_note zero;
	uint16_t late;          /* the plan's windows that it is in (late.h) */
	int carry_at;           /* that instruction of the plan, ADC or SBB, finds CF in H_CC_DST (-1: none; gen_carry.c) */
	int next_sum;
	int start;              /* instruction of the plan from which on no other way leads to here, and all lie behind one another ... */
	int16_t start_delta;    /* ... and its EIP less the region's */
	bool full;              /* one of the tables below overflowed: the region must be made shorter */
	struct fault_point points[TR_MAX_POINTS];
	struct exit_slot exits[TR_MAX_EXITS];
	struct loop_head heads[REGION_MAX_INSNS];
	struct fixup fixups[TR_MAX_FIXUPS];
	struct slow_path slow[TR_MAX_SLOW];
	struct x87_point x87_points[REGION_MAX_INSNS];
	struct held loops[HELD_LOOPS];
};

#endif
