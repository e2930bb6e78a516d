/*
 * TLB refill: looks the pair up in the software TLB (refill.h), else asks softtlb_refill(). Runs in direct addressing mode: all addresses are
 * physical; of those in the cached window, as C has them, only the physical part counts. The stack is the firmware's, which translated code keeps.
 * What has no answer there goes on as an exception (missed_entry).
 * Clobbers nothing but TLBRSAVE, SAVE2, SAVE3. On a hit 20 instructions, 25 when the pair is one of another context and global.
 */
#include "arch/loongarch/csr.h"
#include "arch/loongarch/refill.h"

	/* last_bit: of the linear address, among those that count */
	.macro refill name, last_bit, counting
	.balign	4096			/* TLBRENTRY holds a page address */
	.globl	\name
\name:
	csrwr	$t0, CSR_TLBRSAVE
	csrwr	$t1, CSR_SAVE2
	csrwr	$t2, CSR_SAVE3
	.if	\counting
	csrrd	$t0, CSR_SAVE4
	addu16i.d $t0, $t0, REFILL_COUNT >> 16
	ld.d	$t1, $t0, 0
	addi.d	$t1, $t1, 1
	st.d	$t1, $t0, 0
	.endif
	csrrd	$t0, CSR_TLBRBADV
	csrrd	$t1, CSR_SAVE4
	csrrd	$t2, CSR_SAVE5
	bstrpick.d $t0, $t0, \last_bit, 13
	bstrins.d $t1, $t0, REFILL_ENTRIES_LOG2 + REFILL_ENTRY_LOG2 - 1, REFILL_ENTRY_LOG2
	or	$t2, $t2, $t0
	ld.d	$t0, $t1, REFILL_TAG
	bne	$t0, $t2, 1f
2:	ld.d	$t0, $t1, REFILL_ELO0
	ld.d	$t1, $t1, REFILL_ELO1
	csrwr	$t0, CSR_TLBRELO0
	csrwr	$t1, CSR_TLBRELO1
	tlbfill
	csrrd	$t2, CSR_SAVE3
	csrrd	$t1, CSR_SAVE2
	csrrd	$t0, CSR_TLBRSAVE
	ertn
1:	csrrd	$t0, CSR_PGDL
	bstrins.d $t0, $t2, REFILL_PAIR_BITS - 1, 0
	ld.d	$t2, $t1, REFILL_GLOBAL
	beq	$t0, $t2, 2b
	b	refill_missed
	.endm

	.section .text.refill, "ax"
	refill	refill_entry, 31, 0
	refill	refill_entry_long, 48, 0
	refill	refill_entry_counting, 31, 1
	refill	refill_entry_long_counting, 48, 1

#define MISSED_FRAME 128

	.macro missed_registers op
	\op	$ra, $sp, 0
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	\op	$a\n, $sp, 8 + 8 * \n
	.endr
	.irp	n, 3, 4, 5, 6, 7, 8
	\op	$t\n, $sp, 48 + 8 * \n
	.endr
	.endm

	/* r21 is the CPU, as in all code that uses the TLB. */
refill_missed:
	addi.d	$sp, $sp, -MISSED_FRAME
	missed_registers st.d
	move	$a0, $r21
	csrrd	$a1, CSR_TLBRBADV
	bl	softtlb_refill
	beqz	$a0, 1f
	ld.d	$t0, $a0, REFILL_ELO0
	ld.d	$t1, $a0, REFILL_ELO1
	csrwr	$t0, CSR_TLBRELO0
	csrwr	$t1, CSR_TLBRELO1
	tlbfill
	missed_registers ld.d
	addi.d	$sp, $sp, MISSED_FRAME
	csrrd	$t2, CSR_SAVE3
	csrrd	$t1, CSR_SAVE2
	csrrd	$t0, CSR_TLBRSAVE
	ertn
	/* ertn leads to missed_entry, at PLV0 with interrupts off. */
1:	missed_registers ld.d
	addi.d	$sp, $sp, MISSED_FRAME
	csrrd	$t0, CSR_TLBRERA
	csrrd	$t1, CSR_TLBRPRMD
	csrrd	$t2, CSR_TLBRBADV
	bstrins.d $t0, $zero, 1, 0
	andi	$t1, $t1, PRMD_PPLV | PRMD_PIE
	csrwr	$t0, CSR_ERA
	csrwr	$t1, CSR_PRMD
	csrwr	$t2, CSR_BADV
	la.pcrel $t0, missed_entry
	lu52i.d	$t0, $t0, (DMW_CACHED >> 52) - 0x1000
	ori	$t0, $t0, TLBRERA_MISS
	move	$t1, $zero
	csrwr	$t0, CSR_TLBRERA
	csrwr	$t1, CSR_TLBRPRMD
	csrrd	$t2, CSR_SAVE3
	csrrd	$t1, CSR_SAVE2
	csrrd	$t0, CSR_TLBRSAVE
	ertn
