/*
 * Buses, BARs and bridge windows for a machine on which no firmware has assigned any.
 *
 * One walk over the buses, depth first, numbers them and lists what each needs, largest alignment first: BARs, and one window a pool for each
 * bridge, as large as what lies behind it takes when packed in that order. Then addresses are handed down from the root. Every piece
 * starts on a multiple of its alignment, so packing behind a bridge comes out the same at any address.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/loongarch/host.h"
#include "arch/loongarch/pci.h"
#include "arch/loongarch/platform.h"

#define BAR_IO 1u
#define BAR_TYPE 6u
#define BAR_TYPE_64 4u
#define BAR_PREFETCHABLE 8u
#define BAR_MEM_FLAGS 15u
#define BAR_IO_FLAGS 3u
#define ENDPOINT_BARS 6
#define BRIDGE_BARS 2

#define WINDOW_IO 0x1c         /* base and limit, address bits 12-15 in bits 4-7 */
#define WINDOW_IO_UPPER 0x30
#define WINDOW_MEM 0x20        /* base and limit, address bits 20-31 in bits 4-15 */
#define WINDOW_PREF 0x24
#define WINDOW_PREF_UPPER 0x28 /* upper halves of base and limit */
#define WINDOW_TYPE 15u
#define WINDOW_64 1u
#define IO_END 0x10000u

/* Where an address comes from: I/O, memory below 4 GiB, memory above. */
enum pool { POOL_IO, POOL_MEM, POOL_HIGH, POOLS };
static const char *const pool_names[POOLS] = { "I/O", "memory", "64-bit memory" };

struct need {
	struct need *next;
	uint32_t bdf;
	uint8_t reg;         /* of the BAR */
	bool wide;
	struct bus *behind;  /* NULL: a BAR; else the bridge's window to that bus */
	uint64_t size, align;
};

/* Lives as long as the firmware, as its bridge does. */
struct bus {
	unsigned number;
	bool has[POOLS];     /* the bridges above can forward these */
	struct need *needs[POOLS];
};

/* Of the walk: the last bus number given away, and whether memory ran out. */
static struct {
	unsigned last_bus;
	int error;
} walk;

static const struct host_pci_window *pool_window(enum pool pool)
{
	return pool == POOL_IO ? &host.pci_io : pool == POOL_MEM ? &host.pci_mem : &host.pci_mem64;
}

static void complain(const struct need *n, enum pool pool, const char *why)
{
	char what[32];

	if (n->behind)
		snprintf(what, sizeof what, "window to bus %02x", n->behind->number);
	else
		snprintf(what, sizeof what, "BAR %d", (n->reg - PCI_BAR0) / 4);
	printf("pci " PCI_BDF_FORMAT ": %s (%s, size %#lx) cannot be assigned: %s\n", PCI_BDF_ARGS(n->bdf), what, pool_names[pool], n->size, why);
}

/* ---- what each bus needs ---- */

static void insert(struct bus *bus, enum pool pool, const struct need *what)
{
	struct need **link = &bus->needs[pool], *n;

	if (!bus->has[pool]) {
		complain(what, pool, "the machine or a bridge has no such window");
		return;
	}
	if (what->size > pool_window(pool)->size) {
		complain(what, pool, "larger than the machine's window");
		return;
	}
	n = malloc(sizeof *n);
	if (!n) {
		walk.error = -ENOMEM;
		return;
	}
	while (*link && (*link)->align >= what->align)
		link = &(*link)->next;
	*n = *what;
	n->next = *link;
	*link = n;
}

/* Which bits of a BAR stick. The BAR is left at 0: unassigned. */
static uint32_t probe(uint32_t bdf, unsigned reg)
{
	uint32_t mask;

	host_pci_write(bdf, reg, 4, ~0u);
	mask = host_pci_read(bdf, reg, 4);
	host_pci_write(bdf, reg, 4, 0);
	return mask;
}

/* Lists the BAR at `reg`, with at most `left` BARs from here on; returns how many it takes. */
static int list_bar(struct bus *bus, uint32_t bdf, unsigned reg, int left)
{
	uint32_t low = probe(bdf, reg);
	bool io = low & BAR_IO, wide = !io && (low & BAR_TYPE) == BAR_TYPE_64 && left > 1;
	uint64_t mask = low & ~(io ? BAR_IO_FLAGS : BAR_MEM_FLAGS);
	struct need n = { .bdf = bdf, .reg = (uint8_t)reg, .wide = wide };
	/* Behind a bridge only the prefetchable window reaches above 4 GiB. */
	bool high = wide && bus->has[POOL_HIGH] && (bus->number == 0 || (low & BAR_PREFETCHABLE));

	if (wide)
		mask |= (uint64_t)probe(bdf, reg + 4) << 32;
	n.size = n.align = mask & -mask;
	if (n.size)
		insert(bus, io ? POOL_IO : high ? POOL_HIGH : POOL_MEM, &n);
	return wide ? 2 : 1;
}

static void list_bars(struct bus *bus, uint32_t bdf, int count)
{
	for (int i = 0; i < count;)
		i += list_bar(bus, bdf, PCI_BAR0 + 4u * (unsigned)i, count - i);
}

/* Room that the needs of a pool take when packed in order from an address that is a multiple of the first one's alignment. */
static uint64_t packed_size(const struct need *n)
{
	uint64_t size = 0;

	for (; n; n = n->next)
		size = ((size + n->align - 1) & -n->align) + n->size;
	return size;
}

static void list_window(struct bus *bus, uint32_t bridge, struct bus *behind, enum pool pool)
{
	uint64_t grain = pool == POOL_IO ? 1u << 12 : 1u << 20;
	struct need n = { .bdf = bridge, .behind = behind };

	if (!behind->needs[pool])
		return;
	n.align = behind->needs[pool]->align > grain ? behind->needs[pool]->align : grain;
	n.size = (packed_size(behind->needs[pool]) + grain - 1) & -grain;
	insert(bus, pool, &n);
}

/* ---- bridges ---- */

/* base > limit: closed. */
static void set_window(uint32_t bdf, enum pool pool, uint64_t base, uint64_t limit)
{
	if (pool == POOL_IO) {
		host_pci_write(bdf, WINDOW_IO, 2, (uint32_t)((base >> 8 & 0xf0) | (limit & 0xf000)));
		host_pci_write(bdf, WINDOW_IO_UPPER, 4, 0);
		return;
	}
	host_pci_write(bdf, pool == POOL_MEM ? WINDOW_MEM : WINDOW_PREF, 4,
		       (uint32_t)((base >> 16 & 0xfff0) | (limit & 0xfff00000)));
	if (pool == POOL_HIGH) {
		host_pci_write(bdf, WINDOW_PREF_UPPER, 4, (uint32_t)(base >> 32));
		host_pci_write(bdf, WINDOW_PREF_UPPER + 4, 4, (uint32_t)(limit >> 32));
	}
}

/* Closes the bridge's windows and sees which of them it has: those for I/O and above 4 GiB are optional. */
static void probe_windows(uint32_t bdf, const struct bus *above, struct bus *behind)
{
	set_window(bdf, POOL_IO, 0xf000, 0);
	set_window(bdf, POOL_MEM, 0xfff00000, 0);
	set_window(bdf, POOL_HIGH, 0xfff00000, 0);
	behind->has[POOL_IO] = above->has[POOL_IO] && (host_pci_read(bdf, WINDOW_IO, 1) & 0xf0);
	behind->has[POOL_MEM] = above->has[POOL_MEM];
	behind->has[POOL_HIGH] = above->has[POOL_HIGH] && (host_pci_read(bdf, WINDOW_PREF, 2) & 0xfff0) &&
				 (host_pci_read(bdf, WINDOW_PREF, 1) & WINDOW_TYPE) == WINDOW_64;
}

static void list_function(void *ctx, uint32_t bdf, unsigned type);

static void number_buses(uint32_t bdf, unsigned primary, unsigned secondary, unsigned subordinate)
{
	host_pci_write(bdf, PCI_PRIMARY, 1, primary);
	host_pci_write(bdf, PCI_SECONDARY, 1, secondary);
	host_pci_write(bdf, PCI_SUBORDINATE, 1, subordinate);
}

static void list_bridge(struct bus *bus, uint32_t bdf)
{
	struct bus *behind;

	list_bars(bus, bdf, BRIDGE_BARS);
	if (walk.last_bus == host_pci_last_bus()) {
		printf("pci " PCI_BDF_FORMAT ": no bus number left: what is behind this bridge is lost\n", PCI_BDF_ARGS(bdf));
		return;
	}
	behind = calloc(1, sizeof *behind);
	if (!behind) {
		walk.error = -ENOMEM;
		return;
	}
	behind->number = ++walk.last_bus;
	probe_windows(bdf, bus, behind);
	number_buses(bdf, bus->number, behind->number, host_pci_last_bus());
	pci_enter_bus(behind->number, bdf);
	pci_scan_bus(behind->number, list_function, behind);
	number_buses(bdf, bus->number, behind->number, walk.last_bus);
	for (enum pool pool = 0; pool < POOLS; pool++)
		list_window(bus, bdf, behind, pool);
	host_pci_write(bdf, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEM | PCI_COMMAND_MASTER);
}

/* Decoding of endpoints stays off: whoever uses one turns it on. */
static void list_function(void *ctx, uint32_t bdf, unsigned type)
{
	host_pci_write(bdf, PCI_COMMAND, 2, 0);
	if (type == PCI_TYPE_ENDPOINT)
		list_bars(ctx, bdf, ENDPOINT_BARS);
	else if (type == PCI_TYPE_BRIDGE)
		list_bridge(ctx, bdf);
	else
		printf("pci " PCI_BDF_FORMAT ": unknown type of header %#x\n", PCI_BDF_ARGS(bdf), type);
}

/* ---- addresses ---- */

static void place(struct bus *bus, enum pool pool, uint64_t base, uint64_t end);

static void place_one(const struct need *n, enum pool pool, uint64_t base)
{
	if (n->behind) {
		set_window(n->bdf, pool, base, base + n->size - 1);
		place(n->behind, pool, base, base + n->size);
		return;
	}
	host_pci_write(n->bdf, n->reg, 4, (uint32_t)base);
	if (n->wide)
		host_pci_write(n->bdf, n->reg + 4u, 4, (uint32_t)(base >> 32));
	if (host.verbose)
		printf("pci " PCI_BDF_FORMAT ": BAR %d at %#lx, size %#lx (%s)\n", PCI_BDF_ARGS(n->bdf), (n->reg - PCI_BAR0) / 4, base, n->size,
		       pool_names[pool]);
}

/* Gives the needs of a bus their addresses within [base, end). Takes the list apart. */
static void place(struct bus *bus, enum pool pool, uint64_t base, uint64_t end)
{
	for (struct need *n; (n = bus->needs[pool]); free(n)) {
		uint64_t at = (base + n->align - 1) & -n->align;

		bus->needs[pool] = n->next;
		if (at < end && n->size <= end - at) {
			place_one(n, pool, at);
			base = at + n->size;
		} else {
			complain(n, pool, "no room left");
		}
	}
}

/* Address 0 stands for an unassigned BAR. */
static void place_root(struct bus *root, enum pool pool)
{
	const struct host_pci_window *w = pool_window(pool);
	uint64_t base = w->pci ? w->pci : 1, end = w->pci + w->size;

	place(root, pool, base, pool == POOL_IO && end > IO_END ? IO_END : end);
}

int pci_assign(unsigned *last_bus)
{
	struct bus root = { 0 };

	walk.last_bus = 0;
	walk.error = 0;
	for (enum pool pool = 0; pool < POOLS; pool++)
		root.has[pool] = pool_window(pool)->size;
	pci_scan_bus(0, list_function, &root);
	for (enum pool pool = 0; pool < POOLS; pool++)
		place_root(&root, pool);
	*last_bus = walk.last_bus;
	return walk.error;
}
