/* What host instructions do, as far as translated code has them, to be told from their words alone (LoongArch Reference Manual, volume 1, appendix B). */
#ifndef TRANSLATOR_HOST_WORD_H
#define TRANSLATOR_HOST_WORD_H

#include <stdbool.h>
#include <stdint.h>

static inline bool host_word_is_call(uint32_t word)
{
	return word >> 26 == 0x15 || word >> 26 == 0x13; /* bl, jirl */
}

static inline bool host_word_is_branch(uint32_t word)
{
	return word >> 26 >= 0x10 && word >> 26 <= 0x1b;
}

/* Whether it writes general register reg. A branch does not, though a call does. */
static inline bool host_word_writes(uint32_t word, unsigned reg)
{
	/* these write no general register, though bits 0-4 may look so */
	static const struct { uint32_t mask, value; } harmless[] = {
		{ 0xff000000, 0x29000000 }, { 0xff000000, 0x2b000000 }, { 0xff000000, 0x2c000000 }, /* st, fld, fst, vld, vst */
		{ 0xff000000, 0x30000000 },                                                         /* vldrepl */
		{ 0xfff00000, 0x38100000 }, { 0xfff00000, 0x38300000 }, { 0xfff80000, 0x38400000 }, /* stx, fldx and fstx, vldx and vstx */
		{ 0xff000000, 0x70000000 }, { 0xff000000, 0x71000000 }, { 0xff000000, 0x73000000 }, /* of vectors, but for moves (0x72) */
		{ 0xfff00000, 0x01000000 },                                                         /* fadd.d and its kind */
		{ 0xffff0000, 0x00010000 },                                                         /* asrtle.d, asrtgt.d */
	};

	if ((word & 31) != reg || host_word_is_branch(word))
		return false;
	for (unsigned k = 0; k < sizeof harmless / sizeof harmless[0]; k++)
		if ((word & harmless[k].mask) == harmless[k].value)
			return false;
	return true;
}

/* Whether what it writes to its general register is a byte, zero-extended: ld.bu, ldx.bu, andi, bstrpick.d. */
static inline bool host_word_makes_byte(uint32_t word)
{
	switch (word >> 22) {
	case 0xa8:
		return true;
	case 0xe0:
		return word >> 15 == 0x7040;
	case 0x0d:
		return (word >> 10 & 0xfff) < 0x100;
	case 0x03:
		return (word >> 16 & 63) - (word >> 10 & 63) < 8;
	default:
		return false;
	}
}

/* Whether it only clears some bits of the register that it writes: bstrins.d of r0. */
static inline bool host_word_clears_bits(uint32_t word)
{
	return word >> 22 == 0x02 && !(word >> 5 & 31);
}

#endif
