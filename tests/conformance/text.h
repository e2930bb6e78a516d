/*
 * Groups as text: how minimal cases are kept. A line is
 *     MODE OPTIONS POINTERS INDICES SEED STATES HEX... [# comment]
 * OPTIONS: names separated by commas (fpu, direction, count, writable, demand, strict, align, fpuwild, ssewild, divide, equal) or "-";
 * POINTERS, INDICES, SEED: hexadecimal, as in struct vector_group; HEX: the code. `@OFFSET` before HEX: the code stands at this hexadecimal
 * offset in its page.
 */
#ifndef TESTS_CONFORMANCE_TEXT_H
#define TESTS_CONFORMANCE_TEXT_H

#include "tests/conformance/book.h"

/* Adds the groups of a file. Returns 0, or -1 after saying what is wrong. */
int text_read(struct book *b, const char *path);
/* Prints a group as a line. */
void text_write(const struct book *b, const struct vector_group *g);

#endif
