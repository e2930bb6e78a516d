#include "arch/loongarch/memory.h"

#include <errno.h>
#include <string.h>

#include "arch/loongarch/csr.h"

#define PAGE 4096ull

static struct range_list guest;     /* RAM the guest may have */
static struct range_list available; /* the firmware's, not yet allocated */

uint64_t host_alloc_raw(uint64_t size, uint64_t align)
{
	uint64_t base;

	if (size == 0 || size > -PAGE)
		return 0;
	size = (size + PAGE - 1) & -PAGE;
	base = range_find_low(&available, size, align < PAGE ? PAGE : align);
	if (base == UINT64_MAX || range_remove(&available, base, size))
		return 0;
	return base;
}

uint64_t host_alloc(uint64_t size, uint64_t align)
{
	uint64_t base = host_alloc_raw(size, align);

	if (base)
		memset(phys_cached(base), 0, (size + PAGE - 1) & -PAGE);
	return base;
}

uint64_t host_free_memory(void)
{
	return range_total(&available);
}

unsigned host_guest_ram(struct range *out, unsigned max)
{
	unsigned n = guest.n < max ? guest.n : max;

	memcpy(out, guest.r, n * sizeof *out);
	return n;
}

void host_limit_guest_ram(uint64_t size)
{
	for (unsigned i = 0; i < guest.n; i++) {
		if (guest.r[i].size > size)
			guest.r[i].size = size;
		size -= guest.r[i].size;
	}
	range_align(&guest, PAGE);
}

/* Makes sure that *r is the firmware's: keeps it if it lies there, else copies it. */
static int keep(struct range *r, const struct range_list *firmware)
{
	struct range_list inside;
	uint64_t copy;

	if (r->size == 0)
		return 0;
	range_clip(firmware, r->base, r->size, &inside);
	if (range_total(&inside) == r->size)
		return 0;
	copy = host_alloc(r->size, PAGE);
	if (!copy)
		return -ENOMEM;
	memcpy(phys_cached(copy), phys_cached(r->base), r->size);
	r->base = copy;
	return 0;
}

static uint32_t fdt_size(uint64_t fdt)
{
	/* Big-endian total size behind the magic number (Devicetree specification, 5.2). */
	return fdt ? __builtin_bswap32(((uint32_t *)phys_cached(fdt))[1]) : 0;
}

int memory_init(void)
{
	struct range_list ram = { 0 }, firmware;
	struct range fdt = { host.fdt, fdt_size(host.fdt) };
	int r;

	for (unsigned i = 0; i < host.nram; i++)
		range_add(&ram, host.ram[i].base, host.ram[i].size);
	r = memory_plan(&ram, &firmware);
	if (r)
		return r;
	guest = ram;
	for (unsigned i = 0; i < firmware.n; i++)
		range_remove(&guest, firmware.r[i].base, firmware.r[i].size);
	range_align(&guest, PAGE);

	available = firmware;
	range_remove(&available, host.image.base, host.image.size);
	range_remove(&available, host.module.base & -PAGE, host.module.size + PAGE);
	range_remove(&available, fdt.base & -PAGE, fdt.size ? fdt.size + PAGE : 0);
	r = keep(&host.module, &firmware);
	if (!r)
		r = keep(&fdt, &firmware);
	host.fdt = fdt.base;
	return r;
}
