/*
 * Which cells the groups of a file have.
 */
#ifndef TESTS_CONFORMANCE_COVERAGE_H
#define TESTS_CONFORMANCE_COVERAGE_H

#include "tests/conformance/book.h"

/* Prints "coverage MODE CELL ORACLE GROUPS CASES", a line for each cell that occurs. */
void coverage_print(const struct book *b);
/* Prints "group I MODE ORACLE HEX|TEXT; TEXT": a line for each group. */
void coverage_list(const struct book *b);
/* Prints "cell MODE CELL" for all cells of a mode, and "reason MODE CELL: TEXT" for those never made. */
void coverage_cells(int mode);

/* Which oracle answers for code of a mode: this CPU, or a machine. */
enum vector_oracle coverage_oracle(const uint8_t *code, int length, int mode);

#endif
