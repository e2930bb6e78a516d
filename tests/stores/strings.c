/*
 * REP MOVS, STOS, SCAS and CMPS of all sizes, lengths, distances and directions, in both rings, where pages may be missing and code may lie in them: each
 * must leave in memory and registers what a loop over the elements does.
 */
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/stores/stores.h"

#define PAGE 4096
#define WINDOW TOUCHED /* three pages */
#define SIZE (3 * PAGE)
#define MIDDLE (WINDOW + PAGE + PAGE / 2)

enum { CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, OF = 0x800, ARITHMETIC = CF | PF | AF | ZF | SF | OF };
enum { MOVS = 0xa4, CMPS = 0xa6, STOS = 0xaa, SCAS = 0xae };

static uint8_t code[16] __attribute__((aligned(4096)));
static uint8_t model[SIZE] __attribute__((aligned(4096)));
static struct registers registers;
static uint32_t faults, random_state = 1;

static uint32_t random(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

static void on_fault(uintptr_t at)
{
	faults++;
	map_page(at & ~(uintptr_t)(PAGE - 1), at & ~(uintptr_t)(PAGE - 1), true);
}

/* CLD or STD, REP op, CLD, RET. */
static void make_code(int op, unsigned size, bool down, bool repne)
{
	uint8_t *p = code;

	*p++ = down ? 0xfd : 0xfc;
	if (size == 2)
		*p++ = 0x66;
	*p++ = repne ? 0xf2 : 0xf3;
	if (size == 8)
		*p++ = 0x48;
	*p++ = (uint8_t)(op + (size > 1));
	*p++ = 0xfc;
	*p = 0xc3;
}

static void call(uint32_t unused)
{
	(void)unused;
	call_with(&registers, code);
}

static uint8_t *in_model(uintptr_t at)
{
	return model + (at - WINDOW);
}

static bool same(const volatile uint8_t *a, const volatile uint8_t *b, unsigned n)
{
	for (unsigned k = 0; k < n; k++)
		if (a[k] != b[k])
			return false;
	return true;
}

static void copy_up(volatile uint8_t *to, const volatile uint8_t *from, unsigned n)
{
	for (unsigned k = 0; k < n; k++)
		to[k] = from[k];
}

/* The arithmetic flags of a comparison of a with b. */
static uintptr_t flags_of(const volatile uint8_t *a, const volatile uint8_t *b, unsigned size)
{
	uint64_t x = 0, y = 0, top = 1ull << (8 * size - 1);
	uintptr_t flags = 0;

	for (unsigned k = size; k-- > 0;) {
		x = x << 8 | a[k];
		y = y << 8 | b[k];
	}
	uint64_t d = (x - y) & (top - 1 + top);
	flags |= x < y ? CF : 0;
	flags |= __builtin_parity((unsigned)d & 0xff) ? 0 : PF;
	flags |= (x ^ y ^ d) & 0x10 ? AF : 0;
	flags |= d ? 0 : ZF;
	flags |= d & top ? SF : 0;
	flags |= (x ^ y) & (x ^ d) & top ? OF : 0;
	return flags;
}

/* One element after the other, on the model, as the manuals say. */
static struct registers expected(int op, unsigned size, intptr_t step, bool repne)
{
	struct registers r = registers;

	while (r.c) {
		uint8_t value[8];
		bool equal;
		if (op == MOVS) {
			copy_up(value, in_model(r.si), size);
			copy_up(in_model(r.di), value, size);
		} else if (op == STOS) {
			copy_up(in_model(r.di), (uint8_t *)&r.a, size);
		}
		equal = op == CMPS ? same(in_model(r.si), in_model(r.di), size) : same((uint8_t *)&r.a, in_model(r.di), size);
		if (op == CMPS || op == SCAS)
			r.flags = flags_of(op == CMPS ? in_model(r.si) : (uint8_t *)&r.a, in_model(r.di), size);
		if (op == MOVS || op == CMPS)
			r.si += (uintptr_t)step;
		r.di += (uintptr_t)step;
		r.c--;
		if ((op == CMPS || op == SCAS) && equal == repne)
			break;
	}
	return r;
}

/* A page of data with code in it: a RET there has been executed. */
static void execute_at(volatile uint8_t *at)
{
	*at = 0xc3;
	((void (*)(void))(uintptr_t)at)();
}

static void fill(bool uniform)
{
	uint32_t *p = (uint32_t *)WINDOW;

	for (unsigned k = 0; k < SIZE / 4; k++)
		p[k] = uniform ? 0x5a5a5a5a : 0x01000193 * k + (k >> 7);
	if (uniform)
		((volatile uint8_t *)p)[random(SIZE)] = 0x5b;
	if (random(3) == 0)
		execute_at((volatile uint8_t *)p + random(SIZE));
	copy_up(model, (const uint8_t *)WINDOW, SIZE);
}

static void one(int op, unsigned size, uintptr_t from, uintptr_t to, uint32_t count, bool down, bool repne, bool ring3, unsigned missing)
{
	struct registers want;

	make_code(op, size, down, repne);
	fill(op == CMPS || op == SCAS);
	registers = (struct registers){ .a = op == SCAS && repne ? 0x5b5b5b5b : (uintptr_t)0x5a5a5a5a, .c = count, .si = from, .di = to, .flags = random(2) ? ARITHMETIC : 0 };
	if (sizeof(uintptr_t) == 8)
		registers.a |= registers.a << 16 << 16;
	want = expected(op, size, down ? -(intptr_t)size : (intptr_t)size, repne);
	faults = 0;
	for (unsigned page = 0; page < 3; page++)
		map_page(WINDOW + page * PAGE, WINDOW + page * PAGE, !(missing >> page & 1));
	if (ring3)
		run_user(call, 0);
	else
		call(0);
	for (unsigned page = 0; page < 3; page++)
		map_page(WINDOW + page * PAGE, WINDOW + page * PAGE, true);
	check(same((uint8_t *)WINDOW, model, SIZE), "string, memory", (uint32_t)(op << 8 | size), count, (uint32_t)(to - from));
	check(registers.c == want.c && registers.si == want.si && registers.di == want.di && registers.a == want.a, "string, registers", (uint32_t)(op << 8 | size), count,
	      (uint32_t)(to - from));
	check((registers.flags & ARITHMETIC) == want.flags, "string, flags", (uint32_t)(op << 8 | size), count, (uint32_t)(to - from));
	check(faults <= 3, "string, page faults", (uint32_t)(op << 8 | size), count, faults);
}

/* A length and a distance of each kind: short ones, those around what is moved at once, and long ones. */
static uint32_t length(void)
{
	switch (random(4)) {
	case 0: return random(20);
	case 1: return 100 + random(60);
	case 2: return 240 + random(40);
	default: return random(PAGE + PAGE / 4);
	}
}

static intptr_t distance(void)
{
	intptr_t d = random(2) ? (intptr_t)random(300) : (intptr_t)random(PAGE);

	return random(2) ? d : -d;
}

void string_checks(void)
{
	static const uint8_t ops[] = { MOVS, STOS, MOVS, SCAS, CMPS };

	page_fault_handler = on_fault;
	for (unsigned k = 0; k < 3000; k++) {
		int op = ops[random(sizeof ops)];
		unsigned size = 1u << random(sizeof(long) == 8 ? 4 : 3);
		bool down = random(4) == 0;
		uint32_t bytes = length(), count = bytes / size;
		uintptr_t to = MIDDLE - bytes / 2 + random(64), from = to - (uintptr_t)distance();
		bool fits = from >= WINDOW + PAGE / 8 && from + bytes <= WINDOW + SIZE - PAGE / 8;
		if (!fits)
			from = to;
		if (down) {
			to += bytes;
			from += bytes;
		}
		one(op, size, from, to, count, down, random(2), random(2), random(3) ? 0 : random(8));
	}
}
