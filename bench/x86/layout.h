/* The payload's memory; linear addresses are physical ones. And its selectors and vectors. */
#ifndef BENCH_X86_LAYOUT_H
#define BENCH_X86_LAYOUT_H

#define ROM_START 0xff000      /* the code that starts it, as real mode sees it */
#define ROM_TOP 0xfffc0000     /* all of it */
#define TRAP_STACK 0x7f000
#define USER_STACK 0x80000
#define STACK 0x90000
#define IMAGE 0x100000         /* the ROM's copy but for the code that starts it */
#define IMAGE_SIZE 0x3f000
#define BSS 0x140000
#define BSS_END 0x180000
#define PAGE_TABLE 0x180000
#define PAGE_DIRECTORY 0x182000
#define PAGE_POINTERS 0x186000
#define PAGE_TOP 0x187000
#define PAGE_TOP_2 0x188000    /* a copy */
#define TOUCHED 0x190000       /* pages that kernels map, unmap and touch */
#define CODE 0x1c0000          /* where kernels write code */
#define ARENA 0x1000000
#define BIG 0x80000000
#define DEVICE_MEMORY 0xe0000000  /* the display's, and its registers */
#define DEVICE_REGISTERS 0xe4000000
#define APIC 0xfee00000
#define APIC_EOI 0xfee000b0

#define SEL_CODE32 0x08
#define SEL_DATA 0x10
#ifdef LONG
#define SEL_CODE 0x18
#define SEL_SYSCALL 0x18       /* SYSCALL takes this and the next */
#define SEL_SYSRET 0x28        /* SYSRET takes the second and the third from here */
#define SEL_USER_DATA 0x33
#define SEL_USER_CODE 0x3b
#define SEL_TSS 0x40
#else
#define SEL_CODE 0x08
#define SEL_USER_CODE 0x1b
#define SEL_USER_DATA 0x23
#define SEL_TSS 0x28
#endif

#define VECTOR_PAGE_FAULT 14
#define VECTOR_NOTHING 0x40    /* its handler is IRET alone */
#define VECTOR_KERNEL 0x41     /* ring 3's way back to who called run_user() */
#define VECTOR_APIC 0x42       /* its handler signals the end of the interrupt */
#define VECTOR_SAVING 0x80     /* its handler saves and restores the registers */

#endif
