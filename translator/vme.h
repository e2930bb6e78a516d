/*
 * Virtual-8086 mode extensions and protected-mode virtual interrupts (Intel SDM 3B, 21.3 and 21.4).
 */
#ifndef TRANSLATOR_VME_H
#define TRANSLATOR_VME_H

#include "translator/cpu.h"

/* True when, in virtual-8086 mode, IOPL is below 3 and VIF stands for IF (CR4.VME). */
bool vme_virtual_if(const struct cpu *cpu);
/* The FLAGS image that PUSHF and INT n store while vme_virtual_if(): VIF in the place of IF, IOPL 3. */
uint16_t vme_flags_image(const struct cpu *cpu);
/* Loads a FLAGS image while vme_virtual_if(), as POPF and IRET do; raises #GP(0) when it would enable a pending interrupt or set TF. */
void vme_load_flags(struct cpu *cpu, uint16_t image);
/* As above without the load: the check alone. */
void vme_check_flags(struct cpu *cpu, uint16_t image);
/*
 * INT n in virtual-8086 mode: true when the redirection bitmap sends it to the 8086 handler of the program. With VME off:
 * false. May raise #GP(0), #PF.
 */
bool vme_redirects(struct cpu *cpu, int vector);

#endif
