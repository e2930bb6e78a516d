/*
 * Debug registers: instruction, data and I/O breakpoints and single-step (Intel SDM 3B, chapter 18).
 *
 * The dispatcher runs one instruction at a time while cpu->mode has MODE_TF or MODE_DBG: debug_before_insn() before each,
 * debug_after_insn() (seg.h) after it, unless it faulted.
 */
#ifndef TRANSLATOR_DEBUG_H
#define TRANSLATOR_DEBUG_H

#include "translator/cpu.h"

#define DR6_B 0xfu
#define DR6_BD 0x2000u
#define DR6_BS 0x4000u
#define DR6_BT 0x8000u
#define DR7_ENABLES 0xffu
#define DR7_GD 0x2000u

/*
 * The instruction at cpu->eip is about to run. Raises #DB when an instruction breakpoint lies there and RF does not hold it back;
 * clears RF; notes whether a single-step trap is due after the instruction. cpu->inhibit must still say whether the instruction
 * before was MOV SS, POP SS or STI.
 */
void debug_before_insn(struct cpu *cpu);
/* Data of the current instruction: notes breakpoints on [lin, lin + len) for debug_after_insn(). Needs no check before: cheap when none is set. */
void debug_check_data(struct cpu *cpu, uint64_t lin, unsigned len, bool write);
/* As above for I/O ports (CR4.DE). */
void debug_check_io(struct cpu *cpu, uint16_t port, unsigned size);
/* An access to a debug register: raises #DB when DR7.GD protects them. */
void debug_check_register_access(struct cpu *cpu);
/* An event has been delivered: its handler's first instruction is not single-stepped; a #DB handler may use the debug registers. */
void debug_event_delivered(struct cpu *cpu, int vector);

#endif
