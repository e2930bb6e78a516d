/* Exceptions, interrupts and ring 3, for the kernels of group "system". */
#ifndef BENCH_X86_TRAPS_H
#define BENCH_X86_TRAPS_H

#include <stdint.h>

/* Loads descriptor tables, task register and the MSRs of system calls. A vector that nobody expects ends the run with a line. */
void traps_init(void);
/* System calls go to this function of entry.S. */
void traps_set_system(void (*entry)(void));
/* Is called for page faults with the address. */
extern void (*page_fault_handler)(uintptr_t at);
/* Ends the run with a line. */
void give_up(const char *what, uintptr_t v) __attribute__((noreturn));
/* Calls function(n) at ring 3. */
void run_user(void (*function)(uint32_t), uint32_t n);

/* entry.S, with frames as the CPU leaves them */
void entry_nothing(void);
void entry_saving(void);
void entry_kernel(void);
void entry_page_fault(void);
void entry_apic(void);
void entry_system(void);
void entry_system_saving(void);
void entry_unexpected(void);

#endif
