/* The x87's precision control; nothing on a machine without. */
#ifndef BENCH_KERNELS_PRECISION_H
#define BENCH_KERNELS_PRECISION_H

#include <stdint.h>

#define PRECISION_53 0x27f /* control words: all exceptions masked, to nearest */
#define PRECISION_64 0x37f

static inline void set_precision(uint16_t control)
{
#if defined(__i386__) || defined(__x86_64__)
	__asm__ volatile("fldcw %0" : : "m"(control));
#else
	(void)control;
#endif
}

#endif
