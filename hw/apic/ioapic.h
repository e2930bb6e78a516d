/*
 * The I/O APIC (Intel 82093AA data sheet): 24 pins.
 */
#ifndef HW_APIC_IOAPIC_H
#define HW_APIC_IOAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/irq.h"

/* Level of a pin, 0-23: true means asserted, whatever the polarity programmed. */
void ioapic_set_pin(int pin, bool level);
/* What the pin, 0-23, would do with an edge. */
enum irq_input ioapic_input(int pin);
/* A CPU ended service of a level-triggered vector. */
void ioapic_eoi(uint8_t vector);
/* A local APIC has become able to accept: level-triggered requests that were refused are tried again. */
void ioapic_retry(void);

#endif
