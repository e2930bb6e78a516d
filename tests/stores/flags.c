/*
 * Flags that no instruction reads before the next ones overwrite them all: a page fault between shows them to its handler, and a store may turn the
 * instruction that overwrites them into one that reads them.
 */
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/stores/stores.h"

#define PAGE 4096
#define PAGES 1024     /* of code, taken in turn: no page is written so often that its code checks itself */
#define ARITHMETIC 0x8d5u
#define RESULT 0xc4u /* flags of the result alone: PF, ZF, SF */
#define MISSING TOUCHED

struct piece {
	uint8_t len, bytes[15];
};

/* EAX and ECX are operands, ESI points to another. */
static const struct piece producers[] = {
	{ 2, { 0x01, 0xc8 } },                         /* add eax, ecx */
	{ 3, { 0x83, 0xc0, 0x05 } },                   /* add eax, 5 */
	{ 2, { 0x00, 0xc8 } },                         /* add al, cl */
	{ 2, { 0x00, 0xe0 } },                         /* add al, ah */
	{ 3, { 0x66, 0x01, 0xc8 } },                   /* add ax, cx */
	{ 2, { 0x03, 0x06 } },                         /* add eax, [esi] */
	{ 2, { 0x01, 0x06 } },                         /* add [esi], eax */
	{ 2, { 0x29, 0xc8 } },                         /* sub eax, ecx */
	{ 2, { 0x29, 0xc0 } },                         /* sub eax, eax */
	{ 3, { 0x80, 0xed, 0x05 } },                   /* sub ch, 5 */
	{ 2, { 0x2b, 0x06 } },                         /* sub eax, [esi] */
	{ 2, { 0x29, 0x06 } },                         /* sub [esi], eax */
	{ 2, { 0x39, 0xc8 } },                         /* cmp eax, ecx */
	{ 2, { 0x38, 0xcc } },                         /* cmp ah, cl */
	{ 3, { 0x83, 0xf9, 0x85 } },                   /* cmp ecx, -123 */
	{ 2, { 0x3b, 0x06 } },                         /* cmp eax, [esi] */
	{ 2, { 0x39, 0x06 } },                         /* cmp [esi], eax */
	{ 3, { 0x80, 0x3e, 0x05 } },                   /* cmp byte [esi], 5 */
	{ 2, { 0x21, 0xc8 } },                         /* and eax, ecx */
	{ 3, { 0x83, 0xe0, 0x06 } },                   /* and eax, 6 */
	{ 2, { 0x09, 0xc8 } },                         /* or eax, ecx */
	{ 2, { 0x0b, 0x06 } },                         /* or eax, [esi] */
	{ 2, { 0x31, 0xc8 } },                         /* xor eax, ecx */
	{ 2, { 0x31, 0xc0 } },                         /* xor eax, eax */
	{ 2, { 0x31, 0x06 } },                         /* xor [esi], eax */
	{ 2, { 0x85, 0xc8 } },                         /* test eax, ecx */
	{ 2, { 0x85, 0xc0 } },                         /* test eax, eax */
	{ 3, { 0xf6, 0x06, 0x10 } },                   /* test byte [esi], 16 */
	{ 2, { 0xff, 0xc0 } },                         /* inc eax */
	{ 2, { 0xfe, 0xcd } },                         /* dec ch */
	{ 2, { 0xff, 0x0e } },                         /* dec dword [esi] */
	{ 4, { 0x39, 0xc8, 0xff, 0xc1 } },             /* cmp eax, ecx; inc ecx */
	{ 4, { 0x01, 0xc8, 0xff, 0xc8 } },             /* add eax, ecx; dec eax */
	{ 2, { 0xf7, 0xd8 } },                         /* neg eax */
	{ 2, { 0xf7, 0xe1 } },                         /* mul ecx */
	{ 2, { 0x19, 0xc0 } },                         /* sbb eax, eax */
	/* the OVERWRITERS */
	{ 2, { 0x01, 0xc0 } },                 /* add eax, eax */
	{ 2, { 0xd1, 0xe0 } },                 /* shl eax, 1 */
	{ 3, { 0xc1, 0xe8, 0x03 } },           /* shr eax, 3 */
	{ 3, { 0xc1, 0xf8, 0x07 } },           /* sar eax, 7 */
	{ 3, { 0x0f, 0xaf, 0xc1 } },           /* imul eax, ecx */
};
#define PRODUCERS (sizeof producers / sizeof producers[0])
#define OVERWRITERS 5 /* what has overwritten the operand that flags come from is known to have lost those that the result does not tell */

/* What may lie between: it changes no flags, and reads all, some or none. */
static const struct piece between[] = {
	{ 0, { 0 } },
	{ 2, { 0x89, 0xcd } },                         /* mov ebp, ecx */
	{ 2, { 0x74, 0x00 } },                         /* je behind it */
	{ 3, { 0x0f, 0x42, 0xe9 } },                   /* cmovc ebp, ecx */
	{ 2, { 0x51, 0x5d } },                         /* push ecx; pop ebp */
	{ 4, { 0x77, 0x02, 0x72, 0x00 } },             /* ja behind the next; jc behind it */
};
#define BETWEEN (sizeof between / sizeof between[0])

static const uint32_t operands[] = { 0, 1, 5, 0x7fffffff, 0x80000000, 0xffffffff, 0x12345678, 0xfedcba98 };
#define OPERANDS (sizeof operands / sizeof operands[0])

/* run.S */
uintptr_t fault_flags;
void entry_fault_flags(void);

static uint32_t memory;
static unsigned turn;

static void set_page_fault_entry(void (*entry)(void))
{
	struct __attribute__((packed)) { uint16_t limit; uintptr_t base; } idtr;
	uint16_t *gate;

	__asm__ volatile("sidt %0" : "=m"(idtr));
	gate = (uint16_t *)(idtr.base + VECTOR_PAGE_FAULT * 2 * sizeof(uintptr_t));
	gate[0] = (uint16_t)(uintptr_t)entry;
	gate[3] = (uint16_t)((uintptr_t)entry >> 16);
}

static void on_fault(uintptr_t at)
{
	map_page(at & ~(uintptr_t)(PAGE - 1), at & ~(uintptr_t)(PAGE - 1), true);
}

static uint8_t *append(uint8_t *p, const struct piece *piece)
{
	copy(p, piece->bytes, piece->len);
	return p + piece->len;
}

/* PUSH EBP; producer; what lies between; `end`; POP EBP; RET. Returns where `end` begins. */
static uint8_t *make(uint8_t *code, unsigned producer, unsigned what, const struct piece *end)
{
	static const struct piece save = { 1, { 0x55 } }, restore = { 2, { 0x5d, 0xc3 } };
	uint8_t *p = append(append(append(code, &save), &producers[producer]), &between[what]);

	append(append(p, end), &restore);
	return p;
}

static uint8_t *next_page(void)
{
	return (uint8_t *)ARENA + turn++ % PAGES * PAGE;
}

static uintptr_t run(const uint8_t *code, unsigned n, const void *to, uint32_t b)
{
	uint32_t x = operands[n % OPERANDS], y = operands[n / OPERANDS % OPERANDS];
	struct registers r = { .a = x, .b = b, .c = y, .si = (uintptr_t)&memory, .di = (uintptr_t)to, .flags = n & 1 ? ARITHMETIC : 0 };

	memory = y;
	call_with(&r, code);
	return r.a;
}

static void same(uintptr_t flags, uintptr_t expected, const char *what, unsigned producer, unsigned n)
{
	uint32_t told = producer < PRODUCERS - OVERWRITERS ? ARITHMETIC : RESULT;

	check(((flags ^ expected) & told) == 0, what, producer | n << 8, (uint32_t)expected & ARITHMETIC, (uint32_t)flags & ARITHMETIC);
}

static void one(unsigned producer, unsigned what, unsigned n)
{
	static const struct piece plain = { 2, { 0x9c, 0x58 } };                   /* pushf; pop eax */
	static const struct piece stores = { 4, { 0x88, 0x1f, 0x85, 0xc0 } };      /* mov [edi], bl; test eax, eax */
	static const struct piece loads = { 4, { 0x8a, 0x1f, 0x85, 0xc0 } };       /* mov bl, [edi]; test eax, eax */
	static const struct piece changes = { 5, { 0x66, 0x89, 0x1f, 0x85, 0xc0 } }; /* mov [edi], bx; test eax, eax: what is stored is `plain` */
	const struct piece *ends[] = { &stores, &loads };
	uint8_t *code = next_page(), *end;
	uintptr_t expected;

	make(code, producer, what, &plain);
	expected = run(code, n, 0, 0);
	for (unsigned k = 0; k < 2; k++) {
		code = next_page();
		make(code, producer, what, ends[k]);
		map_page(MISSING, MISSING, false);
		run(code, n, (void *)MISSING, 0);
		same(fault_flags, expected, k ? "flags at a load's page fault" : "flags at a store's page fault", producer, n);
	}
	code = next_page();
	end = make(code, producer, what, &changes) + 3;
	same(run(code, n, end, 0x589c), expected, "flags that a store lets be read", producer, n);
}

void dead_flags_checks(void)
{
	void (*handler)(uintptr_t) = page_fault_handler;

	page_fault_handler = on_fault;
	set_page_fault_entry(entry_fault_flags);
	for (unsigned producer = 0; producer < PRODUCERS; producer++)
		for (unsigned what = 0; what < BETWEEN; what++)
			for (unsigned n = 0; n < OPERANDS * OPERANDS; n += 3)
				one(producer, what, n + (producer + what) % 3);
	set_page_fault_entry(entry_page_fault);
	page_fault_handler = handler;
}
