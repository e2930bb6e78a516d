/*
 * musl on the bare machine: what it needs from a kernel.
 */
#ifndef LIBC_LIBC_H
#define LIBC_LIBC_H

#include <stddef.h>

/*
 * Starts musl (thread-local storage, stdio) on this stack and calls main(argc, argv); powers off when main returns. console_write() and
 * host_alloc() must work. cmdline becomes argv[1]; argv[0] is the firmware's name.
 */
_Noreturn void libc_start(char *cmdline);

/* musl's only way out (syscall_arch.h). Returns the result, or a negative error number. */
long bare_syscall(long number, long a, long b, long c, long d, long e, long f);

/*
 * Page heap behind mmap(): size is rounded up to pages, memory comes zeroed; heap_alloc returns NULL when there is none.
 * heap_free takes any page range of earlier allocations.
 */
void *heap_alloc(size_t size);
void heap_free(void *p, size_t size);

#endif
