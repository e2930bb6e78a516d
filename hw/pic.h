/*
 * The pair of 8259A interrupt controllers with ELCR, as in PIIX-style chipsets. Ports 20-21, A0-A1, 4D0-4D1.
 */
#ifndef HW_PIC_H
#define HW_PIC_H

#include <stdbool.h>

#include "hw/board.h"
#include "hw/irq.h"

/* Level of IRQ line 0-15 (2 is the cascade and ignored). */
void pic_set_irq(int irq, bool level);
/* What IRQ 0-15 would do with an edge. */
enum irq_input pic_input(int irq);
/* Whether INT is high. */
bool pic_output(void);
/* The two INTA cycles: the vector; a spurious one (IR7 of the controller asked) when no request is left. */
int pic_ack(void);

#endif
