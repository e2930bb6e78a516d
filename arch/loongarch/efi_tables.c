#include <string.h>

#include "arch/loongarch/boot.h"
#include "arch/loongarch/csr.h"
#include "arch/loongarch/efi.h"

static void take_initrd(struct host *h, uint64_t table)
{
	/* UEFI, as long as it runs, maps all memory at its physical address. */
	const uint64_t *t = h->efi ? (void *)table : phys_cached(table);

	h->module = (struct range){ t[0], t[1] };
}

static void take_rsdp(struct host *h, uint64_t table) { h->rsdp = table; }
static void take_old_rsdp(struct host *h, uint64_t table) { h->rsdp = h->rsdp ? h->rsdp : table; }
static void take_smbios(struct host *h, uint64_t table) { h->smbios = table; }
static void take_old_smbios(struct host *h, uint64_t table) { h->smbios = h->smbios ? h->smbios : table; }
static void take_fdt(struct host *h, uint64_t table) { h->fdt = table; }

static const struct {
	struct efi_guid guid;
	void (*take)(struct host *h, uint64_t table);
} known[] = {
	{ EFI_GUID_ACPI_20, take_rsdp }, { EFI_GUID_ACPI_10, take_old_rsdp }, { EFI_GUID_SMBIOS3, take_smbios },
	{ EFI_GUID_SMBIOS, take_old_smbios }, { EFI_GUID_FDT, take_fdt }, { EFI_GUID_INITRD, take_initrd },
};

void efi_scan_tables(struct boot_info *boot, const struct efi_table *tables, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		for (unsigned k = 0; k < sizeof known / sizeof *known; k++)
			if (!memcmp(&tables[i].guid, &known[k].guid, sizeof(struct efi_guid)))
				known[k].take(&boot->host, tables[i].table);
}
