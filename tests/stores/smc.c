/*
 * Code that stores into what is executed next: [store to where DI points] [something that takes `distance` bytes] MOV EAX, constant; RET.
 * The store aims at the constant, or elsewhere. Every x86 CPU executes what was stored.
 */
#include "bench/x86/layout.h"
#include "tests/stores/stores.h"

#define PAGES 1024       /* of code, taken in turn; or only one: many stores into a page change how its code is translated */
#define DISTANCES 65
#define OLD 0x11223344u
#define NEW 0x55667788u

struct store {
	uint8_t bytes[12], len;
	uint8_t size; /* bytes stored */
};

/* EAX has the value, ESI points to it, four times; ECX = 4, EDX = 0; DF is clear. */
static const struct store stores[] = {
	{ { 0x88, 0x07 }, 2, 1 },                               /* mov [edi], al */
	{ { 0x66, 0x89, 0x07 }, 3, 2 },
	{ { 0x89, 0x07 }, 2, 4 },
	{ { 0xf3, 0xa4 }, 2, 4 },                               /* rep movsb */
	{ { 0xaa }, 1, 1 },                                     /* stosb */
	{ { 0xab }, 1, 4 },
	{ { 0xa5 }, 1, 4 },                                     /* movsd */
	{ { 0x87, 0x07 }, 2, 4 },                               /* xchg [edi], eax */
	{ { 0xba, 1, 0, 0, 0, 0x89, 0xd1, 0xf3, 0xab }, 9, 4 }, /* mov edx, 1; mov ecx, edx; rep stosd */
	{ { 0x8b, 0x16, 0x8b, 0x07, 0xf0, 0x0f, 0xb1, 0x17 }, 8, 4 }, /* mov edx, [esi]; mov eax, [edi]; lock cmpxchg [edi], edx */
	{ { 0x2b, 0x07, 0xf0, 0x01, 0x07 }, 5, 4 },             /* sub eax, [edi]; lock add [edi], eax */
	{ { 0x2b, 0x07, 0xf0, 0x0f, 0xc1, 0x07 }, 6, 4 },       /* sub eax, [edi]; lock xadd [edi], eax */
	{ { 0x33, 0x07, 0x31, 0x07 }, 4, 4 },                   /* xor eax, [edi]; xor [edi], eax */
	{ { 0xdb, 0x06, 0xdb, 0x1f }, 4, 4 },                   /* fild dword [esi]; fistp dword [edi] */
	{ { 0xd9, 0x06, 0xd9, 0x1f }, 4, 4 },                   /* fld dword [esi]; fstp dword [edi] */
	{ { 0x66, 0x0f, 0x6e, 0x06, 0x66, 0x0f, 0x7e, 0x07 }, 8, 4 }, /* movd xmm0, [esi]; movd [edi], xmm0 */
	{ { 0xf3, 0x0f, 0x10, 0x06, 0xf3, 0x0f, 0x11, 0x07 }, 8, 4 }, /* movss */
	{ { 0x0f, 0x6e, 0x06, 0x0f, 0x7e, 0x07, 0x0f, 0x77 }, 8, 4 }, /* movd mm0, [esi]; movd [edi], mm0; emms */
	{ { 0x0f, 0xc3, 0x07 }, 3, 4 },                         /* movnti [edi], eax */
};
#define STORES (sizeof stores / sizeof stores[0])

/* Where in its page the code begins: in the middle, or so that the page ends behind the store, or within or behind the constant. */
enum { MIDDLE, PAGE_ENDS_BEHIND_STORE, PAGE_ENDS_IN_CONSTANT, PAGE_ENDS_BEHIND_CONSTANT, PLACES };

static uint32_t value[4], elsewhere[4];

/* Fills the distance with instructions that do nothing to registers and memory. */
static uint8_t *fill(uint8_t *p, unsigned n)
{
	static const uint8_t five[] = { 0x0d, 0, 0, 0, 0 }; /* or eax, 0 */

	for (; n >= 5; n -= 5, p += 5)
		copy(p, five, 5);
	for (; n; n--)
		*p++ = 0x90;
	return p;
}

static unsigned offset_of(unsigned place, unsigned store_len, unsigned distance)
{
	switch (place) {
	case PAGE_ENDS_BEHIND_STORE: return 0x1000 - store_len;
	case PAGE_ENDS_IN_CONSTANT: return 0x1000 - store_len - distance - 1 - 2;
	case PAGE_ENDS_BEHIND_CONSTANT: return 0x1000 - store_len - distance - 5;
	default: return 0x400 + distance * 8;
	}
}

static uint32_t stored(const struct store *s, uint32_t before, uint32_t v)
{
	uint32_t mask = s->size == 4 ? ~0u : (1u << s->size * 8) - 1;

	return (before & ~mask) | (v & mask);
}

static uint32_t run(const uint8_t *code, uint32_t v, const void *to)
{
	struct registers r = { .a = v, .c = 4, .si = (uintptr_t)value, .di = (uintptr_t)to };

	for (unsigned k = 0; k < 4; k++)
		value[k] = v;
	call_with(&r, code);
	return (uint32_t)r.a;
}

static void one(unsigned n, unsigned distance, unsigned place, bool alias, uint8_t *page)
{
	const struct store *s = &stores[n];
	uint8_t *code = page + offset_of(place, s->len, distance), *p = code, *constant;
	uint32_t old = OLD, is = OLD, what = place | alias << 4;
	const void *target;

	copy(p, s->bytes, s->len);
	p = fill(p + s->len, distance);
	*p++ = 0xb8;
	constant = p;
	copy(p, &old, 4);
	p[4] = 0xc3;
	target = constant;
	if (alias) {
		map_page(ALIAS, (uintptr_t)page, true);
		map_page(ALIAS + 0x1000, (uintptr_t)page + 0x1000, true);
		target = (const void *)(ALIAS + (uintptr_t)(constant - page));
	}
	check(run(code, NEW, elsewhere) == is, "before the store", n, distance, what);
	is = stored(s, is, NEW);
	check(run(code, NEW, target) == is, "store", n, distance, what);
	check(run(code, OLD, elsewhere) == is, "behind the store", n, distance, what);
	is = stored(s, is, ~NEW);
	check(run(code, ~NEW, target) == is, "second store", n, distance, what);
	check(*(volatile uint32_t *)constant == is, "memory", n, distance, what);
}

static void in_pages(unsigned pages, unsigned step)
{
	unsigned turn = 0;

	for (unsigned n = 0; n < STORES; n++)
		for (unsigned distance = 0; distance < DISTANCES; distance += step)
			for (unsigned k = 0; k < PLACES * 2; k++)
				one(n, distance, k / 2, k & 1, (uint8_t *)ARENA + (turn++ % pages) * 0x2000);
}

/* Overwrites code of the page often enough for the firmware to let its code check itself. */
static void store_often(uint8_t *code)
{
	static const uint8_t bytes[] = { 0xb0, 0x00, 0xc3 }; /* mov al, 0; ret */
	struct registers r = { 0 };

	copy(code, bytes, sizeof bytes);
	for (unsigned k = 0; k < 64; k++) {
		*(volatile uint8_t *)(code + 1) = (uint8_t)k;
		call_with(&r, code);
		check((uint8_t)r.a == (uint8_t)k, "code stored to often", k, 0, 0);
	}
}

/* A store turns the next instruction from one that overwrites the flags into one that reads them, and back, many times in one page. */
static void flags_checks(void)
{
	static const uint8_t bytes[] = { 0x39, 0xc8, 0x88, 0x17, 0x31, 0xc0, 0xc3 }; /* cmp eax, ecx; mov [edi], dl; xor eax, eax; ret */
	enum { TARGET = 4, XOR = 0x31, SBB = 0x19, ROUNDS = 200 };
	uint8_t *code = (uint8_t *)ARENA;

	copy(code, bytes, sizeof bytes);
	for (unsigned k = 0; k < ROUNDS; k++) {
		if (k % 8 == 0)
			store_often(code + 64);
		struct registers r = { .a = k & 2, .c = 1, .d = k & 1 ? SBB : XOR, .di = (uintptr_t)code + TARGET };
		call_with(&r, code);
		check((uint32_t)r.a == (k & 1 && !(k & 2) ? ~0u : 0), "flags read behind a store", k, 0, 0);
	}
}

/*
 * Code that is written again and again, in versions that come back at once, later, or after more others than anybody would keep. A jump in the same page
 * leads to it.
 */
static void version_checks(void)
{
	enum { ROUNDS = 400, JUMP = 0x60 };
	uint8_t *code = (uint8_t *)ARENA, jump[] = { 0xeb, (uint8_t)-(JUMP + 2) };

	copy(code + JUMP, jump, sizeof jump);
	for (unsigned k = 0; k < ROUNDS; k++) {
		unsigned version = k < ROUNDS / 2 ? k % 2 : k * 7 % 11;
		struct registers r = { .a = k };
		uint8_t *p = code;

		for (unsigned n = 0; n < version; n++)
			p = fill(p, 5);
		*p++ = 0xb8; /* mov eax, constant */
		copy(p, &version, 4);
		p[4] = 0xc3;
		call_with(&r, code + JUMP * (k >> 1 & 1));
		check((uint32_t)r.a == version, "version of code", k, version, 0);
	}
}

void smc_checks(void)
{
	version_checks();
	in_pages(PAGES, 1);
	in_pages(1, 13);
	flags_checks();
}
