/*
 * Exception and interrupt entry. See host.h for what happens at which kind.
 *
 * sp is always a firmware stack: translated code keeps it. SAVE1 and SAVE0 are the entry code's scratch; nothing nests before it is
 * done with them, for interrupts are off and code and stack lie in direct-mapped windows.
 */
#include "arch/loongarch/csr.h"
#include "arch/loongarch/exception.h"

#define IDLE_WINDOW (3 * 4)		/* bytes from idle_begin to idle_end */

	.section .text.vectors, "ax"
	.balign	8192			/* the hardware ORs the offset into EENTRY */
	.globl	exception_vectors
exception_vectors:
	.set	vector, 0
	.rept	EXCEPTION_VECTORS
	.balign	4 << EXCEPTION_VS
	.if	vector == ECODE_SYS
	b	syscall_entry
	.elseif	vector == ECODE_INT || vector >= EXCEPTION_INT_FIRST
	b	interrupt_entry
	.else
	b	exception_entry
	.endif
	.set	vector, vector + 1
	.endr

	.balign	64
interrupt_entry:
	csrwr	$t0, CSR_SAVE1
	csrwr	$t1, CSR_SAVE0
	csrrd	$t0, CSR_ERA
	la.pcrel $t1, idle_begin
	sub.d	$t0, $t0, $t1
	sltui	$t0, $t0, IDLE_WINDOW
	bnez	$t0, 1f
	csrrd	$t1, CSR_SAVE0
	csrrd	$t0, CSR_SAVE1
	b	exception_entry
	/* irq_wait() was about to sleep, or slept: it ends. */
1:	la.pcrel $t1, idle_end
	csrwr	$t1, CSR_ERA
	ori	$t0, $zero, PRMD_PIE
	csrxchg	$zero, $t0, CSR_PRMD
	csrrd	$t1, CSR_SAVE0
	csrrd	$t0, CSR_SAVE1
	ertn

syscall_entry:
	csrwr	$t0, CSR_SAVE6
	csrrd	$t0, CSR_PRMD
	andi	$t0, $t0, PRMD_PPLV
	beqz	$t0, 1f
	csrrd	$t0, CSR_ERA
	addi.d	$t0, $t0, 4
	csrwr	$t0, CSR_ERA
	ori	$t0, $zero, PRMD_PPLV | PRMD_PIE
	csrxchg	$zero, $t0, CSR_PRMD
	csrrd	$t0, CSR_SAVE6
	ertn
1:	csrrd	$t0, CSR_SAVE6
	b	exception_entry

	/* All but r12, which is in the frame already, and sp. */
	.macro save_registers
	.irp	n, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	st.d	$r\n, $sp, \n * 8
	.endr
	.endm

	/* ... and the rest of the frame, with ESTAT in t2. */
	.macro save_state
	st.d	$zero, $sp, 0
	csrrd	$t0, CSR_ERA
	csrrd	$t1, CSR_PRMD
	csrrd	$t3, CSR_BADV
	st.d	$t0, $sp, FRAME_ERA
	st.d	$t1, $sp, FRAME_PRMD
	st.d	$t2, $sp, FRAME_ESTAT
	st.d	$t3, $sp, FRAME_BADV
	move	$fp, $zero
	.endm

	/* A miss that the refill handler leaves to C (refill.S), on a firmware stack: ERA, PRMD and BADV are as of an exception, ESTAT is not. */
	.globl	missed_entry
missed_entry:
	addi.d	$sp, $sp, -FRAME_SIZE
	st.d	$t0, $sp, 12 * 8
	addi.d	$t0, $sp, FRAME_SIZE
	st.d	$t0, $sp, 3 * 8
	save_registers
	lu12i.w	$t2, ECODE_TLBR << 4
	b	call_handler

exception_entry:
	/* A stack pointer outside the cached window is a bug of the firmware: report it on a stack of its own. */
	csrwr	$t0, CSR_SAVE1
	srli.d	$t0, $sp, 60
	addi.d	$t0, $t0, -(DMW_CACHED >> 60)
	bnez	$t0, bad_stack
	csrrd	$t0, CSR_SAVE1
	addi.d	$sp, $sp, -FRAME_SIZE
	st.d	$t0, $sp, 12 * 8
	addi.d	$t0, $sp, FRAME_SIZE
	st.d	$t0, $sp, 3 * 8
	save_registers
	csrrd	$t2, CSR_ESTAT
call_handler:
	save_state
	la.pcrel $t1, exception_handler
	ld.d	$t0, $t1, 0
	ld.d	$a0, $t1, 8
	beqz	$t0, 1f
	move	$a1, $sp
	jirl	$ra, $t0, 0
	beqz	$a0, 2f
1:	move	$a0, $sp
	bl	exception_panic
2:	ld.d	$t0, $sp, FRAME_ERA
	ld.d	$t1, $sp, FRAME_PRMD
	csrwr	$t0, CSR_ERA
	csrwr	$t1, CSR_PRMD
	.irp	n, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld.d	$r\n, $sp, \n * 8
	.endr
	addi.d	$sp, $sp, FRAME_SIZE
	ertn

/* The frame goes to the emergency stack with the bad sp in its place: nobody is asked to handle it. */
bad_stack:
	csrwr	$sp, CSR_SAVE0
	la.pcrel $sp, emergency_stack_top - FRAME_SIZE
	csrrd	$t0, CSR_SAVE0
	st.d	$t0, $sp, 3 * 8
	csrrd	$t0, CSR_SAVE1
	st.d	$t0, $sp, 12 * 8
	save_registers
	csrrd	$t2, CSR_ESTAT
	save_state
	move	$a0, $sp
	bl	exception_panic

/*
 * void irq_wait(void). An interrupt anywhere between idle_begin and idle_end sends us to idle_end with interrupts off: one that comes
 * before `idle` cannot be slept through.
 */
	.text
	.globl	irq_wait
irq_wait:
	ori	$t0, $zero, CRMD_IE
	move	$t1, $t0
idle_begin:
	csrxchg	$t1, $t0, CSR_CRMD
1:	idle	0
	b	1b
idle_end:
	jr	$ra

	.bss
	.balign	16
	.space	16384
emergency_stack_top:
