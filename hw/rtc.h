/*
 * The real-time clock's CMOS memory, for those who put configuration there.
 */
#ifndef HW_RTC_H
#define HW_RTC_H

#include <stdint.h>

struct ram_map;

/* Sets CMOS byte 0x00-0x7f; for bytes 0x0e and up. */
void rtc_set_cmos(uint8_t reg, uint8_t value);
/* Fills in what a BIOS reads there: memory sizes, number of CPUs, boot order, equipment (cmos.c). */
void rtc_fill_cmos(const struct ram_map *ram);

#endif
