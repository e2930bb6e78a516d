/* What entry.S does on the machine, for a Linux process: ways into translated code and out of it, and the start of the program. */
#include "asm-offsets.h"
#include "tests/process/registers.inc"

#define FRAME 96

	.macro each_kept op
	\op	$r4, $sp, 0
	\op	$r8, $sp, 32
	\op	$r9, $sp, 40
	\op	$r10, $sp, 48
	\op	$ra, $sp, 56
	.endm

	.text
	.globl	_start
_start:
	bl	run_cases
	ori	$a7, $zero, 93		/* exit */
	syscall	0

	/* long system_call(long number, long a, long b, long c, long d, long e, long f) */
	.globl	system_call
system_call:
	move	$t0, $a0
	move	$a0, $a1
	move	$a1, $a2
	move	$a2, $a3
	move	$a3, $a4
	move	$a4, $a5
	move	$a5, $a6
	move	$a7, $t0
	syscall	0
	jr	$ra

	/* void enter(struct cpu *cpu, const void *code) */
	.globl	enter
enter:
	addi.d	$sp, $sp, -FRAME
	each_callee_saved st.d
	move	$r21, $a0
	st.d	$sp, $r21, CPU_HOST_SP
	each_guest ld.d
	lu52i.d	$r31, $zero, -1024		/* H_STOP: nothing is pending */
	jr	$a1

	/* tmp[6] tells of an exit that could be linked */
	.globl	stub_link
stub_link:
	st.d	$ra, $r21, CPU_TMP+48
	.globl	stub_exit
stub_exit:
	each_guest st.d
leave:
	ld.d	$sp, $r21, CPU_HOST_SP
	each_callee_saved ld.d
	addi.d	$sp, $sp, FRAME
	jr	$ra

	.globl	stub_helper_end
stub_helper_end:
	each_guest st.d
	move	$a0, $r21
	jirl	$ra, $r11, 0
	b	leave

	.globl	stub_helper
stub_helper:
	each_guest st.d
	st.d	$ra, $r21, CPU_TMP+56
	move	$a0, $r21
	jirl	$ra, $r11, 0
	ld.d	$ra, $r21, CPU_TMP+56
	each_guest ld.d
	ld.wu	$r31, $r21, CPU_STOP
	addi.d	$r31, $r31, -1
	slli.d	$r31, $r31, 62
	addi.d	$r31, $r31, -1
	slli.d	$r31, $r31, 62
	jr	$ra

	.globl	stub_slow
stub_slow:
	each_guest st.d
	addi.d	$sp, $sp, -64
	each_kept st.d
	ld.d	$r4, $r21, CPU_TMP
	st.d	$r4, $sp, 8
	ld.d	$r4, $r21, CPU_TMP+8
	st.d	$r4, $sp, 16
	ld.d	$r4, $r21, CPU_TMP+16
	st.d	$r4, $sp, 24
	move	$a0, $r21
	jirl	$ra, $r11, 0
	move	$r11, $a0
	each_kept ld.d
	ld.d	$r5, $sp, 8
	ld.d	$r6, $sp, 16
	ld.d	$r7, $sp, 24
	addi.d	$sp, $sp, 64
	each_guest ld.d
	jr	$ra
