/* void run(char *cpu, const uint32_t *code): translated code ends at finish, with the exception's vector in r5. */
#include "asm-offsets.h"
#include "tests/process/registers.inc"

	.text
	.globl	run
run:
	addi.d	$sp, $sp, -96
	each_callee_saved st.d
	st.d	$r21, $sp, 88
	move	$r21, $a0
	each_guest ld.d
	lu52i.d	$r31, $zero, -1024		/* H_STOP: nothing is pending */
	jr	$a1
	.globl	finish
finish:
	each_guest st.d
	st.d	$r5, $r21, CPU_TMP
	each_callee_saved ld.d
	ld.d	$r21, $sp, 88
	addi.d	$sp, $sp, 96
	jr	$ra
