/*
 * Discovery from ACPI tables (ACPI specification 6.5). Nothing is executed: what stands in AML only comes from platform.c.
 */
#ifndef ARCH_ACPI_H
#define ARCH_ACPI_H

/* Before libc runs: fills host.uart from SPCR, or by the make of the machine. Silent; base 0 when there is nothing usable. */
void acpi_find_console(void);
/*
 * Second stage: fills `platform`, `power_off`, `power_reset`, host.ncpu, the PCI windows and the rest of host.uart from the tables at
 * host.rsdp. 0, or a negative error after a message. Tables that are broken but not needed are reported and left out.
 */
int acpi_discover(void);

#endif
