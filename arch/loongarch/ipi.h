/*
 * Interrupts between CPUs, and the start of the others (3A5000 technical reference manual, chapter 10).
 */
#ifndef ARCH_IPI_H
#define ARCH_IPI_H

#include <stdint.h>

#define IPI_VECTORS 32

/* This CPU accepts all IPIs, none pending. */
void ipi_init(void);
/* fn(ctx) runs from irq_poll() of the CPU that vector (1-31) is sent to; vector 0 starts CPUs. */
void ipi_set_handler(unsigned vector, void (*fn)(void *ctx), void *ctx);
void ipi_send(unsigned cpu, unsigned vector);
/* irq.c: serves what is pending. */
void ipi_interrupt(void);
/* Lets a CPU that waits in its firmware begin at a physical address in direct addressing mode. */
void ipi_start_cpu(unsigned cpu, uint64_t entry);
/*
 * Takes all CPUs but this one out of the memory where their firmware or loader made them wait: they sleep in the image's own code, from
 * where ipi_start_cpu() still starts them.
 */
void ipi_park_others(void);

#endif
