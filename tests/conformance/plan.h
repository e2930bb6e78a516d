/*
 * A group in the making: its code so far, and the roles its registers play.
 */
#ifndef TESTS_CONFORMANCE_PLAN_H
#define TESTS_CONFORMANCE_PLAN_H

#include <stdint.h>

#include "tests/conformance/random.h"
#include "tests/conformance/vector.h"
#include "translator/cpu.h" /* RAX, RCX ... */

#define BIT(n) (1u << (n))

#define PLAN_CODE 20480   /* for code that modifies itself at a distance; all else */
#define PLAN_SHORT 1000   /* is shorter than this */

/* What dense code is made of (generate_dense.c). */
struct style {
	uint32_t registers;  /* no others are named, but those that are kept; 0: this is no dense code */
	uint16_t ops[6];     /* enum opcode */
	int nops;
	int memory, bytes, resized; /* percent: operands in memory; instructions of bytes, and with an operand-size prefix, where these could be had */
};

struct plan {
	struct rng *rng;
	enum vector_mode mode;
	int size;            /* MODE16, MODE32, MODE64 */
	uint32_t pointers;   /* registers that hold addresses */
	uint32_t indices;    /* registers that hold small numbers */
	uint32_t keep;       /* registers that no instruction may change (loop counters), pointers and indices included */
	int open;            /* an instruction may give registers new roles */
	int simple;          /* only what the native oracle can do, and no odd prefixes */
	int lock;            /* lockable instructions are locked */
	int native;          /* so far the build machine's CPU can answer */
	uint8_t pool[4];     /* registers that instructions prefer, so that they depend on one another */
	struct style style;
	uint32_t options;    /* GROUP_xxx that the instructions ask for */
	uint32_t origin;     /* offset of the code in the image */
	uint8_t code[PLAN_CODE];
	int length;
};

/* What plan_revert() goes back to. */
struct plan_mark {
	uint32_t pointers, indices, options;
	int native, length;
};
struct plan_mark plan_mark(const struct plan *p);
void plan_revert(struct plan *p, const struct plan_mark *m);

/* Appends bytes as they are. */
void plan_bytes(struct plan *p, const void *bytes, int n);
/* Picks registers that hold addresses and small numbers for the instructions to come, and a pool. */
void plan_roles(struct plan *p);
/* A number with a liking for edges, of `bytes` bytes. */
uint64_t plan_immediate(struct plan *p, int bytes);
/* How many general registers the mode has; one of them, mostly of the pool. */
int plan_registers(const struct plan *p);
int plan_any_register(struct plan *p);

#endif
