/*
 * Capabilities of a passed-through function: which the guest sees, and the rules of their registers. Offsets stay the device's; a hidden
 * capability is unlinked from the list. Extended capabilities lie beyond what the guest's configuration mechanism reaches.
 */
#include "arch/loongarch/host.h"
#include "hw/pci-passthrough/passthrough.h"

enum {
	CAP_PM = 0x01, CAP_VPD = 0x03, CAP_MSI = 0x05, CAP_PCIX = 0x07, CAP_VENDOR = 0x09, CAP_DEBUG = 0x0a, CAP_SUBSYSTEM = 0x0d,
	CAP_PCIE = 0x10, CAP_MSIX = 0x11, CAP_SATA = 0x12, CAP_AF = 0x13,
};

/* MSI control (PCI Local Bus 3.0, 6.8.1.3) */
#define MSI_ENABLE 0x0001u
#define MSI_WIDE 0x0080u
#define MSI_MASKABLE 0x0100u
/* MSI-X control (6.8.2.3) */
#define MSIX_ENABLE 0x8000u
#define MSIX_MASK_ALL 0x4000u

/* PCI Express Base 4.0, 7.5.3 */
#define PCIE_TYPE 0x00f0u
#define PCIE_TYPE_INTEGRATED 0x0090u
#define PCIE_DEVCAP_FLR 0x10000000u
#define DEVCTL_NO_SNOOP 0x0800u
#define DEVCTL_PAYLOAD 0x00e0u
#define DEVCTL_READ_REQUEST 0x7000u
#define DEVCTL_READ_256 0x1000u
#define DEVCTL_FLR 0x8000u

#define VIRTIO_VENDOR 0x1af4
#define VIRTIO_CAP_PCI_CFG 5

uint16_t pt_clamp_devctl(uint16_t wanted, uint16_t current)
{
	/* The payload size is agreed between the device and the bridges above it, which the guest does not see. */
	uint16_t value = (uint16_t)((wanted & ~(DEVCTL_FLR | DEVCTL_PAYLOAD | DEVCTL_NO_SNOOP)) | (current & DEVCTL_PAYLOAD));

	if ((value & DEVCTL_READ_REQUEST) > DEVCTL_READ_256)
		value = (uint16_t)((value & ~DEVCTL_READ_REQUEST) | DEVCTL_READ_256);
	return value;
}

static bool init_read_only(struct pt_dev *dev, unsigned cap, unsigned len)
{
	pt_set_rule(dev, cap, len, PT_READ);
	return true;
}

static bool init_pass(struct pt_dev *dev, unsigned cap, unsigned len)
{
	pt_set_rule(dev, cap, 2, PT_READ);
	pt_set_rule(dev, cap + 2, len - 2, PT_PASS);
	return true;
}

static bool init_hidden(struct pt_dev *dev, unsigned cap, unsigned len)
{
	pt_set_rule(dev, cap, len, PT_HIDDEN);
	return false;
}

static bool init_pm(struct pt_dev *dev, unsigned cap, unsigned len)
{
	dev->pm = (uint8_t)cap;
	pt_set_rule(dev, cap, len, PT_READ);
	pt_set_rule(dev, cap + 4, 2, PT_PMCSR);
	return true;
}

/* The device's window into its own BARs works; the rest of virtio's capabilities only describe. */
static bool init_vendor(struct pt_dev *dev, unsigned cap, unsigned len)
{
	pt_set_rule(dev, cap, len, PT_READ);
	if (dev->vendor == VIRTIO_VENDOR && len >= 20 && host_pci_read(dev->bdf, cap + 3, 1) == VIRTIO_CAP_PCI_CFG)
		pt_set_rule(dev, cap + 4, 16, PT_PASS);
	return true;
}

/* One message only: the host's vectors are not consecutive, as several messages of one function would have to be. */
static bool init_msi(struct pt_dev *dev, unsigned cap, unsigned len)
{
	uint32_t control = host_pci_read(dev->bdf, cap + 2, 2) & (MSI_WIDE | MSI_MASKABLE);
	unsigned data = control & MSI_WIDE ? cap + 12 : cap + 8;

	(void)len;
	host_pci_write(dev->bdf, cap + 2, 2, 0); /* the host's firmware may have left it on */
	dev->msi.cap = (uint8_t)cap;
	dev->msi.wide = control & MSI_WIDE;
	dev->msi.maskable = control & MSI_MASKABLE;
	pt_set_rule(dev, cap, 2, PT_READ);
	pt_set_virtual(dev, cap + 2, 2, PT_MSI, control, MSI_ENABLE);
	pt_set_virtual(dev, cap + 4, 4, PT_MSI, 0, 0xfffffffc);
	if (dev->msi.wide)
		pt_set_virtual(dev, cap + 8, 4, PT_MSI, 0, 0xffffffff);
	pt_set_virtual(dev, data, 4, PT_MSI, 0, 0xffff);
	if (dev->msi.maskable) {
		pt_set_virtual(dev, data + 4, 4, PT_MSI, 0, 1);
		pt_set_rule(dev, data + 8, 4, PT_READ);
	}
	return true;
}

static bool init_msix(struct pt_dev *dev, unsigned cap, unsigned len)
{
	uint32_t control = host_pci_read(dev->bdf, cap + 2, 2) & ~(MSIX_ENABLE | MSIX_MASK_ALL);

	host_pci_write(dev->bdf, cap + 2, 2, 0);
	if (pt_msix_init(dev, (uint8_t)cap) < 0)
		return init_hidden(dev, cap, len);
	pt_set_rule(dev, cap, len, PT_READ);
	pt_set_virtual(dev, cap + 2, 2, PT_MSIX, control, MSIX_ENABLE | MSIX_MASK_ALL);
	return true;
}

/*
 * To the guest there is no link above the function: an endpoint is shown as integrated into the root complex, which has no link
 * registers. The function-level reset is ours: it would take the real BARs with it.
 */
static bool init_pcie(struct pt_dev *dev, unsigned cap, unsigned len)
{
	uint32_t flags = host_pci_read(dev->bdf, cap + 2, 2), devcap = host_pci_read(dev->bdf, cap + 4, 4);
	uint16_t devctl = (uint16_t)host_pci_read(dev->bdf, cap + 8, 2);

	dev->pcie = (uint8_t)cap;
	dev->devctl = pt_clamp_devctl(devctl, devctl);
	host_pci_write(dev->bdf, cap + 8, 2, dev->devctl);
	pt_set_rule(dev, cap, len, PT_HIDDEN);
	pt_set_rule(dev, cap, 2, PT_READ);
	pt_set_virtual(dev, cap + 2, 2, PT_VIRTUAL, (flags & ~PCIE_TYPE) | PCIE_TYPE_INTEGRATED, 0);
	pt_set_virtual(dev, cap + 4, 4, PT_VIRTUAL, devcap & ~PCIE_DEVCAP_FLR, 0);
	pt_set_rule(dev, cap + 8, 2, PT_DEVCTL);
	pt_set_rule(dev, cap + 10, 2, PT_PASS);
	if (len > 0x28)
		pt_set_rule(dev, cap + 0x24, 6, PT_READ);
	return true;
}

static bool init_af(struct pt_dev *dev, unsigned cap, unsigned len)
{
	dev->af = (uint8_t)cap;
	return init_hidden(dev, cap, len);
}

static unsigned msi_length(struct pt_dev *dev, unsigned cap)
{
	uint32_t control = host_pci_read(dev->bdf, cap + 2, 2);

	return 12 + (control & MSI_WIDE ? 4 : 0) + (control & MSI_MASKABLE ? 8 : 0);
}

static unsigned vendor_length(struct pt_dev *dev, unsigned cap)
{
	return host_pci_read(dev->bdf, cap + 2, 1);
}

/* Version 1 of the structure ends with the registers of its port type. */
static unsigned pcie_length(struct pt_dev *dev, unsigned cap)
{
	return (host_pci_read(dev->bdf, cap + 2, 1) & 15) >= 2 ? 0x3c : 0x14;
}

/* init returns whether the guest sees the capability. Those not listed change addresses or routing: hidden. */
static const struct cap_kind {
	uint8_t id, len;
	unsigned (*length)(struct pt_dev *dev, unsigned cap);
	bool (*init)(struct pt_dev *dev, unsigned cap, unsigned len);
} kinds[] = {
	{ CAP_PM, 8, NULL, init_pm },
	{ CAP_VPD, 8, NULL, init_pass },
	{ CAP_MSI, 0, msi_length, init_msi },
	{ CAP_PCIX, 8, NULL, init_read_only },
	{ CAP_VENDOR, 0, vendor_length, init_vendor },
	{ CAP_DEBUG, 4, NULL, init_read_only },
	{ CAP_SUBSYSTEM, 8, NULL, init_read_only },
	{ CAP_PCIE, 0, pcie_length, init_pcie },
	{ CAP_MSIX, 12, NULL, init_msix },
	{ CAP_SATA, 8, NULL, init_pass },
	{ CAP_AF, 6, NULL, init_af },
};
static const struct cap_kind unknown = { 0, 4, NULL, init_hidden };

static const struct cap_kind *kind_of(uint8_t id)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].id == id)
			return &kinds[i];
	return &unknown;
}

static bool init_cap(struct pt_dev *dev, unsigned cap)
{
	const struct cap_kind *kind = kind_of((uint8_t)host_pci_read(dev->bdf, cap, 1));
	unsigned len = kind->length ? kind->length(dev, cap) : kind->len;

	if (len < 4)
		len = 4;
	if (cap + len > PCI_CONFIG_SIZE)
		return init_hidden(dev, cap, PCI_CONFIG_SIZE - cap);
	return kind->init(dev, cap, len);
}

void pt_caps_init(struct pt_dev *dev)
{
	unsigned link = PCI_CAP_LIST, cap = 0;

	pt_set_virtual(dev, link, 1, PT_VIRTUAL, 0, 0);
	if (host_pci_read(dev->bdf, PCI_STATUS, 2) & PCI_STATUS_CAPS)
		cap = host_pci_read(dev->bdf, PCI_CAP_LIST, 1) & 0xfcu;
	/* A list can have no more members than fit: more would be a loop. */
	for (int left = (PCI_CONFIG_SIZE - 0x40) / 4; cap >= 0x40 && left > 0; left--) {
		if (init_cap(dev, cap)) {
			pt_set_virtual(dev, link, 1, PT_VIRTUAL, cap, 0);
			link = cap + 1;
			pt_set_virtual(dev, link, 1, PT_VIRTUAL, 0, 0);
		}
		cap = host_pci_read(dev->bdf, cap + 1, 1) & 0xfcu;
	}
}
