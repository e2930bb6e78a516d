/* void oracle_run(uint64_t *gpr, const void *fxrstor, void *fxsave, const void *code): one instruction on this CPU. gpr: sixteen registers
 * in x86's order (RSP is not loaded), then EFLAGS. */
	.intel_syntax noprefix

	.macro	each_register move
	\move	rax, 0
	\move	rcx, 8
	\move	rdx, 16
	\move	rbx, 24
	\move	rbp, 40
	\move	rsi, 48
	\move	r8, 64
	\move	r9, 72
	\move	r10, 80
	\move	r11, 88
	\move	r12, 96
	\move	r13, 104
	\move	r14, 112
	\move	r15, 120
	.endm
	.macro	load reg, at
	mov	\reg, [rdi+\at]
	.endm
	.macro	store reg, at
	mov	[rdi+\at], \reg
	.endm

	.bss
	.balign	8
gpr:	.quad	0
after:	.quad	0
target:	.quad	0
last:	.quad	0

	.text
	.globl	oracle_run
oracle_run:
	push	rbx
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	mov	[rip+gpr], rdi
	mov	[rip+after], rdx
	mov	[rip+target], rcx
	fxrstor64 [rsi]
	push	2
	popfq
	each_register load
	mov	rdi, [rdi+56]
	call	[rip+target]
	mov	[rip+last], rdi
	mov	rdi, [rip+gpr]
	each_register store
	pushfq
	pop	[rdi+128]
	mov	rax, [rip+last]
	mov	[rdi+56], rax
	mov	rax, [rip+after]
	fxsave64 [rax]
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
