# A 32-bit program's ways into a 64-bit kernel: the parts of compat32.c that C cannot say. All functions follow the i386 ABI.

	.text
	.globl _start, call_int80, call_vdso, call_64bit, read_or_fault, read_fault, read_faulted

_start:
	movl %esp, %eax
	andl $-16, %esp
	subl $12, %esp
	pushl %eax
	call run

# long call_NAME(long number, long a, long b, long c, long d, long e, long f): a system call; a negative error number when it fails.
	.macro system_call name, enter:vararg
\name:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl 20(%esp), %eax
	movl 24(%esp), %ebx
	movl 28(%esp), %ecx
	movl 32(%esp), %edx
	movl 36(%esp), %esi
	movl 40(%esp), %edi
	movl 44(%esp), %ebp
	\enter
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret
	.endm

	system_call call_int80, int $0x80
	system_call call_vdso, call *vdso_entry

# unsigned long long call_64bit(unsigned a, unsigned b): in the kernel's 64-bit user code segment: a * (b + 2^32), shifted right by 8. The process number,
# as the 64-bit system call has it, is left in pid_64bit.
call_64bit:
	pushl %ebx
	pushl %esi
	pushl %edi
	movl 16(%esp), %edi
	movl 20(%esp), %esi
	lcall $0x33, $1f
	popl %edi
	popl %esi
	popl %ebx
	ret
	.code64
1:	movl %edi, %r8d
	movl %esi, %r9d
	movabsq $0x100000000, %r10
	addq %r10, %r9
	imulq %r8, %r9
	movl $39, %eax
	syscall
	movq %rax, pid_64bit(%rip)
	shrq $8, %r9
	movq %r9, %rdx
	movl %r9d, %eax
	shrq $32, %rdx
	lretl
	.code32

# int read_or_fault(const int *address): the value there; -1 when a signal handler sends the program on to read_faulted. Meanwhile the address is in an
# x87 and an XMM register, from where it comes into kept_x87 and kept_xmm.
read_or_fault:
	fildl 4(%esp)
	movd 4(%esp), %xmm5
	movl 4(%esp), %ecx
read_fault:
	movl (%ecx), %eax
	jmp 1f
read_faulted:
	movl $-1, %eax
1:	fistpl kept_x87
	movd %xmm5, kept_xmm
	ret

	.section .note.GNU-stack, "", @progbits
