/*
 * Locked operations at all alignments: each must do what the same operation without LOCK does to the same bytes at an aligned address; across a page
 * that is not there it must fault with the second page's address, before it has changed anything, and then complete.
 */
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/stores/stores.h"

#define MEMORY TOUCHED          /* two pages */
#define SECOND (TOUCHED + 0x1000)
#define LINE 64
#define FLAGS 0x8d5
#define FLAGS_BEFORE 0x891 /* OF SF AF CF */

struct operation {
	uint8_t bytes[4], len; /* behind LOCK and size; the operand is [edi] */
	bool sized;            /* has forms of 2, 4 and 8 bytes; else that of `size` only */
	uint8_t size;
	bool is_xchg;          /* locks by itself */
	bool aligned;          /* faults elsewhere */
};

static const struct operation operations[] = {
	{ { 0x00, 0x0f }, 2, false, 1, false, false }, { { 0x28, 0x0f }, 2, false, 1, false, false }, { { 0x0f, 0xb0, 0x0f }, 3, false, 1, false, false },
	{ { 0x01, 0x0f }, 2, true, 0, false, false },             /* add [edi], ecx */
	{ { 0x09, 0x0f }, 2, true, 0, false, false }, { { 0x11, 0x0f }, 2, true, 0, false, false }, { { 0x19, 0x0f }, 2, true, 0, false, false },
	{ { 0x21, 0x0f }, 2, true, 0, false, false }, { { 0x29, 0x0f }, 2, true, 0, false, false }, { { 0x31, 0x0f }, 2, true, 0, false, false },
	{ { 0x83, 0x07, 0x81 }, 3, true, 0, false, false },       /* add [edi], -127 */
	{ { 0xff, 0x07 }, 2, true, 0, false, false }, { { 0xff, 0x0f }, 2, true, 0, false, false }, /* inc, dec */
	{ { 0xf7, 0x17 }, 2, true, 0, false, false }, { { 0xf7, 0x1f }, 2, true, 0, false, false }, /* not, neg */
	{ { 0x87, 0x0f }, 2, true, 0, true, false },
	{ { 0x0f, 0xc1, 0x0f }, 3, true, 0, false, false }, { { 0x0f, 0xb1, 0x0f }, 3, true, 0, false, false }, /* xadd, cmpxchg */
	{ { 0x0f, 0xba, 0x2f, 13 }, 4, true, 0, false, false }, { { 0x0f, 0xba, 0x37, 14 }, 4, true, 0, false, false }, /* bts, btr */
	{ { 0x0f, 0xba, 0x3f, 15 }, 4, true, 0, false, false },
	{ { 0x0f, 0xc7, 0x0f }, 3, false, 8, false, false },      /* cmpxchg8b */
#ifdef LONG
	{ { 0x48, 0x0f, 0xc7, 0x0f }, 4, false, 16, false, true }, /* cmpxchg16b */
#endif
};
#define OPERATIONS (sizeof operations / sizeof operations[0])
#define MATCHES 2 /* values with which compare-and-exchange fails and succeeds */

static uint8_t code[2][16] __attribute__((aligned(4096)));
static uint8_t plain[32] __attribute__((aligned(64)));
static uintptr_t faulted_at;
static uint32_t faults;
static bool changed_before_fault;
static uint8_t *operand;
static uint8_t original[16];

static void make_code(uint8_t *p, const struct operation *o, unsigned size, bool lock)
{
	if (lock)
		*p++ = 0xf0;
	if (o->sized && size == 2)
		*p++ = 0x66;
	if (o->sized && size == 8)
		*p++ = 0x48;
	copy(p, o->bytes, o->len);
	p[o->len] = 0xc3;
}

/* Registers: those of compare-and-exchange match the operand or do not. */
static struct registers registers_for(const uint8_t *at, unsigned size, bool match)
{
	struct registers r = { .a = 0x13579bdf, .b = 0x2468ace0, .c = 0x8badf00d, .d = 0x600df00d, .di = (uintptr_t)at, .flags = FLAGS_BEFORE };

	if (!match)
		return r;
	r.a = r.d = 0;
	copy(&r.a, original, size == 16 ? 8 : size == 8 && sizeof(long) == 4 ? 4 : size);
	if (size >= 8)
		copy(&r.d, original + size / 2, size == 16 ? 8 : 4);
	return r;
}

static bool same(const uint8_t *a, const uint8_t *b, unsigned n)
{
	for (unsigned k = 0; k < n; k++)
		if (a[k] != b[k])
			return false;
	return true;
}

static void on_fault(uintptr_t at)
{
	unsigned in_first = SECOND - (unsigned)(uintptr_t)operand;

	faulted_at = at;
	faults++;
	changed_before_fault = !same(operand, original, in_first);
	map_page(SECOND, SECOND, true);
}

static void one(unsigned n, unsigned size, unsigned offset, bool match)
{
	const struct operation *o = &operations[n];
	uint8_t *at = (uint8_t *)SECOND - LINE + offset, guard[2] = { 0xa5, 0x5a };
	struct registers want, got;
	bool crosses = offset < LINE && offset + size > LINE, edx_eax = !o->sized && size == 8;

	for (unsigned k = 0; k < size; k++)
		original[k] = (uint8_t)(k * 0x35 + n * 0x1b + offset * 0x47 + 0x83);
	copy(at - 1, guard, 1);
	copy(at + size, guard + 1, 1);
	copy(at, original, size);
	copy(plain, original, size);
	make_code(code[0], o, size, false);
	make_code(code[1], o, size, !o->is_xchg);
	want = registers_for(plain, size, match);
	got = registers_for(at, size, match);
	if (edx_eax && match) /* of CMPXCHG8B: two of 4 bytes */
		want.a = got.a = (uint32_t)want.a;
	call_with(&want, code[0]);
	operand = at;
	faults = 0;
	if (crosses)
		map_page(SECOND, SECOND, false);
	call_with(&got, code[1]);
	check(faults == crosses && (!crosses || (faulted_at == SECOND && !changed_before_fault)), "locked, page fault", n, size, offset);
	check(same(plain, at, size) && at[-1] == guard[0] && at[size] == guard[1], "locked, memory", n, size, offset);
	check(want.a == got.a && want.c == got.c && want.d == got.d && !((want.flags ^ got.flags) & FLAGS), "locked, registers", n, size, offset);
}

void locked_checks(void)
{
	page_fault_handler = on_fault;
	for (unsigned n = 0; n < OPERATIONS; n++)
		for (unsigned size = 1; size <= 16; size *= 2) {
			const struct operation *o = &operations[n];
			if (o->sized ? size == 1 || size > sizeof(long) : size != o->size)
				continue;
			for (unsigned k = 0; k < 2 * LINE * MATCHES; k++)
				if (!o->aligned || k / MATCHES % 16 == 0)
					one(n, size, k / MATCHES, k % MATCHES);
		}
}
