/*
 * What the classes of PCI functions are called (PCI Code and ID Assignment Specification, section 1).
 */
#include "hw/pci-passthrough/passthrough.h"

/* An entry with mask 0xff0000 stands for the rest of its base class. */
static const struct {
	uint32_t class, mask;
	const char *name;
} names[] = {
	{ 0x010000, 0xffff00, "SCSI-type storage" },
	{ 0x010100, 0xffff00, "IDE" },
	{ 0x010400, 0xffff00, "RAID" },
	{ 0x010601, 0xffffff, "AHCI SATA" },
	{ 0x010802, 0xffffff, "NVMe" },
	{ 0x010000, 0xff0000, "storage" },
	{ 0x020000, 0xffff00, "Ethernet" },
	{ 0x020000, 0xff0000, "network" },
	{ 0x030000, 0xffff00, "VGA display" },
	{ 0x030000, 0xff0000, "display" },
	{ 0x040000, 0xff0000, "multimedia" },
	{ 0x050000, 0xff0000, "memory" },
	{ 0x070000, 0xff0000, "communication" },
	{ 0x080500, 0xffff00, "SD host" },
	{ 0x080000, 0xff0000, "system peripheral" },
	{ 0x090000, 0xff0000, "input" },
	{ 0x0c0300, 0xffffff, "USB UHCI" },
	{ 0x0c0310, 0xffffff, "USB OHCI" },
	{ 0x0c0320, 0xffffff, "USB EHCI" },
	{ 0x0c0330, 0xffffff, "USB xHCI" },
	{ 0x0c0000, 0xff0000, "serial bus" },
	{ 0x0d0000, 0xff0000, "wireless" },
	{ 0x000000, 0xff0000, "unclassified" },
	{ 0xff0000, 0xff0000, "other" },
};

const char *pt_class_name(uint32_t class)
{
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((class & names[i].mask) == names[i].class)
			return names[i].name;
	return "unknown";
}
