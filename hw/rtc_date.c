/*
 * The calendar: proleptic Gregorian, computed with years that begin in March so that the leap day comes last.
 */
#include "hw/rtc_date.h"

#include <stdbool.h>

#define DAY 86400
#define DAYS_400_YEARS 146097
#define DAYS_TO_1970 719468 /* from 0000-03-01 */
#define HOUR_PM 0x80

static int64_t days_of_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - DAYS_TO_1970;
}

static void date_of_days(int64_t days, int *year, int *month, int *day)
{
	int64_t n = days + DAYS_TO_1970, era = n / DAYS_400_YEARS, in_era = n % DAYS_400_YEARS;
	int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * in_year + 2) / 153;

	*day = (int)(in_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(era * 400 + y + (*month <= 2));
}

static uint8_t put(int value, uint8_t reg_b)
{
	return (uint8_t)(reg_b & RTC_BINARY ? value : value / 10 % 10 << 4 | value % 10);
}

static int get(uint8_t value, uint8_t reg_b)
{
	return reg_b & RTC_BINARY ? value : (value >> 4) * 10 + (value & 15);
}

static uint8_t put_hour(int hour, uint8_t reg_b)
{
	if (reg_b & RTC_24H)
		return put(hour, reg_b);
	return (uint8_t)(put(hour % 12 ? hour % 12 : 12, reg_b) | (hour >= 12 ? HOUR_PM : 0));
}

static int get_hour(uint8_t value, uint8_t reg_b)
{
	if (reg_b & RTC_24H)
		return get(value, reg_b);
	return get(value & 0x7f, reg_b) % 12 + (value & HOUR_PM ? 12 : 0);
}

void rtc_date_encode(int64_t seconds, uint8_t reg_b, uint8_t date[RTC_DATE_REGS])
{
	int64_t days = seconds / DAY;
	int in_day = (int)(seconds % DAY), year, month, day;

	date_of_days(days, &year, &month, &day);
	date[0] = put(in_day % 60, reg_b);
	date[2] = put(in_day / 60 % 60, reg_b);
	date[4] = put_hour(in_day / 3600, reg_b);
	date[6] = put((int)((days + 4) % 7) + 1, reg_b);
	date[7] = put(day, reg_b);
	date[8] = put(month, reg_b);
	date[9] = put(year % 100, reg_b);
	date[RTC_DATE_CENTURY] = put(year / 100, reg_b & ~RTC_BINARY);
}

int64_t rtc_date_decode(const uint8_t date[RTC_DATE_REGS], uint8_t reg_b)
{
	int64_t year = get(date[RTC_DATE_CENTURY], reg_b & ~RTC_BINARY) * 100 + get(date[9], reg_b);
	int64_t month = get(date[8], reg_b), day = get(date[7], reg_b);
	int64_t seconds;

	if (month < 1)
		month = 1;
	year += (month - 1) / 12;
	month = (month - 1) % 12 + 1;
	seconds = days_of_date(year, month, day) * DAY;
	seconds += get_hour(date[4], reg_b) * 3600 + get(date[2], reg_b) * 60 + get(date[0], reg_b);
	return seconds < 0 ? 0 : seconds;
}
