/* LSX registers chosen by number, and FCSR. */
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

	/* uint32_t fcsr_read(void), void fcsr_write(uint32_t value) */
	.globl	fcsr_read
fcsr_read:
	movfcsr2gr $a0, $fcsr0
	jr	$ra
	.globl	fcsr_write
fcsr_write:
	movgr2fcsr $fcsr0, $a0
	jr	$ra
