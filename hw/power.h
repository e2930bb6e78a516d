/*
 * What devices ask of the machine as a whole: reset, INIT, power off, and the A20 gate. They reach the CPU at its next instruction
 * boundary.
 */
#ifndef HW_POWER_H
#define HW_POWER_H

#include <stdbool.h>

void board_power_off(void);
/* The whole machine, devices included. */
void board_power_reset(void);
/* INIT to the CPU, as the keyboard controller's reset line gives it on a PC: devices and memory map stay. */
void power_init_cpu(void);

/* The A20 gate: one state, set by port 92 and by the keyboard controller. */
void power_set_a20(bool on);
bool power_a20(void);

#endif
