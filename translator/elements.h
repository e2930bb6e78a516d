/*
 * Rows of equally large elements in host memory, for the string instructions. size is 1, 2, 4 or 8 bytes; pointers need no alignment but
 * for the device forms. down: the operation begins with the highest element.
 */
#ifndef TRANSLATOR_ELEMENTS_H
#define TRANSLATOR_ELEMENTS_H

#include <stdbool.h>
#include <stdint.h>

uint64_t element_get(const uint8_t *p, int size);
void element_put(uint8_t *p, int size, uint64_t v);
/* By one access of just this size, as devices want it; p is aligned to the size. */
uint64_t element_get_device(const volatile uint8_t *p, int size);
void element_put_device(volatile uint8_t *p, int size, uint64_t v);
/* Copies n elements as one after the other would be, which shows where the two overlap. to and from: the lowest ones. Returns
 * false when they overlap so that it took a step for each. */
bool elements_copy(uint8_t *to, const uint8_t *from, unsigned n, int size, bool down);
void elements_fill(uint8_t *to, uint64_t value, unsigned n, int size);
/* How many elements, from the lowest on, come before the first that is equal to the value, or with `equal` false is not; n when none is. */
unsigned elements_before(const uint8_t *p, unsigned n, int size, uint64_t value, bool equal);
/* A number of elements, less than n, that are equal from the lowest on; there may be more. */
unsigned elements_equal(const uint8_t *a, const uint8_t *b, unsigned n, int size);

#endif
