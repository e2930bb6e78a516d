/*
 * Stands in for the firmware where only the way it is started is tested: prints its command line and powers the machine off. When
 * the command line begins with 'w' it waits for ever instead. Runs in direct address mode, as QEMU enters a kernel.
 */
	.text
	.globl	_start
_start:
	li.w	$t0, 0x1fe001e0		/* UART */
	li.w	$t1, 0x100e001c		/* sleep control of the power device */
	move	$t5, $a1
	la.pcrel $t2, begin
	bl	print
	move	$t2, $t5
	bl	print
	la.pcrel $t2, end
	bl	print
	ld.b	$t3, $t5, 0
	addi.d	$t3, $t3, -'w'
	beqz	$t3, .
	li.w	$t3, 0x34
	st.b	$t3, $t1, 0
1:	idle	0
	b	1b

print:	ld.b	$t3, $t2, 0
	beqz	$t3, 2f
1:	ld.b	$t4, $t0, 5
	andi	$t4, $t4, 0x20
	beqz	$t4, 1b
	st.b	$t3, $t0, 0
	addi.d	$t2, $t2, 1
	b	print
2:	ret

begin:	.asciz	"command line <"
end:	.asciz	">\n"
