/*
 * Which host RAM is the firmware's, and its allocation.
 */
#ifndef ARCH_MEMORY_H
#define ARCH_MEMORY_H

#include "arch/loongarch/ranges.h"

/*
 * The firmware's share of the RAM. RAM at 3-4 GiB cannot be a guest's, for a PC has its PCI hole there: all of it, if that is enough. Else
 * the top quarter, at least MEMORY_MIN_FIRMWARE, of the highest range that has so much. 0, or -ENOMEM when there is none.
 */
int memory_plan(const struct range_list *ram, struct range_list *firmware);
#define MEMORY_MIN_FIRMWARE (128ull << 20)

/*
 * Second stage: takes over the RAM in host.ram; host_alloc() and host_guest_ram() work from here on. host.image is kept; host.module and the
 * FDT are copied out of what becomes guest RAM. 0 or -ENOMEM.
 */
int memory_init(void);

#endif
