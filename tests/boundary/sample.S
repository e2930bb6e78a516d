/*
 * The program that is interrupted everywhere: live flags, fused comparisons, loops, calls, string instructions in both directions, x87, MMX and SSE,
 * LOCK, code that changes itself, interrupt shadows, and a page that is mapped when it is first touched. Its result depends on nothing but
 * the contents of WORK.
 */
#include "bench/x86/layout.h"
#include "tests/boundary/boundary.h"

#ifdef LONG
#define R(x) %r##x
#define WORD 8
	.code64
#else
#define R(x) %e##x
#define WORD 4
#endif

	.macro save_word reg, n
	mov	\reg, sample_gpr + WORD * \n
	.endm

	.text
	.globl	sample, sample_start, sample_end
sample_start:
twist:	roll	$7, %eax
	subl	%ecx, %eax
	ret

sample:
	push	R(bx)
	push	R(bp)
	push	R(si)
	push	R(di)
#ifdef LONG
	push	%r12
	push	%r13
	push	%r14
	push	%r15
#endif
	fninit
	pxor	%xmm0, %xmm0
	movdqa	%xmm0, %xmm1
	movdqa	%xmm0, %xmm2
	movl	$0x12345678, %eax
	movl	$7, %ecx
	movl	$0x89abcdef, %edx
	movl	$3, %ebx
	movl	$WORK, %esi
	movl	$WORK + 0x200, %edi
	movl	$0x00ff00ff, %ebp
#ifdef LONG
	movl	$8, %r8d
	movabsq	$0x9999aaaabbbbcccc, %r9
	movq	$-10, %r10
	movl	$11, %r11d
	movl	$12, %r12d
	movl	$13, %r13d
	movl	$14, %r14d
	movl	$15, %r15d
#endif
	movl	$0, m1 + 1
	movb	$0, m2 + 2
	movl	$0x01010101, m3 + 2
	movl	$0, m4 + 1
	movb	$1, m5 + 2
	movl	$0, m6 + 1
	movl	$0, m7 + 1
	movl	$0, m8 + 1
	push	sample_flags
	popf

	/* flags that live across other instructions */
	addl	%edx, %eax
	movl	(R(si)), %edx
	lea	4(R(si)), R(si)
	adcl	%ebp, %edx
	movl	%edx, 0x100(R(si))
	sbbl	$5, 0x100(R(si))
	rcll	$3, %eax
	setc	%bl
	incl	%ebx
	adcl	$0, %ebx
	cmpl	%edx, %eax
	movl	$0, %ebp
	cmovbl	%edx, %ebp
	seto	%cl
	mull	%edx
	jo	1f
	notl	%eax
1:	shrdl	$5, %edx, %eax
	pushf
	andl	$0x8d5, (R(sp))
	pop	R(bp)
	movb	$0x85, %ah
	sahf
	lahf
	xaddl	%eax, %ebx

	/* loops and calls */
	movl	$4, %ecx
2:	addl	(R(si),R(cx),4), %eax
	call	twist
	cmpl	$0x40000000, %eax
	ja	3f
	xorl	$0x5a5a5a5a, %eax
3:	decl	%ecx
	jnz	2b
	movl	$3, %ecx
4:	rorl	$7, %eax
	testb	$1, %al
	loopnz	4b
	call	*to_twist
	jmp	*to_next
	ud2
next:

	/* strings */
	movl	$WORK + 16, %esi
	movl	$WORK + 0x203, %edi
	movl	$9, %ecx
	rep movsb
	movl	$3, %ecx
	rep stosl
	std
	movl	$WORK + 0x40, %esi
	movl	$WORK + 0x48, %edi
	movl	$5, %ecx
	rep movsw
	lodsl
	stosb
	cld
	movl	$WORK + 0x80, %edi
	movl	$12, %ecx
	movb	$0x77, %al
	repne scasb
	setz	%dl
	movl	$WORK, %esi
	movl	$WORK + 0x300, %edi
	movl	$6, %ecx
	repe cmpsb
	pushf
	andl	$0x8d5, (R(sp))
	pop	R(dx)

	/* a page that is not there yet: read, changed, and crossed into */
	movl	$DEMAND, %edi
	addl	%edx, (R(di))
	movl	$WORK, %esi
	lea	-6(R(di)), R(di)
	movl	$3, %ecx
	rep movsl
	incl	DEMAND - 2

	/* x87 and MMX */
	movl	$WORK, %esi
	fildl	(R(si))
	fildl	4(R(si))
	fdivrp	%st, %st(1)
	fld1
	fadd	%st(1), %st
	fsqrt
	fstl	0x120(R(si))
	fistpl	0x128(R(si))
	fxch	%st(1)
	fcomi	%st(1), %st
	setb	0x12c(R(si))
	fstpt	0x130(R(si))
	fldl	0x120(R(si))
	fscale
	fnstsw	%ax
	fninit
	movq	8(R(si)), %mm0
	movq	16(R(si)), %mm1
	paddsw	%mm1, %mm0
	punpcklbw %mm0, %mm1
	movq	%mm1, 0x140(R(si))
	emms

	/* x87 with 53 bits of precision: a loop, a page that is not there yet, a branch, numbers beyond single precision, the status word */
	movw	$0x27f, 0x300(R(si))
	fldcw	0x300(R(si))
	fildl	(R(si))
	fildl	4(R(si))
	fdivr	%st(1), %st
	movl	$DEMAND_X87 - 16, %edi
	movl	$4, %ecx
1:	fildl	8(R(si),R(cx),4)
	fmul	%st(1), %st
	faddp	%st, %st(2)
	fxch	%st(1)
	fstl	(R(di))
	testl	$1, %ecx
	jz	2f
	fmull	(R(di))
	fnstsw	%ax
	addl	%eax, 0x304(R(si))
2:	fsts	0x308(R(si),R(cx),4)
	fcomi	%st(1), %st
	adcl	$0, 0x31c(R(si))
	lea	8(R(di)), R(di)
	decl	%ecx
	jnz	1b
	fistpl	0x320(R(si))
	fstpl	0x328(R(si))
	fnstenv	0x330(R(si))
	fninit

	/* SSE */
	movdqu	3(R(si)), %xmm1
	movdqa	16(R(si)), %xmm2
	paddd	%xmm1, %xmm2
	cvtdq2ps %xmm2, %xmm3
	mulps	%xmm3, %xmm3
	cvtps2pd %xmm3, %xmm4
	divpd	sample_double, %xmm4
	ucomisd	%xmm3, %xmm4
	setp	%ch
	cvttsd2si %xmm4, %edx
	pshufd	$0x1b, %xmm2, %xmm5
	movups	%xmm5, 0x151(R(si))
	stmxcsr	0x164(R(si))

	/* LOCK, whole and across words and lines */
	lock addl $5, 0x170(R(si))
	lock xaddl %edx, 0x17d(R(si))
	lock btsl $13, 0x1be(R(si))
	movl	0x170(R(si)), %eax
	lock cmpxchgl %edx, 0x170(R(si))
	setz	%bl
	xchgl	%ebx, 0x1bd(R(si))
	movl	0x180(R(si)), %eax
	movl	0x184(R(si)), %edx
	movl	$0x1111, %ebx
	movl	$0x2222, %ecx
	lock cmpxchg8b 0x180(R(si))
	lock decw 0x1ff(R(si))

	/* shadows, and interrupts turned off */
	mov	%ss, %eax
	mov	%eax, %ss
	incl	%ebp
	pushf
	cli
	addl	$3, %ebp
	sti
	incl	%ebp
	sti
	nop
	popf
	call	modified

#ifdef LONG
	/* what only 64-bit code has */
	addq	%r9, %r8
	adcq	%r10, %r11
	movq	%r11, 0x1c8(%rsi)
	movl	%r9d, %r9d
	lea	(%r9,%r10,2), %r12
	cqto
	shldq	$9, %r12, %r13
	bswapq	%r13
	movq	0x180(%rsi), %rax
	movq	0x188(%rsi), %rdx
	movl	$0x3333, %ebx
	lock cmpxchg16b 0x180(%rsi)
	setz	%r14b
	lock xaddq %r15, 0x1bc(%rsi)
	movslq	%r9d, %rdi
	movq	sample_double(%rip), %xmm9
	addsd	%xmm9, %xmm9
	movq	%xmm9, %r10
	xorl	%edi, %edi
#endif

	save_word R(ax), 0
	save_word R(cx), 1
	save_word R(dx), 2
	save_word R(bx), 3
	save_word R(bp), 5
	save_word R(si), 6
	save_word R(di), 7
#ifdef LONG
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	save_word %r\n, \n
	.endr
#endif
	fxsave	sample_fx
	pushf
	pop	sample_eflags
	pushf
	andl	$~FLAG_TF, (R(sp))
	popf
	nop
#ifdef LONG
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
#endif
	pop	R(di)
	pop	R(si)
	pop	R(bp)
	pop	R(bx)
	ret

	/*
	 * Code that changes itself, in a page of its own: the next instruction, one ahead, a loop's head; by all kinds of stores. Each
	 * is put back when the program begins.
	 */
	.balign	4096
modified:
	movl	8(R(si)), %edx
	movl	%edx, m1 + 1
m1:	movl	$0, %eax
	addb	$3, m2 + 2
	nop
	imull	$3, %eax, %eax
m2:	addl	$0, %ebp
	movl	$3, %ecx
m3:	xorl	$0x01010101, %edx
	movl	%ecx, m3 + 2
	addl	%edx, %ebp
	decl	%ecx
	jnz	m3
	push	R(si)
	movl	$m4 + 1, %edi
	movl	$4, %ecx
	rep movsb
m4:	movl	$0, %ebx
	addl	%ebx, %ebp
	movl	$m5 + 2, %edi
	movb	$0x83, %al
	movl	$1, %ecx
	std
	rep stosb
	cld
m5:	addl	$1, %ebp
	fildl	(R(si))
	fistpl	m6 + 1
m6:	movl	$0, %ebx
	addl	%ebx, %ebp
	movd	%xmm2, m7 + 1
m7:	movl	$0, %ebx
	addl	%ebx, %ebp
	xorl	%eax, %eax
	lock cmpxchgl %ebp, m8 + 1
m8:	movl	$0, %ebx
	addl	%ebx, %ebp
	pop	R(si)
	movl	$0x55, %ecx
	ret
	.balign	4096
sample_end:

	.data
	.balign	16
sample_double:
	.double	3.0, -7.5
to_twist:
	.long	twist, 0
to_next:
	.long	next, 0
	.bss
	.balign	16
	.globl	sample_flags, sample_gpr, sample_eflags, sample_fx, trace, steps, stop_at, stop_command, hits, hit_at, misses
sample_fx:
	.skip	512
sample_gpr:
	.skip	16 * WORD
sample_flags:
	.skip	WORD
sample_eflags:
	.skip	WORD
trace:	.skip	4 * STEPS_MAX
steps:	.skip	4
stop_at:
	.skip	4
stop_command:
	.skip	4
hits:	.skip	4
hit_at:	.skip	4
misses:	.skip	4
