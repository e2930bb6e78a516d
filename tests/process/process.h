/*
 * Translated code in a Linux process that has no firmware and no C library's start: what tests that run under qemu-loongarch64 have in common.
 * Guest memory is the process's own, at the same addresses. Each brings run_cases(), cpu_exit() where a helper may call it, and the rest of the
 * firmware that its instructions reach.
 */
#ifndef TESTS_PROCESS_H
#define TESTS_PROCESS_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "translator/cpu.h"

enum { SIGTRAP = 5, SIGFPE = 8 };
enum { PROCESS_RW = 3, PROCESS_RWX = 7 };

/* The program: what it returns is the exit status. */
int run_cases(void);

/* Runs `code` with the guest's registers of `cpu`, until it leaves by one of the stubs, or by an exception to out_of_code. */
void enter(struct cpu *cpu, const void *code);

/* Where cpu_raise() goes on, with the vector in cpu->exc.vector: set it (setjmp()) around enter(). */
extern jmp_buf out_of_code;

/* `size` bytes of new memory at `at`. */
void *process_map(uint64_t at, uint64_t size, int protection);

/* As many bytes as a translator may fill, in reach of the stubs' addresses. */
uint32_t *process_map_code(unsigned words);

/* All `size` bytes from standard input; false at its end. */
bool process_read(void *at, size_t size);

/* All `size` bytes to standard output; the process ends with status 1 if they cannot be written. */
void process_write(const void *at, size_t size);

_Noreturn void process_exit(int status);

/* What the kernel hands a signal handler of the interrupted program (Linux, arch/loongarch/include/uapi/asm/ucontext.h and sigcontext.h). */
struct signal_context {
	uint64_t before[22];
	uint64_t pc, r[32];
	uint32_t flags;
	uint8_t records[] __attribute__((aligned(16)));
};

/* Calls `handler` at each `signal`; the program goes on with the registers that it leaves in the context, unless it leaves by longjmp(). */
void process_catch(int signal, void (*handler)(int signal, void *info, struct signal_context *context));

/* FCSR0 as the program gets it back. */
uint32_t *signal_fcsr(struct signal_context *context);

#endif
