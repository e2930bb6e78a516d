/*
 * Local APIC (Intel SDM 3A, chapter 11; the registers are numbered by their offset divided by 16).
 */
#include "hw/apic/lapic.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "hw/apic/ioapic.h"
#include "hw/apic/lapic_internal.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/layout.h"
#include "hw/pic.h"

#define PAGE 4096u
#define VERSION 0x00050014u /* six LVT entries */

#define MSR_BSP 0x100u

struct lapic *lapics[LAPIC_MAX];
unsigned lapic_count;
static bool lint0; /* level of the wire */

static const uint32_t lvt_writable[LVT_COUNT] = {
	[LVT_TIMER] = 0x000700ff, [LVT_THERMAL] = 0x000107ff, [LVT_PERF] = 0x000107ff, [LVT_LINT0] = 0x0001a7ff,
	[LVT_LINT1] = 0x0001a7ff, [LVT_ERROR] = 0x000100ff,
};

/* ---- the three 256-bit registers ---- */

static void bit_set(uint32_t *reg, uint8_t n)
{
	reg[n / 32] |= 1u << n % 32;
}

static void bit_clear(uint32_t *reg, uint8_t n)
{
	reg[n / 32] &= ~(1u << n % 32);
}

static bool bit_test(const uint32_t *reg, uint8_t n)
{
	return reg[n / 32] >> n % 32 & 1;
}

static int highest_bit(const uint32_t *reg)
{
	for (int i = 6; i >= 0; i -= 2) {
		uint64_t two;

		memcpy(&two, reg + i, sizeof two);
		if (two)
			return 32 * i + 63 - __builtin_clzll(two);
	}
	return -1;
}

/* ---- priorities and the CPU's input ---- */

uint8_t lapic_priority(const struct lapic *l)
{
	int isr = highest_bit(l->isr);

	return isr >= 0 && (isr & 0xf0) > (l->tpr & 0xf0) ? (uint8_t)(isr & 0xf0) : l->tpr;
}

/* The vector that may interrupt the CPU now, or -1. */
static int deliverable(const struct lapic *l)
{
	int irr = highest_bit(l->irr);

	return irr >= 0 && (irr & 0xf0) > (lapic_priority(l) & 0xf0) ? irr : -1;
}

/* With the APIC switched off by its MSR, LINT0 is the CPU's INTR pin. */
static bool extint_wanted(const struct lapic *l)
{
	uint32_t lvt = l->lvt[LVT_LINT0];

	if (!l->hw_enabled)
		return lint0;
	if (l->extint_message)
		return true;
	return lint0 && !(lvt & LVT_MASKED) && LVT_MODE(lvt) == APIC_EXTINT;
}

void lapic_update_cpu(struct lapic *l)
{
	bool apic = l->hw_enabled && deliverable(l) >= 0;

	cpu_set_intr(l->cpu, apic || extint_wanted(l));
}

void lapic_error(struct lapic *l, uint32_t bit)
{
	uint32_t lvt = l->lvt[LVT_ERROR];

	if (l->esr_pending & bit)
		return;
	l->esr_pending |= bit;
	if (!(lvt & LVT_MASKED))
		lapic_accept(l, (uint8_t)lvt, false);
}

bool lapic_accept(struct lapic *l, uint8_t vector, bool level)
{
	if (!l->hw_enabled || !(l->svr & SVR_ENABLE))
		return false;
	if (vector < LAPIC_FIRST_VECTOR) {
		/* The error interrupt's own vector may be the illegal one. */
		if (!(l->esr_pending & ESR_RECEIVE_ILLEGAL))
			lapic_error(l, ESR_RECEIVE_ILLEGAL);
		return true;
	}
	bit_set(l->irr, vector);
	if (level)
		bit_set(l->tmr, vector);
	else
		bit_clear(l->tmr, vector);
	lapic_update_cpu(l);
	return true;
}

bool lapic_requests(const struct lapic *l, uint8_t vector)
{
	return bit_test(l->irr, vector);
}

/* ---- who it is ---- */

uint32_t lapic_id(const struct lapic *l)
{
	return l->x2apic ? l->cpu->id : l->id;
}

/* In x2APIC mode the logical id follows from the id: a cluster of 16 in the upper half, a bit of the lower. */
uint32_t lapic_logical_id(const struct lapic *l)
{
	return l->x2apic ? l->cpu->id >> 4 << 16 | 1u << (l->cpu->id & 15) : l->ldr;
}

/* ---- local interrupts ---- */

/* LINT0 programmed to something else than ExtINT interrupts at its rising edge, or while high. */
static void lint0_changed(struct lapic *l, bool rises)
{
	uint32_t lvt = l->lvt[LVT_LINT0];

	if (!l->hw_enabled || lvt & LVT_MASKED)
		return;
	if (LVT_MODE(lvt) == APIC_NMI && rises)
		cpu_pulse_nmi(l->cpu);
	if (LVT_MODE(lvt) == APIC_FIXED && lint0 && (rises || lvt & LVT_LEVEL) && !(lvt & LVT_REMOTE_IRR)) {
		if (lapic_accept(l, (uint8_t)lvt, lvt & LVT_LEVEL) && lvt & LVT_LEVEL)
			l->lvt[LVT_LINT0] |= LVT_REMOTE_IRR;
	}
}

void lapic_set_lint0(bool level)
{
	bool rises = level && !lint0;

	lint0 = level;
	for (unsigned i = 0; i < lapic_count; i++) {
		lint0_changed(lapics[i], rises);
		lapic_update_cpu(lapics[i]);
	}
}

int lapic_ack(struct cpu *cpu)
{
	struct lapic *l = cpu->lapic;
	int vector = l->hw_enabled ? deliverable(l) : -1;

	if (vector >= 0) {
		bit_clear(l->irr, (uint8_t)vector);
		bit_set(l->isr, (uint8_t)vector);
	} else if (extint_wanted(l)) {
		l->extint_message = false;
		if (pic_output())
			vector = pic_ack();
	}
	lapic_update_cpu(l);
	return vector;
}

static void end_of_interrupt(struct lapic *l)
{
	int vector = highest_bit(l->isr);

	if (vector < 0)
		return;
	bit_clear(l->isr, (uint8_t)vector);
	if (bit_test(l->tmr, (uint8_t)vector)) {
		uint32_t lvt = l->lvt[LVT_LINT0];

		if (lvt & LVT_REMOTE_IRR && (uint8_t)lvt == vector)
			l->lvt[LVT_LINT0] &= ~LVT_REMOTE_IRR;
		ioapic_eoi((uint8_t)vector);
		lint0_changed(l, false);
	}
	lapic_update_cpu(l);
}

/* ---- registers ---- */

static void write_svr(struct lapic *l, uint32_t value)
{
	bool was_enabled = l->svr & SVR_ENABLE;

	l->svr = value & 0x1ff;
	if (was_enabled && !(value & SVR_ENABLE))
		for (int i = 0; i < LVT_COUNT; i++)
			l->lvt[i] |= LVT_MASKED;
	if (!was_enabled && value & SVR_ENABLE)
		ioapic_retry();
}

static void write_lvt(struct lapic *l, int i, uint32_t value)
{
	uint32_t kept = l->lvt[i] & ~lvt_writable[i];

	value = kept | (value & lvt_writable[i]) | (l->svr & SVR_ENABLE ? 0 : LVT_MASKED);
	if (i == LVT_TIMER)
		lapic_timer_set_lvt(l, value);
	else
		l->lvt[i] = value;
	if (i == LVT_LINT0)
		lint0_changed(l, false);
}

void lapic_write_register(struct lapic *l, unsigned reg, uint32_t value)
{
	switch (reg) {
	case 0x02:
		l->id = (uint8_t)(value >> 24);
		break;
	case 0x08:
		l->tpr = (uint8_t)value;
		break;
	case 0x0b:
		end_of_interrupt(l);
		return;
	case 0x0d:
		l->ldr = value & 0xff000000;
		break;
	case 0x0e:
		l->dfr = value | 0x0fffffff;
		break;
	case 0x0f:
		write_svr(l, value);
		break;
	case 0x28:
		l->esr = l->esr_pending;
		l->esr_pending = 0;
		break;
	case 0x30:
		l->icr = value & LAPIC_ICR_BITS;
		lapic_send(l, l->icr, l->x2apic ? l->icr_high : lapic_dest(l->icr_high >> 24));
		return;
	case 0x31:
		l->icr_high = value & 0xff000000;
		break;
	case 0x32 ... 0x37:
		write_lvt(l, (int)reg - 0x32, value);
		break;
	case 0x38:
		lapic_timer_start(l, value);
		break;
	case 0x3e:
		lapic_timer_set_divider(l, value);
		break;
	case 0x03: /* read-only registers swallow writes without an error */
	case 0x09 ... 0x0a:
	case 0x0c:
	case 0x10 ... 0x27:
	case 0x39:
		break;
	default:
		lapic_error(l, ESR_ILLEGAL_REGISTER);
		break;
	}
	lapic_update_cpu(l);
}

uint32_t lapic_read_register(struct lapic *l, unsigned reg)
{
	switch (reg) {
	case 0x02:
		return l->x2apic ? lapic_id(l) : lapic_id(l) << 24;
	case 0x03:
		return VERSION;
	case 0x08:
		return l->tpr;
	case 0x09:
	case 0x0a:
		return lapic_priority(l);
	case 0x0d:
		return lapic_logical_id(l);
	case 0x0e:
		return l->dfr;
	case 0x0f:
		return l->svr;
	case 0x10 ... 0x17:
		return l->isr[reg - 0x10];
	case 0x18 ... 0x1f:
		return l->tmr[reg - 0x18];
	case 0x20 ... 0x27:
		return l->irr[reg - 0x20];
	case 0x28:
		return l->esr;
	case 0x30:
		return l->icr;
	case 0x31:
		return l->icr_high;
	case 0x32 ... 0x37:
		return l->lvt[reg - 0x32];
	case 0x38:
		return l->timer_initial;
	case 0x39:
		return lapic_timer_current(l);
	case 0x3e:
		return l->timer_divider;
	case 0x0b:
	case 0x0c:
		return 0;
	default:
		lapic_error(l, ESR_ILLEGAL_REGISTER);
		return 0;
	}
}

/* In x2APIC mode the registers are MSRs only. */
static bool has_page(const struct lapic *l)
{
	return l->hw_enabled && !l->x2apic;
}

/* Registers are the first four bytes of each sixteen; the rest reads zero. */
uint64_t lapic_read(struct cpu *cpu, uint64_t gpa, int size)
{
	unsigned offset = gpa & (PAGE - 1), byte = offset & 15;
	uint64_t value;

	if (byte >= 4)
		return 0;
	value = (uint64_t)lapic_read_register(cpu->lapic, offset >> 4) >> 8 * byte;
	return size >= 8 ? value : value & ((1ull << 8 * size) - 1);
}

/* Writes of less than a register are ignored: the SDM leaves them undefined. */
void lapic_write(struct cpu *cpu, uint64_t gpa, int size, uint64_t value)
{
	if (gpa & 15 || size < 4)
		return;
	lapic_write_register(cpu->lapic, (gpa & (PAGE - 1)) >> 4, (uint32_t)value);
}

uint8_t lapic_tpr(const struct cpu *cpu)
{
	return cpu->lapic->tpr;
}

void lapic_set_tpr(struct cpu *cpu, uint8_t tpr)
{
	cpu->lapic->tpr = tpr;
	lapic_update_cpu(cpu->lapic);
}

/* ---- states ---- */

/* A BIOS that knows no APIC gets its 8259 interrupts: LINT0 of the bootstrap CPU starts as ExtINT. */
static void set_initial_state(struct lapic *l)
{
	timer_cancel(&l->timer);
	memset(l->irr, 0, sizeof l->irr);
	memset(l->isr, 0, sizeof l->isr);
	memset(l->tmr, 0, sizeof l->tmr);
	l->tpr = 0;
	l->ldr = 0;
	l->dfr = 0xffffffff;
	l->svr = 0xff;
	l->esr = l->esr_pending = 0;
	l->icr = l->icr_high = 0;
	l->extint_message = false;
	for (int i = 0; i < LVT_COUNT; i++)
		l->lvt[i] = LVT_MASKED;
	if (l->cpu->id == 0)
		l->lvt[LVT_LINT0] = APIC_EXTINT << 8;
	lapic_timer_reset(l);
}

void lapic_init_signal(struct cpu *cpu)
{
	set_initial_state(cpu->lapic);
	lapic_update_cpu(cpu->lapic);
}

uint8_t lapic_sipi_vector(const struct cpu *cpu)
{
	return cpu->lapic->sipi_vector;
}

void lapic_base_changed(struct cpu *cpu)
{
	struct lapic *l = cpu->lapic;
	bool enabled = cpu->apic_base & LAPIC_MSR_ENABLE, had_page = has_page(l);
	uint64_t old_base = l->base;

	if (l->hw_enabled && !enabled)
		set_initial_state(l);
	l->hw_enabled = enabled;
	l->x2apic = enabled && cpu->apic_base & LAPIC_MSR_X2APIC;
	l->base = LAPIC_MSR_BASE(cpu->apic_base);
	if (has_page(l) != had_page || l->base != old_base) {
		int old = l->region;

		/* The page must be nobody's memory, so that accesses to it come to board_mmio_xxx(). */
		l->region = has_page(l) ? bus_add_memory(l->base, PAGE, PAGE_MMIO, 0, NULL, NULL) : -1;
		if (old >= 0)
			bus_remove_memory(old);
	}
	lapic_update_cpu(l);
}

static void reset(void *ctx)
{
	struct lapic *l = ctx;

	l->id = (uint8_t)l->cpu->id;
	l->cpu->apic_base = LAYOUT_LAPIC | LAPIC_MSR_ENABLE | (l->cpu->id ? 0 : MSR_BSP);
	set_initial_state(l);
	lapic_base_changed(l->cpu);
}

int lapic_init(struct cpu *cpu)
{
	struct lapic *l = calloc(1, sizeof *l);

	if (!l || lapic_count == LAPIC_MAX)
		return -ENOMEM;
	l->cpu = cpu;
	l->region = -1;
	cpu->lapic = l;
	lapic_timer_init(l);
	lapics[lapic_count++] = l;
	reset(l);
	board_on_reset(reset, l);
	return 0;
}
