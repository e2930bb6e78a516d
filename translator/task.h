/*
 * Hardware tasks: the task-state segment (Intel SDM 3A, chapter 8 "Task Management").
 */
#ifndef TRANSLATOR_TASK_H
#define TRANSLATOR_TASK_H

#include "translator/cpu.h"
#include "translator/descriptor.h"
#include "translator/stack.h"

enum task_cause {
	TASK_JMP,  /* the old task ends */
	TASK_CALL, /* nested: CALL, interrupt or exception */
	TASK_IRET, /* back to the previous task */
};

/*
 * Reads the TSS descriptor behind a task gate and checks it as a target of CALL, JMP or an event (#GP, #NP with the TSS
 * selector). Returns the TSS selector.
 */
uint16_t task_from_gate(struct cpu *cpu, const struct desc *gate, struct desc *tss, unsigned ext);
/* Raises #GP or #NP unless d is an available, present TSS in the GDT. */
void task_need_available(struct cpu *cpu, uint16_t sel, const struct desc *d, unsigned ext);
/*
 * Switches to the task of TSS descriptor d, already checked for type and presence. `eip` and `eflags` are saved in the old
 * TSS. Faults up to the commit point leave the old task as it was; later ones are raised in the context of the new task.
 * Returns the T bit of the new TSS: the caller finishes (pushes an error code) and then calls task_debug_trap().
 */
bool task_switch(struct cpu *cpu, uint16_t sel, const struct desc *d, enum task_cause cause, uint64_t eip, uint32_t eflags,
		 unsigned ext);
/* Raises the #DB of a task switch to a TSS with the T bit set. */
_Noreturn void task_debug_trap(struct cpu *cpu);
/* IRET with NT set: returns to the task that the back link of the current TSS names. */
void task_return(struct cpu *cpu, uint64_t next);
/*
 * The stack for privilege level dpl (0-2) from the current TSS, with its descriptor in *ss, all checks made (#TS, #SS).
 */
void task_inner_stack(struct cpu *cpu, unsigned dpl, unsigned ext, struct stack *st, struct desc *ss);

/* Long mode: RSPn of the TSS for privilege level cpl, or IST entry ist where that is not 0. */
uint64_t task_long_stack(struct cpu *cpu, unsigned cpl, unsigned ist, unsigned ext);

#endif
