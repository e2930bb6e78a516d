/* The payloads' memory: physical addresses, all below 32 MiB; the linear address is VECTOR_KERNEL + physical. */
#ifndef TESTS_CONFORMANCE_PAYLOAD_LAYOUT_H
#define TESTS_CONFORMANCE_PAYLOAD_LAYOUT_H

#define ROM 0xf0000
#define ROM_SIZE 0x10000
#define AT_END 0xffff8         /* called when all is done: rig/machine.py has Bochs stop there */
#define LOW 0x5000             /* code that runs in real mode; also its linear address */
#define LOW_STACK 0x6ff0
#define IMAGE 0x100000         /* the ROM's copy, then variables */
#define IMAGE_END 0x1f0000
#define STACK_TOP 0x1ff000
#define TRAP_STACK_TOP 0x1fe000
#define FAULT_STACK_TOP 0x1fd000
#define PAGE_DIRECTORY 0x200000
#define DATA_PAGES 0x210000
#define STACK_PAGE 0x214000
#define TABLES 0x240000        /* made as they are needed: three, and one for each 4 MiB of the code image */

/* The long payload: its copy, then variables; stacks; tables. */
#define LONG_IMAGE 0x300000
#define LONG_STACK_TOP 0x3f0000
#define LONG_TRAP_STACK_TOP 0x3fe000
#define LONG_PML4 0x400000
#define LONG_PDPT 0x401000
#define LONG_DIRECTORY_LOW 0x402000    /* the first 2 MiB where they are, for the way into long mode */
#define LONG_DIRECTORY_KERNEL 0x403000
#define LONG_TABLES 0x404000           /* made as they are needed, one for each 2 MiB of the code image */

#define SEL_CODE0 0x08
#define SEL_DATA0 0x10
#define SEL_CODE3 0x1b
#define SEL_DATA3 0x23
#define SEL_TSS 0x28
#define SEL_CODE16 0x33
#define SEL_DATA16 0x3b
#define SEL_STACK16 0x43
#define SEL_REAL_CODE 0x48
#define SEL_REAL_DATA 0x50
#define SEL_FAULT_TSS 0x58
/* in the long payload SEL_TSS takes the place of two */
#define SEL_CODE64 0x3b

/* struct registers of the long payload, for the assembler */
#define REG64_GPR(n) (8 * (n))
#define REG64_RFLAGS 128
#define REG64_RIP 136
#define REG64_CS 144
#define REG64_SS 152

/* struct registers of the protected payload, for the assembler */
#define REG_EAX 0
#define REG_ECX 4
#define REG_EDX 8
#define REG_EBX 12
#define REG_ESP 16
#define REG_EBP 20
#define REG_ESI 24
#define REG_EDI 28
#define REG_EFLAGS 32
#define REG_EIP 36
#define REG_CS 40
#define REG_SS 44
#define REG_DS 48

#endif
