/*
 * Second stage: from the moved image's first C instruction to a running host.
 */
#include <stdio.h>
#include <string.h>

#include "arch/loongarch/acpi.h"
#include "arch/loongarch/boot.h"
#include "arch/loongarch/csr.h"
#include "arch/loongarch/exception.h"
#include "arch/loongarch/fdt.h"
#include "arch/loongarch/ipi.h"
#include "arch/loongarch/irq.h"
#include "arch/loongarch/memory.h"
#include "arch/loongarch/pci.h"
#include "arch/loongarch/platform.h"
#include "arch/loongarch/rtc.h"
#include "arch/loongarch/uart.h"
#include "libc/libc.h"

struct host host;
struct platform platform;

/* CPUCFG 0: PRID (reference manual, volume 1, 2.2.10.5); IOCSR 0x10 and 0x20: vendor and model in ASCII. */
static void name_cpu(void)
{
	enum { IOCSR_VENDOR = 0x10, IOCSR_MODEL = 0x20 };
	struct { char vendor[9], model[9]; } n = { 0 };
	uint64_t vendor = iocsr_read64(IOCSR_VENDOR), model = iocsr_read64(IOCSR_MODEL);

	memcpy(n.vendor, &vendor, 8);
	memcpy(n.model, &model, 8);
	snprintf(host.cpu_name, sizeof host.cpu_name, "%s %s (PRID %#x)", n.vendor, n.model, cpucfg(0));
}

/*
 * Everything that must work before libc does: console, exceptions, memory. The boot stage's copy of boot_info may lie in RAM that is given
 * away, so what is in it is taken here.
 */
void host_start(void *p)
{
	const struct boot_info *boot = p;

	host = boot->host;
	exception_init();
	timer_init_host();
	if (boot->has_wall)
		rtc_set(boot->wall_seconds, boot->wall_counter);
	if (host.rsdp)
		acpi_find_console();
	console_init();
	if (memory_init())
		panic(NULL, "not enough memory");
	libc_start(host.cmdline);
}

int host_init(void)
{
	int r;

	name_cpu();
	r = host.rsdp ? acpi_discover() : fdt_discover();
	if (r)
		return r;
	if (!rtc_is_set())
		rtc_read_toy();
	host_irq_init();
	ipi_park_others();
	return pci_init();
}
