/*
 * What the decoder's short way (decode_quick.c) and its long one (decode.c) have of each other. Private to the decoder.
 */
#ifndef TRANSLATOR_DECODE_QUICK_H
#define TRANSLATOR_DECODE_QUICK_H

#include "translator/insn.h"

#define DECODE_MAX_LENGTH 15

/* insn_decode(), for all encodings. */
int decode_any(struct insn *out, const uint8_t *bytes, size_t avail, int mode);
/*
 * The memory operand of 32- or 64-bit addresses that out->modrm (below 0xc0) tells of: takes SIB byte and displacement from p on, returns what is behind
 * them. out has the REX byte, whether there is a segment prefix, and no base or index.
 */
const uint8_t *decode_memory32(struct insn *out, const uint8_t *p, int mode);

#endif
