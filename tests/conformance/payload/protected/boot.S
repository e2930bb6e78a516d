/* From reset to C: protected mode, a copy of the ROM in RAM, paging. */
#include "tests/conformance/vector.h"
#include "tests/conformance/payload/layout.h"
#include "tests/lib/guest/asm.h"

#define BOOT_CODE 0x08
#define BOOT_DATA 0x10
#define CR0_PE 0x00000001
#define CR0_ON 0x80050023 /* PG AM WP NE MP PE */
#define CR4_ON 0x00000610 /* OSXMMEXCPT OSFXSR PSE */

	.section .start, "ax"
	.code16
	.globl	reset16
reset16:
	machine_ready
	lgdtl	%cs:boot_gdtr - reset16
	movl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	$BOOT_CODE, $(ROM + (start32 - reset16))
	.balign	8
boot_gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
boot_gdtr:
	.word	0x17
	.long	ROM + (boot_gdt - reset16)

	.code32
start32:
	movw	$BOOT_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$ROM, %esi
	movl	$IMAGE, %edi
	movl	$ROM_SIZE / 4, %ecx
	rep movsl
	movl	$(IMAGE_END - IMAGE - ROM_SIZE) / 4, %ecx
	xorl	%eax, %eax
	rep stosl
	movl	$PAGE_DIRECTORY, %edi
	movl	$1024, %ecx
	rep stosl
	movl	$PAGE_DIRECTORY + (VECTOR_KERNEL >> 20), %edi
	movl	$0x83, %eax		/* 4 MiB, supervisor */
	movl	%eax, PAGE_DIRECTORY	/* identity until the jump; C removes it */
	movl	$VECTOR_KERNEL_SIZE >> 22, %ecx
1:	stosl
	addl	$0x400000, %eax
	loop	1b
	movl	$CR4_ON, %eax
	movl	%eax, %cr4
	movl	$PAGE_DIRECTORY, %eax
	movl	%eax, %cr3
	movl	$CR0_ON, %eax
	movl	%eax, %cr0
	movl	$VECTOR_KERNEL + STACK_TOP, %esp
	movl	$main, %eax
	call	*%eax
	hlt
	jmp	. - 1

	.section .reset, "ax"
	.code16
	ljmpw	$ROM >> 4, $0		/* reset16 */
	.balign	8, 0
	.byte	0xc3			/* AT_END: RET, where a debugger may wait for the end */
	.balign	16, 0
