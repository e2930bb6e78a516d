/*
 * The host's vector and floating-point registers, which C code never uses by itself: there is guest state in them (vregs.S).
 */
#ifndef TRANSLATOR_VREGS_H
#define TRANSLATOR_VREGS_H

#include <stdbool.h>
#include <stdint.h>

/* LSX register n, 16 bytes, to or from buf. */
void vreg_store(unsigned n, void *buf);
void vreg_load(unsigned n, const void *buf);

/* x87 registers that are doubles (x87_double.h): the low halves of registers 24 to 31. */
void doubles_store(uint64_t d[8]);
void doubles_load(const uint64_t d[8]);

/* FCSR0. In translated code invalid operations trap, instead of giving the host's NaN: fp_trap.c. */
#define FCSR_TRAP_INVALID 0x10
uint32_t fcsr_read(void);
/* Executes a host instruction that works on floating-point registers only, with that trap off; FCSR collects its flags. */
void fp_execute(uint32_t word);
void fcsr_write(uint32_t value);

/*
 * Whether this CPU's scalar instructions on doubles leave the upper half of the vector register alone that their result goes to: the reference manual
 * leaves that open, QEMU 10 does. Clobbers vector registers 16 and 17.
 */
bool host_keeps_upper(void);

#endif
