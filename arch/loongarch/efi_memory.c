/*
 * The memory map of UEFI, and the end of boot services (UEFI specification 2.10, 7.2.3 and 7.4.6).
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "arch/loongarch/boot.h"
#include "arch/loongarch/efi.h"
#include "arch/loongarch/memory.h"

#define SPARE_ENTRIES 32 /* the map grows by its own allocation and with every failed attempt */
#define TRIES 4

struct memory_map {
	uint8_t *entries;
	uint64_t capacity, size, key, entry_size;
};

/* Table 7.10: after ExitBootServices. */
enum use { USE_NONE, USE_RAM, USE_KEPT };
static const uint8_t uses[] = {
	[EFI_RESERVED] = USE_KEPT,
	[EFI_LOADER_CODE] = USE_RAM,
	[EFI_LOADER_DATA] = USE_RAM,
	[EFI_BOOT_CODE] = USE_RAM,
	[EFI_BOOT_DATA] = USE_RAM,
	[EFI_RUNTIME_CODE] = USE_KEPT,
	[EFI_RUNTIME_DATA] = USE_KEPT,
	[EFI_CONVENTIONAL] = USE_RAM,
	[EFI_ACPI_RECLAIM] = USE_KEPT,
	[EFI_ACPI_NVS] = USE_KEPT,
};

/* The lists of struct host are shorter. RAM: the smallest ranges go. */
static void drop_smallest(struct range_list *l)
{
	unsigned smallest = 0;

	for (unsigned i = 1; i < l->n; i++)
		if (l->r[i].size < l->r[smallest].size)
			smallest = i;
	range_remove(l, l->r[smallest].base, l->r[smallest].size);
}

static uint64_t gap_after(const struct range_list *l, unsigned i)
{
	return l->r[i + 1].base - (l->r[i].base + l->r[i].size);
}

/* What is kept: the nearest two become one, for a table must not be lost, and more than needed does no harm. */
static void join_nearest(struct range_list *l)
{
	unsigned nearest = 0;

	for (unsigned i = 1; i + 1 < l->n; i++)
		if (gap_after(l, i) < gap_after(l, nearest))
			nearest = i;
	range_add(l, l->r[nearest].base + l->r[nearest].size, gap_after(l, nearest));
}

static unsigned take_ranges(struct range_list *l, void (*shorten)(struct range_list *l), struct range *out)
{
	while (l->n > HOST_MAX_RANGES)
		shorten(l);
	memcpy(out, l->r, l->n * sizeof *out);
	return l->n;
}

/* Ranges that the list has no room for are left out: memory is lost, nothing else. */
static void take_map(struct host *h, const struct memory_map *map)
{
	struct range_list ram = { 0 }, kept = { 0 };

	for (uint64_t at = 0; at + sizeof(struct efi_memory) <= map->size; at += map->entry_size) {
		const struct efi_memory *m = (const void *)(map->entries + at);
		enum use use = m->type < sizeof uses ? uses[m->type] : USE_NONE;

		if (use == USE_NONE || m->pages > (UINT64_MAX - m->physical) / EFI_PAGE)
			continue;
		range_add(use == USE_RAM ? &ram : &kept, m->physical, m->pages * EFI_PAGE);
	}
	range_remove(&ram, h->framebuffer.base, h->framebuffer.size);
	h->nram = take_ranges(&ram, drop_smallest, h->ram);
	h->nkept = take_ranges(&kept, join_nearest, h->kept);
}

static bool enough(const struct host *h)
{
	struct range_list ram = { 0 }, firmware;

	for (unsigned i = 0; i < h->nram; i++)
		range_add(&ram, h->ram[i].base, h->ram[i].size);
	return memory_plan(&ram, &firmware) == 0;
}

static efi_status allocate_map(struct efi_boot_services *services, struct memory_map *map)
{
	uint32_t version;

	map->size = 0;
	services->get_memory_map(&map->size, NULL, &map->key, &map->entry_size, &version);
	if (map->entry_size < sizeof(struct efi_memory))
		return EFI_UNSUPPORTED;
	map->capacity = map->size + SPARE_ENTRIES * map->entry_size;
	return services->allocate_pool(EFI_LOADER_DATA, map->capacity, (void **)&map->entries);
}

static efi_status read_map(struct efi_boot_services *services, struct memory_map *map)
{
	uint32_t version;

	map->size = map->capacity;
	return services->get_memory_map(&map->size, map->entries, &map->key, &map->entry_size, &version);
}

/* Boot services may have changed the map after it was read; then the key is refused. No other service may be called after the first attempt. */
efi_status efi_exit(struct boot_info *boot, efi_handle image, struct efi_boot_services *services)
{
	struct memory_map map;
	efi_status status = allocate_map(services, &map);

	if (!status)
		status = read_map(services, &map);
	if (status) {
		efi_print("no memory map", status);
		return status;
	}
	take_map(&boot->host, &map);
	if (!enough(&boot->host)) {
		efi_print("not enough memory", 0);
		services->free_pool(map.entries);
		return EFI_OUT_OF_RESOURCES;
	}
	for (int i = 0; i < TRIES; i++) {
		status = services->exit_boot_services(image, map.key);
		if (!status)
			return 0;
		if (read_map(services, &map))
			break;
		take_map(&boot->host, &map);
	}
	return status;
}
