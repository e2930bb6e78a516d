/*
 * The board's two buses: I/O ports and guest physical memory. Devices claim ranges; what nobody claims reads all ones.
 */
#ifndef HW_BUS_H
#define HW_BUS_H

#include <stdint.h>

#include "translator/board.h"

struct port_ops {
	/* port is absolute; size 1, 2, 4, at most max_size. An access that reaches beyond the range comes byte by byte. */
	uint32_t (*read)(void *ctx, uint16_t port, int size);
	void (*write)(void *ctx, uint16_t port, int size, uint32_t value);
	int max_size; /* widest access the device knows, 1 or 2: wider ones arrive split into bytes or words; 0: any */
};
/* Claims ports first..first+count-1; later claims win over earlier ones. 0, -ENOMEM. */
int bus_add_ports(uint16_t first, unsigned count, const struct port_ops *ops, void *ctx);
/* Gives a claimed range back (BARs move). */
void bus_remove_ports(uint16_t first, unsigned count, void *ctx);

struct mmio_ops {
	/* gpa is absolute; size 1, 2, 4, 8 */
	uint64_t (*read)(void *ctx, uint64_t gpa, int size);
	void (*write)(void *ctx, uint64_t gpa, int size, uint64_t value);
};
/*
 * The guest physical memory map is a list of regions, page-granular, kept sorted by priority: a later region hides an earlier one where
 * they overlap. Adding and removing calls mmu_phys_map_changed(). Returns a handle >= 0 or -ENOMEM, -EINVAL.
 */
int bus_add_memory(uint64_t gpa, uint64_t size, enum page_kind kind, uint64_t host_pa, const struct mmio_ops *ops, void *ctx);
void bus_remove_memory(int handle);

/* The accesses behind board_port_xxx() and board_mmio_xxx(), and the look-up behind board_resolve(). */
uint32_t bus_port_read(uint16_t port, int size);
void bus_port_write(uint16_t port, int size, uint32_t value);
uint64_t bus_mmio_read(uint64_t gpa, int size);
void bus_mmio_write(uint64_t gpa, int size, uint64_t value);
void bus_resolve(uint64_t gpa, struct phys_page *out);

#endif
