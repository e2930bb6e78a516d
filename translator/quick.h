/*
 * Interrupts, exceptions and IRET between rings 0 and 3 in the common cases, and going on in translated code after a transfer of
 * control without the dispatcher.
 */
#ifndef TRANSLATOR_QUICK_H
#define TRANSLATOR_QUICK_H

#include "translator/cpu.h"

/* Between flat 32-bit segments, with paging on and long mode off. */
#define MODE_FLAT_32 (MODE_TRUSTED | MODE_PE | MODE_CS32 | MODE_SS32 | MODE_SS_FLAT)
static inline bool mode_is_flat_32(uint32_t mode) { return (mode & (MODE_FLAT_32 | MODE_LMA)) == MODE_FLAT_32; }
/* Whether stubs/interrupt.inc, stubs/iret.inc and stubs/segment.inc know code of this mode, in rings 0 and 3. */
static inline bool mode_in_assembly(uint32_t mode) { return mode & MODE_LONG || mode_is_flat_32(mode); }

/* What is to be delivered through a gate. */
struct event {
	int vector;
	bool has_error;
	bool check_dpl;  /* INT n, INT3, INTO: the gate's DPL must admit the program */
	unsigned ext;    /* EXT bit of error codes raised during delivery */
	uint32_t error;
	uint32_t eflags; /* image to save */
	uint64_t eip;    /* return address to save */
};

/*
 * Delivers the event and returns true when nothing about it is special: an interrupt or trap gate to ring 0, flat segments that are present and
 * have been accessed, all tables and the stack in memory that the software TLB knows. Else changes nothing and returns false.
 */
bool quick_interrupt(struct cpu *cpu, const struct event *ev);
/*
 * Makes the host's exception in translated code, whose state cache_settle() has brought about, return to where the guest's page fault for cpu->cr2 is delivered:
 * to a stub, or to a helper in C.
 */
struct trap_frame;
void quick_page_fault(struct cpu *cpu, struct trap_frame *frame, uint32_t error);
/* As quick_interrupt() for IRET in ring 0 to ring 0 or 3, whose flags do not change what code means. */
bool quick_iret(struct cpu *cpu, int opsize);
/* MOV and POP to a segment register in protected mode, where nothing changes that code depends on, as with an unchanged descriptor. */
bool quick_segment(struct cpu *cpu, int s, uint16_t sel);
/*
 * At the end of a helper of gen_transfer(), CS:EIP and mode being new: 1 + cache_stub_set() of the mode when execution can go on there at
 * once; 0 when the dispatcher must look, for anything pending, interrupt shadows, debugging, or addresses that need checks.
 */
uint64_t quick_continue(struct cpu *cpu);
/* The same for an instruction that does not transfer control: `next` is the EIP behind it. */
uint64_t quick_next(struct cpu *cpu, uint64_t next);

#endif
