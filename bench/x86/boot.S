/*
 * A ROM of 256 KiB: from reset to protected mode or, with LONG defined, to long mode, with the image copied to RAM and memory mapped where it
 * is, open to all rings: the first pages by 4 KiB, the rest by 4 MiB or 2 MiB. Then bench_main().
 */
#include "bench/x86/layout.h"
#include "tests/lib/guest/asm.h"

#define CR0_PE 0x00000001
#define CR0_ON 0x80050023 /* PG AM WP NE MP PE */
#define CR4_ON 0x00000610 /* OSXMMEXCPT OSFXSR PSE */
#define CR4_LONG 0x00000620 /* OSXMMEXCPT OSFXSR PAE */
#define EFER 0xc0000080
#define EFER_ON 0x00000101 /* LME SCE */
#define PTE_ON 0x67 /* P W U A D */
#define PTE_LARGE 0xe7

	/* ring 3 keeps what the kernel has in these. Clobbers AX. */
	.macro data_segments_user
	movw	$SEL_USER_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	.endm

	.section .start, "ax"
	.code16
start16:
	machine_ready
	lgdtl	%cs:boot_gdtr - start16
	movl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	$SEL_CODE32, $start32
	.balign	8
boot_gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
boot_gdtr:
	.word	0x17
	.long	boot_gdt

	.code32
start32:
	data_segments SEL_DATA
	movl	$ROM_TOP, %esi
	movl	$IMAGE, %edi
	movl	$IMAGE_SIZE / 4, %ecx
	rep movsl
	movl	$BSS, %edi
	movl	$(BSS_END - BSS) / 4, %ecx
	xorl	%eax, %eax
	rep stosl
	lgdtl	gdtr
	ljmpl	$SEL_CODE32, $1f
1:
	movl	$PAGE_TABLE, %edi
	movl	$PTE_ON, %eax
#ifdef LONG
	/* 512 entries of 4 KiB, 2047 of 2 MiB, 4 of 1 GiB, 1 */
	movl	$512, %ecx
1:	movl	%eax, (%edi)
	addl	$0x1000, %eax
	addl	$8, %edi
	loop	1b
	movl	$PAGE_DIRECTORY, %edi
	movl	$PAGE_TABLE + PTE_ON, (%edi)
	movl	$0x200000 + PTE_LARGE, %eax
	movl	$2047, %ecx
1:	addl	$8, %edi
	movl	%eax, (%edi)
	addl	$0x200000, %eax
	loop	1b
	movl	$PAGE_DIRECTORY + PTE_ON, %eax
	movl	$PAGE_POINTERS, %edi
	movl	$4, %ecx
1:	movl	%eax, (%edi)
	addl	$0x1000, %eax
	addl	$8, %edi
	loop	1b
	movl	$PAGE_POINTERS + PTE_ON, PAGE_TOP
	movl	$CR4_LONG, %eax
	movl	%eax, %cr4
	movl	$EFER, %ecx
	movl	$EFER_ON, %eax
	xorl	%edx, %edx
	wrmsr
#else
	movl	$1024, %ecx
1:	stosl
	addl	$0x1000, %eax
	loop	1b
	movl	$PAGE_TOP, %edi
	movl	$PAGE_TABLE + PTE_ON, %eax
	stosl
	movl	$0x400000 + PTE_LARGE, %eax
	movl	$1023, %ecx
1:	stosl
	addl	$0x400000, %eax
	loop	1b
	movl	$CR4_ON, %eax
	movl	%eax, %cr4
#endif
	movl	$PAGE_TOP, %eax
	movl	%eax, %cr3
	movl	$CR0_ON, %eax
	movl	%eax, %cr0
	movl	$STACK, %esp
#ifdef LONG
	ljmpl	$SEL_CODE, $start64
	.code64
start64:
	movl	$STACK, %esp
#endif
	data_segments_user
	fninit
	call	traps_init
	call	bench_main
	call	power_off
	hlt

	.section .data
	.balign	8
	.globl	gdt
gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
#ifdef LONG
	.quad	0x00af9b000000ffff, 0x00cf93000000ffff
	.quad	0x00cffb000000ffff, 0x00cff3000000ffff, 0x00affb000000ffff
#else
	.quad	0x00cffb000000ffff, 0x00cff3000000ffff
#endif
	.quad	0, 0	/* the TSS */
gdtr:
	.word	gdtr - gdt - 1
	.long	gdt

	.section .reset, "ax"
	.code16
	ljmpw	$ROM_START >> 4, $0	/* start16 */
	.balign	16, 0
