#include "tests/privileged/case.h"

static uint8_t *p;

static void byte(uint32_t v)
{
	*p++ = (uint8_t)v;
}

static void bytes(const char *s, unsigned n)
{
	while (n--)
		byte((uint8_t)*s++);
}

static void word32(uint32_t v)
{
	for (int k = 0; k < 4; k++)
		byte(v >> 8 * k);
}

static void mov_eax(uint32_t v)
{
	byte(0xb8);
	word32(v);
}

static void push32(uint32_t v)
{
	byte(0x68);
	word32(v);
}

/* ---- one function a kind of instruction ---- */

static void mov_sreg(void)
{
	static const uint8_t to[] = { 0, 2, 3, 4, 5, 0, 3, 1 };

	mov_eax(any_selector());
	byte(0x8e);
	byte(0xc0 | to[one_of(8)] << 3);
}

static void pop_sreg(void)
{
	static const char *const pops[] = { "\x07", "\x17", "\x1f", "\x0f\xa1", "\x0f\xa9" };
	uint32_t n = one_of(5);

	push32(any_selector());
	bytes(pops[n], n < 3 ? 1 : 2);
}

/* LES LDS LSS LFS LGS with a pointer in memory */
static void load_far(void)
{
	static const char *const loads[] = { "\xc4", "\xc5", "\x0f\xb2", "\x0f\xb4", "\x0f\xb5" };
	uint32_t n = one_of(5), at = OPERANDS + one_of(16) * 8;

	put32(at, random32());
	put32(at + 4, any_selector());
	bytes(loads[n], n < 2 ? 1 : 2);
	byte(0x1d);
	word32(at);
}

static void access_memory(void)
{
	static const uint8_t prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
	static const uint32_t offsets[] = { 0, 0xffe, 0xfff, 0x1000, 0x4ffd, 0x4fff, 0x8ffc, 0x9000, 0xfffc, 0xffff, 0xfffffffe, 0xffffffff };
	uint32_t kind = one_of(6), at = OPERANDS + one_of(0x100);

	byte(prefixes[one_of(6)]);
	if (kind < 2) /* writes go where they do no harm */
		byte(kind == 0 ? 0xa2 : 0xa3);
	else {
		byte(kind & 1 ? 0xa0 : 0xa1);
		at = one_of(2) ? offsets[one_of(12)] : one_of(0x10000);
	}
	word32(at);
}

static void inspect(void)
{
	static const char *const insns[] = {
		"\x0f\x02\xd8", "\x0f\x03\xd8", "\x0f\x00\xe0", "\x0f\x00\xe8", /* LAR EBX LSL EBX VERR VERW */
	};
	uint32_t n = one_of(5);

	mov_eax(any_selector());
	if (n == 4) {
		byte(0xbb);
		word32(any_selector());
		bytes("\x63\xd8", 2); /* ARPL AX, BX */
	} else
		bytes(insns[n], 3);
	byte(0x9c); /* PUSHF; POP ECX keeps ZF for all to see */
	byte(0x59);
}

static void far_direct(void)
{
	byte(one_of(2) ? 0xea : 0x9a);
	word32(LAND);
	uint32_t sel = any_selector();
	byte(sel);
	byte(sel >> 8);
}

static void far_indirect(void)
{
	uint32_t at = OPERANDS + 0x200 + one_of(16) * 8;

	put32(at, LAND);
	put32(at + 4, any_selector());
	byte(0xff);
	byte(one_of(2) ? 0x2d : 0x1d);
	word32(at);
}

static void push_outer_stack(void)
{
	uint32_t ring = one_of(4);

	push32(one_of(3) ? DATA0 + ring * 17 : any_selector());
	push32(STACKS + (ring + 1) * STACK_SIZE - 32);
}

static void far_return(void)
{
	uint32_t ring = one_of(4);

	push_outer_stack();
	push32(one_of(2) ? CODE0 + ring * 17 : any_selector());
	push32(LAND);
	if (one_of(2))
		byte(0xcb);
	else
		bytes("\xca\x08\x00", 3);
}

static void interrupt_return(void)
{
	uint32_t ring = one_of(4), v86 = !one_of(6);
	uint32_t segment = v86 ? one_of(2) * 0x100 : 0; /* away from LAND lies what earlier cases left, which the machines need not agree on */

	if (v86)
		for (int n = 0; n < 4; n++)
			push32(one_of(0x1000));
	push_outer_stack();
	push32(2 | (one_of(4) ? 0 : random32() & 0x3247fd5 & ~0x20100u) | (v86 ? 0x20000 : 0));
	push32(v86 ? segment : one_of(2) ? CODE0 + ring * 17 : any_selector());
	push32(LAND - segment * 16);
	byte(0xcf);
}

static void interrupt(void)
{
	uint32_t n = one_of(8);

	if (n == 0)
		byte(0xcc);
	else if (n == 1)
		byte(0xf1);
	else if (n == 2)
		bytes("\xb0\x7f\x04\x01\xce", 5); /* overflow, INTO */
	else {
		byte(0xcd);
		byte(n == 3 ? one_of(32) : 0x50 + one_of(0xb0));
	}
}

static void privileged(void)
{
	static const struct {
		uint8_t n;
		char code[7];
	} insns[] = {
		{ 1, "\xfa" }, { 1, "\xfb" }, { 2, "\x9c\x58" }, { 3, "\x0f\x20\xc0" }, { 3, "\x0f\x20\xe0" }, { 3, "\x0f\x21\xf8" }, { 2, "\x0f\x06" },
		{ 3, "\x0f\x00\xc8" }, { 3, "\x0f\x00\xc0" }, { 3, "\x0f\x01\xe0" }, { 2, "\x0f\x08" }, { 2, "\x0f\x09" }, { 2, "\x0f\x0b" },
		{ 2, "\xe4\xe0" }, { 2, "\xe6\x80" }, { 2, "\xe5\xe0" }, { 1, "\x6e" }, { 3, "\x0f\x20\xc8" }, { 3, "\x0f\x00\xf0" }, { 4, "\x66\x0f\x00\xc8" },
		{ 4, "\x66\x0f\x01\xe0" }, { 3, "\x8c\xe8\x40" }, { 3, "\x66\x8c\xd3" }, { 2, "\x0f\x05" }, { 2, "\x0f\x34" }, { 2, "\x0f\xaa" }, { 3, "\x0f\x20\xd8" },
	};
	uint32_t n = one_of(sizeof insns / sizeof insns[0]);

	bytes(insns[n].code, insns[n].n);
}

static void load_system(void)
{
	static const char *const insns[] = { "\x0f\x00\xd0", "\x0f\x00\xd8" };

	mov_eax(any_selector());
	bytes(insns[one_of(2)], 3); /* LLDT LTR */
}

static void pop_flags(void)
{
	push32(2 | (random32() & 0x3247fd5 & ~0x20100u));
	bytes(one_of(2) ? "\x9d" : "\x66\x9d", 1);
}

static void push_sregs(void)
{
	bytes("\x06\x0e\x16\x1e\x0f\xa0\x0f\xa8", 8);
}

static void operand_size(void)
{
	byte(0x66);
}

static void (*const kinds[])(void) = {
	mov_sreg, mov_sreg, mov_sreg, pop_sreg, pop_sreg, load_far, access_memory, access_memory, access_memory, access_memory, inspect, inspect,
	far_direct, far_indirect, far_return, far_return, interrupt_return, interrupt_return, interrupt, interrupt, privileged, privileged,
	load_system, pop_flags, push_sregs, operand_size,
};

/* A register that a case starts with: what the ring may have, or null. */
static uint32_t start_selector(uint32_t ring)
{
	return one_of(6) ? DATA0 + ring * 17 : one_of(4);
}

unsigned code_make(uint8_t *at)
{
	uint32_t ring = one_of(2) ? 3 : one_of(4), count = 1 + one_of(4);
	uint32_t *gpr = &entry.eax;

	p = at;
	while (count--)
		kinds[one_of(sizeof kinds / sizeof kinds[0])]();
	bytes("\xcd\x40", 2);
	/* small numbers: what lies where neither machine need have memory would differ */
	for (int n = 0; n < 7; n++)
		gpr[n] = random32() & 0xffff;
	entry.edi = entry.esi = OPERANDS + one_of(0x100) * 4;
	entry.ecx &= 3;
	entry.eip = (uint32_t)at;
	entry.cs = CODE0 + ring * 17;
	entry.eflags = 2 | (one_of(4) ? 0 : random32() & 0x3cd5) | (one_of(16) ? 0 : 0x4000);
	entry.outer_esp = STACKS + (ring + 1) * STACK_SIZE - 64;
	entry.outer_ss = DATA0 + ring * 17;
	entry.esp = ring ? STACK_HARNESS - 0x800 : entry.outer_esp;
	entry.ss = DATA0;
	entry.ds = start_selector(ring);
	entry.es = start_selector(ring);
	entry.fs = start_selector(ring);
	entry.gs = start_selector(ring);
	return (unsigned)(p - at);
}
