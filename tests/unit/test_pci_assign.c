// SOURCES: arch/loongarch/pci_assign.c
/*
 * Assignment of buses, BARs and bridge windows on random trees of functions: what comes out must be what the hardware rules ask for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/loongarch/host.h"
#include "arch/loongarch/pci.h"
#include "tests/unit/check.h"

struct host host;

/* ---- functions ---- */

#define MAX_FUNCTIONS 400
#define LAST_BUS 127
#define IO_BAR 1u
#define WIDE_BAR 4u
#define PREF_BAR 8u

struct function {
	int parent;              /* index of the bridge above; -1: root bus */
	unsigned devfn;
	bool bridge, has_io, has_high;
	struct { uint64_t size; uint32_t flags; } bar[6];
	uint8_t config[256];
};
static struct function f[MAX_FUNCTIONS];
static int nf;

static uint32_t get(const struct function *fn, unsigned reg, int size)
{
	uint32_t v = 0;

	memcpy(&v, fn->config + reg, (size_t)size);
	return v;
}

/* As the bridges are numbered now: the function that answers, or NULL. */
static struct function *route(uint32_t bdf)
{
	unsigned bus = bdf >> 8;
	int above = -1;

	for (unsigned depth = 0, here = 0; here != bus; depth++) {
		int next = -1;

		for (int i = 0; i < nf; i++)
			if (f[i].bridge && f[i].parent == above && f[i].config[PCI_SECONDARY] > here && f[i].config[PCI_SECONDARY] <= bus &&
			    bus <= f[i].config[PCI_SUBORDINATE]) {
				CHECK(next < 0); /* two bridges must not claim a bus */
				next = i;
			}
		if (next < 0 || depth > LAST_BUS)
			return NULL;
		above = next;
		here = f[next].config[PCI_SECONDARY];
	}
	for (int i = 0; i < nf; i++)
		if (f[i].parent == above && f[i].devfn == (bdf & 255))
			return &f[i];
	return NULL;
}

uint32_t host_pci_read(uint32_t bdf, unsigned reg, int size)
{
	struct function *fn = route(bdf);

	return fn ? get(fn, reg, size) : ~0u >> (32 - 8 * size);
}

/* Bits of a byte that can be written. */
static uint8_t writable(const struct function *fn, unsigned reg)
{
	unsigned bars = fn->bridge ? 2 : 6;

	if (reg >= PCI_BAR0 && reg < PCI_BAR0 + 4 * bars) {
		unsigned n = (reg - PCI_BAR0) / 4;
		uint64_t mask = fn->bar[n].size ? -fn->bar[n].size : 0;

		if (n && (fn->bar[n - 1].flags & WIDE_BAR) && fn->bar[n - 1].size)
			mask = -fn->bar[n - 1].size >> 32;
		return (uint8_t)((uint32_t)mask >> reg % 4 * 8);
	}
	if (!fn->bridge || reg < 0x18)
		return 0xff;
	switch (reg) {
	case 0x1c: case 0x1d:
		return fn->has_io ? 0xf0 : 0;
	case 0x20: case 0x22:
		return 0xf0;
	case 0x24: case 0x26:
		return fn->has_high ? 0xf0 : 0;
	case 0x25: case 0x27: case 0x28: case 0x29: case 0x2a: case 0x2b: case 0x2c: case 0x2d: case 0x2e: case 0x2f:
		return fn->has_high ? 0xff : 0;
	case 0x30: case 0x31: case 0x32: case 0x33:
		return 0;
	}
	return 0xff;
}

void host_pci_write(uint32_t bdf, unsigned reg, int size, uint32_t value)
{
	struct function *fn = route(bdf);

	for (int i = 0; fn && i < size; i++) {
		uint8_t w = writable(fn, reg + (unsigned)i);

		fn->config[reg + (unsigned)i] = (uint8_t)((fn->config[reg + (unsigned)i] & ~w) | (value >> 8 * i & w));
	}
}

unsigned host_pci_last_bus(void) { return LAST_BUS; }
void pci_enter_bus(unsigned bus, uint32_t bridge) { CHECK(route(bridge)->config[PCI_SECONDARY] == bus); }

void pci_scan_bus(unsigned bus, void (*fn)(void *ctx, uint32_t bdf, unsigned type), void *ctx)
{
	for (uint32_t bdf = bus << 8; bdf < (bus + 1) << 8; bdf++)
		if (route(bdf))
			fn(ctx, bdf, host_pci_read(bdf, PCI_HEADER, 1) & PCI_HEADER_TYPE);
}

/* ---- trees ---- */

static void add_bars(struct function *fn, unsigned max_shift)
{
	int count = fn->bridge ? 2 : 6;

	for (int i = 0; i < count; i++) {
		unsigned kind = (unsigned)rand() % 6;

		if (kind < 2)
			continue;
		if (kind == 2) {
			fn->bar[i].flags = IO_BAR;
			fn->bar[i].size = 4ull << rand() % 6;
		} else {
			fn->bar[i].flags = (kind == 4 ? PREF_BAR : 0) | (kind >= 4 && i + 1 < count ? WIDE_BAR : 0);
			fn->bar[i].size = 16ull << rand() % (max_shift - 4);
		}
		memcpy(fn->config + PCI_BAR0 + 4 * i, &fn->bar[i].flags, 4);
		if (fn->bar[i].flags & WIDE_BAR)
			i++;
	}
}

static void add_function(int parent, unsigned devfn, bool bridge, unsigned max_shift)
{
	struct function *fn = &f[nf++];

	memset(fn, 0, sizeof *fn);
	fn->parent = parent;
	fn->devfn = devfn;
	fn->bridge = bridge;
	fn->has_io = rand() % 4;
	fn->has_high = rand() % 4;
	fn->config[PCI_VENDOR] = 0x34;
	fn->config[PCI_HEADER] = bridge ? PCI_TYPE_BRIDGE : PCI_TYPE_ENDPOINT;
	fn->config[PCI_COMMAND] = 7;
	if (bridge && fn->has_high)
		fn->config[0x24] = fn->config[0x26] = 1;
	add_bars(fn, max_shift);
}

static void make_tree(int count, unsigned max_shift)
{
	for (nf = 0; nf < count;) {
		int parent = nf ? rand() % (nf + 1) - 1 : -1;
		unsigned devfn = (unsigned)rand() & 0xf8;
		bool taken = parent >= 0 && !f[parent].bridge;

		for (int i = 0; i < nf; i++)
			taken |= f[i].parent == parent && f[i].devfn == devfn;
		if (!taken)
			add_function(parent, devfn, rand() % 3 == 0, max_shift);
	}
}

/* ---- what must hold ---- */

struct span { uint64_t base, size; };

static uint64_t bar_address(const struct function *fn, int i)
{
	uint64_t a = get(fn, PCI_BAR0 + 4u * (unsigned)i, 4) & (fn->bar[i].flags & IO_BAR ? ~3u : ~15u);

	return fn->bar[i].flags & WIDE_BAR ? a | (uint64_t)get(fn, PCI_BAR0 + 4u * (unsigned)i + 4, 4) << 32 : a;
}

static bool inside(struct span s, uint64_t base, uint64_t limit)
{
	return s.base >= base && s.base + s.size - 1 <= limit;
}

static bool forwards(const struct function *b, struct span s, bool io)
{
	uint64_t high;

	if (io)
		return inside(s, (get(b, 0x1c, 1) & 0xf0u) << 8, (get(b, 0x1d, 1) & 0xf0u) << 8 | 0xfff);
	if (inside(s, (uint64_t)(get(b, 0x20, 2) & 0xfff0) << 16, (uint64_t)(get(b, 0x22, 2) & 0xfff0) << 16 | 0xfffff))
		return true;
	high = get(b, 0x28, 4);
	return b->has_high && inside(s, high << 32 | (uint64_t)(get(b, 0x24, 2) & 0xfff0) << 16,
				     (uint64_t)get(b, 0x2c, 4) << 32 | (uint64_t)(get(b, 0x26, 2) & 0xfff0) << 16 | 0xfffff);
}

static bool in_window(const struct host_pci_window *w, struct span s)
{
	return w->size && inside(s, w->pci, w->pci + w->size - 1);
}

/* Bridges on the way forward the range, and no other bridge beside them does. */
static void check_path(const struct function *fn, struct span s, bool io)
{
	for (int above = fn->parent, me = (int)(fn - f); ; me = above, above = f[above].parent) {
		for (int i = 0; i < nf; i++)
			if (f[i].bridge && f[i].parent == above && i != me)
				CHECK(!forwards(&f[i], s, io));
		if (above < 0)
			return;
		CHECK(forwards(&f[above], s, io));
	}
}

/* Returns how many BARs are not assigned. */
static int check_bars(void)
{
	static struct { struct span s; bool io; } all[MAX_FUNCTIONS * 6];
	int n = 0, missing = 0;

	for (int k = 0; k < nf; k++)
		for (int i = 0; i < 6; i++) {
			struct span s = { bar_address(&f[k], i), f[k].bar[i].size };
			bool io = f[k].bar[i].flags & IO_BAR;

			if (!s.size)
				continue;
			if (!s.base) {
				missing++;
				continue;
			}
			CHECK(s.base % s.size == 0);
			CHECK(io ? in_window(&host.pci_io, s) : in_window(&host.pci_mem, s) || in_window(&host.pci_mem64, s));
			check_path(&f[k], s, io);
			for (int j = 0; j < n; j++)
				if (all[j].io == io)
					CHECK(all[j].s.base + all[j].s.size <= s.base || s.base + s.size <= all[j].s.base);
			all[n].s = s;
			all[n++].io = io;
		}
	return missing;
}

static void check_buses(unsigned last)
{
	for (int k = 0; k < nf; k++) {
		CHECK(f[k].config[PCI_COMMAND] == (f[k].bridge ? 7 : 0));
		if (!f[k].bridge)
			continue;
		CHECK(f[k].config[PCI_PRIMARY] == (f[k].parent < 0 ? 0 : f[f[k].parent].config[PCI_SECONDARY]));
		CHECK(f[k].config[PCI_SECONDARY] > f[k].config[PCI_PRIMARY]);
		CHECK(f[k].config[PCI_SUBORDINATE] >= f[k].config[PCI_SECONDARY] && f[k].config[PCI_SUBORDINATE] <= last);
	}
}

static void random_trees(bool high)
{
	for (int round = 0; round < 60; round++) {
		unsigned last;

		make_tree(1 + rand() % 40, high ? 36 : 22);
		for (int k = 0; k < nf; k++)
			f[k].has_io = f[k].has_io || !high;
		CHECK(pci_assign(&last) == 0);
		check_buses(last);
		/* Small trees must be assigned wholly. */
		if (check_bars() && !high && nf < 8)
			CHECK(false);
	}
}

/* More bridges than bus numbers, each behind the one before. */
static void deep_tree(void)
{
	unsigned last;

	for (nf = 0; nf < 200;)
		add_function(nf - 1, 0, true, 12);
	CHECK(pci_assign(&last) == 0);
	CHECK(last == LAST_BUS);
	check_bars();
}

int main(void)
{
	srand(1);
	host.pci_io = (struct host_pci_window){ 0x18004000, 0x4000, 0xc000 };
	host.pci_mem = (struct host_pci_window){ 0x40000000, 0x40000000, 0x40000000 };
	random_trees(false);
	deep_tree();
	host.pci_mem64 = (struct host_pci_window){ 1ull << 40, 1ull << 40, 1ull << 38 };
	random_trees(true);
	host.pci_io = (struct host_pci_window){ 0 };
	random_trees(true);
	return report();
}
