/* Exceptions, interrupts and ring 3, for the kernels of group "system". */
#ifndef BENCH_X86_TRAPS_H
#define BENCH_X86_TRAPS_H

#include <stdint.h>

#define VECTOR_PAGE_FAULT 14
#define VECTOR_NOTHING 0x40   /* its handler is IRET alone; open to ring 3 */
#define VECTOR_KERNEL 0x41    /* ring 3's way back to who called run_user() */
#define VECTOR_APIC 0x42

/* Loads descriptor tables, task register and the MSRs of system calls. Other vectors end the run with a line. */
void traps_init(void);
/* Calls function(n) at ring 3. */
void run_user(void (*function)(uint32_t), uint32_t n);

/* entry.S */
void entry_nothing(void);
void entry_kernel(void);
void entry_page_fault(void);
void entry_apic(void);
void entry_system(void);
void entry_unexpected(void);

#endif
