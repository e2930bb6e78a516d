/*
 * The 8042 keyboard controller of a PC without keyboard and mouse (IBM PS/2 Technical Reference, keyboard controller): its own commands
 * work, whatever is sent to a device ends in a timeout.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "hw/board.h"
#include "hw/bus.h"
#include "hw/irq.h"
#include "hw/kbc.h"
#include "hw/power.h"

#define IRQ_KEYBOARD 1
#define IRQ_MOUSE 12

#define STATUS_FULL 0x01     /* a byte waits at port 60 */
#define STATUS_SYSTEM 0x04
#define STATUS_COMMAND 0x08  /* the last write was to port 64 */
#define STATUS_UNLOCKED 0x10
#define STATUS_AUX 0x20      /* the byte came from the mouse port */
#define STATUS_TIMEOUT 0x40

#define CTL_IRQ_KEYBOARD 0x01
#define CTL_IRQ_MOUSE 0x02
#define CTL_SYSTEM 0x04
#define CTL_NO_KEYBOARD 0x10
#define CTL_NO_MOUSE 0x20

#define OUT_RESET 0x01 /* low: the CPU is reset */
#define OUT_A20 0x02
#define DEVICE_TIMEOUT 0xfe
#define SELF_TEST_PASSED 0x55
#define INPUT_PORT 0x80 /* not locked */

enum { CMD_READ_RAM = 0x20, CMD_WRITE_RAM = 0x60, CMD_MOUSE_OFF = 0xa7, CMD_MOUSE_ON, CMD_MOUSE_TEST, CMD_SELF_TEST,
	CMD_KEYBOARD_TEST, CMD_KEYBOARD_OFF = 0xad, CMD_KEYBOARD_ON, CMD_READ_INPUT = 0xc0, CMD_READ_OUTPUT = 0xd0,
	CMD_WRITE_OUTPUT, CMD_ECHO_KEYBOARD, CMD_ECHO_MOUSE, CMD_TO_MOUSE, CMD_A20_OFF = 0xdd, CMD_A20_ON = 0xdf, CMD_PULSE = 0xf0 };
#define RAM_SIZE 32

static struct {
	uint8_t ram[RAM_SIZE]; /* byte 0 controls the controller */
	uint8_t status, data;
	uint8_t output_port;   /* without OUT_A20, which is the gate's state */
	uint8_t waiting;       /* a command whose parameter is due at port 60; 0: none */
} kbc;

static void update_irqs(void)
{
	bool full = kbc.status & STATUS_FULL, aux = kbc.status & STATUS_AUX;

	irq_set_isa(IRQ_KEYBOARD, full && !aux && kbc.ram[0] & CTL_IRQ_KEYBOARD);
	irq_set_isa(IRQ_MOUSE, full && aux && kbc.ram[0] & CTL_IRQ_MOUSE);
}

/* flags: STATUS_AUX, STATUS_TIMEOUT */
static void answer(uint8_t data, uint8_t flags)
{
	kbc.data = data;
	kbc.status = (kbc.status & ~(STATUS_AUX | STATUS_TIMEOUT)) | STATUS_FULL | flags;
	update_irqs();
}

static void write_output_port(uint8_t value)
{
	kbc.output_port = value & ~OUT_A20;
	power_set_a20(value & OUT_A20);
	if (!(value & OUT_RESET))
		power_init_cpu();
}

static void write_ram(unsigned index, uint8_t value)
{
	kbc.ram[index] = value;
	if (index)
		return;
	kbc.status = (kbc.status & ~STATUS_SYSTEM) | (value & CTL_SYSTEM ? STATUS_SYSTEM : 0);
	update_irqs();
}

/* The parameter of a command that has one. */
static void parameter(uint8_t command, uint8_t value)
{
	switch (command) {
	case CMD_WRITE_OUTPUT:
		write_output_port(value);
		break;
	case CMD_ECHO_KEYBOARD:
		answer(value, 0);
		break;
	case CMD_ECHO_MOUSE:
		answer(value, STATUS_AUX);
		break;
	case CMD_TO_MOUSE:
		answer(DEVICE_TIMEOUT, STATUS_AUX | STATUS_TIMEOUT);
		break;
	default:
		write_ram(command - CMD_WRITE_RAM, value);
		break;
	}
}

static bool takes_parameter(uint8_t command)
{
	return (command >= CMD_WRITE_RAM && command < CMD_WRITE_RAM + RAM_SIZE) ||
		(command >= CMD_WRITE_OUTPUT && command <= CMD_TO_MOUSE);
}

static void write_command(uint8_t command)
{
	kbc.waiting = takes_parameter(command) ? command : 0;
	if (command >= CMD_READ_RAM && command < CMD_READ_RAM + RAM_SIZE)
		answer(kbc.ram[command - CMD_READ_RAM], 0);
	if (command >= CMD_PULSE && !(command & OUT_RESET))
		power_init_cpu();
	switch (command) {
	case CMD_MOUSE_OFF:
		kbc.ram[0] |= CTL_NO_MOUSE;
		break;
	case CMD_MOUSE_ON:
		kbc.ram[0] &= (uint8_t)~CTL_NO_MOUSE;
		break;
	case CMD_SELF_TEST:
		kbc.status |= STATUS_SYSTEM;
		kbc.ram[0] |= CTL_SYSTEM;
		answer(SELF_TEST_PASSED, 0);
		break;
	case CMD_MOUSE_TEST:
	case CMD_KEYBOARD_TEST:
		answer(0, 0);
		break;
	case CMD_KEYBOARD_OFF:
		kbc.ram[0] |= CTL_NO_KEYBOARD;
		break;
	case CMD_KEYBOARD_ON:
		kbc.ram[0] &= (uint8_t)~CTL_NO_KEYBOARD;
		break;
	case CMD_READ_INPUT:
		answer(INPUT_PORT, 0);
		break;
	case CMD_READ_OUTPUT:
		answer(kbc.output_port | (power_a20() ? OUT_A20 : 0), 0);
		break;
	case CMD_A20_OFF:
		power_set_a20(false);
		break;
	case CMD_A20_ON:
		power_set_a20(true);
		break;
	}
}

static uint32_t data_read(void *ctx, uint16_t port, int size)
{
	(void)ctx;
	(void)port;
	(void)size;
	kbc.status &= (uint8_t)~(STATUS_FULL | STATUS_AUX | STATUS_TIMEOUT);
	update_irqs();
	return kbc.data;
}

static void data_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	uint8_t command = kbc.waiting;

	(void)ctx;
	(void)port;
	(void)size;
	kbc.status &= (uint8_t)~STATUS_COMMAND;
	kbc.waiting = 0;
	if (command)
		parameter(command, (uint8_t)value);
	else
		answer(DEVICE_TIMEOUT, STATUS_TIMEOUT);
}

static uint32_t status_read(void *ctx, uint16_t port, int size)
{
	(void)ctx;
	(void)port;
	(void)size;
	return kbc.status;
}

static void command_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx;
	(void)port;
	(void)size;
	kbc.status |= STATUS_COMMAND;
	write_command((uint8_t)value);
}

static void reset(void *ctx)
{
	(void)ctx;
	memset(&kbc, 0, sizeof kbc);
	kbc.status = STATUS_UNLOCKED | STATUS_COMMAND;
	kbc.output_port = OUT_RESET;
	kbc.ram[0] = CTL_NO_KEYBOARD | CTL_NO_MOUSE;
	update_irqs();
}

int kbc_init(void)
{
	static const struct port_ops data_ops = { data_read, data_write, 1 };
	static const struct port_ops command_ops = { status_read, command_write, 1 };
	int err;

	reset(NULL);
	board_on_reset(reset, NULL);
	err = bus_add_ports(0x60, 1, &data_ops, NULL);
	return err ? err : bus_add_ports(0x64, 1, &command_ops, NULL);
}
