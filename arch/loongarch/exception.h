/*
 * Exception entry (vectors.S) and its C part.
 */
#ifndef ARCH_EXCEPTION_H
#define ARCH_EXCEPTION_H

/* Offsets in struct trap_frame (host.h), for vectors.S; exception.c checks them. */
#define FRAME_ERA 256
#define FRAME_PRMD 264
#define FRAME_ESTAT 272
#define FRAME_BADV 280
#define FRAME_SIZE 288

/* Vectors lie 2^EXCEPTION_VS instructions apart; the table holds 64 exceptions and 13 interrupts. */
#define EXCEPTION_VS 4
#define EXCEPTION_VECTORS 77
#define EXCEPTION_INT_FIRST 64

#ifndef __ASSEMBLER__
/* Points this CPU's exception and TLB refill entries at the handlers; enables the FPU and LSX, empties the TLB. */
void exception_init(void);
#endif

#endif
