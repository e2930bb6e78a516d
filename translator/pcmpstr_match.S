/*
 * What PCMPxSTRx compares: uint32_t pcmpstr_*(const void *a, const void *b, unsigned la, unsigned lb), a bit for each element of b. la: valid elements of a;
 * lb: of b, which only the ordered comparison heeds. Clobbers vector registers 16 to 20.
 */
	.text

	/* a0 = the sign of each element of vr19 */
	.macro	signs e
	vmskltz.\e $vr19, $vr19
	vpickve2gr.hu $a0, $vr19, 0
	jr	$ra
	.endm

	/* elements of b that are some of a's */
	.macro	any e, size
	.globl	pcmpstr_any_\e
pcmpstr_any_\e:
	vld	$vr17, $a1, 0
	vxor.v	$vr19, $vr19, $vr19
	beqz	$a2, 2f
1:	vldrepl.\e $vr18, $a0, 0
	vseq.\e	$vr18, $vr18, $vr17
	vor.v	$vr19, $vr19, $vr18
	addi.d	$a0, $a0, \size
	addi.d	$a2, $a2, -1
	bnez	$a2, 1b
2:	signs	\e
	.endm
	any	b, 1
	any	h, 2

	/* ... between the first and the second of a pair of a's; u: unsigned */
	.macro	ranges e, size, u
	.globl	pcmpstr_ranges_\e\u
pcmpstr_ranges_\e\u:
	vld	$vr17, $a1, 0
	vxor.v	$vr19, $vr19, $vr19
	srli.d	$a2, $a2, 1
	beqz	$a2, 2f
1:	vldrepl.\e $vr18, $a0, 0
	vldrepl.\e $vr20, $a0, \size
	vsle.\e\u $vr18, $vr18, $vr17
	vsle.\e\u $vr20, $vr17, $vr20
	vand.v	$vr18, $vr18, $vr20
	vor.v	$vr19, $vr19, $vr18
	addi.d	$a0, $a0, 2 * \size
	addi.d	$a2, $a2, -1
	bnez	$a2, 1b
2:	signs	\e
	.endm
	ranges	b, 1
	ranges	b, 1, u
	ranges	h, 2
	ranges	h, 2, u

	/* ... equal to a's in the same place */
	.macro	each e
	.globl	pcmpstr_each_\e
pcmpstr_each_\e:
	vld	$vr17, $a1, 0
	vld	$vr18, $a0, 0
	vseq.\e	$vr19, $vr18, $vr17
	signs	\e
	.endm
	each	b
	each	h

	/* ... at which a begins, as far as b has room for it */
	.macro	ordered e, size, all
	.globl	pcmpstr_ordered_\e
pcmpstr_ordered_\e:
	vld	$vr17, $a1, 0
	li.w	$t0, -1
	sll.w	$t1, $t0, $a3
	nor	$t1, $t1, $zero		/* b's valid elements */
	li.w	$t2, \all		/* all that there are */
	li.w	$t3, 0			/* number of a's element */
	move	$t4, $t2		/* result */
	beqz	$a2, 2f
1:	vldrepl.\e $vr18, $a0, 0
	vseq.\e	$vr19, $vr18, $vr17
	vmskltz.\e $vr19, $vr19
	vpickve2gr.hu $t5, $vr19, 0
	and	$t5, $t5, $t1
	orn	$t5, $t5, $t2		/* behind b's last there is room for anything */
	srl.d	$t5, $t5, $t3
	and	$t4, $t4, $t5
	addi.d	$a0, $a0, \size
	addi.d	$t3, $t3, 1
	bne	$t3, $a2, 1b
2:	move	$a0, $t4
	jr	$ra
	.endm
	ordered	b, 1, 0xffff
	ordered	h, 2, 0xff

	/* uint32_t pcmpstr_zeros_*(const void *a): elements that are 0 */
	.macro	zeros e
	.globl	pcmpstr_zeros_\e
pcmpstr_zeros_\e:
	vld	$vr17, $a0, 0
	vseqi.\e $vr19, $vr17, 0
	signs	\e
	.endm
	zeros	b
	zeros	h
