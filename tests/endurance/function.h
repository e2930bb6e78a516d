/* Functions made as bytes, the same in 32-bit and 64-bit code. */
#ifndef FUNCTION_H
#define FUNCTION_H

#include <stdint.h>

/* Calls code at `at`, which gets and returns EAX and keeps the rest. */
static inline uint32_t call(const void *at, uint32_t eax)
{
	__asm__ volatile("call *%1" : "+a"(eax) : "r"(at) : "memory", "cc");
	return eax;
}

/* Writes a function of `steps` steps for call() and returns the address behind it; function_result() is what it returns for eax. */
uint8_t *function_write(uint8_t *at, uint32_t seed, unsigned steps);
uint32_t function_result(uint32_t seed, unsigned steps, uint32_t eax);

#endif
