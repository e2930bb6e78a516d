/*
 * Names for addresses, and the calls that led to a point.
 */
#ifndef ARCH_BACKTRACE_H
#define ARCH_BACKTRACE_H

#include <stdint.h>

/* Function that contains the address, from the table the build puts into the image (tools/mksymbols), and the offset into it. NULL: none. */
const char *symbol_of(uint64_t address, uint64_t *offset);

/* Calls fn for pc and for every return address found from frame pointer fp up, innermost first. Never touches what is not a firmware stack. */
void backtrace(uint64_t pc, uint64_t ra, uint64_t fp, void (*fn)(uint64_t address));

#endif
