/*
 * The console: the host's 16550-compatible UART, polled.
 */
#ifndef ARCH_UART_H
#define ARCH_UART_H

#include <stdint.h>

/* Uses host.uart from here on. Before it (or with base 0) output is lost. Speed and format stay as the host's firmware set them. */
void console_init(void);

#endif
