/* The long payload's start, the way into a case and out of it. */
#include "tests/conformance/vector.h"
#include "tests/conformance/payload/layout.h"

/* From go_long.S, in 64-bit mode at ring 0, interrupts off. */
	.section .start, "ax"
	.code64
	.globl	start64
start64:
	xorl	%eax, %eax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	leaq	bss_start(%rip), %rdi
	leaq	bss_end(%rip), %rcx
	subq	%rdi, %rcx
	rep stosb
	movl	$VECTOR_KERNEL + LONG_STACK_TOP, %esp
	call	main
	hlt
	jmp	. - 1

	.text
/* void enter_case(void): runs the case that `regs` describes; comes back by leave_case(). */
	.globl	enter_case
enter_case:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, saved_rsp(%rip)
	leaq	regs(%rip), %rax
	pushq	REG64_SS(%rax)
	pushq	REG64_GPR(4)(%rax)
	pushq	REG64_RFLAGS(%rax)
	pushq	REG64_CS(%rax)
	pushq	REG64_RIP(%rax)
	movq	REG64_GPR(1)(%rax), %rcx
	movq	REG64_GPR(2)(%rax), %rdx
	movq	REG64_GPR(3)(%rax), %rbx
	movq	REG64_GPR(5)(%rax), %rbp
	movq	REG64_GPR(6)(%rax), %rsi
	movq	REG64_GPR(7)(%rax), %rdi
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	movq	REG64_GPR(\n)(%rax), %r\n
	.endr
	movq	REG64_GPR(0)(%rax), %rax
	iretq

/* _Noreturn void leave_case(void): enter_case() returns to its caller. */
	.globl	leave_case
leave_case:
	movq	saved_rsp(%rip), %rsp
	pushq	$2
	popfq
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

/* Exceptions and interrupts: struct trap on the stack. */
trap_common:
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rsp, rbx, rdx, rcx, rax
	pushq	%\r
	.endr
	cld
	movq	%rsp, %rbx
	movq	%rsp, %rdi
	andq	$-16, %rsp
	call	trap
	movq	%rbx, %rsp
	.irp	r, rax, rcx, rdx, rbx, rbp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	popq	%\r
	.endr
	addq	$16, %rsp
	iretq

/* 16 bytes each, vectors 0-47. Without an error code, 0 is pushed. */
	.balign	16
	.globl	trap_entries
trap_entries:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, \
		32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47
	.balign	16
	.if \n != 8 && (\n < 10 || \n > 14) && \n != 17
	pushq	$0
	.endif
	pushq	$\n
	jmp	trap_common
	.endr

	.bss
	.balign	8
saved_rsp:
	.quad	0
