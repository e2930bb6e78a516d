/*
 * The host's wall clock, read once.
 */
#ifndef ARCH_RTC_H
#define ARCH_RTC_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds since 1970-01-01 of a date in the proleptic Gregorian calendar; month 1-12. */
uint64_t rtc_seconds(unsigned year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second);
/* It was `seconds` at counter value `counter`. Before it is called host_wall_seconds() counts from 0. */
void rtc_set(uint64_t seconds, uint64_t counter);
bool rtc_is_set(void);
/* Reads the TOY clock of platform.rtc, if there is one. */
void rtc_read_toy(void);

#endif
