/* From protected mode to the long payload, which the ROM holds as it will be at LONG_IMAGE. */
#include "tests/conformance/vector.h"
#include "tests/conformance/payload/layout.h"

#define CR0_PG 0x80000000
#define CR4_LONG 0x00010620 /* FSGSBASE OSXMMEXCPT OSFXSR PAE */
#define MSR_EFER 0xc0000080
#define EFER_LONG 0x900     /* NXE LME */
#define PTE_LARGE 0xe3      /* 2 MiB, supervisor, writable, accessed, dirty */
#define PTE_TABLE 0x67
#define LARGE 0x200000
#define HERE(symbol) symbol - VECTOR_KERNEL

	.text
	.code32
/* _Noreturn void go_long(void) */
	.globl	go_long
go_long:
	movl	$long_image, %esi
	movl	$VECTOR_KERNEL + LONG_IMAGE, %edi
	movl	$long_image_end - long_image, %ecx
	rep movsb
	movl	$VECTOR_KERNEL + LONG_PML4, %edi
	movl	$(LONG_TABLES - LONG_PML4) / 4, %ecx
	xorl	%eax, %eax
	rep stosl
	movl	$LONG_PDPT + PTE_TABLE, VECTOR_KERNEL + LONG_PML4
	movl	$LONG_DIRECTORY_LOW + PTE_TABLE, VECTOR_KERNEL + LONG_PDPT
	movl	$LONG_DIRECTORY_KERNEL + PTE_TABLE, VECTOR_KERNEL + LONG_PDPT + (VECTOR_KERNEL >> 30) * 8
	movl	$PTE_LARGE, VECTOR_KERNEL + LONG_DIRECTORY_LOW
	movl	$VECTOR_KERNEL + LONG_DIRECTORY_KERNEL + (VECTOR_KERNEL >> 21 & 511) * 8, %edi
	movl	$PTE_LARGE, %eax
	movl	$VECTOR_KERNEL_SIZE >> 21, %ecx
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$LARGE, %eax
	loop	1b
	movl	$0x83, VECTOR_KERNEL + PAGE_DIRECTORY	/* identity for the way */
	movl	%cr3, %eax
	movl	%eax, %cr3
	movl	$HERE(2f), %eax
	jmp	*%eax
2:	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	$CR4_LONG, %edx
	movl	%edx, %cr4
	movl	$LONG_PML4, %edx
	movl	%edx, %cr3
	movl	%eax, %ebx
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LONG, %eax
	wrmsr
	orl	$CR0_PG, %ebx
	movl	%ebx, %cr0
	lgdt	HERE(long_gdtr)
	ljmp	$8, $HERE(3f)
	.code64
3:	movl	$VECTOR_KERNEL + LONG_IMAGE, %eax
	jmp	*%rax

	.section .rodata
	.balign	8
long_gdt:
	.quad	0, 0x00af9b000000ffff
long_gdtr:
	.word	15
	.long	HERE(long_gdt)
	.balign	16
long_image:
	.incbin	"long.bin"
long_image_end:
