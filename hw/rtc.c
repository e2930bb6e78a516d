/*
 * MC146818 real-time clock with 128 bytes of CMOS memory, ports 70-71. The time is the host's; a guest that sets the clock changes only
 * its own distance from it.
 */
#include "hw/rtc.h"

#include <stddef.h>
#include <string.h>

#include "arch/loongarch/host.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/irq.h"
#include "hw/rtc_date.h"
#include "hw/timer.h"

#define RTC_IRQ 8
#define CRYSTAL_HZ 32768u
#define UIP_NS 244000u /* update-in-progress comes on so long before the second changes */

#define REG_A 0x0a
#define A_UIP 0x80
#define A_DIVIDER 0x70
#define A_DIVIDER_ON 0x20
#define A_RATE 0x0f
#define REG_B 0x0b
#define B_SET 0x80
#define B_PIE 0x40
#define B_AIE 0x20
#define B_UIE 0x10
#define REG_C 0x0c
#define C_IRQF 0x80
#define C_PF 0x40
#define C_AF 0x20
#define C_UF 0x10
#define REG_D 0x0d
#define D_VALID 0x80
#define DONT_CARE 0xc0 /* alarm registers at or above match anything */

/* Longest stretch of seconds looked through for an alarm: it covers every time of day. */
#define DAY_SECONDS 86400

static struct {
	uint8_t index;
	uint8_t cmos[128];
	int64_t base;         /* guest seconds since 1970 at clock 0 */
	uint64_t phase;       /* ns by which the guest's second runs ahead of the clock's */
	int64_t stopped_at;   /* the time while the clock does not run */
	int64_t updated;      /* seconds up to which UF and AF are set */
	uint64_t periods;     /* periods of the periodic interrupt up to which PF is set */
	struct timer update, periodic;
} rtc;

static bool clock_runs(void)
{
	return !(rtc.cmos[REG_B] & B_SET) && (rtc.cmos[REG_A] & A_DIVIDER) == A_DIVIDER_ON;
}

static uint64_t guest_ns(void)
{
	return clock_ns() + rtc.phase;
}

static int64_t guest_seconds(void)
{
	return clock_runs() ? rtc.base + (int64_t)(guest_ns() / NS_PER_SEC) : rtc.stopped_at;
}

static void set_seconds(int64_t seconds)
{
	rtc.base = seconds - (int64_t)(guest_ns() / NS_PER_SEC);
	rtc.stopped_at = seconds;
	rtc.updated = seconds;
}

static void update_irq(void)
{
	rtc.cmos[REG_C] &= (uint8_t)~C_IRQF;
	if (rtc.cmos[REG_C] & rtc.cmos[REG_B] & (C_PF | C_AF | C_UF))
		rtc.cmos[REG_C] |= C_IRQF;
	irq_set_isa(RTC_IRQ, rtc.cmos[REG_C] & C_IRQF);
}

static bool alarm_matches(int64_t seconds)
{
	uint8_t at[RTC_DATE_REGS];

	rtc_date_encode(seconds, rtc.cmos[REG_B], at);
	for (int reg = 0; reg <= 4; reg += 2)
		if (rtc.cmos[reg + 1] < DONT_CARE && rtc.cmos[reg + 1] != at[reg])
			return false;
	return true;
}

/* Sets UF and AF for the seconds gone by since the last call. */
static void catch_up_seconds(void)
{
	int64_t now = guest_seconds();

	if (now <= rtc.updated)
		return;
	rtc.cmos[REG_C] |= C_UF;
	if (now - rtc.updated > DAY_SECONDS)
		rtc.updated = now - DAY_SECONDS;
	while (rtc.updated < now && !(rtc.cmos[REG_C] & C_AF))
		if (alarm_matches(++rtc.updated))
			rtc.cmos[REG_C] |= C_AF;
	rtc.updated = now;
}

/* Length of the periodic interrupt in crystal ticks; 0: off. */
static uint32_t period(void)
{
	unsigned rate = rtc.cmos[REG_A] & A_RATE;

	if (!rate || (rtc.cmos[REG_A] & A_DIVIDER) != A_DIVIDER_ON)
		return 0;
	return 1u << ((rate < 3 ? rate + 7 : rate) - 1);
}

static uint64_t periods_now(void)
{
	return ns_to_ticks(guest_ns(), CRYSTAL_HZ) / period();
}

static void catch_up_periods(void)
{
	if (!period() || periods_now() <= rtc.periods)
		return;
	rtc.periods = periods_now();
	rtc.cmos[REG_C] |= C_PF;
}

/* Timers run only for interrupts that are enabled and not already flagged; reading register C starts them again. */
static void arm(void)
{
	uint8_t b = rtc.cmos[REG_B], waiting = b & ~rtc.cmos[REG_C];

	if (clock_runs() && waiting & (B_AIE | B_UIE))
		timer_set(&rtc.update, (guest_ns() / NS_PER_SEC + 1) * NS_PER_SEC - rtc.phase);
	else
		timer_cancel(&rtc.update);
	if (period() && waiting & B_PIE)
		timer_set(&rtc.periodic, ticks_to_ns((periods_now() + 1) * period(), CRYSTAL_HZ) - rtc.phase);
	else
		timer_cancel(&rtc.periodic);
}

static void catch_up(void)
{
	catch_up_seconds();
	catch_up_periods();
	update_irq();
	arm();
}

static void timer_due(void *ctx)
{
	(void)ctx;
	catch_up();
}

static bool is_date_reg(uint8_t reg)
{
	return reg == 0 || reg == 2 || reg == 4 || (reg >= 6 && reg <= 9) || reg == RTC_CENTURY;
}

/* The date registers hold the time only while the clock stands; else they are made from it. */
static void load_date_regs(void)
{
	uint8_t date[RTC_DATE_REGS];

	rtc_date_encode(guest_seconds(), rtc.cmos[REG_B], date);
	for (uint8_t reg = 0; reg < RTC_DATE_REGS - 1; reg++)
		if (is_date_reg(reg))
			rtc.cmos[reg] = date[reg];
	rtc.cmos[RTC_CENTURY] = date[RTC_DATE_CENTURY];
}

static void store_date_regs(void)
{
	uint8_t date[RTC_DATE_REGS];

	memcpy(date, rtc.cmos, RTC_DATE_REGS - 1);
	date[RTC_DATE_CENTURY] = rtc.cmos[RTC_CENTURY];
	set_seconds(rtc_date_decode(date, rtc.cmos[REG_B]));
}

static uint8_t read_a(void)
{
	bool uip = clock_runs() && guest_ns() % NS_PER_SEC >= NS_PER_SEC - UIP_NS;

	return rtc.cmos[REG_A] | (uip ? A_UIP : 0);
}

static uint8_t read_c(void)
{
	uint8_t value;

	catch_up_seconds();
	catch_up_periods();
	update_irq();
	value = rtc.cmos[REG_C];
	rtc.cmos[REG_C] = 0;
	update_irq();
	arm();
	return value;
}

static uint8_t read_reg(uint8_t reg)
{
	if (is_date_reg(reg) && clock_runs())
		load_date_regs();
	switch (reg) {
	case REG_A:
		return read_a();
	case REG_C:
		return read_c();
	case REG_D:
		return D_VALID;
	default:
		return rtc.cmos[reg];
	}
}

/* Registers A and B start and stop the clock. A divider taken out of reset makes the first update half a second later. */
static void write_control(uint8_t reg, uint8_t value)
{
	bool ran = clock_runs();
	bool divider_was_on = (rtc.cmos[REG_A] & A_DIVIDER) == A_DIVIDER_ON;

	catch_up_seconds();
	catch_up_periods();
	if (ran) {
		load_date_regs();
		rtc.stopped_at = guest_seconds();
	}
	rtc.cmos[reg] = value;
	if (reg == REG_A && !divider_was_on && (value & A_DIVIDER) == A_DIVIDER_ON)
		rtc.phase = NS_PER_SEC + NS_PER_SEC / 2 - clock_ns() % NS_PER_SEC;
	if (!ran && clock_runs())
		store_date_regs();
	if (period())
		rtc.periods = periods_now();
	update_irq();
	arm();
}

static void write_reg(uint8_t reg, uint8_t value)
{
	if (reg == REG_A) {
		write_control(REG_A, value & ~A_UIP);
	} else if (reg == REG_B) {
		write_control(REG_B, value & B_SET ? value & ~B_UIE : value);
	} else if (is_date_reg(reg) && clock_runs()) {
		load_date_regs();
		rtc.cmos[reg] = value;
		store_date_regs();
		arm();
	} else if (reg != REG_C && reg != REG_D) {
		/* A new alarm is not for the seconds before it. */
		catch_up_seconds();
		rtc.cmos[reg] = value;
	}
}

static uint32_t port_read(void *ctx, uint16_t port, int size)
{
	(void)ctx;
	(void)size;
	return port & 1 ? read_reg(rtc.index) : 0xff;
}

static void port_write(void *ctx, uint16_t port, int size, uint32_t value)
{
	(void)ctx;
	(void)size;
	if (port & 1)
		write_reg(rtc.index, (uint8_t)value);
	else
		rtc.index = value & 0x7f;
}

void rtc_set_cmos(uint8_t reg, uint8_t value)
{
	rtc.cmos[reg & 0x7f] = value;
}

static void reset(void *ctx)
{
	(void)ctx;
	rtc.index = 0;
	rtc.cmos[REG_B] &= (uint8_t)~(B_PIE | B_AIE | B_UIE | 0x08);
	rtc.cmos[REG_C] = 0;
	update_irq();
	arm();
}

int rtc_init(void)
{
	static const struct port_ops ops = { port_read, port_write, 1 };

	rtc.cmos[REG_A] = A_DIVIDER_ON | 6;
	rtc.cmos[REG_B] = RTC_24H;
	timer_init(&rtc.update, timer_due, NULL);
	timer_init(&rtc.periodic, timer_due, NULL);
	set_seconds((int64_t)host_wall_seconds());
	rtc_fill_cmos(&board_ram);
	reset(NULL);
	board_on_reset(reset, NULL);
	return bus_add_ports(0x70, 2, &ops, NULL);
}
