/* What every unit test counts and how it says the sum, which tests/run reads. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdint.h>
#include <stdio.h>

static unsigned passed, failed;

/* cond, and optionally a literal format of printf() with its arguments, which say more when it is false. */
#define CHECK(cond, ...) \
	do { \
		if (cond) { \
			passed++; \
		} else { \
			failed++; \
			printf("%s:%d: %s", __FILE__, __LINE__, #cond); \
			printf(" " __VA_ARGS__); \
			printf("\n"); \
		} \
	} while (0)

#define CHECK_EQ(a, b) \
	do { \
		uint64_t a_ = (a), b_ = (b); \
		if (a_ == b_) { \
			passed++; \
		} else { \
			failed++; \
			printf("%s:%d: %s is %#llx, not %#llx\n", __FILE__, __LINE__, #a, (unsigned long long)a_, (unsigned long long)b_); \
		} \
	} while (0)

/* The exit status. */
static inline int report(void)
{
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}

#endif
