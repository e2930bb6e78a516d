/*
 * void native_enter(struct native_context *c, const void *code, void *memory): code ends by a jump to native_leave, and changes nothing but RAX, RCX, EBX,
 * flags and the FPU. FNINIT clears the x87's pointers, which FXRSTOR leaves alone on AMD's CPUs.
 */
	.intel_syntax noprefix
	.set	AT_RAX, 512
	.set	AT_RCX, 520
	.set	AT_FLAGS, 528

	.text
	.globl	native_enter
native_enter:
	mov	r11, rbx
	fninit
	fxrstor64 [rdi]
	push	[rdi+AT_FLAGS]
	popfq
	mov	rax, [rdi+AT_RAX]
	mov	rcx, [rdi+AT_RCX]
	jmp	rsi
	.globl	native_leave
native_leave:
	mov	[rdi+AT_RAX], rax
	mov	[rdi+AT_RCX], rcx
	pushfq
	pop	[rdi+AT_FLAGS]
	mov	rbx, r11
	fxsave64 [rdi]
	fninit
	push	0x1f80
	ldmxcsr	[rsp]
	add	rsp, 8
	ret
	.section .note.GNU-stack,"",@progbits
