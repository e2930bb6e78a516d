/*
 * The host's interrupts below host.h: set-up, and the sources that are not EIOINTC vectors.
 */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H

/* Controllers to a known state, nothing enabled but timer and IPI lines. After discovery. */
void host_irq_init(void);

/* timer.c: the timer line is pending. */
void timer_interrupt(void);
/* Timer off, host.counter_hz known. */
void timer_init_host(void);

#endif
