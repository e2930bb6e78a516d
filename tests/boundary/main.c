/*
 * Runs the program of sample.S undisturbed, by single steps, from each of its instructions on after single steps up to there, with an interrupt at each of
 * them, and under a timer; all must leave the same state. Prints what is the same on every CPU.
 */
#include "bench/x86/cpu.h"
#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/boundary/boundary.h"
#include "tests/lib/guest/console.h"

#define APIC_SPURIOUS 0xf0
#define APIC_TIMER 0x320
#define APIC_COUNT 0x380
#define APIC_DIVIDE 0x3e0
#define ICR_SELF 0x44000 /* to this CPU, asserted */
#define FLAG_IF 0x200
#define FLAGS_COMPARED 0xed5
#define TIMER_RUNS 400
#define TIMER_STEP 3
#define LINE 16

uint32_t interrupts; /* entry.S of the benchmarks counts there */

static uint32_t *const work = (uint32_t *)WORK;

static void apic(uintptr_t reg, uint32_t v)
{
	*(volatile uint32_t *)(APIC + reg) = v;
}

/* ---- the machine ---- */

static void set_gate(int vector, void (*handler)(void))
{
	struct __attribute__((packed)) { uint16_t limit; uintptr_t base; } idtr;

	__asm__ volatile("sidt %0" : "=m"(idtr));
	uint16_t *gate = (uint16_t *)(idtr.base + (uintptr_t)vector * (sizeof(long) * 2));
	gate[0] = (uint16_t)(uintptr_t)handler;
	gate[3] = (uint16_t)((uintptr_t)handler >> 16);
}

static void set_present(uintptr_t at, uintptr_t present)
{
	uintptr_t *entry = (uintptr_t *)(PAGE_TABLE + (at >> 12) * (sizeof(long) == 4 ? 4 : 8));

	*entry = (*entry & ~(uintptr_t)1) | present;
	invalidate(at);
}

static void set_demanded(uintptr_t present)
{
	set_present(DEMAND, present);
	set_present(DEMAND_X87, present);
}

static void demand(uintptr_t at)
{
	set_present(at & ~(uintptr_t)0xfff, 1);
}

/* ---- a run ---- */

static void prepare(void)
{
	uint32_t v = 0x2545f491;

	__asm__ volatile("cli");
	set_demanded(1);
	for (unsigned k = 0; k < WORK_SIZE / 4; k++) {
		work[k] = v;
		v = v * 1664525 + 1013904223;
	}
	set_demanded(0);
	steps = hits = misses = 0;
	hit_at = 0;
}

static void add(uint32_t *digest, const void *at, unsigned len)
{
	const uint8_t *p = at;

	for (unsigned k = 0; k < len; k++)
		*digest = (*digest ^ p[k]) * 16777619;
}

/* Of the state that the program has left. The x87's pointers and what is reserved in FXSAVE's image are left out. */
static uint32_t digest(void)
{
	uint32_t d = 2166136261, flags = (uint32_t)sample_eflags & FLAGS_COMPARED;

	add(&d, sample_gpr, sizeof sample_gpr);
	add(&d, &flags, sizeof flags);
	add(&d, sample_fx, 5);
	add(&d, sample_fx + 24, 4);
	for (unsigned k = 0; k < 8; k++)
		add(&d, sample_fx + 32 + 16 * k, 10);
	add(&d, sample_fx + 160, 16 * (sizeof(long) == 4 ? 8 : 16));
	set_demanded(1);
	add(&d, work, WORK_SIZE);
	return d;
}

/* `timer`: what the APIC's timer is started with, or 0. Returns the digest. */
static uint32_t run(uint32_t flags, uint32_t stop, uint32_t command, uint32_t timer)
{
	prepare();
	if (timer)
		apic(APIC_COUNT, timer);
	stop_at = stop;
	stop_command = command;
	sample_flags = flags | 2;
	sample();
	return digest();
}

/* ---- reports ---- */

static void print_counts(const char *what, uint32_t good, uint32_t of)
{
	print(what);
	print_number(good);
	print(" of ");
	print_number(of);
	print("\n");
}

static void print_state(void)
{
	for (unsigned k = 0; k < 16; k++) {
		print_hex(sample_gpr[k], sizeof(long) * 2);
		print(k % 8 == 7 ? "\n" : " ");
	}
	print("eflags ");
	print_hex(sample_eflags & FLAGS_COMPARED, 4);
	print(" fsw ");
	print_hex(sample_fx[2] | (uint32_t)sample_fx[3] << 8, 4);
	print(" mxcsr ");
	print_hex(*(uint32_t *)(sample_fx + 24), 4);
	print("\n");
}

static uint32_t offset_of(uint32_t at)
{
	return at - (uint32_t)(uintptr_t)sample_start;
}

/* Offsets of the instructions at which the steps ended. */
static void print_trace(void)
{
	for (unsigned k = 0; k < steps && k < STEPS_MAX; k++) {
		print_hex(offset_of(trace[k]), 4);
		print(k % LINE == LINE - 1 || k == steps - 1 ? "\n" : " ");
	}
}

/* From each boundary on without steps; with a command to the APIC at it: where the interrupts came. */
static void at_each_boundary(const char *what, uint32_t undisturbed, uint32_t count, uint32_t command)
{
	uint32_t good = 0, interrupted = 0, places = 2166136261;

	for (uint32_t k = 1; k <= count; k++) {
		uint32_t d = run(FLAG_IF | FLAG_TF, k, command, 0);
		if (d == undisturbed)
			good++;
		interrupted += hits;
		hit_at = hits ? offset_of(hit_at) : 0;
		add(&places, &hit_at, sizeof hit_at);
	}
	print_counts(what, good, count);
	print("interrupts ");
	print_number(interrupted);
	print(" places ");
	print_hex(places, 8);
	print("\n");
}

static void with_timer(uint32_t undisturbed)
{
	uint32_t good = 0, interrupted = 0;

	for (uint32_t k = 1; k <= TIMER_RUNS; k++) {
		good += run(FLAG_IF, 0, 0, k * TIMER_STEP) == undisturbed;
		interrupted += hits;
		while (!hits && !misses)
			__asm__ volatile("sti; nop; cli" : : : "memory");
	}
	print_counts("timer ", good, TIMER_RUNS);
	print(interrupted > TIMER_RUNS / 20 ? "often in the program\n" : "hardly ever in the program\n");
}

void bench_main(void)
{
	uint32_t undisturbed, count;

	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	set_gate(1, entry_step);
	set_gate(VECTOR_INTERRUPT, entry_interrupt);
	page_fault_handler = demand;
	apic(APIC_SPURIOUS, 0x1ff);
	apic(APIC_DIVIDE, 0xb);
	apic(APIC_TIMER, VECTOR_INTERRUPT);
	print("boundary\n");
	undisturbed = run(FLAG_IF, 0, 0, 0);
	print_state();
	print("digest ");
	print_hex(undisturbed, 8);
	print("\n");
	print_counts("again ", run(FLAG_IF, 0, 0, 0) == undisturbed, 1);
	print_counts("stepped ", run(FLAG_IF | FLAG_TF, STEPS_MAX, 0, 0) == undisturbed, 1);
	count = steps;
	print_trace();
	at_each_boundary("steps up to each ", undisturbed, count, 0);
	at_each_boundary("interrupt at each ", undisturbed, count, ICR_SELF | VECTOR_INTERRUPT);
	with_timer(undisturbed);
	print("done\n");
	console_flush();
}
