/* Stores into code, dead flags, locked stores, those of runs of pushes, of repeated string instructions and to devices: prints failures, and "stores N passed, N failed". */
#include "bench/x86/cpu.h"
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/lib/guest/console.h"
#include "tests/stores/stores.h"

#define REPORTS_MAX 20
#define PRESENT 1
#define FLAG_ALWAYS 2
#define PTE_MASK 0xfff

uint32_t interrupts; /* entry.S of the benchmarks counts there */

static uint32_t passed, failed;

void check(bool good, const char *what, uint32_t a, uint32_t b, uint32_t c)
{
	if (good) {
		passed++;
		return;
	}
	if (failed++ >= REPORTS_MAX)
		return;
	print("FAILED: ");
	print(what);
	print(" ");
	print_number(a);
	print(" ");
	print_number(b);
	print(" ");
	print_number(c);
	print("\n");
}

void call_with(struct registers *r, const void *code)
{
	static const void *target;
	static uintptr_t flags; /* not on the stack, which moves */

	target = code;
	flags = r->flags | FLAG_ALWAYS;
	__asm__ volatile("push %[flags]\n\tpopf\n\tcall *%[target]\n\tpushf\n\tpop %[flags]"
			 : "+a"(r->a), "+b"(r->b), "+c"(r->c), "+d"(r->d), "+S"(r->si), "+D"(r->di), [flags] "+m"(flags)
			 : [target] "m"(target)
			 : "memory", "cc");
	r->flags = flags;
}

void map_page(uintptr_t linear, uintptr_t physical, bool present)
{
	uintptr_t *entry = (uintptr_t *)(PAGE_TABLE + (linear >> 12) * sizeof(uintptr_t));

	*entry = (*entry & PTE_MASK & ~(uintptr_t)PRESENT) | physical | (present ? PRESENT : 0);
	invalidate(linear);
}

void copy(void *to, const void *from, unsigned n)
{
	for (unsigned k = 0; k < n; k++)
		((volatile uint8_t *)to)[k] = ((const uint8_t *)from)[k];
}

void bench_main(void)
{
	print("stores\n");
	smc_checks();
	dead_flags_checks();
	locked_checks();
	stack_checks();
	string_checks();
	device_checks();
	print_number(passed);
	print(" passed, ");
	print_number(failed);
	print(" failed\ndone\n");
	console_flush();
}
