// SOURCES: hw/apic/lapic.c hw/apic/lapic_timer.c hw/apic/lapic_message.c hw/apic/x2apic.c hw/timer.c hw/bus_ports.c hw/bus_memory.c
/*
 * The local APIC (Intel SDM 3A, chapter 11): priorities, EOI, interrupt messages, local interrupts, errors, and its timer. One CPU.
 */
#include "hw/apic/ioapic.h"
#include "hw/apic/lapic.h"
#include "hw/pic.h"
#include "tests/unit/hw_cpu.h"
#include "tests/unit/hw_model.h"

#define BASE 0xfee00000ull
enum { ID = 0x20, VERSION = 0x30, TPR = 0x80, PPR = 0xa0, EOI = 0xb0, LDR = 0xd0, DFR = 0xe0, SVR = 0xf0, ISR = 0x100, TMR = 0x180,
	IRR = 0x200, ESR = 0x280, ICR = 0x300, ICR_HIGH = 0x310, LVT_TIMER = 0x320, LVT_LINT0 = 0x350, LVT_LINT1 = 0x360,
	LVT_ERROR = 0x370, INITIAL = 0x380, CURRENT = 0x390, DIVIDE = 0x3e0, SELF_IPI = 0x3f0 };
#define MASKED 0x10000u
#define PERIODIC 0x20000u
#define DEADLINE 0x40000u

/* ---- around it ---- */

static uint8_t ended; /* vector of the last EOI that went to the IOAPIC */
static unsigned retries;
void ioapic_eoi(uint8_t vector) { ended = vector; }
void ioapic_retry(void) { retries++; }

static bool pic_int;
bool pic_output(void) { return pic_int; }
int pic_ack(void) { return 0x08; }

static uint32_t get(unsigned reg) { return (uint32_t)lapic_read(&the_cpu, BASE + reg, 4); }
static void set(unsigned reg, uint32_t value) { lapic_write(&the_cpu, BASE + reg, 4, value); }
static int ack(void) { return lapic_ack(&the_cpu); }
static bool bit(unsigned reg, unsigned vector) { return get(reg + vector / 32 * 16) >> vector % 32 & 1; }

static bool message(uint8_t mode, uint8_t vector, bool level)
{
	struct lapic_message m = { .dest = 0, .mode = mode, .vector = vector, .level = level };

	return lapic_deliver(&m);
}

/* All that is pending is served. */
static unsigned drain(int vector)
{
	unsigned n = 0;

	for (int v = ack(); v >= 0; v = ack()) {
		CHECK_EQ(v, vector);
		set(EOI, 0);
		n++;
	}
	return n;
}

/* ---- tests ---- */

static void test_reset_state(void)
{
	CHECK(get(ID) == 0 && get(VERSION) == 0x00050014 && get(SVR) == 0xff && get(DFR) == 0xffffffff && get(TPR) == 0);
	CHECK(get(LVT_TIMER) == MASKED && get(LVT_LINT1) == MASKED && get(LVT_LINT0) == 0x700);
	CHECK_EQ(the_cpu.apic_base, 0xfee00900);
	set(LVT_TIMER, 0x30); /* while it is disabled by software, masks cannot be cleared, and it accepts nothing */
	CHECK_EQ(get(LVT_TIMER), MASKED | 0x30);
	CHECK(!message(APIC_FIXED, 0x40, false) && !intr);
	nmis = 0;
	CHECK(message(APIC_NMI, 0, false) && nmis == 1);
	set(SVR, 0x1ff);
	CHECK_EQ(retries, 1);
	set(LVT_LINT0, MASKED);
	CHECK(lapic_decodes(&the_cpu, BASE + 0xfff) && !lapic_decodes(&the_cpu, BASE + 0x1000));
	CHECK(lapic_read(&the_cpu, BASE + VERSION + 2, 1) == 5 && lapic_read(&the_cpu, BASE + VERSION + 4, 4) == 0);
	lapic_write(&the_cpu, BASE + TPR, 1, 0xff);
	CHECK_EQ(get(TPR), 0);
}

static void test_priorities(void)
{
	CHECK(message(APIC_FIXED, 0x41, false) && intr && bit(IRR, 0x41));
	CHECK(message(APIC_FIXED, 0x41, false)); /* merges with the first */
	CHECK(ack() == 0x41 && !intr && bit(ISR, 0x41) && !bit(IRR, 0x41));
	CHECK_EQ(get(PPR), 0x40);
	message(APIC_FIXED, 0x4f, false); /* of the same class: waits */
	message(APIC_FIXED, 0x31, false);
	CHECK(!intr && ack() == -1);
	message(APIC_FIXED, 0x50, false);
	CHECK(intr && ack() == 0x50 && get(PPR) == 0x50);
	set(EOI, 0);
	CHECK(!bit(ISR, 0x50) && bit(ISR, 0x41) && !intr);
	set(TPR, 0x35);
	CHECK_EQ(get(PPR), 0x40);
	set(EOI, 0);
	CHECK(get(PPR) == 0x35 && intr && ack() == 0x4f);
	set(EOI, 0);
	CHECK(!intr && bit(IRR, 0x31)); /* below the task's priority */
	set(TPR, 0x2f);
	CHECK(intr);
	set(TPR, 0x30);
	CHECK(!intr && ack() == -1); /* raised between the request and the acknowledge */
	lapic_set_tpr(&the_cpu, 0x20); /* as CR8 does */
	CHECK(intr && get(TPR) == 0x20 && lapic_tpr(&the_cpu) == 0x20);
	lapic_set_tpr(&the_cpu, 0x30);
	CHECK(!intr);
	set(TPR, 0);
	CHECK(ack() == 0x31);
	set(EOI, 0);
	set(EOI, 0); /* nothing in service */
	CHECK(!intr && get(PPR) == 0);
	message(APIC_FIXED, 0xff, false);
	message(APIC_FIXED, 0x10, false);
	CHECK(ack() == 0xff);
	set(EOI, 0);
	CHECK(drain(0x10) == 1);
}

static void test_level(void)
{
	struct lapic_message m = { .mode = APIC_FIXED, .vector = 0x60 };

	ended = 0;
	message(APIC_FIXED, 0x60, true);
	CHECK(bit(TMR, 0x60) && lapic_has_pending(&m));
	CHECK(ack() == 0x60 && !lapic_has_pending(&m));
	set(EOI, 0);
	CHECK_EQ(ended, 0x60);
	ended = 0;
	message(APIC_FIXED, 0x60, false);
	CHECK(!bit(TMR, 0x60) && drain(0x60) == 1 && ended == 0);
}

static void test_destinations(void)
{
	struct lapic_message m = { .dest = 1, .vector = 0x50 };

	CHECK(!lapic_deliver(&m));
	m.dest = lapic_dest(0xff);
	CHECK(lapic_deliver(&m) && drain(0x50) == 1);
	m.logical = true;
	m.dest = 0x04;
	CHECK(!lapic_deliver(&m));
	set(LDR, 0x04ffffff);
	CHECK(get(LDR) == 0x04000000 && lapic_deliver(&m) && drain(0x50) == 1);
	m.dest = 0x0b;
	CHECK(!lapic_deliver(&m));
	set(DFR, 0x0fffffff); /* clusters */
	set(LDR, 0x24000000);
	m.dest = 0x26;
	CHECK(lapic_deliver(&m) && drain(0x50) == 1);
	m.dest = 0x16;
	CHECK(!lapic_deliver(&m));
	m.dest = 0x2b;
	CHECK(!lapic_deliver(&m));
	m.mode = APIC_LOWEST;
	m.dest = 0x2f;
	CHECK(lapic_deliver(&m) && drain(0x50) == 1);
	set(DFR, UINT32_MAX);
}

static void test_ipi(void)
{
	set(ICR_HIGH, 0);
	set(ICR, 0x4055);
	CHECK(get(ICR) == 0x4055 && intr && drain(0x55) == 1); /* to itself by id; delivery is idle at once */
	set(ICR, 0x44055); /* self */
	CHECK(drain(0x55) == 1);
	set(ICR, 0x84055); /* all with self */
	CHECK(drain(0x55) == 1);
	set(ICR, 0xc4055); /* all but self: nobody */
	CHECK(!intr);
	set(ICR_HIGH, 0x01000000);
	set(ICR, 0x4055);
	CHECK(!intr);
	nmis = 0;
	set(ICR, 0xc4400);
	CHECK_EQ(nmis, 0);
	set(ICR_HIGH, 0);
	set(ICR, 0x4400);
	CHECK_EQ(nmis, 1);
	take_requests();
	set(ICR, 0x8500); /* INIT level de-assert is nothing */
	set(ICR, 0xc4500);
	set(ICR, 0x4611); /* the bootstrap CPU does not listen to start-up messages */
	CHECK_EQ(take_requests(), 0);
	set(ICR, 0x4500);
	CHECK(take_requests() == PEND_INIT && get(SVR) == 0xff && get(LDR) == 0 && get(ICR) == 0);
	set(SVR, 0x1ff);
	set(LVT_LINT0, MASKED);
}

static uint32_t errors(void)
{
	set(ESR, 0);
	return get(ESR);
}

static void test_errors(void)
{
	CHECK_EQ(errors(), 0);
	set(LVT_ERROR, 0xfe);
	set(ICR, 0x4405f & ~0xf0); /* vector 15 */
	CHECK(get(ESR) == 0 && intr && drain(0xfe) == 1); /* the register shows errors when it is written */
	CHECK_EQ(errors(), 0x20);
	CHECK_EQ(errors(), 0);
	message(APIC_FIXED, 5, false);
	CHECK(drain(0xfe) == 1 && errors() == 0x40);
	(void)get(0x3f0);
	set(0x000, 1);
	CHECK(drain(0xfe) == 1 && errors() == 0x80);
	set(VERSION, 0); /* read-only is not unknown */
	set(ISR, 0);
	set(CURRENT, 5);
	CHECK(errors() == 0 && get(VERSION) == 0x00050014 && get(CURRENT) == 0 && !intr);
	set(LVT_ERROR, 0x03); /* an illegal vector of its own */
	(void)get(0x3f0);
	CHECK_EQ(errors(), 0xc0);
	set(LVT_ERROR, MASKED);
}

static void test_lint0(void)
{
	pic_int = true;
	lapic_set_lint0(true);
	CHECK(!intr);
	set(LVT_LINT0, 0x700);
	CHECK(intr && ack() == 0x08);
	CHECK(get(ISR) == 0); /* not this APIC's service */
	pic_int = false;
	lapic_set_lint0(false);
	CHECK(!intr && ack() == -1);
	set(LVT_LINT0, 0x400);
	nmis = 0;
	lapic_set_lint0(true);
	lapic_set_lint0(true);
	CHECK_EQ(nmis, 1);
	lapic_set_lint0(false);
	set(LVT_LINT0, 0x45);
	lapic_set_lint0(true);
	CHECK(drain(0x45) == 1);
	lapic_set_lint0(false);
	CHECK(!intr);
	set(LVT_LINT0, 0x8045);
	lapic_set_lint0(true);
	CHECK(get(LVT_LINT0) == 0xc045 && ack() == 0x45 && !intr);
	set(EOI, 0);
	CHECK(intr && ack() == 0x45); /* the line is still high */
	lapic_set_lint0(false);
	set(EOI, 0);
	CHECK(get(LVT_LINT0) == 0x8045 && !intr);
	set(LVT_LINT0, MASKED);
	CHECK(message(APIC_EXTINT, 0, false) && intr); /* as an IOAPIC's message */
	pic_int = true;
	CHECK(ack() == 0x08 && !intr);
	pic_int = false;
}

static void test_timer(void)
{
	set(LVT_TIMER, 0x70);
	set(DIVIDE, 0x0b); /* by 1: 1 GHz */
	set(INITIAL, 1000);
	run_for(400);
	CHECK(get(CURRENT) == 600 && get(INITIAL) == 1000);
	run_for(599);
	CHECK(!intr);
	run_for(1);
	CHECK(intr && get(CURRENT) == 0 && drain(0x70) == 1);
	run_for(1000000);
	CHECK(!intr);
	set(LVT_TIMER, PERIODIC | 0x70);
	set(DIVIDE, 0x03); /* by 16 */
	set(INITIAL, 10000);
	run_for(160000);
	CHECK(drain(0x70) == 1 && get(CURRENT) == 10000);
	run_for(16 * 2500);
	CHECK_EQ(get(CURRENT), 7500);
	unsigned n = 0;
	for (int i = 0; i < 100; i++) {
		run_for(160000);
		n += drain(0x70);
	}
	CHECK_EQ(n, 100);
	stall_for(16 * 2500 * 3); /* to the very end of a period */
	CHECK(drain(0x70) == 1 && get(CURRENT) == 10000);
	set(LVT_TIMER, PERIODIC | MASKED | 0x70);
	run_for(16 * 15000);
	CHECK(!intr && get(CURRENT) == 5000); /* counts while masked */
	set(LVT_TIMER, PERIODIC | 0x70);
	CHECK(!intr);
	run_for(80000);
	CHECK(drain(0x70) == 1);
	set(LVT_TIMER, 0x71); /* now once, at the end of this period */
	run_for(160000);
	CHECK(drain(0x71) == 1);
	run_for(1000000);
	CHECK(!intr);
	set(INITIAL, 10000);
	set(INITIAL, 0); /* stops it */
	run_for(1000000);
	CHECK(!intr && get(CURRENT) == 0);
	static const struct { uint8_t code; unsigned by; } codes[] = { { 0, 2 }, { 1, 4 }, { 2, 8 }, { 3, 16 }, { 8, 32 }, { 9, 64 }, { 10, 128 } };
	for (unsigned i = 0; i < 7; i++) {
		set(DIVIDE, codes[i].code);
		set(INITIAL, UINT32_MAX);
		run_for(1280);
		CHECK_EQ(get(CURRENT), UINT32_MAX - 1280 / codes[i].by);
	}
	set(LVT_TIMER, UINT32_MAX);
	CHECK_EQ(get(LVT_TIMER), 0x700ff);
	set(DIVIDE, 0x0b);
	set(LVT_TIMER, PERIODIC | 0x70);
	set(INITIAL, 1); /* leaves the guest time to run */
	n = 0;
	for (int i = 0; i < 100; i++) {
		run_for(TIMER_MIN_PERIOD_NS);
		n += drain(0x70);
	}
	CHECK_EQ(n, 100);
	set(INITIAL, 0);
}

/* Between one-shot and periodic the count goes on, but one that has ended stays at 0. */
static void test_timer_modes(void)
{
	set(LVT_TIMER, 0x70);
	set(INITIAL, 1000000);
	run_for(600000);
	set(LVT_TIMER, PERIODIC | 0x70);
	CHECK_EQ(get(CURRENT), 400000);
	run_for(400000);
	CHECK(drain(0x70) == 1 && get(CURRENT) == 1000000);
	set(LVT_TIMER, 0x70);
	run_for(1000000);
	CHECK(drain(0x70) == 1 && get(CURRENT) == 0);
	set(LVT_TIMER, PERIODIC | 0x70);
	run_for(1500000);
	CHECK(!intr && get(CURRENT) == 0 && get(INITIAL) == 1000000);
	set(INITIAL, 1000);
	CHECK_EQ(get(CURRENT), 1000);
	set(LVT_TIMER, 0x60070); /* a reserved mode */
	run_for(100000);
	CHECK(!intr && get(CURRENT) == 0);
	set(INITIAL, 0);
}

static void test_tsc_deadline(void)
{
	uint64_t ns = 1000;

	the_cpu.tsc_offset = 0x123456789;
#define TSC (clock_ns() + (uint64_t)the_cpu.tsc_offset)
	set(LVT_TIMER, 0x70);
	lapic_set_tsc_deadline(&the_cpu, TSC + ns); /* not in this mode */
	CHECK_EQ(lapic_tsc_deadline(&the_cpu), 0);
	set(INITIAL, 1000);
	set(LVT_TIMER, DEADLINE | 0x71);
	CHECK(get(INITIAL) == 0 && get(CURRENT) == 0);
	set(INITIAL, 1000);
	run_for(2000);
	CHECK(!intr && get(INITIAL) == 0);
	uint64_t deadline = TSC + ns;
	lapic_set_tsc_deadline(&the_cpu, deadline);
	CHECK_EQ(lapic_tsc_deadline(&the_cpu), deadline);
	run_for(999);
	CHECK(!intr);
	run_for(1);
	CHECK(lapic_tsc_deadline(&the_cpu) == 0 && drain(0x71) == 1);
	lapic_set_tsc_deadline(&the_cpu, 1); /* long ago */
	CHECK(lapic_tsc_deadline(&the_cpu) == 0 && drain(0x71) == 1);
	lapic_set_tsc_deadline(&the_cpu, TSC + ns);
	lapic_set_tsc_deadline(&the_cpu, 0);
	run_for(2000);
	CHECK(!intr);
	lapic_set_tsc_deadline(&the_cpu, UINT64_MAX);
	run_for(1000000);
	CHECK(!intr && lapic_tsc_deadline(&the_cpu) == UINT64_MAX);
	lapic_set_tsc_deadline(&the_cpu, TSC + ns);
	the_cpu.tsc_offset += 500; /* the deadline is nearer now */
	lapic_tsc_changed(&the_cpu);
	run_for(499);
	CHECK(!intr);
	run_for(1);
	CHECK(drain(0x71) == 1);
	lapic_set_tsc_deadline(&the_cpu, TSC + ns);
	the_cpu.tsc_offset += 5000;
	lapic_tsc_changed(&the_cpu);
	CHECK(drain(0x71) == 1);
	set(LVT_TIMER, DEADLINE | MASKED | 0x71); /* expires unheard */
	lapic_set_tsc_deadline(&the_cpu, TSC + ns);
	run_for(1000);
	CHECK_EQ(lapic_tsc_deadline(&the_cpu), 0);
	set(LVT_TIMER, DEADLINE | 0x71);
	CHECK(!intr);
	lapic_set_tsc_deadline(&the_cpu, TSC + ns);
	set(LVT_TIMER, 0x71);
	run_for(2000);
	CHECK(!intr && lapic_tsc_deadline(&the_cpu) == 0);
	lapic_set_tsc_deadline(&the_cpu, 0);
	set(LVT_TIMER, DEADLINE | 0x71);
	lapic_set_tsc_deadline(&the_cpu, TSC + ns);
	/* One that passes while it is being set is not lost. */
	drain(0x71);
	set(LVT_TIMER, DEADLINE | 0x71);
	host_clock.step = 10;
	for (uint64_t in = 0; in < 100; in++) {
		lapic_set_tsc_deadline(&the_cpu, TSC + in);
		host_clock.step = 0;
		run_for(200);
		CHECK_EQ(drain(0x71), 1);
		host_clock.step = 10;
	}
	host_clock.step = 0;
	lapic_set_tsc_deadline(&the_cpu, TSC + ns);
	lapic_init_signal(&the_cpu);
	CHECK_EQ(lapic_tsc_deadline(&the_cpu), 0);
	run_for(2000);
	set(SVR, 0x1ff);
	CHECK(!intr);
	the_cpu.tsc_offset = 0;
}

/* ---- x2APIC mode ---- */

#define M(reg) ((reg) / 16)
static bool wrmsr(unsigned reg, uint64_t value) { return x2apic_write(&the_cpu, M(reg), value); }
static uint64_t rdmsr(unsigned reg)
{
	uint64_t value = 0xbad;

	CHECK(x2apic_read(&the_cpu, M(reg), &value));
	return value;
}

static void base_msr(uint64_t value)
{
	the_cpu.apic_base = value;
	lapic_base_changed(&the_cpu);
}

static void test_x2apic_registers(void)
{
	static const uint16_t readable[] = { ID, VERSION, TPR, PPR, LDR, SVR, ISR, ISR + 0x70, TMR, TMR + 0x70, IRR, IRR + 0x70, ESR, ICR, LVT_TIMER,
		LVT_TIMER + 0x10, LVT_TIMER + 0x20, LVT_LINT0, LVT_LINT1, LVT_ERROR, INITIAL, CURRENT, DIVIDE };
	static const struct { uint16_t reg; uint64_t value; } writable[] = {
		{ TPR, 0xff }, { EOI, 0 }, { SVR, 0x1ff }, { ESR, 0 }, { ICR, 0xfffffffe000c40fd }, { LVT_TIMER, 0x710ff }, { LVT_TIMER + 0x10, 0x117ff },
		{ LVT_TIMER + 0x20, 0x117ff }, { LVT_LINT0, 0x1f7ff }, { LVT_LINT1, 0x1f7ff }, { LVT_ERROR, 0x110ff }, { INITIAL, 0xffffffff },
		{ DIVIDE, 0xb }, { SELF_IPI, 0xff } };
	uint64_t value;

	for (unsigned reg = 0; reg < 0x1000; reg += 16) {
		bool reads = false;
		const uint64_t *bits = NULL;
		for (unsigned i = 0; i < sizeof readable / sizeof readable[0]; i++)
			reads |= readable[i] == reg || (reg >= ISR && reg < ESR);
		for (unsigned i = 0; i < sizeof writable / sizeof writable[0]; i++)
			bits = writable[i].reg == reg ? &writable[i].value : bits;
		CHECK_EQ(x2apic_read(&the_cpu, M(reg), &value), reads);
		CHECK(bits ? wrmsr(reg, *bits) && (reg == ICR || !wrmsr(reg, *bits + 1)) && (reg == ICR || !wrmsr(reg, *bits | 1ull << 32)) : !wrmsr(reg, 0));
	}
	wrmsr(TPR, 0);
	CHECK(drain(0xff) == 1);
	for (int i = 12; i < 32; i++)
		CHECK_EQ(wrmsr(ICR, 1ull << i | 0xfd), 0x000cc000 >> i & 1);
	CHECK(drain(0xfd) == 1);
	wrmsr(INITIAL, 0);
	wrmsr(ESR, 0);
	wrmsr(LVT_LINT0, MASKED);
	wrmsr(LVT_LINT1, MASKED);
}

static void test_x2apic(void)
{
	struct lapic_message m = { .vector = 0x50 };
	uint64_t value;

	the_cpu.id = 0x25;
	set(TPR, 0x30);
	set(LDR, 0x04000000);
	CHECK(!x2apic_read(&the_cpu, M(TPR), &value) && !wrmsr(TPR, 0));
	base_msr(0xfee00d00);
	CHECK(!lapic_decodes(&the_cpu, BASE));
	CHECK(rdmsr(ID) == 0x25 && rdmsr(LDR) == 0x20020 && rdmsr(TPR) == 0x30 && rdmsr(VERSION) == 0x50014 && rdmsr(SVR) == 0x1ff);
	wrmsr(TPR, 0);
	m.dest = 0x25;
	CHECK(lapic_deliver(&m) && intr && ack() == 0x50 && !intr && rdmsr(ISR + 0x20) == 0x10000 && wrmsr(EOI, 0) && rdmsr(ISR + 0x20) == 0);
	m.dest = 0x125;
	CHECK(!lapic_deliver(&m));
	m.dest = 0xff; /* an id like others, from another local APIC */
	CHECK(!lapic_deliver(&m));
	m.dest = LAPIC_ALL;
	CHECK(lapic_deliver(&m) && drain(0x50) == 1);
	m.logical = true;
	m.dest = 0x20030;
	CHECK(lapic_deliver(&m) && drain(0x50) == 1);
	m.dest = 0x2001f;
	CHECK(!lapic_deliver(&m));
	m.dest = 0x10020;
	CHECK(!lapic_deliver(&m));
	CHECK(wrmsr(ICR, 0x2500000051) && rdmsr(ICR) == 0x2500000051 && drain(0x51) == 1);
	CHECK(wrmsr(ICR, 0x2400000051) && !intr);
	CHECK(wrmsr(ICR, 0x2002000000851) && drain(0x51) == 1);
	CHECK(wrmsr(ICR, 0xffffffff00000052) && drain(0x52) == 1);
	CHECK(wrmsr(SELF_IPI, 0x53) && drain(0x53) == 1);
	wrmsr(LVT_ERROR, 0xe1);
	CHECK(wrmsr(SELF_IPI, 0x0f) && drain(0xe1) == 1 && wrmsr(ESR, 0) && rdmsr(ESR) == 0x20);
	CHECK(wrmsr(ESR, 0) && rdmsr(ESR) == 0);
	test_x2apic_registers();
	base_msr(0xfee00100); /* off: the only way back */
	CHECK(!x2apic_read(&the_cpu, M(ID), &value) && !wrmsr(EOI, 0));
	the_cpu.id = 0;
	base_msr(0xfee00900);
	CHECK(lapic_decodes(&the_cpu, BASE) && get(SVR) == 0xff && get(LDR) == 0 && get(ICR_HIGH) == 0);
}

static void test_base(void)
{
	message(APIC_FIXED, 0x50, false);
	the_cpu.apic_base = 0xfef00900;
	lapic_base_changed(&the_cpu);
	CHECK(!lapic_decodes(&the_cpu, BASE) && lapic_decodes(&the_cpu, 0xfef00000) && drain(0x50) == 1); /* what is pending stays */
	the_cpu.apic_base = 0xfee00100;
	lapic_base_changed(&the_cpu);
	CHECK(!lapic_decodes(&the_cpu, BASE) && !message(APIC_FIXED, 0x50, false) && !message(APIC_NMI, 0, false));
	lapic_set_lint0(true); /* LINT0 is the INTR pin now */
	pic_int = true;
	CHECK(intr && ack() == 0x08);
	lapic_set_lint0(false);
	the_cpu.apic_base = 0xfee00900;
	lapic_base_changed(&the_cpu);
	CHECK(lapic_decodes(&the_cpu, BASE) && get(SVR) == 0xff);
}

int main(void)
{
	CHECK_EQ(lapic_init(&the_cpu), 0);
	test_reset_state();
	test_priorities();
	test_level();
	test_destinations();
	test_ipi();
	test_errors();
	test_lint0();
	test_timer();
	test_timer_modes();
	test_tsc_deadline();
	test_base();
	set(SVR, 0x1ff);
	test_x2apic();
	reset_devices();
	CHECK(get(SVR) == 0xff && get(LVT_TIMER) == MASKED && !intr);
	return report();
}
