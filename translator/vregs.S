/* LSX registers chosen by number, and FCSR. */
#include "asm-offsets.h"

	.macro	vreg_table op
	.irp	n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\op	$vr\n, $a1, 0
	jr	$ra
	.endr
	.endm

	.text
	/* void vreg_store(unsigned n, void *buf) */
	.globl	vreg_store
vreg_store:
	pcaddi	$t0, 4			/* the table below */
	alsl.d	$t0, $a0, $t0, 3
	jr	$t0
	nop
	vreg_table vst

	/* void vreg_load(unsigned n, const void *buf) */
	.globl	vreg_load
vreg_load:
	pcaddi	$t0, 4
	alsl.d	$t0, $a0, $t0, 3
	jr	$t0
	nop
	vreg_table vld

	/* void doubles_store(uint64_t d[8]), void doubles_load(const uint64_t d[8]) */
	.globl	doubles_store
doubles_store:
	.irp	n,0,1,2,3,4,5,6,7
	fst.d	$fs\n, $a0, 8 * \n
	.endr
	jr	$ra
	.globl	doubles_load
doubles_load:
	.irp	n,0,1,2,3,4,5,6,7
	fld.d	$fs\n, $a0, 8 * \n
	.endr
	jr	$ra

	/* uint32_t fcsr_read(void), void fcsr_write(uint32_t value) */
	.globl	fcsr_read
fcsr_read:
	movfcsr2gr $a0, $fcsr0
	jr	$ra
	.globl	fcsr_write
fcsr_write:
	movgr2fcsr $fcsr0, $a0
	jr	$ra

	/* void fp_execute(uint32_t word) */
	.globl	fp_execute
fp_execute:
	addi.d	$sp, $sp, -16
	st.w	$a0, $sp, 0
	lu12i.w	$t0, 0x4c000			/* jr $ra */
	ori	$t0, $t0, 0x20
	st.w	$t0, $sp, 4
	ibar	0
	move	$t1, $ra
	movfcsr2gr $t0, $fcsr0
	xori	$t0, $t0, FCSR_TRAP_INVALID
	movgr2fcsr $fcsr0, $t0
	jirl	$ra, $sp, 0
	movfcsr2gr $t0, $fcsr0
	ori	$t0, $t0, FCSR_TRAP_INVALID
	movgr2fcsr $fcsr0, $t0
	addi.d	$sp, $sp, 16
	jr	$t1
