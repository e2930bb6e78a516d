/*
 * The interrupt lines of hw/irq.h, recorded: for tests of a device that drives them.
 */
#ifndef TESTS_HW_LINES_H
#define TESTS_HW_LINES_H

#include <stdbool.h>

#include "hw/irq.h"

struct recorded_line {
	bool level, waits; /* waits: the guest has not taken the last edge */
	unsigned edges;
};
static struct recorded_line isa_line[16], gsi_line[24], hpet_line[2];
static bool hpet_legacy;

static inline void drive(struct recorded_line *line, bool level)
{
	line->edges += level && !line->level;
	line->level = level;
}

void irq_set_isa(int irq, bool level) { drive(&isa_line[irq], level); }
void irq_set_gsi(int gsi, bool level) { drive(&gsi_line[gsi], level); }
void irq_set_hpet_legacy(int timer, bool level) { drive(&hpet_line[timer], level); }
void irq_hpet_legacy(bool on) { hpet_legacy = on; }
bool irq_isa_waits(int irq) { return hpet_legacy ? hpet_line[irq == 8].waits : isa_line[irq].waits; }
bool irq_gsi_waits(int gsi) { return gsi_line[gsi].waits; }

/* Edges since the last call. */
static inline unsigned take_edges(struct recorded_line *line)
{
	unsigned n = line->edges;

	line->edges = 0;
	return n;
}

#endif
