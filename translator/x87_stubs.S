/*
 * x87 arithmetic on ordinary numbers, called from translated code (gen_x87_fast.c). Copied to the code cache behind the stubs of entry.S:
 * position independent, data through r21 only.
 *
 * An 80-bit number is in two registers: significand, and sign and exponent sign-extended from 16 bits. a = r4, r5; b = r6, r7. A stub comes
 * back to ra + 4 when it has computed, and to ra with nothing changed but temporaries when the operands or the result are not
 * ordinary (NaN, infinity, denormal, out of range): then x87_exec() does the instruction. All exceptions are masked.
 * Rounding is to nearest but where a name says otherwise. Clobbered: r4-r8, r10, r11; r9 is kept.
 */
#include "asm-offsets.h"

#define PE 0x20
#define C0 0x100
#define C3 0x4000
#define SIGN_BIT -2048		/* of lu52i.d: bit 63 */

	.text
	.balign	64
	.globl	x87_stubs_start
x87_stubs_start:

	.macro done
	jirl	$zero, $ra, 4
	.endm

	.macro exponent rd, sexp
	bstrpick.d \rd, \sexp, 14, 0
	.endm

	/* Branches to \target unless the exponent \e is that of a normal number. Clobbers \tmp. */
	.macro need_normal e, tmp, target
	addi.d	\tmp, \e, 1
	bstrpick.d \tmp, \tmp, 14, 1
	beqz	\tmp, \target
	.endm

	/* Rounds r4 and the 64 bits below it, r7 (the lowest stands for all that follow), to \prec bits; exponent r8, sign in r5: the
	 * number in r4, r5. Sets C1, and PE, but with 53 bits \fail does that. */
	.macro round prec, fail
	bge	$zero, $r8, \fail
	addi.d	$r11, $r8, 1
	srli.d	$r11, $r11, 15
	bnez	$r11, \fail
	.if \prec == 53
	bstrpick.d $r10, $r4, 10, 0
	sltu	$r7, $zero, $r7
	slli.d	$r10, $r10, 53
	or	$r7, $r7, $r10
	bstrins.d $r4, $zero, 10, 0
	.endif
	beqz	$r7, 82f
	srli.d	$r10, $r7, 63
	slli.d	$r7, $r7, 1
	sltu	$r7, $zero, $r7
	.if \prec == 53
	srli.d	$r11, $r4, 11
	or	$r7, $r7, $r11
	.else
	or	$r7, $r7, $r4
	.endif
	and	$r10, $r10, $r7
	.if \prec == 53
	slli.d	$r11, $r10, 11
	add.d	$r4, $r4, $r11
	.else
	add.d	$r4, $r4, $r10
	.endif
	beqz	$r4, 83f
81:	ld.hu	$r11, $r21, CPU_X87_SW
	.if \prec == 53
	andi	$r11, $r11, PE				/* C is to see it set: X87_CTL_DOUBLES */
	beqz	$r11, \fail
	.else
	ori	$r11, $r11, PE
	st.h	$r11, $r21, CPU_X87_SW
	.endif
	bstrins.d $r5, $r8, 14, 0
	st.b	$r10, $r21, CPU_X87_C1
	done
82:	bstrins.d $r5, $r8, 14, 0
	st.b	$zero, $r21, CPU_X87_C1
	done
83:	lu52i.d	$r4, $zero, SIGN_BIT		/* all ones went up to the next power of two */
	addi.d	$r8, $r8, 1
	addi.d	$r11, $r8, 1
	srli.d	$r11, $r11, 15
	beqz	$r11, 81b
	b	\fail
	.endm

	.macro add_stub prec
	.globl	x87_sub\prec, x87_add\prec
x87_sub\prec:
	lu12i.w	$r8, -8
	xor	$r7, $r7, $r8
x87_add\prec:
	exponent $r8, $r5
	exponent $r10, $r7
	and	$r11, $r4, $r6
	bge	$r11, $zero, 60f
	sub.d	$r11, $r8, $r10
	bge	$r11, $zero, 11f
	beqz	$r8, 99f
	xor	$r4, $r4, $r6			/* a is to be the larger one */
	xor	$r6, $r4, $r6
	xor	$r4, $r4, $r6
	xor	$r5, $r5, $r7
	xor	$r7, $r5, $r7
	xor	$r5, $r5, $r7
	move	$r8, $r10
	sub.d	$r11, $zero, $r11
	b	12f
11:	beqz	$r10, 99f
12:	xor	$r10, $r5, $r7
	ori	$r7, $zero, 64
	bgeu	$r11, $r7, 50f
	sub.d	$r7, $zero, $r11
	sll.d	$r7, $r6, $r7
	maskeqz	$r7, $r7, $r11
	srl.d	$r6, $r6, $r11			/* b is r6, r7 on a's scale */
13:	blt	$r10, $zero, 20f
	add.d	$r4, $r4, $r6
	bgeu	$r4, $r6, 40f
	slli.d	$r10, $r4, 63			/* a carry */
	andi	$r11, $r7, 1
	srli.d	$r7, $r7, 1
	or	$r7, $r7, $r11
	or	$r7, $r7, $r10
	srli.d	$r4, $r4, 1
	lu52i.d	$r10, $zero, SIGN_BIT
	or	$r4, $r4, $r10
	addi.d	$r8, $r8, 1
40:	round	\prec, 99f

20:	addi.d	$r10, $r8, 1			/* the exponent may decrease: round would not see infinities and NaNs */
	srli.d	$r10, $r10, 15
	bnez	$r10, 99f
	bltu	$r4, $r6, 24f
	sltu	$r10, $zero, $r7
	sub.d	$r7, $zero, $r7
	sub.d	$r4, $r4, $r6
	sub.d	$r4, $r4, $r10
21:	blt	$r4, $zero, 40b
	beqz	$r4, 25f
22:	clz.d	$r10, $r4			/* not 0 */
	sll.d	$r4, $r4, $r10
	sub.d	$r11, $zero, $r10
	srl.d	$r11, $r7, $r11
	or	$r4, $r4, $r11
	sll.d	$r7, $r7, $r10
	sub.d	$r8, $r8, $r10
	b	40b
24:	sub.d	$r4, $r6, $r4			/* of equal exponents: b is the larger one */
	lu12i.w	$r10, -8
	xor	$r5, $r5, $r10
	b	21b
25:	beqz	$r7, 26f
	move	$r4, $r7
	move	$r7, $zero
	addi.d	$r8, $r8, -64
	blt	$r4, $zero, 40b
	b	22b
26:	move	$r5, $zero			/* a - a */
	st.b	$zero, $r21, CPU_X87_C1
	done

	/* The exponents are 64 or more apart. */
50:	sub.d	$r11, $r11, $r7
	bgeu	$r11, $r7, 51f
	sub.d	$r7, $zero, $r11
	sll.d	$r7, $r6, $r7
	maskeqz	$r7, $r7, $r11
	sltu	$r7, $zero, $r7
	srl.d	$r6, $r6, $r11
	or	$r7, $r7, $r6
	move	$r6, $zero
	b	13b
51:	ori	$r7, $zero, 1
	move	$r6, $zero
	b	13b

	/* One of them may be 0, the other one then is rounded. */
60:	or	$r11, $r6, $r10
	beqz	$r11, 61f
	or	$r11, $r4, $r8
	bnez	$r11, 99f
	move	$r4, $r6
	move	$r5, $r7
	move	$r8, $r10
61:	move	$r7, $zero
	blt	$r4, $zero, 40b
99:	jr	$ra
	.endm

	.macro mul_stub prec
	.globl	x87_mul\prec
x87_mul\prec:
	exponent $r8, $r5
	exponent $r10, $r7
	xor	$r5, $r5, $r7
	and	$r11, $r4, $r6
	bge	$r11, $zero, 60f
	need_normal $r8, $r11, 99f
	need_normal $r10, $r11, 99f
	mulh.du	$r11, $r4, $r6
	mul.d	$r7, $r4, $r6
	add.d	$r8, $r8, $r10
	lu12i.w	$r10, 4
	sub.d	$r8, $r8, $r10
	addi.d	$r8, $r8, 2
	move	$r4, $r11
	blt	$r4, $zero, 40f
	slli.d	$r4, $r4, 1
	srli.d	$r10, $r7, 63
	or	$r4, $r4, $r10
	slli.d	$r7, $r7, 1
	addi.d	$r8, $r8, -1
40:	round	\prec, 99f

60:	or	$r11, $r4, $r8			/* 0 times something finite */
	beqz	$r11, 61f
	or	$r11, $r6, $r10
	bnez	$r11, 99f
	move	$r6, $r4
	move	$r10, $r8
61:	or	$r11, $r6, $r10
	beqz	$r11, 62f
	bge	$r6, $zero, 99f
	need_normal $r10, $r11, 99f
62:	move	$r4, $zero
	bstrins.d $r5, $zero, 14, 0
	st.b	$zero, $r21, CPU_X87_C1
	done
99:	jr	$ra
	.endm

	/*
	 * One digit of a division by r6 (bit 63 set), 32 bits: of remainder \r, followed by the 32 bits \next. The digit in \q, the remainder in \r.
	 * Knuth's algorithm D. Clobbers r1, r11.
	 */
	.macro digit q, r, next
	srli.d	$r11, $r6, 32
	div.du	\q, \r, $r11
	mul.d	$r1, \q, $r11
	sub.d	\r, \r, $r1			/* of the division by the upper half of r6 */
	bstrpick.d $r1, $r6, 31, 0
	mul.d	$r1, \q, $r1
	srli.d	$r11, \q, 32
	bnez	$r11, 72f
71:	slli.d	$r11, \r, 32
	or	$r11, $r11, \next
	bgeu	$r11, $r1, 73f
72:	addi.d	\q, \q, -1
	bstrpick.d $r11, $r6, 31, 0
	sub.d	$r1, $r1, $r11
	srli.d	$r11, $r6, 32
	add.d	\r, \r, $r11
	srli.d	$r11, \r, 32
	bnez	$r11, 74f
	srli.d	$r11, \q, 32
	bnez	$r11, 72b
	b	71b
74:	slli.d	$r11, \r, 32
	or	$r11, $r11, \next
73:	sub.d	\r, $r11, $r1
	.endm

	.macro div_stub prec
	.globl	x87_div\prec, x87_div\prec\()_away, x87_div\prec\()_back	/* between which ra is in CPU_TMP: stop.c */
x87_div\prec:
	exponent $r8, $r5
	exponent $r10, $r7
	and	$r11, $r4, $r6
	bge	$r11, $zero, 60f
	need_normal $r8, $r11, 99f
	need_normal $r10, $r11, 99f
	xor	$r5, $r5, $r7
	sub.d	$r8, $r8, $r10
	lu12i.w	$r10, 4
	add.d	$r8, $r8, $r10
	addi.d	$r8, $r8, -1
	st.d	$ra, $r21, CPU_TMP
x87_div\prec\()_away:
	bltu	$r4, $r6, 11f
	slli.d	$r10, $r4, 63
	srli.d	$r10, $r10, 32			/* 0 or 2^31 */
	srli.d	$r4, $r4, 1
	b	12f
11:	addi.d	$r8, $r8, -1
	move	$r10, $zero
12:	digit	$r7, $r4, $r10
	digit	$r10, $r4, $zero
	ld.d	$ra, $r21, CPU_TMP
x87_div\prec\()_back:
	slli.d	$r7, $r7, 32
	or	$r7, $r7, $r10			/* the quotient, and r4 the remainder */
	sltu	$r10, $zero, $r4
	sub.d	$r11, $r6, $r4
	sltu	$r6, $r11, $r4			/* more than half of the divisor */
	xor	$r11, $r11, $r4
	sltui	$r11, $r11, 1			/* just half */
	or	$r6, $r6, $r11
	andn	$r10, $r10, $r11
	slli.d	$r6, $r6, 63
	move	$r4, $r7
	or	$r7, $r6, $r10
	round	\prec, 99f

60:	or	$r11, $r4, $r8			/* 0 divided by a normal number */
	bnez	$r11, 99f
	bge	$r6, $zero, 99f
	need_normal $r10, $r11, 99f
	xor	$r5, $r5, $r7
	bstrins.d $r5, $zero, 14, 0
	st.b	$zero, $r21, CPU_X87_C1
	done
99:	jr	$ra
	.endm

	/*
	 * The square root of N, 128 bits in r4, r6: r7 = the root q, r4:r6 = N - q * q, at most 2q. The host's FPU gives 52 bits, one step of Newton's
	 * all but the last. Clobbers r10, r11, vr16; FCSR, which has MXCSR's flags, is kept.
	 */
	.macro root
	movfcsr2gr $r11, $fcsr0
	movgr2fcsr $fcsr0, $zero		/* no traps: the root may round up to 2^63 */
	srli.d	$r7, $r4, 2
	movgr2fr.d $f16, $r7
	ffint.d.l $f16, $f16
	fsqrt.d	$f16, $f16
	movfr2gr.d $r7, $f16
	lu52i.d	$r10, $zero, 32			/* times 2^32 */
	add.d	$r7, $r7, $r10
	movgr2fr.d $f16, $r7
	ftintrz.l.d $f16, $f16
	movfr2gr.d $r7, $f16
	movgr2fcsr $fcsr0, $r11
	slli.d	$r7, $r7, 1
	mulh.du	$r10, $r7, $r7			/* q += (N - q * q) / 2q */
	mul.d	$r11, $r7, $r7
	sltu	$r1, $r6, $r11
	sub.d	$r11, $r6, $r11
	sub.d	$r10, $r4, $r10
	sub.d	$r10, $r10, $r1
	slli.d	$r10, $r10, 50
	srli.d	$r11, $r11, 14
	or	$r10, $r10, $r11
	srli.d	$r11, $r7, 13
	div.d	$r10, $r10, $r11
	add.d	$r7, $r7, $r10
	mulh.du	$r10, $r7, $r7
	mul.d	$r11, $r7, $r7
	sltu	$r1, $r6, $r11
	sub.d	$r6, $r6, $r11
	sub.d	$r4, $r4, $r10
	sub.d	$r4, $r4, $r1
71:	bge	$r4, $zero, 72f
	addi.d	$r7, $r7, -1			/* N - q * q grows by 2q + 1 */
	slli.d	$r10, $r7, 1
	addi.d	$r10, $r10, 1
	add.d	$r6, $r6, $r10
	sltu	$r10, $r6, $r10
	srli.d	$r11, $r7, 63
	add.d	$r4, $r4, $r10
	add.d	$r4, $r4, $r11
	b	71b
72:	beqz	$r4, 73f			/* 2q is 2^64 or more */
	slli.d	$r10, $r7, 1
	addi.d	$r11, $r4, -1
	bnez	$r11, 74f
	bgeu	$r10, $r6, 73f
74:	addi.d	$r10, $r10, 1			/* N - q * q shrinks by 2q + 1 */
	sltu	$r11, $r6, $r10
	sub.d	$r6, $r6, $r10
	sub.d	$r4, $r4, $r11
	addi.d	$r4, $r4, -1
	addi.d	$r7, $r7, 1
	b	72b
73:
	.endm

	.macro sqrt_stub prec
	.globl	x87_sqrt\prec, x87_sqrt\prec\()_away, x87_sqrt\prec\()_back
x87_sqrt\prec:
	exponent $r8, $r5
	blt	$r5, $zero, 99f
	bge	$r4, $zero, 60f
	need_normal $r8, $r11, 99f
	st.d	$ra, $r21, CPU_TMP
x87_sqrt\prec\()_away:
	move	$r6, $zero
	andi	$r10, $r8, 1
	beqz	$r10, 11f
	slli.d	$r6, $r4, 63
	srli.d	$r4, $r4, 1
11:	root
	ld.d	$ra, $r21, CPU_TMP
x87_sqrt\prec\()_back:
	or	$r10, $r4, $r6
	sltu	$r10, $zero, $r10		/* inexact */
	sltu	$r11, $r7, $r6
	or	$r11, $r11, $r4			/* more than half a unit */
	slli.d	$r11, $r11, 63
	move	$r4, $r7
	or	$r7, $r10, $r11
	lu12i.w	$r10, 4
	add.d	$r8, $r8, $r10
	addi.d	$r8, $r8, -1
	srli.d	$r8, $r8, 1
	round	\prec, 99f
60:	or	$r11, $r4, $r8
	bnez	$r11, 99f
	st.b	$zero, $r21, CPU_X87_C1
	done
99:	jr	$ra
	.endm

	.irp	prec, 64, 53
	sqrt_stub \prec
	add_stub \prec
	mul_stub \prec
	div_stub \prec
	.endr

/* b = the single or double precision number whose bits are in r6 (a single sign-extended). */
	.macro load_stub name, frac, bits, emask, bias, shift
	.globl	\name
\name:
	bstrpick.d $r10, $r6, \bits - 2, \frac
	addi.d	$r11, $r10, 1
	andi	$r11, $r11, \emask
	srai.d	$r7, $r6, 63
	beqz	$r11, 1f
	slli.d	$r6, $r6, \shift
	lu52i.d	$r11, $zero, SIGN_BIT
	or	$r6, $r6, $r11
	lu12i.w	$r11, 4
	add.d	$r10, $r10, $r11
	addi.d	$r10, $r10, -(\bias)
	bstrins.d $r7, $r10, 14, 0
	done
1:	slli.d	$r11, $r6, 65 - \bits
	bnez	$r11, 9f
	bstrins.d $r7, $zero, 14, 0
	move	$r6, $zero
	done
9:	jr	$ra
	.endm
	load_stub x87_load64, 52, 64, 0x7fe, 1024, 11
	load_stub x87_load32, 23, 32, 0xfe, 128, 40

/* r4 = a in double or single precision; r5 = bit 0: inexact, bit 1: rounded up. */
	.macro store_stub name, rest, bits, emax, bias, frac
	.globl	\name
\name:
	exponent $r8, $r5
	bge	$r4, $zero, 1f
	lu12i.w	$r10, 4
	sub.d	$r8, $r8, $r10
	addi.d	$r8, $r8, \bias - 1		/* exponent - 1 */
	ori	$r11, $zero, \emax - 2
	bgeu	$r8, $r11, 9f
	bstrpick.d $r10, $r4, \rest - 1, 0
	srli.d	$r4, $r4, \rest
	andi	$r11, $r4, 1
	slli.d	$r8, $r8, \frac
	add.d	$r8, $r8, $r4
	add.d	$r11, $r11, $r10
	addi.d	$r7, $zero, -1
	srli.d	$r7, $r7, 65 - \rest		/* half a unit less the smallest part */
	add.d	$r11, $r11, $r7
	srli.d	$r11, $r11, \rest
	add.d	$r4, $r8, $r11
	srli.d	$r5, $r5, 63
	bstrins.d $r4, $r5, \bits - 1, \bits - 1
	sltu	$r10, $zero, $r10
	alsl.d	$r5, $r11, $r10, 1
	done
1:	or	$r8, $r8, $r4
	bnez	$r8, 9f
	srli.d	$r4, $r5, 63
	slli.d	$r4, $r4, \bits - 1
	move	$r5, $zero
	done
9:	jr	$ra
	.endm
	store_stub x87_store64, 11, 64, 2047, 1024, 52
	store_stub x87_store32, 40, 32, 255, 128, 23

/* b = the integer in r6; comes back to ra. */
	.globl	x87_load_int
x87_load_int:
	srai.d	$r7, $r6, 63
	xor	$r6, $r6, $r7
	sub.d	$r6, $r6, $r7			/* magnitude */
	beqz	$r6, 1f
	clz.d	$r10, $r6
	sll.d	$r6, $r6, $r10
	lu12i.w	$r11, 4
	addi.d	$r11, $r11, 62
	sub.d	$r11, $r11, $r10
	bstrins.d $r7, $r11, 14, 0
	jr	$ra
1:	move	$r7, $zero
	jr	$ra

/* r4 = a as an integer, r5 as in x87_store64, rounded to nearest or (x87_chop_int) towards 0. Magnitudes from 2^63 on are not done. */
	.macro int_stub name, nearest
	.globl	\name
\name:
	exponent $r8, $r5
	bge	$r4, $zero, 1f
	beqz	$r8, 9f
	lu12i.w	$r10, 4
	sub.d	$r8, $r8, $r10
	addi.d	$r8, $r8, 1			/* exponent without bias */
	ori	$r11, $zero, 63
	blt	$r8, $zero, 2f
	bgeu	$r8, $r11, 9f
	addi.d	$r10, $r8, 1
	sll.d	$r10, $r4, $r10			/* fraction */
	sub.d	$r11, $r11, $r8
	srl.d	$r4, $r4, $r11
3:	sltu	$r6, $zero, $r10
	.if \nearest
	srli.d	$r11, $r10, 63
	slli.d	$r10, $r10, 1
	sltu	$r10, $zero, $r10
	or	$r10, $r10, $r4
	and	$r11, $r11, $r10
	add.d	$r4, $r4, $r11
	alsl.d	$r6, $r11, $r6, 1
	blt	$r4, $zero, 9f
	.endif
	srai.d	$r5, $r5, 63
	xor	$r4, $r4, $r5
	sub.d	$r4, $r4, $r5
	move	$r5, $r6
	done
2:	addi.d	$r10, $r8, 1			/* less than 1 */
	sltui	$r10, $r10, 1
	ori	$r8, $zero, 1
	maskeqz	$r4, $r4, $r10			/* from 1/2 on the fraction is the significand, */
	masknez	$r8, $r8, $r10			/* else something small */
	or	$r10, $r4, $r8
	move	$r4, $zero
	b	3b
1:	or	$r8, $r8, $r4
	bnez	$r8, 9f
	move	$r5, $zero
	done
9:	jr	$ra
	.endm
	int_stub x87_round_int, 1
	int_stub x87_chop_int, 0

/* r4 = C3 and C0 of comparing a with b, as in the status word; 0 when a is greater. */
	.globl	x87_compare
x87_compare:
	exponent $r8, $r5
	exponent $r10, $r7
	bge	$r4, $zero, 1f
	need_normal $r8, $r11, 9f
2:	bge	$r6, $zero, 3f
	need_normal $r10, $r11, 9f
4:	xor	$r11, $r5, $r7
	blt	$r11, $zero, 6f
	srai.d	$r5, $r5, 63
	bne	$r8, $r10, 5f
	sltu	$r10, $r4, $r6
	beq	$r4, $r6, 7f
	b	8f
5:	sltu	$r10, $r8, $r10
8:	xor	$r4, $r10, $r5
	andi	$r4, $r4, 1
	slli.d	$r4, $r4, 8
	done
6:	or	$r11, $r4, $r6			/* signs differ: equal when both are 0 */
	beqz	$r11, 7f
	srli.d	$r4, $r5, 63
	slli.d	$r4, $r4, 8
	done
7:	lu12i.w	$r4, C3 >> 12
	done
1:	or	$r11, $r4, $r8
	beqz	$r11, 2b
9:	jr	$ra
3:	or	$r11, $r6, $r10
	beqz	$r11, 4b
	jr	$ra

	.globl	x87_stubs_end
x87_stubs_end:
