/* The payload's memory; linear addresses are physical ones. */
#ifndef BENCH_X86_LAYOUT_H
#define BENCH_X86_LAYOUT_H

#define ROM_START 0xff000      /* the code that starts it, as real mode sees it */
#define ROM_TOP 0xfffc0000     /* all of it */
#define STACK 0x90000
#define IMAGE 0x100000         /* the ROM's copy but for the code that starts it */
#define IMAGE_SIZE 0x3f000
#define BSS 0x140000
#define BSS_END 0x180000
#define PAGE_TABLE 0x180000
#define PAGE_DIRECTORY 0x182000
#define PAGE_POINTERS 0x186000
#define PAGE_TOP 0x187000
#define ARENA 0x1000000
#define BIG 0x80000000

#define SEL_CODE32 0x08
#define SEL_DATA 0x10
#ifdef LONG
#define SEL_CODE 0x18
#else
#define SEL_CODE 0x08
#endif

#endif
