// SOURCES: translator/cpu.c translator/descriptor.c translator/stack.c translator/seg.c translator/msr.c translator/fastcall.c translator/cpuid.c translator/debug.c
/* Lazy flags against the flags of the CPU this runs on: every operation and size, random and extreme operands. */
#include "tests/unit/arch_model.h"

#define COUNT 200000

static uint64_t seed = 88172645463325252;
static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Half of the operands lie near 0, the sign boundary or the top of their size. */
static uint64_t operand(unsigned bits)
{
	static const int64_t near[] = { -2, -1, 0, 1, 2, 15, 16 };
	uint64_t r = random64();

	if (r & 1)
		return random64();
	uint64_t middle = r & 2 ? 1ull << (bits - 1) : r & 4 ? 0 : 15;
	return middle + near[(r >> 8) % 7];
}

static uint64_t extend(uint64_t v, unsigned bits)
{
	return (uint64_t)((int64_t)(v << (64 - bits)) >> (64 - bits));
}

static void compare(const char *what, unsigned bits, uint32_t op, uint64_t dst, uint64_t src, uint64_t real, uint32_t defined)
{
	uint32_t got = cc_compute(op, extend(dst, bits), extend(src, bits));

	if (!((got ^ real) & defined)) {
		passed++;
		return;
	}
	failed++;
	printf("%s%u: result %#llx, source %#llx: flags %#x, CPU has %#llx\n", what, bits, (unsigned long long)dst,
	       (unsigned long long)src, got, (unsigned long long)(real & FL_ARITH));
}

/* Runs `insn` on this CPU with a in the destination, b in the source, carry in CF; leaves result and flags. */
#define BINARY(insn, type, a, b, carry, flags) \
	({ \
		type a_ = (type)(a), b_ = (type)(b); \
		__asm__ volatile("btl $0, %3\n\t" insn " %2, %0\n\tpushfq\n\tpopq %1" \
				 : "+q"(a_), "=&r"(flags) : "q"(b_), "r"((uint32_t)(carry)) : "cc"); \
		a_; \
	})
#define UNARY(insn, type, a, carry, flags) \
	({ \
		type a_ = (type)(a); \
		__asm__ volatile("btl $0, %2\n\t" insn " %0\n\tpushfq\n\tpopq %1" \
				 : "+q"(a_), "=&r"(flags) : "r"((uint32_t)(carry)) : "cc"); \
		a_; \
	})
#define SHIFT(insn, type, a, count, flags) \
	({ \
		type a_ = (type)(a); \
		__asm__ volatile(insn " %%cl, %0\n\tpushfq\n\tpopq %1" : "+q"(a_), "=&r"(flags) : "c"(count) : "cc"); \
		a_; \
	})

#define NO_AF (FL_ARITH & ~FL_AF)
#define SHIFT_FLAGS(count) ((count) == 1 ? NO_AF : NO_AF & ~FL_OF)

#define TEST_SIZE(bits, log2, s) \
	static void test_##bits(void) \
	{ \
		typedef uint##bits##_t type; \
		uint64_t a = operand(bits), b = operand(bits), f, r; \
		unsigned carry = random64() & 1, count = 1 + random64() % (bits - 1); \
		r = BINARY("add" s, type, a, b, 0, f); \
		compare("add", bits, CC_ADD + log2, r, b, f, FL_ARITH); \
		r = BINARY("sub" s, type, a, b, 0, f); \
		compare("sub", bits, CC_SUB + log2, r, b, f, FL_ARITH); \
		r = BINARY("xor" s, type, a, b, 0, f); \
		compare("xor", bits, CC_LOGIC + log2, r, 0, f, NO_AF); \
		r = BINARY("adc" s, type, a, b, carry, f); \
		compare("adc", bits, CC_CARRY + log2, r, (a & b) | ((a | b) & ~r), f, FL_ARITH); \
		r = BINARY("sbb" s, type, a, b, carry, f); \
		compare("sbb", bits, CC_CARRY + log2, r, (~a & b) | ((~a | b) & r), f, FL_ARITH); \
		r = UNARY("inc" s, type, a, carry, f); \
		compare("inc", bits, CC_INC + log2, r, carry, f, FL_ARITH); \
		r = UNARY("dec" s, type, a, carry, f); \
		compare("dec", bits, CC_DEC + log2, r, carry, f, FL_ARITH); \
		r = UNARY("neg" s, type, a, carry, f); \
		compare("neg", bits, CC_SUB + log2, r, a, f, FL_ARITH); \
		r = SHIFT("shl" s, type, a, count, f); \
		compare("shl", bits, CC_SHL + log2, r, a << (count - 1), f, SHIFT_FLAGS(count)); \
		r = SHIFT("shr" s, type, a, count, f); \
		compare("shr", bits, CC_SHR + log2, r, (type)a >> (count - 1), f, SHIFT_FLAGS(count)); \
		r = SHIFT("sar" s, type, a, count, f); \
		compare("sar", bits, CC_SHR + log2, r, (uint64_t)((int64_t)extend(a, bits) >> (count - 1)), f, \
			SHIFT_FLAGS(count)); \
	}
TEST_SIZE(8, 0, "b")
TEST_SIZE(16, 1, "w")
TEST_SIZE(32, 2, "l")
TEST_SIZE(64, 3, "q")

static void test_multiply(void)
{
	uint32_t a = operand(32), b = random64() & 1 ? operand(32) : operand(16) & 0xffff, high, low;
	uint64_t f;

	__asm__ volatile("mull %4\n\tpushfq\n\tpopq %2" : "=d"(high), "=a"(low), "=&r"(f) : "1"(a), "r"(b) : "cc");
	compare("mul", 32, CC_MUL + 2, low, high, f, FL_CF | FL_OF);
}

static void test_state(void)
{
	real_mode();
	c->cc_op = CC_SUB + 2;
	c->cc_dst = 0;
	c->cc_src = 5;
	CHECK_EQ(cpu_get_eflags(c), FL_1 | FL_IF | FL_ZF | FL_PF);
	cpu_set_eflags(c, FL_DF | FL_CF, FL_DF);
	CHECK_EQ(cpu_get_eflags(c), FL_1 | FL_IF | FL_ZF | FL_PF | FL_DF);
	CHECK_EQ(c->cc_op, CC_SUB + 2);
	cpu_set_eflags(c, FL_CF, FL_CF | FL_ZF);
	CHECK_EQ(cpu_get_eflags(c), FL_1 | FL_IF | FL_CF | FL_PF | FL_DF);
	CHECK_EQ(c->eflags & FL_ARITH, 0);
	cpu_set_eflags(c, 0xffffffff, 0xffd5 & ~FL_IOPL);
	CHECK_EQ(cpu_get_eflags(c), 0xcfd7);
	CHECK(c->mode & MODE_TF);
	cpu_set_eflags(c, 0, FL_1 | FL_TF);
	CHECK(c->eflags & FL_1);
	CHECK(!(c->mode & MODE_TF));
}

int main(void)
{
	for (int i = 0; i < COUNT && failed < 20; i++) {
		test_8();
		test_16();
		test_32();
		test_64();
		test_multiply();
	}
	test_state();
	return report();
}
