/*
 * A vector file in the making: groups, their code, and what comes of them.
 */
#ifndef TESTS_CONFORMANCE_BOOK_H
#define TESTS_CONFORMANCE_BOOK_H

#include <stdint.h>

#include "tests/conformance/vector.h"

struct book {
	struct vector_group *groups;
	int ngroups, room;
	uint8_t *image;
	uint32_t used, image_room; /* bytes of code so far; allocated */
	uint64_t *digests;
	uint32_t ndigests;
	char *mapped; /* a file read by book_read */
};

void book_init(struct book *b);
/* Room for code of up to `length` bytes at an offset that is `used` plus `gap` or a little more: never across 64 KiB. Returns the offset. */
uint32_t book_place(struct book *b, uint32_t gap, uint32_t length);
/* Adds a group with this code at `at` (which book_place gave), ended by UD2. Mask and digests come later. Returns it. */
struct vector_group *book_add(struct book *b, const struct vector_group *g, uint32_t at, const uint8_t *code, int length);
/* Sets what of a group is compared, from its code. Returns 0, or -1 when it is no fair case: it looks at undefined flags and is not strict, or as
 * fair_mark() says. */
int book_mask(const struct book *b, struct vector_group *g);
/* Runs all groups that this CPU can answer; drops unfair ones, hands unfit ones to ORACLE_MACHINE. Returns 0 or -errno. */
int book_answer(struct book *b);
/* Both return 0 or -errno. A file read is for looking at and copying from. */
int book_write(const struct book *b, const char *path);
int book_read(struct book *b, const char *path);

#endif
