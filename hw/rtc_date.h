/*
 * Seconds since 1970 to and from the date registers of an MC146818.
 */
#ifndef HW_RTC_DATE_H
#define HW_RTC_DATE_H

#include <stdint.h>

#define RTC_24H 0x02    /* register B: hours 0-23 */
#define RTC_BINARY 0x04 /* register B: binary, not BCD */
#define RTC_CENTURY 0x32

/* Registers 0-9 (seconds, minutes, hours, weekday, day, month, year; the alarm bytes between are not touched) and the century. */
#define RTC_DATE_REGS 11
#define RTC_DATE_CENTURY 10

/* reg_b: the format (RTC_xxx). */
void rtc_date_encode(int64_t seconds, uint8_t reg_b, uint8_t date[RTC_DATE_REGS]);
/* Values out of range count on into the next unit; never fails. */
int64_t rtc_date_decode(const uint8_t date[RTC_DATE_REGS], uint8_t reg_b);

#endif
