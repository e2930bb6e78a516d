/* Into a case and out of it. */
#include "tests/conformance/vector.h"
#include "tests/conformance/payload/layout.h"

	.text
	.code32
	.macro load_registers segment
	movl	\segment regs + REG_EAX, %eax
	movl	\segment regs + REG_ECX, %ecx
	movl	\segment regs + REG_EDX, %edx
	movl	\segment regs + REG_EBX, %ebx
	movl	\segment regs + REG_EBP, %ebp
	movl	\segment regs + REG_ESI, %esi
	movl	\segment regs + REG_EDI, %edi
	.endm

/* void enter_ring3(void): runs the case that `regs` describes, at ring 3; comes back by leave_case(). */
	.globl	enter_ring3
enter_ring3:
	pushal
	movl	%esp, saved_esp
	pushl	regs + REG_SS
	pushl	regs + REG_ESP
	pushl	regs + REG_EFLAGS
	pushl	regs + REG_CS
	pushl	regs + REG_EIP
	movl	regs + REG_DS, %eax
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	load_registers %ds:
	movw	%ss:regs + REG_DS, %ds
	iretl

/* void enter_v86(void): the same; IRET loads the data segments. */
	.globl	enter_v86
enter_v86:
	pushal
	movl	%esp, saved_esp
	.rept	4
	pushl	regs + REG_DS
	.endr
	pushl	regs + REG_SS
	pushl	regs + REG_ESP
	pushl	regs + REG_EFLAGS
	pushl	regs + REG_CS
	pushl	regs + REG_EIP
	load_registers %ds:
	iretl

/* void enter_ring0(void): the same at ring 0: a jump, since IRET would have to find its frame on the case's stack. */
	.globl	enter_ring0
enter_ring0:
	pushal
	movl	%esp, saved_esp
	movw	%ds, %ax
	movw	%ax, %fs
	movw	%ax, %gs
	load_registers %ds:
	pushl	regs + REG_EFLAGS
	popfl
	movl	regs + REG_ESP, %esp
	jmp	*regs + REG_EIP

/* _Noreturn void leave_case(void): the enter function returns to its caller. */
	.globl	leave_case
leave_case:
	movl	saved_esp, %esp
	pushl	$2
	popfl
	popal
	ret

/* Exceptions and interrupts: struct trap on the stack. */
trap_common:
	pushal
	pushl	%ds
	pushl	%es
	movw	$SEL_DATA0, %ax
	movw	%ax, %ds
	movw	%ax, %es
	cld
	movl	%esp, %esi		/* C has a stack of its own: that of a case at ring 0 is compared */
	movl	$VECTOR_KERNEL + FAULT_STACK_TOP, %esp
	pushl	%esi
	call	trap
	movl	%esi, %esp
	popl	%es
	popl	%ds
	popal
	addl	$8, %esp
	iretl

/* 16 bytes each, vectors 0-47. Without an error code, 0 is pushed. */
	.balign	16
	.globl	trap_entries
trap_entries:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, \
		32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47
	.balign	16
	.if \n != 8 && (\n < 10 || \n > 14) && \n != 17
	pushl	$0
	.endif
	pushl	$\n
	jmp	trap_common
	.endr

/* The task of the double fault: its stack is its own, so C can go on from here. */
	.globl	fault_task_entry
fault_task_entry:
	clts
	call	double_fault

	.bss
	.balign	4
saved_esp:
	.long	0
