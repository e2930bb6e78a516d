/*
 * Power management as the ACPI tables describe it (ACPI specification, 4.8): PM1 event and control registers, PM timer, GPE0, and the SMI
 * command port that hands over to ACPI.
 */
#ifndef HW_PM_H
#define HW_PM_H

/* The user asks the guest to shut down. */
void pm_power_button(void);

#endif
