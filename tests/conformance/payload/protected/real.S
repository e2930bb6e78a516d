/* Real mode: linked and run at LOW, where main.c copies it; paging and protection go off and come on again around a case. */
#include "tests/conformance/vector.h"
#include "tests/conformance/payload/layout.h"
#include "tests/lib/guest/asm.h"

#define CR0_REAL 0x00000022 /* NE MP */

	.text
	.code32
/* void enter_real(void): runs the case that low_regs describes; comes back with low_regs and low_vector as it left them. */
	.globl	enter_real
enter_real:
	pushal
	movl	%esp, low_esp
	sgdtl	low_gdtr
	movl	%cr0, %eax
	movl	%eax, low_cr0
	ljmpl	$SEL_REAL_CODE, $leave_protected

	.section .low, "awx"
	.code16
leave_protected:
	data_segments SEL_REAL_DATA
	movl	$CR0_REAL, %eax
	movl	%eax, %cr0
	ljmpw	$0, $1f
1:	xorw	%ax, %ax
	movw	%ax, %ds
	lidtl	low_idtr
	movw	%ax, %ss
	movl	$LOW_STACK, %esp
	pushl	low_regs + REG_EFLAGS
	popfl
	movw	low_regs + REG_DS, %ax
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movl	low_regs + REG_EAX, %eax
	movl	low_regs + REG_ECX, %ecx
	movl	low_regs + REG_EDX, %edx
	movl	low_regs + REG_EBX, %ebx
	movl	low_regs + REG_EBP, %ebp
	movl	low_regs + REG_ESI, %esi
	movl	low_regs + REG_EDI, %edi
	movw	low_regs + REG_SS, %ss
	movl	low_regs + REG_ESP, %esp
	movw	low_regs + REG_DS, %ds
	ljmpw	*%cs:low_regs + REG_EIP	/* IP, and CS behind it */

low_common:
	popw	%cs:low_vector
	movl	%eax, %cs:low_regs + REG_EAX
	movl	%ecx, %cs:low_regs + REG_ECX
	movl	%edx, %cs:low_regs + REG_EDX
	movl	%ebx, %cs:low_regs + REG_EBX
	movl	%ebp, %cs:low_regs + REG_EBP
	movl	%esi, %cs:low_regs + REG_ESI
	movl	%edi, %cs:low_regs + REG_EDI
	popw	%cs:low_regs + REG_EIP
	popw	%cs:low_regs + REG_CS
	popw	%cs:low_regs + REG_EFLAGS
	movl	%esp, %cs:low_regs + REG_ESP
	cld
	lgdtl	%cs:low_boot_gdtr
	movl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$SEL_CODE0, $2f
	.code32
2:	data_segments SEL_DATA0
	movl	low_cr0, %eax
	movl	%eax, %cr0
	lgdtl	low_gdtr
	lidtl	low_protected_idtr
	movl	low_esp, %esp
	popal
	movl	$enter_real_end, %edx
	jmp	*%edx

	.code16
	.balign	8
	.globl	low_entries
low_entries:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	.balign	8
	pushw	$\n
	jmp	low_common
	.endr

	.balign	8
	.globl	low_regs, low_vector, low_boot_gdtr, low_protected_idtr
low_regs:
	.skip	64
low_vector:
	.long	0
low_esp:
	.long	0
low_cr0:
	.long	0
low_gdtr:
	.skip	8
low_boot_gdtr:
	.skip	8
low_protected_idtr:
	.skip	8
low_idtr:
	.word	0x3ff
	.long	0

	.text
	.code32
enter_real_end:
	ret
