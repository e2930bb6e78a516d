/*
 * The extended I/O interrupt controller of the CPU (3A5000 technical reference manual, chapter 11): 256 vectors, reached through IOCSR.
 */
#ifndef ARCH_EIOINTC_H
#define ARCH_EIOINTC_H

#include <stdint.h>

#define EIOINTC_VECTORS 256
/* The CPU interrupt line (ESTAT.IS bit) that all vectors are routed to. */
#define EIOINTC_IS IS_HWI(1)

/* Routes all vectors to this CPU, all disabled, none pending. */
void eiointc_init(void);
void eiointc_enable(unsigned vector, int on);
/* Pending enabled vectors of group 0-3 (64 vectors each), as a bit set. */
uint64_t eiointc_pending(unsigned group);
/* Acknowledges: the vector can become pending again. */
void eiointc_ack(unsigned vector);

#endif
