#include "arch/loongarch/fdt.h"

#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/platform.h"
#include "arch/loongarch/power.h"

/* All buses that we read addresses on have two cells of address and two of size. */
#define REG_CELLS 4

static uint64_t cell64(const fdt32_t *c)
{
	return (uint64_t)fdt32_to_cpu(c[0]) << 32 | fdt32_to_cpu(c[1]);
}

static uint32_t prop_u32(const void *fdt, int node, const char *name, uint32_t otherwise)
{
	int len;
	const fdt32_t *p = fdt_getprop(fdt, node, name, &len);

	return p && len >= 4 ? fdt32_to_cpu(*p) : otherwise;
}

/* Entry `index` of the node's reg property. */
static int node_reg(const void *fdt, int node, int index, struct range *r)
{
	int len;
	const fdt32_t *p = fdt_getprop(fdt, node, "reg", &len);

	if (!p || len < (index + 1) * REG_CELLS * 4)
		return -ENOENT;
	p += index * REG_CELLS;
	*r = (struct range){ cell64(p), cell64(p + 2) };
	return 0;
}

static int node_base(const void *fdt, int node, uint64_t *base)
{
	struct range r;

	if (node < 0 || node_reg(fdt, node, 0, &r))
		return -ENOENT;
	*base = r.base;
	return 0;
}

static int compatible(const void *fdt, const char *name)
{
	return fdt_node_offset_by_compatible(fdt, -1, name);
}

static int next_of_type(const void *fdt, int from, const char *type)
{
	return fdt_node_offset_by_prop_value(fdt, from, "device_type", type, strlen(type) + 1);
}

static void scan_memory(const void *fdt, struct host *h)
{
	for (int node = next_of_type(fdt, -1, "memory"); node >= 0; node = next_of_type(fdt, node, "memory"))
		for (int i = 0; h->nram < HOST_MAX_RANGES && !node_reg(fdt, node, i, &h->ram[h->nram]); i++)
			h->nram++;
}

static void scan_uart(const void *fdt, struct host *h)
{
	int len, node = -1, chosen = fdt_path_offset(fdt, "/chosen");
	const char *path = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "stdout-path", &len);

	if (path)
		node = fdt_path_offset_namelen(fdt, path, strcspn(path, ":"));
	if (node < 0)
		node = compatible(fdt, "ns16550a");
	h->uart.irq = -1;
	if (node_base(fdt, node, &h->uart.base))
		return;
	h->uart.clock = prop_u32(fdt, node, "clock-frequency", 0);
	h->uart.irq = prop_u32(fdt, node, "interrupts", -1);
}

int fdt_scan_boot(struct host *h)
{
	const void *fdt = phys_cached(h->fdt);

	if (fdt_check_header(fdt))
		return -EINVAL;
	scan_memory(fdt, h);
	scan_uart(fdt, h);
	h->ncpu = 0;
	for (int node = next_of_type(fdt, -1, "cpu"); node >= 0; node = next_of_type(fdt, node, "cpu"))
		h->ncpu++;
	return h->nram ? 0 : -ENOMEM;
}

/* ranges: PCI address (3 cells: flags, 64-bit address), CPU address (2), size (2). */
static void discover_windows(const void *fdt, int node)
{
	enum { CELLS = 7, SPACE_SHIFT = 24, SPACE_IO = 1, SPACE_MEM32 = 2, SPACE_MEM64 = 3 };
	int len;
	const fdt32_t *p = fdt_getprop(fdt, node, "ranges", &len);

	for (; p && len >= CELLS * 4; len -= CELLS * 4, p += CELLS) {
		struct host_pci_window w = { .pci = cell64(p + 1), .cpu = cell64(p + 3), .size = cell64(p + 5) };

		switch (fdt32_to_cpu(*p) >> SPACE_SHIFT & 3) {
		case SPACE_IO:
			host.pci_io = w;
			break;
		case SPACE_MEM32:
			host.pci_mem = w;
			break;
		case SPACE_MEM64:
			host.pci_mem64 = w;
			break;
		}
	}
}

/* Cells of an entry of interrupt-map: unit address (3), pin, parent, then the PCH-PIC's pin and type. QEMU 10 leaves the type out. */
static int map_cells(const fdt32_t *map, int len)
{
	enum { PARENT = 4, CELLS = 7 };

	return len >= 2 * CELLS * 4 && map[CELLS + PARENT] != map[PARENT] ? CELLS - 1 : CELLS;
}

/* Devices beyond the mask repeat. */
static void discover_intx(const void *fdt, int node)
{
	enum { PIN = 3, PIC_PIN = 5, DEVICE_SHIFT = 11 };
	int len, mask_len, cells;
	const fdt32_t *p = fdt_getprop(fdt, node, "interrupt-map", &len);
	const fdt32_t *mask = fdt_getprop(fdt, node, "interrupt-map-mask", &mask_len);
	unsigned device_mask = mask && mask_len >= 4 ? fdt32_to_cpu(mask[0]) >> DEVICE_SHIFT & 31 : 31;

	memset(platform.intx_map, PLATFORM_NO_PIN, sizeof platform.intx_map);
	cells = p ? map_cells(p, len) : 0;
	for (; p && len >= cells * 4; len -= cells * 4, p += cells) {
		unsigned device = fdt32_to_cpu(p[0]) >> DEVICE_SHIFT & 31, pin = fdt32_to_cpu(p[PIN]);

		if (pin < 1 || pin > 4)
			continue;
		for (unsigned d = 0; d < 32; d++)
			if ((d & device_mask) == device)
				platform.intx_map[d][pin - 1] = fdt32_to_cpu(p[PIC_PIN]);
	}
	platform.intx_kind = PCI_INTX_MAP;
}

static void discover_pci(const void *fdt)
{
	int len, node = compatible(fdt, "pci-host-ecam-generic");
	const fdt32_t *buses;

	if (node_base(fdt, node, &platform.pci_config))
		return;
	platform.pci_kind = PCI_CONFIG_ECAM;
	buses = fdt_getprop(fdt, node, "bus-range", &len);
	platform.pci_last_bus = buses && len >= 8 ? fdt32_to_cpu(buses[1]) : 255;
	platform.assign_pci = true;
	discover_windows(fdt, node);
	discover_intx(fdt, node);
}

static void discover_power(const void *fdt, const char *name, struct power_write *w)
{
	int node = compatible(fdt, name), regmap;
	uint64_t base;

	if (node < 0)
		return;
	regmap = fdt_node_offset_by_phandle(fdt, prop_u32(fdt, node, "regmap", 0));
	if (node_base(fdt, regmap, &base))
		return;
	w->address = base + prop_u32(fdt, node, "offset", 0);
	w->size = prop_u32(fdt, regmap, "reg-io-width", 4);
	w->value = prop_u32(fdt, node, "value", 0);
}

int fdt_discover(void)
{
	const void *fdt = phys_cached(host.fdt);
	int msi = compatible(fdt, "loongson,pch-msi-1.0"), pic = compatible(fdt, "loongson,pch-pic-1.0");

	discover_power(fdt, "syscon-poweroff", &power_off);
	discover_power(fdt, "syscon-reboot", &power_reset);
	if (node_base(fdt, pic, &platform.pch_pic) || node_base(fdt, msi, &platform.msi_address)) {
		printf("devicetree: no PCH-PIC or no MSI controller\n");
		return -ENODEV;
	}
	platform.pch_pic_first = prop_u32(fdt, pic, "loongson,pic-base-vec", 0);
	platform.msi_first = prop_u32(fdt, msi, "loongson,msi-base-vec", 0);
	platform.msi_count = prop_u32(fdt, msi, "loongson,msi-num-vecs", 0);
	if (host.uart.irq >= 0)
		host.uart.irq += platform.pch_pic_first;
	node_base(fdt, compatible(fdt, "loongson,ls7a-rtc"), &platform.rtc);
	discover_pci(fdt);
	return 0;
}
