/* Handlers of interrupts and system calls, and the way to ring 3 and back. */
#include "bench/x86/layout.h"

	.text
#ifdef LONG
	.macro save_scratch
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	.endm
	.macro restore_scratch
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	.endm
	.macro save_all
	save_scratch
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.endm
	.macro restore_all
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	restore_scratch
	.endm

/* run_user(function, n) */
	.globl	run_user
run_user:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, kernel_stack
	pushq	$SEL_USER_DATA
	pushq	$USER_STACK
	pushfq
	pushq	$SEL_USER_CODE
	pushq	$1f
	iretq
1:	movq	%rdi, %rax
	movl	%esi, %edi
	call	*%rax
	int	$VECTOR_KERNEL

	.globl	entry_kernel
entry_kernel:
	movq	kernel_stack, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

	.globl	entry_nothing
entry_nothing:
	iretq

	.globl	entry_saving
entry_saving:
	save_all
	restore_all
	iretq

	.globl	entry_page_fault
entry_page_fault:
	save_scratch
	movq	%cr2, %rdi
	call	page_fault
	restore_scratch
	addq	$8, %rsp
	iretq

	.globl	entry_apic
entry_apic:
	incl	interrupts
	pushq	%rax
	movl	$APIC_EOI, %eax
	movl	$0, (%rax)
	popq	%rax
	iretq

	.globl	entry_system
entry_system:
	sysretq

/* As kernels do: a stack of its own, found through GS, and a frame on it. */
	.globl	entry_system_saving
entry_system_saving:
	swapgs
	movq	%rsp, %gs:8
	movq	%gs:0, %rsp
	pushq	$SEL_USER_DATA
	pushq	%gs:8
	pushq	%r11
	pushq	$SEL_USER_CODE
	pushq	%rcx
	save_all
	restore_all
	popq	%rcx
	addq	$8, %rsp
	popq	%r11
	popq	%rsp
	swapgs
	sysretq

	.globl	entry_unexpected
entry_unexpected:
	movq	(%rsp), %rdi
	jmp	unexpected
#else
	.macro save_all
	pushl	%fs
	pushl	%es
	pushl	%ds
	pushl	%eax
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	pushl	%ecx
	pushl	%ebx
	movl	$SEL_USER_DATA, %edx
	movl	%edx, %ds
	movl	%edx, %es
	.endm
	.macro restore_all
	popl	%ebx
	popl	%ecx
	popl	%edx
	popl	%esi
	popl	%edi
	popl	%ebp
	popl	%eax
	popl	%ds
	popl	%es
	popl	%fs
	.endm

	.globl	run_user
run_user:
	movl	4(%esp), %edx
	movl	8(%esp), %ecx
	pushl	%ebx
	pushl	%ebp
	pushl	%esi
	pushl	%edi
	movl	%esp, kernel_stack
	pushl	$SEL_USER_DATA
	pushl	$USER_STACK
	pushfl
	pushl	$SEL_USER_CODE
	pushl	$1f
	iretl
1:	pushl	%ecx
	call	*%edx
	int	$VECTOR_KERNEL

	.globl	entry_kernel
entry_kernel:
	movl	kernel_stack, %esp
	popl	%edi
	popl	%esi
	popl	%ebp
	popl	%ebx
	ret

	.globl	entry_nothing
entry_nothing:
	iretl

	.globl	entry_saving
entry_saving:
	save_all
	restore_all
	iretl

	.globl	entry_page_fault
entry_page_fault:
	pushl	%eax
	pushl	%ecx
	pushl	%edx
	movl	%cr2, %eax
	pushl	%eax
	call	page_fault
	addl	$4, %esp
	popl	%edx
	popl	%ecx
	popl	%eax
	addl	$4, %esp
	iretl

	.globl	entry_apic
entry_apic:
	incl	interrupts
	movl	$0, APIC_EOI
	iretl

/* What ring 3 has put into ECX and EDX is where SYSEXIT goes. */
	.globl	entry_system
entry_system:
	sysexit

	.globl	entry_system_saving
entry_system_saving:
	pushl	$SEL_USER_DATA
	pushl	%ecx
	pushfl
	pushl	$SEL_USER_CODE
	pushl	%edx
	save_all
	restore_all
	popl	%edx
	addl	$4, %esp
	popfl
	popl	%ecx
	sysexit

	.globl	entry_unexpected
entry_unexpected:
	pushl	(%esp)
	call	unexpected
#endif

	.bss
	.balign	8
kernel_stack:
	.quad	0
