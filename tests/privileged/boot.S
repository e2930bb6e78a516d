/* Reset, protected mode, and the way into a case and out of it. See case.h for the memory map. */
#include "tests/lib/guest/asm.h"
#include "tests/privileged/layout.h"

	.section .start, "ax"
	.code16
	.globl	reset16
reset16:
	machine_ready
	movb	$0xff, %al
	outb	%al, $0x21
	outb	%al, $0xa1
	lgdtl	%cs:boot_gdtr - reset16
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$CODE0, $start32
boot_gdtr:
	.word	0x17
	.long	boot_gdt
	.balign	8
boot_gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff

	.text
	.code32
start32:
	data_segments DATA0
	movl	$STACK_HARNESS, %esp
	call	main
	hlt
	jmp	. - 1

/* void case_enter(void): starts the case that `entry` describes; comes back from exception or interrupt, with `left` filled in. */
	.globl	case_enter
case_enter:
	pushal
	movl	%esp, saved_esp
	movw	entry + ENTRY_ES, %es
	movw	entry + ENTRY_FS, %fs
	movw	entry + ENTRY_GS, %gs
	lss	entry + ENTRY_ESP, %esp
	pushl	entry + ENTRY_OUTER_SS
	pushl	entry + ENTRY_OUTER_ESP
	pushl	entry + ENTRY_EFLAGS
	pushl	entry + ENTRY_CS
	pushl	entry + ENTRY_EIP
	movl	entry + ENTRY_EBX, %ebx
	movl	entry + ENTRY_ECX, %ecx
	movl	entry + ENTRY_EDX, %edx
	movl	entry + ENTRY_ESI, %esi
	movl	entry + ENTRY_EDI, %edi
	movl	entry + ENTRY_EBP, %ebp
	movl	entry + ENTRY_EAX, %eax
	movw	entry + ENTRY_DS, %ds
	iretl

/* The stack segment may be any: only PUSH and POP touch the stack. */
common:
	pushl	%ds
	pushl	%eax
	movw	$DATA0, %ax
	movw	%ax, %ds
	popl	left + LEFT_EAX
	popl	left + LEFT_DS
	popl	left + LEFT_VECTOR
	popl	left + LEFT_ERROR
	popl	left + LEFT_EIP
	popl	left + LEFT_CS
	popl	left + LEFT_EFLAGS
	testb	$2, left + LEFT_EFLAGS + 2
	jnz	1f
	testb	$3, left + LEFT_CS
	jz	2f
1:	popl	left + LEFT_ESP
	popl	left + LEFT_SS
	jmp	3f
2:	movl	%esp, left + LEFT_ESP
	movw	%ss, left + LEFT_SS
3:	movw	%es, left + LEFT_ES
	movw	%fs, left + LEFT_FS
	movw	%gs, left + LEFT_GS
	movl	%ebx, left + LEFT_EBX
	movl	%ecx, left + LEFT_ECX
	movl	%edx, left + LEFT_EDX
	movl	%esi, left + LEFT_ESI
	movl	%edi, left + LEFT_EDI
	movl	%ebp, left + LEFT_EBP
	str	left + LEFT_TR
	sldt	left + LEFT_LDTR
	movl	%cr0, %eax
	movl	%eax, left + LEFT_CR0
	clts
back:
	data_segments DATA0
	movl	saved_esp, %esp
	pushl	$2			/* NT off */
	popfl
	popal
	ret

/* Task of the double fault. */
	.globl	double_fault
double_fault:
	popl	left + LEFT_ERROR
	movl	$8, left + LEFT_VECTOR
	str	left + LEFT_TR
	clts
	jmp	back

	/* Without an error code, a value that is none is pushed. */
	.balign	16
	.globl	vectors
vectors:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 0x40
	.balign	16
	.if \n != 8 && (\n < 10 || \n > 14) && \n != 17
	pushl	$0x99999999
	.endif
	pushl	$\n
	jmp	common
	.endr

	.section .reset, "ax"
	.code16
	ljmpw	$ROM >> 4, $0		/* reset16 */
	.balign	16, 0
