/*
 * run_on_stack(): pushes, pops, and moves beside the stack pointer, as compilers have them in prologues, calls and epilogues, on the stack at run_stack.
 * What is left in AX, BX, CX, DX, SI, DI, SP and flags goes to run_results.
 * entry_fault_flags: page faults; the flags that the CPU has pushed go to fault_flags.
 */
#ifdef LONG
#define W 8
#define AX %rax
#define BX %rbx
#define CX %rcx
#define DX %rdx
#define SI %rsi
#define DI %rdi
#define BP %rbp
#define SP %rsp
#define AT(symbol) symbol(%rip)
#else
#define W 4
#define AX %eax
#define BX %ebx
#define CX %ecx
#define DX %edx
#define SI %esi
#define DI %edi
#define BP %ebp
#define SP %esp
#define AT(symbol) symbol
#endif

	.text
	.globl run_on_stack
run_on_stack:
	push	BX
	push	BP
	push	SI
	push	DI
#ifdef LONG
	push	%r12
	push	%r13
#endif
	mov	SP, AT(run_saved)
	mov	$0x11223344, %eax
	mov	$0x55667788, %ebx
	mov	$0x0badf00d, %ecx
	mov	$0x600df00d, %edx
	mov	$0x31415926, %esi
	mov	$0x27182818, %edi
	mov	AT(run_stack), SP

	/* a prologue, and what follows one */
	push	AX
	push	BX
	push	$0x1234
	mov	2*W(SP), DI
	sub	$6*W, SP
	mov	CX, W(SP)
	mov	DX, (SP)
	lea	3*W(SP), AX
	add	SI, CX
	push	W(SP)
	pop	SI
	push	CX
	add	CX, 2*W(SP)
	pop	BX
	/* a call */
	push	DI
	push	$-5
	call	1f
	add	$2*W, SP
	push	SP
	pop	BP
	xor	BP, BP
#ifdef LONG
	push	%r12
	pop	%r13
#else
	pushw	%bx
	pushw	%cx
	pop	DX
#endif
	/* an epilogue, whose flags are read behind it */
	add	$6*W, SP
	pop	DX
	pop	DI
	pop	AX
	mov	SP, AT(run_results + 6 * W)
	mov	AT(run_saved), SP
	pushf
	pop	AT(run_results + 7 * W)
	mov	AX, AT(run_results)
	mov	BX, AT(run_results + W)
	mov	CX, AT(run_results + 2 * W)
	mov	DX, AT(run_results + 3 * W)
	mov	SI, AT(run_results + 4 * W)
	mov	DI, AT(run_results + 5 * W)
#ifdef LONG
	pop	%r13
	pop	%r12
#endif
	pop	DI
	pop	SI
	pop	BP
	pop	BX
	ret

1:	push	BX
	push	SI
	movzwl	3*W(SP), %esi
	mov	4*W(SP), CX
	pop	DX
	pop	BX
	ret

	.globl	entry_fault_flags
entry_fault_flags:
	push	AX
	mov	4*W(SP), AX
	mov	AX, AT(fault_flags)
	pop	AX
	jmp	entry_page_fault
