#include "translator/emit.h"

#include <errno.h>

/* Whether v is what sign extension makes of its low `bits` bits. */
static bool fits(int64_t v, int bits)
{
	return v == (int64_t)((uint64_t)v << (64 - bits)) >> (64 - bits);
}

/* Sign-extended 32-bit constant. */
static void li32(struct emit *e, int rd, int32_t v)
{
	if (fits(v, 12)) {
		la_addi_w(e, rd, 0, v);
	} else if ((v & ~0xfff) == 0) {
		la_ori(e, rd, 0, v);
	} else {
		la_lu12i_w(e, rd, v >> 12);
		if (v & 0xfff)
			la_ori(e, rd, rd, v & 0xfff);
	}
}

void la_li(struct emit *e, int rd, int64_t value)
{
	if (fits(value, 32)) {
		li32(e, rd, (int32_t)value);
		return;
	}
	if ((value & 0xfffffffffffffll) == 0) {
		la_lu52i_d(e, rd, 0, (int)(value >> 52));
		return;
	}
	li32(e, rd, (int32_t)value);
	if (!fits((int64_t)((uint64_t)value << 12) >> 12, 32))
		la_lu32i_d(e, rd, (int)(value >> 32));
	if (!fits(value, 52))
		la_lu52i_d(e, rd, rd, (int)(value >> 52));
}

int la_li_words(int64_t value)
{
	uint32_t buf[4];
	struct emit e;

	emit_init(&e, buf, 4);
	la_li(&e, 4, value);
	return (int)(e.p - e.start);
}

/* Branch formats: where the offset lies, and how far it reaches (in words, one sign bit included). */
enum reach { OFFS_NONE = 0, OFFS16 = 16, OFFS21 = 21, OFFS26 = 26 };

/* By the major opcode, bits 26-31. */
static const uint8_t branch_reach[64] = {
	[0x10] = OFFS21, /* beqz */
	[0x11] = OFFS21, /* bnez */
	[0x12] = OFFS21, /* bceqz, bcnez */
	[0x14] = OFFS26, /* b */
	[0x15] = OFFS26, /* bl */
	[0x16] = OFFS16, [0x17] = OFFS16, [0x18] = OFFS16, [0x19] = OFFS16, [0x1a] = OFFS16, [0x1b] = OFFS16, /* beq .. bgeu */
};

int emit_fix_branch(uint32_t *site, const uint32_t *target)
{
	int64_t offs = (int64_t)((uintptr_t)target - (uintptr_t)site);
	int reach = branch_reach[*site >> 26];

	if (reach == OFFS_NONE)
		return -EINVAL;
	if ((offs & 3) || !fits(offs >> 2, reach))
		return -ERANGE;
	if (reach == OFFS26)
		*site = (*site & 0xfc000000) | emit_offs26(offs);
	else if (reach == OFFS21)
		*site = (*site & ~(emit_field(-1, 16, 10) | 0x1f)) | emit_offs21(offs);
	else
		*site = (*site & ~emit_field(-1, 16, 10)) | emit_field(offs >> 2, 16, 10);
	return 0;
}
