/* See code.h. The same bytes do the same in 32-bit and 64-bit code. */
	.section .rodata
	.globl	fresh_code, fresh_end
	.code32
fresh_code:
	movl	$0, %eax
	movl	%eax, %ecx
	xorl	%edx, %edx
	addl	$0x1234, %ecx
	testl	%ecx, %ecx
	je	1f
	shrl	$3, %ecx
	leal	8(%ecx,%eax,4), %edx
	cmpl	$7, %edx
	je	1f
	andl	$0xffff, %edx
	addl	%edx, %eax
	movzbl	%al, %ecx
	subl	%ecx, %edx
	movl	%edx, %ecx
	orl	$1, %ecx
	imull	%ecx, %eax
	testb	$1, %cl
	je	1f
	negl	%edx
	sarl	$2, %edx
	cmpl	%eax, %edx
	movl	$5, %ecx
	leal	1(%eax), %eax
	xorl	%edx, %eax
	addl	%ecx, %eax
	cmpl	%eax, %eax
	jne	1f
	roll	$5, %eax
	movsbl	%al, %edx
	subl	%edx, %eax
1:	ret
fresh_end:
