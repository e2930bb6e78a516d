/*
 * First stage when started directly, with no firmware running: QEMU's -kernel, which follows the Linux boot protocol of LoongArch (a0 = 1
 * with UEFI tables, a1 = command line, a2 = UEFI system table, all physical). RAM and devices come from the devicetree.
 */
#include <string.h>

#include "arch/loongarch/boot.h"
#include "arch/loongarch/csr.h"
#include "arch/loongarch/efi.h"
#include "arch/loongarch/fdt.h"
#include "arch/loongarch/uart.h"

static struct boot_info boot;

static void copy_string(char *to, const char *from, size_t size)
{
	size_t i;

	for (i = 0; i < size - 1 && from[i]; i++)
		to[i] = from[i];
	to[i] = 0;
}

void direct_main(uint64_t a0, uint64_t a1, uint64_t a2)
{
	const struct efi_system_table *st = phys_cached(virt_to_phys((void *)a2));

	if (a0 != 1 || st->header.signature != EFI_SYSTEM_TABLE_SIGNATURE)
		boot_stop();
	copy_string(boot.host.cmdline, phys_cached(virt_to_phys((void *)a1)), sizeof boot.host.cmdline);
	efi_scan_tables(&boot, phys_cached(virt_to_phys(st->tables)), st->table_count);
	if (!boot.host.fdt || fdt_scan_boot(&boot.host))
		boot_stop();
	host.uart = boot.host.uart;
	console_init();
	boot_move(&boot);
}
