/*
 * The local APIC's registers as MSRs, in x2APIC mode (Intel SDM 3A, 11.12): MSR 800h + n is the register at offset n * 16.
 */
#include "hw/apic/lapic_internal.h"

#define READABLE 1u
#define WRITABLE 2u
#define BOTH (READABLE | WRITABLE)

#define REG_ICR 0x30
#define REG_SELF_IPI 0x3f

/* What the mode has, and the bits that may be written. ICR's upper half, the destination, has them all. */
struct x2apic_register {
	uint8_t first, last, access;
	uint32_t bits;
};
static const struct x2apic_register registers[] = {
	{ 0x02, 0x03, READABLE, 0 },          /* ID, version */
	{ 0x08, 0x08, BOTH, 0xff },           /* TPR */
	{ 0x0a, 0x0a, READABLE, 0 },          /* PPR */
	{ 0x0b, 0x0b, WRITABLE, 0 },          /* EOI */
	{ 0x0d, 0x0d, READABLE, 0 },          /* LDR */
	{ 0x0f, 0x0f, BOTH, 0x1ff },          /* SVR */
	{ 0x10, 0x27, READABLE, 0 },          /* ISR, TMR, IRR */
	{ 0x28, 0x28, BOTH, 0 },              /* ESR */
	{ REG_ICR, REG_ICR, BOTH, LAPIC_ICR_BITS },
	{ 0x32, 0x32, BOTH, 0x000710ff },     /* LVT: timer; read-only bits may have any value */
	{ 0x33, 0x34, BOTH, 0x000117ff },     /* thermal, performance */
	{ 0x35, 0x36, BOTH, 0x0001f7ff },     /* LINT0, LINT1 */
	{ 0x37, 0x37, BOTH, 0x000110ff },     /* error */
	{ 0x38, 0x38, BOTH, 0xffffffff },     /* initial count */
	{ 0x39, 0x39, READABLE, 0 },          /* current count */
	{ 0x3e, 0x3e, BOTH, 0xb },            /* divide configuration */
	{ REG_SELF_IPI, REG_SELF_IPI, WRITABLE, 0xff },
};

static const struct x2apic_register *find(const struct lapic *l, unsigned reg, unsigned access)
{
	for (unsigned i = 0; l->x2apic && i < sizeof registers / sizeof registers[0]; i++)
		if (reg >= registers[i].first && reg <= registers[i].last)
			return registers[i].access & access ? &registers[i] : 0;
	return 0;
}

bool x2apic_read(struct cpu *cpu, unsigned reg, uint64_t *value)
{
	struct lapic *l = cpu->lapic;

	if (!find(l, reg, READABLE))
		return false;
	*value = lapic_read_register(l, reg);
	if (reg == REG_ICR)
		*value |= (uint64_t)l->icr_high << 32;
	return true;
}

bool x2apic_write(struct cpu *cpu, unsigned reg, uint64_t value)
{
	struct lapic *l = cpu->lapic;
	const struct x2apic_register *r = find(l, reg, WRITABLE);

	if (!r || (value & ~(reg == REG_ICR ? 0xffffffff00000000ull | r->bits : r->bits)))
		return false;
	if (reg == REG_ICR)
		l->icr_high = value >> 32;
	if (reg == REG_SELF_IPI)
		lapic_send_self(l, (uint8_t)value);
	else
		lapic_write_register(l, reg, (uint32_t)value);
	return true;
}
