/*
 * Ports on which guest firmware tells what it does: 402 (SeaBIOS and others on QEMU's boards), E9 (Bochs), 80 (POST codes).
 * Their text goes to the console by whole lines when the firmware's user wants it; else port 402 is absent, so that the BIOS does not spend
 * time on its messages.
 */
#include <stdbool.h>
#include <stddef.h>

#include "arch/loongarch/host.h"
#include "hw/board.h"
#include "hw/bus.h"

#define PORT_BIOS 0x402
#define PORT_BOCHS 0xe9
#define PORT_POST 0x80
#define PRESENT 0xe9 /* both ports read so */

struct log {
	char line[160];
	size_t len;
};
static struct log bios_log, bochs_log;
static uint8_t post_code;
static bool shown;

static void flush(struct log *log)
{
	console_write(log->line, log->len);
	log->len = 0;
}

static void text_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	struct log *log = ctx;

	(void)port;
	(void)size;
	if (log->len == sizeof log->line - 1) {
		log->line[log->len++] = '\n';
		flush(log);
	}
	log->line[log->len++] = (char)value;
	if ((char)value == '\n')
		flush(log);
}

static uint32_t text_read(void *ctx, uint16_t port, int size)
{
	(void)ctx;
	(void)port;
	(void)size;
	return PRESENT;
}

static uint32_t post_read(void *ctx, uint16_t port, int size)
{
	(void)ctx;
	(void)port;
	(void)size;
	return post_code;
}

static void post_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx;
	(void)port;
	(void)size;
	post_code = (uint8_t)value;
}

void debugport_show_text(void)
{
	shown = true;
}

int debugport_init(void)
{
	static const struct port_ops text_ops = { text_read, text_write, 1 };
	static const struct port_ops post_ops = { post_read, post_write, 1 };
	int err = bus_add_ports(PORT_POST, 1, &post_ops, NULL);

	if (err || !shown)
		return err;
	err = bus_add_ports(PORT_BIOS, 1, &text_ops, &bios_log);
	return err ? err : bus_add_ports(PORT_BOCHS, 1, &text_ops, &bochs_log);
}
