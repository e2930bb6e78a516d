/* A byte code with registers, run by a switch: counts primes by trial division. */
#include "bench/bench.h"

enum operation { LOAD, ADD, SUB, MUL, MOD, LESS, EQUAL, JUMP, JUMP_IF, JUMP_UNLESS, ADD_CONSTANT, XOR, SHIFT, MOVE, END };

#define LIMIT 120

static const uint8_t program[] = {
	LOAD, 0, 2,             /*  0: r0 = 2, the candidate */
	LOAD, 1, 0,             /*  3: r1 = 0, how many */
	LOAD, 2, LIMIT,         /*  6 */
	LESS, 3, 0, 2,          /*  9: while r0 < limit */
	JUMP_UNLESS, 3, 65,     /* 13 */
	LOAD, 4, 2,             /* 16: r4 = 2, the divisor */
	MUL, 5, 4, 4,           /* 19 */
	LESS, 6, 0, 5,          /* 23 */
	JUMP_IF, 6, 50,         /* 27: no divisor */
	MOD, 7, 0, 4,           /* 30 */
	LOAD, 8, 0,             /* 34 */
	EQUAL, 6, 7, 8,         /* 37 */
	JUMP_IF, 6, 53,         /* 41 */
	ADD_CONSTANT, 4, 1,     /* 44 */
	JUMP, 19, 0,            /* 47 */
	ADD_CONSTANT, 1, 1,     /* 50 */
	XOR, 9, 9, 0,           /* 53 */
	SHIFT, 9, 1,            /* 57 */
	ADD_CONSTANT, 0, 1,     /* 60 */
	JUMP, 9,                /* 63 */
	MOVE, 10, 1,            /* 65 */
	END,
};

static __attribute__((noinline)) uint32_t interpret(const uint8_t *code, uint32_t seed)
{
	uint32_t r[16] = { [9] = seed };
	const uint8_t *p = code;

	for (;;)
		switch (p[0]) {
		case LOAD: r[p[1]] = p[2]; p += 3; break;
		case ADD: r[p[1]] = r[p[2]] + r[p[3]]; p += 4; break;
		case SUB: r[p[1]] = r[p[2]] - r[p[3]]; p += 4; break;
		case MUL: r[p[1]] = r[p[2]] * r[p[3]]; p += 4; break;
		case MOD: r[p[1]] = r[p[2]] % r[p[3]]; p += 4; break;
		case LESS: r[p[1]] = r[p[2]] < r[p[3]]; p += 4; break;
		case EQUAL: r[p[1]] = r[p[2]] == r[p[3]]; p += 4; break;
		case JUMP: p = code + p[1]; break;
		case JUMP_IF: p = r[p[1]] ? code + p[2] : p + 3; break;
		case JUMP_UNLESS: p = r[p[1]] ? p + 3 : code + p[2]; break;
		case ADD_CONSTANT: r[p[1]] += p[2]; p += 3; break;
		case XOR: r[p[1]] = r[p[2]] ^ r[p[3]]; p += 4; break;
		case SHIFT: r[p[1]] = r[p[1]] << p[2] | r[p[1]] >> (32 - p[2]); p += 3; break;
		case MOVE: r[p[1]] = r[p[2]]; p += 3; break;
		case END: return r[10] ^ r[9];
		default: return 0;
		}
}

static uint32_t run(uint32_t n)
{
	uint32_t sum = 0;

	while (n--)
		sum = mix(sum, interpret(program, sum));
	return sum;
}

KERNEL(interpreter, .name = "interpreter", .group = "integer", .unit = "turn", .run = run, .n = 20, .units = 1);
