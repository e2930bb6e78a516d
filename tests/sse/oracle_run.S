/* void oracle_run(uint32_t *gpr, const void *fxrstor, void *fxsave, const void *code): one instruction on this CPU. gpr: eight registers
 * in x86's order (ESP is not loaded), then EFLAGS. */
	.intel_syntax noprefix
	.text
	.globl	oracle_run
oracle_run:
	push	rbx
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	mov	r12, rdi
	mov	r13, rsi
	mov	r14, rdx
	mov	r15, rcx
	fxrstor64 [r13]
	mov	eax, [r12]
	mov	ecx, [r12+4]
	mov	edx, [r12+8]
	mov	ebx, [r12+12]
	mov	ebp, [r12+20]
	mov	esi, [r12+24]
	mov	edi, [r12+28]
	push	2
	popfq
	call	r15
	fxsave64 [r14]
	mov	[r12], eax
	mov	[r12+4], ecx
	mov	[r12+8], edx
	mov	[r12+12], ebx
	mov	[r12+20], ebp
	mov	[r12+24], esi
	mov	[r12+28], edi
	pushfq
	pop	rax
	mov	[r12+32], eax
	fninit
	push	0x1f80
	ldmxcsr	[rsp]
	add	rsp, 8
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbp
	pop	rbx
	ret
	.section .note.GNU-stack,"",@progbits
