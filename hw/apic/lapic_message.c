/*
 * Interrupt messages between I/O APICs, devices and local APICs (Intel SDM 3A, 11.6 and 11.7).
 */
#include "hw/apic/lapic_internal.h"

#include <stddef.h>

#define MSR_BSP 0x100u

#define ICR_LOGICAL 0x00000800u
#define ICR_ASSERT 0x00004000u
#define ICR_LEVEL 0x00008000u
#define ICR_SHORTHAND(v) ((v) >> 18 & 3)
enum { TO_DEST, TO_SELF, TO_ALL, TO_OTHERS };

static bool has_logical_id(const struct lapic *l, uint32_t dest)
{
	uint32_t ldr = lapic_logical_id(l);

	if (l->x2apic)
		return dest >> 16 == ldr >> 16 && dest & ldr & 0xffff;
	if (dest > 0xff)
		return false;
	if (l->dfr >> 28 == 0xf)
		return dest & ldr >> 24;
	return dest >> 4 == ldr >> 28 && dest & ldr >> 24 & 0xf;
}

static bool is_addressed(const struct lapic *l, const struct lapic_message *m)
{
	if (m->dest == LAPIC_ALL)
		return true;
	return m->logical ? has_logical_id(l, m->dest) : m->dest == lapic_id(l);
}

static bool take(struct lapic *l, const struct lapic_message *m)
{
	if (!l->hw_enabled)
		return false;
	switch (m->mode) {
	case APIC_FIXED:
	case APIC_LOWEST:
		return lapic_accept(l, m->vector, m->level);
	case APIC_NMI:
		cpu_pulse_nmi(l->cpu);
		return true;
	case APIC_INIT:
		lapic_init_signal(l->cpu);
		cpu_request(l->cpu, PEND_INIT);
		return true;
	case APIC_SIPI:
		/* Only a CPU that waits after INIT listens; the bootstrap CPU never does. */
		if (l->cpu->apic_base & MSR_BSP)
			return true;
		l->sipi_vector = m->vector;
		cpu_request(l->cpu, PEND_SIPI);
		return true;
	case APIC_EXTINT:
		l->extint_message = true;
		lapic_update_cpu(l);
		return true;
	default:
		return true;
	}
}

static struct lapic *lowest_priority(const struct lapic_message *m)
{
	struct lapic *best = NULL;

	for (unsigned i = 0; i < lapic_count; i++) {
		struct lapic *l = lapics[i];

		if (!l->hw_enabled || !(l->svr & SVR_ENABLE) || !is_addressed(l, m))
			continue;
		if (!best || lapic_priority(l) < lapic_priority(best))
			best = l;
	}
	return best;
}

bool lapic_deliver(const struct lapic_message *m)
{
	bool accepted = false;

	if (m->mode == APIC_LOWEST) {
		struct lapic *l = lowest_priority(m);

		return l && take(l, m);
	}
	for (unsigned i = 0; i < lapic_count; i++)
		if (is_addressed(lapics[i], m))
			accepted |= take(lapics[i], m);
	return accepted;
}

bool lapic_has_pending(const struct lapic_message *m)
{
	if (m->mode != APIC_FIXED && m->mode != APIC_LOWEST)
		return false;
	for (unsigned i = 0; i < lapic_count; i++)
		if (is_addressed(lapics[i], m) && lapic_requests(lapics[i], m->vector))
			return true;
	return false;
}

void lapic_send(struct lapic *l, uint32_t icr, uint32_t dest)
{
	struct lapic_message m = { .dest = dest, .logical = icr & ICR_LOGICAL, .mode = icr >> 8 & 7, .vector = (uint8_t)icr };

	if ((m.mode == APIC_FIXED || m.mode == APIC_LOWEST) && m.vector < LAPIC_FIRST_VECTOR) {
		lapic_error(l, ESR_SEND_ILLEGAL);
		return;
	}
	/* INIT level de-assert only synchronises arbitration ids, which nobody has any more. */
	if (m.mode == APIC_INIT && icr & ICR_LEVEL && !(icr & ICR_ASSERT))
		return;
	switch (ICR_SHORTHAND(icr)) {
	case TO_DEST:
		lapic_deliver(&m);
		break;
	case TO_SELF:
		if (m.mode == APIC_FIXED)
			take(l, &m);
		break;
	case TO_ALL:
	case TO_OTHERS:
		for (unsigned i = 0; i < lapic_count; i++)
			if (lapics[i] != l || ICR_SHORTHAND(icr) == TO_ALL)
				take(lapics[i], &m);
		break;
	}
}

void lapic_send_self(struct lapic *l, uint8_t vector)
{
	lapic_send(l, TO_SELF << 18 | APIC_FIXED << 8 | vector, 0);
}
