#include "bench/x86/pci.h"
#include "bench/x86/traps.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define ENABLE 0x80000000u

static void out32(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "d"(port));
}

static uint32_t in32(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "d"(port));
	return v;
}

uint32_t pci_read(uint32_t devfn, uint32_t at)
{
	out32(CONFIG_ADDRESS, ENABLE | devfn << 8 | at);
	return in32(CONFIG_DATA);
}

void pci_write(uint32_t devfn, uint32_t at, uint32_t v)
{
	out32(CONFIG_ADDRESS, ENABLE | devfn << 8 | at);
	out32(CONFIG_DATA, v);
}

uint32_t pci_find(uint32_t id)
{
	for (uint32_t devfn = 0; devfn < 256; devfn++)
		if (pci_read(devfn, 0) == id)
			return devfn;
	give_up("no PCI device ", id);
}
