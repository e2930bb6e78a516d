/*
 * SeaBIOS's boot order from the classes of the passed-through functions. Fixed disks come before USB sticks: the firmware itself is
 * usually started from one.
 */
#include "hw/pci-passthrough/bootorder.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "hw/pci-passthrough/passthrough.h"

#define VIRTIO_VENDOR 0x1af4

/*
 * What follows the controller's own path, with one number running from `first` for `count` times. vendor and device 0: any; mask says
 * which bits of the class count. The order of the table is the boot order; a function that fits
 * several entries gets all their lines, of which the firmware finds the ones it understands.
 */
static const struct boot_path {
	uint16_t vendor, device[2];
	uint32_t class, mask;
	const char *name, *tail;
	unsigned first, count;
} paths[] = {
	{ VIRTIO_VENDOR, { 0x1001, 0x1042 }, 0x010000, 0xff0000, "scsi", "/disk@%x,0", 0, 1 },
	{ VIRTIO_VENDOR, { 0x1004, 0x1048 }, 0x010000, 0xff0000, "scsi", "/channel@0/disk@%x,0", 0, 8 },
	{ 0, { 0, 0 }, 0x010802, 0xffffff, "nvme", "/namespace@%x,0", 1, 1 },
	{ 0, { 0, 0 }, 0x010601, 0xffffff, "sata", "/drive@%x/disk@0", 0, 8 },
	{ 0, { 0, 0 }, 0x010100, 0xffff00, "ide", "/drive@%x/disk@0", 0, 2 },
	{ 0, { 0, 0 }, 0x010100, 0xffff00, "ide", "/drive@%x/disk@1", 0, 2 },
	{ 0, { 0, 0 }, 0x010000, 0xffff00, "scsi", "/channel@0/disk@%x,0", 0, 8 },
	{ 0, { 0, 0 }, 0x080500, 0xffff00, "sdhci", "/sd@%x", 0, 1 },
	{ 0, { 0, 0 }, 0x0c0300, 0xffff00, "usb", "/storage@%x/channel@0/disk@0,0", 1, 16 },
};
#define NPATHS (sizeof(paths) / sizeof(paths[0]))

struct text {
	char *buf;
	size_t size, used;
	bool full;
};

static __attribute__((format(printf, 2, 3))) void append(struct text *t, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(t->buf + t->used, t->size - t->used, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= t->size - t->used) {
		t->buf[t->used] = 0;
		t->full = true;
		return;
	}
	t->used += (size_t)len;
}

static bool matches(const struct boot_path *p, const struct pt_dev *dev)
{
	if ((dev->class & p->mask) != p->class)
		return false;
	if (!p->vendor)
		return true;
	return dev->vendor == p->vendor && (dev->device == p->device[0] || dev->device == p->device[1]);
}

static void append_paths(struct text *t, const struct boot_path *p, const struct pt_dev *dev)
{
	char function[4] = "", tail[64];

	if (PCI_FUNC(dev->devfn))
		snprintf(function, sizeof(function), ",%x", PCI_FUNC(dev->devfn));
	for (unsigned i = p->first; i < p->first + p->count && !t->full; i++) {
		snprintf(tail, sizeof(tail), p->tail, i);
		append(t, "/pci@i0cf8/%s@%x%s%s\n", p->name, PCI_SLOT(dev->devfn), function, tail);
	}
}

int passthrough_bootorder(char *buf, size_t n)
{
	struct text t = { .buf = buf, .size = n };

	if (!n)
		return -ENOSPC;
	buf[0] = 0;
	for (unsigned i = 0; i < NPATHS; i++)
		for (unsigned d = 0; d < pt_ndevs && !t.full; d++)
			if (matches(&paths[i], pt_devs[d]))
				append_paths(&t, &paths[i], pt_devs[d]);
	return t.full ? -ENOSPC : (int)t.used;
}
