/*
 * Quiet, reset and restore real functions. A reset takes the function's configuration with it, which the firmware then writes again.
 */
#include "arch/loongarch/host.h"
#include "hw/pci-passthrough/passthrough.h"

/* PCI Express Base 4.0, 7.5.3; PCI Advanced Features ECN; PCI Power Management 1.2, 3.2 */
#define PCIE_DEVCAP 4u
#define PCIE_DEVCAP_FLR 0x10000000u
#define PCIE_DEVCTL 8u
#define PCIE_DEVCTL_FLR 0x8000u
#define AF_CAP 3u
#define AF_CAP_FLR 0x02u
#define AF_CONTROL 4u
#define PM_CONTROL 4u
#define PM_STATE 3u
#define PM_NO_SOFT_RESET 8u
#define PM_D3 3u

void pt_delay_ms(unsigned ms)
{
	uint64_t end = host_counter() + host.counter_hz / 1000 * ms;

	while (host_counter() < end)
		;
}

/* Bus mastering off, the guest's view of the function back to power-on; what was mapped or attached goes. */
void pt_quiesce(struct pt_dev *dev)
{
	for (unsigned i = 0; i < PCI_CONFIG_SIZE; i++)
		dev->shadow[i] = dev->initial[i];
	pt_bars_update(dev);
	pt_msi_update(dev);
	pt_msix_reset(dev);
	pt_command_update(dev);
	pt_intx_release(dev);
}

static bool start_flr(struct pt_dev *dev)
{
	if (dev->pcie && (host_pci_read(dev->bdf, dev->pcie + PCIE_DEVCAP, 4) & PCIE_DEVCAP_FLR)) {
		host_pci_write(dev->bdf, dev->pcie + PCIE_DEVCTL, 2, dev->devctl | PCIE_DEVCTL_FLR);
		return true;
	}
	if (dev->af && (host_pci_read(dev->bdf, dev->af + AF_CAP, 1) & AF_CAP_FLR)) {
		host_pci_write(dev->bdf, dev->af + AF_CONTROL, 1, 1);
		return true;
	}
	return false;
}

/* D3 and back to D0 resets a function that does not promise otherwise. */
static bool power_cycle(struct pt_dev *dev)
{
	uint32_t control;

	if (!dev->pm)
		return false;
	control = host_pci_read(dev->bdf, dev->pm + PM_CONTROL, 2);
	if (control & PM_NO_SOFT_RESET)
		return false;
	host_pci_write(dev->bdf, dev->pm + PM_CONTROL, 2, (control & ~PM_STATE) | PM_D3);
	pt_delay_ms(10);
	host_pci_write(dev->bdf, dev->pm + PM_CONTROL, 2, control & ~PM_STATE);
	return true;
}

bool pt_start_reset(struct pt_dev *dev)
{
	if (dev->quirks & PT_KEEP_MEMORY)
		return false;
	return start_flr(dev) || power_cycle(dev);
}

void pt_restore(struct pt_dev *dev)
{
	pt_bars_restore(dev);
	if (dev->pcie)
		host_pci_write(dev->bdf, dev->pcie + PCIE_DEVCTL, 2, dev->devctl);
	pt_command_update(dev);
	pt_msi_restore(dev);
	pt_msix_restore(dev);
}
