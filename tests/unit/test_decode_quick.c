// SOURCES: translator/decode.c translator/decode_quick.c translator/decode_0f.c translator/decode_0f38.c translator/decode_groups.c translator/decode_tables.c translator/insn_info.c
/*
 * The decoder's short ways say what the long one says. The latter is taken where the page ends behind the instruction, so each encoding is decoded with
 * and without bytes behind it; and with several values of what follows ModRM, so that all but the first are decoded by the form of the first. And only
 * operations that say so have flags that depend on their operands.
 */
#include <string.h>

#include "tests/unit/check.h"
#include "translator/insn.h"

#define LONGEST 15
#define MANY 32 /* so that the short ways are taken */

static unsigned long compared;

static bool same(const struct insn *a, const struct insn *b)
{
	return !memcmp(a, b, offsetof(struct insn, disp)) && a->disp == b->disp && a->imm == b->imm;
}

static void compare(const uint8_t *bytes, int mode)
{
	struct insn far, near;
	int len = insn_decode(&far, bytes, MANY, mode);

	if (len < 0 || len == LONGEST)
		return;
	int exact = insn_decode(&near, bytes, (size_t)len, mode);
	compared++;
	CHECK(exact == len && same(&far, &near), "mode %d, %02x %02x %02x %02x %02x", mode, bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]);
	CHECK(insn_decode(&near, bytes, (size_t)len - 1, mode) == INSN_ETRUNC);
	CHECK(far.flags_read == insn_varying_flags_read(&far) && far.flags_written == insn_varying_flags_written(&far), "operation %u", far.op);
}

/* All values of ModRM, with some of SIB, behind these bytes. */
static void with_modrm(const uint8_t *front, unsigned n, int mode)
{
	static const uint8_t sib[] = { 0x24, 0x65, 0x8b, 0xfd };

	for (unsigned modrm = 0; modrm < 256; modrm++) {
		for (unsigned s = 0; s < sizeof sib; s++) {
			uint8_t bytes[MANY] = { 0 };

			memcpy(bytes, front, n);
			bytes[n] = (uint8_t)modrm;
			bytes[n + 1] = sib[s];
			for (unsigned k = n + 2; k < sizeof bytes; k++)
				bytes[k] = (uint8_t)(0x91 * k + modrm + 0x6d * s);
			compare(bytes, mode);
		}
	}
}

static void all_opcodes(const uint8_t *prefix, unsigned n, int mode)
{
	uint8_t front[4];

	memcpy(front, prefix, n);
	for (unsigned opcode = 0; opcode < 256; opcode++) {
		front[n] = (uint8_t)opcode;
		with_modrm(front, n + 1, mode);
		front[n] = 0x0f;
		front[n + 1] = (uint8_t)opcode;
		with_modrm(front, n + 2, mode);
	}
}

int main(void)
{
	static const uint8_t rex[] = { 0x40, 0x41, 0x42, 0x44, 0x48, 0x4f };
	/* one alone, two, and REX before and behind */
	static const uint8_t prefixes[][2] = {
		{ 0x64, 0x65 }, { 0x3e, 0x64 }, { 0x65, 0x3e }, { 0x64, 0x66 }, { 0xf3, 0x64 }, { 0x65, 0x48 }, { 0x48, 0x65 }, { 0x66, 0x2e }, { 0xf0, 0x66 },
		{ 0xf2, 0x48 }, { 0x66, 0x4d }, { 0x26, 0xf3 }, { 0x36, 0xf0 }, { 0x67, 0x66 },
	};

	all_opcodes(NULL, 0, MODE32);
	all_opcodes(NULL, 0, MODE64);
	for (unsigned k = 0; k < sizeof rex; k++)
		all_opcodes(&rex[k], 1, MODE64);
	for (unsigned k = 0; k < sizeof prefixes / sizeof prefixes[0]; k++) {
		for (unsigned n = 1; n <= 2; n++) {
			all_opcodes(prefixes[k], n, MODE32);
			all_opcodes(prefixes[k], n, MODE64);
		}
	}
	CHECK(compared > 1000000);
	return report();
}
