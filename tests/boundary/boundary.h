/* What sample.S, handlers.S and main.c share. */
#ifndef TESTS_BOUNDARY_H
#define TESTS_BOUNDARY_H

#define WORK 0x190000          /* what the program works on; its second and third page are mapped when they are first touched */
#define WORK_SIZE 0x3000
#define DEMAND (WORK + 0x1000)
#define DEMAND_X87 (WORK + 0x2000)
#define VECTOR_INTERRUPT 0x50
#define STEPS_MAX 2048
#define FLAG_TF 0x100
#define APIC_ICR 0xfee00300

#ifndef __ASSEMBLER__
#include <stdint.h>

/* The program, and where its code begins and ends. */
void sample(void);
extern uint8_t sample_start[], sample_end[];

/* Into the program: its flags. Out of it: registers in x86's order, flags, and FXSAVE's image. */
extern uintptr_t sample_flags, sample_gpr[16], sample_eflags;
extern uint8_t sample_fx[512];

/* Single steps: where each ended, their number, at which of them TF goes off, and what is written to the APIC's ICR then (0: nothing). */
extern uint32_t trace[STEPS_MAX], steps, stop_at, stop_command;
/* Interrupts in the program, where the last was, and those elsewhere. */
extern uint32_t hits, hit_at, misses;

void entry_step(void);
void entry_interrupt(void);
#endif

#endif
