/* Reset, protected mode with flat segments, and the timer's interrupt. */
#include "tests/lib/guest/asm.h"

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
	ljmpl	$8, $start32
boot_gdtr:
	.word	0x17
	.long	boot_gdt
	.balign	8
boot_gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff

	.text
	.code32
start32:
	data_segments 16
	movl	$0x90000, %esp
	call	main
	hlt
	jmp	. - 1

	.globl	timer_entry
timer_entry:
	pushl	%eax
	movb	$0x20, %al
	outb	%al, $0x20
	popl	%eax
	iretl

/* uint32_t hot_loop(uint32_t n): the loop that the profile must show first. */
	.balign	4096
	.globl	hot_loop
hot_loop:
	movl	4(%esp), %ecx
	xorl	%eax, %eax
1:	addl	%ecx, %eax
	roll	$3, %eax
	xorl	$0x1234, %eax
	decl	%ecx
	jnz	1b
	ret
	.balign	4096

	.section .reset, "ax"
	.code16
	ljmp	$0xf000, $0
	.balign	16, 0
