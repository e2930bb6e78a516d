/* void run(char *cpu, const uint32_t *code): translated code ends at finish, with the exception's vector in r5. */
#include "asm-offsets.h"

	.macro	guest op
	\op	$r23, $r21, CPU_GPR+0
	\op	$r24, $r21, CPU_GPR+8
	\op	$r25, $r21, CPU_GPR+16
	\op	$r26, $r21, CPU_GPR+24
	\op	$r27, $r21, CPU_GPR+32
	\op	$r28, $r21, CPU_GPR+40
	\op	$r29, $r21, CPU_GPR+48
	\op	$r30, $r21, CPU_GPR+56
	\op	$r22, $r21, CPU_CC_DST
	\op	$r20, $r21, CPU_CC_SRC
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	\op	$t\n, $r21, CPU_GPR + 64 + 8 * \n
	.endr
	.endm
	.macro	own op
	\op	$ra, $sp, 0
	\op	$fp, $sp, 8
	\op	$s0, $sp, 16
	\op	$s1, $sp, 24
	\op	$s2, $sp, 32
	\op	$s3, $sp, 40
	\op	$s4, $sp, 48
	\op	$s5, $sp, 56
	\op	$s6, $sp, 64
	\op	$s7, $sp, 72
	\op	$s8, $sp, 80
	\op	$r21, $sp, 88
	.endm

	.text
	.globl	run
run:
	addi.d	$sp, $sp, -96
	own	st.d
	move	$r21, $a0
	guest	ld.d
	lu52i.d	$r31, $zero, -1024		/* H_STOP: nothing is pending */
	jr	$a1
	.globl	finish
finish:
	guest	st.d
	st.d	$r5, $r21, CPU_TMP
	own	ld.d
	addi.d	$sp, $sp, 96
	jr	$ra
