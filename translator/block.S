/* Memory by blocks of 64 bytes: block.h. */
	.text
	.globl	block_copy
block_copy:
	add.d	$a2, $a2, $a1
	beq	$a1, $a2, 2f
1:	vld	$vr16, $a1, 0
	vld	$vr17, $a1, 16
	vld	$vr18, $a1, 32
	vld	$vr19, $a1, 48
	addi.d	$a1, $a1, 64
	vst	$vr16, $a0, 0
	vst	$vr17, $a0, 16
	vst	$vr18, $a0, 32
	vst	$vr19, $a0, 48
	addi.d	$a0, $a0, 64
	bne	$a1, $a2, 1b
2:	jr	$ra

	.globl	block_fill
block_fill:
	vreplgr2vr.d $vr16, $a1
	add.d	$a2, $a2, $a0
	beq	$a0, $a2, 2f
1:	vst	$vr16, $a0, 0
	vst	$vr16, $a0, 16
	vst	$vr16, $a0, 32
	vst	$vr16, $a0, 48
	addi.d	$a0, $a0, 64
	bne	$a0, $a2, 1b
2:	jr	$ra
