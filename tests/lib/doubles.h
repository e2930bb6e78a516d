/* The host's registers that hold x87 registers as doubles, for programs that are compiled for another machine. */
#ifndef TESTS_LIB_DOUBLES_H
#define TESTS_LIB_DOUBLES_H

#include <string.h>

#include "translator/vregs.h"

static uint64_t double_registers[8];

void doubles_store(uint64_t d[8])
{
	memcpy(d, double_registers, sizeof double_registers);
}

void doubles_load(const uint64_t d[8])
{
	memcpy(double_registers, d, sizeof double_registers);
}

#endif
