/*
 * The interrupt controller of the bridge chip (7A1000 user manual, chapter 5): up to 64 pins, pin n goes to EIOINTC vector
 * platform.pch_pic_first + n. All pins are level-triggered, active high.
 */
#ifndef ARCH_PCH_PIC_H
#define ARCH_PCH_PIC_H

#include <stdbool.h>

/* All pins masked. Uses platform.pch_pic. */
void pch_pic_init(void);
/* Whether an EIOINTC vector comes from a pin. */
bool pch_pic_owns(unsigned vector);
void pch_pic_mask(unsigned vector);
/* A pin that is still high makes its vector pending again. */
void pch_pic_unmask(unsigned vector);

#endif
