#include "tests/conformance/payload/payload.h"

/* Of about 10 ms. Where a case is checked, it has an end unless the firmware is wrong; the machine may be slow. */
#define TICKS_RECORD 50
#define TICKS_CHECK 400

static volatile uint32_t ticks;

void watchdog_init(void)
{
	static const uint8_t program[][2] = {
		{ 0x20, 0x11 }, { 0xa0, 0x11 }, { 0x21, 0x20 }, { 0xa1, 0x28 }, { 0x21, 4 }, { 0xa1, 2 }, { 0x21, 1 }, { 0xa1, 1 },
		{ 0x21, 0xfe }, { 0xa1, 0xff }, { 0x43, 0x34 }, { 0x40, 11932 & 0xff }, { 0x40, 11932 >> 8 },
	};

	for (unsigned k = 0; k < sizeof program / sizeof program[0]; k++)
		outb(program[k][0], program[k][1]);
}

void watchdog_start(void)
{
	ticks = 0;
}

int watchdog_tick(void)
{
	outb(0x20, 0x20);
	return ++ticks >= (file->run == RUN_RECORD ? TICKS_RECORD : TICKS_CHECK);
}
