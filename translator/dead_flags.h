/* Flags that translated code has not kept, found again at a fault (dead_flags.c). */
#ifndef TRANSLATOR_DEAD_FLAGS_H
#define TRANSLATOR_DEAD_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;
struct fault_point;
struct region;
struct trap_frame;

/* Where a value is when the fault comes: a guest's register plus `add`, shifted right; a host register; or `add` itself. */
struct flag_value {
	enum { VALUE_CONSTANT, VALUE_GUEST, VALUE_HOST } where;
	uint8_t reg, shift;
	int64_t add;
};

enum flag_operation { FLAGS_OF_SUM, FLAGS_OF_DIFFERENCE, FLAGS_OF_NEGATION, FLAGS_OF_AND, FLAGS_OF_OR, FLAGS_OF_XOR };

/* Some flags: those that `cc`, as cpu.cc_op, says of cc_dst and cc_src, which are made of a and b. */
struct flag_piece {
	uint16_t flags;
	uint8_t cc;
	bool result;            /* a is the operation's result, else its first operand */
	enum flag_operation op;
	struct flag_value a, b;
};

#define DEAD_FLAGS_SIZE 64
#define DEAD_FLAGS_PIECES 3
/* What is known of the flags at a fault point. */
struct dead_flags {
	const struct fault_point *point;
	uint32_t emptied;       /* code_cache.emptied of the time */
	uint16_t told;          /* flags that the pieces tell: of the others nothing but what has been kept is known ... */
	uint16_t lost;          /* ... and these have been overwritten by what nothing is known of, before anybody could read them */
	bool whole;             /* the one piece tells all that can be known */
	unsigned n;
	struct flag_piece piece[DEAD_FLAGS_PIECES];
};

/*
 * For a fault point where some may be old: cpu->cc_op, *cc_dst and *cc_src, which are those that translated code has kept, become the lazy flags before
 * the instruction, as far as they can be told. low and high: the guest's registers 0-7 and 8-15 before it; frame: of the trap at the point.
 */
void dead_flags_recover(struct cpu *cpu, const struct trap_frame *frame, const struct region *r, const struct fault_point *p, const uint64_t *low, const uint64_t *high,
	uint64_t *cc_dst, uint64_t *cc_src);

#endif
