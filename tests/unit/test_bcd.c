// SOURCES: translator/cpu.c translator/descriptor.c translator/stack.c translator/seg.c translator/msr.c translator/fastcall.c translator/cpuid.c translator/debug.c translator/bcd.c
/* Decimal adjustments: sums and differences of all decimal numbers, and the operation sections of the manual for everything else. */
#include "tests/unit/arch_model.h"
#include "translator/bcd.h"
#include "translator/opcodes.h"

static uint32_t run(int op, unsigned imm, unsigned ax, uint32_t flags)
{
	c->gpr[RAX] = 0x12340000 | ax;
	c->cc_op = CC_EFLAGS;
	c->cc_dst = flags;
	bcd_exec(c, (uint64_t)op, imm);
	return cpu_get_eflags(c) & FL_ARITH;
}

static unsigned packed(unsigned n) { return n / 10 << 4 | n % 10; }
static uint32_t carries(bool cf, bool af) { return (cf ? FL_CF : 0) | (af ? FL_AF : 0); }

static uint32_t result_flags(unsigned al)
{
	return (al ? 0 : FL_ZF) | (al & 0x80 ? FL_SF : 0) | (__builtin_parity(al) ? 0 : FL_PF);
}

static void test_packed(void)
{
	for (unsigned a = 0; a < 100; a++) {
		for (unsigned b = 0; b < 100; b++) {
			unsigned x = packed(a), y = packed(b), sum = packed((a + b) % 100), difference = packed((a + 100 - b) % 100);
			uint32_t f = run(OP_DAA, 0, (x + y) & 0xff, carries(x + y > 0xff, (x & 15) + (y & 15) > 15));
			CHECK_EQ(c->gpr[RAX], 0x12340000 | sum);
			CHECK_EQ(f, result_flags(sum) | carries(a + b > 99, a % 10 + b % 10 > 9));
			f = run(OP_DAS, 0, (x - y) & 0xff, carries(x < y, (x & 15) < (y & 15)));
			CHECK_EQ(c->gpr[RAX], 0x12340000 | difference);
			CHECK_EQ(f, result_flags(difference) | carries(a < b, a % 10 < b % 10));
		}
	}
}

/* DAA and DAS of numbers that are not decimal, from the manual: al, CF and AF before; al, CF and AF after. */
static void test_not_decimal(void)
{
	static const struct { int op; uint8_t al, before, after, flags; } row[] = {
		{ OP_DAA, 0x9a, 0, 0x00, FL_CF | FL_AF }, { OP_DAA, 0xff, 0, 0x65, FL_CF | FL_AF }, { OP_DAA, 0xa0, 0, 0x00, FL_CF },
		{ OP_DAA, 0x99, FL_AF, 0x9f, FL_AF }, { OP_DAA, 0xfa, FL_CF, 0x60, FL_CF | FL_AF }, { OP_DAA, 0x00, FL_CF | FL_AF, 0x66, FL_CF | FL_AF },
		{ OP_DAS, 0x9a, 0, 0x34, FL_CF | FL_AF }, { OP_DAS, 0xff, 0, 0x99, FL_CF | FL_AF }, { OP_DAS, 0x05, FL_AF, 0xff, FL_CF | FL_AF },
		{ OP_DAS, 0xa0, 0, 0x40, FL_CF }, { OP_DAS, 0x00, FL_CF, 0xa0, FL_CF },
	};

	for (unsigned k = 0; k < sizeof row / sizeof row[0]; k++) {
		uint32_t f = run(row[k].op, 0, 0x5500 | row[k].al, row[k].before);
		CHECK_EQ(c->gpr[RAX], 0x12345500 | row[k].after);
		CHECK_EQ(f, result_flags(row[k].after) | row[k].flags);
	}
}

static void test_unpacked(void)
{
	for (unsigned ax = 0; ax < 0x10000; ax += 7) {
		for (unsigned af = 0; af < 2; af++) {
			bool adjust = (ax & 15) > 9 || af;
			run(OP_AAA, 0, ax, af ? FL_AF : 0);
			CHECK_EQ(c->gpr[RAX] & 0xffff, (adjust ? ax + 0x106 : ax) & 0xff0f);
			uint32_t f = run(OP_AAS, 0, ax, af ? FL_AF : FL_CF);
			CHECK_EQ(c->gpr[RAX] & 0xffff, (adjust ? ax - 0x106 : ax) & 0xff0f);
			CHECK_EQ(f & (FL_CF | FL_AF), adjust ? FL_CF | FL_AF : 0);
		}
	}
	for (unsigned al = 0; al < 0x100; al++) {
		for (unsigned base = 1; base < 0x100; base += 9) {
			uint32_t f = run(OP_AAM, base, 0x3300 | al, 0);
			CHECK_EQ(c->gpr[RAX], 0x12340000 | al / base << 8 | al % base);
			CHECK_EQ(f, result_flags(al % base));
			f = run(OP_AAD, base, 0x3300 | al, 0);
			CHECK_EQ(c->gpr[RAX], 0x12340000 | ((al + 0x33 * base) & 0xff));
			CHECK_EQ(f, result_flags((al + 0x33 * base) & 0xff));
		}
	}
}

int main(void)
{
	protected_mode(0);
	test_packed();
	test_not_decimal();
	test_unpacked();
	return report();
}
