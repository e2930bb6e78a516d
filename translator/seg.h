/*
 * Segmentation, privilege, far control transfers, interrupts and tasks: the protected-mode machinery in C.
 * All functions work on *cpu, raise guest exceptions by cpu_raise_err() leaving state as before the instruction, and may
 * be called from helpers only. cpu->eip is the current instruction; `next` is the EIP of the following one.
 */
#ifndef TRANSLATOR_SEG_H
#define TRANSLATOR_SEG_H

#include "translator/cpu.h"

/* Checks an access of `size` bytes at offset `off` of segment `s` (SEG_ES..SEG_GS) and returns its linear address. write: 0 or 1.
 * Raises #GP(0), or #SS(0) for SS. */
uint64_t seg_lin(struct cpu *cpu, int s, uint64_t off, unsigned size, int write);
/* MOV/POP/LxS into a data segment register (ES, SS, DS, FS, GS) with all checks (real, V86 and protected mode). */
void seg_load(struct cpu *cpu, int s, uint16_t sel);
void seg_load_ldtr(struct cpu *cpu, uint16_t sel);
void seg_load_tr(struct cpu *cpu, uint16_t sel);
/* Real-mode style load without checks: base = sel << 4. For reset, V86 and real mode. */
void seg_load_real(struct cpu *cpu, int s, uint16_t sel);

/* Far jump/call/return; opsize 2, 4 (or 8). On success cpu->eip, CS, CPL, stack and mode are new. */
void far_jmp(struct cpu *cpu, uint16_t sel, uint64_t off, int opsize, uint64_t next);
void far_call(struct cpu *cpu, uint16_t sel, uint64_t off, int opsize, uint64_t next);
void far_ret(struct cpu *cpu, int opsize, unsigned pop_bytes);
void iret(struct cpu *cpu, int opsize, uint64_t next);
void sysenter(struct cpu *cpu);
void sysexit(struct cpu *cpu, int opsize);
void syscall64(struct cpu *cpu, uint64_t next);
void sysret(struct cpu *cpu, int opsize);
/* STAR, EFER.SCE or SYSENTER_CS changed: what assembly loads at SYSCALL, SYSENTER and the like (stubs/fastcall.inc, stubs/sysenter.inc) must follow. */
void fastcall_prepare(struct cpu *cpu);

/* INT n, INT3, INTO, INT1 executed by the guest. kind: */
enum { INT_SOFT = 0 /* CD: DPL and V86 IOPL/VME checks */, INT_3_O = 1 /* CC, CE: DPL check */, INT_ICEBP = 2 /* F1: none */ };
void int_soft(struct cpu *cpu, int vector, int kind, uint64_t next);
/* Delivers a hardware interrupt, NMI or exception through the IDT/IVT. Saved EIP is cpu->eip. Nested faults become #DF and a triple
 * fault requests a reset. For the dispatcher. external: not caused by the program (sets EXT in error codes). */
void deliver_event(struct cpu *cpu, int vector, bool has_error, uint32_t error, bool external);
/* True if access to the port range is allowed by CPL/IOPL or the TSS's I/O permission bitmap; raises #GP(0) otherwise. */
void io_check(struct cpu *cpu, uint16_t port, int size);

/* LAR, LSL, VERR, VERW, ARPL: return whether ZF is to be set; *out receives the result of LAR and LSL. */
bool seg_lar(struct cpu *cpu, uint16_t sel, uint32_t *out);
bool seg_lsl(struct cpu *cpu, uint16_t sel, uint32_t *out);
bool seg_ver(struct cpu *cpu, uint16_t sel, bool write);

/* system.c: registers and instructions of the operating system's. All raise #GP/#UD as architected; privileged checks inside. */
uint64_t cr_read(struct cpu *cpu, int n);
void cr_write(struct cpu *cpu, int n, uint64_t v);
uint64_t dr_read(struct cpu *cpu, int n);
void dr_write(struct cpu *cpu, int n, uint64_t v);
void do_cpuid(struct cpu *cpu);       /* EAX, ECX in; EAX..EDX out */
void do_rdmsr(struct cpu *cpu);
void do_wrmsr(struct cpu *cpu);
void do_rdtsc(struct cpu *cpu);
void do_rdtscp(struct cpu *cpu);
void do_rdpmc(struct cpu *cpu);
void do_invpcid(struct cpu *cpu, uint64_t type, uint64_t lin); /* lin: of the descriptor in memory */
void do_clts(struct cpu *cpu);
/* SGDT, SIDT, SLDT, STR, SMSW out of ring 0: #GP(0) while CR4.UMIP is set. */
void umip_check(struct cpu *cpu);
void do_lmsw(struct cpu *cpu, uint16_t v);
/* Returns as mmu_invlpg(). */
bool do_invlpg(struct cpu *cpu, uint64_t lin);
void do_cli(struct cpu *cpu);         /* includes V86/PVI rules */
void do_sti(struct cpu *cpu);         /* sets cpu->inhibit when IF goes from 0 to 1 */
void do_pushf(struct cpu *cpu, int opsize, uint32_t *value); /* the image to push; V86 IOPL/VME rules */
void do_popf(struct cpu *cpu, int opsize, uint32_t value);
void do_hlt(struct cpu *cpu, uint64_t next);  /* sets eip = next, halted */
uint32_t do_in(struct cpu *cpu, uint16_t port, int size);
void do_out(struct cpu *cpu, uint16_t port, int size, uint32_t v);
/* After an instruction ran with TF or DR7 armed: raises #DB if due. For the dispatcher. */
void debug_after_insn(struct cpu *cpu);

#endif
