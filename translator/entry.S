/*
 * Between the dispatcher and translated code. The part from stubs_start to stubs_end is copied to the front of the code
 * cache, so that translated code reaches it by a plain branch: it must be position independent and refer to data through
 * r21 (struct cpu) only.
 *
 * Registers of translated code are listed in tr.h: r23-r30 EAX..EDI, r12-r19 R8-R15, r22 cc_dst, r20 cc_src, r31 stop,
 * r4-r11 and r1 temporary. Other than 64-bit code leaves R8-R15 in memory.
 */
#include "arch/loongarch/csr.h"
#include "asm-offsets.h"

#define FRAME 96

	.macro save_guest long
	st.d	$r23, $r21, CPU_GPR+0
	st.d	$r24, $r21, CPU_GPR+8
	st.d	$r25, $r21, CPU_GPR+16
	st.d	$r26, $r21, CPU_GPR+24
	st.d	$r27, $r21, CPU_GPR+32
	st.d	$r28, $r21, CPU_GPR+40
	st.d	$r29, $r21, CPU_GPR+48
	st.d	$r30, $r21, CPU_GPR+56
	st.d	$r22, $r21, CPU_CC_DST
	st.d	$r20, $r21, CPU_CC_SRC
	.if \long
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	st.d	$t\n, $r21, CPU_GPR + 64 + 8 * \n
	.endr
	.endif
	.endm

	.macro load_guest long
	ld.d	$r23, $r21, CPU_GPR+0
	ld.d	$r24, $r21, CPU_GPR+8
	ld.d	$r25, $r21, CPU_GPR+16
	ld.d	$r26, $r21, CPU_GPR+24
	ld.d	$r27, $r21, CPU_GPR+32
	ld.d	$r28, $r21, CPU_GPR+40
	ld.d	$r29, $r21, CPU_GPR+48
	ld.d	$r30, $r21, CPU_GPR+56
	ld.d	$r22, $r21, CPU_CC_DST
	ld.wu	$r20, $r21, CPU_STOP
	ld.d	$r31, $r21, CPU_BASE_BOUND
	masknez	$r31, $r31, $r20		/* H_STOP: 0 when something is pending */
	ld.d	$r20, $r21, CPU_CC_SRC
	.if \long
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	ld.d	$t\n, $r21, CPU_GPR + 64 + 8 * \n
	.endr
	.endif
	.endm

	/* From translated code to PLV0 with interrupts off. Clobbers t8 (r20 must have been saved), keeps ra. */
	.macro to_firmware plv
	.if \plv
	syscall	0
	.else
	ori	$r20, $zero, CRMD_IE
	csrxchg	$zero, $r20, CSR_CRMD
	.endif
	.endm

	.text
/* uint64_t enter_guest(struct cpu *cpu, const void *code, uint64_t plv), enter_guest_long() for 64-bit code: EXIT_xxx, with the return
 * address of the exit in cpu->tmp[0].
 * Runs translated code until it leaves through a stub; interrupts are on meanwhile. cpu->xmm is live across it. */
	.macro enter name, long
	.globl	\name
\name:
	addi.d	$sp, $sp, -FRAME
	st.d	$ra, $sp, 0
	st.d	$fp, $sp, 8
	st.d	$s0, $sp, 16
	st.d	$s1, $sp, 24
	st.d	$s2, $sp, 32
	st.d	$s3, $sp, 40
	st.d	$s4, $sp, 48
	st.d	$s5, $sp, 56
	st.d	$s6, $sp, 64
	st.d	$s7, $sp, 72
	st.d	$s8, $sp, 80
	move	$r21, $a0
	st.d	$sp, $r21, CPU_HOST_SP
	csrwr	$a1, CSR_ERA
	ori	$a2, $a2, PRMD_PIE
	csrwr	$a2, CSR_PRMD
	load_guest \long
	ertn
	.endm

	enter enter_guest, 0
	enter enter_guest_long, 1

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

	.balign	64
	.globl	stubs_start
stubs_start:

	/* Back to the dispatcher: a0 = EXIT_xxx, a1 = return address of a link exit; guest state saved, PLV0. */
leave:
	ld.d	$sp, $r21, CPU_HOST_SP
	ld.d	$ra, $sp, 0
	ld.d	$fp, $sp, 8
	ld.d	$s0, $sp, 16
	ld.d	$s1, $sp, 24
	ld.d	$s2, $sp, 32
	ld.d	$s3, $sp, 40
	ld.d	$s4, $sp, 48
	ld.d	$s5, $sp, 56
	ld.d	$s6, $sp, 64
	ld.d	$s7, $sp, 72
	ld.d	$s8, $sp, 80
	addi.d	$sp, $sp, FRAME
	jr	$ra

	/* Goes to EIP r4 as gen_exit.c does, cpu->probe (also in r7) having just been armed; flags are settled. */
	.macro go_on name
	bge	$r31, $zero, stub_jump\name
	bstrins.d $r7, $r4, PROBE_BITS+3, 4
	ld.d	$r5, $r7, 0
	ld.d	$r6, $r7, 8
	bne	$r5, $r4, stub_jump\name
	jirl	$ra, $r6, 0
	jr	$r9
	.endm

	/* To ring 3, at the instruction behind. */
	.macro to_user
	pcaddi	$r5, 5
	csrwr	$r5, CSR_ERA
	ori	$r5, $zero, PRMD_PIE | 3
	csrwr	$r5, CSR_PRMD
	ertn
	.endm

	.globl	stub_resume
stub_resume:
	move	$r21, $a0
	move	$r4, $a1
	ld.d	$sp, $r21, CPU_HOST_SP
	/* On from C, to cpu->eip: r4 = 1 + cache_stub_set(cpu->mode), and cpu->probe is armed. */
transfer:
	pcaddi	$r5, 2
	alsl.d	$r5, $r4, $r5, 2
	jr	$r5
	b	transfer_0
	b	transfer_3
	b	transfer_long0
	b	transfer_long3
	.macro transfer_to name, plv, long
transfer_\name:
	load_guest \long
	ld.d	$r7, $r21, CPU_PROBE
	.if \long
	ld.d	$r4, $r21, CPU_EIP
	.else
	ld.w	$r4, $r21, CPU_EIP
	.endif
	.if \plv
	to_user
	.else
	ori	$r5, $zero, CRMD_IE
	csrxchg	$r5, $r5, CSR_CRMD
	.endif
	.endm
	transfer_to 0, 0, 0
	go_on 0
	transfer_to 3, 3, 0
	go_on 3
	transfer_to long0, 0, 1
	go_on _long0
	transfer_to long3, 3, 1
	go_on _long3

	/* Goes to \different when the source of region r4 is not what was translated. Clobbers r5-r9, vr16-vr20 and fcc0. From 32 bytes on
	 * the last step overlaps the one before. */
	.macro same_source different
	ld.wu	$r7, $r4, REGION_LEN
	ld.d	$r5, $r4, REGION_SRC
	ld.d	$r6, $r4, REGION_COPY
	addi.d	$r8, $r7, -32
	add.d	$r7, $r7, $r5
	blt	$r8, $zero, 23f
	add.d	$r8, $r8, $r5
	vxor.v	$vr18, $vr18, $vr18
21:	vld	$vr16, $r5, 0
	vld	$vr17, $r6, 0
	vld	$vr19, $r5, 16
	vld	$vr20, $r6, 16
	vxor.v	$vr16, $vr16, $vr17
	vxor.v	$vr19, $vr19, $vr20
	vor.v	$vr18, $vr18, $vr16
	vor.v	$vr18, $vr18, $vr19
	bgeu	$r5, $r8, 22f
	addi.d	$r5, $r5, 32
	addi.d	$r6, $r6, 32
	bltu	$r5, $r8, 21b
	sub.d	$r5, $r5, $r8
	sub.d	$r6, $r6, $r5
	move	$r5, $r8
	b	21b
22:	vseteqz.v $fcc0, $vr18
	bceqz	$fcc0, \different
	b	25f
23:	ld.d	$r8, $r5, 0
	ld.d	$r9, $r6, 0
	addi.d	$r5, $r5, 8
	addi.d	$r6, $r6, 8
	bgeu	$r5, $r7, 24f
	beq	$r8, $r9, 23b
	b	\different
	/* the last word: drop the bytes past the end */
24:	sub.d	$r5, $r5, $r7
	slli.d	$r5, $r5, 3
	xor	$r8, $r8, $r9
	sll.d	$r8, $r8, $r5
	bnez	$r8, \different
25:
	.endm

	/* name: PLV, or _longPLV for 64-bit code. */
	.macro helper_stubs name, plv, long
	/* Calls r11(cpu, a1, a2, a3) with the guest's registers in *cpu; result in a0. */
	.globl	stub_helper\name
stub_helper\name:
	save_guest \long
	st.d	$ra, $r21, CPU_TMP+56
	to_firmware \plv
	move	$a0, $r21
	jirl	$ra, $r11, 0
	ld.d	$ra, $r21, CPU_TMP+56
	.if \plv
	csrwr	$ra, CSR_ERA
	ori	$r20, $zero, PRMD_PIE | 3
	csrwr	$r20, CSR_PRMD
	load_guest \long
	ertn
	.else
	load_guest \long
	ori	$r11, $zero, CRMD_IE
	csrxchg	$r11, $r11, CSR_CRMD
	jr	$ra
	.endif

	/* As above for a helper after which control goes to the dispatcher. */
	.globl	stub_helper_end\name
stub_helper_end\name:
	save_guest \long
	to_firmware \plv
	move	$a0, $r21
	jirl	$ra, $r11, 0
	ori	$a0, $zero, EXIT_DISPATCH
	b	leave

	/* As above for one that returns where to go on: 0 in the dispatcher, else see `transfer`. */
	.globl	stub_transfer\name
stub_transfer\name:
	save_guest \long
	to_firmware \plv
	move	$a0, $r21
	jirl	$ra, $r11, 0
	bnez	$a0, transfer
	b	leave				/* a0 = EXIT_DISPATCH */

	/* Leaves; cpu->eip is set. */
	.globl	stub_exit\name
stub_exit\name:
	save_guest \long
	to_firmware \plv
	ori	$a0, $zero, EXIT_DISPATCH
	b	leave

	/* The entry of a region that has died: ra - 4 is in it. */
	.globl	stub_dead\name
stub_dead\name:
	save_guest \long
	st.d	$ra, $r21, CPU_TMP
	to_firmware \plv
	ori	$a0, $zero, EXIT_DEAD
	b	leave

	/* A direct exit not linked yet: ra - 4 is its place. */
	.globl	stub_link\name
stub_link\name:
	save_guest \long
	st.d	$ra, $r21, CPU_TMP
	to_firmware \plv
	ori	$a0, $zero, EXIT_LINK
	b	leave

	/* Goes to EIP r4, sign-extended (CS base is 0, paging on), which the probe table does not know: jump cache, from where it gets into the
	 * probe table, else the dispatcher, which in 64-bit code checks that it is canonical; ra - 4 is where the guest's jump is then. The
	 * latter at once: stub_jump_out. */
	.globl	stub_jump\name
stub_jump\name:
	bge	$r31, $zero, 1f
	ld.d	$r5, $r21, CPU_JC_TAG
	ld.d	$r6, $r21, CPU_JC_TABLE
	.if \long
	srli.d	$r7, $r4, 12
	.else
	bstrpick.d $r7, $r4, 31, 12
	.endif
	xor	$r7, $r7, $r4
	bstrpick.d $r7, $r7, JC_BITS-1, 0
	alsl.d	$r6, $r7, $r6, 4
	bstrins.d $r5, $r4, 31 + 16 * \long, 0
	ld.d	$r7, $r6, 0
	ld.d	$r6, $r6, 8
	bne	$r5, $r7, 1f
	.if \long
	ld.d	$r7, $r6, REGION_EIP
	bne	$r4, $r7, 1f			/* the tag says nothing of bits 48-63 */
	.endif
	ld.d	$r5, $r21, CPU_PROBE
	ld.d	$r7, $r21, CPU_PROBE_NONE
	beq	$r5, $r7, 3f			/* an interrupt has just come */
	bstrins.d $r5, $r4, PROBE_BITS+3, 4
	ld.d	$r7, $r5, 8
	bnez	$r7, 2f
	ld.d	$r7, $r21, CPU_PROBE_USED
	st.d	$r5, $r7, 0
	addi.d	$r7, $r7, 8
	st.d	$r7, $r21, CPU_PROBE_USED
2:	st.d	$r4, $r5, 0
	ld.d	$r7, $r6, REGION_PROBE
	st.d	$r7, $r5, 8
3:	ld.d	$r6, $r6, REGION_HOST
	jr	$r6
1:	.if !\long
	bstrpick.d $r4, $r4, 31, 0
	.endif
	.globl	stub_jump_out\name
stub_jump_out\name:
	st.d	$r4, $r21, CPU_EIP
	.if \long
	save_guest 1
	st.d	$ra, $r21, CPU_TMP
	to_firmware \plv
	ori	$a0, $zero, EXIT_JUMP
	b	leave
	.else
	b	stub_exit\name
	.endif

	/* The same for any CS and without paging: the region's source is compared, since no mapping change tells that a device has written
	 * it; but not, as with a link, when it is in the page that stub_jump_near comes from: r10 = the linear address of that, shifted right by 12. */
	.globl	stub_jump_checked\name, stub_jump_near\name
stub_jump_checked\name:
	addi.d	$r10, $zero, -1
stub_jump_near\name:
	st.d	$r4, $r21, CPU_EIP
	bge	$r31, $zero, 1f
	ld.d	$r8, $r21, CPU_CS_BASE
	ld.d	$r5, $r21, CPU_JC_TAG
	ld.d	$r6, $r21, CPU_JC_TABLE
	add.d	$r4, $r4, $r8
	bstrpick.d $r4, $r4, 31, 0
	srli.d	$r9, $r4, 12
	xor	$r7, $r9, $r4
	bstrpick.d $r7, $r7, JC_BITS-1, 0
	alsl.d	$r6, $r7, $r6, 4
	or	$r5, $r5, $r4
	ld.d	$r7, $r6, 0
	ld.d	$r4, $r6, 8
	bne	$r5, $r7, 1f
	ld.d	$r5, $r4, REGION_CS_BASE
	bne	$r5, $r8, 1f
	beq	$r9, $r10, 2f
	same_source 1f
2:	ld.d	$r6, $r4, REGION_HOST
	jr	$r6
1:	b	stub_exit\name

	/* Entry of a self-checking region, called with r4 = the region: returns when its source is unchanged, else leaves to the
	 * dispatcher at the region's EIP. */
	.globl	stub_check\name
stub_check\name:
	same_source 1f
	jr	$ra
1:	ld.d	$r4, $r4, REGION_EIP
	st.d	$r4, $r21, CPU_EIP
	b	stub_exit\name

	/* A helper call that keeps r4-r10 and r12-r15: result in r11. For checks out of line. Arguments in r5-r7, function in r11. */
	.globl	stub_slow\name
stub_slow\name:
	save_guest \long
	addi.d	$sp, $sp, -96
	.if !\long
	st.d	$r12, $sp, 64
	st.d	$r13, $sp, 72
	st.d	$r14, $sp, 80
	st.d	$r15, $sp, 88
	.endif
	st.d	$r4, $sp, 0
	ld.d	$r4, $r21, CPU_TMP
	st.d	$r4, $sp, 8
	ld.d	$r4, $r21, CPU_TMP+8
	st.d	$r4, $sp, 16
	ld.d	$r4, $r21, CPU_TMP+16
	st.d	$r4, $sp, 24
	st.d	$r8, $sp, 32
	st.d	$r9, $sp, 40
	st.d	$r10, $sp, 48
	st.d	$ra, $sp, 56
	to_firmware \plv
	move	$a0, $r21
	jirl	$ra, $r11, 0
	move	$r11, $a0
	ld.d	$r4, $sp, 0
	ld.d	$r5, $sp, 8
	ld.d	$r6, $sp, 16
	ld.d	$r7, $sp, 24
	ld.d	$r8, $sp, 32
	ld.d	$r9, $sp, 40
	ld.d	$r10, $sp, 48
	ld.d	$ra, $sp, 56
	.if !\long
	ld.d	$r12, $sp, 64
	ld.d	$r13, $sp, 72
	ld.d	$r14, $sp, 80
	ld.d	$r15, $sp, 88
	.endif
	addi.d	$sp, $sp, 96
	csrwr	$ra, CSR_ERA
	ori	$r20, $zero, PRMD_PIE | \plv
	csrwr	$r20, CSR_PRMD
	load_guest \long
	ertn
	.endm

	helper_stubs 0, 0, 0
	helper_stubs 3, 3, 0
	helper_stubs _long0, 0, 1
	helper_stubs _long3, 3, 1

	/* CS and SS, which are neighbours, from the pair at \from. Clobbers vr16-vr19. */
	.macro load_code_and_stack from
	vld	$vr16, $r21, \from
	vld	$vr17, $r21, \from + 16
	vld	$vr18, $r21, \from + 32
	vld	$vr19, $r21, \from + 48
	vst	$vr16, $r21, CPU_SEG_CS
	vst	$vr17, $r21, CPU_SEG_CS + 16
	vst	$vr18, $r21, CPU_SEG_CS + 32
	vst	$vr19, $r21, CPU_SEG_CS + 48
	.endm

	/* cpu->mode = r5, with jc_tag and probe as remembered for it in slot \set; goes to \unknown when they are not. r7 = the latter; r4 is kept. */
	.macro switch_mode set, unknown
	ld.d	$r6, $r21, CPU_RECENT + RECENT_SIZE * (\set)
	ld.d	$r8, $r21, CPU_RECENT + RECENT_SIZE * (\set) + 8
	ld.d	$r7, $r21, CPU_RECENT + RECENT_SIZE * (\set) + 16
	st.w	$r5, $r21, CPU_MODE
	bne	$r5, $r6, \unknown
	st.d	$r8, $r21, CPU_JC_TAG
	st.d	$r7, $r21, CPU_PROBE
	.endm

	/* SYSCALL of 64-bit code; the return address is r5, and r11 the helper for what is not done here. TF is clear, so that LSTAR
	 * is all there is to check. syscall64() in fastcall.c does the same. */
	.macro syscall_stub name, plv
	.globl	stub_syscall\name
stub_syscall\name:
	ld.hu	$r4, $r21, CPU_SYSCALL_SEG
	beqz	$r4, stub_transfer\name
	move	$r24, $r5
	bl	stub_cc_get
	ld.wu	$r5, $r21, CPU_EFLAGS
	ld.d	$r6, $r21, CPU_FMASK
	ori	$r7, $zero, FL_ARITH
	or	$r15, $r4, $r5
	bstrins.d $r15, $zero, FL_RF_SHIFT, FL_RF_SHIFT
	andn	$r5, $r15, $r6
	and	$r22, $r5, $r7
	andn	$r5, $r5, $r7
	ori	$r5, $r5, FL_1
	st.w	$zero, $r21, CPU_CC_OP
	st.w	$r5, $r21, CPU_EFLAGS
	load_code_and_stack CPU_SYSCALL_SEG
	st.w	$zero, $r21, CPU_CPL
	.if \plv
	syscall	0
	ori	$r5, $zero, CRMD_IE
	csrxchg	$r5, $r5, CSR_CRMD
	.endif
	ld.wu	$r5, $r21, CPU_MODE
	ld.d	$r4, $r21, CPU_LSTAR
	ori	$r6, $zero, 1
	bstrins.d $r5, $zero, MODE_CPL_SHIFT + 1, MODE_CPL_SHIFT
	bstrins.d $r5, $r6, MODE_IOPL_OK_SHIFT, MODE_IOPL_OK_SHIFT
	bstrins.d $r5, $zero, MODE_AC_SHIFT, MODE_AC_SHIFT
	switch_mode 2, 1f
	go_on	_long0
1:	st.d	$r4, $r21, CPU_EIP
	b	stub_exit_long0
	.endm

	syscall_stub _long0, 0
	syscall_stub _long3, 3

	/* SYSRET to 64-bit code, in ring 0. Left to C (r5, r11): RCX not canonical, flags in R11 that the mode depends on or that are rare, and
	 * when something is pending, which IF may let in. */
	.globl	stub_sysret
stub_sysret:
	ld.hu	$r4, $r21, CPU_SYSRET_SEG
	ld.wu	$r6, $r21, CPU_PENDING
	lu12i.w	$r7, SYSRET_BY_HAND >> 12
	ori	$r7, $r7, SYSRET_BY_HAND & 0xfff
	slli.d	$r8, $r24, 16
	srai.d	$r8, $r8, 16
	and	$r7, $r7, $r15
	xor	$r8, $r8, $r24
	or	$r6, $r6, $r7
	or	$r6, $r6, $r8
	beqz	$r4, stub_transfer_long0
	bnez	$r6, stub_transfer_long0
	ori	$r6, $zero, FL_ARITH
	lu12i.w	$r7, (FL_ID >> 12)
	ori	$r7, $r7, FL_IF | FL_DF
	and	$r22, $r15, $r6
	and	$r5, $r15, $r7
	ori	$r5, $r5, FL_1
	st.w	$zero, $r21, CPU_CC_OP
	st.w	$r5, $r21, CPU_EFLAGS
	load_code_and_stack CPU_SYSRET_SEG
	ori	$r6, $zero, 3
	st.w	$r6, $r21, CPU_CPL
	ld.wu	$r5, $r21, CPU_MODE
	move	$r4, $r24
	bstrins.d $r5, $r6, MODE_CPL_SHIFT + 1, MODE_CPL_SHIFT
	bstrins.d $r5, $zero, MODE_IOPL_OK_SHIFT, MODE_IOPL_OK_SHIFT
	switch_mode 3, 1f
	to_user
	go_on	_long3
1:	st.d	$r4, $r21, CPU_EIP
	b	stub_exit_long0

#include "translator/gate.inc"

/*
 * r4 = the arithmetic flags as EFLAGS bits, from cpu->cc_op, r22, r20. Clobbers r4-r10; called by ra.
 * Each kind has code for its four sizes that leaves the operand width's bits in r5 = shift to sign-extend (64 - width) and ends in one
 * of the common tails. r6 = CF, r7 = OF (in bit 0), r8 = AF in bit 4.
 */
	.globl	stub_cc_get
stub_cc_get:
	ld.wu	$r4, $r21, CPU_CC_OP
	beqz	$r4, cc_eflags
	bstrpick.d $r5, $r4, 1, 0		/* log2 of the size */
	ori	$r6, $zero, 8
	sll.d	$r6, $r6, $r5			/* width in bits */
	ori	$r5, $zero, 64
	sub.d	$r5, $r5, $r6
	srli.d	$r4, $r4, 2
	pcaddi	$r6, 3				/* the table below */
	alsl.d	$r6, $r4, $r6, 2
	jr	$r6
cc_table:
	b	cc_eflags
	b	cc_add
	b	cc_sub
	b	cc_logic
	b	cc_inc
	b	cc_dec
	b	cc_shl
	b	cc_shr
	b	cc_carry
	b	cc_mul
cc_eflags:
	move	$r4, $r22
	jr	$ra
cc_add:
	sub.d	$r9, $r22, $r20			/* first operand */
	sll.d	$r9, $r9, $r5
	sra.d	$r9, $r9, $r5
	sltu	$r6, $r22, $r20
	xor	$r7, $r22, $r9
	xor	$r8, $r22, $r20
	and	$r7, $r7, $r8
	xor	$r8, $r8, $r9
	b	cc_tail
cc_sub:
	add.d	$r9, $r22, $r20			/* first operand */
	sll.d	$r9, $r9, $r5
	sra.d	$r9, $r9, $r5
	sltu	$r6, $r9, $r20
	xor	$r7, $r9, $r22
	xor	$r8, $r9, $r20
	and	$r7, $r7, $r8
	xor	$r8, $r8, $r22
	b	cc_tail
cc_logic:
	move	$r6, $zero
	move	$r7, $zero
	move	$r8, $zero
	b	cc_tail
cc_inc:
	move	$r6, $r20
	addi.d	$r9, $r22, -1
	sll.d	$r9, $r9, $r5
	sra.d	$r9, $r9, $r5
	xor	$r8, $r22, $r9			/* OF: 7f.. -> 80.. : the sign became set; AF: low nibble became 0 */
	andn	$r7, $r22, $r9
	xori	$r8, $r8, 1			/* carries of +1: res ^ a ^ 1 */
	b	cc_tail
cc_dec:
	move	$r6, $r20
	addi.d	$r9, $r22, 1
	sll.d	$r9, $r9, $r5
	sra.d	$r9, $r9, $r5
	xor	$r8, $r22, $r9
	andn	$r7, $r9, $r22
	xori	$r8, $r8, 1
	b	cc_tail
cc_shl:
	srli.d	$r6, $r20, 63
	xor	$r7, $r22, $r20
	move	$r8, $zero
	b	cc_tail
cc_shr:
	andi	$r6, $r20, 1
	xor	$r7, $r22, $r20
	move	$r8, $zero
	b	cc_tail
cc_carry:
	sll.d	$r7, $r20, $r5			/* carry out of the top bit to bit 63 */
	srli.d	$r6, $r7, 63
	slli.d	$r8, $r7, 1
	xor	$r7, $r7, $r8
	slli.d	$r8, $r20, 1
	b	cc_tail
cc_mul:
	sltu	$r6, $zero, $r20
	slli.d	$r7, $r6, 63
	move	$r8, $zero
cc_tail:
	/* r6 = CF, r7 bit 63 = OF, r8 bit 4 = AF, r22 = result */
	srli.d	$r7, $r7, 63
	slli.d	$r7, $r7, 11
	or	$r4, $r6, $r7
	andi	$r8, $r8, 16
	or	$r4, $r4, $r8
	sltui	$r6, $r22, 1
	slli.d	$r6, $r6, 6
	or	$r4, $r4, $r6
	srli.d	$r6, $r22, 63
	slli.d	$r6, $r6, 7
	or	$r4, $r4, $r6
	bstrpick.d $r6, $r22, 7, 4
	xor	$r6, $r6, $r22
	andi	$r6, $r6, 15
	lu12i.w	$r7, 9
	ori	$r7, $r7, 0x669			/* 0x9669: bit n set when n has an even number of ones */
	srl.w	$r7, $r7, $r6
	andi	$r7, $r7, 1
	slli.d	$r7, $r7, 2
	or	$r4, $r4, $r7
	jr	$ra
	.globl	stubs_end
stubs_end:
