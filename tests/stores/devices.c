/*
 * Instructions that access an emulated device so often that they become known for it, and then other memory: whatever they meet, they do what MOV does.
 */
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/stores/stores.h"

#define TPR (APIC + 0x80) /* reads back what was written, in its lowest byte */
#define OFTEN 40
#define VERY_OFTEN 300
#define MEMORY TOUCHED
#define PAGE 4096

static uint32_t faults;

static void on_fault(uintptr_t at)
{
	faults++;
	map_page(at & ~(uintptr_t)(PAGE - 1), at & ~(uintptr_t)(PAGE - 1), true);
}

static __attribute__((noinline)) void store(uintptr_t at, uint32_t value)
{
	*(volatile uint32_t *)at = value;
}

static __attribute__((noinline)) uint32_t load(uintptr_t at)
{
	return *(volatile uint32_t *)at;
}

static __attribute__((noinline)) uint32_t load_byte(uintptr_t at)
{
	return *(volatile uint8_t *)at;
}

static __attribute__((noinline)) uint32_t load_word(uintptr_t at)
{
	return *(volatile uint16_t *)at;
}

/* A store while the stack pointer moves, with flags before it that are read behind it. */
static __attribute__((noinline)) uint32_t store_between(uintptr_t at, uint32_t value)
{
	uintptr_t out = value;
	uint8_t below;

	__asm__ volatile("push %[at]\n\tpush %[out]\n\tcmp $0x20, %k[out]\n\tmovl $0x30, (%[at])\n\tsetb %[below]\n\tmovl (%[at]), %k[out]\n\tpop %[at]\n\tpop %[out]"
			 : [out] "+r"(out), [below] "=q"(below), [at] "+r"(at)
			 :
			 : "memory", "cc");
	/* popped the other way round: `at` is what was in `out`, and the reverse */
	return (uint32_t)at << 1 | below;
}

/* Two of them, 64 bytes apart. */
static __attribute__((noinline)) void store_apart(uintptr_t at)
{
	__asm__ volatile("movl $0x40, (%0)\n\t.skip 58, 0x90\n\tmovl $0x50, (%0)" : : "r"(at) : "memory");
}

static void use(uintptr_t at, unsigned times, const char *what)
{
	store(at, 0x10);
	/* an APIC need not answer to parts of a register */
	uint32_t parts = load_byte(at) == 0x10 ? UINT32_MAX : 0;
	for (uint32_t k = 0; k < times; k++) {
		uint32_t value = k % 16 << 4;
		store(at, value);
		check(load(at) == value, what, k, load(at), value);
		check(load_byte(at) == (value & parts), what, k, load_byte(at), value);
		check(load_word(at) == (value & parts), what, k, load_word(at), value);
		check(store_between(at, value) == (value << 1 | (value < 0x20)), what, k, value, 0);
		check(load(at) == 0x30, what, k, load(at), 0x30);
		store_apart(at);
		check(load(at) == 0x50, what, k, load(at), 0x50);
	}
}

void device_checks(void)
{
	page_fault_handler = on_fault;
	use(MEMORY, 3, "device, memory before");
	use(TPR, OFTEN, "device");
	use(MEMORY, OFTEN, "device, memory");
	faults = 0;
	map_page(MEMORY, MEMORY, false);
	store(MEMORY, 5);
	check(faults == 1 && load(MEMORY) == 5, "device, missing page", faults, load(MEMORY), 0);
	map_page(MEMORY, MEMORY, false);
	check(load(MEMORY) == 5 && faults == 2, "device, missing page", faults, load(MEMORY), 1);
	/* across two pages */
	store(MEMORY + PAGE - 2, 0x12345678);
	check(load(MEMORY + PAGE - 2) == 0x12345678 && load_word(MEMORY + PAGE) == 0x1234, "device, two pages", load(MEMORY + PAGE - 2), 0, 0);
	use(MEMORY, VERY_OFTEN, "device, memory, often");
	use(TPR, OFTEN, "device again");
	store(TPR, 0);
}
