/* Handlers of single steps and of the interrupt. Both keep all registers. */
#include "bench/x86/layout.h"
#include "tests/boundary/boundary.h"

#ifdef LONG
#define R(x) %r##x
#define WORD 8
#define IRET iretq
	.code64
#else
#define R(x) %e##x
#define WORD 4
#define IRET iretl
#endif

	.text
	.globl	entry_step
entry_step:
	push	R(ax)
	push	R(cx)
	mov	2*WORD(R(sp)), R(ax)
	movl	steps, %ecx
	cmpl	$STEPS_MAX, %ecx
	jae	1f
	movl	%eax, trace(,R(cx),4)
1:	incl	%ecx
	movl	%ecx, steps
	cmpl	stop_at, %ecx
	jb	2f
	andl	$~FLAG_TF, 4*WORD(R(sp))
	cmpl	stop_at, %ecx
	jne	2f
	movl	stop_command, %eax
	testl	%eax, %eax
	jz	2f
	movl	$APIC_ICR, %ecx
	movl	%eax, (R(cx))
2:	pop	R(cx)
	pop	R(ax)
	IRET

	.globl	entry_interrupt
entry_interrupt:
	push	R(ax)
	mov	WORD(R(sp)), R(ax)
	cmp	$sample_start, R(ax)
	jb	1f
	cmp	$sample_end, R(ax)
	ja	1f
	incl	hits
	movl	%eax, hit_at
	jmp	2f
1:	incl	misses
2:	movl	$APIC_EOI, %eax
	movl	$0, (R(ax))
	pop	R(ax)
	IRET
