#ifndef HW_RESET_H
#define HW_RESET_H

struct cpu;

/* Port 92, and the services of hw/power.h for this CPU. 0 or -ENOMEM. */
int reset_init(struct cpu *cpu);

#endif
