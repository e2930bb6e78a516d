/* Decimal adjustments, after the operation sections of the Intel SDM 2. */
#include "translator/bcd.h"

#include "translator/opcodes.h"

/* AX and the carries between the steps. */
struct bcd {
	uint16_t ax;
	bool cf, af;
};

static uint8_t low(const struct bcd *b)
{
	return (uint8_t)b->ax;
}

static void set_low(struct bcd *b, unsigned al)
{
	b->ax = (uint16_t)((b->ax & 0xff00) | (al & 0xff));
}

static bool digit_overflows(const struct bcd *b)
{
	return (b->ax & 15) > 9 || b->af;
}

/* DAA, DAS: sign is 1 or -1 */
static void adjust_packed(struct bcd *b, int sign)
{
	uint8_t old = low(b);
	bool carry = b->cf;

	b->cf = false;
	b->af = digit_overflows(b);
	if (b->af) {
		int al = low(b) + 6 * sign;
		b->cf = carry || al < 0 || al > 0xff;
		set_low(b, (unsigned)al);
	}
	if (old > 0x99 || carry) {
		set_low(b, (unsigned)(low(b) + 0x60 * sign));
		b->cf = true;
	} else if (sign > 0) {
		b->cf = false;
	}
}

/* AAA, AAS */
static void adjust_unpacked(struct bcd *b, int sign)
{
	b->cf = b->af = digit_overflows(b);
	if (b->cf)
		b->ax = (uint16_t)(b->ax + 0x106 * sign);
	b->ax &= 0xff0f;
}

static void divide(struct bcd *b, unsigned base)
{
	b->ax = (uint16_t)((low(b) / base) << 8 | low(b) % base);
	b->cf = b->af = false;
}

static void multiply(struct bcd *b, unsigned base)
{
	b->ax = (uint8_t)(low(b) + (b->ax >> 8) * base);
	b->cf = b->af = false;
}

void bcd_exec(struct cpu *cpu, uint64_t op, uint64_t imm)
{
	uint32_t flags = cpu_get_eflags(cpu);
	struct bcd b = { .ax = (uint16_t)cpu->gpr[RAX], .cf = flags & FL_CF, .af = flags & FL_AF };

	switch (op) {
	case OP_DAA: adjust_packed(&b, 1); break;
	case OP_DAS: adjust_packed(&b, -1); break;
	case OP_AAA: adjust_unpacked(&b, 1); break;
	case OP_AAS: adjust_unpacked(&b, -1); break;
	case OP_AAM: divide(&b, (unsigned)imm); break;
	case OP_AAD: multiply(&b, (unsigned)imm); break;
	}
	cpu_set_gpr(cpu, RAX, 2, b.ax);
	flags = cc_compute(CC_LOGIC, (uint64_t)(int64_t)(int8_t)low(&b), 0);
	cpu->cc_dst = flags | (b.cf ? FL_CF : 0) | (b.af ? FL_AF : 0);
	cpu->cc_op = CC_EFLAGS;
}
