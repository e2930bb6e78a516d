/*
 * Guest memory as a bus master on the board sees it: by guest physical address, no paging, no A20.
 */
#ifndef HW_GMEM_H
#define HW_GMEM_H

#include <stdbool.h>
#include <stdint.h>

/* Copies `len` bytes. False when some of the range is not memory (ROM for writes, devices); the part before it has been copied then. */
bool gmem_read(uint64_t gpa, void *buf, uint32_t len);
bool gmem_write(uint64_t gpa, const void *buf, uint32_t len);

/* The CPU whose translations are told of writes. Once, before the guest starts. */
struct cpu;
void gmem_init(struct cpu *cpu);

#endif
