/*
 * What a CPU asks of the board. Implemented in hw/; the translator knows no device.
 */
#ifndef TRANSLATOR_BOARD_H
#define TRANSLATOR_BOARD_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;

/* Port I/O. size is 1, 2 or 4 bytes; ports that nobody decodes read all ones and swallow writes. */
uint32_t board_port_read(struct cpu *cpu, uint16_t port, int size);
void board_port_write(struct cpu *cpu, uint16_t port, int size, uint32_t value);

/* Emulated memory-mapped I/O at a guest physical address. size is 1, 2, 4 or 8, never across an 8-byte boundary. */
uint64_t board_mmio_read(struct cpu *cpu, uint64_t gpa, int size);
void board_mmio_write(struct cpu *cpu, uint64_t gpa, int size, uint64_t value);

/* What lies at one 4 KiB page of guest physical address space. */
enum page_kind {
	PAGE_RAM,    /* host memory at host_pa, cached, read and write */
	PAGE_ROM,    /* host memory at host_pa, cached; writes are swallowed by board_mmio_write() */
	PAGE_DEVICE, /* a real device's registers at host_pa: mapped strongly ordered uncached, read and write */
	PAGE_MMIO,   /* emulated: every access goes through board_mmio_read() and board_mmio_write() */
};
struct phys_page {
	enum page_kind kind;
	uint64_t host_pa; /* page-aligned; unused for PAGE_MMIO */
};
/* Never fails: addresses that nobody decodes are PAGE_MMIO. gpa need not be aligned. A20 is applied by the caller. */
void board_resolve(uint64_t gpa, struct phys_page *out);

/* Interrupt acknowledge cycle: returns the vector of the highest-priority pending interrupt (APIC, then PIC through ExtINT), 0-255, or -1
 * when the request has gone away. */
int board_int_ack(struct cpu *cpu);

/* FERR#, the x87's error output in the PC's way (CR0.NE = 0): a rising edge is IRQ 13 until port F0h is written or it falls. */
void board_ferr(struct cpu *cpu, bool level);

/* Lets the board handle what the host signalled (interrupts, timers). Called with host interrupts off, from the dispatcher. */
void board_poll(struct cpu *cpu);
/* The guest halted: waits for the next host event. Host interrupts are off before and after. */
void board_idle(struct cpu *cpu);

/* CR8: the task priority class (0-15) of the CPU's local APIC, bits 4-7 of its TPR. Writing clears bits 0-3 (Intel SDM 3A, 11.8.6). */
unsigned board_task_priority(struct cpu *cpu);
void board_set_task_priority(struct cpu *cpu, unsigned priority);
/* IA32_APIC_BASE was written (value already stored in cpu->apic_base); base address or enable may have changed. */
void board_apic_base_changed(struct cpu *cpu);
/* The local APIC's MSRs 800h + reg, reg 0-255 (x2APIC mode); false: the access raises #GP(0). */
bool board_apic_read(struct cpu *cpu, unsigned reg, uint64_t *value);
bool board_apic_write(struct cpu *cpu, unsigned reg, uint64_t value);
/* IA32_TSC_DEADLINE, compared with board_tsc() + cpu->tsc_offset; the latter's change is to be told. */
uint64_t board_tsc_deadline(struct cpu *cpu);
void board_set_tsc_deadline(struct cpu *cpu, uint64_t deadline);
void board_tsc_changed(struct cpu *cpu);
/* The whole machine is reset: devices, and the CPUs by cpu_reset(). */
void board_reset(struct cpu *cpu);

/* Time stamp counter: ticks since power-on, and its frequency in Hz. */
uint64_t board_tsc(void);
uint64_t board_tsc_hz(void);
/* How many ticks of the time stamp counter one of the host's counter (RDTIME) is: board_tsc() is their product. 0: it is not that simple. */
uint64_t board_tsc_per_tick(void);

#endif
