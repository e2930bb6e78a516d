#include "hw/pm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "hw/board.h"
#include "hw/bus.h"
#include "hw/irq.h"
#include "hw/layout.h"
#include "hw/power.h"
#include "hw/timer.h"

#define PM_TIMER_HZ 3579545u
#define PM_TIMER_MASK 0xffffffu /* 24 bits; TMR_STS at each change of the highest */
#define PM_TIMER_CARRY_BIT 23

#define STS_TMR 0x0001u
#define STS_PWRBTN 0x0100u
#define PM1_EVENTS 0x0521u /* TMR, GBL, PWRBTN, RTC */
#define PM1_STATUS_BITS 0x8531u

#define CNT_SCI_EN 0x0001u
#define CNT_SLP_TYP 0x1c00u
#define CNT_SLP_TYP_SHIFT 10
#define CNT_SLP_EN 0x2000u
#define CNT_WRITABLE 0x1c02u

#define REG_CNT (LAYOUT_PORT_PM1_CNT - LAYOUT_PORT_PM)
#define REG_TMR (LAYOUT_PORT_PM_TMR - LAYOUT_PORT_PM)

static struct {
	uint16_t status, enable, control;
	uint16_t gpe_status, gpe_enable;
	uint8_t smi_command, smi_status;
	uint64_t carries; /* changes of the timer's highest bit up to which TMR_STS is set */
	struct timer carry;
} pm;

static uint64_t timer_ticks(void)
{
	return ns_to_ticks(clock_ns(), PM_TIMER_HZ);
}

static void update_sci(void)
{
	bool event = pm.status & pm.enable & PM1_EVENTS || pm.gpe_status & pm.gpe_enable;

	irq_set_isa(LAYOUT_GSI_SCI, event && pm.control & CNT_SCI_EN);
}

static void catch_up(void)
{
	uint64_t carries = timer_ticks() >> PM_TIMER_CARRY_BIT;

	if (carries != pm.carries)
		pm.status |= STS_TMR;
	pm.carries = carries;
}

/* The carry needs a deadline only while it can interrupt. */
static void arm(void)
{
	if (pm.enable & STS_TMR && !(pm.status & STS_TMR))
		timer_set(&pm.carry, ticks_to_ns((pm.carries + 1) << PM_TIMER_CARRY_BIT, PM_TIMER_HZ));
	else
		timer_cancel(&pm.carry);
}

static void changed(void)
{
	catch_up();
	update_sci();
	arm();
}

static void carry_due(void *ctx)
{
	(void)ctx;
	changed();
}

void pm_power_button(void)
{
	pm.status |= STS_PWRBTN;
	changed();
}

static void write_control(uint16_t value)
{
	pm.control = (pm.control & CNT_SCI_EN) | (value & CNT_WRITABLE);
	if (value & CNT_SLP_EN && (value & CNT_SLP_TYP) >> CNT_SLP_TYP_SHIFT == LAYOUT_SLP_TYP_S5)
		board_power_off();
}

/* The registers of the block as they read, by 16-bit word. */
static uint16_t read_word(unsigned reg)
{
	switch (reg) {
	case 0:
		return pm.status;
	case 2:
		return pm.enable;
	case REG_CNT:
		return pm.control;
	case REG_TMR:
		return (uint16_t)timer_ticks();
	case REG_TMR + 2:
		return (uint16_t)((timer_ticks() & PM_TIMER_MASK) >> 16);
	default:
		return 0;
	}
}

static void write_word(unsigned reg, uint16_t value)
{
	switch (reg) {
	case 0:
		pm.status &= (uint16_t)~(value & PM1_STATUS_BITS);
		break;
	case 2:
		pm.enable = value & PM1_EVENTS;
		break;
	case REG_CNT:
		write_control(value);
		break;
	}
}

/* Three words: all that an access of four bytes may touch. */
static uint64_t read_long(unsigned reg)
{
	return read_word(reg) | (uint64_t)read_word(reg + 2) << 16 | (uint64_t)read_word(reg + 4) << 32;
}

static uint32_t pm_read(void *ctx, uint16_t port, int size)
{
	unsigned reg = port - LAYOUT_PORT_PM;

	(void)ctx;
	catch_up();
	if (reg == REG_TMR && size == 4)
		return (uint32_t)timer_ticks() & PM_TIMER_MASK;
	if (reg & 1)
		return (uint32_t)(read_long(reg & ~1u) >> 8);
	return size == 4 ? (uint32_t)read_long(reg) : read_word(reg);
}

/* A byte written to half of a register leaves the other half; in the status register zeros do. */
static void write_byte(unsigned reg, uint8_t value)
{
	unsigned word = reg & ~1u, shift = reg & 1 ? 8 : 0;
	uint16_t old = word ? read_word(word) : 0;

	write_word(word, (uint16_t)((old & ~(0xffu << shift)) | (unsigned)value << shift));
}

static void pm_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	unsigned reg = port - LAYOUT_PORT_PM;

	(void)ctx;
	catch_up();
	if (size == 1 || reg & 1) {
		for (int i = 0; i < size; i++)
			write_byte(reg + (unsigned)i, (uint8_t)(value >> 8 * i));
	} else {
		write_word(reg, (uint16_t)value);
		if (size == 4)
			write_word(reg + 2, (uint16_t)(value >> 16));
	}
	changed();
}

/* GPE0: two bytes of status, two of enable. Nothing raises an event yet; the registers behave. */
static uint32_t gpe_read(void *ctx, uint16_t port, int size)
{
	unsigned reg = port - LAYOUT_PORT_GPE0;
	uint16_t word = reg & 2 ? pm.gpe_enable : pm.gpe_status;

	(void)ctx;
	(void)size;
	return reg & 1 ? word >> 8 : word & 0xff;
}

static void gpe_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	unsigned reg = port - LAYOUT_PORT_GPE0, shift = reg & 1 ? 8 : 0;

	(void)ctx;
	(void)size;
	if (reg & 2)
		pm.gpe_enable = (uint16_t)((pm.gpe_enable & ~(0xffu << shift)) | value << shift);
	else
		pm.gpe_status &= (uint16_t)~(value << shift);
	update_sci();
}

static uint32_t smi_read(void *ctx, uint16_t port, int size)
{
	(void)ctx;
	(void)size;
	return port == LAYOUT_PORT_SMI_CMD ? pm.smi_command : pm.smi_status;
}

/* There is no system management mode: the two commands that the FADT names are carried out here. */
static void smi_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx;
	(void)size;
	if (port != LAYOUT_PORT_SMI_CMD) {
		pm.smi_status = (uint8_t)value;
		return;
	}
	pm.smi_command = (uint8_t)value;
	if (value == LAYOUT_ACPI_ENABLE)
		pm.control |= CNT_SCI_EN;
	else if (value == LAYOUT_ACPI_DISABLE)
		pm.control &= (uint16_t)~CNT_SCI_EN;
	update_sci();
}

static void reset(void *ctx)
{
	(void)ctx;
	pm.status = pm.enable = pm.control = 0;
	pm.gpe_status = pm.gpe_enable = 0;
	pm.smi_command = pm.smi_status = 0;
	pm.carries = timer_ticks() >> PM_TIMER_CARRY_BIT;
	changed();
}

int pm_init(void)
{
	static const struct port_ops pm_ops = { pm_read, pm_write, 0 };
	static const struct port_ops gpe_ops = { gpe_read, gpe_write, 1 };
	static const struct port_ops smi_ops = { smi_read, smi_write, 1 };
	int err;

	timer_init(&pm.carry, carry_due, NULL);
	reset(NULL);
	board_on_reset(reset, NULL);
	err = bus_add_ports(LAYOUT_PORT_PM, LAYOUT_PORT_PM_SIZE, &pm_ops, NULL);
	if (!err)
		err = bus_add_ports(LAYOUT_PORT_GPE0, LAYOUT_PORT_GPE0_SIZE, &gpe_ops, NULL);
	if (!err)
		err = bus_add_ports(LAYOUT_PORT_SMI_CMD, 2, &smi_ops, NULL);
	return err;
}
