/*
 * What far transfers and IRET share: the checks of a code segment that control goes to or returns to, and the commit.
 * far_jmp() and the like are declared in seg.h.
 */
#ifndef TRANSLATOR_FAR_H
#define TRANSLATOR_FAR_H

#include "translator/cpu.h"
#include "translator/descriptor.h"
#include "translator/stack.h"

/* Raises #GP(ext) unless eip lies within the limit of code segment d. */
void far_need_eip(struct cpu *cpu, const struct desc *d, uint64_t eip, unsigned ext);
/* As above for real and virtual-8086 mode, where the limit is that of the current CS. */
void far_need_eip_real(struct cpu *cpu, uint64_t eip);
/* Loads CS (its RPL becomes cpl), CPL and EIP, and updates the mode. */
void far_commit(struct cpu *cpu, uint16_t sel, const struct desc *d, unsigned cpl, uint64_t eip);
/* The same in real and virtual-8086 mode. */
void far_commit_real(struct cpu *cpu, uint16_t sel, uint64_t eip);
/* Reads and checks the code segment that a far return or IRET names (#GP, #NP). */
void far_return_code(struct cpu *cpu, uint16_t sel, struct desc *d);
/* Reads and checks the stack segment for a return to privilege level rpl (#GP, #SS). */
void far_return_stack(struct cpu *cpu, uint16_t sel, unsigned rpl, struct desc *d);
/* As above, and gives *seg, where 64-bit code at rpl below 3 may have a null selector. ss: scratch. */
void far_return_segment(struct cpu *cpu, uint16_t sel, unsigned rpl, const struct desc *code, struct desc *ss, struct seg *seg);
/* Pushes n quadwords at rsp, the last of frame[] first, all or nothing, with the rights of cpl; returns the new stack pointer. Raises #PF, #SS(ext). */
uint64_t far_push_long(struct cpu *cpu, uint64_t rsp, const uint64_t *frame, unsigned n, unsigned cpl, unsigned ext);
/* Makes the data segments unusable that the new, less privileged CPL may not use. */
void far_drop_segments(struct cpu *cpu);

#endif
