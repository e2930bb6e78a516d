#include "arch/loongarch/rtc.h"

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "arch/loongarch/platform.h"

/* LS7A RTC, the "time of year" half (7A1000 user manual, chapter 21) */
#define TOY_READ0 0x2c /* month 31-26, day 25-21, hour 20-16, minute 15-10, second 9-4 */
#define TOY_READ1 0x30 /* years since 1900 */
#define RTC_CTRL 0x40
#define CTRL_EO 0x100    /* oscillator on */
#define CTRL_TOYEN 0x800

#define READ_TRIES 4

static uint64_t wall_at_zero; /* seconds at host counter 0 */
static bool is_set;

uint64_t rtc_seconds(unsigned year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second)
{
	/* Years that begin in March end with the leap day. */
	unsigned y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
	uint64_t days = 365ull * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
	const uint64_t epoch = 719468; /* the same for 1970-01-01 */

	return ((days - epoch) * 24 + hour) * 3600 + minute * 60 + second;
}

void rtc_set(uint64_t seconds, uint64_t counter)
{
	wall_at_zero = seconds - counter / host.counter_hz;
	is_set = true;
}

bool rtc_is_set(void)
{
	return is_set;
}

void rtc_read_toy(void)
{
	volatile uint8_t *base;
	uint32_t t, year;
	int tries = 0;

	if (!platform.rtc)
		return;
	base = phys_uncached(platform.rtc);
	*(volatile uint32_t *)(base + RTC_CTRL) |= CTRL_EO | CTRL_TOYEN;
	do {
		year = *(volatile uint32_t *)(base + TOY_READ1);
		t = *(volatile uint32_t *)(base + TOY_READ0);
	} while (year != *(volatile uint32_t *)(base + TOY_READ1) && ++tries < READ_TRIES);
	rtc_set(rtc_seconds(1900 + year, t >> 26, t >> 21 & 31, t >> 16 & 31, t >> 10 & 63, t >> 4 & 63), host_counter());
}

uint64_t host_wall_seconds(void)
{
	return wall_at_zero + host_counter() / host.counter_hz;
}
