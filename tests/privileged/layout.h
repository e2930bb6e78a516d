/* Memory of the privileged-instruction test: all below 64 KiB but the ROM, so that 16-bit segments with base 0 reach it. */
#ifndef TESTS_PRIVILEGED_LAYOUT_H
#define TESTS_PRIVILEGED_LAYOUT_H

#define ROM 0xf0000
#define IDT 0x1000
#define GDT 0x2000
#define GDT_SLOTS 48
#define LDT 0x2800
#define LDT_SLOTS 8
#define TSS_CASE 0x3000      /* of the cases' tasks, 0x100 bytes each */
#define TSS_CASES 4
#define TSS_EFLAGS 0x24      /* in a TSS of the 386's form */
#define TSS_MAIN 0x3800      /* with an I/O permission bit map up to TSS_MAIN_LIMIT */
#define TSS_MAIN_LIMIT 0x7f
#define TSS_FAULT 0x3a00
#define LAND 0x4ff0          /* INT 40h: where transfers of control lead */
#define CODE 0x5000          /* of cases */
#define CODE_END 0x7000
#define STACKS 0x8000        /* ring r: top at STACKS + (r + 1) * STACK_SIZE */
#define STACK_SIZE 0x400
#define STACK_ENTRY 0x9400   /* esp0 of TSS_MAIN */
#define STACK_FAULT 0x9800
#define STACK_HARNESS 0xbff0
#define OPERANDS 0xc000      /* far pointers and data of cases */
#define PAGE_DIRECTORY 0xd000

/* Selectors that are as they should be: code and data of ring r at CODE0 + r * 16, DATA0 + r * 16 (with RPL r). */
#define CODE0 0x08
#define DATA0 0x10
#define SEL_MAIN 0x48
#define SEL_FAULT 0x50
#define SEL_LDT 0x58
#define SEL_RANDOM 0x60      /* up to GDT_SLOTS * 8 */

/* struct entry and struct left for the assembler */
#define ENTRY_EIP 0
#define ENTRY_CS 4
#define ENTRY_EFLAGS 8
#define ENTRY_OUTER_ESP 12
#define ENTRY_OUTER_SS 16
#define ENTRY_ESP 20         /* of the stack that IRET reads, with its selector behind it */
#define ENTRY_DS 28
#define ENTRY_ES 32
#define ENTRY_FS 36
#define ENTRY_GS 40
#define ENTRY_EAX 44
#define ENTRY_ECX 48
#define ENTRY_EDX 52
#define ENTRY_EBX 56
#define ENTRY_EBP 60
#define ENTRY_ESI 64
#define ENTRY_EDI 68
#define LEFT_VECTOR 0
#define LEFT_ERROR 4
#define LEFT_EIP 8
#define LEFT_CS 12
#define LEFT_EFLAGS 16
#define LEFT_ESP 20
#define LEFT_SS 24
#define LEFT_DS 28
#define LEFT_ES 32
#define LEFT_FS 36
#define LEFT_GS 40
#define LEFT_EAX 44
#define LEFT_ECX 48
#define LEFT_EDX 52
#define LEFT_EBX 56
#define LEFT_EBP 60
#define LEFT_ESI 64
#define LEFT_EDI 68
#define LEFT_TR 72
#define LEFT_LDTR 76
#define LEFT_CR0 80

#endif
