/*
 * The image's first bytes, and its two entries.
 *
 * As a PE/COFF file (UEFI specification 2.10, section 2.1; LoongArch ELF psABI machine 0x6264) the image starts in UEFI, by itself or through
 * GRUB. As an ELF file it starts at _direct_entry, through QEMU's -kernel. Both files are links of the same objects.
 * The image relocates itself: it runs wherever it was put. All symbol references before `relocate` has run are PC-relative.
 */
#include "arch/loongarch/csr.h"

#define PE_SECTION_ALIGN 0x1000

	.section .head.text, "ax"
	.globl	_head
_head:
	.ascii	"MZ"
	.zero	0x3c - 2
	.long	pe_header - _head
pe_header:
	.ascii	"PE\0\0"
	.short	0x6264			/* Machine: LoongArch64 */
	.short	2			/* NumberOfSections */
	.long	0, 0, 0
	.short	section_table - optional_header
	.short	0x0206			/* executable, no line numbers, no debug information */
optional_header:
	.short	0x020b			/* PE32+ */
	.byte	0, 0
	.long	__text_filesz		/* SizeOfCode */
	.long	__data_filesz		/* SizeOfInitializedData */
	.long	0
	.long	__efi_entry_rva
	.long	PE_SECTION_ALIGN	/* BaseOfCode */
	.quad	0			/* ImageBase */
	.long	PE_SECTION_ALIGN
	.long	PE_SECTION_ALIGN	/* FileAlignment */
	.short	0, 0
	.short	1, 0			/* image version: from 1 on, GRUB offers the initrd through LoadFile2 */
	.short	0, 0
	.long	0
	.long	__image_memsz
	.long	PE_SECTION_ALIGN	/* SizeOfHeaders */
	.long	0
	.short	10			/* Subsystem: EFI application */
	.short	0x0100			/* DllCharacteristics: NX compatible */
	.quad	0, 0, 0, 0
	.long	0
	.long	6			/* NumberOfRvaAndSizes */
	.quad	0, 0, 0, 0, 0, 0
section_table:
	.ascii	".text\0\0\0"
	.long	__text_filesz, PE_SECTION_ALIGN, __text_filesz, PE_SECTION_ALIGN, 0, 0
	.short	0, 0
	.long	0x60000020		/* code, execute, read */
	.ascii	".data\0\0\0"
	.long	__data_memsz, __data_rva, __data_filesz, __data_rva, 0, 0
	.short	0, 0
	.long	0xc0000040		/* initialised data, read, write */
	.balign	PE_SECTION_ALIGN

	.text
/*
 * Adds the difference between where the image lies and where it was linked to every word that holds an address
 * (R_LARCH_RELATIVE: {offset, type, addend}). Sets words, does not add: may run more than once. Clobbers t0-t6.
 */
relocate:
	la.pcrel $t0, __rela_start
	la.pcrel $t1, __rela_end
	la.pcrel $t2, _head
	la.pcrel $t3, link_base
	ld.d	$t3, $t3, 0
	sub.d	$t2, $t2, $t3
1:	bgeu	$t0, $t1, 2f
	ld.d	$t4, $t0, 0
	ld.d	$t5, $t0, 16
	add.d	$t4, $t4, $t2
	add.d	$t5, $t5, $t2
	st.d	$t5, $t4, 0
	addi.d	$t0, $t0, 24
	b	1b
2:	jr	$ra

/*
 * Opens the two direct-mapped windows and returns into the cached one, with paging on, interrupts off, the TLB empty. The TLB is not
 * used until the MMU runs; the windows serve code, data and devices. Works from direct addressing mode and from UEFI's identity map.
 */
enter_windows:
	ori	$t0, $zero, CRMD_IE
	csrxchg	$zero, $t0, CSR_CRMD
	csrwr	$zero, CSR_TCFG
	li.d	$t0, DMW_CACHED_CONFIG
	csrwr	$t0, CSR_DMW0
	li.d	$t0, DMW_UNCACHED_CONFIG
	csrwr	$t0, CSR_DMW1
	csrwr	$zero, CSR_DMW2
	csrwr	$zero, CSR_DMW3
	lu52i.d	$t1, $zero, (DMW_CACHED >> 52) - 0x1000
	bstrins.d $ra, $zero, 63, 48
	or	$ra, $ra, $t1
	la.pcrel $t0, 1f
	bstrins.d $t0, $zero, 63, 48
	or	$t0, $t0, $t1
	jr	$t0
1:	ori	$t0, $zero, CRMD_RUN
	csrwr	$t0, CSR_CRMD
	invtlb	0, $zero, $zero
	ibar	0
	jr	$ra

	.globl	_direct_entry
_direct_entry:
	bl	enter_windows
	bl	relocate
	la.pcrel $t0, __bss_start
	la.pcrel $t1, __bss_end
1:	bgeu	$t0, $t1, 2f
	st.d	$zero, $t0, 0
	addi.d	$t0, $t0, 8
	b	1b
2:	la.pcrel $sp, boot_stack_top
	move	$fp, $zero
	move	$tp, $zero
	bl	direct_main

/* UEFI calls this as a function, on its own stack, with bss cleared by the PE loader. */
	.globl	_efi_entry
_efi_entry:
	addi.d	$sp, $sp, -16
	st.d	$ra, $sp, 0
	bl	relocate
	bl	efi_main
	ld.d	$ra, $sp, 0
	addi.d	$sp, $sp, 16
	jr	$ra

	.globl	boot_leave_uefi
boot_leave_uefi:
	move	$s0, $a0
	bl	enter_windows
	bl	relocate
	la.pcrel $sp, boot_stack_top
	move	$fp, $zero
	move	$tp, $zero
	bstrins.d $s0, $zero, 63, 48
	lu52i.d	$t1, $zero, (DMW_CACHED >> 52) - 0x1000
	or	$a0, $s0, $t1
	bl	boot_move

	.globl	boot_jump
boot_jump:
	move	$sp, $a2
	move	$t0, $a0
	move	$a0, $a1
	move	$fp, $zero
	move	$tp, $zero
	move	$ra, $zero
	jr	$t0

	.globl	boot_stop
boot_stop:
1:	idle	0
	b	1b

	.section .rodata
	.balign	8
	.globl	link_base
link_base:
	.quad	__link_base

	.bss
	.balign	16
	.space	32768
boot_stack_top:
