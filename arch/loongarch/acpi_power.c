/*
 * Power off and reset as FADT has them (ACPI specification 6.5, 4.8.3 and 5.2.9).
 */
#include <stdio.h>
#include <string.h>

#include "arch/loongarch/acpi_tables.h"
#include "arch/loongarch/power.h"

#define SLEEP_TYPE_MAX 7

/* AML (20.2): NameOp, name, PackageOp, PkgLength, count, then a constant. */
#define AML_ZERO 0x00
#define AML_ONE 0x01
#define AML_NAME 0x08
#define AML_BYTE 0x0a
#define AML_PACKAGE 0x12
#define PKG_LENGTH_MORE(lead) ((lead) >> 6) /* bytes that follow the first */

/*
 * SLP_TYPa of \_S5, or -1: the bytes of its definition are looked for, as firmware writes it as a plain package of constants in the DSDT.
 */
static int s5_type(const struct acpi_header *dsdt)
{
	static const uint8_t name[] = { AML_NAME, '_', 'S', '5', '_', AML_PACKAGE };
	const uint8_t *aml = (const uint8_t *)(dsdt + 1), *end = (const uint8_t *)dsdt + dsdt->length;

	for (; end - aml > (long)sizeof name + 6; aml++) {
		const uint8_t *p = aml + sizeof name;

		if (memcmp(aml, name, sizeof name))
			continue;
		p += 1 + PKG_LENGTH_MORE(*p) + 1;
		if (*p == AML_BYTE && p[1] <= SLEEP_TYPE_MAX)
			return p[1];
		return *p == AML_ZERO || *p == AML_ONE ? *p : -1;
	}
	return -1;
}

static int sleep_type(const struct acpi_fadt *fadt)
{
	const void *dsdt;
	int type, r = acpi_table_at(fadt->x_dsdt ? fadt->x_dsdt : fadt->dsdt, "DSDT", 0, &dsdt);

	if (r) {
		printf("ACPI: DSDT: %s\n", acpi_error(r));
		return -1;
	}
	type = s5_type(dsdt);
	if (type < 0)
		printf("ACPI: DSDT has no \\_S5 that can be read\n");
	return type;
}

/* A write to a register of 1, 2 or 4 bytes in memory; address 0 when it is another. */
static struct power_write register_write(const struct acpi_gas *gas, unsigned size, uint32_t value)
{
	struct power_write w = { .address = gas->address, .size = (uint8_t)size, .value = value };

	if (gas->access >= 1 && gas->access <= 3)
		w.size = (uint8_t)(1u << (gas->access - 1));
	if (gas->space != GAS_MEMORY || gas->access > 3 || (w.size != 1 && w.size != 2 && w.size != 4) || gas->address >> 48)
		w.address = 0;
	return w;
}

static struct power_write off_write(const struct acpi_fadt *fadt)
{
	enum { SLEEP_TYPE_SHIFT = 2, SLEEP_ENABLE = 0x20, PM1_TYPE_SHIFT = 10, PM1_ENABLE = 0x2000 };
	struct acpi_gas pm1 = fadt->x_pm1a_control;
	int type = sleep_type(fadt);

	if (type < 0)
		return (struct power_write){ 0 };
	if (fadt->flags & FADT_HW_REDUCED)
		return register_write(&fadt->sleep_control, 1, (uint32_t)type << SLEEP_TYPE_SHIFT | SLEEP_ENABLE);
	if (!pm1.address)
		pm1 = (struct acpi_gas){ .space = GAS_MEMORY, .bits = fadt->pm1_control_length * 8, .address = fadt->pm1a_control };
	return register_write(&pm1, pm1.bits / 8, (uint32_t)type << PM1_TYPE_SHIFT | PM1_ENABLE);
}

void acpi_power(const struct acpi_fadt *fadt)
{
	power_off = off_write(fadt);
	if (fadt->flags & FADT_RESET_SUPPORTED)
		power_reset = register_write(&fadt->reset, 1, fadt->reset_value);
	if (!power_off.address)
		printf("ACPI: how to switch the machine off is not known\n");
	if (!power_reset.address)
		printf("ACPI: how to reset the machine is not known\n");
}
