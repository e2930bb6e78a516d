/* COM1 and the power switch, for guest programs in C without an operating system. The serial line is set up by machine_ready (asm.h). */
#ifndef TESTS_LIB_GUEST_CONSOLE_H
#define TESTS_LIB_GUEST_CONSOLE_H

#include <stdint.h>

void outb(uint16_t port, uint8_t v);
void print(const char *text);
/* `digits` hexadecimal digits of v. */
void print_hex(uint64_t v, int digits);
void print_number(uint32_t v);
/* Waits until the last character has left. */
void console_flush(void);
/* By ACPI on a PIIX4, whose registers it puts to 600h, where they are on our board. Comes back where there is none. */
void power_off(void);

#endif
