// SOURCES: hw/pcihost.c hw/pci_regs.c hw/pci-passthrough/bar.c hw/pci-passthrough/bootorder.c hw/pci-passthrough/caps.c hw/pci-passthrough/config.c hw/pci-passthrough/discover.c hw/pci-passthrough/intx.c hw/pci-passthrough/msi.c hw/pci-passthrough/msix.c hw/pci-passthrough/names.c hw/pci-passthrough/quirks.c hw/pci-passthrough/reset.c
/*
 * Passthrough against a fake host: a host bridge, a virtio disk with I/O, memory and MSI-X (00:01.0), a root port (00:02.0), a two-function
 * device behind it whose function 0 is a bridge-class function (01:00), and an NVMe-like PCIe endpoint with 64-bit BAR, MSI, PM and FLR
 * (01:01.0) that shares the disk's host interrupt. 01:02.0 has an unassigned BAR.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/loongarch/host.h"
#include "hw/board.h"
#include "hw/bus.h"
#include "hw/device_io.h"
#include "hw/irq.h"
#include "hw/pci.h"
#include "hw/pci-passthrough/bootorder.h"
#include "tests/unit/check.h"

/* ---- the host's configuration space ---- */

struct fake {
	uint32_t bdf;
	uint8_t data[256], mask[256]; /* mask: writable bits */
	unsigned writes;
};
static struct fake fakes[8];
static unsigned nfakes;

static void put(uint8_t *bytes, unsigned reg, int size, uint32_t value)
{
	for (int i = 0; i < size; i++)
		bytes[reg + i] = (uint8_t)(value >> 8 * i);
}

static struct fake *fake_at(uint32_t bdf)
{
	for (unsigned i = 0; i < nfakes; i++)
		if (fakes[i].bdf == bdf)
			return &fakes[i];
	return NULL;
}

static struct fake *new_fake(uint32_t bdf, uint32_t id, uint32_t class, uint8_t type, uint8_t pin)
{
	struct fake *f = &fakes[nfakes++];

	f->bdf = bdf;
	put(f->data, PCI_VENDOR, 4, id);
	put(f->data, PCI_REVISION, 4, class << 8);
	put(f->data, PCI_HEADER_TYPE, 1, type);
	put(f->data, PCI_COMMAND, 2, 0x0007);
	put(f->mask, PCI_COMMAND, 2, 0x0547);
	put(f->data, PCI_INT_PIN, 1, pin);
	put(f->mask, PCI_INT_LINE, 1, 0xff);
	return f;
}

static void fake_bar(struct fake *f, int i, uint32_t value, uint32_t mask)
{
	put(f->data, 0x10u + 4u * (unsigned)i, 4, value);
	put(f->mask, 0x10u + 4u * (unsigned)i, 4, mask);
}

/* Adds a capability at `at`, linked behind `link`. */
static void fake_cap(struct fake *f, unsigned link, unsigned at, uint8_t id)
{
	f->data[link] = (uint8_t)at;
	f->data[at] = id;
	f->data[PCI_STATUS] |= PCI_STATUS_CAPS;
}

uint32_t host_pci_read(uint32_t bdf, unsigned reg, int size)
{
	struct fake *f = fake_at(bdf);
	uint32_t value = 0;

	CHECK(reg + (unsigned)size <= 256 && reg % (unsigned)size == 0);
	for (int i = 0; i < size; i++)
		value |= (uint32_t)(f ? f->data[reg + i] : 0xff) << 8 * i;
	return value;
}

void host_pci_write(uint32_t bdf, unsigned reg, int size, uint32_t value)
{
	struct fake *f = fake_at(bdf);

	CHECK(reg + (unsigned)size <= 256 && reg % (unsigned)size == 0);
	if (!f)
		return;
	f->writes++;
	for (int i = 0; i < size; i++) {
		uint8_t mask = f->mask[reg + i];

		f->data[reg + i] = (uint8_t)((f->data[reg + i] & ~mask) | (value >> 8 * i & mask));
	}
}

unsigned host_pci_last_bus(void) { return 1; }

/* ---- the host's interrupts, time and registers ---- */

struct host host = {
	.pci_mem = { .cpu = 0xe0040000000, .pci = 0x40000000, .size = 0x40000000 },
	.pci_io = { .cpu = 0x18004000, .pci = 0x4000, .size = 0xc000 },
	.counter_hz = 100000000,
};
static struct { irq_fn fn; void *ctx; bool masked; } vectors[256];
static unsigned msi_left = 4, msi_used;
static uint64_t now;

int irq_attach(int irq, irq_fn fn, void *ctx)
{
	if (vectors[irq].fn)
		return -EBUSY;
	vectors[irq].fn = fn;
	vectors[irq].ctx = ctx;
	return 0;
}
void irq_detach(int irq) { vectors[irq].fn = NULL; }
void irq_mask(int irq) { vectors[irq].masked = true; }
void irq_unmask(int irq) { vectors[irq].masked = false; }
int irq_of_pci_pin(uint32_t bdf, int pin) { (void)bdf; return pin == 1 ? 17 : pin == 2 ? 18 : -1; }
int irq_msi_alloc(uint64_t *addr, uint32_t *data)
{
	if (!msi_left)
		return -ENOSPC;
	msi_left--;
	*addr = 0x2ff00000;
	for (int irq = 64;; irq++)
		if (!vectors[irq].fn && !vectors[irq].masked) {
			vectors[irq].masked = true; /* taken */
			*data = (uint32_t)irq;
			msi_used++;
			return irq;
		}
}
void irq_msi_free(int irq)
{
	CHECK(irq >= 64 && vectors[irq].masked);
	vectors[irq].masked = false;
	msi_left++;
	msi_used--;
}
uint64_t host_counter(void) { return now += 1000; }

static uint8_t regs[0x10000]; /* whatever address: its low 16 bits */
uint64_t device_read(uint64_t pa, int size)
{
	uint64_t v = 0;

	memcpy(&v, regs + (pa & 0xffff), (size_t)size);
	return v;
}
void device_write(uint64_t pa, int size, uint64_t value) { memcpy(regs + (pa & 0xffff), &value, (size_t)size); }
static uint32_t real32(unsigned offset) { return (uint32_t)device_read(offset, 4); }

/* ---- the board ---- */

static struct region { uint64_t gpa, size, host_pa; enum page_kind kind; const struct mmio_ops *ops; void *ctx; } regions[32];
static struct { uint16_t first; unsigned count; const struct port_ops *ops; void *ctx; } claims[8];
static bool pci_line[4][256];
static void (*eoi)(void *, int);
static void (*reset_fns[8])(void *);
static unsigned nresets;
static uint64_t msi_addr;
static uint32_t msi_data;
static unsigned msi_count;

int bus_add_memory(uint64_t gpa, uint64_t size, enum page_kind kind, uint64_t host_pa, const struct mmio_ops *ops, void *ctx)
{
	CHECK(!(gpa & 4095) && !(size & 4095) && size && !(host_pa & 4095));
	for (int i = 0; i < 32; i++)
		if (!regions[i].size) {
			regions[i] = (struct region){ gpa, size, host_pa, kind, ops, ctx };
			return i;
		}
	return -ENOMEM;
}
void bus_remove_memory(int handle) { regions[handle].size = 0; }
int bus_add_ports(uint16_t first, unsigned count, const struct port_ops *ops, void *ctx)
{
	for (int i = 0; i < 8; i++)
		if (!claims[i].count) {
			claims[i].first = first;
			claims[i].count = count;
			claims[i].ops = ops;
			claims[i].ctx = ctx;
			return 0;
		}
	return -ENOMEM;
}
void bus_remove_ports(uint16_t first, unsigned count, void *ctx)
{
	for (int i = 0; i < 8; i++)
		if (claims[i].count == count && claims[i].first == first && claims[i].ctx == ctx)
			claims[i].count = 0;
}
void board_on_reset(void (*fn)(void *), void *ctx) { (void)ctx, reset_fns[nresets++] = fn; }
void irq_set_pci(unsigned source, int pirq, bool level) { pci_line[pirq][source] = level; }
void irq_on_pci_eoi(void (*fn)(void *, int), void *ctx) { (void)ctx, eoi = fn; }
void irq_msi(uint64_t addr, uint32_t data) { msi_addr = addr, msi_data = data, msi_count++; }
uint8_t piix_reset_control_read(void) { return 0; }
void piix_reset_control_write(uint8_t value) { (void)value; }
int i440fx_init(void) { return 0; }
int piix_init(void) { return 0; }

static const struct region *region_at(uint64_t gpa)
{
	for (int i = 0; i < 32; i++)
		if (regions[i].size && gpa >= regions[i].gpa && gpa < regions[i].gpa + regions[i].size)
			return &regions[i];
	return NULL;
}
static unsigned nregions(void)
{
	unsigned n = 0;

	for (int i = 0; i < 32; i++)
		n += regions[i].size != 0;
	return n;
}
static void gpa_write(uint64_t gpa, int size, uint64_t value)
{
	const struct region *r = region_at(gpa);

	CHECK(r && r->kind == PAGE_MMIO);
	if (r && r->ops)
		r->ops->write(r->ctx, gpa, size, value);
}
static uint64_t gpa_read(uint64_t gpa, int size)
{
	const struct region *r = region_at(gpa);

	CHECK(r && r->kind == PAGE_MMIO);
	return r && r->ops ? r->ops->read(r->ctx, gpa, size) : 0;
}

/* Guest places: the disk, the function behind the bridge, the NVMe, the one without BAR. */
#define DISK PCI_DEVFN(2, 0)
#define SOUND PCI_DEVFN(3, 0)
#define NVME PCI_DEVFN(4, 0)
#define LOST PCI_DEVFN(5, 0)
#define BDF_DISK 0x0008u
#define BDF_NVME 0x0108u

static uint32_t rd(unsigned devfn, unsigned reg, int size) { return pci_config_read(devfn, reg, size); }
static void wr(unsigned devfn, unsigned reg, int size, uint32_t v) { pci_config_write(devfn, reg, size, v); }
static uint32_t real(uint32_t bdf, unsigned reg, int size) { return host_pci_read(bdf, reg, size); }

static void build_host(void)
{
	struct fake *f;

	new_fake(0x0000, 0x00081b36, 0x060000, 0x00, 0);
	f = new_fake(BDF_DISK, 0x10011af4, 0x010000, 0x00, 1);
	fake_bar(f, 0, 0x5001, 0xffffff80);
	fake_bar(f, 1, 0x40010000, 0xffffe000); /* 8 KiB: table in the second page */
	fake_bar(f, 2, 0x40020400, 0xfffffc00); /* 1 KiB */
	fake_bar(f, 4, 0x4000000c, 0xffffc000);
	fake_bar(f, 5, 0, 0xffffffff);
	put(f->data, 0x30, 4, 0x40030001);
	put(f->mask, 0x30, 4, 0xffff0001);
	fake_cap(f, 0x34, 0x98, 0x11);
	put(f->data, 0x9a, 2, 0x0002); /* three entries */
	put(f->mask, 0x9a, 2, 0xc000);
	put(f->data, 0x9c, 4, 0x00001001);
	put(f->data, 0xa0, 4, 0x00001801);
	fake_cap(f, 0x99, 0x84, 0x09);
	put(f->data, 0x86, 2, 0x0514); /* virtio's configuration window, 20 bytes */
	put(f->mask, 0x88, 4, 0xff);
	put(f->mask, 0x8c, 4, 0xffffffff);
	put(f->mask, 0x94, 4, 0xffffffff);
	fake_cap(f, 0x85, 0x70, 0x08); /* hypertransport: hidden */
	fake_cap(f, 0x71, 0x40, 0x09);
	put(f->data, 0x42, 2, 0x0110);
	put(f->mask, 0x44, 4, 0xffffffff);
	new_fake(0x0010, 0x000c1b36, 0x060400, 0x01, 1);
	new_fake(0x0100, 0x12341111, 0x060100, 0x80, 0);
	new_fake(0x0103, 0x12351111, 0x040300, 0x80, 2);
	f = new_fake(BDF_NVME, 0x00101b36, 0x010802, 0x00, 1);
	fake_bar(f, 0, 0x40100004, 0xffffc000);
	fake_bar(f, 1, 0, 0xffffffff);
	fake_cap(f, 0x34, 0x40, 0x01);
	put(f->data, 0x44, 2, 0x0008);
	put(f->mask, 0x44, 2, 0x0003);
	fake_cap(f, 0x41, 0x50, 0x05);
	put(f->data, 0x52, 2, 0x0186); /* 8 messages, 64 bit, maskable */
	put(f->mask, 0x52, 2, 0x0071);
	put(f->mask, 0x54, 4, 0xfffffffc);
	put(f->mask, 0x58, 4, 0xffffffff);
	put(f->mask, 0x5c, 2, 0xffff);
	put(f->mask, 0x60, 4, 0x000000ff);
	fake_cap(f, 0x51, 0x80, 0x10);
	put(f->data, 0x82, 2, 0x0002);
	put(f->data, 0x84, 4, 0x10008001);
	put(f->data, 0x88, 2, 0x2830);
	put(f->mask, 0x88, 2, 0xffff);
	put(f->data, 0x90, 2, 0x0041);
	put(f->mask, 0x90, 2, 0xffff);
	f = new_fake(0x0110, 0x00011b36, 0x0d0000, 0x00, 0);
	fake_bar(f, 0, 0, 0xffff0000);
}

/* ---- tests ---- */

static void test_places(void)
{
	CHECK(rd(DISK, 0, 4) == 0x10011af4);
	CHECK(rd(SOUND, 0, 4) == 0x12351111);
	CHECK(rd(SOUND, 0x0e, 1) == 0x00); /* its sibling is hidden */
	CHECK(rd(NVME, 0, 4) == 0x00101b36);
	CHECK(rd(LOST, 0, 4) == 0x00011b36);
	CHECK(rd(PCI_DEVFN(6, 0), 0, 4) == 0xffffffff);
	CHECK(rd(PCI_DEVFN(1, 0), 0, 4) == 0xffffffff);
	CHECK(rd(DISK, 0x3d, 1) == 1 && rd(SOUND, 0x3d, 1) == 2 && rd(LOST, 0x3d, 1) == 0);
	CHECK(!(real(BDF_DISK, 4, 2) & 7));
	wr(DISK, 0x3c, 4, 0xffffff0b);
	CHECK(rd(DISK, 0x3c, 4) == 0x0000010b && real(BDF_DISK, 0x3c, 1) == 0);
}

static void test_sizing(void)
{
	for (int i = 0; i < 6; i++)
		wr(DISK, 0x10u + 4u * (unsigned)i, 4, 0xffffffff);
	CHECK(rd(DISK, 0x10, 4) == 0xffffff81);
	CHECK(rd(DISK, 0x14, 4) == 0xffffe000);
	CHECK(rd(DISK, 0x18, 4) == 0xfffff000); /* at least a page */
	CHECK(rd(DISK, 0x1c, 4) == 0);
	CHECK(rd(DISK, 0x20, 4) == 0xffffc00c && rd(DISK, 0x24, 4) == 0xffffffff);
	wr(DISK, 0x30, 4, 0xffffffff);
	CHECK(rd(DISK, 0x30, 4) == 0);
	CHECK(real(BDF_DISK, 0x10, 4) == 0x5001 && real(BDF_DISK, 0x20, 4) == 0x4000000c);
	wr(LOST, 0x10, 4, 0xffffffff);
	CHECK(rd(LOST, 0x10, 4) == 0);
	wr(LOST, 4, 2, 3);
	CHECK(!(real(0x0110, 4, 2) & 3) && nregions() == 0);
	wr(DISK, 4, 2, 3); /* decoding with every BAR at all ones */
	wr(DISK, 4, 2, 0);
}

static void test_mapping(void)
{
	const struct region *r;

	wr(DISK, 0x10, 4, 0xc001);
	wr(DISK, 0x14, 4, 0xfe000000);
	wr(DISK, 0x18, 4, 0xfe004000);
	wr(DISK, 0x20, 4, 0x00000000);
	wr(DISK, 0x24, 4, 0x00000001);
	CHECK(nregions() == 0);
	wr(DISK, 4, 2, 7);
	CHECK((real(BDF_DISK, 4, 2) & 7) == 7 && rd(DISK, 4, 2) == 7);
	r = region_at(0xfe000000);
	CHECK(r && r->kind == PAGE_DEVICE && r->size == 0x1000 && r->host_pa == 0xe0040010000);
	r = region_at(0xfe001000);
	CHECK(r && r->kind == PAGE_MMIO && r->size == 0x1000);
	r = region_at(0xfe004000);
	CHECK(r && r->kind == PAGE_MMIO && r->size == 0x1000);
	r = region_at(0x100000000);
	CHECK(r && r->kind == PAGE_DEVICE && r->size == 0x4000 && r->host_pa == 0xe0040000000);
	device_write(0x0404, 4, 0xcafe);
	CHECK(gpa_read(0xfe004004, 4) == 0xcafe);
	CHECK(gpa_read(0xfe004400, 4) == ~0ull);
	gpa_write(0xfe004008, 2, 0xbeef);
	CHECK(device_read(0x0408, 2) == 0xbeef);
	CHECK(claims[2].count == 0x80 && claims[2].first == 0xc000);
	device_write(0x18005012, 1, 0x77);
	CHECK(claims[2].ops->read(claims[2].ctx, 0xc012, 1) == 0x77);
	wr(DISK, 0x18, 4, 0xfe008000);
	CHECK(!region_at(0xfe004000) && region_at(0xfe008000));
	wr(DISK, 0x10, 4, 0xd001);
	CHECK(claims[2].count == 0x80 && claims[2].first == 0xd000);
	wr(DISK, 4, 2, 4);
	CHECK(nregions() == 0 && claims[2].count == 0 && (real(BDF_DISK, 4, 2) & 7) == 4);
	wr(DISK, 4, 2, 7);
}

static void test_capabilities(void)
{
	CHECK(rd(DISK, 0x34, 1) == 0x98 && rd(DISK, 0x98, 2) == 0x8411);
	CHECK(rd(DISK, 0x84, 2) == 0x4009 && rd(DISK, 0x40, 4) == 0x01100009);
	CHECK(rd(DISK, 0x70, 4) == 0);
	wr(DISK, 0x44, 4, 0x1234); /* virtio capability: read-only */
	CHECK(rd(DISK, 0x44, 4) == 0);
	wr(DISK, 0x88, 1, 4); /* the configuration window: passed */
	wr(DISK, 0x8c, 4, 0x30);
	wr(DISK, 0x94, 4, 0x55);
	CHECK(real(BDF_DISK, 0x88, 1) == 4 && real(BDF_DISK, 0x8c, 4) == 0x30 && rd(DISK, 0x94, 4) == 0x55);
	CHECK(rd(NVME, 0x82, 2) == 0x0092 && rd(NVME, 0x84, 4) == 0x00008001);
	CHECK(real(BDF_NVME, 0x88, 2) == 0x1030); /* read requests cut to 256, no snoop off */
	wr(NVME, 0x88, 2, 0xd95f);
	CHECK(rd(NVME, 0x88, 2) == 0x113f);
	wr(NVME, 0x89, 1, 0x80);
	CHECK(!(real(BDF_NVME, 0x88, 2) & 0x8000));
	wr(NVME, 0x90, 2, 0);
	CHECK(real(BDF_NVME, 0x90, 2) == 0x0041 && rd(NVME, 0x90, 2) == 0);
}

static void status_intx(uint32_t bdf, bool on)
{
	struct fake *f = fake_at(bdf);

	f->data[6] = (uint8_t)((f->data[6] & ~8) | (on ? 8 : 0));
}

static void fire(int irq)
{
	CHECK(vectors[irq].fn);
	if (vectors[irq].fn)
		vectors[irq].fn(vectors[irq].ctx, irq);
}

/* Disk: slot 2 pin 1, line 2. NVMe: slot 4 pin 1, line 0. Both on host interrupt 17. */
static void test_intx(void)
{
	status_intx(BDF_DISK, true);
	fire(17);
	CHECK(vectors[17].masked && pci_line[2][DISK] && !pci_line[0][NVME]);
	eoi(NULL, 1);
	CHECK(vectors[17].masked && pci_line[2][DISK]);
	eoi(NULL, 2);
	CHECK(!vectors[17].masked && !pci_line[2][DISK]);
	status_intx(BDF_NVME, true);
	fire(17);
	CHECK(pci_line[2][DISK] && pci_line[0][NVME]);
	eoi(NULL, 2);
	CHECK(vectors[17].masked);
	eoi(NULL, 0);
	CHECK(!vectors[17].masked);
	status_intx(BDF_NVME, false);
	wr(DISK, 4, 2, 0x407);
	CHECK(real(BDF_DISK, 4, 2) & 0x400);
	status_intx(BDF_DISK, false);
	fire(17); /* nobody says so: the one that may */
	CHECK(!pci_line[2][DISK] && pci_line[0][NVME]);
	eoi(NULL, 0);
	wr(DISK, 4, 2, 7);
	fire(17);
	CHECK(pci_line[2][DISK] && pci_line[0][NVME]);
	wr(DISK, 4, 2, 0x407); /* switched off while raised */
	CHECK(!pci_line[2][DISK]);
	eoi(NULL, 0);
	CHECK(!vectors[17].masked);
	wr(DISK, 4, 2, 7);
}

static void test_msi(void)
{
	wr(NVME, 0x54, 4, 0xfee01000);
	wr(NVME, 0x58, 4, 0);
	wr(NVME, 0x5c, 2, 0x4041);
	CHECK((rd(NVME, 0x52, 2) & 0x7e) == 0);
	wr(NVME, 0x52, 2, 0x0031);
	CHECK((rd(NVME, 0x52, 2) & 0x71) == 1 && (real(BDF_NVME, 0x52, 2) & 0x71) == 1);
	CHECK(real(BDF_NVME, 0x54, 4) == 0x2ff00000 && real(BDF_NVME, 0x5c, 2) == 64);
	CHECK(rd(NVME, 0x54, 4) == 0xfee01000 && rd(NVME, 0x5c, 4) == 0x4041);
	fire(64);
	CHECK(msi_count == 1 && msi_addr == 0xfee01000 && msi_data == 0x4041);
	wr(NVME, 0x5c, 2, 0x4042);
	fire(64);
	CHECK(msi_data == 0x4042);
	wr(NVME, 0x60, 4, 0xffffffff);
	CHECK(real(BDF_NVME, 0x60, 4) == 1);
	wr(NVME, 0x60, 4, 0);
	CHECK(real(BDF_NVME, 0x60, 4) == 0);
	fire(17);
	CHECK(!pci_line[0][NVME]);
	eoi(NULL, 2);
	wr(NVME, 0x52, 2, 0);
	CHECK(!(real(BDF_NVME, 0x52, 2) & 1) && msi_used == 0);
}

static void test_msix(void)
{
	uint64_t table = 0xfe001000;

	memset(regs + 0x1000, 0xff, 0x30);
	CHECK(gpa_read(table + 12, 4) == 1);
	gpa_write(table, 8, 0xfee02000);
	gpa_write(table + 8, 4, 0x51);
	gpa_write(table + 8, 1, 0x99); /* too narrow */
	CHECK(gpa_read(table, 8) == 0xfee02000 && gpa_read(table + 8, 4) == 0x51 && gpa_read(table + 9, 1) == 0);
	CHECK(real32(0x1000 + 0x10000) == 0xffffffff); /* the real table is untouched so far */
	wr(DISK, 0x9a, 2, 0xc002);
	CHECK(real(BDF_DISK, 0x9a, 2) == 0xc002 && rd(DISK, 0x9a, 2) == 0xc002);
	CHECK(real32(0x100c) == 1 && real32(0x101c) == 1);
	gpa_write(table + 12, 4, 0);
	CHECK(real32(0x1000) == 0x2ff00000 && real32(0x1008) == 64 && real32(0x100c) == 0);
	wr(DISK, 0x9a, 2, 0x8002);
	CHECK(real(BDF_DISK, 0x9a, 2) == 0x8002);
	fire(64);
	CHECK(msi_addr == 0xfee02000 && msi_data == 0x51);
	gpa_write(table + 8, 4, 0x52);
	fire(64);
	CHECK(msi_data == 0x52 && real32(0x1008) == 64);
	gpa_write(table + 12, 4, 1);
	CHECK(real32(0x100c) == 1 && msi_used == 1);
	gpa_write(table + 16, 8, 0xfee03000);
	gpa_write(table + 24, 8, 0x61);
	CHECK(real32(0x1018) == 65 && real32(0x101c) == 0);
	fire(65);
	CHECK(msi_addr == 0xfee03000 && msi_data == 0x61);
	device_write(0x1800, 4, 5);
	CHECK(gpa_read(table + 0x800, 4) == 5); /* pending bits are the device's */
	wr(DISK, 0x9a, 2, 0);
	CHECK(msi_used == 0 && real(BDF_DISK, 0x9a, 2) == 2);
	msi_left = 1;
	gpa_write(table + 12, 4, 0);
	wr(DISK, 0x9a, 2, 0x8002); /* two entries wanted, one vector left */
	CHECK(msi_used == 1 && real32(0x100c) == 0 && real32(0x101c) == 1);
	msi_left = 4;
}

static void test_power(void)
{
	wr(NVME, 0x44, 2, 3);
	fake_bar(fake_at(BDF_NVME), 0, 4, 0xffffc000); /* what a device forgets */
	wr(NVME, 0x44, 2, 0);
	CHECK(real(BDF_NVME, 0x10, 4) == 0x40100004);
}

static void test_reset(void)
{
	for (unsigned i = 0; i < nresets; i++)
		reset_fns[i](NULL);
	CHECK(nregions() == 0 && msi_used == 0);
	CHECK(!(real(BDF_DISK, 4, 2) & 7) && rd(DISK, 4, 2) == 0);
	CHECK(rd(DISK, 0x14, 4) == 0 && rd(DISK, 0x20, 4) == 0x0c && rd(DISK, 0x10, 4) == 1);
	CHECK(real(BDF_NVME, 0x88, 2) >> 12 <= 1 && real(BDF_NVME, 0x10, 4) == 0x40100004);
	CHECK(real(BDF_DISK, 0x9a, 2) == 2 && rd(DISK, 0x9a, 2) == 2);
	wr(DISK, 0x14, 4, 0xfe000000);
	wr(DISK, 4, 2, 2);
	CHECK(gpa_read(0xfe001000, 8) == 0 && gpa_read(0xfe00101c, 4) == 1);
}

/* Nothing a guest writes may do harm: random accesses to every register of every function. */
static void test_random(void)
{
	srand(1);
	for (int i = 0; i < 200000; i++) {
		static const unsigned devfns[] = { DISK, SOUND, NVME, LOST };
		unsigned devfn = devfns[rand() & 3], reg = (unsigned)rand() & 0xff;
		int size = 1 << rand() % 3;
		const struct region *r = &regions[rand() & 31];

		if ((reg & 3) + (unsigned)size > 4)
			continue;
		if (rand() & 1)
			wr(devfn, reg, size, (uint32_t)rand() << 1 ^ (uint32_t)rand());
		else
			rd(devfn, reg, size);
		if (r->size && r->kind == PAGE_MMIO)
			gpa_write(r->gpa + ((uint64_t)rand() % r->size & ~7ull), 8, (uint64_t)rand());
	}
	CHECK(real(BDF_DISK, 0x10, 4) == 0x5001 && real(BDF_NVME, 0x10, 4) == 0x40100004);
	test_reset();
}

static void test_bootorder(void)
{
	static const char first[] = "/pci@i0cf8/scsi@2/disk@0,0\n/pci@i0cf8/nvme@4/namespace@1,0\n";
	char buf[4096];

	CHECK(passthrough_bootorder(buf, sizeof(buf)) == (int)strlen(buf));
	CHECK(!strncmp(buf, first, sizeof(first) - 1));
	CHECK(passthrough_bootorder(buf, 40) == -ENOSPC && !strcmp(buf, "/pci@i0cf8/scsi@2/disk@0,0\n"));
	CHECK(passthrough_bootorder(buf, 0) == -ENOSPC);
}

int main(void)
{
	build_host();
	CHECK(pcihost_init() == 0);
	CHECK(passthrough_init() == 0);
	test_places();
	test_sizing();
	test_mapping();
	test_capabilities();
	test_intx();
	test_msi();
	test_msix();
	test_power();
	test_reset();
	test_random();
	test_bootorder();
	return report();
}
