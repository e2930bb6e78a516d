/*
 * memcpy() for memory, which on this host may be read and written at any alignment: by words of 8 bytes, the last of which overlap those before them, so
 * that no length needs bytes one by one. musl's goes by 4 bytes, and by shifts where the two differ in alignment.
 */
	.text
	.globl	memcpy
	.type	memcpy, @function
	.p2align 4
memcpy:
	addi.d	$a3, $a2, -16
	blt	$a3, $zero, 3f
	add.d	$a4, $a1, $a3		/* the last 16 bytes, and where they go */
	add.d	$a5, $a0, $a3
	move	$a6, $a0
	ld.d	$t0, $a4, 0
	ld.d	$t1, $a4, 8
	addi.d	$a7, $a5, -32
	bltu	$a7, $a6, 2f
1:	ld.d	$t2, $a1, 0
	ld.d	$t3, $a1, 8
	ld.d	$t4, $a1, 16
	ld.d	$t5, $a1, 24
	st.d	$t2, $a6, 0
	st.d	$t3, $a6, 8
	st.d	$t4, $a6, 16
	st.d	$t5, $a6, 24
	addi.d	$a1, $a1, 32
	addi.d	$a6, $a6, 32
	bgeu	$a7, $a6, 1b
2:	bgeu	$a6, $a5, 9f
	ld.d	$t2, $a1, 0
	ld.d	$t3, $a1, 8
	addi.d	$a1, $a1, 16
	st.d	$t2, $a6, 0
	st.d	$t3, $a6, 8
	addi.d	$a6, $a6, 16
	b	2b
9:	st.d	$t0, $a5, 0
	st.d	$t1, $a5, 8
	ret

	/* fewer than 16: two words that overlap, or for up to 3 bytes the first, the middle and the last */
3:	add.d	$a4, $a1, $a2
	add.d	$a5, $a0, $a2
	andi	$a3, $a2, 8
	beqz	$a3, 4f
	ld.d	$t0, $a1, 0
	ld.d	$t1, $a4, -8
	st.d	$t0, $a0, 0
	st.d	$t1, $a5, -8
	ret
4:	andi	$a3, $a2, 4
	beqz	$a3, 5f
	ld.w	$t0, $a1, 0
	ld.w	$t1, $a4, -4
	st.w	$t0, $a0, 0
	st.w	$t1, $a5, -4
	ret
5:	beqz	$a2, 6f
	srli.d	$a2, $a2, 1
	ldx.b	$t1, $a1, $a2
	ld.b	$t0, $a1, 0
	ld.b	$t2, $a4, -1
	stx.b	$t1, $a0, $a2
	st.b	$t0, $a0, 0
	st.b	$t2, $a5, -1
6:	ret
	.size	memcpy, . - memcpy
