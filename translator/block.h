/*
 * Copying and filling memory by whole blocks, at the speed of the host's vector unit. Uses vector registers 16-23, which are nobody's between
 * guest instructions: for helpers of translated code.
 */
#ifndef TRANSLATOR_BLOCK_H
#define TRANSLATOR_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#define BLOCK_SIZE 64u

/* len is a multiple of BLOCK_SIZE, or 0; any alignment; the two do not overlap. */
void block_copy(void *to, const void *from, size_t len);
/* The 8 bytes of pattern again and again. */
void block_fill(void *to, uint64_t pattern, size_t len);

#endif
