#include "arch/loongarch/csr.h"
#include "asm-offsets.h"

	.text
/* void xmm_load(struct cpu *cpu), void xmm_store(struct cpu *cpu): between cpu->xmm and the vector registers. xmm_load sets FCSR too:
 * its rounding modes 1 and 3 are MXCSR's 3 and 1, and invalid operations trap. */
	.globl	xmm_load
xmm_load:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vld	$vr\n, $a0, CPU_XMM + 16 * \n
	.endr
	ld.wu	$a1, $a0, CPU_MXCSR
	bstrpick.d $a1, $a1, 14, 13
	sub.d	$a1, $zero, $a1
	bstrpick.d $a1, $a1, 1, 0
	slli.d	$a1, $a1, 8
	ori	$a1, $a1, FCSR_TRAP_INVALID
	movgr2fcsr $fcsr0, $a1
	jr	$ra
	.globl	xmm_store
xmm_store:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vst	$vr\n, $a0, CPU_XMM + 16 * \n
	.endr
	jr	$ra
