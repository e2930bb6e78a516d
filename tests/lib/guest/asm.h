/* What ROMs begin with (GNU assembler). */

	/* 16-bit: interrupts off, COM1 at 8 bits a character, A20 on. Clobbers EAX, EDX. */
	.macro machine_ready
	cli
	cld
	movw	$0x3fb, %dx
	movb	$3, %al
	outb	%al, %dx
	movb	$2, %al
	outb	%al, $0x92
	.endm

	/* All data segment registers get the selector. Clobbers AX. */
	.macro data_segments selector
	movw	$\selector, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	.endm
